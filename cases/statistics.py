"""Numbers for the board: how many cases, of what kind, how fast. No content, no ids, small counts hidden. Pure.

Hidden counts don't follow from the totals, nor from the other tables of the same day. They may follow from the
numbers of another day, or from what a reader knows about some of the cases: no table can prevent that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from cases.days import format_day
from cases.deadlines import NOTICE
from cases.form import CAUSES
from cases.status import STATUSES

NOT_SAID: Final = "not_said"
BUCKETS: Final = ((0, 5), (6, 10), (11, 20), (21, None))
"""Days from the report to the decision whether to investigate; after 20 the reporter may go outside."""
OPEN: Final = "open"
OTHER_MONTHS: Final = "other"
MEDIAN: Final = "median_days"
TOLD: Final = "told"
TOTAL: Final = "total"
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\0")


@dataclass(frozen=True)
class Line:
    """What the board needs of one case. `decided`: the day of "investigating" or "not investigating". `clocks`: by
    a clock's id, whether it was kept (None: still running)."""

    status: str
    cause: str
    received: date
    decided: date | None
    clocks: Mapping[str, bool | None]


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


@dataclass(frozen=True)
class Statistics:
    """All tables. `median_days`: from the report to the decision, of the cases that have one alone; None where too few
    have."""

    by_status: Table
    by_cause: Table
    by_month: Table
    to_notice: Table
    kept: Table
    missed: Table
    median_days: float | None
    total: int | None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, as the page shows them."""
        return (self.by_status, self.by_cause, self.by_month, self.to_notice, self.kept, self.missed)

    @property
    def told(self) -> int | None:
        """How many reporters were told whether it is investigated; None: hidden."""
        open_, total = self.untold, self.to_notice.total
        return None if open_ is None or total is None else total - open_

    @property
    def untold(self) -> int | None:
        """How many were not told yet; None: hidden, or would tell what is."""
        return None if self.to_notice.hides else dict(self.to_notice.rows).get(OPEN)


def count(lines: Iterable[Line], months: Sequence[str], least: int = 1) -> Statistics:
    """Return the numbers of cases. `months`: which ("YYYY-MM"), in order, before them a row for all others;
    `least`: smaller counts are hidden (1: none is; below 3 a reader knows that what is hidden is 1)."""
    kept = list(lines)
    days = [waited for line in kept if (waited := _waited(line)) is not None]
    to_notice = _table("to_notice", (*map(_label, BUCKETS), OPEN), Counter(map(_bucket, kept)), least)
    met, missed = _clocks(kept, least, to_notice.hides)
    return Statistics(
        by_status=_table("status", STATUSES, Counter(line.status for line in kept), least),
        by_cause=_table(
            "cause", (*CAUSES, NOT_SAID), Counter(line.cause or NOT_SAID for line in kept), least
        ),
        by_month=_table("month", (OTHER_MONTHS, *months), _months(kept, months), least),
        to_notice=to_notice,
        kept=met,
        missed=missed,
        median_days=median(days) if len(days) >= max(least, 1) else None,
        total=_not_small(len(kept), least),
    )


def _not_small(number: int, least: int) -> int | None:
    return None if 0 < number < least else number


def _table(name: str, names: Sequence[str], counts: Mapping[str, int], least: int) -> Table:
    rows = {row: counts.get(row, 0) for row in names}
    hidden = _hidden(rows, least)
    shown = tuple((row, None if row in hidden else number) for row, number in rows.items())
    return Table(name, shown, _not_small(sum(rows.values()), least))


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


def _clocks(lines: Sequence[Line], least: int, hide_notice: bool) -> tuple[Table, Table]:
    """Return kept and missed. A clock hides in both: kept, missed and running make up the cases that have it, and
    the notice's are those of the table `to_notice`."""
    counts = {
        name: Counter(line.clocks[name] for line in lines if name in line.clocks)
        for name in sorted({name for line in lines for name in line.clocks})
    }
    hidden = {name for name, tally in counts.items() if any(0 < number < least for number in tally.values())}
    if hide_notice:
        hidden.add(NOTICE)
    kept = tuple((name, None if name in hidden else tally[True]) for name, tally in counts.items())
    missed = tuple((name, None if name in hidden else tally[False]) for name, tally in counts.items())
    return Table("kept", kept, _sum(kept)), Table("missed", missed, _sum(missed))


def _sum(rows: Sequence[tuple[str, int | None]]) -> int | None:
    counts = [number for _name, number in rows if number is not None]
    return sum(counts) if len(counts) == len(rows) else None


def _months(lines: Sequence[Line], months: Sequence[str]) -> Counter[str]:
    received = (format_day(line.received)[:7] for line in lines)
    return Counter(month if month in months else OTHER_MONTHS for month in received)


def _label(bucket: tuple[int, int | None]) -> str:
    first, last = bucket
    return f"{first}-{last}" if last is not None else f"{first}-"


def _waited(line: Line) -> int | None:
    """Return the days to the decision; a decision cannot be before its report, whatever day the server gives it."""
    return None if line.decided is None else max((line.decided - line.received).days, 0)


def _bucket(line: Line) -> str:
    days = _waited(line)
    if days is None:
        return OPEN
    return next(_label(bucket) for bucket in BUCKETS if bucket[1] is None or days <= bucket[1])


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, whatever white space is before it (OWASP ASVS 5.0,
    1.2.10; the wide forms by our own care)."""
    # What nobody sees counts as white space, too: a program may leave it out.
    seen = text.lstrip("".join({char for char in text if not char.isprintable() or char.isspace()}))
    taken = seen.startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if taken else text


def csv_rows(
    numbers: Statistics, label: Callable[[str, str], tuple[str, str]], hidden: str
) -> tuple[tuple[str, str, str, str], ...]:
    """Return the tables as rows of table, row, number and remark, each cell safe for a spreadsheet.

    A column of numbers holds numbers alone: where one is hidden its cell is empty, and the remark says `hidden`.
    `label` returns what a table and its row are called in the page's language; MEDIAN, TOLD and TOTAL are rows too.
    """
    told = [("to_notice", TOLD, numbers.told), ("to_notice", MEDIAN, numbers.median_days)]
    rows: list[tuple[str, str, float | None]] = []
    for table in numbers.tables:
        rows += [(table.name, name, number) for name, number in table.rows]
        rows += told if table is numbers.to_notice else []
    made = []
    for table_name, name, number in (*rows, ("all", TOTAL, numbers.total)):
        cell = "" if number is None else f"{number:g}" if number % 1 else str(int(number))
        none_told = name == MEDIAN and numbers.told == 0
        remark = "" if number is not None or none_told else hidden
        of_table, of_row = label(table_name, name)
        made.append((csv_cell(of_table), csv_cell(of_row), cell, csv_cell(remark)))
    return tuple(made)
