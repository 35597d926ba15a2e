"""One history of a case out of everything that is known of it: messages, statuses, records, reading. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from admin.desk.casework.case_entries import Entry, StatusEntry
from admin.desk.casework.opened_case import OpenedCase
from cases.case_state import AuthoredRecord
from cases.record_subjects import subject
from cases.records import Record
from crypto.envelope import Kind

GROUPS: Final = (
    "messages",
    "status",
    "notes",
    "tasks",
    "work",
    "leak",
    "files",
    "access",
    "deletion",
    "reading",
)
"""Filters of a history."""
REPORTER: Final = "reporter"
"""Stands for the reporter where a history is narrowed to one person's acts."""

_GROUP_OF: Final = {
    "note": "notes",
    "task": "tasks",
    "task_done": "tasks",
    "step": "tasks",
    "breach": "leak",
    "breach_form": "leak",
    "breach_reported": "leak",
    "milestone": "tasks",
    "decision": "status",
    "export": "files",
    "step_back": "access",
    "bring_back": "access",
    "access": "access",
    "access_refused": "access",
    "deletion": "deletion",
}
"""The group of each type of record; all others say who works a case and how: `work`."""


@dataclass(frozen=True)
class CaseReading:
    """A person opened the case on a day, as the person's own desk has noted it."""

    day: date
    person: bytes


@dataclass(frozen=True, repr=False)
class TimelineEntry:
    """One thing that happened in a case.

    `kind`: `report`, `written_down` (by an auditor), `false_intake` (says so only),
    `message`, `form`, `new_code`, `reply`, `status`, `record`,
    `unreadable` (a record of a later version), `closed` (can't be opened), `nobody` (not verified) or `reading`;
    then `entry`, `status` or `record` says what. `person`: who did it, b"" for the reporter, None where nothing
    shows it. `reason`: why a record does not count (`cases.case_fold`). `times`: how often the same person recorded
    the same on the same day; `unchanged`: it held already.
    """

    kind: str
    group: str
    day: date
    person: bytes | None = None
    envelope_id: bytes = b""
    entry: Entry | None = None
    status: StatusEntry | None = None
    record: AuthoredRecord | None = None
    reason: str = ""
    times: int = 1
    unchanged: bool = False

    @property
    def has_files(self) -> bool:
        """Tell whether files came with it, or the case left the desk in it."""
        return self.group == "files" or bool(self.entry and self.entry.files)

    def is_of(self, person: str) -> bool:
        """Tell whether a person did it: `REPORTER` or the hexadecimal digits of an id."""
        return self.person is not None and (self.person.hex() or REPORTER) == person


def timeline(case: OpenedCase, reading: Iterable[CaseReading] = ()) -> tuple[TimelineEntry, ...]:
    """Return everything that happened in a case, in the feed's order; reading behind the rest of its day."""
    records = _records(case)
    placed: list[tuple[int, TimelineEntry]] = []
    if case.report is not None:
        placed.append((0, _of_report(case, case.report)))
    for entry in case.shown:
        if entry.verified and entry.record:
            placed += [(entry.seq, said) for said in records.pop(entry.envelope_id, ())]
        else:
            placed.append((entry.seq, _of_entry(entry, _kind_of(entry))))
    for status in case.statuses:
        person = status.author.person if status.verified and status.author else None
        placed.append((status.seq, TimelineEntry("status", "status", status.day, person, status=status)))
    happened = [entry for _seq, entry in sorted(placed, key=lambda pair: pair[0])]
    return _with_reading(_once(happened), reading)


def narrowed(
    entries: Sequence[TimelineEntry], group: str = "", person: str = ""
) -> tuple[TimelineEntry, ...]:
    """Return what belongs to a group (of `GROUPS`) and was done by a person (`TimelineEntry.is_of`); "": all."""
    return tuple(
        entry
        for entry in entries
        if (not group or entry.group == group or (group == "files" and entry.has_files))
        and (not person or entry.is_of(person))
    )


def persons_in(entries: Sequence[TimelineEntry]) -> tuple[bytes, ...]:
    """Return who did something, each once, in the order in which they first did; b"" for the reporter."""
    return tuple(dict.fromkeys(entry.person for entry in entries if entry.person is not None))


def _of_report(case: OpenedCase, report: Entry) -> TimelineEntry:
    """Return how a case began: who wrote its report down, where that was an auditor."""
    if case.written_down is None:
        return _of_entry(report, "report")
    author = case.written_down.author
    kind, person = ("written_down", author.person) if author else ("false_intake", None)
    return replace(_of_entry(report, kind), person=person)


def _kind_of(entry: Entry) -> str:
    if not entry.opened:
        return "closed"
    if not entry.verified:
        return "nobody"
    if entry.kind == Kind.RECORD:
        return "unreadable"
    if entry.kind == Kind.TO_REPORTER:
        return "reply"
    if entry.new_code:
        return "new_code"
    return "message" if entry.message is not None or not entry.answers else "form"


def _of_entry(entry: Entry, kind: str) -> TimelineEntry:
    person = None
    if entry.verified:
        person = entry.author.person if entry.author else b""
    group = "work" if kind == "unreadable" else "messages"
    return TimelineEntry(kind, group, entry.day, person, entry.envelope_id, entry=entry)


def _records(case: OpenedCase) -> dict[bytes, list[TimelineEntry]]:
    """Return what was recorded, by the envelope that it came in: a panel's records are single entries."""
    records: dict[bytes, list[TimelineEntry]] = {}
    for said, reason in case.state.history:
        group = _GROUP_OF.get(said.record.type, "work")
        new = TimelineEntry(
            "record", group, said.day, said.person, said.envelope_id, record=said, reason=reason
        )
        records.setdefault(said.envelope_id, []).append(new)
    return records


def _once(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Count what the same person recorded again on the same day, and mark what held already."""
    held: dict[tuple[str, ...], str] = {}
    last: dict[tuple[bytes | None, date, str, str], int] = {}
    kept: list[TimelineEntry] = []
    for entry in entries:
        record = entry.record.record if entry.record else None
        if record is None or entry.reason or not record.known:
            kept.append(entry)
            continue
        key, value = _about(record)
        if record.type == "step_back":
            held.pop(("owner",), None)  # anyone who steps back is no owner any more
        same = key is not None and held.get(key) == value
        before = last.get((entry.person, entry.day, record.type, value))
        if before is not None and (same or key is None):
            kept[before] = replace(kept[before], times=kept[before].times + 1)
            continue
        if key is not None:
            held[key] = value
        last[entry.person, entry.day, record.type, value] = len(kept)
        kept.append(replace(entry, unchanged=same))
    return kept


def _about(record: Record) -> tuple[tuple[str, ...] | None, str]:
    """Return what a record sets (None: it only adds), and its fields as text, which can be compared."""
    key = ("task", str(record["task"])) if record.type == "task" else subject(record)
    return key, json.dumps(dict(record.fields), sort_keys=True)


def _with_reading(
    entries: Sequence[TimelineEntry], reading: Iterable[CaseReading]
) -> tuple[TimelineEntry, ...]:
    merged = list(entries)
    for read in sorted(reading, key=lambda reading: (reading.day, reading.person)):
        place = next((index for index, entry in enumerate(merged) if entry.day > read.day), len(merged))
        merged.insert(place, TimelineEntry("reading", "reading", read.day, read.person))
    return tuple(merged)
