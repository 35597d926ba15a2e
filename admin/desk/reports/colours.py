"""The desk's colours on white paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Colour = tuple[int, int, int]
INK: Final[Colour] = (26, 26, 28)
GREY: Final[Colour] = (90, 92, 98)
RULE: Final[Colour] = (201, 201, 206)
SHADE: Final[Colour] = (243, 244, 247)
ACCENT: Final[Colour] = (0, 23, 193)
LATE: Final[Colour] = (168, 0, 26)
"""The desk's colours on white; each that letters have has a contrast of at least 4.5 to 1."""
TONES: Final[Mapping[str, Colour]] = {"late": LATE, "grey": GREY, "accent": ACCENT}
"""Tones of a text; a tone is never the only thing that says it."""
