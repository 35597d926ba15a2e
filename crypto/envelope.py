"""The layout of an envelope, nothing more (docs/format.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from crypto import errors
from crypto.encoding import b2
from crypto.padding import SIZES

MAGIC: Final = b"MYB1"
"""Three letters and the version."""
MAX_SLOTS: Final = 64
SEALED_BYTES: Final = 80
"""A content key sealed to one recipient: a grant."""
SLOT_BYTES: Final = 16 + SEALED_BYTES
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
_FIXED: Final = 86
_NO_KEY: Final = bytes(32)
_CIPHERTEXTS: Final = frozenset(size + TAG_BYTES for size in SIZES)


class Kind(IntEnum):
    """The kind of an envelope."""

    REPORT = 1
    FROM_REPORTER = 2
    TO_REPORTER = 3
    RECORD = 4


@dataclass(frozen=True)
class Slot:
    """A key id (16 bytes) and the content key sealed to it (80 bytes)."""

    key_id: bytes
    sealed: bytes


@dataclass(frozen=True)
class Envelope:
    """One envelope's fields."""

    kind: Kind
    envelope_id: bytes
    commitment: bytes
    act_pk: bytes
    slots: tuple[Slot, ...]
    nonce: bytes
    ciphertext: bytes

    def header(self) -> bytes:
        """Return all bytes before the nonce: what the ciphertext authenticates besides itself."""
        fixed = MAGIC + bytes([self.kind]) + self.envelope_id + self.commitment + self.act_pk
        slots = b"".join(slot.key_id + slot.sealed for slot in self.slots)
        return fixed + bytes([len(self.slots)]) + slots

    def encode(self) -> bytes:
        """Return the envelope's bytes."""
        return self.header() + self.nonce + len(self.ciphertext).to_bytes(4, "big") + self.ciphertext


def envelope_hash(raw: bytes) -> bytes:
    """Return the hash (32 bytes) by which receipts and acts name an envelope."""
    return b2(32, raw, person="mybk1-envhash")


def _slots(raw: bytes, count: int) -> tuple[Slot, ...]:
    places = range(_FIXED, _FIXED + count * SLOT_BYTES, SLOT_BYTES)
    slots = tuple(Slot(raw[at : at + 16], raw[at + 16 : at + SLOT_BYTES]) for at in places)
    for before, after in zip(slots, slots[1:], strict=False):
        if before.key_id == after.key_id:
            raise errors.SlotRepeated
        if before.key_id > after.key_id:
            raise errors.SlotsUnsorted
    return slots


def _fixed_fields(raw: bytes) -> tuple[Kind, bytes, int]:
    """Return kind, act key and number of slots of what begins like an envelope."""
    if not MAGIC.startswith(raw[:3]):
        raise errors.BadMagic
    if not MAGIC.startswith(raw[:4]):
        raise errors.UnknownVersion
    if len(raw) < _FIXED:
        raise errors.Truncated
    try:
        kind = Kind(raw[4])
    except ValueError:
        raise errors.UnknownKind from None
    act_pk, count = raw[53:85], raw[85]
    if kind is Kind.REPORT and act_pk == _NO_KEY:
        raise errors.ActKeyMissing
    if kind is not Kind.REPORT and act_pk != _NO_KEY:
        raise errors.ActKeyUnexpected
    if count == 0:
        raise errors.NoSlots
    if count > MAX_SLOTS:
        raise errors.TooManySlots
    return kind, act_pk, count


def decode(raw: bytes) -> Envelope:
    """Return an envelope's fields.

    Raises, in this order, BadMagic, UnknownVersion, Truncated, UnknownKind, ActKeyMissing, ActKeyUnexpected,
    NoSlots, TooManySlots, SlotRepeated, SlotsUnsorted, CiphertextSize, TrailingBytes (format.md, section 2).
    """
    kind, act_pk, count = _fixed_fields(raw)
    body = _FIXED + count * SLOT_BYTES
    start = body + NONCE_BYTES + 4
    if len(raw) < start:
        raise errors.Truncated
    slots = _slots(raw, count)
    length = int.from_bytes(raw[start - 4 : start], "big")
    if length not in _CIPHERTEXTS:
        raise errors.CiphertextSize
    if len(raw) < start + length:
        raise errors.Truncated
    if len(raw) > start + length:
        raise errors.TrailingBytes
    return Envelope(kind, raw[5:21], raw[21:53], act_pk, slots, raw[body : body + NONCE_BYTES], raw[start:])
