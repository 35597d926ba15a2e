"""Which cleaner a file gets: by its first bytes, never by its name."""

from __future__ import annotations

from typing import Final

from portal.cleaning import jpeg, pictures, png, webp
from portal.cleaning.words import CannotClean, Cleaned

ZIP: Final = b"PK\x03\x04"
PDF: Final = b"%PDF-"
PDF_WITHIN: Final = 1024
"""Viewers look for a PDF's first line within so many bytes."""


def clean(data: bytes) -> Cleaned:
    """Clean a file in this process; for the worker only. Raises CannotClean, and whatever a parser raises."""
    if data.startswith((jpeg.START, png.START)) or webp.is_webp(data):
        return pictures.clean(data)
    if data.startswith(ZIP):
        from portal.cleaning.office import clean_office

        return clean_office(data)
    if PDF in data[:PDF_WITHIN]:
        from portal.cleaning.pdf import clean_pdf

        return clean_pdf(data)
    raise CannotClean
