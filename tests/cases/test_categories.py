"""What a case is about switches clocks, playbook and templates; no word ends a duty of the law."""

from __future__ import annotations

from datetime import date

import pytest

from cases import breach, deadlines, playbooks, replies
from cases.case_fold import fold
from cases.case_state import AuthoredRecord
from cases.categories import CATEGORIES, LEAK, NOT_A_REPORT, OFFERED
from cases.deadlines import Promises
from cases.form import CAUSES
from cases.lodging import through_the_site, written_down
from cases.records import Record, make
from crypto import payloads

DAY = date(2026, 12, 1)
OF_A_LEAK = {deadlines.AWARE, deadlines.PRELIMINARY, deadlines.FINAL}
REPORTABLE = make(
    "breach",
    aware="2026-11-30",
    triggers=dict.fromkeys(breach.TRIGGER_IDS, "no") | {"sensitive": "yes"},
    persons=3,
    entrusted="no",
)


def said(record: Record, number: int = 1) -> AuthoredRecord:
    return AuthoredRecord(bytes([number]) * 16, b"k" * 16, b"p" * 16, "auditor", DAY, record)


def clocks(*records: Record, given: str = "") -> set[str]:
    state = fold([said(record, place) for place, record in enumerate(records, 1)], "", given)
    of = deadlines.of_case(DAY, (), state, Promises(7, 14, 60, 365), lambda _day: False, DAY)
    return {clock.id for clock in of}


def category(word: str) -> Record:
    return make("category", category=word)


def test_payloads_know_the_same_words() -> None:
    assert payloads.CATEGORIES == OFFERED


def test_nobody_said_is_a_leak() -> None:
    assert fold([]).category == LEAK
    assert fold([], "", "gossip").category == LEAK
    assert fold([], "", NOT_A_REPORT).category == LEAK  # only auditors say that
    assert fold([], "", "accounting").category == "accounting"
    assert fold([said(category(LEAK))], "", "accounting").category == LEAK


@pytest.mark.parametrize("word", ["harassment", "accounting", "other"])
def test_reports_to_the_authority_belong_to_a_leak(word: str) -> None:
    assert clocks() >= OF_A_LEAK
    assert not OF_A_LEAK & clocks(given=word)
    assert not OF_A_LEAK & clocks(category(word))
    # The 20 days and the site's promises run for every report.
    assert {deadlines.NOTICE, deadlines.DECIDE, deadlines.RESULT} <= clocks(category(word))


@pytest.mark.parametrize("word", CATEGORIES)
def test_another_word_does_not_end_what_the_law_asks_for(word: str) -> None:
    due = {deadlines.PRELIMINARY, deadlines.FINAL, deadlines.PERSONS}
    assert due <= clocks(REPORTABLE, category(word))
    handed_in = make("breach_reported", stage="preliminary", day="2026-12-01")
    assert {deadlines.PRELIMINARY, deadlines.FINAL} <= clocks(handed_in, category(word))


def test_what_is_no_report_asks_for_nothing_but_a_word() -> None:
    assert clocks(category(NOT_A_REPORT)) == {deadlines.ACKNOWLEDGE}
    assert not any(playbooks.for_case([NOT_A_REPORT], "").values())


@pytest.mark.parametrize("word", OFFERED)
def test_each_has_a_playbook_of_its_own(word: str) -> None:
    steps = playbooks.for_case([word], "")
    assert tuple(steps) == playbooks.STEPS and all(len(items) >= 2 for items in steps.values())
    own = [item.id for items in steps.values() for item in items if item.categories == (word,)]
    assert len(own) >= 4
    if word != LEAK:
        assert not any(item.id.endswith("_sent") for items in steps.values() for item in items)
        assert all(playbooks.for_case([word], cause) == steps for cause in CAUSES)


def test_a_leak_that_has_to_be_reported_adds_its_playbook_to_the_categorys() -> None:
    triggers = dict.fromkeys(breach.TRIGGER_IDS, "yes")
    leak = make("breach", aware="", triggers=triggers, persons=None, entrusted="no")
    state = fold([said(category("harassment"), 1), said(leak, 2)])
    assert state.subjects == ("harassment", LEAK)
    both = playbooks.for_case(state.subjects, "loss")
    for step, items in both.items():
        alone = (playbooks.for_case([word], "loss")[step] for word in state.subjects)
        assert {item.id for item in items} == {item.id for part in alone for item in part}
        assert len({item.id for item in items}) == len(items)
    assert fold([said(category(LEAK), 1), said(leak, 2)]).subjects == (LEAK,)
    assert fold([said(category("harassment"), 1)]).subjects == ("harassment",)


@pytest.mark.parametrize("word", CATEGORIES)
def test_templates_follow(word: str) -> None:
    ids = {reply.id for reply in replies.for_case(word)}
    assert {"received", "handed_over"} <= ids
    assert {name for name in ids if name.startswith("handled_")} == {f"handled_{word}"} - {
        f"handled_{NOT_A_REPORT}"
    }
    assert ("outside" in ids) == (word == LEAK) and ("not_a_report" in ids) == (word == NOT_A_REPORT)


AWARE_ON = "2026-11-18"
TRIGGERS = {
    "": None,
    "yes": dict.fromkeys(breach.TRIGGER_IDS, "yes"),
    "unknown": dict.fromkeys(breach.TRIGGER_IDS, "unknown"),
    "no": dict.fromkeys(breach.TRIGGER_IDS, "no"),
}


@pytest.mark.parametrize("answer", TRIGGERS)
@pytest.mark.parametrize("aware", ["", AWARE_ON])
@pytest.mark.parametrize("channel", ["", *payloads.INTAKE_CHANNELS])
@pytest.mark.parametrize("word", CATEGORIES)
def test_no_clock_runs_that_the_facts_do_not_start_and_each_that_they_do(
    word: str, channel: str, aware: str, answer: str
) -> None:
    """The 20 days need a report in writing; the reports to the authority a leak, the day on which the company knew of
    it, and no established answer that nothing has to be reported. Nothing else has a last day by itself."""
    triggers = TRIGGERS[answer]
    records = [category(word)]
    if triggers is not None:
        records.append(make("breach", aware=aware, triggers=triggers, persons=None, entrusted="no"))
    state = fold([said(record, number) for number, record in enumerate(records, 1)])
    lodging = written_down(DAY, channel, DAY) if channel else through_the_site(DAY)
    clocks_of = deadlines.of_case(DAY, (), state, Promises(), lambda _day: False, DAY, lodging=lodging)
    running = {clock.id for clock in clocks_of if clock.due is not None and clock.done is None}
    expected = {"notice"} if channel in ("", "letter") and word != NOT_A_REPORT else set()
    is_leak = word == LEAK or answer == "yes"
    if is_leak and answer != "no":
        expected |= {"preliminary", "final"} if aware and answer else {"aware"}
    assert running == expected
