"""When a report was made, and whether in writing: what its days are counted from. Pure; days are days in Japan.

The 20 days of Art. 3(iii)ホ run from a *written* report inside (law.toml: gateway_days; facts wpa_dest_3 and
wpa_20days: an oral report does not start them). What an auditor wrote down of a call or a talk is the auditor's
writing, and so starts nothing; a letter is the person's own. That a letter's day is the one on which it came is our
reading, the same as for what comes through the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

LETTER: Final = "letter"
"""The one channel of `crypto.payloads.INTAKE_CHANNELS` that is in writing."""


@dataclass(frozen=True)
class Lodging:
    """`made`: the day on which the company was told. `written`: the day from which the 20 days run; None: they
    don't.
    """

    made: date
    written: date | None


def through_the_site(received: date) -> Lodging:
    """Return when a report was made that came in through the site: in writing, on the day of receipt."""
    return Lodging(received, received)


def written_down(received: date, channel: str, day: date) -> Lodging:
    """Return when a report was made that an auditor wrote down, from `channel` on `day`.

    A day after the day of receipt can't be: then the day of receipt counts.
    """
    made = min(day, received)
    return Lodging(made, made if channel == LETTER else None)
