"""The investigation of a case, from its records: plan, interviews, evidence, conflicts of interest. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cases.case_state import AuthoredRecord

TYPES: Final = ("plan", "interview", "evidence", "conflict")
"""Records of an investigation; the latest word about an id (for a conflict: of a person) counts."""


@dataclass(frozen=True)
class Milestone:
    """A step planned for a day, and done on one (`records.MILESTONES`). `plan`, `day`: None for not said."""

    plan: date | None
    day: date | None
    how: str
    said: AuthoredRecord


@dataclass(frozen=True)
class Investigation:
    """The state of these records, each as its newest one. `interviews`, `evidence`: by id; `conflicts`: by the
    person who declared it.
    """

    plan: AuthoredRecord | None = None
    interviews: Mapping[str, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))
    evidence: Mapping[str, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Mapping[bytes, AuthoredRecord] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was written down."""
        return not (self.plan or self.interviews or self.evidence or self.conflicts)


class InvestigationFold:
    """The same while it grows."""

    def __init__(self) -> None:
        self._plan: AuthoredRecord | None = None
        self._kept: dict[str, dict[str, AuthoredRecord]] = {"interview": {}, "evidence": {}}
        self._conflicts: dict[bytes, AuthoredRecord] = {}

    def take(self, entry: AuthoredRecord) -> None:
        """Let a record of TYPES count."""
        record = entry.record
        if record.type == "plan":
            self._plan = entry
        elif record.type == "conflict":
            self._conflicts[entry.person] = entry
        else:
            self._kept[record.type][record[record.type]] = entry

    def state(self) -> Investigation:
        """Return the end state."""
        return Investigation(
            self._plan,
            MappingProxyType(dict(self._kept["interview"])),
            MappingProxyType(dict(self._kept["evidence"])),
            MappingProxyType(dict(self._conflicts)),
        )
