"""Two auditors at one case: the second sees what the first wrote before anything of the second goes out."""

from __future__ import annotations

import secrets
from datetime import date

import pytest

from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.unseen import is_overwriting, messages_since, newest_of
from admin.desk.local.rows import CaseLine
from cases.record_subjects import subject
from cases.records import FIELDS, Record, make, together
from crypto.envelope import Kind
from tests.desk.browser import Browser, Page
from tests.desk.world import Sent, World

DAY = date(2026, 11, 23)
ID = "ab" * 16


def replies(world: World, sent: Sent) -> list[str | None]:
    return [entry.message for entry in world.reporter_sees(sent).entries[1:]]


def marked(page: Page, tag: str = "article") -> list[str]:
    texts = ["".join(element.itertext()) for element in page.all(tag)]
    return [text for text in texts if "新着" in text]


def test_the_second_answer_waits_until_the_first_one_was_shown(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    page = second.case(sent.case_id)
    browser.reply(sent.case_id, "先の返事です")
    stopped = second.reply(sent.case_id, "後の返事です", page)
    assert stopped.status == 400 and replies(world, sent) == ["先の返事です"]
    assert stopped.fields("/reply")["message"].strip() == "後の返事です"
    assert len(marked(stopped)) == 1 and "先の返事です" in marked(stopped)[0]
    assert second.reply(sent.case_id, "後の返事です", stopped).status == 200
    assert replies(world, sent) == ["先の返事です", "後の返事です"]


def test_so_does_an_answer_to_a_reporter_who_wrote_meanwhile(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    world.from_reporter(sent, {"message": "間違いでした"}, [sent.envelope_id])
    stopped = browser.reply(sent.case_id, "調べます", page)
    assert stopped.status == 400 and "間違いでした" in marked(stopped)[0]
    assert browser.reply(sent.case_id, "調べます", stopped).status == 200


def test_a_form_without_the_mark_of_its_page_sends_nothing_unseen(world: World, browser: Browser) -> None:
    sent = world.report()
    browser.reply(sent.case_id, "先の返事です")
    form = browser.case(sent.case_id).fields("/reply")
    for shown in ("", "x", secrets.token_hex(16)):
        path = f"cases/{sent.case_id.hex()}/reply"
        assert browser.post(path, form | {"shown": shown, "message": "後の返事です"}).status == 400
    assert replies(world, sent) == ["先の返事です"]


@pytest.mark.parametrize(
    ("act", "field", "first", "then"),
    [
        ("severity", "severity", "high", "low"),
        ("cause", "cause", "loss", "unknown"),
        ("label", "label", "x", "y"),
    ],
)
def test_a_field_is_not_overwritten_unseen(
    world: World, browser: Browser, act: str, field: str, first: str, then: str
) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    form = second.case(sent.case_id).fields("/look")
    path = f"cases/{sent.case_id.hex()}/record/{act}"
    browser.post(path, browser.case(sent.case_id).fields("/look") | {field: first})
    stopped = second.post(path, form | {field: then})
    if act == "label":  # another label takes no label's place
        assert stopped.status == 200
        return
    assert stopped.status == 400 and stopped.fields("/look")[field] == then
    assert len([line for line in marked(stopped, "li") if "経過" not in line]) == 1
    assert second.post(path, stopped.fields("/look")).status == 200


def test_the_same_twice_and_an_equal_value_are_no_conflict(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    path = f"cases/{sent.case_id.hex()}/record/severity"
    old = second.case(sent.case_id).fields("/look")
    form = browser.case(sent.case_id).fields("/look") | {"severity": "high"}
    for _ in range(2):
        assert browser.post(path, form).status == 200
    assert second.post(path, old | {"severity": "high"}).status == 200


def test_what_came_since_the_last_look_is_marked_once(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    assert marked(browser.case(sent.case_id)) == [] == marked(second.case(sent.case_id))
    world.from_reporter(sent, {"message": "続報です"}, [sent.envelope_id])
    second.reply(sent.case_id, "拝見しました")
    new = marked(browser.case(sent.case_id))
    assert ["続報です" in new[0], "拝見しました" in new[1], len(new)] == [True, True, 2]
    assert marked(browser.case(sent.case_id)) == [] == marked(second.case(sent.case_id))


def test_sorting_beside_the_inbox_takes_back_nothing_of_a_colleague(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    second.get()
    path, own = f"cases/{sent.case_id.hex()}", world.auditors[1].card.person.hex()
    stale = second.get(f"{path}/preview").fields("/triage")
    form = browser.case(sent.case_id).fields("/look")
    browser.post(f"{path}/record/take", form | {"target": world.auditors[0].card.person.hex()})
    assert second.post(f"{path}/triage", stale | {"severity": "high"}).status == 200
    after = second.case(sent.case_id).fields("/look")
    assert (after["severity"], after["owner"]) == ("high", world.auditors[0].card.person.hex())
    stopped = second.post(f"{path}/triage", stale | {"owner": own, "label": "x"})
    kept = stopped.fields("/triage")
    assert stopped.status == 400 and (kept["owner"], kept["label"]) == (own, "x")
    assert second.post(f"{path}/triage", kept).status == 200
    assert second.case(sent.case_id).fields("/look")["owner"] == own


def case_of(*entries: Entry) -> OpenedCase:
    report = Entry(bytes(16), Kind.REPORT, DAY, True, True)
    return OpenedCase(CaseLine(bytes(16), DAY, bytes(16), "received", 1, 1, 1), report, entries)


def said(number: int, record: Record | None = None, verified: bool = True) -> Entry:
    kind = Kind.RECORD if record else Kind.TO_REPORTER
    return Entry(bytes([number]) * 16, kind, DAY, True, verified, record=record)


def test_only_what_is_verified_and_later_counts() -> None:
    assert newest_of(case_of()) == bytes(16)
    case = case_of(said(1), said(2, make("severity", severity="low")), said(3, verified=False))
    assert newest_of(case) == b"\x03" * 16
    assert [entry.envelope_id[0] for entry in messages_since(case, bytes(16))] == [1]
    assert messages_since(case, b"\x01" * 16) == ()
    high = make("severity", severity="high")
    assert is_overwriting(case, b"\x01" * 16, high) and not is_overwriting(case, b"\x02" * 16, high)
    assert not is_overwriting(case, None, make("severity", severity="low"))
    assert not is_overwriting(case, None, make("note", text="x"))
    both = together([make("severity", severity="high"), make("title", title="x")])
    assert is_overwriting(case, None, both) and not is_overwriting(case, b"\x02" * 16, both)
    later = case_of(said(1, both))
    assert is_overwriting(later, None, make("title", title="y")) and not is_overwriting(later, None, high)


STEP = {"done": True, "day": "2026-11-23"}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (make("step", item="a", **STEP, not_needed=""), make("step", item="b", **STEP, not_needed=""), False),
        (
            make("step", item="a", **STEP, not_needed=""),
            make("step", item="a", **STEP | {"done": False}, not_needed=""),
            True,
        ),
        (make("task_done", task=ID, **STEP), make("task_done", task=ID, **STEP | {"done": False}), True),
        (
            make("breach_reported", stage="final", day=""),
            make("breach_reported", stage="preliminary", day=""),
            False,
        ),
    ],
)
def test_what_a_record_is_about(first: Record, second: Record, same: bool) -> None:
    assert (subject(first) == subject(second)) is same


def test_every_type_sets_something_or_only_adds() -> None:
    """A type that is new has to be put on one of the two sides."""
    adding = {
        "note",
        "task",
        "step_back",
        "bring_back",
        "access",
        "access_refused",
        "export",
        "deletion",
        "panel",
        "conflict",
    }  # a panel: what is in it
    setting = {name for name in FIELDS if subject(Record(name, dict.fromkeys(FIELDS[name], ""))) is not None}
    assert setting | adding == FIELDS.keys() and not setting & adding
