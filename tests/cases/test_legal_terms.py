"""Terms that count days: month ends, year ends, leap days; holidays where they count and not where they don't."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import legal_terms

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1))

# Public holidays around the days below.
HOLIDAYS = frozenset({date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 11), date(2026, 5, 4)})


def holidays(day: date) -> bool:
    return day in HOLIDAYS


def none(day: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("lodged", "opens"),
    [
        (date(2026, 11, 23), date(2026, 12, 14)),  # over the month's end and the change of the Act
        (date(2026, 11, 10), date(2026, 12, 1)),  # open on the very day of the change
        (date(2026, 11, 9), date(2026, 11, 30)),
        (date(2026, 12, 20), date(2027, 1, 10)),  # over the year's end; a Sunday moves nothing
        (date(2026, 12, 11), date(2027, 1, 1)),  # a holiday moves nothing
        (date(2028, 2, 10), date(2028, 3, 2)),  # leap year
        (date(2027, 2, 10), date(2027, 3, 3)),
        (date(2028, 2, 29), date(2028, 3, 21)),
    ],
)
def test_the_gateway_opens_on_day_21(lodged: date, opens: date) -> None:
    assert legal_terms.gateway_opens(lodged) == opens
    assert legal_terms.day_number(lodged, opens) == 21
    assert legal_terms.gateway_is_open(lodged, opens)
    assert not legal_terms.gateway_is_open(lodged, opens - timedelta(days=1))


def test_the_day_of_lodging_is_day_0_and_day_20_is_not_yet_open() -> None:
    lodged = date(2026, 11, 23)
    assert legal_terms.day_number(lodged, lodged) == 0
    day_20 = date(2026, 12, 13)
    assert legal_terms.day_number(lodged, day_20) == 20 and not legal_terms.gateway_is_open(lodged, day_20)


def test_no_day_before_the_first() -> None:
    with pytest.raises(ValueError, match="lodging"):
        legal_terms.day_number(date(2026, 11, 23), date(2026, 11, 22))


def _breach_day(aware: date, day: date) -> int:
    """Return which day of a leak's reports a day is; the day of awareness is day 1."""
    return (day - aware).days + 1


@given(DAYS, st.integers(min_value=0, max_value=400))
def test_open_is_the_same_as_more_than_20_days(lodged: date, passed: int) -> None:
    today = lodged + timedelta(days=passed)
    assert legal_terms.day_number(lodged, today) == passed
    assert legal_terms.gateway_is_open(lodged, today) == (passed > 20)


def test_the_preliminary_report_is_days_3_to_5() -> None:
    span = legal_terms.preliminary_report(date(2026, 12, 29))
    assert span == legal_terms.Span(date(2026, 12, 31), date(2027, 1, 2))
    assert _breach_day(date(2026, 12, 29), span.first) == 3
    assert _breach_day(date(2026, 12, 29), span.last) == 5


def test_nothing_computes_an_overdue_preliminary_report() -> None:
    assert not [name for name in dir(legal_terms) if "overdue" in name or "late" in name.split("_")]


@pytest.mark.parametrize(
    ("aware", "improper", "due"),
    [
        (date(2026, 11, 2), False, date(2026, 12, 1)),  # day 30 is a Tuesday
        (date(2026, 11, 1), False, date(2026, 11, 30)),
        (date(2026, 10, 23), False, date(2026, 11, 24)),  # day 30 is a Saturday; Monday 23rd is a holiday
        (date(2026, 11, 30), False, date(2027, 1, 4)),  # day 30 is 29 December
        (date(2026, 12, 3), False, date(2027, 1, 4)),  # day 30 is 1 January, a holiday too
        (date(2026, 12, 13), False, date(2027, 1, 12)),  # day 30 is a Monday that is a holiday
        (date(2026, 11, 5), True, date(2027, 1, 4)),  # day 60 is 3 January, a Sunday
        (date(2028, 1, 31), False, date(2028, 2, 29)),  # leap day
        (date(2027, 1, 31), False, date(2027, 3, 1)),
        (date(2026, 11, 2), True, date(2027, 1, 4)),  # day 60 is 31 December
    ],
)
def test_the_final_report_moves_to_a_working_day(aware: date, improper: bool, due: date) -> None:
    assert legal_terms.final_report_due(aware, improper, holidays) == due


@given(DAYS, st.booleans())
def test_the_final_report_is_due_on_a_working_day_and_never_early(aware: date, improper: bool) -> None:
    due = legal_terms.final_report_due(aware, improper, none)
    assert legal_terms.is_working_day(due, none)
    least = 60 if improper else 30
    # The longest run of closed days without public holidays: a weekend, 29 December to 3 January, and Sunday the 4th.
    assert least <= _breach_day(aware, due) <= least + 9


def test_a_weekday_is_a_working_day_unless_it_is_a_holiday() -> None:
    assert legal_terms.is_working_day(date(2026, 11, 24), holidays)
    assert legal_terms.is_working_day(date(2026, 11, 23), none) and not legal_terms.is_working_day(
        date(2026, 11, 23), holidays
    )
    assert not legal_terms.is_working_day(date(2026, 11, 28), none)
    assert legal_terms.is_working_day(date(2026, 12, 28), none) and legal_terms.is_working_day(
        date(2027, 1, 4), none
    )
