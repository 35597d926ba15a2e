"""Operations on a receipt code: replacement, forgetting (format.md, 2.10).

Each is the caller's one transaction; signatures are the caller's to check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from store import cases, feed, reports
from store import tables as t
from store.outcome import Outcome


@dataclass(frozen=True, repr=False)
class NewCode:
    """A code that takes an old one's place.

    `index`, `mailbox_key_id`, `envelope_id`: 16 bytes; keys: 32; `record`: the exclude record; `raw`: the envelope with
    the new keys; `grants`: (envelope id, sealed key) for the new mailbox, of that envelope too.
    """

    index: bytes
    mailbox_pk: bytes
    mailbox_key_id: bytes
    reporter_sign_pk: bytes
    record: reports.NewRecord
    envelope_id: bytes
    raw: bytes
    grants: Sequence[tuple[bytes, bytes]]


def replace(conn: Connection, case_id: bytes, old_index: bytes, new: NewCode, day: date) -> Outcome:
    """Put a new code in place of an old one, with all that it is to open, or change nothing.

    STORED; REPEAT when the new code has this case already; CASE_EXISTS when the old one was given up for another;
    REFUSED when the new code or the envelope belongs elsewhere, or a grant is for an envelope of no such case;
    DELETED when the case was; CHOICE when the case has another exclude record than the writer had read.
    """
    feed.take_turn(conn)
    taken = reports.lookup(conn, new.index)
    if taken is not None:
        same = taken.case_id == case_id and taken.ended_day is None
        return Outcome.REPEAT if same else Outcome.REFUSED
    case, old = cases.get(conn, case_id), reports.lookup(conn, old_index)
    if case is None or old is None or old.case_id != case_id:
        return Outcome.REFUSED
    if case.deleted_day is not None:
        return Outcome.DELETED
    if old.ended_day is not None:
        return Outcome.CASE_EXISTS
    known = set(conn.scalars(select(t.envelope.c.envelope_id).where(t.envelope.c.case_id == case_id)))
    granted = {envelope_id for envelope_id, _sealed in new.grants}
    elsewhere = select(t.envelope.c.case_id).where(t.envelope.c.envelope_id == new.envelope_id)
    is_whole = new.envelope_id in granted and granted <= known | {new.envelope_id}
    if not is_whole or conn.execute(elsewhere).first() is not None:
        return Outcome.REFUSED
    if not reports.put_record(conn, case_id, new.record):
        return Outcome.CHOICE
    _put_in_place(conn, case, old_index, new, day)
    return Outcome.STORED


def _put_in_place(conn: Connection, case: cases.CaseRow, old_index: bytes, new: NewCode, day: date) -> None:
    """Store the envelope of a new code, end the old one, and put keys and grants of the new one in its place."""
    case_id, mailbox, granted = case.case_id, new.mailbox_key_id, dict(new.grants)
    grants = [(mailbox, mailbox, granted.pop(new.envelope_id))]
    reports.store_envelope(conn, case_id, new.envelope_id, t.FROM_REPORTER, new.raw, day, grants, None)
    conn.execute(update(t.code).where(t.code.c.index == old_index).values(ended_day=day))
    conn.execute(insert(t.code), {"index": new.index, "case_id": case_id, "ended_day": None})
    _delete_grants(conn, case_id, case.mailbox_key_id)
    if granted:
        rows = [
            {"envelope_id": envelope_id, "key_id": mailbox, "granter": mailbox, "sealed": sealed}
            for envelope_id, sealed in granted.items()
        ]
        conn.execute(insert(t.grant), rows)
    conn.execute(
        update(t.case_file)
        .where(t.case_file.c.case_id == case_id)
        .values(
            mailbox_pk=new.mailbox_pk,
            mailbox_key_id=mailbox,
            reporter_sign_pk=new.reporter_sign_pk,
        )
    )


def forget(conn: Connection, case_id: bytes, record: reports.NewRecord) -> Outcome:
    """Delete every grant of a case to its mailbox: STORED, or REFUSED when there is no such case.

    CHOICE when the case has another exclude record than the writer had read; then nothing was changed.
    """
    feed.take_turn(conn)
    case = cases.get(conn, case_id)
    if case is None:
        return Outcome.REFUSED
    if not reports.put_record(conn, case_id, record):
        return Outcome.CHOICE
    _delete_grants(conn, case_id, case.mailbox_key_id)
    return Outcome.STORED


def _delete_grants(conn: Connection, case_id: bytes, key_id: bytes) -> None:
    of_case = select(t.envelope.c.envelope_id).where(t.envelope.c.case_id == case_id)
    conn.execute(delete(t.grant).where(t.grant.c.key_id == key_id, t.grant.c.envelope_id.in_(of_case)))
