"""PNG and APNG (W3C PNG, third edition): the chunks that make the picture, of the length they have to have."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from portal.cleaning import exif, words
from portal.cleaning.words import CannotClean

START: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = 13
_LENGTHS: Final[dict[str, frozenset[int] | range]] = {
    "PLTE": range(3, 769, 3),
    "tRNS": range(1, 257),
    "gAMA": frozenset({4}),
    "cHRM": frozenset({32}),
    "sRGB": frozenset({1}),
    "cICP": frozenset({4}),
    "pHYs": frozenset({9}),
    "bKGD": frozenset({1, 2, 6}),
    "sBIT": frozenset({1, 2, 3, 4}),
    "acTL": frozenset({8}),
    "fcTL": frozenset({26}),
}
_PIXELS: Final = {"IDAT": 1, "fdAT": 5}
"""Chunks of coded pixels, and the fewest bytes in one."""
_TRUE_COLOUR: Final = (2, 6)


def _chunks(data: bytes, tells: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content up to IEND or the end of the data; of pixels what is left of a cut chunk."""
    at = len(START)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if not (name.isascii() and name.isalpha()):
            return
        cut = at + 12 + length > len(data)
        at += 12 + length
        if name == b"IEND":
            if data[at:]:
                tells.add(words.OTHER)
            return
        if not cut or name.decode() in _PIXELS:
            yield name.decode(), content


def _told(name: str, content: bytes) -> set[str]:
    """Return the findings for a chunk that is out."""
    if name in ("tEXt", "zTXt", "iTXt"):
        key = content.partition(b"\0")[0].decode("ascii", errors="replace")
        return words.in_xmp(content) if key.startswith("XML:") else {words.by_name(key)}
    if name == "tIME":
        return {words.TIME}
    if name == "eXIf":
        return exif.read(content)[0]
    return {words.OTHER}


def _chunk(name: str, content: bytes) -> bytes:
    body = name.encode() + content
    return len(content).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def _stays(name: str, content: bytes, colour: int) -> bool:
    if name in _PIXELS:
        return len(content) >= _PIXELS[name]
    # A palette beside true colours is a suggestion only.
    return len(content) in _LENGTHS.get(name, ()) and not (name == "PLTE" and colour in _TRUE_COLOUR)


def clean(data: bytes, turned: bool = True) -> tuple[bytes, set[str]]:
    """Return a PNG file without what is not its picture, and the findings for what is out.

    `turned`: keep which way up it is. A file without IEND ends where its data does. Raises CannotClean.
    """
    if not data.startswith(START):
        raise CannotClean
    tells: set[str] = set()
    orientation = 0
    chunks = _chunks(data, tells)
    name, header = next(chunks, ("", b""))
    if name != "IHDR" or len(header) != _HEADER:
        raise CannotClean
    out: list[bytes] = []
    names = set()
    for name, content in chunks:
        if _stays(name, content, header[9]):
            out.append(_chunk(name, content))
            names.add(name)
        else:
            tells |= _told(name, content)
        if name == "eXIf" and not orientation:
            orientation = exif.read(content)[1]
    if "IDAT" not in names:
        raise CannotClean
    upright = [_chunk("eXIf", exif.small(orientation))] if turned and orientation > 1 else []
    cleaned = b"".join([START, _chunk("IHDR", header), *upright, *out, _chunk("IEND", b"")])
    return cleaned, (tells or {words.OTHER}) if cleaned != data else set()
