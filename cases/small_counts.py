"""Tables of counts in which small ones are hidden, with those that would tell them. Pure.

A hidden count follows neither from its table's total nor, where tables are hidden together, from another table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Counts in order; None: hidden because it is small, or because it would tell a small one. `total` counts the
    hidden ones too; None: it is small itself, or would tell."""

    name: str
    rows: tuple[tuple[str, int | None], ...]
    total: int | None

    @property
    def hides(self) -> bool:
        """Tell whether a count is hidden."""
        return any(count is None for _name, count in self.rows)

    def count(self, *names: str) -> int | None:
        """Return how many cases these rows have together; None: one of them is hidden."""
        rows = dict(self.rows)
        return sum_of([(name, rows.get(name, 0)) for name in names])


def not_small(number: int, least: int) -> int | None:
    """Return a number of cases; None where it is small."""
    return None if 0 < number < least else number


def table_of(name: str, names: Sequence[str], counts: Mapping[str, int], least: int) -> Table:
    """Return a table of these rows, in order. `least`: smaller counts are hidden, and what would tell them."""
    rows = {row: counts.get(row, 0) for row in names}
    hidden = _hidden(rows, least)
    shown = tuple((row, None if row in hidden else number) for row, number in rows.items())
    return Table(name, shown, not_small(sum(rows.values()), least))


def hide_together(*tables: Table) -> list[Table]:
    """Return these tables, all without counts where one hides something: each could tell what another hides."""
    return (
        list(tables)
        if not any(table.hides for table in tables)
        else [_without_counts(table) for table in tables]
    )


def whole_or_none(table: Table) -> Table:
    """Return a table without any count where it hides one."""
    return _without_counts(table) if table.hides else table


def _without_counts(table: Table) -> Table:
    return Table(table.name, tuple((name, None) for name, _count in table.rows), table.total)


def _hidden(rows: Mapping[str, int], least: int) -> frozenset[str]:
    """Return which counts are hidden: the small ones, and with them always the smallest of the others.

    Without it the total can tell a small count, and whether it had to be there tells something, too. All that are
    equally small go, so that the choice tells nothing. Where no others are, all go: a shown 0 would tell.
    """
    small = {row for row, number in rows.items() if 0 < number < least}
    if not small:
        return frozenset()
    others = {row: number for row, number in rows.items() if number >= least}
    if not others:
        return frozenset(rows)
    return frozenset(small | {row for row, number in others.items() if number == min(others.values())})


def sum_of(rows: Sequence[tuple[str, int | None]]) -> int | None:
    """Return the sum of rows' counts; None where one is hidden."""
    counts = [number for _name, number in rows if number is not None]
    return sum(counts) if len(counts) == len(rows) else None
