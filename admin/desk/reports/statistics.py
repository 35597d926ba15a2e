"""Statistics: out of the index at an auditor's desk, out of what a lead sealed at an observer's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from admin.desk.local.summary import CaseSummary
from cases import deadlines, periods, statistics
from cases.days import format_day, parse_day
from cases.periods import Period
from cases.small_counts import Table
from cases.statistics import Line, Statistics, Term
from cases.totals import YearTotal

LEAST_CHOICES: Final = (1, 3, 5, 10)
"""Values of "hide counts below"; 2 would reveal that each hidden count is 1."""
LEAST: Final = 5
"""At least what is hidden in everything that leaves the desk."""
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
_TABLES: Final = (
    *("by_status", "by_severity", "matrix", "by_category", "by_cause", "by_month"),
    *("to_notice", "in_time", "to_close", "open_at_end", "kept", "missed"),
)
_MEDIANS: Final = ("notice_days", "close_days")
_MOST_ROWS: Final = 64


class BadStatistics(ValueError):
    """Statistics that a lead sealed are not as they should be."""


@dataclass(frozen=True)
class ShownStatistics:
    """Statistics as the page shows them: of a `period`, and of what it is `compared` with (`before`).

    `least`: smaller counts are hidden. `day`: when they were counted. `author`: the key id of the lead who sealed them;
    None: this desk's own. `received`: the totals of past years, at an auditor's desk alone.
    """

    period: Period
    counted: Statistics
    compared: Period
    before: Statistics
    least: int
    day: date
    author: bytes | None = None
    received: tuple[YearTotal, ...] = ()

    @property
    def year_total(self) -> YearTotal | None:
        """The total of the very year that is shown, where it is over; None for every other period."""
        is_year = self.period.kind == periods.YEAR
        return next((year for year in self.received if is_year and year.first == self.period.first), None)

    @property
    def is_short(self) -> bool:
        """Tell whether the server names fewer reports of that year than this desk knows by itself."""
        known, of_year = self.counted.total, self.year_total
        return known is not None and of_year is not None and of_year.received < known

    @property
    def hides(self) -> bool:
        """Tell whether a count is hidden."""
        return self.counted.total is None or any(table.hides for table in self.counted.tables)


def line_of(summary: CaseSummary, today: date) -> Line:
    """Return what statistics need of a case. What is past its last day is missed, whether or not it is met later;
    so is a preliminary report that is past the guide's days (pages name it as a guide)."""
    by_id = {clock.id: clock for clock in summary.deadlines if clock.id in _CLOCKS}
    notice = by_id.get(deadlines.NOTICE)
    return Line(
        summary.status,
        summary.cause,
        summary.received,
        notice.done if notice else None,
        {
            name: Term(clock.due, False if clock.is_past(today) else clock.kept)
            for name, clock in by_id.items()
            if clock.due is not None
        },
        summary.severity,
        summary.closed,
        summary.category,
        notice is None or (notice.due is None and notice.done is None),
    )


def lines(
    summaries: Iterable[CaseSummary], left: Collection[bytes], deleted: Iterable[date], today: date
) -> list[Line]:
    """Return the lines of the cases that this desk can open, or could: `left` by stepping back (case ids), `deleted`
    since (the days on which they came)."""
    made = []
    for summary in summaries:
        if summary.is_open:
            made.append(line_of(summary, today))
        elif summary.case_id in left:
            made.append(_gone(statistics.LEFT, summary.received))
    return made + [_gone(statistics.DELETED, day) for day in deleted]


def _gone(status: str, received: date) -> Line:
    return Line(status, "", received, None, {})


def count(
    known: Sequence[Line], period: Period, today: date, least: int, received: tuple[YearTotal, ...] = ()
) -> ShownStatistics:
    """Return the statistics of a period, and of the one before."""
    compared = periods.compared(period, today)
    return ShownStatistics(
        period,
        statistics.count(known, period, today, least),
        compared,
        statistics.count(known, compared, today, least),
        least,
        today,
        received=received,
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


def as_json(shown: ShownStatistics) -> dict[str, Any]:
    """Return statistics as they are sealed to observers (docs/format.md, 2.12), without the totals of years."""
    return {
        "least": shown.least,
        "period": _period_as_json(shown.period),
        "counted": _counts_as_json(shown.counted),
        "compared": _period_as_json(shown.compared),
        "before": _counts_as_json(shown.before),
    }


def _period_as_json(period: Period) -> dict[str, str]:
    return {"kind": period.kind, "first": format_day(period.first), "last": format_day(period.last)}


def _counts_as_json(counted: Statistics) -> dict[str, Any]:
    """Return the counts of one period; medians in tenths of a day (no fractions)."""
    medians = {name: getattr(counted, name) for name in _MEDIANS}
    return {
        "tables": {name: _table_as_json(getattr(counted, name)) for name in _TABLES},
        "tenths": {name: None if days is None else round(days * 10) for name, days in medians.items()},
        "total": counted.total,
    }


def _table_as_json(table: Table) -> dict[str, Any]:
    return {"rows": [list(row) for row in table.rows], "total": table.total}


def from_json(document: object, day: date, author: bytes) -> ShownStatistics:
    """Return what a lead (`author`: key id) sealed on a day. Raises BadStatistics."""
    try:
        if not isinstance(document, Mapping):
            raise BadStatistics
        return ShownStatistics(
            _period(document["period"]),
            _counts(document["counted"]),
            _period(document["compared"]),
            _counts(document["before"]),
            _least(document["least"]),
            day,
            author,
        )
    except (LookupError, TypeError, ValueError):
        raise BadStatistics from None


def _least(number: object) -> int:
    if type(number) is not int or number not in LEAST_CHOICES or number < LEAST:
        raise BadStatistics
    return number


def _period(document: Mapping[str, Any]) -> Period:
    period = Period(document["kind"], parse_day(document["first"]), parse_day(document["last"]))
    if period.kind not in periods.KINDS:
        raise BadStatistics
    periods.range_of(period.first, period.last)
    return period


def _counts(document: Mapping[str, Any]) -> Statistics:
    if set(document["tables"]) != set(_TABLES) or set(document["tenths"]) != set(_MEDIANS):
        raise BadStatistics
    tables = {name: _table(name, document["tables"][name]) for name in _TABLES}
    tenths = {name: _count(document["tenths"][name]) for name in _MEDIANS}
    medians = {name: None if value is None else value / 10 for name, value in tenths.items()}
    total = _count(document["total"])
    return Statistics(
        **tables, notice_days=medians["notice_days"], close_days=medians["close_days"], total=total
    )


def _table(name: str, document: Mapping[str, Any]) -> Table:
    rows: Sequence[Any] = document["rows"]
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS:
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
