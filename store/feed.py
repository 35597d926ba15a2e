"""The feed: everything that a desk has to fetch, in ONE sequence, in the order of commits (ADR 0003)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    true,
)

from store import driver, guests
from store import tables as t

LOCK_KEY: Final = 0x6D79626B_00000001
"""Number of the advisory lock on PostgreSQL ("mybk", 1)."""

MAX_LIMIT: Final = 1000


@dataclass(frozen=True)
class FeedRow:
    """One change: an envelope (envelope_id, kind, size, perhaps act_sig), a status (sequence, status, author, sig,
    act_sig), or something about deleting the case (deletion, author, sig, act_sig; where it is done, with `first_...`
    of the proposal). What belongs to the others is None. `size` is the envelope's bytes, one of four sizes.
    """

    seq: int
    case_id: bytes
    day: date
    envelope_id: bytes | None
    kind: int | None
    size: int | None
    sequence: int | None
    status: str | None
    author: bytes | None
    sig: bytes | None
    act_sig: bytes | None
    deletion: str | None
    first_author: bytes | None
    first_day: date | None
    first_sig: bytes | None
    first_act_sig: bytes | None

    @property
    def what(self) -> str:
        """Which of the desk's words fits: "report" (kind 1), "message" (kinds 2 to 4), "status", or one of
        store.deletion.
        """
        if self.deletion is not None:
            return self.deletion
        if self.envelope_id is None:
            return "status"
        return "report" if self.kind == t.REPORT else "message"


@dataclass(frozen=True)
class SealedRow:
    """An envelope's bytes with the grants to one key: all that the holder of that key needs."""

    envelope_id: bytes
    case_id: bytes
    kind: int
    day: date
    raw: bytes
    act_sig: bytes | None
    grants: tuple[bytes, ...]


_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=LOCK_KEY)
_TURN: Final = driver.Statement(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
_APPEND = insert(t.change)
APPEND: Final = driver.Statement(insert(t.change), ("case_id",))
"""Adds a row; its number is the largest one until the turn ends."""
_FIRST = t.deletion.alias("first")


def _page(*conditions: ColumnElement[bool]) -> CTE:
    # The page's numbers first, as a table of their own. PostgreSQL prepares a statement that was run some times, with
    # one plan for any `after`: joined at once, that plan reads the other tables from their beginning up to the page.
    return (
        select(t.change.c.seq, t.change.c.case_id)
        .where(t.change.c.seq > bindparam("after"), *conditions)
        .order_by(t.change.c.seq)
        # A number in the statement's text, so that the plan knows how few rows there are.
        .limit(bindparam("rows", type_=Integer, literal_execute=True))
        .cte("page")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _of(table: Table, number: ColumnElement[Any], dialect: str) -> tuple[FromClause, Any]:
    """Return a table to join with a page, and the condition. `number`: what a row of it has as its own.

    A desk asks for what is above its last number, at most a page. PostgreSQL would merge a long page with a whole
    table, from the table's beginning up to the page; a LATERAL row is looked up by its number, whatever it reckons.
    """
    if dialect != "postgresql":
        return table, table.c.seq == number
    row = select(table).where(table.c.seq == number).limit(literal_column("1"))
    return row.lateral(f"{table.name}_row"), true()


def _changes(page: CTE, dialect: str) -> Select[Any]:
    envelope, is_envelope = _of(t.envelope, page.c.seq, dialect)
    status, is_status = _of(t.status, page.c.seq, dialect)
    deletion, is_deletion = _of(t.deletion, page.c.seq, dialect)
    return (
        select(
            page.c.seq,
            page.c.case_id,
            func.coalesce(envelope.c.day, status.c.day, deletion.c.day).label("day"),
            envelope.c.envelope_id,
            envelope.c.kind,
            func.length(envelope.c.raw).label("size"),
            status.c.sequence,
            status.c.status,
            func.coalesce(status.c.author, deletion.c.author).label("author"),
            func.coalesce(status.c.sig, deletion.c.sig).label("sig"),
            func.coalesce(envelope.c.act_sig, status.c.act_sig, deletion.c.act_sig).label("act_sig"),
            deletion.c.what,
            _FIRST.c.author,
            _FIRST.c.day,
            _FIRST.c.sig,
            _FIRST.c.act_sig,
        )
        .select_from(
            page.outerjoin(envelope, is_envelope)
            .outerjoin(status, is_status)
            .outerjoin(deletion, is_deletion)
            .outerjoin(_FIRST, _FIRST.c.seq == deletion.c.agrees)
        )
        .order_by(page.c.seq)
    )


# A guest learns of every deletion: with the case its grants are gone, and the copy at the guest's desk has to go too.
_GIVEN = or_(
    t.change.c.case_id.in_(guests.case_ids(bindparam("given_to"))), t.change.c.case_id.in_(guests.DELETED)
)
_DATABASES: Final = ("sqlite", "postgresql")
_AFTER: Final = {name: _changes(_page(), name) for name in _DATABASES}
_AFTER_GIVEN: Final = {name: _changes(_page(_GIVEN), name) for name in _DATABASES}
_LAST = select(func.coalesce(func.max(t.change.c.seq), 0))
_LAST_GIVEN = _LAST.where(_GIVEN)
_ENVELOPES = (
    select(
        t.envelope.c.envelope_id,
        t.envelope.c.case_id,
        t.envelope.c.kind,
        t.envelope.c.day,
        t.envelope.c.raw,
        t.envelope.c.act_sig,
    )
    .where(t.envelope.c.envelope_id.in_(bindparam("ids", expanding=True)))
    .order_by(t.envelope.c.seq)
)
_GRANTS = (
    select(t.grant.c.envelope_id, t.grant.c.sealed)
    .where(
        t.grant.c.envelope_id.in_(bindparam("ids", expanding=True)), t.grant.c.key_id == bindparam("reader")
    )
    .order_by(t.grant.c.granter)
)


def take_turn(conn: Connection) -> None:
    """Let this transaction be the only one that appends to the feed until it ends.

    Without it PostgreSQL would hand out sequence numbers in one order and commit in another: a desk that
    has fetched 8 would never ask for 7, committed a moment later, again. A SQLite writer is alone from its
    BEGIN IMMEDIATE on.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK)


def take_turn_and(conn: Connection, question: driver.Statement, values: driver.Values) -> driver.Rows:
    """Take the turn and ask; on PostgreSQL in one round trip. The question sees what was committed before the turn."""
    if conn.dialect.name == "postgresql":
        return driver.run(conn, [(_TURN, {}), (question, values)])[1]
    return driver.rows(conn, question, values)


def append(conn: Connection, case_id: bytes) -> int:
    """Add a row to the feed and return its number. The transaction must have taken its turn."""
    key = conn.execute(_APPEND, {"case_id": case_id}).inserted_primary_key
    if key is None:
        raise LookupError("the database gave the new row no number")
    return int(key[0])


def after(conn: Connection, seq: int, limit: int, guest: bytes | None = None) -> list[FeedRow]:
    """Return up to `limit` (at most MAX_LIMIT) changes with numbers above `seq`, oldest first; no sealed
    bytes. `guest`: the key id of a guest, who is shown the cases with a grant to it.
    """
    wanted = {"after": seq, "rows": min(limit, MAX_LIMIT)}
    rows = (
        conn.execute(_AFTER[conn.dialect.name], wanted)
        if guest is None
        else conn.execute(_AFTER_GIVEN[conn.dialect.name], {**wanted, "given_to": guest})
    )
    return [FeedRow(*cast(Any, row)) for row in rows]


def last(conn: Connection, guest: bytes | None = None) -> int:
    """Return the number of the newest change, 0 when there is none. `guest`: as of `after`."""
    return int((conn.scalar(_LAST) if guest is None else conn.scalar(_LAST_GIVEN, {"given_to": guest})) or 0)


def envelopes(conn: Connection, ids: Sequence[bytes], key_id: bytes) -> list[SealedRow]:
    """Return the envelopes with these ids that exist, in the feed's order, each with the grants to
    `key_id`.
    """
    wanted = list(dict.fromkeys(ids))
    grants: dict[bytes, list[bytes]] = {}
    for envelope_id, sealed in conn.execute(_GRANTS, {"ids": wanted, "reader": key_id}):
        grants.setdefault(envelope_id, []).append(sealed)
    rows = conn.execute(_ENVELOPES, {"ids": wanted})
    return [SealedRow(*row, grants=tuple(grants.get(row.envelope_id, ()))) for row in rows]
