"""Strict reading of what came over the wire (docs/format.md, section 8), for the site, the API and the desk.

JSON is read as in section 0.3 but for its spelling, which only signed bytes have one of. Each function takes a value of
unknown type and raises Malformed for whatever is not exactly as described; what that means for a request or an answer
is its caller's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from crypto.encoding import MAX_NUMBER, b64d, b64e, hex_id, id_from_hex, parse_json
from crypto.errors import BadData


class Malformed(ValueError):
    """A value is not what docs/format.md says of its place."""


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the object that JSON holds, each name once, with whole numbers and texts that canonical JSON can hold."""
    try:
        return parse_json(raw)
    except BadData:
        raise Malformed from None


def fields(value: object, *names: str) -> list[Any]:
    """Return the values of an object that has exactly these fields, in this order."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise Malformed
    return [value[name] for name in names]


def text(value: object) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise Malformed
    return value


def identifier(value: object) -> bytes:
    """Return the 16 bytes of an id (section 0.2)."""
    try:
        return id_from_hex(text(value))
    except BadData:
        raise Malformed from None


def identifiers(value: object, most: int) -> list[bytes]:
    """Return the bytes of a list of at most `most` ids, none twice."""
    read = [identifier(part) for part in items(value, most)]
    if len(set(read)) != len(read):
        raise Malformed
    return read


def octets(value: object, size: int | None = None) -> bytes:
    """Return the bytes of a b64 text (section 0.2), exactly `size` of them where it is given."""
    try:
        raw = b64d(text(value))
    except BadData:
        raise Malformed from None
    if size is not None and len(raw) != size:
        raise Malformed
    return raw


def number(value: object, least: int = 0, most: int = MAX_NUMBER) -> int:
    """Return a whole number from `least` to `most`."""
    if type(value) is not int or not least <= value <= most:  # not isinstance: True is an int to Python
        raise Malformed
    return value


def flag(value: object) -> bool:
    """Return a boolean."""
    if type(value) is not bool:
        raise Malformed
    return value


def items(value: object, most: int | None = None) -> list[Any]:
    """Return a list, of at most `most` values where it is given."""
    if not isinstance(value, list) or (most is not None and len(value) > most):
        raise Malformed
    return value


class SignedStatus(Protocol):
    """A status with the author's key id and both signatures (section 6), as a store has it."""

    @property
    def sequence(self) -> int: ...

    @property
    def status(self) -> str: ...

    @property
    def day(self) -> date: ...

    @property
    def author(self) -> bytes: ...

    @property
    def sig(self) -> bytes: ...

    @property
    def act_sig(self) -> bytes: ...


def status_fields(row: SignedStatus) -> Mapping[str, Any]:
    """Return a status as an answer has it."""
    return {
        "sequence": row.sequence,
        "status": row.status,
        "day": row.day.isoformat(),
        "author": hex_id(row.author),
        "sig": b64e(row.sig),
        "act_sig": b64e(row.act_sig),
    }
