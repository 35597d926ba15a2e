"""The public state that a report is sealed by: lengths of the list of readers and of the log.

A request makes its envelope, its leaf and its promise by a basis that the process remembers; the transaction that
stores them reads the basis again, and stores nothing when it has changed (`store.reports.add_report`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, literal_column, select

from store import driver
from store import tables as t


class ListChanged(Exception):
    """A card or a retirement came, or came into the log, since the list was read."""


@dataclass(frozen=True)
class Basis:
    """`cards` and `last`: how many cards are stored, the place of the newest card or retirement. `logged`: how many
    documents of the list are in the log, None before it was begun. `tagged`: how many of them leaves of `day` go by.
    `batched`: the newest day that has its batch.
    """

    day: date
    cards: int
    last: int
    logged: int | None
    tagged: int | None
    batched: date | None

    @property
    def is_late(self) -> bool:
        """Tell whether the day has its batch already: no leaf of it is taken any more."""
        return self.batched is not None and self.day <= self.batched


COLUMNS: Final = (
    select(func.count()).select_from(t.card).scalar_subquery().label("cards"),
    select(func.max(t.card.c.seq)).scalar_subquery().label("last_card"),
    select(func.max(t.card.c.retired_seq)).scalar_subquery().label("last_retirement"),
    select(t.log_head.c.list_length).scalar_subquery().label("logged"),
    select(t.pending_leaf.c.list_length)
    .where(t.pending_leaf.c.day == bindparam("day", type_=t.pending_leaf.c.day.type))
    .limit(literal_column("1"))
    .scalar_subquery()
    .label("tagged"),
    select(t.log_head.c.day).scalar_subquery().label("batched"),
)
"""The statement of `basis_of`; it has a parameter `day`."""
_READ: Final = driver.Statement(select(*COLUMNS))


def basis_of(row: tuple[Any, ...], day: date) -> Basis:
    """Return the basis of a row that begins with COLUMNS."""
    cards, card, retirement, logged, tagged, batched = row[: len(COLUMNS)]
    return Basis(
        day, cards, max(card or 0, retirement or 0), logged, logged if tagged is None else tagged, batched
    )


def asked(day: date) -> driver.Asked:
    """Return the statement whose row `basis_of` takes."""
    return _READ, {"day": day}


def read(conn: Connection, day: date) -> Basis:
    """Return the basis of a day."""
    return basis_of(driver.run(conn, [asked(day)])[0][0], day)
