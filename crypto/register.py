"""Register records: what belongs to no case, sealed to all readers, signed and numbered (docs/format.md, 2.15).

Only the record itself: what its entry says, `cases.register` reads; whether its author may say it, the desk asks.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.utils import random

from crypto import errors
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id, id_from_hex, parse_canonical_json
from crypto.envelope import MAX_SLOTS, NONCE_BYTES, SLOT_BYTES, TAG_BYTES, Slot
from crypto.listing import Prefix, check_exchanged, readers_field
from crypto.messages import sign, verify
from crypto.payloads import is_readers
from crypto.seal import Recipient, Sealed, commitment, grant, slots_for, throwaway_grant
from crypto.secretkey import KEY_BYTES, open_bound, seal_bound
from crypto.unseal import open_grant

MAGIC: Final = b"MYG1"
"""Three letters and the version."""
VERSION: Final = 1
CONTENT_BYTES: Final = 32768
"""The content of every record, padded: a template and an entry of the export log look the same."""
MAX_NUMBER: Final = 2**32 - 1
NONE_BEFORE: Final = bytes(32)
"""The previous hash in the first record."""
DETAILS_BYTES: Final = 4096
"""The text of an entry of the export log for those who may read the case, padded."""
_FIXED: Final = 73
_CIPHERTEXT: Final = CONTENT_BYTES + TAG_BYTES
_REQUIRED: Final = frozenset({"v", "author", "day", "entry", "readers", "sig"})
_OPTIONAL: Final = frozenset({"earlier"})


@dataclass(frozen=True)
class RegisterRecord:
    """The public part of a record. `before`: the hash of the record with the number before."""

    number: int
    before: bytes
    commitment: bytes
    slots: tuple[Slot, ...]
    nonce: bytes
    ciphertext: bytes

    def header(self) -> bytes:
        """Return all bytes before the nonce: what the ciphertext authenticates besides itself."""
        slots = b"".join(slot.key_id + slot.sealed for slot in self.slots)
        fixed = MAGIC + self.number.to_bytes(4, "big") + self.before + self.commitment
        return fixed + bytes([len(self.slots)]) + slots

    def encode(self) -> bytes:
        """Return the record's bytes: as many for each record with as many slots."""
        return self.header() + self.nonce + self.ciphertext


@dataclass(frozen=True, repr=False)
class Earlier:
    """The newest earlier record that an author could open: its number and content key, for who joins later."""

    number: int
    key: bytes


@dataclass(frozen=True, repr=False)
class RegisterPayload:
    """The contents of a record, its signature not yet checked. `author`: key id; `readers`: as in a payload."""

    author: bytes
    day: date
    entry: Mapping[str, Any]
    readers: Mapping[str, Any]
    earlier: Earlier | None
    sig: bytes
    signed: bytes
    """Canonical JSON of all fields but the signature."""


def register_hash(raw: bytes) -> bytes:
    """Return the hash (32 bytes) by which the next record names this one."""
    return b2(32, raw, person="mybk1-reghash")


def seal_register(
    entry: Mapping[str, Any],
    place: tuple[int, bytes],
    earlier: Earlier | None,
    who: tuple[bytes, bytes],
    day: date,
    prefix: Prefix,
    recipients: Sequence[Recipient],
    salt: bytes,
) -> Sealed:
    """Seal an entry as the record with a number, behind the one with a hash (`place`).

    `who`: the author's key id and signing seed; `prefix`: of the list whose readers are `recipients`.
    Raises PayloadTooLarge (before anything is sealed), NoRecipients, NotNormalized, LowOrderKey, MisuseError.
    """
    (number, before), (author, seed) = place, who
    if not 1 <= number <= MAX_NUMBER or len(before) != 32 or (number == 1) != (before == NONE_BEFORE):
        raise errors.MisuseError
    fields: dict[str, Any] = {
        "v": VERSION,
        "author": hex_id(author),
        "day": day.isoformat(),
        "entry": dict(entry),
        "readers": readers_field(prefix, [recipient.key_id for recipient in recipients]),
    }
    if earlier is not None:
        fields["earlier"] = {"number": earlier.number, "key": b64e(earlier.key)}
    sig = sign(seed, _text(salt, number, before, canonical_json(fields)))
    padded = _pad(canonical_json({**fields, "sig": b64e(sig)}))
    content_key, nonce = random(32), random(NONCE_BYTES)
    slots = slots_for(recipients, content_key)
    bare = RegisterRecord(number, before, commitment(content_key), slots, nonce, b"")
    ciphertext = crypto_aead_xchacha20poly1305_ietf_encrypt(padded, bare.header(), nonce, content_key)
    return Sealed(bare.header() + nonce + ciphertext, content_key)


def decode_register(raw: bytes) -> RegisterRecord:
    """Return what everybody can read of a record. Raises RegisterMalformed."""
    if len(raw) < _FIXED or not raw.startswith(MAGIC):
        raise errors.RegisterMalformed
    number, before, count = int.from_bytes(raw[4:8], "big"), raw[8:40], raw[72]
    body = _FIXED + count * SLOT_BYTES
    if not 1 <= count <= MAX_SLOTS or len(raw) != body + NONCE_BYTES + _CIPHERTEXT:
        raise errors.RegisterMalformed
    places = range(_FIXED, body, SLOT_BYTES)
    slots = tuple(Slot(raw[at : at + 16], raw[at + 16 : at + SLOT_BYTES]) for at in places)
    ids = [slot.key_id for slot in slots]
    if ids != sorted(set(ids)) or number == 0 or (number == 1) != (before == NONE_BEFORE):
        raise errors.RegisterMalformed
    return RegisterRecord(
        number, before, raw[40:72], slots, raw[body : body + NONCE_BYTES], raw[body + NONCE_BYTES :]
    )


def key_of_slot(record: RegisterRecord, key_id: bytes, box_sk: bytes, box_pk: bytes) -> bytes:
    """Return a record's content key (32 bytes) by the own slot. Raises NotAddressed, CannotOpen, CommitmentMismatch."""
    sealed = [slot.sealed for slot in record.slots if slot.key_id == key_id]
    if not sealed:
        raise errors.NotAddressed
    key = open_grant(sealed[0], box_sk, box_pk)
    if key is None:
        raise errors.CannotOpen
    return _committed(record, key)


def open_register(record: RegisterRecord, content_key: bytes) -> RegisterPayload:
    """Return what a record holds, by its content key; the signature is `check_register`'s.

    Raises CommitmentMismatch, CiphertextForged, the padding's and the JSON's faults, PayloadVersion,
    PayloadFieldMissing, PayloadFieldUnknown, PayloadFieldWrong, SlotsExchanged.
    """
    key = _committed(record, content_key)
    try:
        padded = crypto_aead_xchacha20poly1305_ietf_decrypt(
            record.ciphertext, record.header(), record.nonce, key
        )
    except exceptions.CryptoError:
        raise errors.CiphertextForged from None
    fields = parse_canonical_json(_unpad(bytes(padded)))
    if type(fields.get("v", VERSION)) is not int or fields.get("v", VERSION) != VERSION:
        raise errors.PayloadVersion
    if not fields.keys() >= _REQUIRED:
        raise errors.PayloadFieldMissing
    if not fields.keys() <= _REQUIRED | _OPTIONAL:
        raise errors.PayloadFieldUnknown
    payload = _payload(fields, record.number)
    check_exchanged({"readers": payload.readers}, [slot.key_id for slot in record.slots])
    return payload


def check_register(record: RegisterRecord, payload: RegisterPayload, salt: bytes, sign_pk: bytes) -> None:
    """Raise SignatureWrong unless the author's card signed this for this site, number and record before."""
    verify(sign_pk, _text(salt, record.number, record.before, payload.signed), payload.sig)


def _committed(record: RegisterRecord, key: bytes) -> bytes:
    if len(key) != 32 or not hmac.compare_digest(commitment(key), record.commitment):
        raise errors.CommitmentMismatch
    return key


def _payload(fields: Mapping[str, Any], number: int) -> RegisterPayload:
    try:
        written = fields["day"]
        day = date.fromisoformat(written)
        author, sig = id_from_hex(fields["author"]), b64d(fields["sig"])
        earlier = _earlier(fields["earlier"], number) if "earlier" in fields else None
    except (ValueError, TypeError, LookupError, AttributeError, errors.BadData):
        raise errors.PayloadFieldWrong from None
    shaped = isinstance(fields["entry"], dict) and is_readers(fields["readers"])
    if not shaped or day.isoformat() != written:
        raise errors.PayloadFieldWrong
    signed = canonical_json({name: value for name, value in fields.items() if name != "sig"})
    return RegisterPayload(author, day, fields["entry"], fields["readers"], earlier, sig, signed)


def _earlier(value: Mapping[str, Any], number: int) -> Earlier:
    earlier = Earlier(value["number"], b64d(value["key"]))
    fits = type(earlier.number) is int and 1 <= earlier.number < number and len(earlier.key) == 32
    if value.keys() != {"number", "key"} or not fits:
        raise ValueError("no earlier record")
    return earlier


def _text(salt: bytes, number: int, before: bytes, signed: bytes) -> bytes:
    if len(salt) != 16:
        raise errors.MisuseError
    return b"mybk1/register\n" + salt + number.to_bytes(4, "big") + before + signed


def _pad(raw: bytes, size: int = CONTENT_BYTES) -> bytes:
    if len(raw) >= size:
        raise errors.PayloadTooLarge
    return (raw + b"\x80").ljust(size, b"\0")


def _unpad(padded: bytes) -> bytes:
    raw = padded.rstrip(b"\0")
    if not raw.endswith(b"\x80"):
        raise errors.PaddingMissing
    return raw[:-1]


def seal_details(
    export_id: bytes, details: Mapping[str, Any], recipients: Sequence[Recipient]
) -> dict[str, Any]:
    """Return `keys` and `details` of an entry of the export log; who is excluded gets a key that opens nothing.

    Raises PayloadTooLarge, NotNormalized, LowOrderKey, MisuseError.
    """
    key, padded = random(KEY_BYTES), _pad(canonical_json(details), DETAILS_BYTES)
    keys = {
        hex_id(each.key_id): b64e(throwaway_grant() if each.excluded else grant(key, each.box_pk))
        for each in recipients
    }
    return {"keys": keys, "details": b64e(seal_bound(key, padded, _export_place(export_id)))}


def open_details(
    export_id: bytes, entry: Mapping[str, Any], key_id: bytes, box_sk: bytes, box_pk: bytes
) -> dict[str, Any]:
    """Return what an entry of the export log says. Raises NotAddressed, CannotOpen, CiphertextForged, the padding's
    and the JSON's faults; BadBase64.
    """
    sealed = entry["keys"].get(hex_id(key_id))
    if sealed is None:
        raise errors.NotAddressed
    key = open_grant(b64d(sealed), box_sk, box_pk)
    if key is None:
        raise errors.CannotOpen
    plain = open_bound(key, b64d(entry["details"]), _export_place(export_id))
    return parse_canonical_json(_unpad(plain))


def _export_place(export_id: bytes) -> bytes:
    if len(export_id) != 16:
        raise errors.MisuseError
    return b"mybk1/export\n" + export_id
