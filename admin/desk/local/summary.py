"""The index's summary of a case. `casework.summarize` makes them, `copy` keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from cases import deadlines, law, urgency
from cases.categories import LEAK
from cases.days import format_day, parse_day
from cases.deadlines import Deadline
from cases.law import Rule
from cases.status import CLOSED, RECEIVED

SHUT: Final = "shut"
"""The fault of a case that is whole, and not for this key (`casework.faults.fault_of`)."""
_SHUT: Final = -1
"""The value of the column `is_open` of such a case; the inbox's questions leave it out (`inbox_query.SHOWN`)."""

UNCHECKED: Final = "unchecked"
"""The signature of a report that was read and not checked yet (docs/adr/0008)."""
UNSIGNED: Final = "wrong"
"""The signature of a report that does not hold: who wrote the report can't be said."""

FALSE_INTAKE: Final = "false"
"""Stands for the channel where a report says that an auditor wrote it down, and that does not hold."""

_RULES: Final = {
    deadlines.NOTICE: "gateway_days",
    deadlines.PRELIMINARY: "breach_prelim",
    deadlines.FINAL: "breach_final",
    deadlines.PERSONS: "breach_persons",
    deadlines.PRINCIPAL: "breach_processor",
    deadlines.FOLLOW_UP: "guideline_measures",
}


@dataclass(frozen=True, repr=False)
class CaseSummary:
    """A case in one line.

    `status` is the last one that is verified; `verified`: whether it is also the last one that the server has.
    `is_open`: the report could be opened; `fault`: why it could not (`faults.fault_of`); `fetched`: its bytes were
    here. `last_seq`: the place in the feed up to which this was made. `excerpt` is None where the report can't be
    opened. `owner`, `stepped_back`: persons. `closed`: the day on which it was closed, where it is; `aware`: when the
    company learned of the leak. `title`: what the auditors call the case; `files`: how many came with it; `language`:
    of the reporter's page.
    """

    case_id: bytes
    received: date
    status: str = RECEIVED
    verified: bool = True
    excerpt: str | None = None
    owner: bytes | None = None
    severity: str = ""
    cause: str = ""
    category: str = LEAK
    labels: tuple[str, ...] = ()
    next_due: date | None = None
    deadlines: tuple[Deadline, ...] = ()
    last_seq: int = 0
    seen_seq: int = 0
    is_open: bool = False
    fetched: bool = False
    is_new: bool = True
    has_new_message: bool = False
    stepped_back: frozenset[bytes] = frozenset()
    closed: date | None = None
    aware: date | None = None
    fault: str = ""
    title: str = ""
    files: int = 0
    language: str = ""
    channel: str = ""
    """How it came, where an auditor wrote it down; FALSE_INTAKE where the report only says so; "" for all others."""
    withdrawn: bool = False
    """The reporter said so; it changes nothing by itself."""
    moved: int | None = None
    """`OpenedCase.moved`."""
    signature: str = ""
    """Of the report: UNCHECKED, UNSIGNED, or "" where it holds (or the report does not open)."""

    @property
    def is_shut(self) -> bool:
        """Tell whether nothing of this case is shown here: it is whole, and not for this key."""
        return self.fault == SHUT

    def urgent(self, today: date) -> tuple[Deadline, ...]:
        """Return the clocks that are past their last day, and the next one to come; in a closed case what is
        planned for later."""
        if self.next_due is None:
            return ()
        return urgency.urgent(urgency.running(self.deadlines, self.status == CLOSED), today)

    @property
    def is_running(self) -> bool:
        """Tell whether days of an open case run."""
        return self.next_due is not None and self.status != CLOSED

    def runs(self, clock: Deadline) -> bool:
        """Tell whether a clock still counts: in a closed case what the law goes on asking for."""
        return self.next_due is not None and clock in urgency.running(self.deadlines, self.status == CLOSED)

    def clock(self, name: str) -> Deadline | None:
        """Return one of the case's clocks by its id; None where it has none."""
        return next((clock for clock in self.deadlines if clock.id == name), None)


FORM: Final = b"11"
"""Which form the summaries and texts of a local copy have: those of another one are made anew."""

Row = list[Any]
"""A summary as the journal and the database in memory hold it."""


def encode(summary: CaseSummary) -> Row:
    """Return what is kept of a summary; what depends on who looked at it is kept elsewhere."""
    more = {
        "aware": _day(summary.aware),
        "closed": _day(summary.closed),
        "labels": list(summary.labels),
        "clocks": [_encode_clock(clock) for clock in summary.deadlines],
        "back": sorted(person.hex() for person in summary.stepped_back),
        "fault": summary.fault,
        "title": summary.title,
        "files": summary.files,
        "language": summary.language,
        "category": summary.category,
        "withdrawn": summary.withdrawn,
        "channel": summary.channel,
        "signature": summary.signature,
        "moved": summary.moved,
        # What the inbox sorts by: the last days of the law's clocks that still run.
        "due": {
            clock.id: _day(clock.due)
            for clock in summary.deadlines
            if clock.id in _RULES and clock.due and clock.done is None and summary.runs(clock)
        },
    }
    return [
        summary.case_id.hex(),
        summary.last_seq,
        summary.status,
        int(summary.verified),
        _SHUT if summary.is_shut else int(summary.is_open),
        int(summary.fetched),
        summary.excerpt,
        summary.owner.hex() if summary.owner else None,
        summary.severity,
        summary.cause,
        _day(summary.next_due),
        json.dumps(more, ensure_ascii=False, separators=(",", ":")),
    ]


def row_of_another(row: Row, case_id: bytes, last_seq: int, text: str | None) -> Row:
    """Return the row of a summary that differs from another one's in case, place in the feed and excerpt alone."""
    own = row.copy()
    own[0], own[1], own[6] = case_id.hex(), last_seq, text
    return own


def decode(bare: CaseSummary, row: Sequence[Any]) -> CaseSummary:
    """Return a summary: a case's line with what is kept of it."""
    _case, seq, status, verified, is_open, fetched, text, owner, severity, cause, due, kept = row
    more = json.loads(kept)
    return CaseSummary(
        bare.case_id,
        bare.received,
        seen_seq=bare.seen_seq,
        is_new=bare.is_new,
        has_new_message=bare.has_new_message,
        last_seq=seq,
        status=status,
        verified=bool(verified),
        is_open=is_open == 1,
        fetched=bool(fetched),
        excerpt=text,
        owner=bytes.fromhex(owner) if owner else None,
        severity=severity,
        cause=cause,
        next_due=_day_of(due),
        labels=tuple(more["labels"]),
        aware=_day_of(more["aware"]),
        closed=_day_of(more["closed"]),
        deadlines=tuple(_decode_clock(clock, bare.received) for clock in more["clocks"]),
        stepped_back=frozenset(bytes.fromhex(person) for person in more["back"]),
        fault=more.get("fault", ""),
        title=more.get("title", ""),
        files=more.get("files", 0),
        language=more.get("language", ""),
        moved=more.get("moved"),
        category=more.get("category", LEAK),
        withdrawn=more.get("withdrawn", False),
        channel=more.get("channel", ""),
        signature=more.get("signature", ""),
    )


def _encode_clock(clock: Deadline) -> list[Any]:
    return [clock.id, _day(clock.due), _day(clock.first), _day(clock.done), clock.asks, clock.detail]


def _decode_clock(clock: Sequence[Any], received: date) -> Deadline:
    id_, due, first, done, asks, detail = clock
    rule = _rule(_RULES[id_], received) if id_ in _RULES else None
    return Deadline(id_, _day_of(due), _day_of(first), _day_of(done), asks, rule, detail)


@lru_cache(maxsize=4096)
def _rule(key: str, day: date) -> Rule | None:
    return law.rule_on(key, day)


def _day(day: date | None) -> str | None:
    return format_day(day) if day else None


def _day_of(text: str | None) -> date | None:
    return parse_day(text) if text else None
