"""Selects the charts of the statistics, for page and PDF: none of few cases, none of hidden counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext

from admin.desk.labels import statistics as labels
from admin.desk.reports import pictures
from admin.desk.reports.pictures import Column, Picture
from admin.desk.reports.statistics import ShownStatistics
from cases.small_counts import Table
from cases.statistics import LATER, OVERDUE, Statistics

FEW: Final = 5
"""Fewer cases are said in a sentence: a picture of them would be empty."""
_LATE: Final = frozenset({"21-", OVERDUE, LATER})
_LEFT_OUT: Final = frozenset({"gone"})
"""Rows that have no bar where they are 0."""


@dataclass(frozen=True)
class Drawn:
    """A table as a picture (None: too few cases, or hidden) and as a sentence (empty: no case, or hidden)."""

    table: Table
    words: str
    picture: Picture | None


def months(shown: ShownStatistics) -> Drawn:
    """Return the columns of the months, beside those of the period before."""
    table, other = shown.counted.by_month, shown.before.by_month
    if table.hides:
        return Drawn(table, "", None)
    before = [] if other.hides else [count for _month, count in other.rows]
    many = table.total is not None and table.total >= FEW and len(table.rows) > 1
    of = [
        Column(
            labels.month_of(month),
            count or 0,
            (before[place] if place < len(before) else 0) if any(before) else None,
        )
        for place, (month, count) in enumerate(table.rows)
    ]
    picture = (
        pictures.columns(of, str(gettext("This period")), str(gettext("The period before"))) if many else None
    )
    return Drawn(table, labels.in_words(table), picture)


def lying(table: Table) -> Drawn:
    """Return a table's rows as bars."""
    if table.hides:
        return Drawn(table, "", None)
    rows = [
        (name, count) for name, count in table.rows if count is not None and (count or name not in _LEFT_OUT)
    ]
    many = table.total is not None and table.total >= FEW
    late = [
        place
        for place, (name, _count) in enumerate(rows)
        if name in _LATE and table.name in ("to_notice", "in_time")
    ]
    named = [(labels.label_of(table.name, name), count) for name, count in rows]
    return Drawn(table, labels.in_words(table), pictures.bars(named, late) if many else None)


def notice(counted: Statistics) -> Drawn:
    """Return how long it took to tell the reporters; where that is hidden, how many were told in time."""
    is_coarse = counted.to_notice.hides and not counted.in_time.hides
    return lying(counted.in_time if is_coarse else counted.to_notice)


@dataclass(frozen=True)
class Matrix:
    """Statuses by severity: the severities in use, and for each status its name, counts and sum."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    sums: tuple[int, ...]


def matrix(table: Table) -> Matrix | None:
    """Return the table of status and severity; None where it is hidden."""
    if table.hides:
        return None
    counts = {name: count or 0 for name, count in table.rows}
    statuses = list(dict.fromkeys(name.partition(" ")[0] for name in counts))
    severities = list(dict.fromkeys(name.partition(" ")[2] for name in counts))
    rows = []
    for status in statuses:
        own = tuple(counts[f"{status} {severity}"] for severity in severities)
        if any(own) or status not in ("left", "deleted"):
            rows.append((labels.label_of("status", status), own, sum(own)))
    return Matrix(
        tuple(labels.label_of("severity", severity) for severity in severities),
        tuple(rows),
        tuple(sum(column) for column in zip(*(own for _name, own, _sum in rows), strict=True)),
    )
