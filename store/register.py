"""Register records (docs/format.md, 2.15): one sequence that only grows. The server can read none of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from store import feed
from store import tables as t
from store.outcome import Outcome

AT_ONCE: Final = 20
"""Records in one answer."""


@dataclass(frozen=True)
class RegisterRow:
    """A record at its place."""

    number: int
    raw: bytes


_T = t.register_record.c
_AFTER = (
    select(_T.number, _T.raw).where(_T.number > bindparam("after")).order_by(_T.number).limit(AT_ONCE + 1)
)
_LAST = select(_T.number, _T.hash).order_by(_T.number.desc()).limit(1)
_OF_NUMBER = select(_T.raw).where(_T.number == bindparam("of"))
NOTHING: Final = (0, bytes(32))


def last(conn: Connection) -> tuple[int, bytes]:
    """Return the newest number and the hash of its record; NOTHING while there is none."""
    row = conn.execute(_LAST).first()
    return NOTHING if row is None else (int(row.number), bytes(row.hash))


def record(conn: Connection, number: int) -> bytes | None:
    """Return the record with a number; None where there is none."""
    raw = conn.scalar(_OF_NUMBER, {"of": number})
    return None if raw is None else bytes(raw)


def after(conn: Connection, number: int) -> tuple[list[RegisterRow], bool]:
    """Return records behind a number, ascending, and whether there are more than AT_ONCE."""
    rows = [RegisterRow(*row) for row in conn.execute(_AFTER, {"after": number})]
    return rows[:AT_ONCE], len(rows) > AT_ONCE


def take_turn(conn: Connection) -> None:
    """Let this transaction be the only one that writes until it ends: what it reads then is the newest."""
    feed.take_turn(conn)


def add(conn: Connection, number: int, own_hash: bytes, day: date, raw: bytes) -> Outcome:
    """Store the record behind the newest one, in a transaction that has taken its turn: STORED, REPEAT for the very
    one that is there, or REFUSED for another number. `own_hash`: by which the next one names it.
    """
    if record(conn, number) == raw:
        return Outcome.REPEAT
    if number != last(conn)[0] + 1:
        return Outcome.REFUSED
    conn.execute(insert(t.register_record), {"number": number, "hash": own_hash, "day": day, "raw": raw})
    return Outcome.STORED
