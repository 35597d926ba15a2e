"""From when a report's days count: only what is in writing starts the 20 days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases import deadlines
from cases.case_fold import fold
from cases.deadlines import NOTICE, ORAL, Deadline, Promises
from cases.lodging import through_the_site, written_down
from cases.status import Step
from crypto.payloads import INTAKE_CHANNELS

RECEIVED = date(2026, 11, 20)


def notice(channel: str, day: date, steps: tuple[Step, ...] = ()) -> Deadline:
    lodging = written_down(RECEIVED, channel, day)
    clocks = deadlines.of_case(
        RECEIVED, steps, fold(()), Promises(), lambda _day: False, RECEIVED, lodging=lodging
    )
    return next(clock for clock in clocks if clock.id == NOTICE)


@pytest.mark.parametrize("channel", sorted({*INTAKE_CHANNELS} - {"letter"}))
def test_what_was_said_starts_no_20_days(channel: str) -> None:
    clock = notice(channel, date(2026, 11, 1))
    assert clock.due is None and clock.asks == ORAL and clock.rule is None
    assert clock.days_left(date(2027, 1, 1)) is None and not clock.is_overdue(date(2027, 1, 1))


def test_the_notice_itself_is_shown_all_the_same() -> None:
    clock = notice("talk", RECEIVED, (Step("investigating", RECEIVED + timedelta(days=2)),))
    assert clock.done == RECEIVED + timedelta(days=2) and clock.kept is None


@pytest.mark.parametrize("days", [0, 1, 19])
def test_a_letter_counts_from_the_day_on_which_it_came(days: int) -> None:
    came = RECEIVED - timedelta(days=days)
    assert notice("letter", came).due == came + timedelta(days=20)


@pytest.mark.parametrize("channel", INTAKE_CHANNELS)
def test_a_day_after_the_receipt_is_never_later_than_the_receipt(channel: str) -> None:
    lodging = written_down(RECEIVED, channel, RECEIVED + timedelta(days=9))
    assert lodging.made == RECEIVED and lodging.written in (RECEIVED, None)


def test_what_comes_through_the_site_is_in_writing() -> None:
    assert through_the_site(RECEIVED).written == RECEIVED
    clocks = deadlines.of_case(RECEIVED, (), fold(()), Promises(), lambda _day: False, RECEIVED)
    [clock] = [clock for clock in clocks if clock.id == NOTICE]
    assert clock.due == RECEIVED + timedelta(days=20)
