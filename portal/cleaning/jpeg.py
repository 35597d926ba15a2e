"""The segments of a JPEG file (ITU-T T.81, annex B), without its pixels being decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.cleaning.words import CannotClean

START: Final = b"\xff\xd8"
_END: Final = 0xD9
_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_APPLICATION: Final = range(0xE0, 0xF0)
# JFIF and Adobe say how the colours are coded; the rest of what applications write is not needed for the pixels.
_KEPT: Final = ((0xE0, b"JFIF\0", 16), (0xEE, b"Adobe", 14))


@dataclass(frozen=True, slots=True)
class Stripped:
    """A JPEG file without what applications wrote into it. `taken`: (marker, content) of each segment that is
    out. `behind`: the number of bytes behind the end of the picture, blanks aside, which are out too."""

    data: bytes
    taken: tuple[tuple[int, bytes], ...]
    behind: int


def _kept(marker: int, content: bytes) -> bool:
    """True for JFIF without a thumbnail and for Adobe's colour transform, of no other length."""
    return any(marker == m and content.startswith(b) and len(content) + 2 == n for m, b, n in _KEPT)


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker after coded data stands that is none of the scan's own."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise CannotClean
        if data[at + 1] not in (0x00, 0xFF) and data[at + 1] not in _ALONE:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def strip(data: bytes) -> Stripped:
    """Return the file without application segments, comments and what stands behind its end; the coded pixels
    are the same bytes. Raises CannotClean."""
    if not data.startswith(START):
        raise CannotClean
    out = [START]
    taken: list[tuple[int, bytes]] = []
    at = 2
    while True:
        if at + 4 > len(data) and data[at : at + 2] != b"\xff\xd9":
            raise CannotClean
        if data[at] != 0xFF:
            raise CannotClean
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            return Stripped(
                b"".join([*out, b"\xff\xd9"]), tuple(taken), len(data[at + 2 :].strip(b"\0\r\n "))
            )
        if marker in _ALONE:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        content = data[at + 4 : end]
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        if (marker in _APPLICATION or marker == _COMMENT) and not _kept(marker, content):
            taken.append((marker, content))
        else:
            out.append(data[at:end])
        at = end
