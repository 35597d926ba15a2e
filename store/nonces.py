"""Nonces of signed requests: each is good once."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection, Insert, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from store import tables as t

A_DAY_AT_MOST: Final = 20_000
"""Requests of one key for one day. A first fetch of 100,000 cases takes some 2,100."""
NEWS_AT_MOST: Final = 30_000
"""The same where news may be fetched too: what a key has for its other requests never uses up what is left for news."""


class Use(Enum):
    """The outcome of storing a nonce."""

    FRESH = "fresh"
    REPLAYED = "replayed"
    TOO_MANY = "too_many"
    """The key has signed A_DAY_AT_MOST requests for that day: the nonce was not noted."""


_USE: dict[str, Insert] = {
    "sqlite": sqlite.insert(t.nonce).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(t.nonce).on_conflict_do_nothing(),
}
_OLD = t.nonce.c.day < bindparam("oldest")
_OLDEST_DAY = select(func.min(t.nonce.c.day))
_FORGET = delete(t.nonce).where(_OLD)
_KNOWN = select(t.nonce.c.nonce).where(
    t.nonce.c.key_id == bindparam("of_key"), t.nonce.c.nonce == bindparam("of_nonce")
)
_USED = (
    select(func.count())
    .select_from(t.nonce)
    .where(t.nonce.c.key_id == bindparam("of_key"), t.nonce.c.day == bindparam("of_day"))
)


def use(
    conn: Connection, key_id: bytes, nonce: bytes, day: date, today: date, at_most: int = A_DAY_AT_MOST
) -> Use:
    """Note that `key_id` signed a request for `day` with `nonce`.

    Commit before you act on the request. Requests for yesterday, today and tomorrow are taken, so nonces of
    days before yesterday are forgotten here. `at_most`: nonces that a key may have for a day, so that nobody fills
    the table.
    """
    yesterday = today - timedelta(days=1)
    oldest: Any = conn.scalar(_OLDEST_DAY)
    if oldest is not None and oldest < yesterday:
        conn.execute(_FORGET, {"oldest": yesterday})
    if int(conn.scalar(_USED, {"of_key": key_id, "of_day": day}) or 0) >= at_most:
        known = conn.scalar(_KNOWN, {"of_key": key_id, "of_nonce": nonce}) is not None
        return Use.REPLAYED if known else Use.TOO_MANY
    row = {"key_id": key_id, "nonce": nonce, "day": day}
    # SQLAlchemy forgets an INSERT's count of rows unless asked to keep it.
    done = conn.execute(_USE[conn.dialect.name], row, execution_options={"preserve_rowcount": True})
    return Use.FRESH if done.rowcount == 1 else Use.REPLAYED
