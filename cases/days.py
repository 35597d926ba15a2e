"""Days. A time of day could point at a person (who was at a desk just then?), so nothing here is finer than
a day.

The day is the calendar day in Japan. Japan has had no daylight saving time since 1952, so a fixed offset is
exact and needs no time zone database (Windows has none).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def today_jst(now: datetime) -> date:
    """Return the calendar day in Japan at the moment `now`.

    Raises ValueError when `now` has no time zone: guessing one could be off by a day.
    """
    if now.tzinfo is None:
        raise ValueError("a moment without a time zone has no day in Japan")
    return now.astimezone(JST).date()


def format_day(day: date) -> str:
    """Return the ten ASCII characters YYYY-MM-DD that stand for a day on the wire."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def parse_day(text: str) -> date:
    """Return the day that YYYY-MM-DD names.

    Raises ValueError for every other spelling, also for those that `date.fromisoformat` takes
    (20261123, 2026-W48-1): one day has one spelling, because signatures cover it.
    """
    if not _DAY.match(text):
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(text)
