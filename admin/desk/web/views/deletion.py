"""Deleting a case: one auditor proposes, another one agrees."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.labels.case import DELETION
from admin.desk.labels.i18n import language
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from admin.desk.web.record_forms import text_of
from admin.desk.web.views import case_page, drafts
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of
from admin.desk.web.views.records import record_id_of_form
from cases.records import BadRecord, make
from crypto.encoding import b64d
from crypto.errors import BadData, MisuseError

deletions = Blueprint("deletions", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/delete")
deletions.before_request(drafts.keep_typed)


@deletions.get("")
def ask(lang: str, case: str) -> Response:
    """Say what deleting means, and who has said what about it."""
    return case_page.show_deletion(case_id_of(case))


@deletions.post("/<any(propose, agree, withdraw):action>")
def act(lang: str, case: str, action: str) -> Response:
    """Propose, agree or withdraw. What the server refused is not written down; an agreement leaves nothing to write
    in.
    """
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return case_page.show_deletion(case_id, "trouble")
    try:
        problem = _done(action, situation, opened)
    except (BadRecord, MisuseError):
        problem = "reason"
    except (CannotReply, DoesNotCount, OtherReplySent):
        problem = "cannot"
    except ServerRefusal as refused:
        problem = refused.code if refused.code in DELETION else "refused"
    except ServerTrouble:
        problem = "trouble"
    if problem:
        return case_page.show_deletion(case_id, problem)
    if action == "agree":
        flash("case_deleted")
        work.refresh()
        return to(f"/{language()}/")
    drafts.sent(case_id, record_forms.FIELDS["delete_propose"])
    flash("record_kept")
    return back_to(lang, case, "main", "/delete")


def _done(action: str, situation: Situation, opened: OpenedCase) -> str:
    """Do it; return a code of `labels.case.DELETION`, "" when it is done."""
    work, proposal = desk().work(), desk().work().deletions.proposal(situation, opened)
    if action == "agree":
        if proposal is None or proposal.sig != _named():
            return "no_proposal"
        work.deletions.agree(situation, opened, proposal)
        return ""
    record = make("deletion", action=action, reason=text_of(request.form, "delete_reason"))
    if action == "propose" and not record["reason"]:
        return "reason"
    # Sent twice, both are once there: the act is a repeat for the server, and the record has the form's id.
    if action == "withdraw":
        work.deletions.keep(situation, opened)
    else:
        work.deletions.propose(situation, opened)
    work.add_record(situation, opened, record_id_of_form(), record)
    return ""


def _named() -> bytes:
    """Return the signature of the proposal that the page showed: only that one is agreed to."""
    try:
        return b64d(request.form.get("proposal", ""))
    except BadData:
        return b""
