"""A witness of c2sp.org/tlog-witness made of the product's parts: what add-checkpoint answers (docs/format.md, 5.10).

Ours keeps all leaves instead; where the leaves of a checkpoint are known here, both have to judge alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crypto import note, tlog
from crypto.log_errors import BadNote, CheckpointOrigin, NoteSignatureWrong, NoteUnsigned, ProofWrong
from crypto.log_mirror import LogForked, LogOlder, extend


def _leaves(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


@dataclass
class WalkedWitness:
    """One fresh witness of one log."""

    log: note.VerifierKey
    name: str
    seed: bytes
    time: int
    kept: note.Checkpoint = field(init=False)

    def __post_init__(self) -> None:
        self.kept = note.Checkpoint(self.log.name, 0, tlog.EMPTY_ROOT)

    def answer(self, body: str) -> tuple[int, str]:
        head, empty, signed = body.partition("\n\n")
        lines = head.split("\n")
        old = note.number(lines[0].removeprefix("old ")) if lines[0].startswith("old ") else None
        try:
            proof = [note.std_decode(line) for line in lines[1:]]
            if old is None or not empty or len(proof) > 63:
                return 400, ""
            read = note.read_checkpoint(signed, self.log).checkpoint
        except CheckpointOrigin:
            return 404, ""
        except NoteUnsigned:
            text = note.read_note(signed).text
            return (403 if text.startswith(f"{self.log.name}\n") else 404), ""
        except NoteSignatureWrong:
            return 403, ""
        except BadNote:
            return 400, ""
        status, said = self._judge(old, read, proof)
        self._compare_with_ours(signed, status)
        if status == 200:
            self.kept = read
            said = note.cosign(read.text(), self.name, self.seed, self.time).text()
        return status, said

    def _judge(self, old: int, read: note.Checkpoint, proof: list[bytes]) -> tuple[int, str]:
        if old > read.size:
            return 400, ""
        if old != self.kept.size:
            return 409, f"{self.kept.size}\n"
        try:
            if old:
                tlog.check_consistency(old, self.kept.root, read.size, read.root, proof)
            elif proof:
                return 422, ""
        except ProofWrong:
            return 422, ""
        return 200, ""

    def _compare_with_ours(self, signed: str, status: int) -> None:
        """The same checkpoint for a witness that keeps leaves: it takes what this one takes, and no fork."""
        read = note.read_checkpoint(signed, self.log).checkpoint
        kept, new = _leaves(self.kept.size), _leaves(read.size)[self.kept.size :]
        try:
            extend(signed, self.log, kept, new)
            fits = True
        except LogOlder:
            assert read.size < self.kept.size and status in (400, 409)
            return
        except LogForked:
            assert status == 422
            return
        except Exception:
            fits = False
        assert fits or status != 200
