"""Grants that auditors make later, for colleagues who could not read an envelope from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store import feed
from store import tables as t

_SQLITE = sqlite.insert(t.grant)
_POSTGRESQL = postgresql.insert(t.grant)
_KEY: Final = ["envelope_id", "key_id", "granter"]
_PUT: Final[dict[str, Any]] = {
    "sqlite": _SQLITE.on_conflict_do_update(index_elements=_KEY, set_={"sealed": _SQLITE.excluded.sealed}),
    "postgresql": _POSTGRESQL.on_conflict_do_update(
        index_elements=_KEY, set_={"sealed": _POSTGRESQL.excluded.sealed}
    ),
}


def put(conn: Connection, granter: bytes, grants: Sequence[tuple[bytes, bytes, bytes]]) -> bool:
    """Store grants (envelope id, key id, sealed key) in place of the granter's own earlier ones; False, and nothing is
    changed, when one is for an envelope that is not there.
    """
    feed.take_turn(conn)  # no envelope goes away, and no key is retired, in between
    wanted = {envelope_id for envelope_id, _key_id, _sealed in grants}
    there = select(t.envelope.c.envelope_id).where(t.envelope.c.envelope_id.in_(wanted))
    if set(conn.scalars(there)) != wanted:
        return False
    for envelope_id, key_id, sealed in grants:
        row = {"envelope_id": envelope_id, "key_id": key_id, "granter": granter, "sealed": sealed}
        conn.execute(_PUT[conn.dialect.name], row)
    keys = {key_id for _envelope_id, key_id, _sealed in grants}
    conn.execute(update(t.card).where(t.card.c.key_id.in_(keys)).values(granted=t.card.c.granted + 1))
    return True


def times(conn: Connection, key_id: bytes) -> int:
    """Return how often something was granted to a key."""
    return int(conn.scalar(select(t.card.c.granted).where(t.card.c.key_id == key_id)) or 0)


def delete_for(conn: Connection, key_id: bytes) -> None:
    """Delete every grant to a key."""
    conn.execute(delete(t.grant).where(t.grant.c.key_id == key_id))
