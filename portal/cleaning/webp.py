"""WebP (RFC 9649): the chunks that make the picture and its frames, and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from portal.cleaning import exif, words
from portal.cleaning.words import CannotClean

_PIXELS: Final = ("ALPH", "VP8 ", "VP8L")
_PICTURES: Final = ("VP8 ", "VP8L", "ANMF")
_LENGTHS: Final = {"VP8X": 10, "ANIM": 6}
_FRAME_HEADER: Final = 16
_ANIMATION, _EXIF, _ALPHA = 0x02, 0x08, 0x10


def is_webp(data: bytes) -> bool:
    """True for what begins as a WebP file."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _chunks(data: bytes, at: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each chunk. Raises CannotClean for one that is cut."""
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise CannotClean
        yield data[at : at + 4].decode("ascii", errors="replace"), data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: str, content: bytes) -> bytes:
    return name.encode() + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def _told(name: str, content: bytes) -> set[str]:
    """Return the findings for a chunk that is out."""
    if name == "EXIF":
        return exif.read(content.removeprefix(exif.START))[0]
    return words.in_xmp(content) if name == "XMP " else {words.OTHER}


def _frame(content: bytes) -> bytes:
    """Return an animation's frame with its pixels alone. Raises CannotClean."""
    if len(content) < _FRAME_HEADER:
        raise CannotClean
    pixels = [_chunk(name, part) for name, part in _chunks(content, _FRAME_HEADER) if name in _PIXELS]
    return content[:_FRAME_HEADER] + b"".join(pixels)


def clean(data: bytes, turned: bool = True) -> tuple[bytes, set[str]]:
    """Return a WebP file without what is not its picture, and the findings for what is out.

    `turned`: keep which way up it is; a file of the simple format can't say that. Raises CannotClean.
    """
    end = 8 + int.from_bytes(data[4:8], "little")
    if not is_webp(data) or end > len(data):
        raise CannotClean
    tells: set[str] = {words.OTHER} if data[end:] else set()
    chunks = list(_chunks(data[:end], 12))
    out: list[tuple[str, bytes]] = []
    names: set[str] = set()
    for name, content in chunks:
        if _stays(name, content, names, bool(out)):
            out.append((name, _frame(content) if name == "ANMF" else content))
        else:
            tells |= _told(name, content)
        names.add(name)
    if names.isdisjoint(_PICTURES):
        raise CannotClean
    if out[0][0] == "VP8X":
        _set_flags(out, _orientation(chunks) if turned else 0)
    body = b"WEBP" + b"".join(_chunk(name, content) for name, content in out)
    cleaned = b"RIFF" + len(body).to_bytes(4, "little") + body
    return cleaned, (tells or {words.OTHER}) if cleaned != data else set()


def _stays(name: str, content: bytes, before: Collection[str], has_begun: bool) -> bool:
    """Tell whether a chunk is the picture's. `before`: names of earlier chunks; `has_begun`: one of them stays."""
    if name in _PIXELS or name == "ANMF":
        return True
    return len(content) == _LENGTHS.get(name) and name not in before and not (name == "VP8X" and has_begun)


def _orientation(chunks: Sequence[tuple[str, bytes]]) -> int:
    """Return which way up the picture is, as the first EXIF chunk that says it; 0 where none does."""
    said = (exif.read(content.removeprefix(exif.START))[1] for name, content in chunks if name == "EXIF")
    return next(filter(None, said), 0)


def _set_flags(out: list[tuple[str, bytes]], orientation: int) -> None:
    """Make the header of an extended file, the first of the chunks, say what stays; add a small EXIF chunk where the
    picture is turned.
    """
    turn = orientation > 1
    flags = out[0][1][0] & (_ANIMATION | _ALPHA) | _EXIF * turn
    out[0] = ("VP8X", bytes((flags, 0, 0, 0)) + out[0][1][4:])
    out += [("EXIF", exif.small(orientation))] * turn
