"""The pages of the reporter's site that an address reaches, below the language."""

from __future__ import annotations

from typing import Final

PAGES: Final = (
    "",
    "report",
    "report/start",
    "privacy",
    "status",
    "keys",
    "outside",
    "outside/all",
    "outside/sheet",
    "safety",
    "accessibility",
    "exit",
)
"""Each is tried in every language, for headers, plain Japanese, axe, widths and colours; a page that is missing here
fails `tests/portal/test_pages.py`."""
