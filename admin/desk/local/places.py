"""Search terms other than text: part of a case's number, a day or month, an owner. Pure."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.desk.local.folding import fold
from cases.days import format_day

_PART: Final = re.compile(r"[0-9a-f]{2,8}\Z")
_DAY: Final = re.compile(
    r"(?:(?P<y>[0-9]{4})(?:年|[-/.]))?(?P<m>[0-9]{1,2})(?:月|[-/.])(?P<d>[0-9]{1,2})日?\Z"
    r"|(?P<y2>[0-9]{4})(?:年|[-/.])(?P<m2>[0-9]{1,2})月?\Z"
    r"|(?P<m3>[0-9]{1,2})月\Z"
)


@dataclass(frozen=True)
class QueryPlaces:
    """The filters of a query. `part`: hexadecimal digits of a number, "" for none. `since`, `until`: days of receipt,
    "" for none. `owners`: persons.
    """

    part: str = ""
    since: str = ""
    until: str = ""
    owners: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it names anything."""
        return bool(self.part or self.since or self.owners)


def named_in(query: str, today: date, names: Iterable[tuple[bytes, str]]) -> QueryPlaces:
    """Return what a query names. `names`: each person with a name of theirs. A day without a year is the last such day
    up to today.
    """
    text = unicodedata.normalize("NFKC", query[:80]).strip().lower()
    digits = text.replace("-", "")
    is_number = bool(_PART.match(digits)) and any(letter in "0123456789-" for letter in text)
    since, until = days_of(text, today)
    folded = fold(text)
    owners = {person for person, name in names if len(folded) > 1 and folded in fold(name)}
    return QueryPlaces(digits if is_number else "", since, until, tuple(sorted(owners)))


def days_of(text: str, today: date) -> tuple[str, str]:
    """Return the first and the last day that a text like 2026-11-27, 11/27, 11月27日, 2026年11月 or 11月 names; two
    empty texts for any other.
    """
    match = _DAY.match(text)
    if match is None:
        return "", ""
    year = match["y"] or match["y2"]
    month, day = int(match["m"] or match["m2"] or match["m3"]), match["d"]
    if not 1 <= month <= 12 or (year is not None and int(year) < 1):
        return "", ""
    first, last = (int(day), int(day)) if day else (1, 0)
    if not 1 <= first <= 31:
        return "", ""
    for candidate in [int(year)] if year else range(today.year, today.year - 8, -1):
        if first > monthrange(candidate, month)[1]:
            continue  # 29 February, or no such day at all
        begin = date(candidate, month, first)
        if year or begin <= today:
            end = date(candidate, month, last or monthrange(candidate, month)[1])
            return format_day(begin), format_day(end)
    return "", ""
