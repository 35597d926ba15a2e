"""Periods that statistics are about: a quarter or year of the fiscal year that begins in April, or a range. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cases.days import format_day

QUARTER: Final = "quarter"
YEAR: Final = "year"
RANGE: Final = "range"
KINDS: Final = (QUARTER, YEAR, RANGE)

THIS_QUARTER: Final = "this_quarter"
LAST_QUARTER: Final = "last_quarter"
THIS_YEAR: Final = "this_year"
LAST_YEAR: Final = "last_year"
CHOICES: Final = (THIS_QUARTER, LAST_QUARTER, THIS_YEAR, LAST_YEAR)
"""Kinds of periods besides a range."""

MOST_MONTHS: Final = 36
"""The longest range: its months still fit a picture."""
_FIRST_MONTH: Final = 4
FIRST_YEAR: Final = 1900


class BadPeriod(ValueError):
    """A range that can't be shown. `reason`: `days` (a day is missing), `order` (the last day is before the first) or
    `long`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both in it. `kind`: one of KINDS."""

    kind: str
    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        """Tell whether a day is in it."""
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def months(self) -> tuple[str, ...]:
        """Its months in order, as "YYYY-MM"."""
        made, month = [], self.first.replace(day=1)
        while month <= self.last:
            made.append(format_day(month)[:7])
            month = _months_on(month, 1)
        return tuple(made)

    def is_over(self, today: date) -> bool:
        """Tell whether its last day has passed."""
        return self.last < today


def quarter_of(day: date) -> Period:
    """Return the quarter of a day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(QUARTER, first, _months_on(first, 3) - timedelta(days=1))


def year_of(day: date) -> Period:
    """Return the fiscal year of a day: from 1 April to 31 March."""
    first = date(day.year - (day.month < _FIRST_MONTH), _FIRST_MONTH, 1)
    return Period(YEAR, first, _months_on(first, 12) - timedelta(days=1))


def chosen(name: str, today: date) -> Period:
    """Return one of CHOICES; the present quarter for any other word."""
    match name:
        case "last_quarter":
            return before(quarter_of(today))
        case "this_year":
            return year_of(today)
        case "last_year":
            return before(year_of(today))
    return quarter_of(today)


def range_of(first: date | None, last: date | None) -> Period:
    """Return a range. Raises BadPeriod."""
    if first is None or last is None or first.year < FIRST_YEAR or last.year >= date.max.year:
        raise BadPeriod("days")
    if last < first:
        raise BadPeriod("order")
    if _months_on(first.replace(day=1), MOST_MONTHS) <= last:
        raise BadPeriod("long")
    return Period(RANGE, first, last)


def before(period: Period) -> Period:
    """Return the period before: the quarter or year before, or as many days before a range."""
    last = period.first - timedelta(days=1)
    if period.kind == QUARTER:
        return quarter_of(last)
    if period.kind == YEAR:
        return year_of(last)
    return Period(RANGE, period.first - timedelta(days=period.days), last)


def compared(period: Period, today: date) -> Period:
    """Return what a period is compared with: the one before, and of it as many days as have passed of a period that
    still runs."""
    whole = before(period)
    if period.is_over(today) or today < period.first:
        return whole
    last = whole.first + (today - period.first)
    return Period(whole.kind, whole.first, min(last, whole.last))


def _months_on(first_of_month: date, months: int) -> date:
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
