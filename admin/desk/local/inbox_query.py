"""Queries of the inbox: which cases it shows, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast

from admin.desk.local.rows import CaseLine
from admin.desk.local.summary import CaseSummary, decode
from cases.days import format_day, parse_day
from cases.records import SEVERITIES
from cases.status import STATUSES

CASE_COLUMNS: Final = "case_id, received_day, report_id, status, last_seq, last_in_seq, seen_seq"
"""Columns of a case."""

LINES: Final = """
SELECT c.case_id, c.received_day, c.report_id, c.status, c.last_seq, c.last_in_seq, c.seen_seq,
       s.of_seq, s.status, s.verified, s.is_open, s.fetched, s.excerpt, s.owner, s.severity, s.cause, s.next_due,
       s.more
FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
"""
"""Columns of a case and its summary."""
MOVED: Final = "coalesce(json_extract(s.more, '$.moved'), s.of_seq, c.last_seq)"
"""The place in the feed of what last came in a case, without what was kept from this key: a proposal to take its
auditor off the case must not move it (docs/format.md, 2.16)."""
SHOWN: Final = "(coalesce(s.is_open, -1) >= 0)"
"""Nothing is shown of a case that is whole and not for this key, nor of one that was not read yet: it could be one."""
_HANDLED: Final = "(coalesce(s.status, 'received') <> 'received')"
_WROTE: Final = "(c.last_in_seq > c.seen_seq AND (c.seen_seq > 0 OR c.last_in_seq = c.last_seq))"
"""The reporter wrote since the case was looked at here (or, never looked at, wrote last)."""
_WAITS: Final = f"(NOT {_HANDLED} OR {_WROTE})"
"""No verified status beyond the first, or the reporter wrote."""
_IS_DUE: Final = "(s.next_due IS NOT NULL)"
_IS_APART: Final = f"(coalesce(s.status, 'received') = 'closed' AND NOT {_WROTE} AND NOT {_IS_DUE})"
"""Closed, the reporter has written nothing since, and nothing is due any more."""
_IS_LEFT: Final = """(s.is_open = 0
    AND EXISTS (SELECT 1 FROM meta m WHERE m.name = 'left:' || lower(hex(c.case_id)) AND length(m.value) > 0))"""
"""This auditor stepped back from it, or was taken off: it asks for nothing more here. Only a case that does not open is
looked for in `meta`: for 100,000 of them that takes as long as the rest of a question."""
SOON_DAYS: Final = 5
"""Days before a last day from which a case counts as due soon."""

ACTION: Final = ""
VIEWS: Final = (ACTION, "new", "due", "mine", "closed", "all")
"""The views of the inbox. The first one shows what needs action, the urgent ones first: a closed case only where
something is due or its reporter wrote."""

_SEVERITY: Final = (
    "CASE s.severity "
    + " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(reversed(SEVERITIES)))
    + " ELSE 9 END"
)
_STATUS: Final = (
    "CASE coalesce(s.status, 'received') "
    + " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(STATUSES))
    + " ELSE 9 END"
)
_CATEGORY: Final = "coalesce(json_extract(s.more, '$.category'), 'leak')"
_CLOCK: Final = "coalesce(json_extract(s.more, '$.due.{name}'), '9999')"
SORTS: Final[Mapping[str, str]] = {
    "notice": _CLOCK.format(name="notice"),
    "preliminary": _CLOCK.format(name="preliminary"),
    "final": _CLOCK.format(name="final"),
    "number": "hex(c.case_id)",
    "received": "c.received_day",
    "status": _STATUS,
    "severity": _SEVERITY,
    "category": _CATEGORY,
    "owner": "coalesce(s.owner, 'z')",
    "moved": f"-{MOVED}",
}
"""The columns that the inbox can be sorted by, each with what SQLite orders it by."""


_VIEW_CONDITIONS: Final[Mapping[str, str]] = {
    ACTION: f"NOT {_IS_APART} AND NOT {_IS_LEFT}",
    "new": f"{_WAITS} AND NOT {_IS_LEFT}",
    "due": _IS_DUE,
    "mine": f"s.owner = :me AND NOT {_IS_APART}",
    "closed": "coalesce(s.status, 'received') = 'closed'",
}
VIEW_COUNTS: Final = (
    "SELECT {} FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id WHERE {}".format(
        ", ".join(f"count(CASE WHEN {_VIEW_CONDITIONS.get(view, '1')} THEN 1 END)" for view in VIEWS), SHOWN
    )
)
"""How many cases each of `VIEWS` has, read in one pass; `:me` is the auditor's person, as hexadecimal digits."""


NOTICE_COUNTS: Final = f"""
SELECT count(CASE WHEN s.next_due < :today AND NOT {_IS_APART} THEN 1 END),
       count(CASE WHEN (c.seen_seq = 0 OR {_WROTE}) AND NOT {_IS_LEFT} THEN 1 END)
FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id WHERE {SHOWN}
"""
"""How many cases are late, and in how many something is new."""


@dataclass(frozen=True)
class Wanted:
    """Which cases of the inbox are wanted, and in which order; empty: all that need action, the urgent ones first.

    `view`: one of `VIEWS`. `owner`, `me`: persons. `since`, `until`: days on which a report was received, both
    included. `sort`: a name of `SORTS`; `down`: the other way round. `today`: from which a last day has passed.
    """

    view: str = ACTION
    status: str = ""
    severity: str = ""
    cause: str = ""
    category: str = ""
    label: str = ""
    owner: bytes = b""
    me: bytes = b""
    since: str = ""
    until: str = ""
    sort: str = ""
    down: bool = False
    today: date = date.min

    @property
    def where(self) -> tuple[str, dict[str, str]]:
        """Return the condition and its values."""
        parts = {
            "status": "coalesce(s.status, 'received') = :status",
            "severity": "s.severity = :severity",
            "cause": "s.cause = :cause",
            "category": f"{_CATEGORY} = :category",
            "label": "EXISTS (SELECT 1 FROM label l WHERE l.case_id = c.case_id AND l.label = :label)",
            "owner": "s.owner = :owner",
            "since": "c.received_day >= :since",
            "until": "c.received_day <= :until",
        }
        values = {name: getattr(self, name) for name in parts} | {
            "owner": self.owner.hex(),
            "me": self.me.hex(),
            "today": format_day(self.today),
            "soon": format_day(min(self.today, _LAST_DAY) + timedelta(days=SOON_DAYS)),
        }
        views = dict(_VIEW_CONDITIONS)
        if self.status:
            del views[ACTION]  # a status that is asked for is shown, closed cases too
        conditions = [text for name, text in parts.items() if values[name]]
        conditions += [views[self.view]] if self.view in views else []
        return " AND ".join([SHOWN, *conditions]), values

    @property
    def order(self) -> str:
        """Return the order: what is late, due soon, new, written to by its reporter, the rest; each by its next last
        day, then the oldest first. With `sort`: by this column first.
        """
        latest = f"c.received_day DESC, {MOVED} DESC"
        if self.view == "closed" and not self.sort:
            return latest
        urgent = f"{_URGENCY}, coalesce(s.next_due, '9999'), c.received_day, {MOVED}"
        if not self.sort:
            return urgent
        return f"{SORTS[self.sort]}{' DESC' if self.down else ''}, {urgent}"


_LAST_DAY: Final = date.max - timedelta(days=SOON_DAYS)
_URGENCY: Final = f"""
CASE WHEN s.next_due < :today THEN 0 WHEN s.next_due <= :soon THEN 1 WHEN NOT {_HANDLED} THEN 2
     WHEN {_WROTE} THEN 3 WHEN NOT {_IS_APART} THEN 4 ELSE 5 END
"""


def line_of(row: Sequence[Any]) -> tuple[CaseLine, CaseSummary | None]:
    """Return what a row of `LINES` says: the case, and what is known of it."""
    case = case_of(row[:7])
    if row[7] is None:
        return case, None
    bare = CaseSummary(
        case.case_id,
        case.received_day,
        seen_seq=case.seen_seq,
        is_new=case.is_new,
        has_new_message=case.has_new_message,
    )
    return case, decode(bare, (case.case_id, *row[7:]))


def case_of(row: Sequence[object]) -> CaseLine:
    """Return what a row of `CASE_COLUMNS` says."""
    # The columns' types are the local copy's own (admin/desk/local/copy.py).
    case_id, received, report_id, status, last_seq, last_in_seq, seen_seq = cast(
        "tuple[bytes, str, bytes | None, str, int, int, int]", tuple(row)
    )
    return CaseLine(case_id, parse_day(received), report_id, status, last_seq, last_in_seq, seen_seq)
