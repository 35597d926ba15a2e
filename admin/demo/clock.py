"""The demo's own day, for `meyasubako demo --days`: a file that both parts read. The system's clock is left alone.

It is always noon there, so that the batch of the day before is due (docs/format.md, 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

_JAPAN: Final = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class DemoClock:
    """The day in a file, as YYYY-MM-DD; it moves on only when it is told to."""

    file: Path

    def day(self) -> date:
        """Return the demo's day. Raises OSError, ValueError."""
        return date.fromisoformat(self.file.read_text(encoding="ascii").strip())

    def now(self) -> float:
        """Return noon of that day in Japan, in seconds since 1970. Raises OSError, ValueError."""
        day = self.day()
        return datetime(day.year, day.month, day.day, 12, tzinfo=_JAPAN).timestamp()

    def set(self, day: date) -> None:
        """Set the day. Raises OSError."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{day.isoformat()}\n", encoding="ascii")
        new.replace(self.file)  # whole at any time: the server reads it meanwhile

    def next_day(self) -> date:
        """Let a day go by, and return the new one. Raises OSError, ValueError."""
        day = self.day() + timedelta(days=1)
        self.set(day)
        return day
