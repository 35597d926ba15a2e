"""Totals of reports, and statistics, sealed by a lead's desk to observers. The server can open none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, delete, insert, select

from store import feed
from store import tables as t


@dataclass(frozen=True)
class StatisticsRow:
    """Statistics by one lead (`author`: key id), sealed to one observer on a day."""

    author: bytes
    day: date
    sealed: bytes


_T = t.statistics.c
_RECEIVED = select(t.case_file.c.received_day, t.case_file.c.deleted_day)
_FOR = select(_T.author, _T.day, _T.sealed).where(_T.key_id == bindparam("reader")).order_by(_T.author)


def for_key(conn: Connection, key_id: bytes) -> list[StatisticsRow]:
    """Return what leads sealed to this observer."""
    return [StatisticsRow(*row) for row in conn.execute(_FOR, {"reader": key_id})]


def received(conn: Connection) -> list[tuple[date, date | None]]:
    """Return of every report when it was received, and when its case was deleted (None: it was not)."""
    return [(came, gone) for came, gone in conn.execute(_RECEIVED)]


def put(conn: Connection, author: bytes, sealed: Mapping[bytes, bytes], day: date) -> None:
    """Put a lead's statistics (by the observer's key id) in place of all that this lead put before."""
    feed.take_turn(conn)  # two requests of one lead at once: one after the other
    conn.execute(delete(t.statistics).where(_T.author == author))
    rows = [{"author": author, "key_id": key_id, "day": day, "sealed": raw} for key_id, raw in sealed.items()]
    if rows:
        conn.execute(insert(t.statistics), rows)


def delete_for(conn: Connection, key_id: bytes) -> None:
    """Delete what was sealed to a key."""
    conn.execute(delete(t.statistics).where(_T.key_id == key_id))
