"""The terms that count days. Pure: "today" and the public holidays are arguments; days are days in Japan.

Two clocks, counted differently:
- the 20 days of Art. 3(iii)ホ of the Whistleblower Protection Act (from 2026-12-01 Art. 3(1)(iii)ホ): the day
  of lodging is day 0 and the gateway is open on day 21. This is our reading of the Civil Code's general rule
  (law.toml: days_count). Weekends and holidays count, and move nothing. It is no term to answer in.
- the reports of a leak (Enforcement Rules of the personal information act, Art. 8): the day of awareness is
  day 1, and the last day of the final report moves when it is no working day (law.toml: breach_count,
  secondary).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

GATEWAY_DAYS: Final = 20
"""Days that must have passed, in the words of the Act."""

PRELIMINARY_DAYS: Final = (3, 5)
"""The guideline's "about 3 to 5 days". No term follows from it: past these days is
said as that, and never as overdue."""

FINAL_DAYS: Final = 30
FINAL_DAYS_IMPROPER_PURPOSE: Final = 60

_SATURDAY: Final = 5
YEAR_END: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
"""年末年始, when the authorities are closed (law.toml: breach_count): month and day."""

IsHoliday = Callable[[date], bool]
"""Returns whether a day is a public holiday in Japan."""


def day_number(lodged: date, today: date) -> int:
    """Return which day `today` is, the day of lodging being day 0.

    Raises ValueError when `today` is before the day of lodging.
    """
    if today < lodged:
        raise ValueError("today is before the day of lodging")
    return (today - lodged).days


def notice_due(lodged: date) -> date:
    """Return the last of the 20 days; the calendar's last day where they go past it (a server's day may be that)."""
    return lodged + timedelta(days=min(GATEWAY_DAYS, (date.max - lodged).days))


def gateway_opens(lodged: date) -> date:
    """Return the first day after the 20 days have passed: day 21 (our reading)."""
    return notice_due(lodged) + timedelta(days=1)


def gateway_is_open(lodged: date, today: date) -> bool:
    """Return whether the 20 days have passed. Whether a notice was given, and the rest, are the caller's."""
    return today > notice_due(lodged)


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


def preliminary_report(aware: date) -> Span:
    """Return days 3 to 5: when the guideline expects the preliminary report. A guide, not a term."""
    first, last = PRELIMINARY_DAYS
    return Span(aware + timedelta(days=first - 1), aware + timedelta(days=last - 1))


def final_report_due(aware: date, improper_purpose: bool, holidays: IsHoliday) -> date:
    """Return the last day of the final report: day 30, or day 60 where an improper purpose is likely.

    Every day counts; a last day that is a Saturday, Sunday, public holiday or within 29 December to
    3 January moves to the next day that is none of these.
    """
    days = FINAL_DAYS_IMPROPER_PURPOSE if improper_purpose else FINAL_DAYS
    due = aware + timedelta(days=days - 1)
    while not is_working_day(due, holidays):
        due += timedelta(days=1)
    return due


def is_working_day(day: date, holidays: IsHoliday) -> bool:
    """Return whether the authorities work on `day`."""
    closed = day.weekday() >= _SATURDAY or (day.month, day.day) in YEAR_END
    return not closed and not holidays(day)
