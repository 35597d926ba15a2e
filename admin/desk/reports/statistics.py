"""The board's numbers: out of the index at an auditor's desk, out of what a lead sealed at an observer's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from admin.desk.local.summary import CaseSummary
from cases import deadlines, statistics
from cases.days import format_day
from cases.statistics import Statistics, Table

LEAST_CHOICES: Final = (1, 3, 5, 10)
"""What "hide counts below" can be; 2 would say that each hidden count is 1."""
LEAST: Final = 5
"""What is hidden when nothing was chosen, and at least what observers get."""
MONTHS: Final = 12
_CLOCKS: Final = frozenset(
    {
        deadlines.NOTICE,
        deadlines.PRELIMINARY,
        deadlines.FINAL,
        deadlines.ACKNOWLEDGE,
        deadlines.DECIDE,
        deadlines.RESULT,
    }
)
_TABLES: Final = ("by_status", "by_cause", "by_month", "to_notice", "kept", "missed")


class BadStatistics(ValueError):
    """Numbers that a lead sealed are not as they should be."""


@dataclass(frozen=True)
class ShownStatistics:
    """Numbers as the page shows them. `author`: the key id of the lead who sealed them; None: this desk's own."""

    numbers: Statistics
    day: date
    author: bytes | None = None


def line_of(summary: CaseSummary, today: date) -> statistics.Line:
    """Return what the board needs of a case. What is past its last day is missed, whether or not it is met later;
    so is a preliminary report that is past the guide's days (the board names it as a guide)."""
    by_id = {clock.id: clock for clock in summary.deadlines if clock.id in _CLOCKS}
    notice = by_id.get(deadlines.NOTICE)
    return statistics.Line(
        summary.status,
        summary.cause,
        summary.received,
        notice.done if notice else None,
        {
            name: False if clock.is_past(today) else clock.kept
            for name, clock in by_id.items()
            if clock.due is not None
        },
    )


def count(summaries: Iterable[CaseSummary], today: date, least: int) -> Statistics:
    """Return the numbers of the cases that this desk can open."""
    return statistics.count(
        (line_of(summary, today) for summary in summaries if summary.is_open), last_months(today), least
    )


def past_term(summaries: Iterable[CaseSummary], today: date) -> list[CaseSummary]:
    """Return the cases that have been kept for as long as the site has promised, the oldest first."""
    over = [
        (clock.due, case.case_id, case)
        for case in summaries
        if case.is_open
        for clock in case.deadlines
        if clock.id == deadlines.RETENTION and clock.due is not None and clock.due < today
    ]
    return [case for _due, _id, case in sorted(over, key=lambda case: case[:2])]


def last_months(today: date) -> tuple[str, ...]:
    """Return the last twelve months, this one last, as "YYYY-MM"."""
    year, month = today.year, today.month
    made = []
    for _ in range(MONTHS):
        made.append(format_day(date(year, month, 1))[:7])
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return tuple(reversed(made))


def as_json(counted: Statistics) -> dict[str, Any]:
    """Return numbers as they are sealed to observers; the median in tenths of a day (no fractions)."""
    tables = {
        name: {"rows": [list(row) for row in table.rows], "total": table.total}
        for name, table in ((name, getattr(counted, name)) for name in _TABLES)
    }
    tenths = None if counted.median_days is None else round(counted.median_days * 10)
    return {"tables": tables, "median_tenths": tenths, "total": counted.total}


def from_json(document: object) -> Statistics:
    """Return numbers that a lead sealed. Raises BadStatistics."""
    try:
        if not isinstance(document, Mapping) or set(document["tables"]) != set(_TABLES):
            raise BadStatistics
        tables = {name: _table(name, document["tables"][name]) for name in _TABLES}
        tenths, total = _count(document["median_tenths"]), _count(document["total"])
    except (LookupError, TypeError, ValueError):
        raise BadStatistics from None
    return Statistics(**tables, median_days=None if tenths is None else tenths / 10, total=total)


def _table(name: str, document: Mapping[str, Any]) -> Table:
    rows: Sequence[Any] = document["rows"]
    if not isinstance(rows, list) or len(rows) > 40:
        raise BadStatistics
    made = []
    for label, number in rows:
        if not isinstance(label, str) or len(label) > 32:
            raise BadStatistics
        made.append((label, _count(number)))
    return Table(name.removeprefix("by_"), tuple(made), _count(document["total"]))


def _count(number: object) -> int | None:
    if number is None:
        return None
    if type(number) is not int or number < 0:
        raise BadStatistics
    return number
