"""JPEG (ITU-T T.81, annex B): the segments that make the picture, each as long as its content, and no other.

The coded pixels and their tables stay the same bytes (docs/cleaning.md says why they are not coded anew).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portal.cleaning import exif, words
from portal.cleaning.words import CannotClean

START: Final = b"\xff\xd8"
END: Final = b"\xff\xd9"
_END, _SCAN, _COMMENT, _EXIF, _PHOTOSHOP = 0xD9, 0xDA, 0xFE, 0xE1, 0xED
_ALONE: Final = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_HUFFMAN, _ARITHMETIC, _QUANTIZATION, _LINES, _RESTART = 0xC4, 0xCC, 0xDB, 0xDC, 0xDD
_JFIF, _ADOBE = 0xE0, 0xEE
_ADOBE_VERSION: Final = b"Adobe\0\x64\0\0\0\0"
_NEXT: Final = re.compile(rb"\xff[\x01-\xfe]")
# Within coded data: a zero is a byte of it, a restart mark belongs to it, several 255 are one.
_BEHIND_SCAN: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_IPTC: Final[dict[int, str]] = {
    number: word for word, numbers in words.TABLES["iptc"].items() for number in numbers
}
_IPTC_RECORD: Final = re.compile(rb"\x1c\x02(.)[\x00-\x7f]", re.DOTALL)

Segment = tuple[int, bytes, bytes]
"""Marker, content without its length, and for a scan the coded data behind it."""


def _segments(data: bytes, tells: set[str]) -> Iterator[Segment]:
    """Yield the segments up to the end mark or the end of the data."""
    at = len(START)
    while mark := _NEXT.search(data, at):
        at, marker = mark.end(), data[mark.start() + 1]
        if marker == _END:
            if data[at:]:
                tells.add(words.OTHER)
            return
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2])
        if length < 2 or at + length > len(data):
            return
        content, at = data[at + 2 : at + length], at + length
        begin = at
        if marker == _SCAN:
            behind = _BEHIND_SCAN.search(data, at)
            at = behind.start() if behind else len(data)
        # Several 255 before a mark are filling; a lonely one at the end of cut data would swallow the end mark.
        yield marker, content, data[begin:at].rstrip(b"\xff")


def _exact(marker: int, content: bytes) -> bool:
    """True when a segment is exactly as long as what it says that it holds."""
    if marker in _FRAMES:
        return len(content) > 6 and len(content) == 6 + 3 * content[5]
    if marker == _SCAN:
        return len(content) > 4 and len(content) == 4 + 2 * content[0]
    if marker in (_LINES, _RESTART):
        return len(content) == 2
    at = 0
    while at < len(content):
        if marker == _QUANTIZATION:
            at += 129 if content[at] >> 4 else 65
        elif marker == _HUFFMAN:
            at += 17 + sum(content[at + 1 : at + 17])
        else:
            at += 2
    return at == len(content)


def _kept(marker: int, content: bytes, seen: set[int]) -> bytes | None:
    """Return what stays of a segment's content; None for one that is out. Raises CannotClean."""
    if marker == _JFIF and content.startswith(b"JFIF\0") and len(content) >= 14 and marker not in seen:
        return content[:12] + b"\0\0"  # without a thumbnail
    if marker == _ADOBE and content.startswith(b"Adobe") and len(content) >= 12 and marker not in seen:
        return _ADOBE_VERSION + content[11:12] if content[11] <= 2 else None
    if marker in _FRAMES and not seen.isdisjoint(_FRAMES):
        raise CannotClean  # of two pictures
    if marker in _FRAMES or marker in (_SCAN, _HUFFMAN, _ARITHMETIC, _QUANTIZATION, _LINES, _RESTART):
        if not _exact(marker, content):
            raise CannotClean
        return content
    return None


def _told(marker: int, content: bytes) -> set[str]:
    """Return the findings for a segment that is out."""
    if marker == _COMMENT:
        return {words.COMMENT}
    if marker == _EXIF and content.startswith(exif.START):
        return exif.read(content[len(exif.START) :])[0]
    if content.startswith((b"http://ns.adobe.com/", b"<?xpacket")):
        return words.in_xmp(content)
    if marker == _PHOTOSHOP and content.startswith(b"Photoshop 3.0"):
        thumbnail = {words.THUMBNAIL} if b"8BIM\x04\x0c" in content or b"8BIM\x04\x09" in content else set()
        return thumbnail | {_IPTC.get(record[0], words.OTHER) for record in _IPTC_RECORD.findall(content)}
    if marker == _JFIF and content.startswith(b"JFIF\0"):
        return {words.THUMBNAIL}
    return {words.OTHER}


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def clean(data: bytes, turned: bool = True) -> tuple[bytes, set[str]]:
    """Return a JPEG file without what is not its picture, and the findings for what is out.

    `turned`: keep which way up it is. A file without an end mark ends where its data does, and gets one.
    Raises CannotClean.
    """
    if not data.startswith(START):
        raise CannotClean
    tells: set[str] = set()
    seen: set[int] = set()
    orientation = 0
    out: list[bytes] = []
    for marker, content, coded in _segments(data, tells):
        stays = _kept(marker, content, seen)
        if stays is not None:
            seen.add(marker)
            out += [_segment(marker, stays), coded]
        if stays != content:
            tells |= _told(marker, content)
        if marker == _EXIF and content.startswith(exif.START) and not orientation:
            orientation = exif.read(content[len(exif.START) :])[1]
    if _SCAN not in seen or seen.isdisjoint(_FRAMES):
        raise CannotClean
    upright = [_segment(_EXIF, exif.START + exif.small(orientation))] if turned and orientation > 1 else []
    cleaned = b"".join([START, *upright, *out, END])
    return cleaned, (tells or {words.OTHER}) if cleaned != data else set()
