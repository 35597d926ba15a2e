"""Nonces of signed requests: each is good once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from store import tables as t

_USE: dict[str, Insert] = {
    "sqlite": sqlite.insert(t.nonce).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(t.nonce).on_conflict_do_nothing(),
}
_OLD = t.nonce.c.day < bindparam("oldest")
_OLDEST_DAY = select(func.min(t.nonce.c.day))
_FORGET = delete(t.nonce).where(_OLD)


def use(conn: Connection, key_id: bytes, nonce: bytes, day: date, today: date) -> bool:
    """Note that `key_id` signed a request for `day` with `nonce`; False when it had before (a replay).

    Commit before you act on the request. Requests for yesterday, today and tomorrow are taken, so nonces of
    days before yesterday are forgotten here.
    """
    yesterday = today - timedelta(days=1)
    oldest: Any = conn.scalar(_OLDEST_DAY)
    if oldest is not None and oldest < yesterday:
        conn.execute(_FORGET, {"oldest": yesterday})
    row = {"key_id": key_id, "nonce": nonce, "day": day}
    # SQLAlchemy forgets an INSERT's count of rows unless asked to keep it.
    done = conn.execute(_USE[conn.dialect.name], row, execution_options={"preserve_rowcount": True})
    return done.rowcount == 1
