"""Auditors' records of a case."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort, flash, request

from admin.desk.casework import unseen
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import CannotReply, ChoiceWithheld, DoesNotCount, OtherReplySent, Situation
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels.i18n import LANGUAGES, language
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms, reply_draft
from admin.desk.web.context import desk
from admin.desk.web.reply_draft import ReplyDraft
from admin.desk.web.views import case_page, drafts
from admin.desk.web.views.own_templates import all_templates
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of
from cases import replies
from cases.days import format_day
from cases.investigation import Investigation
from cases.records import BadRecord, Record
from crypto.encoding import id_from_hex
from crypto.errors import BadData, MisuseError

records = Blueprint("records", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")
records.before_request(drafts.keep_typed)

PLACES = {"note": "notes", "task": "tasks", "task_done": "tasks", "task_again": "tasks", "pressure": "tasks",
          "plan": "investigation", "interview": "interview", "interview_held": "interview", "evidence": "evidence",
          "conflict": "conflicts", "conflict_none": "conflicts", "bring_back": "history", "take": "main"}  # fmt: skip


@records.get("/leak")
def leak(lang: str, case: str) -> Response:
    """Show what was established about the leak, and the reports to the authority."""
    return case_page.show(case_id_of(case), template="leak")


@records.post("/template")
def template(lang: str, case: str) -> Response:
    """Put a template's text into the reply's box, behind what is there; nothing is sent."""
    case_id, typed = case_id_of(case), ReplyDraft.from_form()
    wanted = next((reply for reply in all_templates() if reply.id == request.form.get("template")), None)
    opened = desk().work().from_copy(case_id)
    if wanted is None or opened is None:
        return case_page.show(case_id, typed)
    chosen = request.form.get("template_language", "")
    lang_of_text = chosen if chosen in LANGUAGES else language()
    said = opened.written_down.said if opened.written_down else None
    text = replies.filled(
        wanted,
        lang_of_text,
        opened.lodging.made,
        desk().today(),
        is_leak=opened.state.is_leak,
        channel=said.channel if said else "",
    )
    reply = f"{typed.text.rstrip()}\n\n{text}".lstrip("\n")
    drafts.put(case_id, {"message": reply})
    return case_page.show(case_id, typed.with_text(reply))


@records.get("/handover")
def handover(lang: str, case: str) -> Response:
    """Show what a successor needs, on a sheet to print."""
    return case_page.show(case_id_of(case), template="handover")


def _read(case_id: bytes, act: str, form: Mapping[str, str]) -> Record:
    """Return the record that an act makes. Raises what `record_forms.read` raises."""
    if act not in ("interview", "interview_held", "evidence"):
        return record_forms.read(act, form, desk().today())
    opened = desk().work().from_copy(case_id)
    known = opened.state.investigation if opened is not None else Investigation()
    if act != "interview_held":
        return record_forms.read(act, record_forms.continued(act, form, known), desk().today())
    said = known.interviews.get(form.get("target", ""))
    if said is None:
        raise BadRecord("of")
    return record_forms.held(said.record, desk().today())


def _early(opened: OpenedCase, record: Record) -> str:
    """Return what is wrong with an interview of before the report: a slip of the year or the month."""
    is_early = record.type == "interview" and "" < record["day"] < format_day(opened.lodging.made)
    return (
        "interview_early"
        if is_early and record["interview"] not in opened.state.investigation.interviews
        else ""
    )


@records.get("/step-back")
def ask_to_step_back(lang: str, case: str) -> Response:
    """Say what stepping back means, and ask."""
    return case_page.show(case_id_of(case), template="step_back")


@records.post("/record/<act>")
def add(lang: str, case: str, act: str) -> Response:
    """Write a record, once for each page; whatever goes wrong, everything typed stays in its field."""
    case_id, typed, work = case_id_of(case), ReplyDraft.from_form(), desk().work()
    form = request.form.to_dict()
    if act == "link" and len(numbered := work.numbered(form.get("link_case", ""))) == 1:
        form["link_case"] = numbered[0].hex()
    try:
        record = _read(case_id, act, form)
        if act == "link" and record["case"] == case_id.hex():
            raise BadRecord("case")
    except KeyError:
        abort(404)
    except (BadRecord, MisuseError) as bad:
        code = f"{act}_{bad.code}" if isinstance(bad, BadRecord) else "unreadable"
        return case_page.show(case_id, typed, record_problem=code)
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return case_page.show(case_id, typed, record_problem="trouble", situation=situation)
    problem = _early(opened, record) or send(situation, opened, record)
    if problem:
        if problem == "again":
            drafts.renew(case_id)
        return case_page.show(case_id, typed, record_problem=problem)
    drafts.sent(case_id, record_forms.FIELDS.get(act, ()))
    flash("left" if act == "step_back" else "record_kept")
    if not drafts.is_kept() and act != "step_back":
        return case_page.show(case_id, typed.without(act))
    return back_to(lang, case, PLACES.get(act, "work"))


def send(situation: Situation, opened: OpenedCase, record: Record, named: bytes | None = None) -> str:
    """Send a record, under the id `named` or the form's; return a code of `labels.records`, "" when it is kept."""
    work, record_id = desk().work(), named or record_id_of_form()
    was_sent = opened.entry(record_id) is not None
    if not was_sent and unseen.is_overwriting(opened, reply_draft.shown_of_form(), record):
        return "changed"
    try:
        work.add_record(situation, opened, record_id, record)
    except ChoiceWithheld:
        return "choice"
    except CannotReply:
        return "cannot"
    except DoesNotCount as refused:
        return f"ignored_{refused.reason}"
    except OtherReplySent:
        return "again"
    except ServerRefusal:
        return "refused"
    except MisuseError:
        return "too_long"
    except ServerTrouble:
        return "trouble"
    if record.type == "step_back":
        work.refresh()
        work.leave(opened.line.case_id)
    return ""


def record_id_of_form() -> bytes:
    """Return the id that a page gave its record: sent twice, it is kept once."""
    try:
        return id_from_hex(request.form.get("record_id", ""))
    except BadData:
        return new_envelope_id()
