"""Which of a case's clocks still count, and which are shown first. Pure: "today" is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cases.deadlines import AWARE, FINAL, FOLLOW_UP, PRELIMINARY, RETENTION, TASK, Deadline


def running(deadlines: Sequence[Deadline], is_closed: bool) -> tuple[Deadline, ...]:
    """Return the clocks that still count: in a closed case the look whether the correction works, and the reports to
    the authority that are owed. Closing a case ends no duty of the law.
    """
    return tuple(
        deadline
        for deadline in deadlines
        if not is_closed
        or deadline.id == FOLLOW_UP
        or (deadline.id in (PRELIMINARY, FINAL) and deadline.due is not None and not deadline.asks)
    )


def urgent(deadlines: Sequence[Deadline], today: date) -> tuple[Deadline, ...]:
    """Return what is past its last day, those of the law first and of the tasks the oldest only; then AWARE, and the
    next one to come."""
    past, coming = _past_and_coming(deadlines, today)
    asked = [deadline for deadline in coming if deadline.id == AWARE]
    return (*past, *asked, *[deadline for deadline in coming if deadline.id != AWARE][:1])


def outlook(deadlines: Sequence[Deadline], today: date) -> tuple[Deadline, ...]:
    """Return the same with everything of the law that is to come: a task never takes its place."""
    past, coming = _past_and_coming(deadlines, today)
    own = [deadline for deadline in coming if _is_own(deadline)][:1]
    return (*past, *[deadline for deadline in coming if not _is_own(deadline) or deadline in own])


def _past_and_coming(
    deadlines: Sequence[Deadline], today: date
) -> tuple[tuple[Deadline, ...], tuple[Deadline, ...]]:
    running = [
        deadline
        for deadline in deadlines
        if deadline.due and deadline.done is None and deadline.id != RETENTION
    ]
    running.sort(key=lambda deadline: deadline.due or date.max)
    past = [deadline for deadline in running if deadline.is_past(today)]
    tasks = [deadline for deadline in past if deadline.id == TASK]
    law_first = sorted((deadline for deadline in past if deadline.id != TASK), key=_is_own)
    return (*law_first, *tasks[:1]), tuple(deadline for deadline in running if not deadline.is_past(today))


def _is_own(deadline: Deadline) -> bool:
    return deadline.rule is None and deadline.id != AWARE


def next_due(deadlines: Sequence[Deadline]) -> date | None:
    """Return the earliest last day of what is not met; what can be deleted some day does not count."""
    days = [
        deadline.due
        for deadline in deadlines
        if deadline.due and deadline.done is None and deadline.id != RETENTION
    ]
    return min(days, default=None)
