"""The index: one summary for each case, made when its envelopes are opened after a pull. No Flask, no network, no
disk in here.

Only what is verified goes into a summary. A status that can't be believed is kept as unverified: it is shown as such
and counts as nothing done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from admin.desk.casework.case_entries import Entry
from admin.desk.casework.content import show
from admin.desk.casework.faults import LIST
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.local.summary import FALSE_INTAKE, UNSIGNED, CaseSummary, encode
from cases import deadlines, urgency
from cases.deadlines import Deadline, Promises
from cases.holidays_jp import is_public_holiday
from cases.status import CLOSED, RECEIVED
from crypto.envelope import Kind

__all__ = [
    "CaseSummary",
    "clocks_of",
    "encode",
    "excerpt",
    "summarize",
    "texts",
    "with_signature",
    "words_of",
]

EXCERPT: Final = 80


def clocks_of(case: OpenedCase, promises: Promises, today: date) -> tuple[Deadline, ...]:
    """Return a case's clocks, from what is verified."""
    return deadlines.of_case(
        case.line.received_day,
        case.steps,
        case.state,
        promises,
        is_public_holiday,
        today,
        case.answered,
        case.lodging,
    )


def summarize(case: OpenedCase, fetched: bool, promises: Promises, today: date) -> CaseSummary:
    """Return the line of a case that was opened and checked."""
    line = case.line
    if not case.is_open or case.report is None:
        return CaseSummary(
            line.case_id,
            line.received_day,
            verified=not case.statuses,
            last_seq=line.last_seq,
            seen_seq=line.seen_seq,
            fetched=fetched,
            fault=case.fault,
        )
    state, steps = case.state, case.steps
    clocks = clocks_of(case, promises, today)
    status = steps[-1].status if steps else RECEIVED
    return CaseSummary(
        line.case_id,
        line.received_day,
        last_seq=line.last_seq,
        seen_seq=line.seen_seq,
        fetched=fetched,
        status=status,
        verified=case.status_is_verified and not case.rewritten,
        excerpt=excerpt(case.report),
        owner=state.owner,
        severity=state.severity,
        cause=state.cause,
        category=state.category,
        labels=state.labels,
        next_due=urgency.next_due(urgency.running(clocks, status == CLOSED)),
        deadlines=clocks,
        is_open=True,
        fault=LIST if case.list_faults else "",
        stepped_back=state.stepped_back,
        closed=steps[-1].day if status == CLOSED else None,
        aware=state.breach.aware if state.breach else None,
        title=state.title,
        files=len(case.files),
        language=case.language,
        channel=channel_of(case),
        withdrawn=any(entry.verified and entry.meaning == "withdraw" for entry in case.entries),
        signature="" if case.report.verified else UNSIGNED,
        moved=case.moved,
    )


def with_signature(summary: CaseSummary, signature: str) -> CaseSummary:
    """Return the summary of a case of whose report's signature this is said (`CaseSummary.signature`)."""
    return replace(summary, signature=signature)


def channel_of(case: OpenedCase) -> str:
    """Return how a report came that an auditor wrote down (`crypto.payloads.INTAKE_CHANNELS`); FALSE_INTAKE where it
    only says so, "" for the reporter's own.
    """
    if case.written_down is None:
        return ""
    return case.written_down.said.channel if case.written_down.said else FALSE_INTAKE


def excerpt(report: Entry) -> str:
    """Return the beginning of a report on one line."""
    text = next((text for name, text in report.answers if name == "what_happened"), report.raw)
    # The rest of a long text is not looked at: a line is short.
    one_line = " ".join(text[: EXCERPT * 20].split())
    return one_line if len(one_line) <= EXCERPT else one_line[: EXCERPT - 1].rstrip() + "…"


_RECORD_TEXTS: Final = {
    "note": ("note", "text"),
    "task": ("task", "text"),
    "label": ("label", "label"),
    "title": ("title", "title"),
}


def texts(case: OpenedCase) -> list[tuple[str, str]]:
    """Return the texts of a case that can be searched, each with its place (`search.PLACES`).

    The report's, and of later words those that are verified.
    """
    if case.report is None:
        return []
    result: list[tuple[str, str]] = []
    for entry in (case.report, *case.entries):
        if entry.verified or entry is case.report:
            result += words_of(entry)
    for said in case.said:
        if said.record.type in _RECORD_TEXTS:
            place, name = _RECORD_TEXTS[said.record.type]
            result.append((place, show(said.record.fields[name])))
    return result


def words_of(entry: Entry) -> list[tuple[str, str]]:
    """Return the texts of an entry that can be searched, each with its place."""
    pairs = [(name, text) for name, text in entry.answers if name != "cause"]
    pairs += [("other", text) for _name, text in entry.others if entry.kind != Kind.RECORD]
    if entry.message is not None:
        pairs.append(("message" if entry.kind == Kind.FROM_REPORTER else "reply", entry.message))
    if entry.raw and entry.kind != Kind.RECORD:
        pairs.append(("other", entry.raw))
    return pairs + [("file", file.name) for file in entry.files]
