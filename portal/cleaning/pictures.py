"""Pictures: which of the three cleaners one gets. docs/cleaning.md has the rules, for both languages."""

from __future__ import annotations

from portal.cleaning import jpeg, png, webp, words
from portal.cleaning.words import CannotClean, Cleaned


def strip(data: bytes, turned: bool = True) -> tuple[bytes, set[str]]:
    """Return a picture without what is not its pixels, and the findings for what is out: none exactly when both
    are the same bytes. `turned`: keep which way up it is. Raises CannotClean for what is none of the three."""
    if data.startswith(jpeg.START):
        return jpeg.clean(data, turned)
    if data.startswith(png.START):
        return png.clean(data, turned)
    if webp.is_webp(data):
        return webp.clean(data, turned)
    raise CannotClean


def clean(data: bytes) -> Cleaned:
    """Clean a picture. Raises CannotClean."""
    return words.result(*strip(data))
