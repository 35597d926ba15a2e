"""Proof files and policies (docs/format.md, 5.2 and 5.3; C2SP tlog-proof, tlog-policy)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.log_errors import BadNote, PolicyMalformed, ProofMalformed, ProofWrong, QuorumMissing
from crypto.note import (
    COSIGNATURE,
    ED25519,
    LogKeys,
    SignedCheckpoint,
    VerifierKey,
    number,
    read_checkpoint,
    read_key,
    std_decode,
    std_encode,
)
from crypto.tlog import HASH_BYTES, check_inclusion, leaf_hash

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_HASHES: Final = 63
NONE: Final = "none"


@dataclass(frozen=True)
class ProofFile:
    """A proof file whose hashes and signatures nobody has checked yet. `extra` is not authenticated by anything."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        """Return the file's text."""
        extra = "" if self.extra is None else f"extra {std_encode(self.extra)}\n"
        hashes = "".join(f"{std_encode(part)}\n" for part in self.hashes)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


def _decoded(text: str) -> bytes:
    try:
        return std_decode(text)
    except BadNote:
        raise ProofMalformed from None


def read_proof(text: str) -> ProofFile:
    """Return a proof file's parts. Raises ProofMalformed."""
    head, empty, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not empty or lines.pop(0) != HEADER or not lines:
        raise ProofMalformed
    extra = None
    if lines[0].startswith("extra "):
        extra = _decoded(lines.pop(0).removeprefix("extra "))
    index = number(lines.pop(0).removeprefix("index ")) if lines and lines[0].startswith("index ") else None
    if index is None or len(lines) > MAX_HASHES:
        raise ProofMalformed
    hashes = tuple(_decoded(line) for line in lines)
    if any(len(part) != HASH_BYTES for part in hashes):
        raise ProofMalformed
    return ProofFile(index, hashes, checkpoint, extra)


def check_proof(
    text: str, leaf: bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> tuple[ProofFile, SignedCheckpoint]:
    """Return a proof file that shows a leaf (its bytes) in this log, and its checkpoint.

    The keys are the reader's own, never the file's. Raises ProofMalformed, ProofWrong, and what `read_checkpoint`
    raises.
    """
    proof = read_proof(text)
    signed = read_checkpoint(proof.checkpoint, log, witnesses)
    check_inclusion(
        leaf_hash(leaf), proof.index, signed.checkpoint.size, proof.hashes, signed.checkpoint.root
    )
    return proof, signed


@dataclass(frozen=True)
class Group:
    """A name for `least` of its members, which are witnesses or other groups."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Whose log it is and whose cosignatures count. `quorum`: a witness or group; "" for none."""

    log: VerifierKey
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = ""

    def signed_by(self, keys: Iterable[VerifierKey]) -> frozenset[str]:
        """Return the witnesses and groups of the policy that these keys stand for."""
        present = set(keys)
        names = {name for name, key in self.witnesses.items() if key in present}
        for name, group in self.groups.items():  # members come before their group
            if len(names.intersection(group.members)) >= group.least:
                names.add(name)
        return frozenset(names)

    def has_quorum(self, keys: Iterable[VerifierKey]) -> bool:
        """Tell whether these witnesses' cosignatures are enough."""
        return not self.quorum or self.quorum in self.signed_by(keys)

    def read_checkpoint(self, note: str, keys: LogKeys | None = None) -> SignedCheckpoint:
        """Return a checkpoint of this log, cosigned or not. `keys`: all that the log had, where its leaves lead from
        this policy's key to others. Raises what `note.read_checkpoint` raises.
        """
        return read_checkpoint(note, keys or self.log, list(self.witnesses.values()))

    def check(self, note: str) -> SignedCheckpoint:
        """Return a checkpoint that enough witnesses cosigned. Raises as `read_checkpoint`, and QuorumMissing."""
        signed = self.read_checkpoint(note)
        if not self.has_quorum(signed.cosigned):
            raise QuorumMissing
        return signed


class _PolicyReader:
    """Reads a policy line by line; each method raises PolicyMalformed."""

    def __init__(self) -> None:
        self.log: VerifierKey | None = None
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def take(self, line: str) -> None:
        words = line.split()
        if not words or words[0].startswith("#"):
            return
        kind, rest = words[0], words[1:]
        steps = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        if kind not in steps:
            raise PolicyMalformed
        steps[kind](rest)

    def _key(self, text: str, key_type: int) -> VerifierKey:
        try:
            key = read_key(text)
        except BadNote:
            raise PolicyMalformed from None
        taken = {other.pk for other in self.witnesses.values()} | ({self.log.pk} if self.log else set())
        if key.key_type != key_type or key.pk in taken:
            raise PolicyMalformed
        return key

    def _new_name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyMalformed

    def _log(self, rest: list[str]) -> None:
        if self.log is not None or not 1 <= len(rest) <= 2:
            raise PolicyMalformed
        self.log = self._key(rest[0], ED25519)

    def _witness(self, rest: list[str]) -> None:
        if not 2 <= len(rest) <= 3:
            raise PolicyMalformed
        self._new_name(rest[0])
        self.witnesses[rest[0]] = self._key(rest[1], COSIGNATURE)

    def _group(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise PolicyMalformed
        name, least, members = rest[0], rest[1], tuple(rest[2:])
        self._new_name(name)
        known = self.witnesses.keys() | self.groups.keys()
        if len(set(members)) != len(members) or not set(members) <= known - self.members:
            raise PolicyMalformed
        count = {"any": 1, "all": len(members)}.get(least, number(least) or 0)
        if not 1 <= count <= len(members):
            raise PolicyMalformed
        self.members |= set(members)
        self.groups[name] = Group(count, members)

    def _quorum(self, rest: list[str]) -> None:
        if self.quorum is not None or len(rest) != 1:
            raise PolicyMalformed
        if rest[0] != NONE and rest[0] not in self.witnesses.keys() | self.groups.keys():
            raise PolicyMalformed
        self.quorum = "" if rest[0] == NONE else rest[0]


def read_policy(text: str) -> Policy:
    """Return a policy. Raises PolicyMalformed: also for one key under two names, and a member of two groups."""
    reader = _PolicyReader()
    for line in text.split("\n"):
        reader.take(line)
    if reader.log is None or reader.quorum is None:
        raise PolicyMalformed
    return Policy(reader.log, reader.witnesses, reader.groups, reader.quorum)


def proof_file(index: int, hashes: Sequence[bytes], checkpoint: str, extra: bytes | None = None) -> str:
    """Return a proof file's text."""
    return ProofFile(index, tuple(hashes), checkpoint, extra).text()


__all__ = [
    "Group",
    "Policy",
    "ProofFile",
    "ProofWrong",
    "check_proof",
    "proof_file",
    "read_policy",
    "read_proof",
]
