"""Panels of the leak, the playbook and planned days: the changes in one panel are sent as one record."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request

from admin.desk.web import panel_forms, record_forms
from admin.desk.web.context import desk
from admin.desk.web.reply_draft import ReplyDraft
from admin.desk.web.views import case_page, drafts
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of
from admin.desk.web.views.records import send
from cases.records import BadRecord, together
from crypto.errors import MisuseError

panels = Blueprint("panels", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")
panels.before_request(drafts.keep_typed)

ALL_THE_SAME = "all the same"
"""The label of a button that keeps a day although the copy of its report is not complete."""
PLACES = {"leak": "leak-head", "plans": "clocks", "playbook": "playbook"}


@panels.post("/record/leak", defaults={"panel": "leak"})
@panels.post("/record/plans", defaults={"panel": "plans"})
@panels.post("/record/playbook", defaults={"panel": "playbook"})
def keep(lang: str, case: str, panel: str) -> Response:
    """Write down what was changed in a panel, once for each page; whatever goes wrong, all that was typed stays."""
    case_id, typed = case_id_of(case), ReplyDraft.from_form()
    template = "leak" if panel == "leak" else "case"
    problem = _send(case_id, panel)
    if problem not in ("", "nothing_new"):
        return case_page.show(case_id, typed, record_problem=problem, template=template)
    drafts.sent(case_id, record_forms.FORMS[panel])
    flash(problem or "record_kept")
    if not drafts.is_kept():
        return case_page.show(case_id, typed.without(panel), template=template)
    return back_to(lang, case, PLACES[panel], "/leak" if panel == "leak" else "")


def _send(case_id: bytes, panel: str) -> str:
    """Send what was typed in a panel; return a code of `labels.records.RECORD`, "nothing_new", "" when it is kept."""
    work = desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return "trouble"
    draft = drafts.typed_now(opened)
    fields = draft.unsent(record_forms.kept(opened.state))
    try:
        records = panel_forms.read(panel, fields, opened.state, desk().today())
    except BadRecord as bad:
        return bad.code
    except MisuseError:
        return "unreadable"
    if not records:
        return "nothing_new"
    is_confirmed = request.form.get("target") == ALL_THE_SAME
    problem = panel_forms.fault(records, opened.state, is_confirmed) or send(
        situation, opened, together(records), draft.record_id
    )
    if problem == "again":
        drafts.renew(case_id)
    return problem


@panels.post("/leak/fill")
def fill(lang: str, case: str) -> Response:
    """Put the reporter's answers into the empty boxes of the preliminary report; nothing is kept yet."""
    case_id = case_id_of(case)
    work = desk().work()
    opened = work.case(work.known(), case_id)
    answers = dict(opened.report.answers) if opened is not None and opened.report else {}
    return _filled(case_id, ReplyDraft.from_form().filled_from_report(answers))


@panels.post("/leak/copy")
def copy(lang: str, case: str) -> Response:
    """Put what is in the preliminary report into the empty boxes of the final one; nothing is kept yet."""
    return _filled(case_id_of(case), ReplyDraft.from_form().filled_from_preliminary())


def _filled(case_id: bytes, typed: ReplyDraft) -> Response:
    names = [name for names in panel_forms.COPIES.values() for name in names]
    drafts.put(case_id, {name: typed.more[name] for name in names if name in typed.more})
    return case_page.show(case_id, typed, template="leak")
