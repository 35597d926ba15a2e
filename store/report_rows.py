"""The rows of a new report: on PostgreSQL one statement, on SQLite one for each table. All take the same values."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Insert, Table, bindparam, func, insert, select

from store import feed
from store import tables as t
from store.driver import Statement

ENVELOPE: Final = ("envelope_id", "case_id", "kind", "day", "act_sig", "promise", "raw")
_CASE: Final = ("case_id", "mailbox_pk", "mailbox_key_id", "reporter_sign_pk", "act_pk", "mailbox_record")


def _row(table: Table, **values: str) -> Insert:
    """Return an insert into columns, each with the name of its value."""
    return insert(table).values(
        {name: bindparam(value, type_=table.c[name].type) for name, value in values.items()}
    )


_ENVELOPE_VALUES: Final = [bindparam(name, type_=t.envelope.c[name].type) for name in ENVELOPE]
_NEW_CASE: Final = _row(t.case_file, **{name: name for name in _CASE}, received_day="day")
_NEW_CODE: Final = _row(t.code, index="index", case_id="case_id")
_NEW_LEAF: Final = _row(t.pending_leaf, hash="hash", day="day", list_length="tagged", raw="leaf")
# The reporter's own grant: made by the mailbox, for the mailbox.
_NEW_GRANT: Final = _row(
    t.grant,
    envelope_id="envelope_id",
    key_id="mailbox_key_id",
    granter="mailbox_key_id",
    sealed="mailbox_grant",
)
NEW_ENVELOPE: Final = Statement(
    # The number that the feed gave just before, in this transaction: the turn is held until its end.
    insert(t.envelope).from_select(
        ("seq", *ENVELOPE), select(select(func.max(t.change.c.seq)).scalar_subquery(), *_ENVELOPE_VALUES)
    )
)


def _whole(has_leaf: bool) -> Statement:
    change = _row(t.change, case_id="case_id").returning(t.change.c.seq).cte("new_change")
    envelope = insert(t.envelope).from_select(("seq", *ENVELOPE), select(change.c.seq, *_ENVELOPE_VALUES))
    parts = [_NEW_CASE.cte("new_case"), _NEW_CODE.cte("new_code"), change, envelope.cte("new_envelope")]
    parts += [_NEW_LEAF.cte("new_leaf")] if has_leaf else []
    return Statement(_NEW_GRANT.add_cte(*parts))


def _each(has_leaf: bool) -> tuple[Statement, ...]:
    leaf = (Statement(_NEW_LEAF),) if has_leaf else ()
    return (
        Statement(_NEW_CASE), Statement(_NEW_CODE), feed.APPEND, NEW_ENVELOPE, Statement(_NEW_GRANT), *leaf,
    )  # fmt: skip


_STATEMENTS: Final = {
    ("sqlite", False): _each(has_leaf=False),
    ("sqlite", True): _each(has_leaf=True),
    ("postgresql", False): (_whole(has_leaf=False),),
    ("postgresql", True): (_whole(has_leaf=True),),
}


def statements(database: str, has_leaf: bool) -> tuple[Statement, ...]:
    """Return what stores a report. `database`: "sqlite" or "postgresql". Values: those of an envelope, a case, a code,
    `mailbox_grant`; with a leaf also `hash`, `leaf` (its bytes) and `tagged`.
    """
    return _STATEMENTS[database, has_leaf]
