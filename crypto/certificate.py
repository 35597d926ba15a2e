"""Certificates and proofs of burying as files: written, and read without a look at what they claim (docs/format.md,
5.9). `certificate_check` checks them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from crypto import errors
from crypto.encoding import b64d, b64e, canonical_json, parse_canonical_json
from crypto.log_errors import CertificateMalformed, CertificateVersion
from crypto.logproof import Policy, ProofFile, proof_file, read_policy, read_proof
from crypto.note import Checkpoint, checkpoint_of, read_note
from crypto.plainleaf import MARK, SHA
from crypto.tlog import MAX_LEAF, inclusion_proof

VERSION: Final = 1
MAX_BYTES: Final = 16_000_000
MAX_PROOFS: Final = 4096
MAX_CONTENT: Final = 16
BLINDING: Final = 32
CertificateKind = Literal["certificate", "burying"]
_ORIGIN: Final = re.compile(r"meyasubako/[0-9a-f]{32}\Z")
_NEEDED: Final = frozenset({"v", "kind", "origin", "policy", "rule", "proofs"})
_BESIDES: Final[Mapping[str, frozenset[str]]] = {
    "certificate": frozenset({"promise", "receipt", "content"}),
    "burying": frozenset({"promise"}),
}


@dataclass(frozen=True)
class Promised:
    """The site's word about one thing. `subject`: a promise's leaf hash, a receipt's envelope hash; 32 bytes."""

    day: date
    subject: bytes
    sig: bytes

    def fields(self, name: str) -> dict[str, str]:
        """Return it as a file has it. `name`: `leaf` or `envelope`."""
        return {"day": self.day.isoformat(), name: self.subject.hex(), "sig": b64e(self.sig)}


@dataclass(frozen=True)
class ShownContent:
    """An envelope and its content key K (32 bytes)."""

    envelope: bytes
    key: bytes


@dataclass(frozen=True)
class ShownLeaf:
    """A leaf with its proof. `blinding` (32 bytes) and `opening`: both empty where the leaf is shown as it is."""

    proof: ProofFile
    checkpoint: Checkpoint
    leaf: bytes
    blinding: bytes = b""
    opening: bytes = b""

    @property
    def is_opened(self) -> bool:
        """Tell whether the file opens the leaf."""
        return bool(self.opening)

    @property
    def is_plain(self) -> bool:
        """Tell whether it is a plain leaf."""
        return self.leaf.startswith(MARK)


@dataclass(frozen=True)
class CertificateFile:
    """A file that was read; nothing in it has been checked."""

    kind: CertificateKind
    origin: str
    policy: str
    own_policy: Policy
    rule: str
    shown: tuple[ShownLeaf, ...]
    promise: Promised | None = None
    receipt: Promised | None = None
    content: tuple[ShownContent, ...] = ()

    def encode(self) -> bytes:
        """Return the file's bytes."""
        fields: dict[str, Any] = {
            "v": VERSION,
            "kind": self.kind,
            "origin": self.origin,
            "policy": self.policy,
            "rule": self.rule,
            "proofs": [shown.proof.text() for shown in self.shown],
        }
        if self.promise:
            fields["promise"] = self.promise.fields("leaf")
        if self.receipt:
            fields["receipt"] = self.receipt.fields("envelope")
        if self.content:
            fields["content"] = [
                {"envelope": b64e(content.envelope), "key": b64e(content.key)} for content in self.content
            ]
        return canonical_json(fields)


def show(
    leaves: Sequence[bytes],
    hashes: Sequence[bytes],
    index: int,
    note: str,
    secret: tuple[bytes, bytes] | None,
) -> ShownLeaf:
    """Return a leaf with its proof in the tree of a checkpoint.

    `leaves`, `hashes`: all of that tree in order. `note`: the checkpoint with its signatures. `secret`: blinding and
    opening; None shows the leaf as it is. Raises MisuseError for an index outside the tree.
    """
    leaf = leaves[index]
    blinding, opening = secret or (b"", b"")
    extra = len(leaf).to_bytes(2, "big") + leaf + blinding + opening
    text = proof_file(index, inclusion_proof(hashes, index), note, extra)
    origin = note.partition("\n")[0]
    return _shown(text, origin)


def _day(text: object) -> date:
    if not isinstance(text, str):
        raise CertificateMalformed
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CertificateMalformed from None
    if day.isoformat() != text or not 2000 <= day.year <= 2999:
        raise CertificateMalformed
    return day


def _bytes(text: object, size: int | None = None) -> bytes:
    if not isinstance(text, str):
        raise CertificateMalformed
    try:
        raw = b64d(text)
    except errors.BadBase64:
        raise CertificateMalformed from None
    if size is not None and len(raw) != size:
        raise CertificateMalformed
    return raw


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise CertificateMalformed
    return value


def _promised(value: object, name: str) -> Promised:
    if not isinstance(value, dict) or value.keys() != {"day", name, "sig"}:
        raise CertificateMalformed
    subject = value[name]
    if not isinstance(subject, str) or not SHA.match(subject):
        raise CertificateMalformed
    return Promised(_day(value["day"]), bytes.fromhex(subject), _bytes(value["sig"], 64))


def _content(value: object) -> tuple[ShownContent, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_CONTENT:
        raise CertificateMalformed
    read = []
    for part in value:
        if not isinstance(part, dict) or part.keys() != {"envelope", "key"}:
            raise CertificateMalformed
        read.append(ShownContent(_bytes(part["envelope"]), _bytes(part["key"], 32)))
    return tuple(read)


def _shown(text: str, origin: str) -> ShownLeaf:
    proof = read_proof(text)
    extra = proof.extra or b""
    size = int.from_bytes(extra[:2], "big")
    leaf, rest = extra[2 : 2 + size], extra[2 + size :]
    if len(extra) < 2 or len(leaf) != size or not 0 < size <= MAX_LEAF:
        raise CertificateMalformed
    if rest and len(rest) <= BLINDING:
        raise CertificateMalformed
    checkpoint = checkpoint_of(read_note(proof.checkpoint).text, origin)
    return ShownLeaf(proof, checkpoint, leaf, rest[:BLINDING], rest[BLINDING:])


def _leaves(texts: object, kind: str, origin: str) -> tuple[ShownLeaf, ...]:
    if not isinstance(texts, list) or not 2 <= len(texts) <= MAX_PROOFS:
        raise CertificateMalformed
    if not all(isinstance(text, str) for text in texts):
        raise CertificateMalformed
    read: list[ShownLeaf] = []
    for text in texts:
        shown = _shown(text, origin)
        should_open = kind == "certificate" and not shown.is_plain
        if shown.is_opened != should_open or (read and read[-1].proof.index >= shown.proof.index):
            raise CertificateMalformed
        read.append(shown)
    if kind == "certificate" and not any(shown.is_opened for shown in read):
        raise CertificateMalformed
    return tuple(read)


def read_certificate(raw: bytes) -> CertificateFile:
    """Return a file's parts (docs/format.md, 5.9, steps 1 and 2).

    Raises the classes of canonical JSON, CertificateVersion, CertificateMalformed, PolicyMalformed, ProofMalformed,
    NoteMalformed, CheckpointMalformed: nothing can be checked; and CheckpointOrigin.
    """
    if len(raw) > MAX_BYTES:
        raise CertificateMalformed
    fields = parse_canonical_json(raw.removesuffix(b"\n"))
    if fields.get("v", VERSION) != VERSION or isinstance(fields.get("v"), bool):
        raise CertificateVersion
    kind = fields.get("kind")
    if kind not in ("certificate", "burying"):
        raise CertificateMalformed
    names = fields.keys()
    needed = _NEEDED | ({"promise"} if kind == "burying" else set())
    if not needed <= names or not names <= _NEEDED | _BESIDES[kind]:
        raise CertificateMalformed
    origin, policy, rule = (_text(fields, name) for name in ("origin", "policy", "rule"))
    if not _ORIGIN.match(origin):
        raise CertificateMalformed
    promise = _promised(fields["promise"], "leaf") if "promise" in fields else None
    receipt = _promised(fields["receipt"], "envelope") if "receipt" in fields else None
    content = _content(fields["content"]) if "content" in fields else ()
    own = read_policy(policy)
    shown = _leaves(fields["proofs"], kind, origin)
    return CertificateFile(kind, origin, policy, own, rule, shown, promise, receipt, content)
