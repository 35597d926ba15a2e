"""Every clock of a case, against worked examples."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import breach, deadlines, holidays_jp, legal_terms, reporter_clock, retention, status, urgency
from cases.case_fold import fold
from cases.case_state import AuthoredRecord, CaseState
from cases.deadlines import Deadline, Promises
from cases.records import make
from cases.status import Step

PERSON = bytes(16)
DAY = date(2026, 11, 23)


def said(type_: str, **fields: object) -> AuthoredRecord:
    return AuthoredRecord(bytes(16), PERSON, PERSON, "lead", DAY, make(type_, **fields))


def leak(aware: str, **answers: str) -> CaseState:
    triggers = {**dict.fromkeys(breach.TRIGGER_IDS, "no"), **answers}
    return fold([said("breach", aware=aware, triggers=triggers, persons=None, entrusted="unknown")])


def clocks(
    received: date = DAY,
    steps: tuple[Step, ...] = (),
    state: CaseState | None = None,
    promises: Promises | None = None,
    today: date = DAY,
    answered: date | None = None,
) -> dict[str, Deadline]:
    found = deadlines.of_case(
        received,
        steps,
        state or CaseState(),
        promises or Promises(),
        holidays_jp.is_public_holiday,
        today,
        answered,
    )
    return {one.id: one for one in found}


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 23), date(2026, 12, 13)),
        (date(2026, 12, 31), date(2027, 1, 20)),  # over the year's end; weekends and holidays move nothing
        (date(2028, 2, 9), date(2028, 2, 29)),  # leap day
        (date(2027, 2, 9), date(2027, 3, 1)),
        (date(2026, 4, 30), date(2026, 5, 20)),
    ],
)
def test_the_notice_is_due_on_day_20(received: date, due: date) -> None:
    found = clocks(received, today=received)["notice"]
    assert found.due == due and found.rule is not None and "第3条" in found.rule.article["ja"]
    assert found.days_left(received) == 20 and found.days_left(due) == 0 and not found.is_overdue(due)
    assert found.is_overdue(due + timedelta(days=1))


@pytest.mark.parametrize("status", ["investigating", "not_investigating"])
def test_the_notice_is_done_by_a_decision(status: str) -> None:
    found = clocks(steps=(Step(status, DAY + timedelta(days=20)),))["notice"]
    assert found.done == DAY + timedelta(days=20) and found.kept is True and found.days_left(DAY) is None
    late = clocks(steps=(Step(status, DAY + timedelta(days=21)),))["notice"]
    assert late.kept is False


@pytest.mark.parametrize(
    ("aware", "improper", "span", "final"),
    [
        ("2026-11-02", "no", ("2026-11-04", "2026-11-06"), "2026-12-01"),
        (
            "2026-10-23",
            "no",
            ("2026-10-25", "2026-10-27"),
            "2026-11-24",
        ),  # Saturday, and the Monday is a holiday
        ("2026-11-30", "no", ("2026-12-02", "2026-12-04"), "2027-01-04"),  # day 30 is 29 December
        (
            "2026-11-05",
            "yes",
            ("2026-11-07", "2026-11-09"),
            "2027-01-04",
        ),  # day 60 is a Sunday in the new year
        ("2028-01-31", "no", ("2028-02-02", "2028-02-04"), "2028-02-29"),
    ],
)
def test_the_reports_to_the_authority(aware: str, improper: str, span: tuple[str, str], final: str) -> None:
    found = clocks(state=leak(aware, many="yes", improper=improper))
    preliminary = found["preliminary"]
    assert (preliminary.first, preliminary.due) == tuple(map(date.fromisoformat, span))
    assert found["final"].due == date.fromisoformat(final)


def test_the_preliminary_report_is_past_its_days_and_never_overdue() -> None:
    found = clocks(state=leak("2026-11-02", many="yes"))["preliminary"]
    assert found.is_guide and not found.is_past(date(2026, 11, 6)) and found.is_past(date(2026, 11, 7))
    assert found.days_left(date(2026, 11, 19)) == -13
    assert not found.is_overdue(date(2027, 11, 2)) and found.kept is None


@pytest.mark.parametrize(
    ("stage", "day", "late", "kept"),
    [
        ("preliminary", "2026-11-06", 0, True),
        ("preliminary", "2026-11-03", 0, True),
        ("preliminary", "2026-11-20", 14, False),
        ("final", "2026-12-01", 0, True),
        ("final", "2026-12-02", 1, False),
    ],
)
def test_what_was_met_late_says_by_how_many_days(stage: str, day: str, late: int, kept: bool) -> None:
    state = fold([*leak("2026-11-02", many="yes").said, said("breach_reported", stage=stage, day=day)])
    found = clocks(state=state)[stage]
    assert (found.late_days, found.kept) == (late, kept)


def test_the_day_of_awareness_is_the_first_thing_to_find_out() -> None:
    promises = Promises(acknowledge_days=0)
    task = said("task", task="0" * 32, text="x", due="2026-11-20", assignee="")
    for state in (fold([task]), fold([task, *leak("", many="yes").said])):
        found = deadlines.of_case(DAY, (), state, promises, holidays_jp.is_public_holiday, DAY)
        assert (found[0].id, found[0].due) == ("aware", date(2026, 11, 25)) and found[0].rule is None
        later = urgency.urgent(found, DAY + timedelta(days=30))
        assert [one.id for one in later] == ["aware", "notice", "acknowledge", "task"]
    for state in (leak("2026-11-02", many="yes"), leak("")):
        assert "aware" not in clocks(state=state)


def test_what_is_urgent_is_everything_past_and_the_next_to_come() -> None:
    tasks = [said("task", task=f"{n}" * 32, text="x", due=f"2026-11-0{n}", assignee="") for n in (3, 1, 2)]
    state = fold([*tasks, *leak("2026-11-02", many="yes").said])
    found = deadlines.of_case(DAY, (), state, Promises(), holidays_jp.is_public_holiday, DAY)
    # An own task that is due before it does not take the place of the preliminary report.
    assert [(one.id, one.detail[:1]) for one in urgency.urgent(found, DAY)] == [
        ("preliminary", ""),
        ("task", "1"),
        ("final", ""),
    ]
    assert urgency.urgent((), DAY) == urgency.outlook((), DAY) == ()
    # Everything of the law stays in sight.
    assert [one.id for one in urgency.outlook(found, DAY)] == ["preliminary", "task", "final", "notice"]


@pytest.mark.parametrize(
    ("aware", "preliminary", "final", "fault"),
    [
        ("2026-11-02", "2026-11-05", "2026-12-01", ""),
        ("2026-11-02", "2026-11-02", "2026-11-02", ""),
        ("2026-11-02", "", "2026-11-20", ""),
        ("", "", "", ""),
        ("2026-11-02", "2020-01-01", "", "before_aware"),
        ("2026-11-02", "2026-11-05", "2026-11-01", "before_aware"),
        ("2026-11-02", "2026-11-21", "2026-11-20", "order"),
        ("", "2026-11-05", "", "unknown"),
    ],
)
def test_days_of_a_leak_that_contradict_each_other(
    aware: str, preliminary: str, final: str, fault: str
) -> None:
    days = {"preliminary": preliminary, "final": final}
    reported = {stage: date.fromisoformat(day) for stage, day in days.items() if day}
    assert breach.day_fault(date.fromisoformat(aware) if aware else None, reported) == fault


def test_a_clock_asks_for_what_nobody_has_established() -> None:
    assert {clocks()[name].asks for name in ("preliminary", "final")} == {"aware"}
    unknown = clocks(state=leak("", many="yes"))["final"]
    assert (unknown.asks, unknown.due) == ("aware", None) and unknown.days_left(DAY) is None
    open_ = clocks(state=leak("2026-11-02", many="unknown"))["final"]
    assert open_.asks == "triggers" and open_.due == date(2026, 12, 1)
    assert not {"preliminary", "final"} & set(clocks(state=leak("2026-11-02")))


def test_what_was_handed_in_is_done() -> None:
    state = fold(
        [
            *leak("2026-11-02", many="yes").said,
            said("breach_reported", stage="preliminary", day="2026-11-05"),
            said("breach_reported", stage="final", day="2026-12-02"),
        ]
    )
    found = clocks(state=state)
    assert found["preliminary"].done == date(2026, 11, 5) and found["final"].kept is False


def test_the_sites_own_promises() -> None:
    promises = Promises(7, 14, 90, 365)
    found = clocks(promises=promises)
    assert {name: found[name].due for name in ("acknowledge", "decide", "result")} == {
        "acknowledge": DAY + timedelta(days=7),
        "decide": DAY + timedelta(days=14),
        "result": DAY + timedelta(days=90),
    }
    assert all(found[name].rule is None for name in ("acknowledge", "decide", "result"))
    answered = clocks(promises=promises, answered=DAY + timedelta(days=3))
    assert answered["acknowledge"].done == DAY + timedelta(days=3) and answered["decide"].done is None
    steps = (
        Step("investigating", DAY),
        Step("corrected", DAY + timedelta(days=91)),
        Step("closed", date(2027, 3, 1)),
    )
    ended = clocks(promises=promises, steps=steps)
    assert ended["result"].kept is False and ended["retention"].due == date(2028, 2, 29)
    assert not {"acknowledge", "decide", "result", "retention"} & set(clocks())


@pytest.mark.parametrize("days", [-1, 36_501, True, 1.5, "7"])
def test_what_is_no_promise_is_refused(days: object) -> None:
    with pytest.raises(ValueError, match="a promise is a number of days"):
        Promises(decide_days=days)  # type: ignore[arg-type]


def test_the_calendars_last_day_stops_nobody() -> None:
    end = date.max
    promises = Promises(7, 14, 90, 365)
    steps = (Step("not_investigating", end), Step("closed", end))
    found = clocks(end, steps, leak("2999-12-31", many="yes", improper="yes"), promises, today=end)
    assert found["notice"].due == found["retention"].due == end
    assert found["final"].due == date(3000, 2, 28)


def test_tasks_and_what_is_next() -> None:
    state = fold(
        [
            *leak("2026-11-02").said,  # nothing to report
            said("task", task="0" * 32, text="x", due="2026-12-01", assignee=""),
            said("task", task="1" * 32, text="y", due="2026-11-25", assignee=""),
            said("task", task="2" * 32, text="z", due="", assignee=""),
            said("task_done", task="1" * 32, done=True, day="2026-11-24"),
        ]
    )
    found = deadlines.of_case(DAY, (), state, Promises(), holidays_jp.is_public_holiday, DAY)
    assert [one.detail for one in found if one.id == "task"] == ["0" * 32, "1" * 32]
    assert urgency.next_due(found) == date(2026, 12, 1)
    assert urgency.next_due([]) is None


@given(st.dates(date(2026, 1, 1), date(2035, 1, 1)), st.booleans(), st.integers(0, 400))
def test_what_is_first_is_due_first(received: date, improper: bool, passed: int) -> None:
    today = received + timedelta(days=passed)
    state = leak(received.isoformat(), improper="yes" if improper else "no", many="yes")
    found = deadlines.of_case(
        received, (), state, Promises(7, 14, 90, 365), holidays_jp.is_public_holiday, today
    )
    days = [one.due for one in found if one.due is not None]
    assert days == sorted(days) and urgency.next_due(found) == days[0]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Step, ...]:
    """Steps as the rules allow them, on days from DAY on."""
    steps: list[Step] = []
    current, day = status.RECEIVED, DAY
    for _ in range(draw(st.integers(0, 4))):
        current = draw(st.sampled_from(status.allowed_next(current)))
        day += timedelta(draw(st.integers(0, 15)))
        steps.append(Step(current, day))
    return tuple(steps)


@given(histories(), st.integers(0, 60), st.integers(0, 40))
def test_the_desk_and_the_reporters_page_count_the_same_20_days(
    steps: tuple[Step, ...], later: int, kept_days: int
) -> None:
    """Anyone who writes either rule anew has to write both: what is overdue at the desk has passed on the page."""
    today = max(DAY + timedelta(later), *(step.day for step in steps), DAY)
    terms = reporter_clock.reporter_clock(DAY, steps, designated=True, today=today)
    mine = clocks(steps=steps, today=today, promises=Promises(retention_days=kept_days))
    notice = mine["notice"]
    assert terms.passed_without_notice == notice.is_overdue(today)
    assert notice.due is not None and terms.opens_on == notice.due + timedelta(1)
    investigated = next((measure for measure in terms.measures if measure.id == "investigation"), None)
    if investigated is not None and investigated.happened is not None:
        assert notice.done is not None and notice.done <= investigated.happened
    kept = mine.get("retention")
    assert retention.past_term(steps, kept_days, today) == (kept is not None and kept.is_past(today))


@pytest.mark.parametrize(("days", "passed"), [(20, False), (21, True)])
def test_day_20_is_the_last_day_of_the_notice_on_both_sides(days: int, passed: bool) -> None:
    today = DAY + timedelta(days)
    terms = reporter_clock.reporter_clock(DAY, (), designated=True, today=today)
    assert terms.passed_without_notice is passed is clocks(today=today)["notice"].is_overdue(today)
    assert terms.day_number == days


def test_the_calendars_last_day_has_no_day_after_it() -> None:
    assert legal_terms.notice_due(date.max) == date.max and not legal_terms.gateway_is_open(
        date.max, date.max
    )
    assert retention.ends_on((Step(status.CLOSED, date.max),), 36_500) == date.max


def milestone(what: str, plan: str = "", day: str = "") -> AuthoredRecord:
    return said("milestone", what=what, plan=plan, day=day, how="")


def reportable(*more: AuthoredRecord, entrusted: str = "no") -> CaseState:
    triggers = {**dict.fromkeys(breach.TRIGGER_IDS, "no"), "many": "yes"}
    facts = said("breach", aware="2026-11-20", triggers=triggers, persons=None, entrusted=entrusted)
    return fold([facts, *more])


def test_the_persons_concerned_are_told_without_a_day_of_the_law() -> None:
    clock = clocks(state=reportable())["persons"]
    assert (clock.due, clock.done) == (None, None) and clock.rule is not None
    assert "第26条第2項" in clock.rule.article["ja"]
    planned = clocks(state=reportable(milestone("persons", "2026-11-24")))["persons"]
    late = date(2026, 11, 25)
    assert planned.due == date(2026, 11, 24) and planned.is_past(late)
    # A plan of the auditors that has passed is no term of the law.
    assert planned.is_planned and not planned.is_overdue(late)
    told = clocks(state=reportable(milestone("persons", "2026-11-24", "2026-11-26")))["persons"]
    assert (told.done, told.late_days) == (date(2026, 11, 26), 2)


@pytest.mark.parametrize("state", [CaseState(), leak("2026-11-20"), leak("2026-11-20", many="unknown")])
def test_nobody_is_to_be_told_of_what_need_not_be_reported(state: CaseState) -> None:
    assert not {"persons", "principal"} & set(clocks(state=state))


def test_who_handles_data_for_another_company_tells_that_company() -> None:
    assert "principal" not in clocks(state=reportable(entrusted="unknown"))
    asked = clocks(state=reportable(entrusted="yes"))
    assert asked["principal"].due is None and {"preliminary", "final", "persons"} <= set(asked)
    assert asked["principal"].rule is not None and "ただし書" in asked["principal"].rule.article["ja"]
    told = clocks(state=reportable(milestone("principal", day="2026-11-21"), entrusted="yes"))
    assert told["principal"].done == date(2026, 11, 21)
    assert not {"preliminary", "final", "persons", "aware"} & set(told)
    # What was handed in all the same stays.
    reported = said("breach_reported", stage="preliminary", day="2026-11-22")
    both = clocks(state=reportable(milestone("principal", day="2026-11-21"), reported, entrusted="yes"))
    assert both["preliminary"].done == date(2026, 11, 22)
    # Only planned, nobody is free of anything; nor where the data are the company's own.
    assert "final" in clocks(state=reportable(milestone("principal", "2026-11-21"), entrusted="yes"))
    assert "final" in clocks(state=reportable(milestone("principal", day="2026-11-21")))


def test_progress_is_told_while_it_is_investigated() -> None:
    investigating = (Step("investigating", DAY),)
    clock = clocks(steps=investigating)["progress"]
    assert clock.due is None and clock.rule is None
    assert "progress" not in clocks() and "progress" not in clocks(
        steps=(*investigating, Step("corrected", DAY))
    )


def test_after_a_correction_somebody_looks_whether_it_works_also_in_a_closed_case() -> None:
    steps = (Step("investigating", DAY), Step("corrected", DAY), Step("closed", DAY))
    state = fold([milestone("follow_up", "2027-02-23")])
    every = deadlines.of_case(DAY, steps, state, Promises(), holidays_jp.is_public_holiday, DAY)
    left = urgency.running(every, is_closed=True)
    assert [clock.id for clock in left] == ["follow_up"] and urgency.next_due(left) == date(2027, 2, 23)
    assert left[0].rule is not None and left[0].rule.confidence == "secondary"
    assert "follow_up" not in clocks(steps=steps[:1]) and len(urgency.running(every, is_closed=False)) > 1


def test_the_day_of_the_first_word_is_shown_without_a_promise_too() -> None:
    clock = clocks(answered=DAY)["acknowledge"]
    assert (clock.due, clock.done, clock.kept) == (None, DAY, None)


def test_closing_a_case_ends_no_duty_of_the_law() -> None:
    """A final report that is owed stays; what depends on an answer, and the site's own promises, do not."""
    due = date(2026, 12, 28)
    clocks = (
        deadlines.Deadline(deadlines.NOTICE, due),
        deadlines.Deadline(deadlines.PRELIMINARY, due, done=due),
        deadlines.Deadline(deadlines.FINAL, due),
    )
    kept = [clock.id for clock in urgency.running(clocks, is_closed=True)]
    assert kept == [deadlines.PRELIMINARY, deadlines.FINAL]
    assert urgency.next_due(urgency.running(clocks, is_closed=True)) == due
    unsure = (
        deadlines.Deadline(deadlines.FINAL, due, asks="triggers"),
        deadlines.Deadline(deadlines.FINAL, None),
    )
    assert urgency.running(unsure, is_closed=True) == ()
    assert urgency.running(clocks, is_closed=False) == clocks
