"""The state of a case: what its records say together (`cases.case_fold`), and what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from cases import breach, categories
from cases.investigation import Investigation, Milestone
from cases.records import Record


@dataclass(frozen=True)
class AuthoredRecord:
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
    said: AuthoredRecord
    done: date | None = None
    done_by: AuthoredRecord | None = None


@dataclass(frozen=True)
class Breach:
    """The facts about the leak. `aware`: the day on which the company became aware, None: not known."""

    aware: date | None
    triggers: Mapping[str, str]
    persons: int | None
    said: AuthoredRecord
    entrusted: str = "unknown"
    """Whether the company handles the data for another one: "yes", "no" or "unknown"."""

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
    """The state to which the records of a case fold."""

    owner: bytes | None = None
    severity: str = ""
    cause: str = ""
    category: str = categories.LEAK
    """The category: the auditors', before that the reporter's choice, a leak where neither is there."""
    title: str = ""
    labels: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[AuthoredRecord, ...] = ()
    links: tuple[bytes, ...] = ()
    duplicates: frozenset[bytes] = frozenset()
    """Those of the links that report the same."""
    steps: Mapping[str, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))
    """The playbook's items that are done or not needed, by the record that says so."""
    breach: Breach | None = None
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    reported: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    milestones: Mapping[str, Milestone] = field(default_factory=lambda: MappingProxyType({}))
    investigation: Investigation = field(default_factory=Investigation)
    """Plan, interviews, evidence, conflicts of interest."""
    decisions: Mapping[int, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))
    """Why a status was set, by its sequence."""
    step_backs: Mapping[bytes, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))
    """Persons who gave their access up and were not brought back, with the record that says so."""
    exports: tuple[AuthoredRecord, ...] = ()
    access: tuple[AuthoredRecord, ...] = ()
    """Changes of who reads the case that were proposed and not refused, in order; some may be done since."""
    deletion: tuple[AuthoredRecord, ...] = ()
    """The proposal that stands, and what was said to it; empty: none."""
    said: tuple[AuthoredRecord, ...] = ()
    """All that counts, in order: the history."""
    ignored: tuple[tuple[AuthoredRecord, str], ...] = ()
    """Records that do not count, with the reason: "unknown", "observer", "stepped_back", "own_return",
    "not_a_lead", "no_step_back", "no_task", "no_proposal", "same_person", "not_in_time", "guest",
    "no_access_proposal"."""

    history: tuple[tuple[AuthoredRecord, str], ...] = ()
    """All of both in order, each with the reason why it does not count; "" for what counts."""

    @property
    def is_leak(self) -> bool:
        """Tell whether the rules on leaks count: also in a case that is called something else, once it was established
        that the leak has to be reported. No word ends a duty of the law.
        """
        return self.category == categories.LEAK or (
            self.breach is not None and self.breach.has_to_report == "yes"
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        """Its category, and a leak where the rules on leaks count: words of `cases.categories`."""
        also = self.is_leak and self.category != categories.LEAK
        return (self.category, categories.LEAK) if also else (self.category,)

    @property
    def has_leak_part(self) -> bool:
        """Tell whether the report of a leak belongs to the case: it is one, or something of that was written before."""
        return self.is_leak or self.breach is not None or bool(self.forms or self.reported)

    @property
    def has_cause(self) -> bool:
        """Tell whether the cause of a leak belongs to the case: it is one, or a cause was set before."""
        return self.is_leak or bool(self.cause)

    @property
    def is_report(self) -> bool:
        """Tell whether the auditors take it for a report at all."""
        return self.category != categories.NOT_A_REPORT

    @property
    def stepped_back(self) -> frozenset[bytes]:
        """Persons who gave their access up and were not brought back."""
        return frozenset(self.step_backs)
