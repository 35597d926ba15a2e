"""Checks of single fields, shared by what auditors write down about a case and in the register. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from cases.days import parse_day

MAX_TEXT: Final = 20_000
"""Characters (code points) of a text."""
YEARS: Final = range(2000, 3000)
"""Years of a record's days: a day at the calendar's end must not make a clock count past it."""

_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
# 32 bytes have one spelling (docs/format.md, 0.2): the last letter has two unused bits, which are zero.
_HASH: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
_NOT_IN_A_LINE: Final = ("Cc", "Zl", "Zp")

Check = Callable[[object], bool]


def is_text(value: object) -> bool:
    """Tell whether a value is a text of 1 to MAX_TEXT characters, not white space alone."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and bool(value.strip())


def or_empty(check: Check) -> Check:
    """Return a check that takes the empty text besides."""
    return lambda value: value == "" or check(value)


def is_day(value: object) -> bool:
    """Tell whether a value is a day of YEARS as the format writes it."""
    try:
        return isinstance(value, str) and parse_day(value).year in YEARS
    except ValueError:
        return False


def is_bool(value: object) -> bool:
    """Tell whether a value is true or false."""
    return isinstance(value, bool)


def matches(pattern: re.Pattern[str]) -> Check:
    """Return a check for texts that begin with a match."""
    return lambda value: isinstance(value, str) and bool(pattern.match(value))


def one_of(allowed: Sequence[str]) -> Check:
    """Return a check for words of a list."""
    return lambda value: isinstance(value, str) and value in allowed


def is_line(most: int) -> Check:
    """Return a check for one line of 1 to `most` characters without control characters, white space at no end."""
    return lambda value: (
        isinstance(value, str)
        and 0 < len(value) <= most
        and value == value.strip()
        and not any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in value)
    )


is_id: Final = matches(_ID)
"""An id: 32 hex digits."""
is_hash: Final = matches(_HASH)
"""The b64 of 32 bytes."""
