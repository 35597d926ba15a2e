"""How long a case is kept, and who may end it: two different persons. Pure: "today" is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cases import status
from cases.status import Step

PROPOSAL_DAYS: Final = 30
"""A proposal that nobody agreed to is over after so many days: an old word must not meet a new one."""


@dataclass(frozen=True)
class Proposal:
    """One signed wish to delete a case."""

    person: bytes
    day: date


def ends_on(steps: Sequence[Step], retention_days: int | None) -> date | None:
    """Return the last day on which a closed case is kept; None while it is open, or without a term.

    `steps`: oldest first; `retention_days`: after the close; None: no term.
    """
    if retention_days is None or not steps or steps[-1].status != status.CLOSED:
        return None
    closed = steps[-1].day
    return closed + timedelta(days=min(retention_days, (date.max - closed).days))


def past_term(steps: Sequence[Step], retention_days: int | None, today: date) -> bool:
    """Tell whether a closed case has been kept long enough; arguments as of `ends_on`."""
    last = ends_on(steps, retention_days)
    return last is not None and today > last


def stands(proposed: date, today: date) -> bool:
    """Tell whether what was proposed on a day can still be agreed to."""
    return 0 <= (today - proposed).days <= PROPOSAL_DAYS


def may_agree(proposal: Proposal, person: bytes, today: date) -> bool:
    """Tell whether this person's word ends the case: somebody else than who proposed, in time."""
    return person != proposal.person and stands(proposal.day, today)
