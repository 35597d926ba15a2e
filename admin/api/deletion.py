"""Deletion by the two-person rule: two persons who both opened the report. No Flask in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from admin.api import case_actions
from admin.api.refusals import ApiRefusal
from admin.api.roster_actions import Load
from cases import retention, roles
from crypto import messages
from crypto.envelope import Kind, decode
from crypto.roster import Roster
from store import cases as store_cases
from store import deletion, feed
from store.db import reading, writing
from store.objects import Objects
from store.outcome import Outcome


@dataclass(frozen=True)
class SignedStep:
    """An act about deleting a case, as a desk sends it; `author` is the asking key."""

    case_id: bytes
    author: bytes
    day: date
    sig: bytes
    act_sig: bytes


def _act(new: SignedStep) -> deletion.SignedAct:
    return deletion.SignedAct(new.day, new.author, new.sig, new.act_sig)


def propose(conn: Connection, load: Load, new: SignedStep, today: date) -> Outcome:
    """Store a proposal: STORED or REPEAT.

    Raises ApiRefusal (400 day, 403 signature or unsettled, 404, 409 proposed, 410 deleted).
    """
    feed.take_turn(conn)
    roster = load(conn)
    _check(conn, roster, new, messages.delete_text(new.case_id, new.author, new.day), today)
    proposal = _proposal(conn, roster, new.case_id, today)
    if proposal is None:
        deletion.add(conn, new.case_id, deletion.PROPOSED, _act(new))
        return Outcome.STORED
    if _is_other_person(roster, proposal.author, new.author):
        raise ApiRefusal(409, "proposed")
    return Outcome.REPEAT


def agree(
    engine: Engine,
    load: Load,
    objects: Objects,
    new: SignedStep,
    proposal: bytes,
    today: date,
    also: Callable[[Connection, Outcome], None] = lambda _conn, _outcome: None,
) -> Outcome:
    """Delete a case with another person's word under a proposal (its hash): STORED or REPEAT. `also`: what else belongs
    into the transaction.

    Raises ApiRefusal (400 day, 403 signature, unsettled or same_person, 404, 409 no_proposal, 410 deleted),
    StoreFailed.
    """
    while True:
        # Files first: should this process end half-way, they are swept away, and nothing names what is gone.
        with reading(engine) as conn:
            is_open = _names_open(conn, load(conn), new.case_id, proposal, today)
            files = deletion.objects(conn, new.case_id) if is_open else []
        objects.let_go(files, today)
        try:
            with writing(engine) as conn:
                feed.take_turn(conn)
                roster = load(conn)
                is_open = _names_open(conn, roster, new.case_id, proposal, today)
                if is_open and deletion.objects(conn, new.case_id) != files:
                    continue  # a file came in between: once more
                outcome = _agree(conn, roster, new, proposal, today)
                also(conn, outcome)
        finally:
            objects.settle(files)
        if outcome is Outcome.STORED:
            objects.checkpoint()
        return outcome


def withdraw(conn: Connection, load: Load, new: SignedStep, today: date) -> Outcome:
    """Take an open proposal back, one's own or another's: STORED or REPEAT.

    Raises ApiRefusal (400 day, 403 signature, 404, 409 no_proposal, 410 deleted).
    """
    feed.take_turn(conn)
    _check(conn, load(conn), new, messages.keep_text(new.case_id, new.author, new.day), today)
    last = _last(conn, new.case_id)
    if last is not None and last.what == deletion.KEPT and (last.author, last.sig) == (new.author, new.sig):
        return Outcome.REPEAT
    if last is None or last.what != deletion.PROPOSED:
        raise ApiRefusal(409, "no_proposal")
    deletion.add(conn, new.case_id, deletion.KEPT, _act(new))
    return Outcome.STORED


def _agree(conn: Connection, roster: Roster, new: SignedStep, proposal: bytes, today: date) -> Outcome:
    case = store_cases.get(conn, new.case_id)
    if case is not None and case.deleted_day is not None:
        if new.author == deletion.acts(conn, new.case_id)[-1].author:
            return Outcome.REPEAT
        raise ApiRefusal(410, "deleted")
    _check(conn, roster, new, messages.agree_text(new.case_id, new.author, proposal, new.day), today)
    pending = _proposal(conn, roster, new.case_id, today)
    if pending is None or messages.proposal_hash(pending.sig) != proposal:
        raise ApiRefusal(409, "no_proposal")
    if not _is_other_person(roster, pending.author, new.author):
        raise ApiRefusal(403, "same_person")
    deletion.delete_case(conn, new.case_id, pending.seq, _act(new))
    return Outcome.STORED


def _names_open(conn: Connection, roster: Roster, case_id: bytes, proposal: bytes, today: date) -> bool:
    pending = _proposal(conn, roster, case_id, today)
    return pending is not None and messages.proposal_hash(pending.sig) == proposal


def _check(conn: Connection, roster: Roster, new: SignedStep, text: bytes, today: date) -> None:
    case = case_actions.case_of(conn, new.case_id)
    if new.day != today:
        raise ApiRefusal(400, "day")
    case_actions.check(case_actions.sign_pk(roster, new.author), text, new.sig, "author_signature")
    case_actions.check(case.act_pk, text, new.act_sig, "act_signature")
    if text.startswith(b"mybk1/keep"):
        return
    if not _may_delete(conn, roster, new.case_id, new.author, today):
        raise ApiRefusal(403, "unsettled")


def _last(conn: Connection, case_id: bytes) -> deletion.Act | None:
    steps = deletion.acts(conn, case_id)
    return steps[-1] if steps else None


def _proposal(conn: Connection, roster: Roster, case_id: bytes, today: date) -> deletion.Act | None:
    """Return the proposal that waits for a second person: not too old, and by a key that is not retired."""
    last = _last(conn, case_id)
    if last is None or last.what != deletion.PROPOSED or not retention.stands(last.day, today):
        return None
    return last if roster.is_active(last.author) else None


def _is_other_person(roster: Roster, key_id: bytes, other_key_id: bytes) -> bool:
    cards = [roster.by_key.get(key_id), roster.by_key.get(other_key_id)]
    return None not in cards and len({card.person for card in cards if card}) == 2


def _at_report(conn: Connection, case_id: bytes) -> set[bytes]:
    """Return the key ids that the report has slots for: the one with the case's act key, wherever it is."""
    case = store_cases.get(conn, case_id)
    envelopes = [decode(row.raw) for row in store_cases.envelopes(conn, case_id) if row.kind == Kind.REPORT]
    report = next(
        (envelope for envelope in envelopes if case is not None and envelope.act_pk == case.act_pk), None
    )
    return {slot.key_id for slot in report.slots} if report else set()


def _may_delete(conn: Connection, roster: Roster, case_id: bytes, author: bytes, today: date) -> bool:
    card = roster.by_key.get(author)
    if card is None:
        return False
    is_settled = roles.is_settled(roster.keys_of(card.person), _at_report(conn, case_id), today)
    return roles.may_delete(roster.role_of(author), is_settled)
