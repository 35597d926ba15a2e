"""A status with its reply and reason: one action, sent once, stored as a whole or not at all."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, flash, request

from admin.desk.casework import unseen
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import (
    CannotReply,
    ChoiceWithheld,
    DecisionParted,
    DoesNotCount,
    OtherReplySent,
    Situation,
    StatusMovedOn,
)
from admin.desk.casework.work import new_envelope_id
from admin.desk.labels.answers import CONFIRM
from admin.desk.labels.i18n import language
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms, reply_draft
from admin.desk.web.context import desk
from admin.desk.web.pages import page
from admin.desk.web.reply_brackets import brackets_problem
from admin.desk.web.reply_draft import ReplyDraft
from admin.desk.web.views import case_page, drafts
from admin.desk.web.views.own_templates import own_templates
from admin.desk.web.views.path import back_to
from cases.field_checks import MAX_TEXT
from cases.form import validate_message
from cases.replies import is_unfilled
from cases.status import NOT_INVESTIGATING, STATUSES, allowed_next
from crypto.encoding import id_from_hex
from crypto.errors import BadData, MisuseError

NEEDS_REASON = frozenset({NOT_INVESTIGATING})
"""Statuses that are set with a reason, which is kept among the auditors."""


def decide(case_id: bytes, status: str, with_reply: bool) -> Response:
    """Set a status, once: a page that is sent twice finds it set. What ends a case is asked for once more."""
    typed = ReplyDraft.from_form() if with_reply else reply_draft.draft()
    sequence = request.form.get("sequence", "")
    if status not in STATUSES or not sequence.isascii() or not sequence.isdigit() or len(sequence) > 9:
        return case_page.show(case_id, typed, status_problem="choose")
    if with_reply and typed is not None and (wrong := _wrong_reply(typed)):
        return case_page.show(case_id, typed.with_problem(wrong))
    work = desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        trouble = ("trouble_together" if with_reply else "trouble") if opened else None
        return case_page.show(case_id, typed, status_problem=trouble, situation=situation)
    if with_reply and typed is not None and _is_unseen(opened, typed):
        return case_page.show(case_id, typed.with_problem("unseen"), situation=situation)
    if _is_to_be_confirmed(opened, int(sequence), status):
        return _ask(situation, opened, status, typed, with_reply)
    reply = (typed.envelope_id, typed.clean) if with_reply and typed is not None else None
    try:
        problem = _send(situation, opened, (int(sequence), status), reply)
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        code = "trouble_together" if with_reply else "trouble"
        return case_page.show(case_id, typed, status_problem=code, situation=now)
    if problem:
        return _again(case_id, typed, problem, with_reply)
    drafts.sent(case_id, record_forms.FORMS["status"] + (record_forms.FORMS["reply"] if with_reply else ()))
    flash("decided" if with_reply else "status_set")
    rest = typed.with_text("").anew("").without("decision") if with_reply and typed is not None else typed
    if rest is not None and rest.is_draft and not drafts.is_kept():
        return case_page.show(case_id, rest)
    return back_to(language(), desk().handles.of(case_id), "conversation" if with_reply else "status")


def _wrong_reply(typed: ReplyDraft) -> str:
    """Return what is wrong with a reply: a code of `labels.answers.REPLY`, "" for nothing."""
    if wrong := validate_message(typed.text):
        return str(wrong[0].code)
    return "unfilled" if is_unfilled(typed.text, own_templates()) else brackets_problem(typed.text)


def _is_unseen(opened: OpenedCase, typed: ReplyDraft) -> bool:
    """Tell whether something was written since the page was made that its author has not seen."""
    was_sent = opened.entry(typed.envelope_id) is not None
    return not was_sent and bool(unseen.messages_since(opened, reply_draft.shown_of_form()))


def _is_to_be_confirmed(opened: OpenedCase, sequence: int, status: str) -> bool:
    """Tell whether to ask once more; not about what may not be set anyway."""
    may = opened.is_open and sequence == opened.next_sequence and status in allowed_next(opened.status)
    if not may or status not in CONFIRM:
        return False
    return request.form.get("confirmed") != status or bool(_wrong_reason(status))


def _wrong_reason(status: str) -> str:
    """Return what is wrong with the reason of a status: a code of `labels.answers.REASON`, "" for nothing."""
    reason = record_forms.text_of(request.form, "reason")
    if "\ufffd" in reason:
        return "unreadable"
    if len(reason) > MAX_TEXT:
        return "too_long"
    return "required" if status in NEEDS_REASON and not reason else ""


def _ask(
    situation: Situation, opened: OpenedCase, status: str, typed: ReplyDraft | None, with_reply: bool
) -> Response:
    wrong = _wrong_reason(status) if request.form.get("confirmed") == status else ""
    return page(
        "confirm",
        400 if wrong else 200,
        case=opened,
        chosen=status,
        sequence=request.form.get("sequence", ""),
        draft=typed,
        with_reply=with_reply,
        needs_reason=status in NEEDS_REASON,
        reason=request.form.get("reason", ""),
        reason_problem=wrong,
        record_id=_id_of_form("record_id"),
        shown=unseen.newest_of(opened),
        still=case_page.still_open(opened, situation),
    )


def _id_of_form(name: str) -> bytes:
    try:
        return id_from_hex(request.form.get(name, ""))
    except BadData:
        return new_envelope_id()


def _send(
    situation: Situation, opened: OpenedCase, status: tuple[int, str], reply: tuple[bytes, str] | None
) -> str:
    """Send all of it; return a code of `labels.answers.STATUS`, "" when the server has it. Raises ServerTrouble."""
    reason = record_forms.text_of(request.form, "reason") if status[1] in NEEDS_REASON else ""
    kept = (_id_of_form("record_id"), reason) if reason else None
    try:
        desk().work().decide(situation, opened, status, reply, kept)
    except StatusMovedOn as moved:
        return "moved_on_own" if moved.own else "moved_on"
    except DecisionParted:
        return "parted"
    except OtherReplySent:
        return "other_sent"
    except ChoiceWithheld:
        return "choice"
    except (CannotReply, DoesNotCount):
        return "cannot"
    except ServerRefusal:
        return "refused"
    except MisuseError:
        return "too_long"
    return ""


def _again(case_id: bytes, typed: ReplyDraft | None, problem: str, with_reply: bool) -> Response:
    """Return the case's page with what was typed; where something else was sent under its id it gets a new one."""
    if typed is not None and problem in ("other_sent", "parted", "refused"):
        drafts.renew(case_id)
        typed = replace(typed, envelope_id=new_envelope_id())
    return case_page.show(case_id, typed, status_problem=f"{problem}_together" if with_reply else problem)
