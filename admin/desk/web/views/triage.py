"""A case beside the inbox: how it begins, its clocks, and the few things that sort it. One press, one record."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from admin.desk.casework import unseen
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import CannotReply, Situation, StatusMovedOn
from admin.desk.casework.work import InboxLine, new_envelope_id
from admin.desk.labels import inbox as inbox_labels
from admin.desk.labels.answers import CONFIRM
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import page
from admin.desk.web.views.path import LANGUAGE, case_id_of
from admin.desk.web.views.records import send
from cases import roles
from cases.records import SEVERITIES, BadRecord, together
from cases.status import allowed_next

triage = Blueprint("triage", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")


@triage.get("/preview")
def preview(lang: str, case: str) -> Response:
    """Show a case in short. It is not marked as looked at: that is what opening it does."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.known()
    opened = work.case(situation, case_id)
    if opened is None:
        abort(404)
    work.readings.note(opened)
    return _page(situation, opened)


@triage.post("/triage")
def sort_case(lang: str, case: str) -> Response:
    """Write down owner, severity and label as one record, and set the next status where one is chosen."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if opened is None:
        abort(404)
    if situation.trouble:
        return _page(situation, opened, "trouble")
    try:
        problem = _write(situation, opened) or _set_status(situation, opened)
    except ServerTrouble as trouble:
        situation, problem = Situation(situation.roster, trouble), "trouble"
    after = work.case(situation, case_id) if situation.trouble else work.case(work.refresh(), case_id)
    return _page(situation, after or opened, problem, saved=not problem)


def _write(situation: Situation, opened: OpenedCase) -> str:
    """Send what was changed; return a code of `records.RECORD`, "" when it is kept or nothing was."""
    try:
        records = record_forms.changed(request.form, opened.state)
    except BadRecord as bad:
        return f"label_{bad.code}" if bad.code == "label" else "other"
    return send(situation, opened, together(records)) if records else ""


def _set_status(situation: Situation, opened: OpenedCase) -> str:
    status, sequence = request.form.get("status", ""), request.form.get("sequence", "")
    if not status:
        return ""
    if status not in statuses_of(opened) or not sequence.isascii() or not sequence.isdigit():
        return "other"
    try:
        desk().work().set_status(situation, opened, int(sequence), status)
    except StatusMovedOn:
        return "moved_on"
    except CannotReply:
        return "cannot"
    except ServerRefusal:
        return "refused"
    return ""


def statuses_of(opened: OpenedCase) -> list[str]:
    """Return the statuses that can be set here: those that end a case ask once more, on its page."""
    return (
        [status for status in allowed_next(opened.status) if status not in CONFIRM] if opened.is_open else []
    )


def _page(situation: Situation, opened: OpenedCase, problem: str = "", saved: bool = False) -> Response:
    work, roster = desk().work(), situation.roster
    own = work.identity.key_id
    ((line, summary),) = work.cache.with_summaries([opened.line.case_id])
    out = opened.out(roster)
    readers = [card for card in roster.readers if card.key_id not in out]
    return page(
        "preview",
        502 if problem == "trouble" else 400 if problem else 200,
        case=opened,
        line=InboxLine(line, summary, is_drafted=bool(work.cache.drafted([line.case_id]))),
        clocks=[
            clock for name in ("notice", "preliminary", "final") if summary and (clock := summary.clock(name))
        ],
        readers={
            card.person: card
            for card in readers
            if card.person == opened.state.owner
            or roles.may_assign(
                roster.role_of(own), roster.by_key[own].person, card.person, opened.state.owner
            )
        },
        may_be_nobody=opened.state.owner is None
        or roles.may_assign(roster.role_of(own), roster.by_key[own].person, None, opened.state.owner),
        own_person=roster.by_key[own].person,
        next_statuses=statuses_of(opened),
        severity_codes=SEVERITIES,
        record_id=new_envelope_id(),
        shown=unseen.newest_of(opened),
        typed=request.form if problem else {},
        roster=roster,
        w=inbox_labels,
        left=work.cache.left(),
        problem=problem,
        saved=saved,
    )
