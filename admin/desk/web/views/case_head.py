"""The head of a case's page: links to new messages of the reporter, and to the previous and next case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import gettext

from admin.desk.casework.access import proposals
from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.labels.clocks import CLOCKS
from admin.desk.labels.i18n import colon
from admin.desk.web.context import desk
from admin.desk.web.trail import Neighbours
from cases.case_state import CaseState
from cases.deadlines import INTERVIEW, TASK, Deadline
from crypto.envelope import Kind


def head_of(opened: OpenedCase, fresh: Collection[bytes]) -> dict[str, Any]:
    """Return what the head shows. `fresh`: ids of what others wrote since the case was looked at here."""
    return {"new_messages": new_messages(opened, fresh), "beside": neighbours(opened.line.case_id)}


def new_messages(opened: OpenedCase, fresh: Collection[bytes]) -> list[Entry]:
    """Return the reporter's messages among what is new, the oldest first."""
    own = [entry for entry in opened.entries if entry.kind == Kind.FROM_REPORTER]
    return [entry for entry in own if entry.envelope_id in fresh]


def neighbours(case_id: bytes) -> Neighbours:
    """Return the cases beside one in the list that it was opened from; the local copy is asked, and no server."""
    cache = desk().work().cache
    return desk().trail.neighbours(
        case_id,
        lambda wanted, limit, start: [line.case_id for line, _summary in cache.lines(wanted, limit, start)],
    )


def taken_off(case_id: bytes, roster: SiteRoster) -> dict[str, Any]:
    """Return on which day this auditor was taken off a case, and by whom; nothing for one who stepped back."""
    told = desk().work().left.removal(case_id)
    if told is None:
        return {"off_day": None}
    day, persons = told
    return {
        "off_day": date.fromisoformat(day) if day else None,
        "off_by": [card for person in persons if (card := roster.newest_of(person))],
    }


def access_of(opened: OpenedCase, roster: SiteRoster) -> dict[str, Any]:
    """Return to whom a case was given, who was taken off or stepped back, who declared a conflict of interest, of whom
    the reporter's page does not know yet that they are off, and whether a change waits for a second person."""
    names = {
        "off_people": sorted(opened.access.off),
        "unheard": sorted(opened.unheard),
        "stepped_people": sorted(opened.state.stepped_back - opened.access.off.keys()),
    }
    cards = {
        name: [card for person in persons if (card := roster.newest_of(person))]
        for name, persons in names.items()
    }
    readers = {card.person for card in opened.readers(roster)}
    declared = opened.state.investigation.conflicts.items()
    return {
        "given_to": opened.given_to(roster),
        "access_waits": bool(proposals(opened, roster)),
        "conflicted": [said for person, said in declared if said.record["conflict"] and person in readers],
        **cards,
    }


def clock_title(clock: Deadline, state: CaseState) -> str:
    """Return what a clock of a case is called: a task by its text, an interview with whom it is held."""
    if clock.id == TASK:
        text = next((task.text for task in state.tasks if task.id == clock.detail), "")
        return text if len(text) <= 60 else text[:59] + "…"
    title = str(gettext(CLOCKS[clock.id]))
    said = state.investigation.interviews.get(clock.detail) if clock.id == INTERVIEW else None
    return f"{title}{colon()}{said.record['who']}" if said else title
