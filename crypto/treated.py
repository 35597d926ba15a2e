"""The category that a case is treated as, by its auditors' answers (docs/format.md, section 2.17). Pure: the twin of
portal/scripts/format/treated.ts, with one set of vectors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Treated:
    """A word of `crypto.payloads.TREATED`, and the day of the first answer that said it without another one since."""

    category: str
    since: date


def treated_as(answers: Iterable[tuple[str, date]]) -> Treated | None:
    """Return what a case is treated as; None where no answer says it.

    `answers`: of those that count, in the order of the feed, each with its `category`, "" for none, and its day.
    """
    now: Treated | None = None
    for category, day in answers:
        if category and (now is None or category != now.category):
            now = Treated(category, day)
    return now
