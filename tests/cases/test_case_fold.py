"""What the records of a case say together: who may say what, and what counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.case_fold import each, fold, reasons_against
from cases.case_state import AuthoredRecord
from cases.records import SETTING, Record, make, together
from tests.cases.record_examples import ANY, DAY, GOOD, IDS, TRIGGERS, A, B, C, made, records, said

histories = st.lists(st.builds(said, records, st.sampled_from([A, B, C])), max_size=30)


def owner(person: bytes | None) -> Record:
    return make("owner", person=person.hex() if person else "")


def test_a_lead_assigns_and_an_auditor_takes() -> None:
    assert fold([said(owner(B), A)]).owner == B
    assert fold([said(owner(B), B)]).owner == B
    assert fold([said(owner(B), B), said(owner(None), B)]).owner is None
    state = fold([said(owner(A), A), said(owner(None), B), said(owner(C), B)])
    assert state.owner == A and [reason for _one, reason in state.ignored] == ["not_a_lead"] * 2
    # Taking over a case that is somebody's is taking it: on record, with a name.
    assert fold([said(owner(A), A), said(owner(B), B)]).owner == B


def test_who_stepped_back_is_out_until_another_lead_brings_them_back() -> None:
    note, step = make("note", text="x"), make("step_back")
    state = fold([said(owner(A), A), said(step, A), said(note, A), said(note, B)])
    assert state.stepped_back == {A} and state.owner is None and len(state.notes) == 1
    assert [reason for _one, reason in state.ignored] == ["stepped_back"]
    went = said(step, A)
    back = answer(went)
    assert fold([went, said(back, A)]).stepped_back == {A}
    assert fold([went, said(back, A)]).ignored[0][1] == "own_return"
    assert fold([went, said(back, B)]).stepped_back == {A}
    state = fold([went, said(back, C), said(note, A)])
    assert state.stepped_back == frozenset() and len(state.notes) == 1


def answer(went: AuthoredRecord) -> Record:
    return make("bring_back", person=went.person.hex(), answers=went.envelope_id.hex())


def test_a_later_stepping_back_is_undone_by_no_earlier_word() -> None:
    """Anyone who keeps the feed can exchange the places of records."""
    first, second = said(make("step_back"), B), said(make("step_back"), B)
    back = said(answer(first), A)
    assert fold([first, back, second]).stepped_back == {B}
    assert fold([first, second, back]).stepped_back == {B}
    state = fold([back, first])
    assert state.stepped_back == {B} and state.ignored[0][1] == "no_step_back"
    assert fold([first, back]).step_backs == {} and fold([first]).step_backs == {B: first}


def test_a_case_is_handed_to_nobody_who_stepped_back() -> None:
    state = fold([said(make("step_back"), B), said(owner(B), A)])
    assert state.owner is None and state.ignored[0][1] == "stepped_back"
    went = said(make("step_back"), B)
    assert fold([went, said(answer(went), A), said(owner(B), A)]).owner == B


def test_a_second_key_brings_nobody_back_either() -> None:
    state = fold([said(make("bring_back", person=A.hex(), answers=IDS[0]), A)])
    assert state.ignored[0][1] == "own_return"


def test_an_observer_says_nothing_that_counts() -> None:
    one = AuthoredRecord(bytes(16), A, A, "observer", DAY, make("note", text="x"))
    state = fold([one])
    assert state.notes == state.said == () and state.ignored == ((one, "observer"),)


def test_tasks_are_edited_done_and_opened_again() -> None:
    task = make("task", task=IDS[0], text="確保", due="2026-12-01", assignee=B.hex())
    again = make("task", task=IDS[0], text="全部確保", due="", assignee="")
    done = make("task_done", task=IDS[0], done=True, day="2026-11-25")
    not_done = make("task_done", task=IDS[0], done=False, day="2026-11-26")
    [found] = fold([said(task), said(done, B)]).tasks
    assert (found.due, found.assignee, found.done) == (date(2026, 12, 1), B, date(2026, 11, 25))
    assert found.done_by is not None and found.done_by.person == B
    [found] = fold([said(task), said(done), said(again)]).tasks
    assert (found.text, found.due, found.assignee) == ("全部確保", None, None) and found.done is not None
    assert fold([said(task), said(done), said(not_done)]).tasks[0].done is None
    assert fold([said(done)]).ignored[0][1] == "no_task"


def test_labels_links_steps_and_forms() -> None:
    state = fold(
        [
            said(make("label", label="b", on=True)),
            said(make("label", label="a", on=True)),
            said(make("label", label="b", on=False)),
            said(make("link", case=IDS[0], **{"as": "related"}, on=True)),
            said(make("step", item="preserve", done=True, day="2026-11-24", not_needed=""), B),
            said(make("step", item="scope", done=True, day="2026-11-24", not_needed="")),
            said(make("step", item="scope", done=False, day="2026-11-25", not_needed="")),
            said(make("breach_form", stage="final", items={"outline": "1"})),
            said(make("breach_form", stage="final", items={"outline": "2"})),
            said(make("breach_reported", stage="final", day="2026-12-01")),
            said(make("severity", severity="high")),
            said(make("severity", severity="")),
            said(make("export", what="pdf", hash="A" * 43)),
        ],
        cause="loss",
    )
    assert state.labels == ("a",) and state.links == (bytes.fromhex(IDS[0]),)
    assert list(state.steps) == ["preserve"] and state.steps["preserve"].person == B
    assert state.forms["final"]["outline"] == "2" and state.reported["final"] == date(2026, 12, 1)
    assert (
        state.severity == "" and state.cause == "loss" and len(state.exports) == 1 and len(state.said) == 13
    )


def test_the_reporters_cause_holds_until_an_auditor_says_another() -> None:
    assert fold([], "insider").cause == "insider" and fold([], "nonsense").cause == ""
    assert fold([said(make("cause", cause="attack"))], "insider").cause == "attack"


def test_a_deletion_is_proposed_agreed_to_or_withdrawn() -> None:
    propose, agree, withdraw = (
        make("deletion", action=one, reason="") for one in ("propose", "agree", "withdraw")
    )
    assert fold([said(agree)]).ignored[0][1] == "no_proposal"
    assert len(fold([said(propose), said(agree, B)]).deletion) == 2
    assert fold([said(propose), said(withdraw, B)]).deletion == ()
    assert len(fold([said(propose), said(agree, B), said(propose, C)]).deletion) == 1
    alone = fold([said(propose), said(agree)])
    assert len(alone.deletion) == 1 and alone.ignored[0][1] == "same_person"
    last, late = (said(agree, B, DAY + timedelta(days=days)) for days in (30, 31))
    assert len(fold([said(propose), last]).deletion) == 2
    assert fold([said(propose), late]).ignored == ((late, "not_in_time"),)


def test_the_latest_word_about_the_leak_counts() -> None:
    state = fold(
        [
            said(make("breach", **GOOD["breach"])),
            said(
                make(
                    "breach",
                    aware="",
                    triggers={**TRIGGERS, "improper": "yes"},
                    persons=None,
                    entrusted="yes",
                )
            ),
        ]
    )
    assert state.breach is not None and state.breach.aware is None and state.breach.persons is None
    assert state.breach.has_to_report == "yes" and state.breach.improper


WENT = AuthoredRecord(b"\xee" * 16, B, B, "auditor", DAY, make("step_back"))
PROPOSED = AuthoredRecord(b"\xef" * 16, A, A, "lead", DAY, make("deletion", action="propose", reason=""))
AGREED = make("deletion", action="agree", reason="")


@pytest.mark.parametrize(
    ("before", "record", "person", "reason"),
    [
        ([], Record("vote", {"yes": 3}, known=False), A, "unknown"),
        ([WENT], make("note", text="x"), B, "stepped_back"),
        ([WENT], owner(B), A, "stepped_back"),
        ([WENT], answer(WENT), B, "own_return"),
        ([], owner(C), B, "not_a_lead"),
        ([said(owner(A))], owner(None), B, "not_a_lead"),
        ([], answer(WENT), A, "no_step_back"),
        ([], make("task_done", task=IDS[0], done=True, day="2026-11-25"), A, "no_task"),
        ([], AGREED, B, "no_proposal"),
        ([PROPOSED], AGREED, A, "same_person"),
    ],
)
def test_what_would_not_count_is_known_before_it_is_sent(
    before: list[AuthoredRecord], record: Record, person: bytes, reason: str
) -> None:
    new = said(record, person)
    assert reasons_against(before, new) == (reason,)
    assert fold([*before, new]).ignored[-1] == (new, reason)
    late = said(AGREED, B, DAY + timedelta(days=31))
    assert reasons_against([PROPOSED], late) == ("not_in_time",)
    assert reasons_against([], replace(new, duty="observer"))[0] in ("observer", "unknown")


def test_a_panel_is_asked_part_by_part() -> None:
    task = make("task", task=IDS[0], text="確保", due="", assignee="")
    done = make("task_done", task=IDS[0], done=True, day="2026-11-25")
    assert reasons_against([], said(together([task, done]), B)) == ()
    assert reasons_against([], said(together([done, owner(C), owner(B)]), B)) == ("no_task", "not_a_lead")


@given(histories)
def test_nothing_is_lost(history: list[AuthoredRecord]) -> None:
    state = fold(history)
    assert sorted(one.envelope_id for one in (*state.said, *(one for one, _why in state.ignored))) == [
        one.envelope_id for one in history
    ]
    assert [one.record["text"] for one in state.notes] == [
        one.record["text"] for one in state.said if one.record.type == "note"
    ]
    assert {one.id for one in state.tasks} == {
        one.record["task"] for one in state.said if one.record.type == "task"
    }


@given(histories, st.integers(0, 30))
def test_the_end_state_depends_on_the_order_alone(history: list[AuthoredRecord], at: int) -> None:
    # Folding what a desk had before and after it fetched the rest is the same as folding all of it at once.
    assert fold(history) == fold([*history[:at], *history[at:]]) and fold(history).said[
        : len(fold(history[:at]).said)
    ] == (fold(history[:at]).said)


@given(histories)
def test_who_stepped_back_says_nothing_that_counts(history: list[AuthoredRecord]) -> None:
    state, out = fold(history), set[bytes]()
    for one in state.said:
        assert one.person not in out or one.record.type == "step_back"
        if one.record.type == "step_back":
            out.add(one.person)
        elif one.record.type == "bring_back":
            assert one.duty == "lead" and one.record["person"] != one.person.hex()
            out.discard(bytes.fromhex(one.record["person"]))
    assert state.stepped_back == out and state.owner not in out or state.owner is not None


SINGLE = st.one_of(
    *[st.builds(made, st.just(type_), fields) for type_, fields in ANY.items() if type_ in SETTING]
)


@given(
    histories,
    st.lists(st.tuples(st.lists(SINGLE, min_size=1, max_size=5), st.sampled_from([A, B, C])), max_size=6),
)
def test_a_panel_says_what_its_records_say_one_by_one(
    before: list[AuthoredRecord], panels: list[tuple[list[Record], bytes]]
) -> None:
    alone = [said(record, author) for records, author in panels for record in records]
    as_one = [said(together(records), author) for records, author in panels]
    assert [part.record for whole in as_one for part in each(whole)] == [one.record for one in alone]
    apart, joined = fold([*before, *alone]), fold([*before, *as_one])
    for name in ("owner", "severity", "cause", "title", "labels", "links", "duplicates", "forms", "reported"):
        assert getattr(apart, name) == getattr(joined, name), name
    assert [reason for _entry, reason in apart.ignored] == [reason for _entry, reason in joined.ignored]


def test_a_duplicate_is_a_link_that_says_so_until_it_is_taken_off() -> None:
    def link(kind: str, on: bool) -> AuthoredRecord:
        return said(make("link", case=IDS[0], **{"as": kind}, on=on))

    assert fold([link("duplicate", True)]).duplicates == {bytes.fromhex(IDS[0])}
    assert fold([link("duplicate", True), link("related", True)]).duplicates == frozenset()
    assert fold([link("duplicate", True), link("related", False)]).links == ()


def test_of_a_guest_only_notes_count() -> None:
    guest = replace(said(make("note", text="x")), duty="guest")
    assert fold([guest]).notes == (guest,)
    for record in (
        make("owner", person=""),
        make("access", **GOOD["access"]),
        make("severity", severity="high"),
    ):
        assert fold([replace(guest, record=record)]).ignored[0][1] == "guest"


def test_a_proposal_to_change_who_reads_waits_until_it_is_refused() -> None:
    first = said(make("access", **GOOD["access"]))
    refusal = said(make("access_refused", proposal=first.envelope_id.hex(), reason="x"), B)
    assert fold([first]).access == (first,)
    assert fold([first, refusal]).access == ()
    assert fold([refusal]).ignored[0][1] == "no_access_proposal"
