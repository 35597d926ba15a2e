"""How many reports a site received in each fiscal year: the same at every desk, whatever it can open. Pure.

Only years that are over are counted, and deletions only up to the end of the last of them: a total that moves while a
year runs would tell a person who was excluded on which day a report came that does not open (ADR 0027).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cases import periods

MOST_YEARS: Final = 10


@dataclass(frozen=True)
class YearTotal:
    """Reports received in the fiscal year that begins on `first`, and how many of them were deleted since."""

    first: date
    received: int
    deleted: int


def by_year(days: Iterable[tuple[date, date | None]], today: date) -> tuple[YearTotal, ...]:
    """Return the totals of the fiscal years that are over on `today`, from the first with a report on, oldest first.

    `days`: of each report, when it was received and when its case was deleted (None: it was not). At most MOST_YEARS.
    """
    end = periods.year_of(today).first
    received, deleted = Counter[date](), Counter[date]()
    for came, gone in days:
        if came < end:
            year = periods.year_of(came).first
            received[year] += 1
            deleted[year] += gone is not None and gone < end
    made: list[YearTotal] = []
    year = end
    while received and year > max(min(received), date(periods.FIRST_YEAR, 4, 1)) and len(made) < MOST_YEARS:
        year = periods.before(periods.year_of(year)).first
        made.append(YearTotal(year, received[year], deleted[year]))
    return tuple(reversed(made))
