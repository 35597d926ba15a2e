"""Due dates as a calendar file (RFC 5545): days, and nothing of what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from cases.days import format_day
from crypto.encoding import b2

_ALARMS: Final = ("-PT15H", "PT9H")
"""At nine on the day before and on the day itself, counted from its beginning."""


def calendar(days: Iterable[date], secret: bytes, words: str, past: str, today: date) -> bytes:
    """Return the file, one entry for each day on which something is due, however much that is.

    Every entry says the same `words`: a calendar is often shared with the whole company. An entry whose day has passed
    lasts until `today` and says `past`, so that it does not stay behind unseen. `secret`: 32 bytes; a day keeps its
    entry's id from one export to the next, with a higher SEQUENCE (RFC 5545, 3.8.7.4), so that taking the file in again
    changes the entry and makes no second one. The id says nothing.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Meyasubako//desk//EN", "CALSCALE:GREGORIAN"]
    for day in sorted(set(days)):
        uid = b2(16, f"day {format_day(day)}".encode(), key=secret, person="mybk1-ics").hex()
        is_past = day < today
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@meyasubako.invalid",
            f"DTSTAMP:{today:%Y%m%d}T000000Z",
            f"SEQUENCE:{today:%Y%m%d}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{(today if is_past else day) + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(past if is_past else words)}",
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
            *([] if is_past else _alarms(words)),
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def _alarms(words: str) -> list[str]:
    return [
        line
        for trigger in _ALARMS
        for line in (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(words)}",
            f"TRIGGER:{trigger}",
            "END:VALARM",
        )
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Return a line in parts of at most 75 bytes, the later ones after a space (section 3.1)."""
    parts, current = [], ""
    for symbol in line:
        if len((current + symbol).encode()) > 75:
            parts.append(current)
            current = " "
        current += symbol
    return [*parts, current]
