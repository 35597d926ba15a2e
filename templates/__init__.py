"""Jinja templates: portal/ (the reporter's site), desk/ (the auditor's), components/ (macros of both)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

FOLDER: Final = Path(__file__).parent

_NO_TEXT: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffe\\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
"""Characters that no page may hold (HTML, 13.2.3.5: surrogates, noncharacters, controls that are no white space)."""


def _is_printable(text: str) -> bool:
    # Most texts are a line. Plain str's method: Markup's own would escape what is put in.
    return str.isprintable(text) or str.isprintable(str.replace(str.replace(text, "\n", ""), "\u3000", ""))


def shown(value: Any) -> Any:
    """Return what a template puts out, with U+FFFD for each character that may not be in a page.

    Text from outside holds whatever its writer wished. This is Jinja's `finalize`: every expression of every template
    goes through it, so no page has to think of it.
    """
    # Printable text holds none of them. Searching takes a hundred times as long, and parts of pages come by here more
    # than once.
    if not isinstance(value, str) or _is_printable(value):
        return value
    if not _NO_TEXT.search(value):
        return value
    clean = _NO_TEXT.sub("\ufffd", value)
    return Markup(clean) if isinstance(value, Markup) else clean
