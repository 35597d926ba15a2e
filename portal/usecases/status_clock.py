"""The reporter's clock on the status page: what the days of a case open, and which channels follow from it.

It uses the days that the server stores, and no text. No Flask in here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cases import reporter_clock
from cases.lodging import written_down
from cases.reporter_clock import ReporterClock
from cases.routing import Answers
from cases.status import Step
from crypto.envelope import Kind, decode
from crypto.roster import Roster
from portal.context import Portal
from portal.usecases.conversation import Conversation
from store import cases as store_cases
from store.cases import CaseRow
from store.db import reading


@dataclass(frozen=True)
class Clock:
    """The state of a case, and the days that it follows from."""

    terms: ReporterClock
    lodged: date
    steps: tuple[Step, ...]
    follows_from: Hashable = None
    """All that the rest follows from: days, statuses, yes or no."""


def of_case(case: Conversation, roster: Roster, designated: bool, today: date) -> Clock | None:
    """Return the clock of a case; None where its days contradict each other, or it was not in writing (then nothing is
    claimed)."""
    steps = tuple(Step(entry.status, entry.day) for entry in case.statuses)
    message_days = [entry.day for entry in case.entries if entry.author is not None]
    lodged: date | None = case.stored.case.received_day
    if case.written is not None and case.written.said is not None and lodged is not None:
        # A call or a talk starts no 20 days; a letter does on the day on which it came.
        lodged = written_down(lodged, case.written.said.channel, case.written.said.day).written
    if lodged is None:
        return None
    return _clock(lodged, steps, tuple(message_days), designated, today, _can_be_opened(case, roster))


def of_rows(here: Portal, case: CaseRow, designated: bool, today: date) -> Clock | None:
    """Return the clock of a case that only its reporter's page can open, from the days that are stored.

    Whether an active auditor can open it follows from the report's slots; the reporter's exclusions are not known
    here.
    """
    with reading(here.engine) as conn:
        statuses = store_cases.statuses(conn, case.case_id)
        envelopes = store_cases.envelopes(conn, case.case_id)
        active = here.roster(conn).listing.readers()
    slots = {slot.key_id for slot in decode(envelopes[0].raw).slots} if envelopes else active
    steps = tuple(Step(row.status, row.day) for row in statuses)
    message_days = [row.day for row in envelopes if row.kind == Kind.TO_REPORTER]
    days = tuple(message_days)
    return _clock(case.received_day, steps, days, designated, today, bool(slots & active))


@lru_cache(maxsize=256)
def _clock(
    lodged: date,
    steps: tuple[Step, ...],
    message_days: tuple[date, ...],
    designated: bool,
    today: date,
    can_be_opened: bool,
) -> Clock | None:
    try:
        terms = reporter_clock.reporter_clock(
            lodged, steps, designated, today, messages=message_days, can_be_opened=can_be_opened
        )
    except ValueError:
        return None
    return Clock(terms, lodged, steps, (lodged, steps, message_days, designated, today, can_be_opened))


def _can_be_opened(case: Conversation, roster: Roster) -> bool:
    """Tell whether an active auditor had a key to the report."""
    active = roster.listing.readers()
    return bool(active & (case.at_report - case.head.out))


def answers(clock: Clock) -> Answers:
    """Return what the guide can take from the case itself: this line was told, on which day, and what came of it."""
    return reporter_clock.answers_for(clock.lodged, clock.steps)
