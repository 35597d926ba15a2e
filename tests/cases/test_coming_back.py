"""The days to come back on: from the day of the report alone, each with its reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases import legal_terms
from cases.coming_back import NEWS_DAYS, visits

DAY = date(2026, 11, 27)


def days(*of: tuple[str, int]) -> list[tuple[str, date]]:
    return [(why, DAY + timedelta(days=number)) for why, number in of]


@pytest.mark.parametrize(
    ("designated", "promised", "after", "expected"),
    [
        (False, None, 0, [("news", 7)]),
        (True, None, 0, [("news", 7), ("twenty_days", 21)]),
        (True, 10, 0, [("news", 7), ("promise", 11), ("twenty_days", 21)]),
        (False, 10, 0, [("news", 7), ("promise", 11)]),
        # The promise ends where the week does, or where the 20 days do: one day, the weightier reason.
        (True, 6, 0, [("promise", 7), ("twenty_days", 21)]),
        (True, 20, 0, [("news", 7), ("twenty_days", 21)]),
        # The same form was sent again days later: what is past is not named, and the week begins anew.
        (True, 10, 11, [("news", 18), ("twenty_days", 21)]),
        (True, 10, 20, [("twenty_days", 21), ("news", 27)]),
        (True, 10, 21, [("news", 28)]),
        (True, 1, 0, [("promise", 2), ("news", 7), ("twenty_days", 21)]),
    ],
)
def test_each_day_has_its_reason(
    designated: bool, promised: int | None, after: int, expected: list[tuple[str, int]]
) -> None:
    shown = visits(DAY, DAY + timedelta(days=after), designated, promised)
    assert [(visit.why, visit.day) for visit in shown] == days(*expected)


def test_without_the_reports_day_only_the_week_is_named() -> None:
    assert [(visit.why, visit.day) for visit in visits(None, DAY, True, 3)] == days(("news", NEWS_DAYS))


def test_the_twenty_days_are_those_of_the_clock() -> None:
    (visit,) = [visit for visit in visits(DAY, DAY, True) if visit.why == "twenty_days"]
    assert visit.day == legal_terms.gateway_opens(DAY) and legal_terms.gateway_is_open(DAY, visit.day)
    assert not legal_terms.gateway_is_open(DAY, visit.day - timedelta(days=1))


def test_the_calendars_end_breaks_nothing() -> None:
    assert visits(date.max, date.max, True, 366) == ()
    assert {
        visit.day for visit in visits(date.max - timedelta(days=1), date.max - timedelta(days=1), True)
    } == {date.max}
