"""Colour profiles (ICC.1) that have to stay: what colours follow from, without texts, times and makers."""

from __future__ import annotations

from typing import Final

from portal.cleaning.words import CannotClean

_HEADER: Final = 128
_MOST_TAGS: Final = 100
_DATE: Final = b"".join(number.to_bytes(2) for number in (2000, 1, 1, 0, 0, 0))
_COLOURS: Final = frozenset(
    {
        b"wtpt",
        b"bkpt",
        b"rXYZ",
        b"gXYZ",
        b"bXYZ",
        b"rTRC",
        b"gTRC",
        b"bTRC",
        b"kTRC",
        b"chad",
        b"gamt",
        b"chrm",
        b"clrt",
    }
    | {b"A2B0", b"A2B1", b"A2B2", b"A2B3", b"B2A0", b"B2A1", b"B2A2", b"B2A3"}
    | {b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"cicp"}
)


def _text(name: bytes, version: int) -> bytes:
    """Return a text that says nothing, as the version wants it for its description and its copyright."""
    if version >= 4:
        return (
            b"mluc"
            + bytes(4)
            + (1).to_bytes(4)
            + (12).to_bytes(4)
            + b"enUS"
            + (2).to_bytes(4)
            + (28).to_bytes(4)
            + b"\0-"
        )
    return (
        b"desc" + bytes(4) + (2).to_bytes(4) + b"-\0" + bytes(78)
        if name == b"desc"
        else b"text" + bytes(4) + b"-\0"
    )


def clean(profile: bytes) -> bytes:
    """Return a profile with the tags that colours follow from. Raises CannotClean for what is none."""
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        raise CannotClean
    count = int.from_bytes(profile[_HEADER : _HEADER + 4])
    if count > _MOST_TAGS:
        raise CannotClean
    tags: list[tuple[bytes, bytes]] = []
    for at in range(_HEADER + 4, _HEADER + 4 + 12 * count, 12):
        name, begin, length = profile[at : at + 4], profile[at + 4 : at + 8], profile[at + 8 : at + 12]
        content = profile[int.from_bytes(begin) : int.from_bytes(begin) + int.from_bytes(length)]
        if name in _COLOURS:
            tags.append((name, content))
        elif name in (b"desc", b"cprt"):
            tags.append((name, _text(name, profile[8])))
    return _put_together(profile[:_HEADER], tags)


def _put_together(header: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    where = _HEADER + 4 + 12 * len(tags)
    table, body = len(tags).to_bytes(4), b""
    places: dict[bytes, int] = {}
    for name, content in tags:
        if content not in places:  # red, green and blue often share one curve
            places[content] = where + len(body)
            body += content + bytes(-len(content) % 4)
        table += name + places[content].to_bytes(4) + len(content).to_bytes(4)
    size = (where + len(body)).to_bytes(4)
    # Without the program (4), the maker and model (48), the creator (80) and the checksum of the whole (84).
    bare = (
        size
        + bytes(4)
        + header[8:24]
        + _DATE
        + header[36:48]
        + bytes(8)
        + header[56:80]
        + bytes(20)
        + bytes(28)
    )
    return bare + table + body
