"""Auditors' cards. Does not validate contents and signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from store import driver, feed, grants, statistics
from store import tables as t
from store.basis import ListChanged as ListChanged
from store.outcome import Outcome

MAX_ACTIVE: Final = 64
"""An envelope has room for 64 slots (format.md, section 2): one card more would stop intake."""


@dataclass(frozen=True)
class CardRow:
    """An enrolled card: `raw` is the signed card, `retirement` the signed retirement once there is one.

    `seq` and `retired_seq`: their places in the one list of cards and retirements (format.md, 1.4).
    """

    seq: int
    key_id: bytes
    person: bytes
    raw: bytes
    enrolled_day: date
    retired_day: date | None
    retirement: bytes | None
    retired_seq: int | None = None


_CARD = t.card.c
_COLUMNS = (
    _CARD.seq,
    _CARD.key_id,
    _CARD.person,
    _CARD.raw,
    _CARD.enrolled_day,
    _CARD.retired_day,
    _CARD.retirement,
    _CARD.retired_seq,
)
_ENROLLED = select(*_COLUMNS).order_by(_CARD.seq)
_ACTIVE = _ENROLLED.where(_CARD.retired_day.is_(None))
_COUNT_ACTIVE = select(func.count()).select_from(t.card).where(_CARD.retired_day.is_(None))
_LAST = select(func.max(_CARD.seq), func.max(_CARD.retired_seq))
_LAST_AND_LISTED = driver.Statement(
    select(
        select(func.max(_CARD.seq)).scalar_subquery(),
        select(func.max(_CARD.retired_seq)).scalar_subquery(),
        select(t.log_head.c.list_length).scalar_subquery(),
    )
)
_BY_KEY = select(*_COLUMNS).where(_CARD.key_id == bindparam("wanted"))
_NEW = insert(t.card)
_RETIRE = update(t.card).where(_CARD.key_id == bindparam("wanted"))


class Stored(NamedTuple):
    """A document of the list as it is stored. `what`: "card" or "retirement"; `day`: when it came."""

    place: int
    what: str
    raw: bytes
    day: date


def documents(rows: Sequence[CardRow]) -> list[Stored]:
    """Return the cards and retirements of rows in the order of the list (format.md, 1.4)."""
    stored = [Stored(row.seq, "card", row.raw, row.enrolled_day) for row in rows]
    stored += [
        Stored(row.retired_seq, "retirement", row.retirement or b"", row.retired_day or row.enrolled_day)
        for row in rows
        if row.retired_seq is not None
    ]
    return sorted(stored)


def last(conn: Connection) -> int:
    """Return the place of the newest card or retirement, 0 without any."""
    return max((place for place in conn.execute(_LAST).one() if place is not None), default=0)


def check_last(conn: Connection, known: int, logged: int | None) -> None:
    """Take the turn, and raise ListChanged unless the list still ends at the place that is known, and as much of it is
    in the log (None: there is no log): what is stored in this transaction then comes ahead of whatever is enrolled or
    entered later.
    """
    card, retirement, listed = feed.take_turn_and(conn, _LAST_AND_LISTED, {})[0]
    if max(card or 0, retirement or 0) != known or listed != logged:
        raise ListChanged


def enrolled(conn: Connection) -> list[CardRow]:
    """Return every card that was ever enrolled, the retired ones too, in the order of enrolment."""
    return [CardRow(*row) for row in conn.execute(_ENROLLED)]


def active(conn: Connection) -> list[CardRow]:
    """Return the cards that envelopes are sealed to today: enrolled and not retired, in the order of
    enrolment.
    """
    return [CardRow(*row) for row in conn.execute(_ACTIVE)]


def by_key(conn: Connection, key_id: bytes) -> CardRow | None:
    """Return the card with this key id, retired or not, or None."""
    row = conn.execute(_BY_KEY, {"wanted": key_id}).first()
    return None if row is None else CardRow(*row)


def enroll(conn: Connection, key_id: bytes, person: bytes, raw: bytes, day: date) -> Outcome:
    """Store a card that the caller has checked (its signatures and its voucher).

    STORED; REPEAT when this very card is enrolled; REFUSED when its key is enrolled with another card, or
    MAX_ACTIVE are.
    """
    feed.take_turn(conn)  # enrolment has one order too
    there = by_key(conn, key_id)
    if there is not None:
        return Outcome.REPEAT if there.raw == raw else Outcome.REFUSED
    if (conn.scalar(_COUNT_ACTIVE) or 0) >= MAX_ACTIVE:
        return Outcome.REFUSED
    new = {"seq": last(conn) + 1, "key_id": key_id, "person": person, "raw": raw, "enrolled_day": day}
    conn.execute(_NEW, new)
    return Outcome.STORED


def retire(conn: Connection, key_id: bytes, retirement: bytes, day: date) -> Outcome:
    """Store a card's signed retirement, which the caller has checked, and delete what was granted to the key.

    STORED; REPEAT when the card is retired already (the first retirement stands); REFUSED when there is no
    such card.
    """
    feed.take_turn(conn)
    there = by_key(conn, key_id)
    if there is None:
        return Outcome.REFUSED
    if there.retired_day is not None:
        return Outcome.REPEAT
    note = {"wanted": key_id, "retired_day": day, "retirement": retirement, "retired_seq": last(conn) + 1}
    conn.execute(_RETIRE, note)
    grants.delete_for(conn, key_id)
    statistics.delete_for(conn, key_id)
    return Outcome.STORED
