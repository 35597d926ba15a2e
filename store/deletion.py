"""Deleting a case: stores the auditors' signatures and deletes the rows (docs/format.md, section 2.8).

The case's row with its two days, its codes and the signatures stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from store import feed
from store import tables as t

PROPOSED: Final = "deletion"
KEPT: Final = "kept"
DELETED: Final = "deleted"


class SignedAct(NamedTuple):
    """An act that is to be stored: its day, its author's key id, and both signatures (64 bytes)."""

    day: date
    author: bytes
    sig: bytes
    act_sig: bytes


@dataclass(frozen=True)
class Act:
    """One auditor's signed statement about deleting a case; `seq` is its place in the feed."""

    seq: int
    what: str
    day: date
    author: bytes
    sig: bytes
    act_sig: bytes


_T = t.deletion.c
_ACTS = (
    select(_T.seq, _T.what, _T.day, _T.author, _T.sig, _T.act_sig)
    .where(_T.case_id == bindparam("case_id"))
    .order_by(_T.seq)
)
_OBJECTS = (
    select(t.object_name.c.object_id)
    .join(t.envelope, t.envelope.c.envelope_id == t.object_name.c.envelope_id)
    .where(t.envelope.c.case_id == bindparam("case_id"))
    .order_by(t.object_name.c.object_id)
)


def acts(conn: Connection, case_id: bytes) -> list[Act]:
    """Return what was signed about deleting a case, oldest first; the last one counts."""
    return [Act(*row) for row in conn.execute(_ACTS, {"case_id": case_id})]


def objects(conn: Connection, case_id: bytes) -> list[bytes]:
    """Return the ids of the files that a case's envelopes name."""
    return list(conn.scalars(_OBJECTS, {"case_id": case_id}))


def add(conn: Connection, case_id: bytes, what: str, act: SignedAct) -> None:
    """Store a proposal or its withdrawal, which the caller has checked, and which has to take its turn first."""
    _add(conn, case_id, what, act, None)


def delete_case(conn: Connection, case_id: bytes, agrees: int, act: SignedAct) -> None:
    """Delete a case, with the second person's signature under the proposal whose place in the feed is `agrees`.

    The caller has checked both and taken the turn. Stored files are the caller's too: `objects` before, and
    `Objects.let_go` and `Objects.settle`.
    """
    of_case = t.envelope.c.case_id == case_id
    envelopes = select(t.envelope.c.envelope_id).where(of_case)
    gone = [
        *conn.scalars(select(t.envelope.c.seq).where(of_case)),
        *conn.scalars(select(t.status.c.seq).where(t.status.c.case_id == case_id)),
    ]
    conn.execute(delete(t.object_name).where(t.object_name.c.envelope_id.in_(envelopes)))
    conn.execute(delete(t.grant).where(t.grant.c.envelope_id.in_(envelopes)))
    conn.execute(delete(t.envelope).where(of_case))
    conn.execute(delete(t.status).where(t.status.c.case_id == case_id))
    if gone:
        conn.execute(
            delete(t.change).where(t.change.c.seq == bindparam("gone")), [{"gone": seq} for seq in gone]
        )
    empty = {"mailbox_pk": b"", "mailbox_key_id": b"", "reporter_sign_pk": b"", "mailbox_record": b""}
    mine = t.case_file.c.case_id == case_id
    conn.execute(update(t.case_file).where(mine).values(deleted_day=act.day, **empty))
    _add(conn, case_id, DELETED, act, agrees)


def _add(conn: Connection, case_id: bytes, what: str, act: SignedAct, agrees: int | None) -> None:
    place = {"seq": feed.append(conn, case_id), "case_id": case_id}
    conn.execute(insert(t.deletion), {**place, "what": what, **act._asdict(), "agrees": agrees})
