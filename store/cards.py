"""The cards of those who may open reports. Their contents and signatures are the caller's business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from store import feed, grants, numbers
from store import tables as t
from store.outcome import Outcome

MAX_ACTIVE: Final = 64
"""An envelope has room for 64 slots (format.md, section 2): one card more would stop intake."""


@dataclass(frozen=True)
class CardRow:
    """An enrolled card: `raw` is the signed card, `retirement` the signed retirement once there is one."""

    seq: int
    key_id: bytes
    person: bytes
    raw: bytes
    enrolled_day: date
    retired_day: date | None
    retirement: bytes | None


_CARD = t.card.c
_COLUMNS = (
    _CARD.seq,
    _CARD.key_id,
    _CARD.person,
    _CARD.raw,
    _CARD.enrolled_day,
    _CARD.retired_day,
    _CARD.retirement,
)
_ENROLLED = select(*_COLUMNS).order_by(_CARD.seq)
_ACTIVE = _ENROLLED.where(_CARD.retired_day.is_(None))
_COUNT_ACTIVE = select(func.count()).select_from(t.card).where(_CARD.retired_day.is_(None))
_BY_KEY = select(*_COLUMNS).where(_CARD.key_id == bindparam("wanted"))
_NEW = insert(t.card)
_RETIRE = update(t.card).where(_CARD.key_id == bindparam("wanted"))


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
    conn.execute(_NEW, {"key_id": key_id, "person": person, "raw": raw, "enrolled_day": day})
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
    conn.execute(_RETIRE, {"wanted": key_id, "retired_day": day, "retirement": retirement})
    grants.delete_for(conn, key_id)
    numbers.delete_for(conn, key_id)
    return Outcome.STORED
