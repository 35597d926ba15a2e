"""What auditors write down about a case, sealed among them (docs/format.md, section 2.11). Pure.

A record is one thing that somebody says: a note, a task, who owns the case, a step of the playbook that was
done. Records are only ever appended. What they say together (`fold`) depends on nothing but their order,
which is the feed's: two auditors who write at once lose nothing, and all desks see the same end state. What
may not count is kept beside it with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cases import breach, retention, roles
from cases.days import parse_day
from cases.form import CAUSES

MAX_TEXT: Final = 20_000
"""Characters (code points) of a text."""
MAX_LABEL: Final = 40
MAX_PERSONS: Final = 10**10
SEVERITIES: Final = ("low", "medium", "high", "critical")
STAGES: Final = ("preliminary", "final")
EXPORTS: Final = ("pdf", "folder", "csv")
DELETION: Final = ("propose", "withdraw", "agree")
YEARS: Final = range(2000, 3000)
"""Years of a record's days: a day at the calendar's end must not make a clock count past it."""

_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
_ITEM: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
# 32 bytes have one spelling (docs/format.md, 0.2): the last letter has two unused bits, which are zero.
_HASH: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
_NOT_IN_A_LINE: Final = ("Cc", "Zl", "Zp")

Check = Callable[[object], bool]


class BadRecord(ValueError):
    """A record that is not as the format says. `code`: "type", "fields", or the name of the field."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Record:
    """One record: its type and its fields, checked. A type that this version does not know has `known` False."""

    type: str
    fields: Mapping[str, Any]
    known: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def as_json(self) -> dict[str, Any]:
        """Return the object that stands in the payload."""
        return {"type": self.type, **self.fields}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and bool(value.strip())


def _or_empty(check: Check) -> Check:
    return lambda value: value == "" or check(value)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and parse_day(value).year in YEARS
    except ValueError:
        return False


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and bool(pattern.match(value))


def _one_of(allowed: Sequence[str]) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def _is_label(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_LABEL
        and value == value.strip()
        and not any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in value)
    )


def _is_number(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MAX_PERSONS)


def _are_triggers(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(breach.TRIGGER_IDS)
        and all(answer in breach.ANSWERS for answer in value.values())
    )


def _are_items(value: object) -> bool:
    return (
        isinstance(value, dict) and set(value) <= set(breach.ITEM_IDS) and all(map(_is_text, value.values()))
    )


_IS_ID: Final = _matches(_ID)
FIELDS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "note": {"text": _is_text},
        "task": {"task": _IS_ID, "text": _is_text, "due": _or_empty(_is_day), "assignee": _or_empty(_IS_ID)},
        "task_done": {"task": _IS_ID, "done": _is_bool, "day": _is_day},
        "label": {"label": _is_label, "on": _is_bool},
        "owner": {"person": _or_empty(_IS_ID)},
        "severity": {"severity": _or_empty(_one_of(SEVERITIES))},
        "cause": {"cause": _or_empty(_one_of(CAUSES))},
        "link": {"case": _IS_ID, "on": _is_bool},
        "step": {"item": _matches(_ITEM), "done": _is_bool, "day": _is_day},
        "breach": {
            "aware": _or_empty(_is_day),
            "triggers": _are_triggers,
            "persons": _is_number,
        },
        "breach_form": {"stage": _one_of(STAGES), "items": _are_items},
        "breach_reported": {"stage": _one_of(STAGES), "day": _or_empty(_is_day)},
        "step_back": {},
        "bring_back": {"person": _IS_ID, "answers": _IS_ID},
        "export": {"what": _one_of(EXPORTS), "hash": _matches(_HASH)},
        "deletion": {"action": _one_of(DELETION), "reason": _or_empty(_is_text)},
    }
)
"""The fields of each type; a record has exactly these."""


def parse(found: object) -> Record:
    """Return a record out of a payload. Raises BadRecord."""
    if not isinstance(found, Mapping) or not isinstance(found.get("type"), str):
        raise BadRecord("type")
    given = {name: value for name, value in found.items() if name != "type"}
    checks = FIELDS.get(found["type"])
    if checks is None:
        return Record(found["type"], MappingProxyType(given), known=False)
    if given.keys() != checks.keys():
        raise BadRecord("fields")
    for name, check in checks.items():
        if not check(given[name]):
            raise BadRecord(name)
    return Record(found["type"], MappingProxyType(given))


def make(type_: str, **fields: Any) -> Record:
    """Return a new record. Raises BadRecord, also for a type that is not known."""
    if type_ not in FIELDS:
        raise BadRecord("type")
    return parse({"type": type_, **fields})


@dataclass(frozen=True)
class Said:
    """One verified record: who said it (key, person, duty), on which day."""

    envelope_id: bytes
    author: bytes
    person: bytes
    duty: str
    day: date
    record: Record


@dataclass(frozen=True)
class Task:
    """Something to do. `assignee`: a person, None: nobody yet. `done`: the day; `done_by`: who said so."""

    id: str
    text: str
    due: date | None
    assignee: bytes | None
    said: Said
    done: date | None = None
    done_by: Said | None = None


@dataclass(frozen=True)
class Breach:
    """What was established about the leak. `aware`: the day on which the company became aware, None: not known."""

    aware: date | None
    triggers: Mapping[str, str]
    persons: int | None
    said: Said

    @property
    def improper(self) -> bool:
        """Whether an improper purpose is likely: the final report has 60 days then."""
        return self.triggers.get("improper") == "yes"

    @property
    def has_to_report(self) -> str:
        """Whether the leak has to be reported: "yes", "no" or "unknown"."""
        return breach.has_to_report(self.triggers)


@dataclass(frozen=True)
class CaseState:
    """What the records of a case say together."""

    owner: bytes | None = None
    severity: str = ""
    cause: str = ""
    labels: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[Said, ...] = ()
    links: tuple[bytes, ...] = ()
    steps: Mapping[str, Said] = field(default_factory=lambda: MappingProxyType({}))
    """The playbook's items that are done, by the record that says so."""
    breach: Breach | None = None
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    reported: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    step_backs: Mapping[bytes, Said] = field(default_factory=lambda: MappingProxyType({}))
    """Persons who gave their access up and were not brought back, with the record that says so."""
    exports: tuple[Said, ...] = ()
    deletion: tuple[Said, ...] = ()
    """The proposal that stands, and what was said to it; empty: none."""
    said: tuple[Said, ...] = ()
    """All that counts, in order: the history."""
    ignored: tuple[tuple[Said, str], ...] = ()
    """What does not count, with the reason: "unknown", "observer", "stepped_back", "own_return",
    "not_a_lead", "no_step_back", "no_task", "no_proposal", "same_person", "not_in_time"."""

    @property
    def stepped_back(self) -> frozenset[bytes]:
        """Persons who gave their access up and were not brought back."""
        return frozenset(self.step_backs)


def fold(said: Sequence[Said], cause: str = "") -> CaseState:
    """Return what records say together, in the order given (the feed's). `cause`: what the reporter chose."""
    room = _Room(cause=cause)
    for entry in said:
        reason = room.why_not(entry)
        if reason:
            room.ignored.append((entry, reason))
        else:
            room.take(entry)
            room.said.append(entry)
    return room.state()


class _Room:
    """The state while it grows."""

    def __init__(self, cause: str) -> None:
        self.values: dict[str, Any] = {"cause": cause if cause in CAUSES else ""}
        self.labels: dict[str, None] = {}
        self.links: dict[bytes, None] = {}
        self.tasks: dict[str, Task] = {}
        self.steps: dict[str, Said] = {}
        self.forms: dict[str, Mapping[str, str]] = {}
        self.reported: dict[str, date] = {}
        self.back: dict[bytes, Said] = {}
        self.notes: list[Said] = []
        self.exports: list[Said] = []
        self.deletion: list[Said] = []
        self.said: list[Said] = []
        self.ignored: list[tuple[Said, str]] = []

    def why_not(self, entry: Said) -> str:
        """Return why a record does not count; "" when it does."""
        record = entry.record
        if not record.known:
            return "unknown"
        if not roles.reads_reports(entry.duty):
            return "observer"
        # Stepping back again counts: what brings back has to answer the last one.
        if entry.person in self.back and record.type != "step_back":
            return "own_return" if record.type == "bring_back" else "stepped_back"
        match record.type:
            case "owner":
                return self._why_no_owner(entry)
            case "bring_back" if record["person"] == entry.person.hex():
                # "can't be brought back by themselves" holds for a second key of the same person too.
                return "own_return"
            case "bring_back" if not roles.may_bring_back(
                entry.duty, entry.person, bytes.fromhex(record["person"])
            ):
                return "not_a_lead"
            case "bring_back" if not self._answers(entry):
                return "no_step_back"
            case "task_done" if record["task"] not in self.tasks:
                return "no_task"
            case "deletion" if record["action"] == "agree":
                return self._why_no_agreement(entry)
        return ""

    def _answers(self, entry: Said) -> bool:
        """Tell whether it names the stepping back that holds now: a later one is undone by no earlier word."""
        back = self.back.get(bytes.fromhex(entry.record["person"]))
        return back is not None and back.envelope_id.hex() == entry.record["answers"]

    def _why_no_owner(self, entry: Said) -> str:
        to = _person(entry.record["person"])
        if to in self.back:
            return "stepped_back"
        return (
            "" if roles.may_assign(entry.duty, entry.person, to, self.values.get("owner")) else "not_a_lead"
        )

    def _why_no_agreement(self, entry: Said) -> str:
        """Deletion takes two persons within `retention.PROPOSAL_DAYS`; what the server did is shown beside it."""
        if not self.deletion:
            return "no_proposal"
        proposal = retention.Proposal(self.deletion[0].person, self.deletion[0].day)
        if entry.person == proposal.person:
            return "same_person"
        return "" if retention.may_agree(proposal, entry.person, entry.day) else "not_in_time"

    def take(self, entry: Said) -> None:
        """Let a record count."""
        record = entry.record
        match record.type:
            case "note":
                self.notes.append(entry)
            case "task":
                self._task(entry)
            case "task_done":
                self._task_done(entry)
            case "label":
                _turn(self.labels, record["label"], record["on"])
            case "link":
                _turn(self.links, bytes.fromhex(record["case"]), record["on"])
            case "owner":
                self.values["owner"] = _person(record["person"])
            case "severity" | "cause":
                self.values[record.type] = record[record.type]
            case "step":
                self.steps.pop(record["item"], None)
                if record["done"]:
                    self.steps[record["item"]] = entry
            case "breach":
                aware = parse_day(record["aware"]) if record["aware"] else None
                triggers = MappingProxyType(dict(record["triggers"]))
                self.values["breach"] = Breach(aware, triggers, record["persons"], entry)
            case "breach_form":
                self.forms[record["stage"]] = MappingProxyType(dict(record["items"]))
            case "breach_reported":
                self._reported(record)
            case "step_back" | "bring_back":
                self._way(entry)
            case "export":
                self.exports.append(entry)
            case "deletion":
                self._deletion(entry)

    def _task(self, entry: Said) -> None:
        record, before = entry.record, self.tasks.get(entry.record["task"])
        due = parse_day(record["due"]) if record["due"] else None
        done, done_by = (before.done, before.done_by) if before else (None, None)
        first = before.said if before else entry
        self.tasks[record["task"]] = Task(
            record["task"], record["text"], due, _person(record["assignee"]), first, done, done_by
        )

    def _task_done(self, entry: Said) -> None:
        record, task = entry.record, self.tasks[entry.record["task"]]
        done = parse_day(record["day"]) if record["done"] else None
        self.tasks[task.id] = Task(
            task.id, task.text, task.due, task.assignee, task.said, done, entry if done else None
        )

    def _reported(self, record: Record) -> None:
        self.reported.pop(record["stage"], None)
        if record["day"]:
            self.reported[record["stage"]] = parse_day(record["day"])

    def _way(self, entry: Said) -> None:
        if entry.record.type == "bring_back":
            self.back.pop(bytes.fromhex(entry.record["person"]), None)
            return
        self.back[entry.person] = entry
        if self.values.get("owner") == entry.person:
            self.values["owner"] = None

    def _deletion(self, entry: Said) -> None:
        action = entry.record["action"]
        if action == "propose":
            self.deletion = [entry]
        elif action == "withdraw":
            self.deletion = []
        else:
            self.deletion.append(entry)

    def state(self) -> CaseState:
        """Return the end state."""
        return CaseState(
            owner=self.values.get("owner"),
            severity=self.values.get("severity", ""),
            cause=self.values.get("cause", ""),
            labels=tuple(sorted(self.labels)),
            tasks=tuple(self.tasks.values()),
            notes=tuple(self.notes),
            links=tuple(self.links),
            steps=MappingProxyType(self.steps),
            breach=self.values.get("breach"),
            forms=MappingProxyType(self.forms),
            reported=MappingProxyType(self.reported),
            step_backs=MappingProxyType(dict(self.back)),
            exports=tuple(self.exports),
            deletion=tuple(self.deletion),
            said=tuple(self.said),
            ignored=tuple(self.ignored),
        )


def _person(text: str) -> bytes | None:
    return bytes.fromhex(text) if text else None


def _turn(members: dict[Any, None], what: Any, on: bool) -> None:
    if on:
        members.setdefault(what)
    else:
        members.pop(what, None)
