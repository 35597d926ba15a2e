"""Deleting a case: one auditor proposes, another one agrees."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request

from admin.desk.client import Refused, ServerTrouble
from admin.desk.context import desk
from admin.desk.i18n import language
from admin.desk.pages import to
from admin.desk.recordforms import text_of
from admin.desk.views import casepage
from admin.desk.views.cases import back_to
from admin.desk.views.path import LANGUAGE, case_id_of
from admin.desk.views.records import record_id_of_form
from admin.desk.work import CannotReply, OtherReplySent
from cases.records import BadRecord, make
from crypto.errors import MisuseError

deletions = Blueprint("deletions", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/delete")


@deletions.get("")
def ask(lang: str, case: str) -> Response:
    """Say what deleting means, and who has said what about it."""
    return casepage.show_deletion(case_id_of(case))


@deletions.post("/<any(propose, agree, withdraw):action>")
def act(lang: str, case: str, action: str) -> Response:
    """Propose, agree or withdraw. What is written down comes first: a deletion has a reason and a name."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    found = work.case(situation, case_id)
    if situation.trouble or found is None:
        return casepage.show_deletion(case_id, "trouble")
    try:
        record = make("deletion", action=action, reason=text_of(request.form, "delete_reason"))
        if action == "propose" and not record["reason"]:
            return casepage.show_deletion(case_id, "reason")
        work.add_record(situation, found, record_id_of_form(), record)
        if action == "withdraw":
            work.keep_case(situation, found)
            gone = False
        else:
            gone = work.delete_case(situation, found)
    except (BadRecord, MisuseError):
        return casepage.show_deletion(case_id, "reason")
    except (CannotReply, OtherReplySent):
        return casepage.show_deletion(case_id, "cannot")
    except Refused:
        return casepage.show_deletion(case_id, "refused")
    except ServerTrouble:
        return casepage.show_deletion(case_id, "trouble")
    flash("case_deleted" if gone else "record_kept")
    if gone:
        work.refresh()
        return to(f"/{language()}/")
    return back_to(lang, case, "main", "/delete")
