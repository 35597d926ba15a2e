"""Which kind of file this is, and which cleaner it gets: by its first bytes, never by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from portal.cleaning import jpeg, pictures, png, webp
from portal.cleaning.words import CannotClean, Cleaned

HEAD: Final = 1024
"""Bytes that tell the kind: viewers look for a PDF's first line within so many."""
PICTURE: Final = "picture"
PDF_FILE: Final = "pdf"
OFFICE: Final = "office"
OTHER_PICTURE: Final = "other_picture"
FILM: Final = "film"
OLD_OFFICE: Final = "old_office"
ARCHIVE: Final = "archive"
UNKNOWN: Final = ""
CLEANED: Final = frozenset({PICTURE, PDF_FILE, OFFICE})
"""Kinds that are looked into."""
MODULES: Final[Mapping[str, Sequence[str]]] = {
    PICTURE: ("portal.cleaning.pictures",),
    PDF_FILE: ("portal.cleaning.pdf",),
    OFFICE: ("portal.cleaning.office",),
}
"""Modules of the cleaners, loaded before the process is sandboxed."""

_ZIP: Final = b"PK\x03\x04"
_FIRST: Final = (
    (OTHER_PICTURE, (b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\0\0\1\0", b"8BPS", b"\xff\x0a")),
    (FILM, (b"\x1a\x45\xdf\xa3", b"ID3", b"OggS", b"fLaC")),
    (OLD_OFFICE, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),
    (ARCHIVE, (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"PK\x05\x06")),
)
_STILL: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"jxl ", b"crx "}
)


def kind_of(head: bytes) -> str:
    """Return the kind of a file from its first HEAD bytes; UNKNOWN for texts and whatever else there is."""
    if head.startswith((jpeg.START, png.START)) or webp.is_webp(head):
        return PICTURE
    if head.startswith(_ZIP):
        return OFFICE
    for kind, begins in _FIRST:
        if head.startswith(begins):
            return kind
    if head[4:8] == b"ftyp":
        return OTHER_PICTURE if head[8:12] in _STILL else FILM
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WAVE"):
        return FILM
    return PDF_FILE if b"%PDF-" in head[:HEAD] else UNKNOWN


def clean(data: bytes) -> Cleaned:
    """Clean a file in this process; for the worker only. Raises CannotClean, and whatever a parser raises."""
    kind = kind_of(data[:HEAD])
    if kind == PICTURE:
        return pictures.clean(data)
    if kind == OFFICE:
        from portal.cleaning.office import clean_office

        return clean_office(data)
    if kind == PDF_FILE:
        from portal.cleaning.pdf import clean_pdf

        return clean_pdf(data)
    raise CannotClean
