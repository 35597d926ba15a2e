"""The first block of a case's document: a summary for a reader who does not know the case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from flask_babel import gettext

from admin.desk.casework.case_entries import Entry
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.labels import clocks as clock_labels
from admin.desk.labels import common
from admin.desk.labels.i18n import show_day
from admin.desk.reports.grid import Cell
from admin.desk.reports.pdf_and_zip import Grid, Section
from cases import deadlines
from cases.case_state import CaseState
from cases.deadlines import Deadline
from cases.status import RECEIVED
from crypto.cards import Card
from crypto.envelope import Kind

_OF_THE_LAW: Final = (deadlines.AWARE, deadlines.NOTICE, deadlines.PRELIMINARY, deadlines.FINAL)
_EXCERPT: Final = 200

Row = tuple[Cell, Cell]


def summary(
    opened: OpenedCase,
    clocks: Sequence[Deadline],
    names: Callable[[bytes], str],
    name_of: Callable[[Card], str],
    today: date,
) -> Section:
    """Return the law's due dates, the owner by name, the status and the last answer, before everything else."""
    rows = [
        row(gettext("Received on"), show_day(opened.line.received_day)),
        *_law(clocks, today),
        *_next_task(opened, clocks, today),
        _owner(opened, names),
        _status(opened),
        *_last_words(opened, name_of),
        *_facts(opened),
    ]
    return Section(gettext("In short"), [Grid((), rows)])


def row(label: str, text: str, tone: str = "", strong: bool = False) -> Row:
    """Return a fact with its label."""
    return Cell(label), Cell(text, tone, strong)


def clock_row(clock: Deadline, name: str, today: date) -> Row:
    """Return a clock with its last day and its state; what is late is bold too, never only coloured."""
    tone = clock_labels.said(clock, today).tone
    return row(name, clock_labels.whole(clock, today), tone, strong=tone in ("late", "soon"))


def _law(clocks: Sequence[Deadline], today: date) -> list[Row]:
    named = {clock.id: clock for clock in clocks}
    return [
        clock_row(named[name], str(gettext(clock_labels.CLOCKS[name])), today)
        for name in _OF_THE_LAW
        if name in named
    ]


def _next_task(opened: OpenedCase, clocks: Sequence[Deadline], today: date) -> list[Row]:
    texts = {task.id: task.text for task in opened.state.tasks}
    for clock in clocks:
        if clock.id == deadlines.TASK and clock.done is None:
            said = clock_row(clock, gettext("Next task"), today)
            return [(said[0], Cell(f"{said[1].text}\n{texts.get(clock.detail, '')}", said[1].tone))]
    return []


def _owner(opened: OpenedCase, names: Callable[[bytes], str]) -> Row:
    owner = opened.state.owner
    return row(gettext("Owner"), names(owner) if owner else gettext("Nobody yet"), strong=True)


def _status(opened: OpenedCase) -> Row:
    text = str(gettext(common.STATUSES[opened.status]))
    if opened.statuses:
        text = gettext("%(status)s, since %(day)s", status=text, day=show_day(opened.statuses[-1].day))
    if not opened.status_is_verified:
        text = f"{text} ({gettext('Not verified')})"
    return row(gettext("Status"), text, strong=True)


def _last_words(opened: OpenedCase, name_of: Callable[[Card], str]) -> list[Row]:
    """Return the last answer, and what the reporter has written since."""
    spoken = [
        entry
        for entry in opened.entries
        if entry.verified and entry.opened and entry.kind in (Kind.FROM_REPORTER, Kind.TO_REPORTER)
    ]
    answers = [entry for entry in spoken if entry.kind == Kind.TO_REPORTER]
    label = gettext("Last answer to the reporter")
    if not answers:
        rows = [row(label, gettext("None yet"), strong=True)]
    else:
        last = answers[-1]
        who = name_of(last.author) if last.author else "–"
        rows = [row(label, f"{show_day(last.day)} {who}\n{_excerpt(last)}")]
    since = spoken[spoken.index(answers[-1]) + 1 :] if answers else spoken
    if since:
        said = "\n".join(
            (gettext("%(day)s, not answered yet", day=show_day(since[-1].day)), _excerpt(since[-1]))
        )
        rows.append(row(gettext("Last message from the reporter"), said))
    return rows


def _excerpt(entry: Entry) -> str:
    text = " ".join((entry.message or entry.raw or "").split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"


def _facts(opened: OpenedCase) -> list[Row]:
    state, spoken = opened.state, common.PAGE_LANGUAGES.get(opened.language)
    known = [
        (gettext("Number"), number_of(opened.line.case_id)),
        (gettext("Title"), state.title),
        (gettext("Severity"), gettext(common.SEVERITIES[state.severity]) if state.severity else "–"),
        (gettext("What it is about"), gettext(common.CATEGORIES[state.category])),
        *_category(opened),
        (gettext("Cause"), _cause(state)),
        (gettext("Labels"), "、".join(state.labels)),
        (gettext("Linked case"), "、".join(map(number_of, state.links))),
        (gettext("Language of the reporter’s page"), gettext(spoken) if spoken else ""),
    ]
    return [row(label, str(text)) for label, text in known if text]


def _category(opened: OpenedCase) -> list[tuple[str, str]]:
    """Return what the reporter chose that it is about, and what the reporter's page says that it is treated as."""
    lines = []
    if opened.given_category:
        label = gettext("Chosen by the reporter") if opened.is_category_own else gettext("Written down as")
        lines.append((label, gettext(common.CATEGORIES[opened.given_category])))
    if opened.treated:
        what = gettext(common.CATEGORIES[opened.treated.category])
        told = gettext("%(status)s, since %(day)s", status=what, day=show_day(opened.treated.since))
        lines.append((gettext("On the reporter’s page, treated as"), told))
    return lines


def _cause(state: CaseState) -> str:
    if not state.has_cause:
        return ""
    return str(gettext(common.CASE_CAUSES[state.cause])) if state.cause else "–"


def number_of(case_id: bytes) -> str:
    """Return a case's number as people see it: the first 8 hex digits of its id (16 bytes) in two groups."""
    text = case_id.hex()[:8].upper()
    return f"{text[:4]}-{text[4:]}"


def first_status() -> str:
    """Return what a case without any status is in."""
    received = common.STATUSES[RECEIVED]
    return str(gettext(received))
