"""One case: reading it, its files, setting its status, answering."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, request

from admin.desk.casework import unseen
from admin.desk.casework.downloads import FileFault, contents, progress, verify
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import (
    CannotReply,
    ChoiceWithheld,
    OtherReplySent,
    Situation,
    StatusMovedOn,
)
from admin.desk.labels.answers import CONFIRM
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views import case_page
from admin.desk.web.views.path import LANGUAGE, case_id_of, file_of
from cases.form import validate_message
from cases.replies import is_unfilled
from cases.status import STATUSES, allowed_next
from crypto.errors import MisuseError

cases = Blueprint("cases", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")


@cases.get("")
def show(lang: str, case: str) -> Response:
    """Show a case with everything in it."""
    return case_page.show(case_id_of(case))


@cases.post("/status")
def set_status(lang: str, case: str) -> Response:
    """Set a status, once: a page that is sent twice finds it set. What ends a case is asked for once more."""
    case_id, work, draft = case_id_of(case), desk().work(), case_page.draft()
    status, sequence = request.form.get("status", ""), request.form.get("sequence", "")
    if status not in STATUSES or not sequence.isascii() or not sequence.isdigit() or len(sequence) > 9:
        return case_page.show(case_id, draft, status_problem="choose")
    if "back" in request.form:
        return case_page.show(case_id, draft)
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        wrong = "trouble" if opened else None
        return case_page.show(case_id, draft, status_problem=wrong, situation=situation)
    if _is_to_be_confirmed(opened, int(sequence), status):
        still = case_page.still_open(opened, situation)
        return page("confirm", case=opened, chosen=status, sequence=sequence, draft=draft, still=still)
    try:
        work.set_status(situation, opened, int(sequence), status)
    except StatusMovedOn as moved:
        return case_page.show(case_id, draft, status_problem="moved_on_own" if moved.own else "moved_on")
    except CannotReply:
        return case_page.show(case_id, draft, status_problem="cannot", situation=situation)
    except ServerRefusal:
        return case_page.show(case_id, draft, status_problem="refused")
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        return case_page.show(case_id, draft, status_problem="trouble", situation=now)
    flash("status_set")
    return case_page.show(case_id, draft) if draft else back_to(lang, case, "status")


def _is_to_be_confirmed(opened: OpenedCase, sequence: int, status: str) -> bool:
    """Tell whether to ask once more; not about what may not be set anyway."""
    may = opened.is_open and sequence == opened.next_sequence and status in allowed_next(opened.status)
    return may and status in CONFIRM and request.form.get("confirmed") != status


@cases.post("/reply")
def reply(lang: str, case: str) -> Response:
    """Send an answer, once for each form; whatever goes wrong, the text stays in the form."""
    case_id, work, typed = case_id_of(case), desk().work(), case_page.ReplyDraft.from_form()
    if wrong := validate_message(typed.text):
        return case_page.show(case_id, typed.with_problem(wrong[0].code))
    if is_unfilled(typed.text):
        return case_page.show(case_id, typed.with_problem("unfilled"))
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return case_page.show(case_id, typed.with_problem("trouble"), situation=situation)
    was_sent = opened.entry(typed.envelope_id) is not None
    if not was_sent and unseen.messages_since(opened, case_page.shown_of_form()):
        return case_page.show(case_id, typed.with_problem("unseen"), situation=situation)
    try:
        work.reply(situation, opened, typed.envelope_id, typed.clean)
    except OtherReplySent:
        return case_page.show(case_id, typed.anew("other_sent"))
    except ChoiceWithheld:
        return case_page.show(case_id, typed.with_problem("choice"), situation=situation)
    except CannotReply:
        return case_page.show(case_id, typed.with_problem("cannot"), situation=situation)
    except ServerRefusal:
        return case_page.show(case_id, typed.anew("refused"))
    except MisuseError:
        return case_page.show(case_id, typed.with_problem("too_long"), situation=situation)
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        return case_page.show(case_id, typed.with_problem("trouble"), situation=now)
    flash("reply_sent")
    rest = typed.with_text("").anew("")
    if rest.is_draft:
        return case_page.show(case_id, rest)
    return back_to(lang, case, "conversation")


@cases.get("/files/<object_id>")
def file(lang: str, case: str, object_id: str) -> Response:
    """Fetch a file a little further and show how far it is; when it is whole, check it and offer it.

    With `pause` in its query it only shows.
    """
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    wanted = file_of(opened, object_id) if opened else None
    if wanted is None:
        abort(404)
    shown: dict[str, Any] = {"case_id": case_id, "file": wanted, "problem": None, "paused": False}
    try:
        if "pause" in request.args:
            now, shown["paused"] = progress(work.cache, wanted), True
        else:
            now = work.fetch_file(situation, wanted)
        if now.is_whole:
            verify(work.cache, wanted)
    except FileFault as fault:
        return page("file", 502, **shown | {"problem": fault.code})
    except ServerTrouble as trouble:
        now, shown["paused"] = progress(work.cache, wanted), True
        return page("file", 502, **shown, progress=now, trouble=trouble)
    return page("file", **shown, progress=now)


@cases.get("/files/<object_id>/save")
def save_file(lang: str, case: str, object_id: str) -> Response:
    """Hand a file that was fetched to the browser, to be saved; never to be shown."""
    case_id, work = case_id_of(case), desk().work()
    opened = work.case(work.refresh(), case_id)
    wanted = file_of(opened, object_id) if opened else None
    if wanted is None:
        abort(404)
    if not progress(work.cache, wanted).is_whole:
        return to(f"/{lang}/cases/{case}/files/{object_id}")
    try:
        verify(work.cache, wanted)
    except FileFault as fault:
        return page("file", 502, case_id=case_id, file=wanted, problem=fault.code)
    answer = Response(contents(work.cache, wanted), mimetype="application/octet-stream")
    answer.headers["Content-Length"] = str(wanted.size)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(wanted.name, safe='')}"
    return answer


def back_to(lang: str, case: str, place: str, below: str = "") -> Response:
    """Lead to a place on a case's page, or on one `below` it."""
    return to(f"/{lang}/cases/{case}{below}#{place}")
