"""Requests of a page with scripts: sealed bytes only (docs/format.md, section 8). No Flask in here.

The server checks the form, who is enrolled, what is signed with a key that it knows; it can open nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NoReturn

from sqlalchemy import Connection

from cases.days import format_day
from crypto import messages, wire
from crypto.choice import RECORD_BYTES, record_hash
from crypto.encoding import b2, b64e, hex_id
from crypto.envelope import SEALED_BYTES, Envelope, Kind, decode, envelope_hash
from crypto.errors import BadSealed
from crypto.logpromise import LogPromise
from crypto.receipt import mailbox_key_id
from crypto.roster import Roster
from crypto.tlog import leaf_hash
from portal.context import Portal, SealedBy
from portal.usecases import log_leaves, submit
from portal.usecases.coming_back import visits
from portal.usecases.log_leaves import LeafRefused
from portal.usecases.submit import Kept
from store import cases as store_cases
from store import reports as store_intake
from store.cards import ListChanged
from store.db import StoreFailed, reading, writing
from store.log import LeafOutcome
from store.outcome import Outcome

MAX_OBJECTS: Final = 20
_NO_RECORD: Final = b"no record is this"


class BrowserApiRefusal(Exception):
    """The request is refused and has changed nothing: HTTP status and error code (format.md, 8)."""

    def __init__(self, status: int, code: str, **more: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.more = more


def lookup_index(lookup: object) -> bytes:
    """Return the index of a look-up id (section 3.3). Raises Malformed."""
    return b2(16, wire.octets(lookup, 16), person="mybk1-index")


@dataclass(frozen=True, repr=False)
class CaseByLookup:
    """The case that a look-up id leads to."""

    index: bytes
    case: store_cases.CaseRow


def find(portal: Portal, lookup: object) -> CaseByLookup:
    """Return the case of a look-up id. Raises BrowserApiRefusal (404 unknown, 410 deleted), Malformed, StoreFailed."""
    index = lookup_index(lookup)
    with reading(portal.engine) as conn:
        return CaseByLookup(index, _case_of(conn, index))


def _case_of(conn: Connection, index: bytes) -> store_cases.CaseRow:
    case = store_cases.of_code(conn, index) or _unknown()
    check_there(case)
    return case


def _unknown() -> NoReturn:
    raise BrowserApiRefusal(404, "unknown")


def check_there(case: store_cases.CaseRow) -> None:
    if case.deleted_day is not None:
        raise BrowserApiRefusal(410, "deleted", day=format_day(case.deleted_day))


def look(portal: Portal, sent: object) -> dict[str, Any]:
    """Return a case as it is stored, for the page to open. Raises BrowserApiRefusal, Malformed, StoreFailed."""
    (lookup,) = wire.fields(sent, "lookup")
    index = lookup_index(lookup)
    with reading(portal.engine) as conn:
        whole = store_cases.whole_of_code(conn, index)
    case, envelopes, statuses, grants = whole or _unknown()
    check_there(case)
    today, names = portal.today(), [row.status for row in statuses]
    state = messages.state_text(case.case_id, today, names)
    return {
        "case": hex_id(case.case_id),
        "received": format_day(case.received_day),
        "mailbox_record": b64e(case.mailbox_record),
        "envelopes": [
            _envelope(row, grants.get(row.envelope_id, ())) for row in envelopes if row.kind != Kind.RECORD
        ],
        "statuses": [wire.status_fields(row) for row in statuses],
        "day": format_day(today),
        "signature": b64e(portal.signer.sign(state)),
    }


def _envelope(row: store_cases.EnvelopeRow, grants: Sequence[bytes]) -> dict[str, Any]:
    answer = {
        "id": hex_id(row.envelope_id),
        "kind": row.kind,
        "day": format_day(row.day),
        "raw": b64e(row.raw),
        "grants": [b64e(sealed) for sealed in grants],
    }
    given = {"act_sig": row.act_sig, "promise": row.promise}
    return answer | {name: b64e(raw) for name, raw in given.items() if raw is not None}


def report(portal: Portal, sent: object) -> dict[str, Any]:
    """Store a sealed report. Raises BrowserApiRefusal, Malformed, StoreFailed."""
    names = (
        "index",
        "case",
        "mailbox_pk",
        "reporter_sign_pk",
        "mailbox_record",
        "envelope",
        "grant",
        "objects",
    )
    rest, leaf = leaf_of(sent)
    index, case, mailbox_pk, sign_pk, record, raw, grant, objects = wire.fields(rest, *names)
    keys = wire.octets(mailbox_pk, 32)
    envelope = envelope_of(wire.octets(raw), Kind.REPORT)
    today = portal.today()
    new = store_intake.NewReport(
        index=wire.identifier(index),
        case_id=wire.identifier(case),
        mailbox_pk=keys,
        mailbox_key_id=mailbox_key_id(keys),
        reporter_sign_pk=wire.octets(sign_pk, 32),
        act_pk=envelope.act_pk,
        mailbox_record=wire.octets(record, RECORD_BYTES),
        envelope_id=envelope.envelope_id,
        raw=envelope.encode(),
        day=today,
        mailbox_grant=wire.octets(grant, SEALED_BYTES),
    )
    named = _claimed(portal, objects, today)
    stored = _stored_report(portal, new, {slot.key_id for slot in envelope.slots}, named, leaf)
    if stored.outcome is Outcome.CASE_EXISTS:
        raise BrowserApiRefusal(409, "code_ended" if stored.is_ended else "case_exists")
    if stored.outcome is Outcome.REFUSED:
        raise BrowserApiRefusal(409, "code_ended")
    kept = _kept(portal, stored.outcome, (Kept.NEW, Kept.REPEAT), new, named)
    return kept | ({"promise": promise_fields(stored.promise)} if stored.promise else {})


@dataclass(frozen=True)
class _Stored:
    """The outcome of a report. `promise`: for its leaf; `is_ended`: its code can take nothing any more."""

    outcome: Outcome
    promise: LogPromise | None = None
    is_ended: bool = False


def _stored_report(
    portal: Portal,
    new: store_intake.NewReport,
    slots: Set[bytes],
    named: Sequence[bytes],
    leaf: bytes | None,
) -> _Stored:
    """Store a report in one transaction, by the list that this process knows; by a fresh one where that one is old.

    Raises BrowserApiRefusal, StoreFailed.
    """
    by = portal.known_sealed_by(new.day)
    if by is None or slots != by.roster.sealed_to or _is_unfit(leaf, by):
        by = _read_again(portal, new.day)
    for _ in range(submit.TRIES):
        if slots != by.roster.sealed_to:
            break
        try:
            return _store(portal, by, new, named, leaf)
        except ListChanged:
            by = _read_again(portal, new.day)
    raise BrowserApiRefusal(409, "recipients")


def _is_unfit(leaf: bytes | None, by: SealedBy) -> bool:
    return leaf is not None and len(leaf) != log_leaves.leaf_length(by)


def _read_again(portal: Portal, day: date) -> SealedBy:
    with reading(portal.engine) as conn:
        return portal.sealed_by(conn, day)


def _store(
    portal: Portal, by: SealedBy, new: store_intake.NewReport, named: Sequence[bytes], leaf: bytes | None
) -> _Stored:
    made = log_leaves.promised_leaf(portal, by, leaf, new.mailbox_pk) if leaf is not None else None
    if made is not None:
        new = replace(new, promise=made.kept)
    try:
        with writing(portal.engine) as conn:
            outcome = store_intake.add_report(conn, new, named, by.basis, made.new if made else None)
            if outcome is Outcome.STORED:
                return _Stored(outcome, made.promise if made else None)
            taken = logged(conn, by.roster, outcome, leaf, new.day)
            ended = outcome is Outcome.CASE_EXISTS and _is_ended(conn, store_intake.lookup(conn, new.index))
    except store_intake.LeafUnfit as unfit:
        raise _refusal_of(unfit) from None
    again = log_leaves.promise(portal, leaf_hash(leaf), taken) if leaf is not None else None
    return _Stored(outcome, again, ended)


def _refusal_of(unfit: store_intake.LeafUnfit) -> Exception:
    codes = {LeafOutcome.KNOWN: log_leaves.LEAF, LeafOutcome.LENGTH: log_leaves.LEAF_LENGTH}
    code = codes.get(unfit.outcome)
    return BrowserApiRefusal(409, code) if code else StoreFailed("the day's batch was made already")


def message(portal: Portal, sent: object) -> dict[str, Any]:
    """Store a sealed message of the reporter. Raises BrowserApiRefusal, Malformed, StoreFailed."""
    names = ("lookup", "mailbox_record", "before", "envelope", "grant", "objects")
    rest, leaf = leaf_of(sent)
    lookup, record, before, raw, grant, objects = wire.fields(rest, *names)
    case = find(portal, lookup).case
    envelope = envelope_of(wire.octets(raw), Kind.FROM_REPORTER)
    today = portal.today()
    own = (case.mailbox_key_id, case.mailbox_key_id, wire.octets(grant, SEALED_BYTES))
    named = _claimed(portal, objects, today)
    new = store_intake.NewMessage(
        case.case_id,
        envelope.envelope_id,
        Kind.FROM_REPORTER,
        envelope.encode(),
        today,
        [own],
        objects=named,
        record=record_of(case, before, record),
    )
    with storing(portal, envelope) as (conn, roster):
        outcome = store_intake.add_message(conn, new)
        taken = logged(conn, roster, outcome, leaf, today)
        log_leaves.keep_promise(portal, conn, (new.envelope_id, case.mailbox_pk), leaf, taken)
    if outcome is Outcome.CHOICE:
        raise BrowserApiRefusal(409, "choice")
    if outcome is Outcome.REFUSED:
        raise BrowserApiRefusal(400, "envelope")
    if outcome is Outcome.FULL:
        raise BrowserApiRefusal(409, "case_full")
    if outcome is Outcome.DELETED:
        raise BrowserApiRefusal(410, "deleted", day=format_day(today))
    kept = _kept(portal, outcome, (Kept.MESSAGE, Kept.MESSAGE_REPEAT), new, named)
    return kept | promised(portal, leaf, taken)


def record_of(case: store_cases.CaseRow, before: object, record: object) -> store_intake.NewRecord:
    """Return an exclude record with the one that it takes the place of.

    Where that one is not the case's, what it names instead is none that is stored.
    """
    known = record_hash(case.mailbox_record) == wire.octets(before, 32)
    return store_intake.NewRecord(
        case.mailbox_record if known else _NO_RECORD, wire.octets(record, RECORD_BYTES)
    )


def _is_ended(conn: Connection, code: store_intake.CodeRow | None) -> bool:
    """Tell whether a code can take nothing any more: it was given up, or its case was deleted."""
    case = store_cases.get(conn, code.case_id) if code else None
    return code is not None and (code.ended_day is not None or case is None or case.deleted_day is not None)


@contextmanager
def storing(portal: Portal, envelope: Envelope) -> Iterator[tuple[Connection, Roster]]:
    """Give a transaction in which an envelope's slots are exactly the readers of the list, and the list.

    Raises BrowserApiRefusal.
    """
    with reading(portal.engine) as conn:
        roster = portal.roster(conn)
    if {slot.key_id for slot in envelope.slots} != roster.sealed_to:
        raise BrowserApiRefusal(409, "recipients")
    try:
        with submit.writing_by(portal, roster) as conn:
            yield conn, roster
    except ListChanged:
        raise BrowserApiRefusal(409, "recipients") from None


def leaf_of(sent: object) -> tuple[object, bytes | None]:
    """Return a request without its leaf, and the leaf: pages of before the log send none (format.md, 5.5)."""
    if not isinstance(sent, dict) or "leaf" not in sent:
        return sent, None
    rest = {name: value for name, value in sent.items() if name != "leaf"}
    return rest, wire.octets(sent["leaf"])


def logged(
    conn: Connection, roster: Roster, outcome: Outcome, leaf: bytes | None, today: date
) -> date | None:
    """Take the leaf of what was just stored, or find that of a repeat; return its day. Raises BrowserApiRefusal."""
    if leaf is None:
        return None
    try:
        if outcome is Outcome.STORED:
            return log_leaves.take_leaf(conn, roster, leaf, today)
        return log_leaves.known_leaf(conn, leaf) if outcome is Outcome.REPEAT else None
    except LeafRefused as refused:
        raise BrowserApiRefusal(409, refused.code) from None


def promised(portal: Portal, leaf: bytes | None, day: date | None) -> dict[str, Any]:
    made = log_leaves.promise(portal, leaf_hash(leaf), day) if leaf is not None else None
    return {} if made is None else {"promise": promise_fields(made)}


def promise_fields(made: LogPromise) -> dict[str, str]:
    """Return a promise as it is sent."""
    return {"leaf": made.leaf.hex(), "day": format_day(made.day), "signature": b64e(made.signature)}


def envelope_of(raw: bytes, kind: Kind) -> Envelope:
    """Return a checked envelope of one kind."""
    try:
        envelope = decode(raw)
    except BadSealed:
        raise BrowserApiRefusal(400, "envelope") from None
    if envelope.kind is not kind:
        raise BrowserApiRefusal(400, "envelope")
    return envelope


def _claimed(portal: Portal, objects: object, today: date) -> list[bytes]:
    named = wire.identifiers(objects, MAX_OBJECTS)
    if named and not portal.objects.claim(named, today):
        raise BrowserApiRefusal(409, "objects")
    return named


def _kept(
    portal: Portal,
    outcome: Outcome,
    words: tuple[Kept, Kept],
    new: store_intake.NewReport | store_intake.NewMessage,
    objects: Sequence[bytes],
) -> dict[str, Any]:
    """Return the certificate of what is stored: of a repeat, what was stored first. `words`: for new, for a repeat."""
    if outcome is Outcome.OBJECTS:
        raise BrowserApiRefusal(409, "objects")
    if objects and outcome is Outcome.STORED:
        portal.objects.settle(objects)
    raw, day, kept = new.raw, new.day, words[0]
    if outcome is not Outcome.STORED:
        raw, day, kept = *_stored_before(portal, new.case_id, new.envelope_id), words[1]
    certificate = submit.certify(portal, envelope_hash(raw), day)
    return {
        "kept": kept.value,
        "hash": certificate.envelope_hash.hex(),
        "day": format_day(certificate.day),
        "signature": b64e(certificate.signature),
        "site_pk": b64e(certificate.site_pk),
        "look_again": [
            {"why": visit.why, "day": format_day(visit.day)}
            for visit in visits(portal, kept, certificate.day)
        ],
    }


def _stored_before(portal: Portal, case_id: bytes, envelope_id: bytes) -> tuple[bytes, date]:
    with reading(portal.engine) as conn:
        rows = [row for row in store_cases.envelopes(conn, case_id) if row.envelope_id == envelope_id]
    if not rows:
        raise StoreFailed("a stored envelope was not found")
    return rows[0].raw, rows[0].day
