"""Case actions: the status and the envelopes that auditors add. No Flask in here; a refusal changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from admin.api.refusals import ApiRefusal
from admin.api.roster_actions import Load
from cases.status import STATUSES
from crypto import messages
from crypto.envelope import Envelope, Kind, decode
from crypto.errors import BadSealed, BadSignature
from crypto.roster import Roster
from store import cards as store_cards
from store import cases as store_cases
from store import guests
from store import reports as store_intake
from store.outcome import Outcome

KINDS: Final = (Kind.TO_REPORTER, Kind.RECORD)
"""Kinds of envelopes that auditors add."""


@dataclass(frozen=True)
class NewStatus:
    """A status as a desk sends it; `author` is the asking key, both signatures cover `messages.status_text`."""

    case_id: bytes
    sequence: int
    status: str
    day: date
    author: bytes
    sig: bytes
    act_sig: bytes


@dataclass(frozen=True)
class NewEnvelope:
    """An envelope of kind 3 or 4 as a desk sends it, with grants (key id, sealed key) made by `author`."""

    case_id: bytes
    author: bytes
    raw: bytes
    act_sig: bytes
    grants: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class NewDecision:
    """A status with what belongs to it: an answer to the reporter, a record of the auditors, or both."""

    status: NewStatus
    envelopes: tuple[NewEnvelope, ...]


def decide(conn: Connection, load: Load, new: NewDecision, today: date) -> Outcome:
    """Store a status and its envelopes, in this order: STORED, or REPEAT when all of it is there.

    Raises ApiRefusal as `set_status` and `add_envelope` do, and (400 `kind`) for two envelopes of one kind, (409
    `parted`) when a part of it is there without the rest. The caller's transaction then stores nothing of it.
    """
    kinds = [_decode(envelope.raw).kind for envelope in new.envelopes]
    if len(set(kinds)) != len(kinds):
        raise ApiRefusal(400, "kind")
    outcomes = {set_status(conn, load, new.status, today)}
    outcomes |= {add_envelope(conn, load, envelope, today) for envelope in new.envelopes}
    if len(outcomes) > 1:
        raise ApiRefusal(409, "parted")
    return outcomes.pop()


def set_status(conn: Connection, load: Load, new: NewStatus, today: date) -> Outcome:
    """Store a status: STORED or REPEAT. Raises ApiRefusal (400 word or day, 403 signature, 404, 409 order)."""
    case = case_of(conn, new.case_id)
    if new.status not in STATUSES:
        raise ApiRefusal(400, "status")
    if new.day != today:
        raise ApiRefusal(400, "day")
    text = messages.status_text(new.case_id, new.sequence, new.author, new.status, new.day)
    check(sign_pk(load(conn), new.author), text, new.sig, "author_signature")
    check(case.act_pk, text, new.act_sig, "act_signature")
    outcome = store_cases.add_status(
        conn, new.case_id, new.sequence, new.status, new.day, new.author, new.sig, new.act_sig
    )
    if outcome is Outcome.REFUSED:
        last = len(store_cases.statuses(conn, new.case_id))
        raise ApiRefusal(409, "sequence" if new.sequence != last + 1 else "transition")
    return outcome


def add_envelope(
    conn: Connection, load: Load, new: NewEnvelope, today: date, guest: bytes | None = None
) -> Outcome:
    """Store an envelope: STORED or REPEAT. `guest`: the author, where that is a guest's key: it adds records alone, to
    cases that it was given, each with a grant to itself. Raises ApiRefusal (400 envelope or grants, 403 signature or
    guest, 404, 409).
    """
    case = case_of(conn, new.case_id, guest)
    envelope = _decode(new.raw)
    if guest is not None and envelope.kind is not Kind.RECORD:
        raise ApiRefusal(403, "guest")
    check(case.act_pk, messages.act_text(new.case_id, new.raw), new.act_sig, "act_signature")
    roster = load(conn)
    try:
        store_cards.check_last(conn, roster.last, roster.logged)
    except store_cards.ListChanged:
        raise ApiRefusal(409, "recipients") from None
    if {slot.key_id for slot in envelope.slots} != roster.sealed_to:
        raise ApiRefusal(409, "recipients")
    # An answer is read through a grant to the mailbox; a record of the auditors has no reader besides them, and a guest
    # who writes one has no slot in it.
    readers = [case.mailbox_key_id] if envelope.kind is Kind.TO_REPORTER else [guest] if guest else []
    if len(new.grants) != len(readers):
        raise ApiRefusal(400, "grants")
    if [key_id for key_id, _sealed in new.grants] != readers and guest is not None:
        raise ApiRefusal(400, "grants")
    if [key_id for key_id, _sealed in new.grants] != readers:
        # The reporter took a new code since this desk last looked.
        raise ApiRefusal(409, "mailbox")
    outcome = store_intake.add_message(
        conn,
        store_intake.NewMessage(
            new.case_id,
            envelope.envelope_id,
            int(envelope.kind),
            new.raw,
            today,
            [(key_id, new.author, sealed) for key_id, sealed in new.grants],
            new.act_sig,
        ),
    )
    if outcome is Outcome.DELETED:
        raise ApiRefusal(410, "deleted")
    if outcome is Outcome.REFUSED:
        raise ApiRefusal(409, "envelope_id")
    return outcome


def case_of(conn: Connection, case_id: bytes, guest: bytes | None = None) -> store_cases.CaseRow:
    """Return a case that is there. `guest`: the key of a guest who asks, for whom no case is there that was not given.

    Raises ApiRefusal (404; 410 for one that was deleted).
    """
    case = store_cases.get(conn, case_id)
    if case is None:
        raise ApiRefusal(404, "not_found")
    if case.deleted_day is not None:
        raise ApiRefusal(410, "deleted")
    if guest is not None and not guests.has_case(conn, guest, case_id):
        raise ApiRefusal(404, "not_found")
    return case


def _decode(raw: bytes) -> Envelope:
    try:
        envelope = decode(raw)
    except BadSealed:
        raise ApiRefusal(400, "envelope") from None
    if envelope.kind not in KINDS:
        raise ApiRefusal(400, "kind")
    return envelope


def sign_pk(roster: Roster, key_id: bytes) -> bytes:
    """Return the signing key (32 bytes) of a card that is not retired. Raises ApiRefusal."""
    if not roster.is_active(key_id):
        raise ApiRefusal(401, "unauthorized")
    return roster.by_key[key_id].sign_pk


def check(pk: bytes, text: bytes, sig: bytes, word: str) -> None:
    """Raise ApiRefusal (403, `word`) unless a signature holds."""
    try:
        messages.verify(pk, text, sig)
    except BadSignature:
        raise ApiRefusal(403, word) from None
