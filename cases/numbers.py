"""Numbers for the board: how many cases, of what kind, how fast. No content, no ids, small counts hidden. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from cases.form import CAUSES
from cases.status import STATUSES

NOT_SAID: Final = "not_said"
BUCKETS: Final = ((0, 5), (6, 10), (11, 20), (21, None))
"""Days from the report to the decision whether to investigate; after 20 the reporter may go outside."""
OPEN: Final = "open"


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
    """Counts in order; None: hidden because it is small. `total` counts the hidden ones too, and hides with them
    where it would tell."""

    name: str
    rows: tuple[tuple[str, int | None], ...]
    total: int | None

    @property
    def hides(self) -> bool:
        """Tell whether a count is hidden."""
        return any(count is None for _name, count in self.rows)


@dataclass(frozen=True)
class Numbers:
    """All tables. `median_days`: to the decision, None where none was made or too few were."""

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


def count(lines: Iterable[Line], months: Sequence[str], least: int = 1) -> Numbers:
    """Return the numbers of cases. `months`: which ("YYYY-MM"), in order; `least`: smaller counts are hidden (1:
    none is)."""
    kept = list(lines)
    days = [(one.decided - one.received).days for one in kept if one.decided is not None]
    clocks = sorted({name for one in kept for name in one.clocks})
    waits = Counter(_bucket(one) for one in kept)
    return Numbers(
        by_status=_table("status", STATUSES, Counter(one.status for one in kept), least),
        by_cause=_table("cause", (*CAUSES, NOT_SAID), Counter(one.cause or NOT_SAID for one in kept), least),
        by_month=_table("month", months, Counter(one.received.strftime("%Y-%m") for one in kept), least),
        to_notice=_table("to_notice", (*map(_label, BUCKETS), OPEN), waits, least),
        kept=_table("kept", clocks, _clocks(kept, True), least),
        missed=_table("missed", clocks, _clocks(kept, False), least),
        median_days=median(days) if len(days) >= max(least, 1) else None,
        total=len(kept) if not 0 < len(kept) < least else None,
    )


def _table(name: str, names: Sequence[str], counts: Mapping[str, int], least: int) -> Table:
    rows = [(one, counts.get(one, 0)) for one in names]
    total: int | None = sum(number for _name, number in rows)
    hidden = {one for one, number in rows if 0 < number < least}
    if len(hidden) == 1:
        # One hidden count alone follows from the total: the smallest of the others goes with it.
        others = [(number, one) for one, number in rows if one not in hidden and number > 0]
        hidden |= {min(others)[1]} if others else set()
        total = total if others else None
    return Table(name, tuple((one, None if one in hidden else number) for one, number in rows), total)


def _clocks(lines: Sequence[Line], was: bool) -> Counter[str]:
    return Counter(name for one in lines for name, kept in one.clocks.items() if kept is was)


def _label(bucket: tuple[int, int | None]) -> str:
    first, last = bucket
    return f"{first}-{last}" if last is not None else f"{first}-"


def _bucket(line: Line) -> str:
    if line.decided is None:
        return OPEN
    days = (line.decided - line.received).days
    return next(_label(one) for one in BUCKETS if one[1] is None or days <= one[1])


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
