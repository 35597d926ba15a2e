"""Which cases the inbox shows, and in which order: the questions that it asks the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from admin.desk.local.rows import CaseLine
from admin.desk.local.summary import CaseSummary, decode
from cases.days import parse_day

CASE_COLUMNS: Final = "case_id, received_day, report_id, status, last_seq, last_in_seq, seen_seq"
"""What is read of a case."""

LINES: Final = """
SELECT c.case_id, c.received_day, c.report_id, c.status, c.last_seq, c.last_in_seq, c.seen_seq,
       s.of_seq, s.status, s.verified, s.is_open, s.fetched, s.excerpt, s.owner, s.severity, s.cause, s.next_due,
       s.more
FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
"""
"""What is read of a case and its summary."""
SHOWN: Final = "(coalesce(s.is_open, -1) >= 0)"
"""Nothing is shown of a case that is whole and not for this key, nor of one that was not read yet: it could be one."""
_HANDLED: Final = "(coalesce(s.status, 'received') <> 'received')"
_WAITS: Final = f"""
(NOT {_HANDLED} OR (c.last_in_seq > c.seen_seq AND (c.seen_seq > 0 OR c.last_in_seq = c.last_seq)))
"""
"""Nobody has verifiably handled it, or the reporter wrote since it was looked at here (or, never looked at, wrote
last).
"""
_IS_DUE: Final = "(s.next_due IS NOT NULL)"


@dataclass(frozen=True)
class Wanted:
    """Which cases of the inbox are wanted; empty: all. `view`: new, due, mine or "". `owner`, `me`: persons."""

    view: str = ""
    status: str = ""
    severity: str = ""
    cause: str = ""
    label: str = ""
    owner: bytes = b""
    me: bytes = b""

    @property
    def where(self) -> tuple[str, dict[str, str]]:
        """Return the condition and its values."""
        parts = {
            "status": "coalesce(s.status, 'received') = :status",
            "severity": "s.severity = :severity",
            "cause": "s.cause = :cause",
            "label": "EXISTS (SELECT 1 FROM label l WHERE l.case_id = c.case_id AND l.label = :label)",
            "owner": "s.owner = :owner",
        }
        values = {name: getattr(self, name) for name in parts} | {
            "owner": self.owner.hex(),
            "me": self.me.hex(),
        }
        views = {"new": _WAITS, "due": _IS_DUE, "mine": "s.owner = :me"}
        conditions = [text for name, text in parts.items() if values[name]]
        conditions += [views[self.view]] if self.view in views else []
        return " AND ".join([SHOWN, *conditions]), values

    @property
    def order(self) -> str:
        """Return the order: what waits for somebody, then what is due, then what moved last."""
        latest = "c.last_seq DESC"
        if self.view == "due":
            return f"s.next_due, {latest}"
        due = f"CASE WHEN {_WAITS} THEN '' ELSE coalesce(s.next_due, '9999') END"
        return latest if self.view == "new" else f"{_WAITS} DESC, {due}, {latest}"


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
