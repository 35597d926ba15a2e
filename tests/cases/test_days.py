"""Days in Japan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.days import JST, format_day, parse_day, today_jst


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 15, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 11, 23, 0, 0, 0, tzinfo=JST), date(2026, 11, 23)),
        (datetime(2026, 7, 1, 23, 0, 0, tzinfo=timezone(timedelta(hours=-10))), date(2026, 7, 2)),
    ],
)
def test_the_day_changes_at_midnight_in_japan(moment: datetime, day: date) -> None:
    assert today_jst(moment) == day


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        today_jst(datetime(2026, 11, 23))


@given(st.dates())
def test_a_day_is_ten_ascii_bytes_and_comes_back(day: date) -> None:
    text = format_day(day)
    assert len(text.encode("ascii")) == 10
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261123",
        "2026-W48-1",
        "2026-11-23\n",
        " 2026-11-23",
        "2026-11-31",
        "2026-13-01",
        "０２６-11-23",
        "2026-11-23T00:00",
        "0000-01-01",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|month|year"):
        parse_day(text)
