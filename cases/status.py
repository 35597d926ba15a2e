"""The statuses of a case and which may follow which.

A case starts as "received": this is implicit (sequence 0) and signed by nobody. Every later status is set
by an auditor and stored from sequence 1 on. What a status is called in a language is the applications'
business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

RECEIVED: Final = "received"
INVESTIGATING: Final = "investigating"
NOT_INVESTIGATING: Final = "not_investigating"
CORRECTED: Final = "corrected"
NO_FAULT: Final = "no_fault"
CLOSED: Final = "closed"

STATUSES: Final[tuple[str, ...]] = (RECEIVED, INVESTIGATING, NOT_INVESTIGATING, CORRECTED, NO_FAULT, CLOSED)

ALLOWED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        RECEIVED: frozenset({INVESTIGATING, NOT_INVESTIGATING}),
        INVESTIGATING: frozenset({CORRECTED, NO_FAULT}),
        NOT_INVESTIGATING: frozenset({CLOSED}),
        CORRECTED: frozenset({CLOSED}),
        NO_FAULT: frozenset({CLOSED}),
        # A closed case can be taken up again: new evidence must never need a new report.
        CLOSED: frozenset({INVESTIGATING}),
    }
)


DECIDED: Final = frozenset({INVESTIGATING, NOT_INVESTIGATING})
"""Statuses that end the wait for a notice: investigated, or decided not to."""
RESULTS: Final = frozenset({CORRECTED, NO_FAULT})
"""Results of an investigation."""


@dataclass(frozen=True)
class Step:
    """A status (sequence 1 on) and the day in Japan on which it was set."""

    status: str
    day: date


def first_day(steps: Sequence[Step], statuses: Collection[str]) -> date | None:
    """Return the day of the first step with one of these statuses; None without any. `steps`: oldest first."""
    return next((step.day for step in steps if step.status in statuses), None)


class IllegalTransition(ValueError):
    """A status that may not follow the one before it, or a word that is no status."""


def allowed_next(status: str) -> tuple[str, ...]:
    """Return the statuses that may follow `status`, in the order of STATUSES (for a page's choices)."""
    return tuple(new for new in STATUSES if new in ALLOWED.get(status, ()))


def check_transition(old: str, new: str) -> None:
    """Raise IllegalTransition unless a case with status `old` may get status `new`."""
    if new not in ALLOWED.get(old, ()):
        raise IllegalTransition("this status may not follow the one before it")


def current(statuses: Sequence[str]) -> str:
    """Return the present status of a case from its stored statuses (sequence 1 on, oldest first)."""
    return statuses[-1] if statuses else RECEIVED


def check_history(statuses: Sequence[str]) -> None:
    """Raise IllegalTransition unless the stored statuses are a walk from "received" that the rules allow."""
    before = RECEIVED
    for status in statuses:
        check_transition(before, status)
        before = status
