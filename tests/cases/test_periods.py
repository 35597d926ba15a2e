"""Periods of the statistics, and the totals of past fiscal years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import periods
from cases.periods import BadPeriod, Period
from cases.totals import MOST_YEARS, YearTotal, by_year

DAY = date(2026, 11, 27)
DAYS = st.dates(date(1950, 1, 1), date(2900, 12, 31))


def test_the_choices() -> None:
    ends = {
        name: (found.first, found.last) for name in periods.CHOICES for found in [periods.chosen(name, DAY)]
    }
    assert ends == {
        "this_quarter": (date(2026, 10, 1), date(2026, 12, 31)),
        "last_quarter": (date(2026, 7, 1), date(2026, 9, 30)),
        "this_year": (date(2026, 4, 1), date(2027, 3, 31)),
        "last_year": (date(2025, 4, 1), date(2026, 3, 31)),
    }
    assert periods.chosen("x", DAY) == periods.chosen("", DAY) == periods.quarter_of(DAY)
    assert periods.year_of(date(2027, 3, 31)) == periods.year_of(date(2026, 4, 1))


@given(DAYS)
def test_a_day_is_in_its_quarter_and_year(day: date) -> None:
    quarter, year = periods.quarter_of(day), periods.year_of(day)
    assert day in quarter and day in year and quarter.first in year and quarter.last in year
    assert len(quarter.months) == 3 and len(year.months) == 12 and year.first.month == 4
    for period in (quarter, year):
        assert periods.before(period).last + timedelta(days=1) == period.first
        assert periods.before(period).kind == period.kind


@given(DAYS, st.integers(0, 1000), st.integers(0, 1100))
def test_what_a_range_is_compared_with(first: date, length: int, passed: int) -> None:
    period, today = periods.range_of(first, first + timedelta(days=length)), first + timedelta(days=passed)
    compared = periods.compared(period, today)
    assert compared.first == first - timedelta(days=period.days)
    assert compared.days == (period.days if period.is_over(today) else passed + 1)
    assert compared.last < period.first


def test_a_period_that_runs_is_compared_with_as_many_days() -> None:
    compared = periods.compared(periods.quarter_of(DAY), DAY)
    assert (compared.first, compared.last) == (date(2026, 7, 1), date(2026, 8, 27))
    # A longer quarter never reaches into the next one.
    late = periods.compared(periods.quarter_of(date(2026, 6, 30)), date(2026, 6, 30))
    assert late.last == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (None, DAY, "days"),
        (DAY, None, "days"),
        (date(1, 1, 1), DAY, "days"),
        (DAY, date.max, "days"),
        (DAY, DAY - timedelta(days=1), "order"),
        (date(2026, 1, 15), date(2029, 1, 1), "long"),
    ],
)
def test_ranges_that_can_not_be_shown(first: date | None, last: date | None, reason: str) -> None:
    with pytest.raises(BadPeriod) as raised:
        periods.range_of(first, last)
    assert raised.value.reason == reason


def test_a_range_of_36_months() -> None:
    assert len(periods.range_of(date(2026, 1, 15), date(2028, 12, 31)).months) == 36
    assert Period("range", DAY, DAY).days == 1


YEARS = [
    (date(2024, 5, 1), None),
    (date(2025, 3, 31), date(2026, 3, 31)),
    (date(2026, 3, 31), date(2026, 4, 1)),
    (date(2026, 4, 1), date(2026, 4, 2)),
]


def test_only_years_that_are_over_are_counted() -> None:
    """What came, or was deleted, in the running year changes no total before the year is over."""
    assert by_year(YEARS, DAY) == (YearTotal(date(2024, 4, 1), 2, 1), YearTotal(date(2025, 4, 1), 1, 0))
    assert by_year(YEARS, DAY) == by_year(YEARS[:3], DAY) == by_year(YEARS, date(2027, 3, 31))
    assert by_year(YEARS, date(2027, 4, 1))[1:] == (
        YearTotal(date(2025, 4, 1), 1, 1),
        YearTotal(date(2026, 4, 1), 1, 1),
    )
    assert by_year([], DAY) == by_year(YEARS[3:], DAY) == ()


def test_years_without_a_report_are_there_and_no_more_than_ten() -> None:
    found = by_year([(date(2010, 1, 1), None), (date(1800, 1, 1), None)], DAY)
    assert len(found) == MOST_YEARS and found[-1] == YearTotal(date(2025, 4, 1), 0, 0)
