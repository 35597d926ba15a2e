"""Deleting a case: it takes two persons who both opened its report. No Flask in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from admin.api import acts, people
from admin.api.errors import Refused
from crypto import messages
from store import cases as store_cases
from store import deletion, feed
from store.db import reading, writing
from store.objects import Objects
from store.outcome import Outcome

HOLDS: Final = timedelta(days=30)
"""How long a proposal waits for a second person."""


@dataclass(frozen=True)
class Signed:
    """An act about deleting a case, as a desk sends it; `author` is the asking key."""

    case_id: bytes
    author: bytes
    day: date
    sig: bytes
    act_sig: bytes


@dataclass(frozen=True)
class Result:
    """`outcome`: STORED or REPEAT; `deleted`: the case is gone."""

    outcome: Outcome
    deleted: bool


def propose_or_agree(engine: Engine, objects: Objects, new: Signed, today: date) -> Result:
    """Store a proposal; or, where another person's is open, delete the case.

    Raises Refused (400 day, 403 signature, 404, 410 deleted), StoreFailed.
    """
    while True:
        # Files first: should this process end half-way, they are swept away, and nothing names what is gone.
        with reading(engine) as conn:
            files = deletion.objects(conn, new.case_id) if _agrees(conn, new, today) else []
        objects.let_go(files, today)
        try:
            with writing(engine) as conn:
                feed.take_turn(conn)
                if _agrees(conn, new, today) and deletion.objects(conn, new.case_id) != files:
                    continue  # a file came in between: once more
                found = _act(conn, new, today)
        finally:
            objects.settle(files)
        if found.deleted and found.outcome is Outcome.STORED:
            objects.checkpoint()
        return found


def withdraw(conn: Connection, new: Signed, today: date) -> Outcome:
    """Take an open proposal back, one's own or another's: STORED or REPEAT.

    Raises Refused (400 day, 403 signature, 404, 409 no_proposal, 410 deleted).
    """
    feed.take_turn(conn)
    _check(conn, new, messages.keep_text(new.case_id, new.day), today)
    last = _last(conn, new.case_id)
    if last is not None and last.what == deletion.KEPT and (last.author, last.sig) == (new.author, new.sig):
        return Outcome.REPEAT
    if last is None or last.what != deletion.PROPOSED:
        raise Refused(409, "no_proposal")
    deletion.add(conn, new.case_id, deletion.KEPT, new.day, new.author, new.sig, new.act_sig)
    return Outcome.STORED


def _act(conn: Connection, new: Signed, today: date) -> Result:
    case = store_cases.get(conn, new.case_id)
    if case is not None and case.deleted_day is not None:
        if new.author in {act.author for act in deletion.acts(conn, new.case_id)}:
            return Result(Outcome.REPEAT, deleted=True)
        raise Refused(410, "deleted")
    _check(conn, new, messages.delete_text(new.case_id, new.day), today)
    proposal = _proposal(conn, new.case_id, today)
    if proposal is None:
        deletion.add(conn, new.case_id, deletion.PROPOSED, new.day, new.author, new.sig, new.act_sig)
        return Result(Outcome.STORED, deleted=False)
    if not _is_other_person(conn, proposal.author, new.author):
        return Result(Outcome.REPEAT, deleted=False)
    deletion.delete_case(conn, new.case_id, proposal.seq, new.day, new.author, new.sig, new.act_sig)
    return Result(Outcome.STORED, deleted=True)


def _agrees(conn: Connection, new: Signed, today: date) -> bool:
    proposal = _proposal(conn, new.case_id, today)
    return proposal is not None and _is_other_person(conn, proposal.author, new.author)


def _check(conn: Connection, new: Signed, text: bytes, today: date) -> None:
    case = acts.case_of(conn, new.case_id)
    if new.day != today:
        raise Refused(400, "day")
    acts.check(acts.sign_pk(conn, new.author), text, new.sig, "author_signature")
    acts.check(case.act_pk, text, new.act_sig, "act_signature")


def _last(conn: Connection, case_id: bytes) -> deletion.Act | None:
    found = deletion.acts(conn, case_id)
    return found[-1] if found else None


def _proposal(conn: Connection, case_id: bytes, today: date) -> deletion.Act | None:
    """Return the proposal that waits for a second person: not too old, and by a key that is not retired."""
    last = _last(conn, case_id)
    if last is None or last.what != deletion.PROPOSED or today - last.day > HOLDS:
        return None
    return last if last.author in people.roll(conn).active else None


def _is_other_person(conn: Connection, one: bytes, other: bytes) -> bool:
    known = people.roll(conn)
    persons = [card.person if card else None for card in (known.find(one), known.find(other))]
    return None not in persons and persons[0] != persons[1]
