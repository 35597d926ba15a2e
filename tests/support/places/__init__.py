"""A mark in every place of a format's specification where a name, a path, an id or a time can stand.

Each place is one file with MARK in that place alone; docs/cleaning.md lists them. For every cleaner: a file that one
calls cleaned, or in which it found nothing, holds the mark no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.places import excel, jpegs, pdfs, pngs, powerpoint, webps, word
from tests.support.places.mark import MARK, Place

__all__ = ["FORMATS", "MARK", "Place", "places"]

FORMATS = {
    "jpeg": jpegs.places,
    "png": pngs.places,
    "webp": webps.places,
    "pdf": pdfs.places,
    "docx": word.docx_places,
    "xlsx": excel.xlsx_places,
    "pptx": powerpoint.pptx_places,
}


def places() -> Iterator[Place]:
    """Yield every place of every format."""
    for of_format in FORMATS.values():
        yield from of_format()
