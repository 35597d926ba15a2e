"""Open now? In Japan's time, with the public holidays, and honest about what no source says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.contacts import ContactError, contact, contacts, parse_contacts
from cases.days import JST
from cases.holidays_jp import is_public_holiday
from cases.hours import HoursError, Opening, is_open, next_opening, parse_opening
from tests.cases.test_contacts import ONE

AGENCY = contact("caa_consult_dial").open
MULTILINGUAL = contact("houterasu_multilingual").open


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def test_which_doors_have_hours_to_count_with() -> None:
    assert {one.id for one in contacts() if one.open} == {
        "caa_consult_dial",
        "ppc_appi_dial",
        "houterasu_multilingual",
    }


@pytest.mark.parametrize(
    "one", [found for found in contacts() if found.open is not None], ids=lambda one: one.id
)
def test_the_hours_to_count_with_are_the_hours_to_read(one: object) -> None:
    found = contact(getattr(one, "id"))  # noqa: B009
    assert found.open is not None and found.hours is not None
    for first, last in found.open.spans:
        written = f"{first.hour}:{first.minute:02d}–{last.hour}:{last.minute:02d}"
        assert written in found.hours["ja"] and written in found.hours["en"]
    assert ("祝日" in found.hours["ja"]) is found.open.closed_on_holidays


@pytest.mark.parametrize(
    ("moment", "is_it"),
    [
        ("2026-11-24T09:29", False),
        ("2026-11-24T09:30", True),
        ("2026-11-24T12:29", True),
        ("2026-11-24T12:30", False),
        ("2026-11-24T13:30", True),
        ("2026-11-24T17:30", False),
        ("2026-11-23T10:00", False),  # a Monday, and a public holiday
        ("2026-11-28T10:00", False),  # Saturday
        ("2026-12-29T10:00", False),  # around New Year
        ("2027-01-04T10:00", True),
    ],
)
def test_the_agencys_hours(moment: str, is_it: bool) -> None:
    assert AGENCY is not None
    assert is_open(AGENCY, at(moment), is_public_holiday) is is_it


def test_the_time_is_japans_wherever_the_server_stands() -> None:
    assert AGENCY is not None
    assert is_open(AGENCY, datetime(2026, 11, 24, 0, 30, tzinfo=UTC), is_public_holiday)
    assert not is_open(AGENCY, datetime(2026, 11, 24, 10, 0, tzinfo=UTC), is_public_holiday)
    with pytest.raises(ValueError, match="time zone"):
        is_open(AGENCY, datetime(2026, 11, 24, 10, 0), is_public_holiday)
    with pytest.raises(ValueError, match="time zone"):
        next_opening(AGENCY, datetime(2026, 11, 24, 10, 0), is_public_holiday)


def test_where_the_source_says_nothing_of_holidays_it_is_not_known() -> None:
    assert MULTILINGUAL is not None
    assert is_open(MULTILINGUAL, at("2026-11-23T10:00"), is_public_holiday) is None
    assert is_open(MULTILINGUAL, at("2026-11-23T18:00"), is_public_holiday) is False
    assert is_open(MULTILINGUAL, at("2026-11-24T10:00"), is_public_holiday) is True


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20T17:30", "2026-11-24T09:30"),  # over a weekend and a holiday
        ("2026-11-24T10:00", "2026-11-24T13:30"),
        ("2026-12-28T18:00", "2027-01-04T09:30"),
    ],
)
def test_when_it_opens_next(moment: str, opens: str) -> None:
    assert AGENCY is not None
    assert next_opening(AGENCY, at(moment), is_public_holiday) == at(opens)


def test_what_never_opens_has_no_next_opening() -> None:
    assert AGENCY is not None
    assert next_opening(AGENCY, at("2026-11-24T10:00"), lambda day: True) is None


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)))
def test_it_is_open_when_it_opens_and_was_not_just_before(moment: datetime) -> None:
    assert AGENCY is not None
    opens = next_opening(AGENCY, moment.replace(tzinfo=JST), is_public_holiday)
    assert opens is not None and is_open(AGENCY, opens, is_public_holiday) is True
    assert is_open(AGENCY, opens - timedelta(minutes=1), is_public_holiday) is False


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 5, 6), True),  # substitute
        (date(2026, 9, 22), True),  # between two holidays
        (date(2026, 11, 24), False),
        (date(2026, 12, 29), False),  # closed by custom, no public holiday
        (date(2027, 1, 1), True),
        (date(2027, 3, 22), True),  # substitute of the equinox on a Sunday
    ],
)
def test_public_holidays(day: date, is_one: bool) -> None:
    assert is_public_holiday(day) is is_one


RIGHT = {"days": ["mon"], "spans": ["09:00-10:00"], "closed_on_holidays": True}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"days": []}, "day"),
        ({"days": ["monday"]}, "day"),
        ({"days": "mon"}, "no list"),
        ({"spans": []}, "order"),
        ({"spans": ["9:00-10:00"]}, "written"),
        ({"spans": ["10:00-09:00"]}, "end before"),
        ({"spans": ["09:00-10:00", "09:30-11:00"]}, "order"),
        ({"closed_on_holidays": 1}, "closed_on_holidays"),
        ({"note": "x"}, "closed_on_holidays"),
    ],
)
def test_other_forms_are_refused(change: dict[str, object], rule: str) -> None:
    assert parse_opening(RIGHT) == Opening(frozenset({0}), ((time(9), time(10)),), True)
    with pytest.raises(HoursError, match=rule):
        parse_opening({**RIGHT, **change})


@pytest.mark.parametrize(
    ("hours", "rule"),
    [
        ('open = { days = ["mon"], spans = ["09:00-10:00"], closed_on_holidays = true }', "none to read"),
        ('hours = { ja = "時", en = "hours" }\nopen = 3', "the hours are"),
    ],
)
def test_a_contact_with_wrong_hours_does_not_load(hours: str, rule: str) -> None:
    with pytest.raises(ContactError, match=rule):
        parse_contacts(ONE + hours + "\n")
