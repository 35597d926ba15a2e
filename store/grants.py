"""Grants that auditors make later, for colleagues who could not read an envelope from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store import feed
from store import tables as t

AT_ONCE: Final = 1000
"""Grants that a desk gets with one request."""

_KEY: Final = ["envelope_id", "key_id", "granter"]


def _putting(insert: Any) -> Any:
    new = {"sealed": insert.excluded.sealed, "number": insert.excluded.number}
    return insert.on_conflict_do_update(index_elements=_KEY, set_=new)


_PUT: Final[dict[str, Any]] = {
    "sqlite": _putting(sqlite.insert(t.grant)),
    "postgresql": _putting(postgresql.insert(t.grant)),
}


@dataclass(frozen=True)
class GrantRow:
    """A grant to the key that asks. `number`: which of the times it is that something was granted to that key."""

    number: int
    envelope_id: bytes
    sealed: bytes


def put(conn: Connection, granter: bytes, grants: Sequence[tuple[bytes, bytes, bytes]]) -> bool:
    """Store grants (envelope id, key id, sealed key) in place of the granter's own earlier ones; False, and nothing is
    changed, when one is for an envelope that is not there.
    """
    feed.take_turn(conn)  # no envelope goes away, and no key is retired, in between
    wanted = {envelope_id for envelope_id, _key_id, _sealed in grants}
    there = select(t.envelope.c.envelope_id).where(t.envelope.c.envelope_id.in_(wanted))
    if set(conn.scalars(there)) != wanted:
        return False
    keys = {key_id for _envelope_id, key_id, _sealed in grants}
    conn.execute(update(t.card).where(t.card.c.key_id.in_(keys)).values(granted=t.card.c.granted + 1))
    now = select(t.card.c.key_id, t.card.c.granted).where(t.card.c.key_id.in_(keys))
    numbers = {row.key_id: row.granted for row in conn.execute(now)}
    for envelope_id, key_id, sealed in grants:
        row = {"envelope_id": envelope_id, "key_id": key_id, "granter": granter, "sealed": sealed}
        conn.execute(_PUT[conn.dialect.name], row | {"number": numbers[key_id]})
    return True


def after(
    conn: Connection, key_id: bytes, number: int, at_most: int = AT_ONCE
) -> tuple[list[GrantRow], bool]:
    """Return what was granted to a key after a number, in that order, and whether there is more.

    What was granted at one time is never parted, unless it is more than `at_most`, which one request never brings.
    """
    grant = t.grant.c
    wanted = (
        select(grant.number, grant.envelope_id, grant.sealed)
        .where(grant.key_id == key_id, grant.number > number)
        .order_by(grant.number, grant.envelope_id, grant.granter)
        .limit(at_most + 1)
    )
    rows = [GrantRow(*row) for row in conn.execute(wanted)]
    if len(rows) <= at_most:
        return rows, False
    return [row for row in rows if row.number < rows[-1].number], True


def times(conn: Connection, key_id: bytes) -> int:
    """Return how often something was granted to a key."""
    return int(conn.scalar(select(t.card.c.granted).where(t.card.c.key_id == key_id)) or 0)


def delete_for(conn: Connection, key_id: bytes) -> None:
    """Delete every grant to a key."""
    conn.execute(delete(t.grant).where(t.grant.c.key_id == key_id))
