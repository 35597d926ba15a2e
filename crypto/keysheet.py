"""A key file as text to print and to type in again (docs/format.md, section 1.7). Bytes and text only.

It holds what the key file holds: a seed that only the passphrase opens. A serving process never loads this module.
"""

from __future__ import annotations

from typing import Any, Final

from crypto import errors, key_errors, keyfile
from crypto.encoding import b2, b64d, b64e, canonical_json, parse_canonical_json
from crypto.receipt import ALPHABET, typed_values

VERSION: Final = 1
GROUPS: Final = 40
GROUP: Final = 5
"""Symbols of a group, the last one of which is its check symbol."""
TYPED_AT_MOST: Final = 4000
"""Characters that are looked at: the sheet has 200 symbols, the key file's own text about as many."""
_BODY: Final = 95
_PARTS: Final = (("salt", 16), ("nonce", 24), ("sealed", 48))


def _check(number: int, values: list[int]) -> int:
    """Return the check symbol's value for the group with this number, from 1 on."""
    return (number + sum((2 * place + 1) * value for place, value in enumerate(values))) % 32


def _body(fields: dict[str, Any]) -> bytes:
    head = bytes([VERSION, fields["ops"], *fields["mem"].to_bytes(4, "big")])
    return (head + b"".join(b64d(fields[name]) for name, _size in _PARTS)).ljust(_BODY, b"\0")


def groups(raw: bytes) -> tuple[str, ...]:
    """Return the 40 groups of a key file's sheet; the last two are the checksum. Raises what `keyfile.check` raises."""
    return _written(_body(parse_canonical_json(keyfile.check(raw))))


def _written(body: bytes) -> tuple[str, ...]:
    whole = int.from_bytes(body + b2(5, body, person="mybk1-sheet"), "big")
    symbols = [whole >> 5 * place & 31 for place in reversed(range(GROUPS * (GROUP - 1)))]
    written = []
    for number in range(1, GROUPS + 1):
        values = symbols[(number - 1) * (GROUP - 1) : number * (GROUP - 1)]
        written.append("".join(ALPHABET[value] for value in [*values, _check(number, values)]))
    return tuple(written)


def restore(text: str) -> bytes:
    """Return a key file's canonical JSON from what somebody typed or pasted: the groups of a sheet, or the text in its
    QR code. Spaces, line breaks and dashes don't matter.

    Raises SheetLength and SheetGroups (both with the numbers of the groups to look at), SheetChecksum, SheetVersion,
    and what `keyfile.check` raises.
    """
    if len(text) > TYPED_AT_MOST:
        raise key_errors.SheetLength
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            return keyfile.check("".join(text.replace("\ufeff", "").split()).encode("utf-8"))
        except UnicodeEncodeError:
            raise errors.NotUtf8 from None
    return _from_values(typed_values(text))


def _from_values(typed: list[int | None]) -> bytes:
    values = [-1 if value is None else value for value in typed]
    parts = [values[start : start + GROUP] for start in range(0, len(values), GROUP)]
    wrong = tuple(number for number, part in enumerate(parts, 1) if not _holds(number, part))
    if len(values) != GROUPS * GROUP:
        # Behind a symbol that is missing or too many everything is shifted: the first one tells where.
        raise key_errors.SheetLength(wrong[:1] or (min(len(parts) + 1, GROUPS),))
    if wrong:
        raise key_errors.SheetGroups(wrong)
    whole = 0
    for part in parts:
        for value in part[:-1]:
            whole = whole << 5 | value
    raw = whole.to_bytes(100, "big")
    body, checksum = raw[:_BODY], raw[_BODY:]
    if b2(5, body, person="mybk1-sheet") != checksum:
        raise key_errors.SheetChecksum
    return _keyfile(body)


def _holds(number: int, part: list[int]) -> bool:
    whole = len(part) == GROUP and min(part) >= 0 and number <= GROUPS
    return whole and _check(number, part[:-1]) == part[-1]


def _keyfile(body: bytes) -> bytes:
    if body[0] != VERSION or body[-1] != 0:
        raise key_errors.SheetVersion
    fields: dict[str, Any] = {
        "v": 1,
        "kdf": keyfile.KDF,
        "ops": body[1],
        "mem": int.from_bytes(body[2:6], "big"),
    }
    place = 6
    for name, size in _PARTS:
        fields[name] = b64e(body[place : place + size])
        place += size
    return keyfile.check(canonical_json(fields))
