"""A browser's own check of the end of a code, for the receipt without scripts."""

from __future__ import annotations

from typing import Final

GROUP: Final = 4
"""Characters of the last group, which people are asked for; page/receiptpage.ts asks for as many."""
_ALIKE: Final = {"0": "Oo", "1": "IiLl"}
"""Characters that people write for a digit; `crypto.receipt.parse_code` takes it too."""
_TO_FULL_WIDTH: Final = 0xFEE0


def end_pattern(code: str) -> str:
    """Return an HTML pattern (a whole match of a regular expression) that fits what ends like this code.

    `code`: 20 characters of the code's alphabet. Capitals, full-width characters, spaces and dashes do not matter, and
    more of the code may be typed before its end.
    """
    return ".*" + r"[\s\-]*".join(_any_spelling(symbol) for symbol in code[-GROUP:]) + r"\s*"


def _any_spelling(symbol: str) -> str:
    spellings = symbol + symbol.lower() * symbol.isalpha() + _ALIKE.get(symbol, "")
    return "[" + spellings + "".join(chr(ord(letter) + _TO_FULL_WIDTH) for letter in spellings) + "]"
