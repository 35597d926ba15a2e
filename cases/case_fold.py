"""Folds the records of a case into its state. Pure.

Records are only ever appended. Their meaning (`fold`) depends on nothing but their order, which is the feed's: two
auditors who write at once lose nothing, and all desks see the same end state. A record that may not count is kept
beside it with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cases import categories, retention, roles
from cases.case_state import AuthoredRecord, Breach, CaseState, Task
from cases.days import parse_day
from cases.form import CAUSES
from cases.investigation import InvestigationFold, Milestone
from cases.records import Record, parts_of

GUEST_RECORDS: Final = frozenset({"note", "step_back"})
"""Types of records that count of a guest, to whom the case was given."""


def fold(said: Sequence[AuthoredRecord], cause: str = "", category: str = "") -> CaseState:
    """Return what records say together, in the order given (the feed's). `cause`, `category`: the reporter's choice."""
    state = _Fold(cause, category)
    for entry in (part for whole in said for part in each(whole)):
        reason = state.why_not(entry)
        state.history.append((entry, reason))
        if not reason:
            state.take(entry)
    return state.state()


def reasons_against(said: Sequence[AuthoredRecord], new: AuthoredRecord) -> tuple[str, ...]:
    """Return why something new would not count behind these records (reasons as in `CaseState.ignored`), one reason for
    each part that would not; empty when all of it would.
    """
    state, reasons = _Fold(), []
    for entry in (part for whole in said for part in each(whole)):
        if not state.why_not(entry):
            state.take(entry)
    for entry in each(new):
        reason = state.why_not(entry)
        if reason:
            reasons.append(reason)
        else:
            state.take(entry)
    return tuple(reasons)


def each(said: AuthoredRecord) -> tuple[AuthoredRecord, ...]:
    """Return what was said as single records: those of a `panel` one by one, by the same author on the same day."""
    return tuple(replace(said, record=record) for record in parts_of(said.record))


class _Fold:
    """The state while it grows."""

    def __init__(self, cause: str = "", category: str = "") -> None:
        self.values: dict[str, Any] = {
            "cause": cause if cause in CAUSES else "",
            "category": category if category in categories.OFFERED else categories.LEAK,
        }
        self.labels: dict[str, None] = {}
        self.links: dict[bytes, str] = {}
        self.tasks: dict[str, Task] = {}
        self.steps: dict[str, AuthoredRecord] = {}
        self.forms: dict[str, Mapping[str, str]] = {}
        self.reported: dict[str, date] = {}
        self.milestones: dict[str, Milestone] = {}
        self.investigation = InvestigationFold()
        self.decisions: dict[int, AuthoredRecord] = {}
        self.back: dict[bytes, AuthoredRecord] = {}
        self.notes: list[AuthoredRecord] = []
        self.exports: list[AuthoredRecord] = []
        self.access: dict[str, AuthoredRecord] = {}
        self.deletion: list[AuthoredRecord] = []
        self.history: list[tuple[AuthoredRecord, str]] = []

    def why_not(self, entry: AuthoredRecord) -> str:
        """Return why a record does not count; "" when it does."""
        record = entry.record
        if not record.known:
            return "unknown"
        if roles.reads_given_cases(entry.duty):
            return "" if record.type in GUEST_RECORDS else "guest"
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
            case "access_refused" if record["proposal"] not in self.access:
                return "no_access_proposal"
            case "task_done" if record["task"] not in self.tasks:
                return "no_task"
            case "deletion" if record["action"] == "agree":
                return self._why_no_agreement(entry)
        return ""

    def _answers(self, entry: AuthoredRecord) -> bool:
        """Tell whether it names the stepping back that holds now: a later one is undone by no earlier word."""
        back = self.back.get(bytes.fromhex(entry.record["person"]))
        return back is not None and back.envelope_id.hex() == entry.record["answers"]

    def _why_no_owner(self, entry: AuthoredRecord) -> str:
        to = _person(entry.record["person"])
        if to in self.back:
            return "stepped_back"
        return (
            "" if roles.may_assign(entry.duty, entry.person, to, self.values.get("owner")) else "not_a_lead"
        )

    def _why_no_agreement(self, entry: AuthoredRecord) -> str:
        """Deletion takes two persons within `retention.PROPOSAL_DAYS`; what the server did is shown beside it."""
        if not self.deletion:
            return "no_proposal"
        proposal = retention.Proposal(self.deletion[0].person, self.deletion[0].day)
        if entry.person == proposal.person:
            return "same_person"
        return "" if retention.may_agree(proposal, entry.person, entry.day) else "not_in_time"

    def take(self, entry: AuthoredRecord) -> None:
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
                self.links.pop(bytes.fromhex(record["case"]), None)
                if record["on"]:
                    self.links[bytes.fromhex(record["case"])] = record["as"]
            case "owner":
                self.values["owner"] = _person(record["person"])
            case "severity" | "cause" | "category" | "title":
                self.values[record.type] = record[record.type]
            case "step":
                self.steps.pop(record["item"], None)
                if record["done"] or record["not_needed"]:
                    self.steps[record["item"]] = entry
            case (
                "breach"
                | "breach_form"
                | "breach_reported"
                | "milestone"
                | "decision"
                | "plan"
                | "interview"
                | "evidence"
                | "conflict"
            ):
                self._fact(entry)
            case "step_back" | "bring_back" | "access" | "access_refused":
                self._way(entry)
            case "export":
                self.exports.append(entry)
            case "deletion":
                self._deletion(entry)

    def _task(self, entry: AuthoredRecord) -> None:
        record, before = entry.record, self.tasks.get(entry.record["task"])
        due = parse_day(record["due"]) if record["due"] else None
        done, done_by = (before.done, before.done_by) if before else (None, None)
        first = before.said if before else entry
        self.tasks[record["task"]] = Task(
            record["task"], record["text"], due, _person(record["assignee"]), first, done, done_by
        )

    def _task_done(self, entry: AuthoredRecord) -> None:
        record, task = entry.record, self.tasks[entry.record["task"]]
        done = parse_day(record["day"]) if record["done"] else None
        self.tasks[task.id] = Task(
            task.id, task.text, task.due, task.assignee, task.said, done, entry if done else None
        )

    def _fact(self, entry: AuthoredRecord) -> None:
        record = entry.record
        match record.type:
            case "breach":
                aware = parse_day(record["aware"]) if record["aware"] else None
                triggers = MappingProxyType(dict(record["triggers"]))
                self.values["breach"] = Breach(aware, triggers, record["persons"], entry, record["entrusted"])
            case "breach_form":
                self.forms[record["stage"]] = MappingProxyType(dict(record["items"]))
            case "breach_reported":
                self._reported(record)
            case "milestone":
                self._milestone(entry)
            case "plan" | "interview" | "evidence" | "conflict":
                self.investigation.take(entry)
            case "decision":
                self.decisions[record["sequence"]] = entry

    def _reported(self, record: Record) -> None:
        self.reported.pop(record["stage"], None)
        if record["day"]:
            self.reported[record["stage"]] = parse_day(record["day"])

    def _milestone(self, entry: AuthoredRecord) -> None:
        record = entry.record
        plan, day = (parse_day(record[name]) if record[name] else None for name in ("plan", "day"))
        self.milestones[record["what"]] = Milestone(plan, day, record["how"], entry)

    def _way(self, entry: AuthoredRecord) -> None:
        if entry.record.type in ("access", "access_refused"):
            self._access(entry)
            return
        if entry.record.type == "bring_back":
            self.back.pop(bytes.fromhex(entry.record["person"]), None)
            return
        self.back[entry.person] = entry
        if self.values.get("owner") == entry.person:
            self.values["owner"] = None

    def _access(self, entry: AuthoredRecord) -> None:
        if entry.record.type == "access":
            self.access[entry.envelope_id.hex()] = entry
        else:
            self.access.pop(entry.record["proposal"], None)

    def _deletion(self, entry: AuthoredRecord) -> None:
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
            category=self.values["category"],
            title=self.values.get("title", ""),
            labels=tuple(sorted(self.labels)),
            tasks=tuple(self.tasks.values()),
            notes=tuple(self.notes),
            links=tuple(self.links),
            duplicates=frozenset(case for case, kind in self.links.items() if kind == "duplicate"),
            steps=MappingProxyType(self.steps),
            breach=self.values.get("breach"),
            forms=MappingProxyType(self.forms),
            reported=MappingProxyType(self.reported),
            milestones=MappingProxyType(self.milestones),
            investigation=self.investigation.state(),
            decisions=MappingProxyType(self.decisions),
            step_backs=MappingProxyType(dict(self.back)),
            exports=tuple(self.exports),
            access=tuple(self.access.values()),
            deletion=tuple(self.deletion),
            said=tuple(entry for entry, reason in self.history if not reason),
            ignored=tuple((entry, reason) for entry, reason in self.history if reason),
            history=tuple(self.history),
        )


def _person(text: str) -> bytes | None:
    return bytes.fromhex(text) if text else None


def _turn(members: dict[Any, None], what: Any, on: bool) -> None:
    if on:
        members.setdefault(what)
    else:
        members.pop(what, None)
