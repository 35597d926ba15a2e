"""The promises of a witness, in plain words (docs/witness.md has the same)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def promise_text() -> str:
    """Return the text, Japanese first."""
    return files("admin.witness").joinpath("promise.txt").read_text("utf-8")
