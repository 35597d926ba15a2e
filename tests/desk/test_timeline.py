"""One history of a case: everything in it, in the feed's order, each once, narrowed to a kind or a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from admin.desk.casework.case_entries import Entry, StatusEntry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.timeline import (
    GROUPS,
    REPORTER,
    CaseReading,
    TimelineEntry,
    narrowed,
    persons_in,
    timeline,
)
from admin.desk.labels.records import RECORD_NAMES
from admin.desk.local.rows import CaseLine
from cases.case_fold import each
from cases.case_state import AuthoredRecord
from cases.records import FIELDS, Record, make
from crypto.cards import Card
from crypto.envelope import Kind
from tests.cases.record_examples import GOOD
from tests.support.site import make_auditors

DAY = date(2026, 11, 20)
ONE, TWO = (auditor.card for auditor in make_auditors(2))


class Story:
    """A case that grows by one thing of the feed after the other."""

    def __init__(self) -> None:
        self.seq, self.day = 0, DAY
        self.report = self._entry(Kind.REPORT)
        self.entries: list[Entry] = []
        self.statuses: list[StatusEntry] = []
        self.said: list[AuthoredRecord] = []

    def _entry(self, kind: Kind, author: Card | None = None, **more: Any) -> Entry:
        self.seq += 1
        bare = Entry(self.seq.to_bytes(16, "big"), kind, self.day, True, True, author, seq=self.seq)
        return replace(bare, **more)

    def wrote(self, author: Card | None = None, **more: Any) -> None:
        kind = Kind.TO_REPORTER if author else Kind.FROM_REPORTER
        self.entries.append(self._entry(kind, author, **{"message": "文", **more}))

    def recorded(self, author: Card, record: Record) -> None:
        entry = self._entry(Kind.RECORD, author, record=record)
        self.entries.append(entry)
        duty = "lead" if author is ONE else "auditor"
        said = AuthoredRecord(entry.envelope_id, author.key_id, author.person, duty, self.day, record)
        self.said += each(said)

    def set_status(self, author: Card, status: str, verified: bool = True) -> None:
        self.seq += 1
        self.statuses.append(
            StatusEntry(len(self.statuses) + 1, status, self.day, author, verified, self.seq)
        )

    def case(self) -> OpenedCase:
        line = CaseLine(bytes(16), DAY, self.report.envelope_id, "received", self.seq, self.seq, 1)
        return OpenedCase(line, self.report, tuple(self.entries), tuple(self.statuses), said=tuple(self.said))

    def kinds(self) -> list[str]:
        return [what(entry) for entry in timeline(self.case())]


def what(entry: TimelineEntry) -> str:
    if entry.record:
        return entry.record.record.type
    return entry.status.status if entry.status else entry.kind


def test_everything_stands_in_the_feeds_order() -> None:
    story = Story()
    story.set_status(ONE, "investigating")
    story.recorded(ONE, make("note", text="メモ"))
    story.wrote(meaning="withdraw")
    story.wrote(TWO)
    story.recorded(TWO, make("panel", **GOOD["panel"]))
    story.wrote(message=None, answers=(("what_happened", "新"),))
    story.wrote(message=None, new_code=True)
    story.set_status(TWO, "no_fault", verified=False)
    assert story.kinds() == [
        "report", "investigating", "note", "message", "reply", "severity", "owner", "form", "new_code", "no_fault",
    ]  # fmt: skip
    entries = timeline(story.case())
    assert [entry.person for entry in entries[:5]] == [b"", ONE.person, ONE.person, b"", TWO.person]
    assert entries[-1].person is None  # a status that nobody signed is an unverified act


def test_what_nobody_signed_or_does_not_open_stands_in_its_place_without_a_person() -> None:
    story = Story()
    story.wrote(verified=False)
    story.entries.append(Entry(bytes(15) + b"c", Kind.FROM_REPORTER, DAY, seq=3))
    story.entries.append(replace(story._entry(Kind.RECORD, ONE), record=None))
    assert story.kinds() == ["report", "nobody", "closed", "unreadable"]
    assert [entry.person for entry in timeline(story.case())] == [b"", None, None, ONE.person]


def test_what_does_not_count_stands_in_its_place_with_the_reason() -> None:
    story = Story()
    story.recorded(TWO, make("owner", person=ONE.person.hex()))
    story.recorded(TWO, make("owner", person=TWO.person.hex()))
    entries = timeline(story.case())[1:]
    assert [(what(entry), entry.reason) for entry in entries] == [("owner", "not_a_lead"), ("owner", "")]
    assert not entries[1].unchanged  # what did not count set nothing


def test_the_same_recorded_twice_is_shown_once_with_its_count() -> None:
    story = Story()
    for _ in range(3):
        story.recorded(ONE, make("severity", severity="high"))
    entries = timeline(story.case())[1:]
    assert [(what(entry), entry.times, entry.unchanged) for entry in entries] == [("severity", 3, False)]


def test_what_held_already_is_marked_as_unchanged() -> None:
    story = Story()
    story.recorded(ONE, make("severity", severity="high"))
    story.recorded(TWO, make("severity", severity="high"))
    story.day += timedelta(days=1)
    story.recorded(ONE, make("severity", severity="high"))
    story.recorded(ONE, make("severity", severity="low"))
    story.recorded(ONE, make("severity", severity="high"))
    entries = timeline(story.case())[1:]
    assert [(entry.times, entry.unchanged) for entry in entries] == [
        (1, False), (1, True), (1, True), (1, False), (1, False),
    ]  # fmt: skip


def test_an_owner_who_stepped_back_takes_the_case_anew() -> None:
    story = Story()
    own = make("owner", person=TWO.person.hex())
    story.recorded(TWO, own)
    story.recorded(TWO, make("step_back"))
    story.recorded(
        ONE, make("bring_back", person=TWO.person.hex(), answers=story.entries[-1].envelope_id.hex())
    )
    story.day += timedelta(days=1)
    story.recorded(TWO, own)
    assert [(what(entry), entry.reason, entry.unchanged) for entry in timeline(story.case())[1:]] == [
        ("owner", "", False), ("step_back", "", False), ("bring_back", "", False), ("owner", "", False),
    ]  # fmt: skip


def test_notes_with_the_same_words_are_two_on_two_days() -> None:
    story = Story()
    story.recorded(ONE, make("note", text="電話しました"))
    story.recorded(ONE, make("note", text="電話しました"))
    story.day += timedelta(days=1)
    story.recorded(ONE, make("note", text="電話しました"))
    assert [entry.times for entry in timeline(story.case())[1:]] == [2, 1]


def test_reading_stands_behind_the_other_things_of_its_day() -> None:
    story = Story()
    story.day += timedelta(days=2)
    story.wrote(ONE)
    read = [CaseReading(DAY, TWO.person), CaseReading(DAY + timedelta(days=2), ONE.person)]
    entries = timeline(story.case(), read)
    assert [what(entry) for entry in entries] == ["report", "reading", "reply", "reading"]


def test_narrowed_to_a_group_and_a_person() -> None:
    story = Story()
    story.recorded(ONE, make("note", text="一"))
    story.recorded(TWO, make("note", text="二"))
    story.wrote()
    entries = timeline(story.case())
    assert persons_in(entries) == (b"", ONE.person, TWO.person)
    assert [what(entry) for entry in narrowed(entries, person=REPORTER)] == ["report", "message"]
    assert [entry.person for entry in narrowed(entries, "notes")] == [ONE.person, TWO.person]
    assert [entry.person for entry in narrowed(entries, "notes", TWO.person.hex())] == [TWO.person]
    assert narrowed(entries, "deletion") == () and narrowed(entries) == entries


@pytest.mark.parametrize("type_", sorted(set(FIELDS) - {"panel"}))
def test_every_type_of_record_has_its_place_in_one_group(type_: str) -> None:
    story = Story()
    story.recorded(ONE, make(type_, **GOOD[type_]))
    (_report, entry) = timeline(story.case())
    assert entry.group in GROUPS
    groups = [group for group in GROUPS if narrowed([entry], group)]
    assert groups == [entry.group]
    assert type_ in RECORD_NAMES, "its name, for history and exports"
