"""Due dates as a calendar file (RFC 5545): days, and nothing of what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from crypto.encoding import b2


@dataclass(frozen=True)
class DueDay:
    """One last day. `key`: what tells it apart; it does not leave the desk but as a keyed hash."""

    day: date
    key: bytes


def calendar(dues: Iterable[DueDay], secret: bytes, words: str, past: str, today: date) -> bytes:
    """Return the file. Every entry says the same `words`: a calendar is often shared with the whole company.

    An entry whose day has passed lasts until `today` and says `past`, so that it does not stay behind unseen.
    `secret`: 32 bytes; an entry keeps its id from one export to the next, and the id says nothing.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Meyasubako//desk//EN", "CALSCALE:GREGORIAN"]
    for due in sorted(dues, key=lambda deadline: (deadline.day, deadline.key)):
        uid = b2(16, due.key, key=secret, person="mybk1-ics").hex()
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@meyasubako.invalid",
            f"DTSTAMP:{today:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{due.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{(today if due.day < today else due.day) + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(past if due.day < today else words)}",
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


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
