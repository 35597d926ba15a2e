"""Statistics of a period: how many cases, of what kind, how fast. No content, no ids, small counts hidden. Pure.

Hidden counts don't follow from the totals, nor from the other tables of the same day and period. They may follow from
the statistics of another day or period, or from what a reader knows about some of the cases: no table can prevent that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from statistics import median
from typing import Final

from cases.categories import CATEGORIES, LEAK
from cases.days import format_day
from cases.deadlines import NOTICE, PRELIMINARY
from cases.form import CAUSES
from cases.periods import Period
from cases.records import SEVERITIES
from cases.small_counts import Table, hide_together, not_small, sum_of, table_of, whole_or_none
from cases.status import CLOSED, STATUSES

NOT_SAID: Final = "not_said"
LEFT: Final = "left"
DELETED: Final = "deleted"
GONE: Final = (LEFT, DELETED)
"""Instead of a status: a desk knows the day alone, for its auditor stepped back or the case was deleted."""
NOTICE_DAYS: Final = 20
NOTICE_BUCKETS: Final = ((0, 5), (6, 10), (11, NOTICE_DAYS), (NOTICE_DAYS + 1, None))
"""Days from the report to the decision whether to investigate; after 20 the reporter may go outside."""
CLOSE_BUCKETS: Final = ((0, 30), (31, 60), (61, 90), (91, None))
"""Days from the report to the end of the case."""
IN_TIME: Final = "in_time"
LATER: Final = "later"
"""Told after the 20 days, or not yet though they are over."""
OPEN: Final = "open"
OVERDUE: Final = "overdue"
UNKNOWN: Final = "gone"
NO_TERM: Final = "no_term"
"""Not told, and no 20 days run: a call, a talk, or what is no report."""
PERIOD: Final = "period"
EARLIER: Final = "earlier"


def _label(bucket: tuple[int, int | None]) -> str:
    first, last = bucket
    return f"{first}-{last}" if last is not None else f"{first}-"


def cell(status: str, severity: str) -> str:
    """Return what the matrix calls a status and a severity together."""
    return f"{status} {severity}"


_SEVERITIES: Final = (*SEVERITIES, NOT_SAID)
_NOTICE_ROWS: Final = (*map(_label, NOTICE_BUCKETS), OPEN, OVERDUE, NO_TERM, UNKNOWN)
_IN_TIME_ROWS: Final = (IN_TIME, LATER, OPEN, NO_TERM, UNKNOWN)
_CLOSE_ROWS: Final = (*map(_label, CLOSE_BUCKETS), OPEN, UNKNOWN)
_CELLS: Final = tuple(cell(*names) for names in product((*STATUSES, *GONE), _SEVERITIES))


@dataclass(frozen=True)
class Term:
    """A last day, and whether it was kept (None: still running)."""

    due: date
    kept: bool | None


@dataclass(frozen=True)
class Line:
    """One case, as statistics count it. `status`: as it is today, or one of GONE. `decided`: the day of
    "investigating" or "not investigating"; `closed`: the day on which it was closed, where it is."""

    status: str
    cause: str
    received: date
    decided: date | None
    clocks: Mapping[str, Term]
    severity: str = ""
    closed: date | None = None
    category: str = ""
    no_term: bool = False
    """No 20 days run."""


@dataclass(frozen=True)
class Statistics:
    """All tables of a period.

    Of the cases received in it: `by_status`, `by_severity`, `matrix` (status and severity together, `cell`),
    `by_category`, `by_cause`, `by_month`, `to_notice`, `in_time` (the same in three parts), `to_close`, each
    with `total`. `open_at_end`: what was open on its last day (or today), received in it or EARLIER. `kept` and
    `missed`: terms whose last day is in it, by their clock. `notice_days`, `close_days`: medians, of the cases that
    have one; None where too few have.
    """

    by_status: Table
    by_severity: Table
    matrix: Table
    by_category: Table
    by_cause: Table
    by_month: Table
    to_notice: Table
    in_time: Table
    to_close: Table
    open_at_end: Table
    kept: Table
    missed: Table
    notice_days: float | None
    close_days: float | None
    total: int | None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in the page's order."""
        return (
            *(self.by_month, self.by_status, self.by_severity, self.matrix, self.by_category, self.by_cause),
            *(self.to_notice, self.in_time, self.to_close, self.open_at_end, self.kept, self.missed),
        )

    @property
    def told(self) -> int | None:
        """How many reporters were told whether it is investigated; None: hidden."""
        return self.to_notice.count(*map(_label, NOTICE_BUCKETS))

    @property
    def told_in_time(self) -> int | None:
        """How many of them within 20 days; None: hidden."""
        return self.in_time.count(IN_TIME)

    @property
    def untold(self) -> int | None:
        """How many were not told yet; None: hidden, or would tell what is."""
        return self.to_notice.count(OPEN, OVERDUE)

    @property
    def to_tell(self) -> int | None:
        """How many reporters have been told or are to be told; None: hidden."""
        return self.in_time.count(IN_TIME, LATER, OPEN)

    @property
    def ended(self) -> int | None:
        """How many cases were closed; None: hidden."""
        return self.to_close.count(*map(_label, CLOSE_BUCKETS))

    @property
    def late(self) -> int | None:
        """How many terms were missed, the guide's days of the preliminary report apart; None: hidden."""
        return sum_of([row for row in self.missed.rows if row[0] != PRELIMINARY])


def count(lines: Iterable[Line], period: Period, today: date, least: int = 1) -> Statistics:
    """Return the statistics of a period. `least`: smaller counts are hidden (1: none is; below 3 a reader knows that
    what is hidden is 1)."""
    known = list(lines)
    of = [line for line in known if line.received in period]
    notice = [waited for line in of if (waited := _waited(line, line.decided)) is not None]
    closing = [waited for line in of if (waited := _waited(line, line.closed)) is not None]
    # Cases told are those with a later status, cases closed those with days to the close.
    by_status, matrix, to_notice, to_close = hide_together(
        table_of("status", (*STATUSES, *GONE), Counter(line.status for line in of), least),
        table_of("matrix", _CELLS, Counter(cell(line.status, _severity(line)) for line in of), least),
        table_of("to_notice", _NOTICE_ROWS, Counter(_notice(line, today) for line in of), least),
        table_of("to_close", _CLOSE_ROWS, Counter(map(_close, of)), least),
    )
    kept, missed = _clocks(known, period, least, to_notice.hides)
    return Statistics(
        by_status=by_status,
        by_severity=table_of("severity", _SEVERITIES, Counter(map(_severity, of)), least),
        matrix=matrix,
        by_category=table_of("category", (*CATEGORIES, UNKNOWN), Counter(map(_category, of)), least),
        by_cause=table_of("cause", (*CAUSES, NOT_SAID, UNKNOWN), Counter(map(_cause, of)), least),
        by_month=table_of(
            "month", period.months, Counter(format_day(line.received)[:7] for line in of), least
        ),
        to_notice=to_notice,
        in_time=whole_or_none(
            table_of("in_time", _IN_TIME_ROWS, Counter(_in_time(line, today) for line in of), least)
        ),
        to_close=to_close,
        open_at_end=_open(known, period, today, least),
        kept=kept,
        missed=missed,
        notice_days=median(notice) if len(notice) >= max(least, 1) else None,
        close_days=median(closing) if len(closing) >= max(least, 1) else None,
        total=not_small(len(of), least),
    )


def _open(lines: Sequence[Line], period: Period, today: date, least: int) -> Table:
    """Return what was open on the last day; without a total where a part is hidden, for other tables can tell the other
    part."""
    last = min(period.last, today)
    open_then = [
        line
        for line in lines
        if line.received <= last
        and line.status not in GONE
        and (line.status != CLOSED or line.closed is None or line.closed > last)
    ]
    parts = Counter(PERIOD if line.received in period else EARLIER for line in open_then)
    table = table_of("open_at_end", (PERIOD, EARLIER), parts, least)
    return Table(table.name, table.rows, None if table.hides else table.total)


def _clocks(lines: Sequence[Line], period: Period, least: int, hide_notice: bool) -> tuple[Table, Table]:
    """Return kept and missed. A clock hides in both: kept, missed and running make up the cases that have it, and
    the notice's can be those of the table `to_notice`."""
    due: dict[str, Counter[bool | None]] = {}
    for line in lines:
        for name, clock in line.clocks.items():
            if clock.due in period:
                due.setdefault(name, Counter())[clock.kept] += 1
    counts = dict(sorted(due.items()))
    hidden = {name for name, tally in counts.items() if any(0 < number < least for number in tally.values())}
    if hide_notice:
        hidden.add(NOTICE)
    kept = tuple((name, None if name in hidden else tally[True]) for name, tally in counts.items())
    missed = tuple((name, None if name in hidden else tally[False]) for name, tally in counts.items())
    return Table("kept", kept, sum_of(kept)), Table("missed", missed, sum_of(missed))


def _severity(line: Line) -> str:
    return line.severity or NOT_SAID


def _category(line: Line) -> str:
    return UNKNOWN if line.status in GONE else line.category or LEAK


def _cause(line: Line) -> str:
    return UNKNOWN if line.status in GONE else line.cause or NOT_SAID


def _waited(line: Line, day: date | None) -> int | None:
    """Return the days to a decision; none can be before its report, whatever day the server gives that."""
    return None if day is None else max((day - line.received).days, 0)


def _notice(line: Line, today: date) -> str:
    if line.status in GONE:
        return UNKNOWN
    days = _waited(line, line.decided)
    if days is None and line.no_term:
        return NO_TERM
    if days is None:
        return OPEN if (today - line.received).days <= NOTICE_DAYS else OVERDUE
    return _bucket(days, NOTICE_BUCKETS)


def _in_time(line: Line, today: date) -> str:
    row = _notice(line, today)
    if row in (OPEN, NO_TERM, UNKNOWN):
        return row
    days = _waited(line, line.decided)
    return IN_TIME if days is not None and days <= NOTICE_DAYS else LATER


def _close(line: Line) -> str:
    if line.status in GONE:
        return UNKNOWN
    days = _waited(line, line.closed)
    return OPEN if days is None else _bucket(days, CLOSE_BUCKETS)


def _bucket(days: int, buckets: Sequence[tuple[int, int | None]]) -> str:
    return next(_label(bucket) for bucket in buckets if bucket[1] is None or days <= bucket[1])
