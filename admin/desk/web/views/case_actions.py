"""One case: reading it, its files, setting its status, answering."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, request

from admin.desk.casework import unseen
from admin.desk.casework.downloads import FileFault, contents, progress, verify
from admin.desk.casework.situation import CannotReply, ChoiceWithheld, OtherReplySent, Situation
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms, reply_draft
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.reply_brackets import brackets_problem
from admin.desk.web.views import case_page, decisions, drafts
from admin.desk.web.views.own_templates import own_templates
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of, file_of
from cases.form import validate_message
from cases.replies import is_unfilled
from crypto.errors import MisuseError

cases = Blueprint("cases", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")
cases.before_request(drafts.keep_typed)


@cases.get("")
def show(lang: str, case: str) -> Response:
    """Show a case with everything in it."""
    return case_page.show(case_id_of(case))


@cases.post("/status")
def set_status(lang: str, case: str) -> Response:
    """Set a status, alone or together with the reply that belongs to it."""
    case_id, draft = case_id_of(case), reply_draft.draft()
    if "back" in request.form:
        return case_page.show(case_id, draft)
    return decisions.decide(case_id, request.form.get("status", ""), "with_reply" in request.form)


@cases.post("/reply")
def reply(lang: str, case: str) -> Response:
    """Send an answer, once for each form; whatever goes wrong, the text stays in the form."""
    case_id, work, typed = case_id_of(case), desk().work(), reply_draft.ReplyDraft.from_form()
    if wrong := validate_message(typed.text):
        return case_page.show(case_id, typed.with_problem(wrong[0].code))
    if is_unfilled(typed.text, own_templates()):
        return case_page.show(case_id, typed.with_problem("unfilled"))
    if asked := brackets_problem(typed.text):
        return case_page.show(case_id, typed.with_problem(asked))
    if status := request.form.get("with_status"):
        return decisions.decide(case_id, status, with_reply=True)
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return case_page.show(case_id, typed.with_problem("trouble"), situation=situation)
    was_sent = opened.entry(typed.envelope_id) is not None
    if not was_sent and unseen.messages_since(opened, reply_draft.shown_of_form()):
        return case_page.show(case_id, typed.with_problem("unseen"), situation=situation)
    try:
        work.reply(situation, opened, typed.envelope_id, typed.clean)
    except OtherReplySent:
        drafts.renew(case_id)
        return case_page.show(case_id, typed.anew("other_sent"))
    except ChoiceWithheld:
        return case_page.show(case_id, typed.with_problem("choice"), situation=situation)
    except CannotReply:
        return case_page.show(case_id, typed.with_problem("cannot"), situation=situation)
    except ServerRefusal:
        drafts.renew(case_id)
        return case_page.show(case_id, typed.anew("refused"))
    except MisuseError:
        return case_page.show(case_id, typed.with_problem("too_long"), situation=situation)
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        return case_page.show(case_id, typed.with_problem("trouble"), situation=now)
    drafts.sent(case_id, record_forms.FORMS["reply"])
    flash("reply_sent")
    rest = typed.with_text("").anew("")
    if rest.is_draft and not drafts.is_kept():
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
    shown: dict[str, Any] = {
        "case_id": case_id,
        "file": wanted,
        "is_scan": opened is not None and wanted.object_id in opened.scans,
        "problem": None,
        "paused": False,
    }
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
