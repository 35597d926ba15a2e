"""Cases as they are stored: their keys, envelopes, grants and statuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, insert, select, update

from cases.status import IllegalTransition, check_transition, current
from store import driver, feed
from store import tables as t
from store.outcome import Outcome


@dataclass(frozen=True)
class CaseRow:
    """The row of a case. Keys are 32 bytes, ids 16; `mailbox_record` is the exclude record.

    `deleted_day`: set when two persons deleted it; keys and record are empty then, all but `act_pk`.
    """

    case_id: bytes
    mailbox_pk: bytes
    mailbox_key_id: bytes
    reporter_sign_pk: bytes
    act_pk: bytes
    mailbox_record: bytes
    received_day: date
    deleted_day: date | None = None


@dataclass(frozen=True)
class EnvelopeRow:
    """A stored envelope; `seq` is its number in the feed and orders the conversation. `promise`: of its leaf, sealed
    to the mailbox (`crypto.logpromise`).
    """

    seq: int
    envelope_id: bytes
    kind: int
    raw: bytes
    day: date
    act_sig: bytes | None
    promise: bytes | None = None


@dataclass(frozen=True)
class StatusRow:
    """A stored status; `author` is a key id, the signatures are 64 bytes."""

    sequence: int
    status: str
    day: date
    author: bytes
    sig: bytes
    act_sig: bytes


_CASE_ID: BindParameter[Any] = bindparam("case_id")
_CASE_COLUMNS: Final = (
    t.case_file.c.case_id,
    t.case_file.c.mailbox_pk,
    t.case_file.c.mailbox_key_id,
    t.case_file.c.reporter_sign_pk,
    t.case_file.c.act_pk,
    t.case_file.c.mailbox_record,
    t.case_file.c.received_day,
    t.case_file.c.deleted_day,
)


def _envelopes(case_id: ColumnElement[bytes]) -> Select[Any]:
    return (
        select(
            t.envelope.c.seq,
            t.envelope.c.envelope_id,
            t.envelope.c.kind,
            t.envelope.c.raw,
            t.envelope.c.day,
            t.envelope.c.act_sig,
            t.envelope.c.promise,
        )
        .where(t.envelope.c.case_id == case_id)
        .order_by(t.envelope.c.seq)
    )


def _statuses(case_id: ColumnElement[bytes]) -> Select[Any]:
    return (
        select(
            t.status.c.sequence,
            t.status.c.status,
            t.status.c.day,
            t.status.c.author,
            t.status.c.sig,
            t.status.c.act_sig,
        )
        .where(t.status.c.case_id == case_id)
        .order_by(t.status.c.sequence)
    )


def _grants(case_id: ColumnElement[bytes], reader: ColumnElement[bytes]) -> Select[Any]:
    return (
        select(t.grant.c.envelope_id, t.grant.c.sealed)
        .join(t.envelope, t.envelope.c.envelope_id == t.grant.c.envelope_id)
        .where(t.envelope.c.case_id == case_id, t.grant.c.key_id == reader)
        .order_by(t.envelope.c.seq, t.grant.c.granter)
    )


_CASE = driver.Statement(select(*_CASE_COLUMNS).where(t.case_file.c.case_id == _CASE_ID))
_ENVELOPES = driver.Statement(_envelopes(_CASE_ID))
_STATUSES = driver.Statement(_statuses(_CASE_ID))
_GRANTS = driver.Statement(_grants(_CASE_ID, bindparam("reader")))

_IS_OPEN = (t.code.c.index == bindparam("index"), t.code.c.ended_day.is_(None))
_ID_OF_CODE = select(t.code.c.case_id).where(*_IS_OPEN).scalar_subquery()
_MAILBOX_OF_CODE = (
    select(t.case_file.c.mailbox_key_id)
    .join(t.code, t.code.c.case_id == t.case_file.c.case_id)
    .where(*_IS_OPEN)
    .scalar_subquery()
)
_OF_CODE = driver.Statement(
    select(*_CASE_COLUMNS).join(t.code, t.code.c.case_id == t.case_file.c.case_id).where(*_IS_OPEN)
)
_WHOLE: Final = (
    _OF_CODE,
    driver.Statement(_envelopes(_ID_OF_CODE)),
    driver.Statement(_statuses(_ID_OF_CODE)),
)
_GRANTS_OF_CODE = driver.Statement(_grants(_ID_OF_CODE, bindparam("reader")))
_GRANTS_OF_MAILBOX = driver.Statement(_grants(_ID_OF_CODE, _MAILBOX_OF_CODE))
_KEEP_PROMISE = driver.Statement(
    update(t.envelope)
    .where(t.envelope.c.envelope_id == bindparam("envelope"), t.envelope.c.promise.is_(None))
    .values(promise=bindparam("sealed"))
)
_NEW_STATUS = insert(t.status)


def get(conn: Connection, case_id: bytes) -> CaseRow | None:
    """Return a case, or None when there is none with this id."""
    rows = driver.rows(conn, _CASE, {"case_id": case_id})
    return CaseRow(*rows[0]) if rows else None


def of_code(conn: Connection, index: bytes) -> CaseRow | None:
    """Return the case of a code's index (16 bytes); None where there is none, or the code was given up."""
    rows = driver.rows(conn, _OF_CODE, {"index": index})
    return CaseRow(*rows[0]) if rows else None


class WholeCase(NamedTuple):
    """A case and the rows that belong to it. `grants`: sealed keys for its reporter's mailbox, by envelope id."""

    case: CaseRow
    envelopes: list[EnvelopeRow]
    statuses: list[StatusRow]
    grants: dict[bytes, list[bytes]]


def whole_of_code(conn: Connection, index: bytes) -> WholeCase | None:
    """Return the case of a code's index (16 bytes) with what it holds, where nothing else is read in this transaction:
    on PostgreSQL in one round trip. None where there is none, or the code was given up.
    """
    return whole_from(driver.run(conn, whole_asked(index), is_last=True))


def whole_asked(index: bytes, reader: bytes | None = None) -> list[driver.Asked]:
    """Return the statements whose rows `whole_from` takes; they are the same whether there is such a case or not.

    `reader`: the key id that grants are to; None: that of the case's mailbox.
    """
    mine = {"index": index}
    grants = (_GRANTS_OF_CODE, {**mine, "reader": reader}) if reader else (_GRANTS_OF_MAILBOX, mine)
    return [*((statement, mine) for statement in _WHOLE), grants]


def whole_from(rows: Sequence[driver.Rows]) -> WholeCase | None:
    """Return the case that the rows of `whole_asked` hold."""
    of_code, stored, words, keys = rows
    if not of_code:
        return None
    return WholeCase(
        CaseRow(*of_code[0]),
        [EnvelopeRow(*row) for row in stored],
        [StatusRow(*row) for row in words],
        _by_envelope(keys),
    )


def _by_envelope(rows: driver.Rows) -> dict[bytes, list[bytes]]:
    grants: dict[bytes, list[bytes]] = {}
    for envelope_id, sealed in rows:
        grants.setdefault(envelope_id, []).append(sealed)
    return grants


def envelopes(conn: Connection, case_id: bytes) -> list[EnvelopeRow]:
    """Return a case's envelopes with their bytes, oldest first: the report, then the conversation."""
    return [EnvelopeRow(*row) for row in driver.rows(conn, _ENVELOPES, {"case_id": case_id})]


def keep_promise(conn: Connection, envelope_id: bytes, sealed: bytes) -> None:
    """Keep the promise for an envelope's leaf, sealed to its reporter's mailbox, in the envelope's transaction.

    Never another in its place.
    """
    driver.run(conn, [(_KEEP_PROMISE, {"envelope": envelope_id, "sealed": sealed})])


def grants_for(conn: Connection, case_id: bytes, key_id: bytes) -> dict[bytes, list[bytes]]:
    """Return the sealed keys that `key_id` can open, by envelope id; an envelope without any is not in it."""
    return _by_envelope(driver.rows(conn, _GRANTS, {"case_id": case_id, "reader": key_id}))


def statuses(conn: Connection, case_id: bytes) -> list[StatusRow]:
    """Return the statuses that were set, from sequence 1 on; empty while a case is only received."""
    return [StatusRow(*row) for row in driver.rows(conn, _STATUSES, {"case_id": case_id})]


def add_status(
    conn: Connection,
    case_id: bytes,
    sequence: int,
    status: str,
    day: date,
    author: bytes,
    sig: bytes,
    act_sig: bytes,
) -> Outcome:
    """Store a status with the next sequence. The caller has checked both signatures.

    STORED; REPEAT when exactly this one is stored already; REFUSED when the sequence is not the next one,
    the status may not follow the last one, or there is no such case.
    """
    feed.take_turn(conn)
    case = get(conn, case_id)
    if case is None or case.deleted_day is not None:
        return Outcome.REFUSED
    history = statuses(conn, case_id)
    new = StatusRow(sequence, status, day, author, sig, act_sig)
    if new in history:
        return Outcome.REPEAT
    if sequence != len(history) + 1 or not _may_follow([row.status for row in history], status):
        return Outcome.REFUSED
    values = {
        "seq": feed.append(conn, case_id),
        "case_id": case_id,
        "sequence": sequence,
        "status": status,
        "day": day,
        "author": author,
        "sig": sig,
        "act_sig": act_sig,
    }
    conn.execute(_NEW_STATUS, values)
    return Outcome.STORED


def _may_follow(history: list[str], status: str) -> bool:
    try:
        check_transition(current(history), status)
    except IllegalTransition:
        return False
    return True
