"""When a reporter should look at the site again, and why. Pure: "today" is an argument; days are days in Japan.

The site has no address of anybody and reminds nobody: the days are on the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cases import legal_terms

Why = Literal["news", "promise", "twenty_days"]
"""`news`: a question or an answer can be there. `promise`: the days in which the company promised a first word have
passed. `twenty_days`: the 20 days have passed, by our reading (legal_terms.gateway_opens)."""

NEWS_DAYS: Final = 7
"""A week: long enough for somebody to have read it, short enough to answer questions in time."""

_RANK: Final[tuple[Why, ...]] = ("twenty_days", "promise", "news")


@dataclass(frozen=True)
class Visit:
    """A day on which to look again, and the reason."""

    why: Why
    day: date


def visits(
    lodged: date | None, today: date, designated: bool, promised: int | None = None
) -> tuple[Visit, ...]:
    """Return the days to come back on, all after `today`, the next one first and no day twice.

    `lodged`: the day of the report; None where it is not known. `promised`: within how many days after it the company
    promises a first word (settings, `acknowledge_days`). The 20 days count only where the site is `designated`.
    """
    days: dict[Why, date] = {"news": _after(today, NEWS_DAYS)}
    if lodged is not None and promised is not None:
        days["promise"] = _after(lodged, promised + 1)
    if lodged is not None and designated:
        days["twenty_days"] = _after(legal_terms.notice_due(lodged), 1)
    kept: dict[date, Why] = {}
    for why in _RANK:
        if why in days and days[why] > today:
            kept.setdefault(days[why], why)
    return tuple(Visit(kept[day], day) for day in sorted(kept))


def _after(day: date, days: int) -> date:
    """Return a later day; the calendar's last day where it goes past it (a server's day may be that)."""
    return day + timedelta(days=min(days, (date.max - day).days))
