"""When a channel is open. Pure: the moment and the public holidays are arguments; times are times in Japan.

Only what a shown source says is in the data: where it says nothing of public holidays or of the days around
New Year, the answer on such a day is that it is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from cases.days import JST
from cases.legal_terms import YEAR_END, IsHoliday

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_SEARCHED: Final = 21  # days; no channel in the data is closed for longer
_KEYS: Final = frozenset({"days", "spans", "closed_on_holidays"})


class HoursError(ValueError):
    """Opening hours of a form that is not known; the text says which part."""


@dataclass(frozen=True)
class Opening:
    """Regular hours: `days` (0 is Monday) and `spans` (from, to; "to" is no longer open), in Japan's time.

    `closed_on_holidays`: the source says that public holidays and the days around New Year are excepted;
    False: it says nothing of them.
    """

    days: frozenset[int]
    spans: tuple[tuple[time, time], ...]
    closed_on_holidays: bool


def parse_opening(entry: Mapping[str, Any]) -> Opening:
    """Return the hours of an entry: `days` (of DAYS), `spans` ("09:30-12:30"), `closed_on_holidays`.

    Raises HoursError.
    """
    if set(entry) != _KEYS or not isinstance(entry["closed_on_holidays"], bool):
        raise HoursError("the hours are days, spans and closed_on_holidays")
    days, spans = _words(entry["days"]), tuple(_span(span) for span in _words(entry["spans"]))
    if not days or not set(days) <= set(DAYS):
        raise HoursError("the hours have a day that is not known")
    if not spans or any(before[1] > after[0] for before, after in zip(spans, spans[1:], strict=False)):
        raise HoursError("the hours are not in order")
    return Opening(frozenset(DAYS.index(day) for day in days), spans, entry["closed_on_holidays"])


def is_open(opening: Opening, moment: datetime, holidays: IsHoliday) -> bool | None:
    """Return whether a channel is open at `moment`; None: the source does not say (a holiday).

    Raises ValueError when `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no time in Japan")
    there = moment.astimezone(JST)
    known = _open_day(opening, there.date(), holidays)
    if known is False or not any(first <= there.time() < last for first, last in opening.spans):
        return False
    return known


def next_opening(opening: Opening, moment: datetime, holidays: IsHoliday) -> datetime | None:
    """Return when the channel next opens for certain after `moment` (Japan's time); None: not within three weeks.

    Raises ValueError when `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no time in Japan")
    there = moment.astimezone(JST)
    for ahead in range(_SEARCHED):
        day = there.date() + timedelta(days=ahead)
        for first, _last in opening.spans:
            at = datetime.combine(day, first, JST)
            if at > there and _open_day(opening, day, holidays):
                return at
    return None


def _open_day(opening: Opening, day: date, holidays: IsHoliday) -> bool | None:
    if day.weekday() not in opening.days:
        return False
    special = (day.month, day.day) in YEAR_END or holidays(day)
    if not special:
        return True
    return False if opening.closed_on_holidays else None


def _words(values: Any) -> Sequence[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise HoursError("the hours have something that is no list of words")
    return values


def _span(text: str) -> tuple[time, time]:
    match = _SPAN.match(text)
    if match is None:
        raise HoursError("the hours are written 09:30-12:30")
    hour, minute, last_hour, last_minute = (int(part) for part in match.groups())
    first, last = time(hour, minute), time(last_hour, last_minute)
    if first >= last:
        raise HoursError("the hours end before they begin")
    return first, last
