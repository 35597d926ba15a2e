"""How many keys a person may enrol by themselves, without a lead's word (docs/format.md, 8.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

MOST_ACTIVE: Final = 2
"""Keys of a person that work at one time: the old one, and the new one that takes its place."""
MOST_A_YEAR: Final = 5
"""Cards of a person within YEAR: the list keeps each for ever, and everybody checks all of it."""
YEAR: Final = timedelta(days=365)


def own_limit(keys: Sequence[tuple[date, bool]], today: date) -> str:
    """Return what keeps a person from one more key of their own: "own_keys", "own_cards", or "" for nothing.

    `keys`: of each key that the person ever had, the day on which it was enrolled, and whether it still works.
    """
    if sum(works for _day, works in keys) >= MOST_ACTIVE:
        return "own_keys"
    if sum(day > today - YEAR for day, _works in keys) >= MOST_A_YEAR:
        return "own_cards"
    return ""
