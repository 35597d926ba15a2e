"""Whom a reporter excluded, and the record of it that only the code's holder can make (docs/format.md, section 2.9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.utils import random

from crypto import errors
from crypto.encoding import b2, hex_id
from crypto.payloads import MAX_CHOICE, MAX_EXCLUDED

FIRST: Final = 1
"""The number of a report's choice."""
UNKNOWN: Final = bytes(32)
"""In a record, instead of the report's envelope hash and of its act key: not known any more."""
_MAGIC: Final = b"MYX3"
_NONCE: Final = 24
_PERSONS: Final = 73
"""Offset of the first person; the byte before counts them."""
MAX_OFF: Final = 64
"""Persons who were taken off, in one record: as many as a list has readers."""
_CONTENT: Final = _PERSONS + 16 * MAX_EXCLUDED + 1 + 20 * MAX_OFF
RECORD_BYTES: Final = _NONCE + _CONTENT + 16


@dataclass(frozen=True)
class Choice:
    """The persons who are excluded (16 bytes each), and the number of this choice."""

    persons: frozenset[bytes]
    number: int

    def fields(self) -> dict[str, Any]:
        """Return what a payload of the reporter says of it."""
        return {"exclude": sorted(map(hex_id, self.persons)), "choice": self.number}


@dataclass(frozen=True)
class ExcludeRecord:
    """An exclude record, opened: the choice, the report that heads the case (32 bytes each, or UNKNOWN), and who was
    taken off it (persons, with the number of that change; section 2.16).
    """

    choice: Choice
    report_hash: bytes = UNKNOWN
    act_pk: bytes = UNKNOWN
    off: Mapping[bytes, int] = field(default_factory=dict)


def first_choice(persons: Collection[bytes]) -> Choice:
    """Return the choice that comes with a report."""
    return Choice(frozenset(persons), FIRST)


def seal_record(root: bytes, case_id: bytes, record: ExcludeRecord) -> bytes:
    """Return an exclude record, RECORD_BYTES whatever it holds; `root`: the present code's, 32 bytes.

    Raises MisuseError for wrong lengths, more than MAX_EXCLUDED persons, a number outside of 1 to MAX_CHOICE.
    """
    persons, number = sorted(record.choice.persons), record.choice.number
    sizes = [(root, 32), (case_id, 16), (record.report_hash, 32), (record.act_pk, 32)]
    off = sorted(record.off.items())
    sizes += [(person, 16) for person in (*persons, *record.off)]
    if any(len(part) != size for part, size in sizes):
        raise errors.MisuseError
    if len(persons) > MAX_EXCLUDED or not FIRST <= number <= MAX_CHOICE:
        raise errors.MisuseError
    head = _MAGIC + number.to_bytes(4, "big") + record.report_hash + record.act_pk + bytes([len(persons)])
    if len(off) > MAX_OFF or not all(FIRST <= change <= MAX_CHOICE for _person, change in off):
        raise errors.MisuseError
    gone = bytes([len(off)]) + b"".join(person + change.to_bytes(4, "big") for person, change in off)
    content = (head + b"".join(persons) + gone).ljust(_CONTENT, b"\0")
    nonce = random(_NONCE)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(content, _named(case_id), nonce, _key(root))
    return nonce + bytes(sealed)


def open_record(root: bytes, case_id: bytes, raw: bytes) -> ExcludeRecord:
    """Return what an exclude record holds. Raises ExcludeUnopenable, ExcludeMalformed."""
    if len(raw) != RECORD_BYTES:
        raise errors.ExcludeUnopenable
    try:
        content = crypto_aead_xchacha20poly1305_ietf_decrypt(
            raw[_NONCE:], _named(case_id), raw[:_NONCE], _key(root)
        )
    except exceptions.CryptoError:
        raise errors.ExcludeUnopenable from None
    number, count = int.from_bytes(content[4:8], "big"), content[_PERSONS - 1]
    if content[:4] != _MAGIC or number < FIRST or count > MAX_EXCLUDED:
        raise errors.ExcludeMalformed
    end = _PERSONS + 16 * count
    persons = [bytes(content[at : at + 16]) for at in range(_PERSONS, end, 16)]
    if persons != sorted(set(persons)):
        raise errors.ExcludeMalformed
    report_hash, act_pk = bytes(content[8:40]), bytes(content[40:72])
    return ExcludeRecord(Choice(frozenset(persons), number), report_hash, act_pk, _off(content[end:]))


def _off(rest: bytes) -> dict[bytes, int]:
    """Return who was taken off. Raises ExcludeMalformed."""
    count = rest[0]
    parts = [rest[at : at + 20] for at in range(1, 1 + 20 * count, 20)]
    off = {bytes(part[:16]): int.from_bytes(part[16:], "big") for part in parts}
    in_order = list(off) == sorted(off) and len(off) == count and all(off.values())
    if count > MAX_OFF or not in_order or any(rest[1 + 20 * count :]):
        raise errors.ExcludeMalformed
    return off


def record_hash(raw: bytes) -> bytes:
    """Return what names the record that a new one takes the place of, 32 bytes."""
    return b2(32, raw, person="mybk1-recid")


def _key(root: bytes) -> bytes:
    return b2(32, b"", key=root, person="mybk1-choice")


def _named(case_id: bytes) -> bytes:
    return b"mybk1/choice\n" + case_id
