"""Which cleaner a file gets: by its first bytes, never by its name."""

from __future__ import annotations

from portal.cleaning.words import CannotClean, Cleaned


def clean(data: bytes) -> Cleaned:
    """Clean a file in this process; for the worker only. Raises CannotClean, and whatever a decoder raises."""
    if data.startswith(b"\xff\xd8\xff"):
        from portal.cleaning.pictures import clean_jpeg

        return clean_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        from portal.cleaning.pictures import clean_png

        return clean_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        from portal.cleaning.pictures import clean_webp

        return clean_webp(data)
    if data.startswith(b"%PDF-"):
        from portal.cleaning.pdf import clean_pdf

        return clean_pdf(data)
    if data.startswith(b"PK\x03\x04"):
        from portal.cleaning.office import clean_office

        return clean_office(data)
    raise CannotClean
