"""A desk as a witness of the log: its cosigning key and the document that names it (docs/format.md, 5.2, 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id, id_from_hex, parse_json
from crypto.errors import BadData
from crypto.log_errors import BadNote, WitnessMalformed
from crypto.messages import public_key, sign, verify
from crypto.note import COSIGNATURE, VerifierKey, read_key, verifier_key
from crypto.plainleaf import origin_of

_FIELDS: Final = {"v", "key_id", "vkey", "sig"}
MAX_DOCUMENT: Final = 1024
"""Bytes of a document that a reader looks at."""


@dataclass(frozen=True)
class DeskWitness:
    """An auditor's cosigning key. `key_id`: of the card that signed it, 16 bytes; `vkey`: type 0x04."""

    key_id: bytes
    vkey: VerifierKey
    sig: bytes

    def encode(self) -> bytes:
        """Return the document."""
        text = {"v": 1, "key_id": hex_id(self.key_id), "vkey": self.vkey.text(), "sig": b64e(self.sig)}
        return canonical_json(text)


def witness_seed(seed: bytes) -> bytes:
    """Return the seed of a desk's cosigning key, from its auditor's seed (32 bytes)."""
    return b2(32, seed, person="mybk1-witness")


def witness_name(salt: bytes, key_id: bytes) -> str:
    """Return the name under which a desk cosigns."""
    return f"{origin_of(salt)}/desk/{hex_id(key_id)}"


def _signed(salt: bytes, key_id: bytes, pk: bytes) -> bytes:
    return b"mybk1/witness\n" + salt + key_id + pk


def make_witness(salt: bytes, key_id: bytes, seed: bytes, sign_seed: bytes) -> DeskWitness:
    """Return the document of a desk. `seed`: the auditor's, 32 bytes; `sign_seed`: of the card's signing key."""
    pk = public_key(witness_seed(seed))
    vkey = verifier_key(witness_name(salt, key_id), COSIGNATURE, pk)
    return DeskWitness(key_id, vkey, sign(sign_seed, _signed(salt, key_id, pk)))


def read_witness(raw: bytes, salt: bytes) -> DeskWitness:
    """Return a document whose signature nobody has checked yet. Raises WitnessMalformed."""
    try:
        fields: dict[str, Any] = parse_json(raw) if len(raw) <= MAX_DOCUMENT else {}
        if set(fields) != _FIELDS or fields["v"] != 1 or type(fields["v"]) is not int:
            raise WitnessMalformed
        read = DeskWitness(id_from_hex(fields["key_id"]), read_key(fields["vkey"]), b64d(fields["sig"]))
    except (BadData, BadNote, TypeError, AttributeError):
        raise WitnessMalformed from None
    if read.encode() != raw or len(read.sig) != 64 or read.vkey.key_type != COSIGNATURE:
        raise WitnessMalformed
    if read.vkey.name != witness_name(salt, read.key_id):
        raise WitnessMalformed
    return read


def check_witness(witness: DeskWitness, salt: bytes, sign_pk: bytes) -> None:
    """Raise SignatureWrong unless the card's signing key named this cosigning key."""
    verify(sign_pk, _signed(salt, witness.key_id, witness.vkey.pk), witness.sig)
