"""The reporter's clock: days over month ends, year ends, leap days and the change of the Act; what was said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import routing, status
from cases.contacts import contacts
from cases.reporter_clock import ReporterClock, answers_for, reporter_clock
from cases.routing import Answers, route, text
from cases.status import Step

LODGED = date(2026, 11, 1)
OPEN = date(2026, 11, 22)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def after(days: int) -> date:
    return LODGED + timedelta(days=days)


def steps(*found: tuple[str, int]) -> tuple[Step, ...]:
    return tuple(Step(name, after(days)) for name, days in found)


def on(days: int, *found: tuple[str, int], who: str | None = "worker", line: bool = True) -> ReporterClock:
    return reporter_clock(LODGED, steps(*found), line, after(days), who)


@pytest.mark.parametrize(
    ("lodged", "opens"),
    [
        (date(2026, 11, 1), date(2026, 11, 22)),
        (date(2026, 11, 10), date(2026, 12, 1)),  # the very day of the change
        (date(2026, 11, 9), date(2026, 11, 30)),
        (date(2026, 12, 20), date(2027, 1, 10)),  # a year's end; holidays move nothing
        (date(2028, 2, 10), date(2028, 3, 2)),  # a leap day
        (date(2027, 2, 10), date(2027, 3, 3)),
    ],
)
def test_day_21_opens_and_day_20_does_not(lodged: date, opens: date) -> None:
    before = reporter_clock(lodged, (), True, opens - timedelta(days=1), "worker")
    assert (before.day_number, before.gateway, before.passed_without_notice) == (20, "not_met", False)
    assert before.first_words == ()
    there = reporter_clock(lodged, (), True, opens, "worker")
    assert (there.day_number, there.gateway, there.reason, there.opens_on) == (21, "met", "", opens)
    assert there.first_words == ("clock_passed_without_notice",)


def test_the_article_changes_at_the_change_of_the_act() -> None:
    old = reporter_clock(date(2026, 11, 9), (), True, date(2026, 11, 30))
    new = reporter_clock(date(2026, 11, 9), (), True, date(2026, 12, 1))
    assert old.measures[0].rule.article["ja"].endswith("第3条第3号ホ") and not old.spans_change
    assert new.measures[0].rule.article["ja"].endswith("第3条第1項第3号ホ") and new.spans_change
    assert new.gateway == old.gateway == "met"  # a worker has it on both sides


def test_on_day_0_an_authority_can_be_told_already() -> None:
    start = on(0)
    assert start.day_number == 0 and start.authority_at_once and start.first_words == ()
    assert {rule.key for rule in start.rules} == {"days_no_duty", "days_count", "authority_grounds"}
    assert not on(0, who="director").authority_at_once
    assert "officers_effort" in {rule.key for rule in on(0, who="director").rules}
    assert any(rule.reading for rule in start.rules if rule.key == "days_count")


def test_without_designation_there_is_no_clock() -> None:
    found = on(40, line=False)
    assert (found.day_number, found.opens_on, found.gateway) == (None, None, "not_met")
    assert found.reason == "not_designated" and not found.passed_without_notice


@pytest.mark.parametrize(
    ("who", "day", "gateway", "reason"),
    [
        ("director", date(2026, 12, 31), "not_met", "director"),
        ("other", date(2026, 12, 31), "not_met", "not_covered"),
        ("freelancer", date(2026, 11, 30), "not_met", "not_covered"),
        ("freelancer", date(2026, 12, 1), "unknown", "transition"),
        ("former", date(2026, 12, 1), "met", ""),
        (None, date(2026, 12, 1), "met", ""),
    ],
)
def test_the_gateway_by_person(who: str | None, day: date, gateway: str, reason: str) -> None:
    found = reporter_clock(LODGED, (), True, day, who)
    assert (found.gateway, found.reason) == (gateway, reason)
    assert found.passed_without_notice


def test_a_freelancers_report_after_the_change_opens_like_a_workers() -> None:
    found = reporter_clock(date(2026, 12, 1), (), True, date(2026, 12, 22), "freelancer")
    assert (found.gateway, found.reason) == ("met", "")


def test_a_notice_leaves_the_second_limb_and_a_late_one_is_for_a_lawyer() -> None:
    timely = on(30, (status.INVESTIGATING, 20))
    assert (timely.gateway, timely.reason, timely.passed_without_notice) == ("unknown", "notice", False)
    late = on(30, (status.INVESTIGATING, 21))
    assert (late.gateway, late.reason, late.passed_without_notice) == ("unknown", "late_notice", False)
    assert late.first_words == ("clock_late_notice",)


def test_which_measures_have_happened() -> None:
    def happened(*found: tuple[str, int]) -> dict[str, date | None]:
        return {one.id: one.happened for one in on(30, *found).measures}

    assert happened() == {"investigation": None, "result": None, "correction": None}
    taken = (status.INVESTIGATING, 3)
    assert happened(taken)["investigation"] == after(3)
    found = happened(taken, (status.CORRECTED, 9))
    assert found == {"investigation": after(3), "result": after(9), "correction": after(9)}
    found = happened(taken, (status.NO_FAULT, 9))
    assert found == {"investigation": after(3), "result": after(9), "correction": None}


def test_each_measure_has_its_place_and_the_guideline_is_marked_secondary() -> None:
    for day in (date(2026, 11, 30), date(2026, 12, 1)):
        found = {one.id: one.rule for one in reporter_clock(LODGED, (), True, day).measures}
        assert found["investigation"].key == "gateway_days"
        assert found["result"].key == "guideline_measures" and found["result"].confidence == "secondary"
        assert all(rule.holds_on(day) for rule in found.values())
    for name in ("investigation", "result", "correction"):
        assert text(f"measure_{name}")["ja"]


def test_a_refusal_without_a_word() -> None:
    refused = (status.NOT_INVESTIGATING, 5)
    silent = on(6, refused)
    assert silent.refused_without_reason and (silent.gateway, silent.reason) == ("unknown", "refused")
    assert silent.first_words == ("clock_refused_without_reason",)
    earlier = reporter_clock(LODGED, steps(refused), True, after(6), "worker", [after(4)])
    assert earlier.refused_without_reason
    with_words = reporter_clock(LODGED, steps(refused), True, after(6), "worker", [after(5)])
    assert not with_words.refused_without_reason
    # Decided, not passed over in silence: the first words are of the refusal.
    assert not on(40, refused).passed_without_notice


def test_closed_without_a_word() -> None:
    refused, closed = (status.NOT_INVESTIGATING, 5), (status.CLOSED, 8)
    found = on(9, refused, closed)
    assert found.closed_without_word and not found.refused_without_reason
    assert not reporter_clock(
        LODGED, steps(refused, closed), True, after(9), None, [after(6)]
    ).closed_without_word
    taken = (status.INVESTIGATING, 2)
    assert not on(9, taken, (status.CORRECTED, 5), closed).closed_without_word
    again = (taken, (status.NO_FAULT, 5), closed, (status.INVESTIGATING, 10), (status.NO_FAULT, 12))
    assert not on(20, *again, (status.CLOSED, 13)).closed_without_word


def test_nobody_is_left_to_open_it() -> None:
    found = reporter_clock(LODGED, (), True, OPEN, can_be_opened=False)
    assert found.nobody_can_open
    assert found.first_words == ("clock_nobody_can_open", "clock_passed_without_notice")
    assert all(text(name)["ja"] for name in found.first_words)


@given(DAYS, st.integers(0, 500), st.sampled_from((None, *routing.WHO)), st.booleans())
def test_the_clock_and_the_guide_say_the_same(lodged: date, passed: int, who: str | None, line: bool) -> None:
    today = lodged + timedelta(days=passed)
    found = reporter_clock(lodged, (), line, today, who)
    said = answers_for(lodged, (), Answers(who_am_i=who, about="concealed_leak", to_show="documents"))
    channels = {one.kind: one for one in route(said, today, line, contacts())}
    guide = {one.id: one.status for one in channels["others"].conditions}
    if found.reason in ("", "director"):
        assert guide["gateway_days"] == found.gateway
    assert found.passed_without_notice == (line and passed > 20)
    # A report lies with the line: the guide no longer leads back to it first.
    assert [one for one in channels if channels[one].protection][0] != "inside" or who in (None, "director")


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_a_notice_is_the_notice_of_the_guide_too(lodged: date, noticed: int, later: int) -> None:
    taken = (Step(status.INVESTIGATING, lodged + timedelta(days=noticed)),)
    today = taken[0].day + timedelta(days=later)
    assert answers_for(lodged, taken).notice_of_investigation is True
    assert reporter_clock(lodged, taken, True, today).reason == ("notice" if noticed <= 20 else "late_notice")


def test_the_answers_that_follow_from_a_case() -> None:
    known = Answers(who_am_i="worker", told_company="superior", fears=frozenset({"name"}))
    said = answers_for(LODGED, (), known)
    assert (said.told_company, said.told_day, said.told_in_writing) == ("both", LODGED, True)
    assert said.notice_of_investigation is False and said.fears == {"name"}
    assert answers_for(LODGED, ()).told_company == "this_line"
    refused = answers_for(LODGED, steps((status.NOT_INVESTIGATING, 2)))
    assert refused.notice_of_investigation is None


@pytest.mark.parametrize(
    ("found", "today", "messages", "rule"),
    [
        ((), after(-1), (), "order"),
        (steps((status.INVESTIGATING, 5)), after(4), (), "order"),
        (steps((status.INVESTIGATING, 5), (status.CORRECTED, 4)), after(9), (), "order"),
        ((), after(3), (after(4),), "order"),
        (steps((status.CLOSED, 1)), after(3), (), "may not follow"),
    ],
)
def test_days_and_steps_that_cannot_be(
    found: tuple[Step, ...], today: date, messages: tuple[date, ...], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        reporter_clock(LODGED, found, True, today, None, messages)


def test_an_unknown_person_is_refused() -> None:
    with pytest.raises(ValueError, match="choices"):
        on(1, who="king")
