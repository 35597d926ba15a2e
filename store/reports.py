"""Stores reports and messages, each in the caller's one transaction, and the look-up of a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update

from store import basis, driver, feed, report_rows
from store import tables as t
from store.basis import Basis, ListChanged
from store.driver import Statement
from store.log import LeafOutcome
from store.outcome import Outcome

__all__ = ["CodeRow", "NewGrant", "NewRecord", "NewReport", "Outcome", "add_message", "add_report", "lookup"]

MESSAGES_AT_MOST: Final = 8 * 1024 * 1024
"""Bytes of sealed messages of one reporter in one case. A look at a case reads all of it: without an end, one case
could fill the memory of every worker."""


class NewGrant(NamedTuple):
    """A content key sealed to `key_id` by `granter` (both 16 bytes); `sealed` is 80 bytes."""

    key_id: bytes
    granter: bytes
    sealed: bytes


class NewRecord(NamedTuple):
    """An exclude record that takes the place of the one that its writer had read (`before`), and of no other."""

    before: bytes
    raw: bytes


@dataclass(frozen=True, repr=False)
class NewReport:
    """A sealed report with all that is stored beside it (format.md, sections 2 and 3).

    `index`, `case_id`, `mailbox_key_id`, `envelope_id`: 16 bytes; `mailbox_pk`, `reporter_sign_pk`,
    `act_pk`: 32 bytes; `mailbox_record`: the exclude record; `raw`: the envelope;
    `mailbox_grant`: its key, 80 bytes; `promise`: of its leaf, sealed to the mailbox.
    """

    index: bytes
    case_id: bytes
    mailbox_pk: bytes
    mailbox_key_id: bytes
    reporter_sign_pk: bytes
    act_pk: bytes
    mailbox_record: bytes
    envelope_id: bytes
    raw: bytes
    day: date
    mailbox_grant: bytes
    promise: bytes | None = None


@dataclass(frozen=True, repr=False)
class NewLeaf:
    """The leaf of an act, made by a basis. `hash`: 32 bytes. `fits`: it is as long as the basis asks for."""

    hash: bytes
    raw: bytes
    fits: bool = True


class LeafUnfit(Exception):
    """A report would be stored, but its leaf is known, late, or has a wrong length. Nothing was changed."""

    def __init__(self, outcome: LeafOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@dataclass(frozen=True, repr=False)
class NewMessage:
    """A later sealed envelope of a case: kind 2, 3 or 4.

    `case_id`, `envelope_id`: 16 bytes; `raw`: the envelope; `grants`: (key id, granter, sealed key), 16, 16 and 80
    bytes; `act_sig`: 64 bytes, of auditors' envelopes; `objects`: the ids of its files, as in `add_report`; `record`:
    what comes with each message of the reporter.
    """

    case_id: bytes
    envelope_id: bytes
    kind: int
    raw: bytes
    day: date
    grants: Sequence[tuple[bytes, bytes, bytes]]
    act_sig: bytes | None = None
    objects: Sequence[bytes] = ()
    record: NewRecord | None = None


@dataclass(frozen=True)
class CodeRow:
    """The case that a code belongs to; `ended_day` is set when the code was given up for a new one."""

    case_id: bytes
    ended_day: date | None


_CODE = Statement(select(t.code.c.case_id, t.code.c.ended_day).where(t.code.c.index == bindparam("index")))
_HAS_CASE = select(t.case_file.c.case_id).where(t.case_file.c.case_id == bindparam("case_id"))
_CASE = select(t.case_file.c.deleted_day).where(t.case_file.c.case_id == bindparam("case_id"))
_BYTES_OF_REPORTER = select(func.coalesce(func.sum(func.length(t.envelope.c.raw)), 0)).where(
    t.envelope.c.case_id == bindparam("case_id"), t.envelope.c.kind == t.FROM_REPORTER
)
_CASE_OF_ENVELOPE = select(t.envelope.c.case_id).where(t.envelope.c.envelope_id == bindparam("envelope_id"))
# All that a new report could collide with, and what it was sealed by, asked in one go: other writers wait.
_QUESTION = Statement(
    select(
        *basis.COLUMNS,
        select(t.code.c.case_id)
        .where(t.code.c.index == bindparam("index"))
        .scalar_subquery()
        .label("of_code"),
        _HAS_CASE.scalar_subquery().label("same_case"),
        _CASE_OF_ENVELOPE.scalar_subquery().label("of_envelope"),
        select(t.pending_leaf.c.hash)
        .where(t.pending_leaf.c.hash == bindparam("hash"))
        .scalar_subquery()
        .label("waits"),
        select(t.log_leaf.c.hash)
        .where(t.log_leaf.c.hash == bindparam("hash"))
        .limit(literal_column("1"))
        .scalar_subquery()
        .label("is_in"),
    )
)
_RECORD = select(t.case_file.c.mailbox_record).where(t.case_file.c.case_id == bindparam("case_id"))
_NEW_GRANT = Statement(insert(t.grant), ("envelope_id", "key_id", "granter", "sealed"))
_NEW_NAME = insert(t.object_name)


def lookup(conn: Connection, index: bytes) -> CodeRow | None:
    """Return what a code's index (16 bytes) leads to, or None. Ended codes are found too: see `ended_day`."""
    rows = driver.rows(conn, _CODE, {"index": index})
    return CodeRow(*rows[0]) if rows else None


def add_report(
    conn: Connection,
    report: NewReport,
    objects: Sequence[bytes] = (),
    known: Basis | None = None,
    leaf: NewLeaf | None = None,
) -> Outcome:
    """Store a report: case, code, envelope, the mailbox's grant, the feed's row and the leaf that waits, or nothing.

    `objects`: ids of the files that come with it; `Objects.claim` has said that they are here. `known`: what the report
    was sealed by, and its leaf was made by.

    STORED; REPEAT when this very envelope is in the code's case already; CASE_EXISTS when the code (ended
    or not) has a case without this envelope (keep the text as a message in the case that `lookup` names);
    REFUSED when the case or the envelope belongs to another code; OBJECTS when a file belongs to another
    envelope. Raises ListChanged when the basis is another one by now, LeafUnfit.
    """
    asked = {
        "index": report.index,
        "case_id": report.case_id,
        "envelope_id": report.envelope_id,
        "hash": leaf.hash if leaf else b"",
        "day": report.day,
    }
    row = feed.take_turn_and(conn, _QUESTION, asked)[0]
    now = basis.basis_of(row, report.day)
    if known is not None and now != known:
        raise ListChanged
    of_code, same_case, of_envelope, waits, is_in = row[len(basis.COLUMNS) :]
    if of_envelope is not None:
        return Outcome.REPEAT if of_envelope == of_code else Outcome.REFUSED
    if of_code is not None:
        return Outcome.CASE_EXISTS
    if same_case is not None:
        return Outcome.REFUSED
    if _named(conn, objects):
        return Outcome.OBJECTS
    _check_leaf(leaf, now, waits is not None or is_in is not None)
    values = _values_of(report, now, leaf)
    inserts = report_rows.statements(conn.dialect.name, leaf is not None)
    driver.run(conn, [(statement, values) for statement in inserts])
    _name(conn, report.envelope_id, objects)
    return Outcome.STORED


def _check_leaf(leaf: NewLeaf | None, now: Basis, is_there: bool) -> None:
    if leaf is None:
        return
    if now.tagged is None or now.is_late:
        raise LeafUnfit(LeafOutcome.LATE)
    if not leaf.fits:
        raise LeafUnfit(LeafOutcome.LENGTH)
    if is_there:
        raise LeafUnfit(LeafOutcome.KNOWN)


def _values_of(report: NewReport, now: Basis, leaf: NewLeaf | None) -> driver.Values:
    made = {**vars(report), "kind": t.REPORT, "act_sig": None}
    if leaf is not None:
        made |= {"hash": leaf.hash, "leaf": leaf.raw, "tagged": now.tagged}
    return made


def add_message(conn: Connection, message: NewMessage) -> Outcome:
    """Store a later envelope of a case with its grants.

    STORED; REPEAT when the case has it already; REFUSED when another case has it or there is no such case; DELETED when
    the case was deleted; FULL when the reporter's messages would be more than MESSAGES_AT_MOST; OBJECTS when a file
    belongs to another envelope; CHOICE when the case has another exclude record than the writer had read. Raises
    ValueError for kind 1, which only `add_report` stores.
    """
    if message.kind == t.REPORT:
        raise ValueError("a report is stored with its case")
    feed.take_turn(conn)
    of_envelope = conn.scalar(_CASE_OF_ENVELOPE, {"envelope_id": message.envelope_id})
    if of_envelope is not None:
        return Outcome.REPEAT if of_envelope == message.case_id else Outcome.REFUSED
    case = conn.execute(_CASE, {"case_id": message.case_id}).first()
    if case is None:
        return Outcome.REFUSED
    if case.deleted_day is not None:
        return Outcome.DELETED
    if (
        message.kind == t.FROM_REPORTER
        and _bytes_of_reporter(conn, message.case_id) + len(message.raw) > MESSAGES_AT_MOST
    ):
        return Outcome.FULL
    if _named(conn, message.objects):
        return Outcome.OBJECTS
    if message.record is not None and not put_record(conn, message.case_id, message.record):
        return Outcome.CHOICE
    store_envelope(
        conn,
        message.case_id,
        message.envelope_id,
        message.kind,
        message.raw,
        message.day,
        message.grants,
        message.act_sig,
    )
    _name(conn, message.envelope_id, message.objects)
    return Outcome.STORED


def put_record(conn: Connection, case_id: bytes, record: NewRecord) -> bool:
    """Put a new exclude record in place of the one that its writer had read; False when it is another by now.

    The caller has taken the turn.
    """
    if conn.scalar(_RECORD, {"case_id": case_id}) != record.before:
        return False
    mine = t.case_file.c.case_id == case_id
    conn.execute(update(t.case_file).where(mine).values(mailbox_record=record.raw))
    return True


def _bytes_of_reporter(conn: Connection, case_id: bytes) -> int:
    return int(conn.scalar(_BYTES_OF_REPORTER, {"case_id": case_id}) or 0)


def _named(conn: Connection, objects: Sequence[bytes]) -> bool:
    """Tell whether one of these objects has an envelope, or is here twice."""
    if not objects:
        return False
    there = select(t.object_name.c.object_id).where(t.object_name.c.object_id.in_(objects))
    return len(set(objects)) != len(objects) or conn.execute(there).first() is not None


def _name(conn: Connection, envelope_id: bytes, objects: Sequence[bytes]) -> None:
    if objects:
        conn.execute(
            _NEW_NAME, [{"object_id": object_id, "envelope_id": envelope_id} for object_id in objects]
        )


def store_envelope(
    conn: Connection,
    case_id: bytes,
    envelope_id: bytes,
    kind: int,
    raw: bytes,
    day: date,
    grants: Sequence[tuple[bytes, bytes, bytes]],
    act_sig: bytes | None,
) -> None:
    """Store an envelope with its place in the feed and its grants; the caller has taken the turn."""
    driver.run(conn, _envelope_rows(case_id, envelope_id, kind, raw, day, grants, act_sig))


def _envelope_rows(
    case_id: bytes,
    envelope_id: bytes,
    kind: int,
    raw: bytes,
    day: date,
    grants: Sequence[tuple[bytes, bytes, bytes]],
    act_sig: bytes | None = None,
) -> list[tuple[Statement, driver.Values]]:
    envelope = {
        "envelope_id": envelope_id,
        "case_id": case_id,
        "kind": kind,
        "day": day,
        "act_sig": act_sig,
        "promise": None,
        "raw": raw,
    }
    # The same pair of reader and granter twice in one request: the first one counts, as the table holds one.
    distinct = {(key_id, granter): sealed for key_id, granter, sealed in reversed(grants)}
    return [
        (feed.APPEND, {"case_id": case_id}),
        (report_rows.NEW_ENVELOPE, envelope),
        *(
            (_NEW_GRANT, {"envelope_id": envelope_id, "key_id": key_id, "granter": granter, "sealed": sealed})
            for (key_id, granter), sealed in distinct.items()
        ),
    ]
