"""Exif blocks (CIPA DC-008): which findings they give, which way up the picture is, and a block with that alone."""

from __future__ import annotations

from typing import Final, Literal

from portal.cleaning import words

START: Final = b"Exif\0\0"
"""Prefix of the block in JPEG and, by mistake, in some WebP files."""
UPRIGHT: Final = 1
_ORIENTATION, _EXIF_IFD = 0x112, 0x8769
_SHORT, _LONG = 3, 4
_MOST_DIRECTORIES: Final = 8
"""A block may point back at itself: so many directories are looked at."""
_BY_TAG: Final[dict[int, str]] = {
    int(tag, 16): word for word, tags in words.TABLES["exif"].items() for tag in tags
}


def read(block: bytes) -> tuple[set[str], int]:
    """Return the findings for a block's tags and its orientation, 1 to 8; no findings and 1 for what is not one.

    Words come from all directories, the orientation from the first one alone: the second is the thumbnail's.
    """
    order: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at : at + size], order)

    tells: set[str] = set()
    orientation = 0
    first = number(4, 4)
    waiting = [first]
    for _ in range(_MOST_DIRECTORIES):
        if not waiting:
            break
        at = waiting.pop(0)
        if not at or at + 2 > len(block):
            continue
        end = at + 2 + 12 * number(at, 2)
        for entry in range(at + 2, min(end, len(block) - 11), 12):
            tag, kind = number(entry, 2), number(entry + 2, 2)
            tells.add(_BY_TAG.get(tag, words.OTHER))
            if tag == _EXIF_IFD:
                waiting.append(number(entry + 8, 4))
            if tag == _ORIENTATION and at == first and not orientation and kind in (_SHORT, _LONG):
                orientation = number(entry + 8, 2 if kind == _SHORT else 4)
        if end + 4 <= len(block):
            waiting.append(number(end, 4))
    return tells - {""}, orientation if 1 <= orientation <= 8 else UPRIGHT


def small(orientation: int) -> bytes:
    """Return a block that says nothing but which way up the picture is."""
    entry = b"".join((b"\x01\x12\0\x03", (1).to_bytes(4), orientation.to_bytes(2), b"\0\0"))
    return b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)
