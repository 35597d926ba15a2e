"""Statistics of a period: how many cases, of what kind, how fast. No content, no ids, small counts hidden. Pure.

Hidden counts don't follow from the totals, nor from the other tables of the same day and period. They may follow from
the statistics of another day or period, or from what a reader knows about some of the cases: no table can prevent that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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
MEDIAN: Final = "median_days"
TOLD: Final = "told"
TOTAL: Final = "total"
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\0")


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
        return _sum([(name, rows.get(name, 0)) for name in names])


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
    def late(self) -> int | None:
        """How many terms were missed, the guide's days of the preliminary report apart; None: hidden."""
        return _sum([row for row in self.missed.rows if row[0] != PRELIMINARY])


def count(lines: Iterable[Line], period: Period, today: date, least: int = 1) -> Statistics:
    """Return the statistics of a period. `least`: smaller counts are hidden (1: none is; below 3 a reader knows that
    what is hidden is 1)."""
    known = list(lines)
    of = [line for line in known if line.received in period]
    notice = [waited for line in of if (waited := _waited(line, line.decided)) is not None]
    closing = [waited for line in of if (waited := _waited(line, line.closed)) is not None]
    by_status, matrix, to_notice, to_close = _together(
        _table("status", (*STATUSES, *GONE), Counter(line.status for line in of), least),
        _table("matrix", _CELLS, Counter(cell(line.status, _severity(line)) for line in of), least),
        _table("to_notice", _NOTICE_ROWS, Counter(_notice(line, today) for line in of), least),
        _table("to_close", _CLOSE_ROWS, Counter(map(_close, of)), least),
    )
    kept, missed = _clocks(known, period, least, to_notice.hides)
    return Statistics(
        by_status=by_status,
        by_severity=_table("severity", _SEVERITIES, Counter(map(_severity, of)), least),
        matrix=matrix,
        by_category=_table("category", (*CATEGORIES, UNKNOWN), Counter(map(_category, of)), least),
        by_cause=_table("cause", (*CAUSES, NOT_SAID, UNKNOWN), Counter(map(_cause, of)), least),
        by_month=_table("month", period.months, Counter(format_day(line.received)[:7] for line in of), least),
        to_notice=to_notice,
        in_time=_whole_or_none(
            _table("in_time", _IN_TIME_ROWS, Counter(_in_time(line, today) for line in of), least)
        ),
        to_close=to_close,
        open_at_end=_open(known, period, today, least),
        kept=kept,
        missed=missed,
        notice_days=median(notice) if len(notice) >= max(least, 1) else None,
        close_days=median(closing) if len(closing) >= max(least, 1) else None,
        total=_not_small(len(of), least),
    )


def _not_small(number: int, least: int) -> int | None:
    return None if 0 < number < least else number


def _table(name: str, names: Sequence[str], counts: Mapping[str, int], least: int) -> Table:
    rows = {row: counts.get(row, 0) for row in names}
    hidden = _hidden(rows, least)
    shown = tuple((row, None if row in hidden else number) for row, number in rows.items())
    return Table(name, shown, _not_small(sum(rows.values()), least))


def _together(*tables: Table) -> list[Table]:
    """Hide all of these tables where one hides something: cases told are those with a later status, cases closed those
    with days to the close, so that each could tell what another hides."""
    return (
        list(tables)
        if not any(table.hides for table in tables)
        else [_without_counts(table) for table in tables]
    )


def _whole_or_none(table: Table) -> Table:
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
    table = _table("open_at_end", (PERIOD, EARLIER), parts, least)
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
    return Table("kept", kept, _sum(kept)), Table("missed", missed, _sum(missed))


def _sum(rows: Sequence[tuple[str, int | None]]) -> int | None:
    counts = [number for _name, number in rows if number is not None]
    return sum(counts) if len(counts) == len(rows) else None


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


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, whatever white space is before it (OWASP ASVS 5.0,
    1.2.10; the wide forms by our own care)."""
    # What nobody sees counts as white space, too: a program may leave it out.
    seen = text.lstrip("".join({char for char in text if not char.isprintable() or char.isspace()}))
    taken = seen.startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if taken else text


def csv_rows(
    counted: Statistics, label: Callable[[str, str], tuple[str, str]], hidden: str
) -> tuple[tuple[str, str, str, str], ...]:
    """Return the tables as rows of table, row, number and remark, each cell safe for a spreadsheet.

    A column of numbers holds numbers alone: where one is hidden its cell is empty, and the remark says `hidden`.
    `label` returns what a table and its row are called in the page's language; MEDIAN, TOLD and TOTAL are rows too.
    """
    more = {
        "to_notice": [("to_notice", TOLD, counted.told), ("to_notice", MEDIAN, counted.notice_days)],
        "to_close": [("to_close", MEDIAN, counted.close_days)],
    }
    none_yet = {"to_notice": counted.told == 0, "to_close": _ended(counted.to_close) == 0}
    rows: list[tuple[str, str, float | None]] = []
    for table in counted.tables:
        rows += [
            (table.name, name, number) for name, number in table.rows if number != 0 or table.name != "matrix"
        ]
        rows += more.get(table.name, [])
    made = []
    for table_name, name, number in (*rows, ("all", TOTAL, counted.total)):
        shown = "" if number is None else f"{number:g}" if number % 1 else str(int(number))
        is_empty = name == MEDIAN and none_yet[table_name]
        remark = "" if number is not None or is_empty else hidden
        of_table, of_row = label(table_name, name)
        made.append((csv_cell(of_table), csv_cell(of_row), shown, csv_cell(remark)))
    return tuple(made)


def _ended(to_close: Table) -> int | None:
    return to_close.count(*map(_label, CLOSE_BUCKETS))
