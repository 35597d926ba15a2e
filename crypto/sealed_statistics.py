"""Statistics for observers, who have no slots (docs/format.md, section 2.12): signed by a lead, sealed to each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import crypto_box_seal, crypto_box_seal_open

from crypto import errors
from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex, parse_canonical_json
from crypto.messages import sign, verify
from crypto.padding import pad, unpad

VERSION: Final = 1
_FIELDS: Final = frozenset({"v", "author", "day", "numbers", "sig"})


def seal_statistics(
    numbers: Mapping[str, Any], author: bytes, day: date, sign_seed: bytes, box_pk: bytes
) -> bytes:
    """Return statistics sealed to one observer. Raises LowOrderKey, PayloadTooLarge and what canonical JSON raises."""
    signed = {"v": VERSION, "author": hex_id(author), "day": day.isoformat(), "numbers": dict(numbers)}
    sig = sign(sign_seed, _text(signed))
    try:
        return bytes(crypto_box_seal(pad(canonical_json({**signed, "sig": b64e(sig)})), box_pk))
    except exceptions.CryptoError:
        raise errors.LowOrderKey from None


def open_statistics(
    raw: bytes, box_pk: bytes, box_sk: bytes, author: bytes, sign_pk: bytes
) -> tuple[Any, date]:
    """Return the numbers and their day, if this author signed them.

    Raises CannotOpen, PayloadFieldWrong, SignatureWrong and what padding and canonical JSON raise.
    """
    try:
        plain = crypto_box_seal_open(raw, box_pk, box_sk)
    except (exceptions.CryptoError, ValueError, TypeError):
        raise errors.CannotOpen from None
    fields = parse_canonical_json(unpad(plain))
    if set(fields) != _FIELDS or type(fields["v"]) is not int or fields["v"] != VERSION:
        raise errors.PayloadFieldWrong
    try:
        day, named, sig = (
            date.fromisoformat(fields["day"]),
            id_from_hex(fields["author"]),
            b64d(fields["sig"]),
        )
    except (ValueError, TypeError, errors.BadData):
        raise errors.PayloadFieldWrong from None
    if named != author or day.isoformat() != fields["day"]:
        raise errors.PayloadFieldWrong
    verify(sign_pk, _text({name: value for name, value in fields.items() if name != "sig"}), sig)
    return fields["numbers"], day


def _text(signed: Mapping[str, Any]) -> bytes:
    return b"mybk1/numbers\n" + canonical_json(signed)
