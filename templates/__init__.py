"""Jinja templates: portal/ (the reporter's site), desk/ (the auditor's), components/ (macros of both)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
