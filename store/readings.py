"""Reading journals of the desks (docs/format.md, 2.13). The server can tell from none of them what was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from store import feed
from store import tables as t
from store.outcome import Outcome

AT_ONCE: Final = 200
"""Journals in one answer."""


class ReadingRefused(Exception):
    """A journal that can't be kept beside those that are here. `reason`: "sent" or "number"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ReadingRow:
    """A journal at its place among all."""

    seq: int
    raw: bytes


_T = t.reading_journal.c
_AFTER = select(_T.seq, _T.raw).where(_T.seq > bindparam("after")).order_by(_T.seq).limit(AT_ONCE + 1)
_LAST = select(func.coalesce(func.max(_T.seq), 0))
_OF_DAY = select(_T.raw).where(_T.author == bindparam("of"), _T.day == bindparam("on"))
_NUMBER = select(func.coalesce(func.max(_T.number), 0)).where(_T.author == bindparam("of"))


def last(conn: Connection) -> int:
    """Return the place of the newest journal; 0 while there is none."""
    return int(conn.scalar(_LAST) or 0)


def after(conn: Connection, place: int) -> tuple[list[ReadingRow], bool]:
    """Return journals behind a place, ascending, and whether there are more than AT_ONCE."""
    rows = [ReadingRow(*row) for row in conn.execute(_AFTER, {"after": place})]
    return rows[:AT_ONCE], len(rows) > AT_ONCE


def add(conn: Connection, author: bytes, number: int, day: date, raw: bytes) -> Outcome:
    """Keep a journal: STORED, or REPEAT for one that is here. Raises ReadingRefused."""
    feed.take_turn(conn)  # places are handed out in the order in which they are committed
    today = conn.scalar(_OF_DAY, {"of": author, "on": day})
    if today is not None:
        if today == raw:
            return Outcome.REPEAT
        raise ReadingRefused("sent")
    if number <= int(conn.scalar(_NUMBER, {"of": author}) or 0):
        raise ReadingRefused("number")
    row = {"seq": last(conn) + 1, "author": author, "day": day, "number": number, "raw": raw}
    conn.execute(insert(t.reading_journal), row)
    return Outcome.STORED
