"""The four numbers at the head of the statistics, as the page and its PDF show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from admin.desk.labels.statistics import fewer_than
from cases.deadlines import PRELIMINARY
from cases.statistics import EARLIER, LATER, OPEN, Statistics
from cases.totals import YearTotal


@dataclass(frozen=True)
class Tile:
    """A number with its name, and what is said below it. `is_bad`: something is late."""

    name: str
    value: str
    notes: Sequence[str] = ()
    is_bad: bool = False


def tiles(
    counted: Statistics, before: Statistics, least: int, is_over: bool, of_year: YearTotal | None = None
) -> list[Tile]:
    """Return the four tiles. `before`: the statistics of the period before; `is_over`: of a period that has ended;
    `of_year`: the total of all reports, where a whole year that is over is shown."""
    return [
        _received(counted, before, least, of_year),
        _open(counted, before, is_over),
        _told(counted, before),
        _late(counted, before),
    ]


def _not_shown() -> str:
    return str(gettext("not shown"))


def _before(text: str) -> str:
    return str(gettext("Before: %(count)s", count=text))


def _received(counted: Statistics, before: Statistics, least: int, of_year: YearTotal | None) -> Tile:
    name = str(gettext("Reports received"))
    if of_year is not None:
        is_small = 0 < of_year.received < least
        value = fewer_than(least) if is_small else str(of_year.received)
        return Tile(name, value, [str(gettext("All reports; the same at every desk"))])
    was = fewer_than(least) if before.total is None else str(before.total)
    return Tile(name, fewer_than(least) if counted.total is None else str(counted.total), [_before(was)])


def _open(counted: Statistics, before: Statistics, is_over: bool) -> Tile:
    name = gettext("Open on the last day") if is_over else gettext("Open today")
    table, was = counted.open_at_end, before.open_at_end.total
    earlier = table.count(EARLIER)
    notes = [] if was is None else [_before(str(was))]
    if earlier:
        notes.append(
            str(ngettext("%(num)d received before the period", "%(num)d received before the period", earlier))
        )
    return Tile(str(name), _not_shown() if table.total is None else str(table.total), notes)


def _told(counted: Statistics, before: Statistics) -> Tile:
    name = str(gettext("Told within 20 days"))
    in_time, of = counted.told_in_time, counted.to_tell
    if in_time is None or of is None:
        return Tile(name, _not_shown())
    running, overdue = counted.in_time.count(OPEN), counted.in_time.count(LATER)
    notes = []
    if before.told_in_time is not None and before.to_tell:
        notes.append(_before(_of(before.told_in_time, before.to_tell)))
    if running:
        notes.append(str(ngettext("%(num)d still has time", "%(num)d still have time", running)))
    if overdue:
        notes.append(str(ngettext("%(num)d later, or not yet", "%(num)d later, or not yet", overdue)))
    return Tile(name, _of(in_time, of) if of else "–", notes, bool(overdue))


def _of(part: int, whole: int) -> str:
    return str(gettext("%(part)s of %(whole)s", part=part, whole=whole))


def _late(counted: Statistics, before: Statistics) -> Tile:
    name = str(gettext("Terms missed"))
    late, guide = counted.late, counted.missed.count(PRELIMINARY)
    if late is None:
        return Tile(name, _not_shown())
    notes = [] if before.late is None else [_before(str(before.late))]
    if guide:
        notes.append(
            str(
                ngettext(
                    "%(num)d preliminary report past the guide’s days",
                    "%(num)d preliminary reports past the guide’s days",
                    guide,
                )
            )
        )
    return Tile(name, str(late), notes, late > 0)
