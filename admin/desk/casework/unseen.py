"""Conflicts between two auditors: entries newer than the page are shown before anything from that page is sent.

A page carries the id of the newest envelope that it shows. What the server takes between the desk's last look and its
answer is not seen here: of a status the server refuses the second one, of a reply or record it takes both.
"""

from __future__ import annotations

from collections.abc import Sequence

from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.local.rows import EnvelopeLine, StatusLine
from cases.case_fold import fold
from cases.case_state import CaseState
from cases.record_subjects import subject
from cases.records import Record, parts_of
from crypto.envelope import Kind

_CONVERSATION = frozenset({Kind.FROM_REPORTER, Kind.TO_REPORTER})


def newest_of(case: OpenedCase) -> bytes:
    """Return the id (16 bytes) of the newest envelope of a case."""
    entries = [entry for entry in (case.report, *case.entries) if entry is not None]
    return entries[-1].envelope_id if entries else case.line.case_id


def since(case: OpenedCase, shown: bytes | None) -> tuple[Entry, ...]:
    """Return the verified entries after the one that a page showed last; all but the report if it is not there."""
    ids = [entry.envelope_id for entry in case.entries]
    start = ids.index(shown) + 1 if shown in ids else 0
    return tuple(entry for entry in case.entries[start:] if entry.verified)


def messages_since(case: OpenedCase, shown: bytes | None) -> tuple[Entry, ...]:
    """Return the reporter's messages and the replies since then."""
    return tuple(entry for entry in since(case, shown) if entry.kind in _CONVERSATION)


def state_at(case: OpenedCase, shown: bytes | None) -> CaseState:
    """Return what the records said when a page was made whose newest envelope was `shown`; without one, what they say
    now."""
    ids = [entry.envelope_id for entry in case.entries]
    if shown is None or (shown not in ids and (case.report is None or shown != case.report.envelope_id)):
        return case.state
    later = set(ids[ids.index(shown) + 1 :]) if shown in ids else set(ids)
    return fold(
        [said for said in case.said if said.envelope_id not in later], case.given_cause, case.given_category
    )


def by_others(
    case: OpenedCase, envelopes: Sequence[EnvelopeLine], statuses: Sequence[StatusLine], seq: int, own: bytes
) -> bool:
    """Tell whether somebody else wrote in a case, or set its status, after a place in the feed that a page was made at.

    `own`: this auditor's key id.
    """
    later = {line.envelope_id for line in envelopes if line.seq > seq}
    return any(
        entry.verified and (entry.author is None or entry.author.key_id != own)
        for entry in case.entries
        if entry.envelope_id in later
    ) or any(line.seq > seq and line.author != own for line in statuses)


def is_overwriting(case: OpenedCase, shown: bytes | None, record: Record) -> bool:
    """Tell whether a record would take the place of one since then, which sets the same to something else."""
    newer = [entry.record for entry in since(case, shown) if entry.record is not None]
    newest = {subject(part): part for other in newer for part in parts_of(other)}
    return any(
        subject(part) is not None and newest.get(subject(part), part) != part for part in parts_of(record)
    )
