"""Labels and filters that the pages of both sites share. English here, every language in the sites' translations/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def N_(text: str) -> str:
    """Mark a sentence for translation where it is written; it is translated where it is shown."""
    return text


FOUND: Final[Mapping[str, str]] = {
    "author": N_("author"),
    "camera": N_("camera or device"),
    "comment": N_("comments"),
    "history": N_("earlier versions"),
    "other": N_("other details"),
    "place": N_("place"),
    "software": N_("software"),
    "thumbnail": N_("preview picture"),
    "time": N_("time"),
}
"""Findings in a file (crypto.payloads.FILE_WORDS)."""


def file_size(count: int) -> str:
    """Return a number of bytes as people write it, in powers of ten as file managers do."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"
