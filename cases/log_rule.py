"""The published rule of the transparency log (docs/format.md, 5.7; ADR 0033)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def log_rule() -> str:
    """Return the rule's text, Japanese and English: its hash is in the log's first leaf and never changes."""
    return files("cases.data").joinpath("log_rule.txt").read_text("utf-8")
