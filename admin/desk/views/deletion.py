"""Deleting a case: one auditor proposes, another one agrees."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request

from admin.desk.client import Refused, ServerTrouble
from admin.desk.context import desk
from admin.desk.i18n import language
from admin.desk.recordforms import text_of
from admin.desk.views import casepage
from admin.desk.views.casepage import Typed
from admin.desk.views.cases import back_to, to
from admin.desk.views.path import LANGUAGE, case_id_of
from admin.desk.work import CannotReply, OtherReplySent, new_envelope_id
from cases.records import BadRecord, make
from crypto.errors import MisuseError

deletions = Blueprint("deletions", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/delete")


@deletions.get("")
def ask(lang: str, case: str) -> Response:
    """Say what deleting means, and who has said what about it."""
    return _shown(case_id_of(case))


@deletions.post("/<any(propose, agree, withdraw):action>")
def act(lang: str, case: str, action: str) -> Response:
    """Propose, agree or withdraw. What is written down comes first: a deletion has a reason and a name."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    found = work.case(situation, case_id)
    if situation.trouble or found is None:
        return _shown(case_id, "trouble")
    try:
        record = make("deletion", action=action, reason=text_of(request.form, "delete_reason"))
        if action == "propose" and not record["reason"]:
            return _shown(case_id, "reason")
        work.add_record(situation, found, new_envelope_id(), record)
        if action == "withdraw":
            work.keep_case(situation, found)
            gone = False
        else:
            gone = work.delete_case(situation, found)
    except (BadRecord, MisuseError):
        return _shown(case_id, "reason")
    except (CannotReply, OtherReplySent):
        return _shown(case_id, "cannot")
    except Refused:
        return _shown(case_id, "refused")
    except ServerTrouble:
        return _shown(case_id, "trouble")
    flash("case_deleted" if gone else "record_kept")
    if gone:
        work.refresh()
        return to(f"/{language()}/")
    return back_to(lang, case, "main", "/delete")


def _shown(case_id: bytes, problem: str | None = None) -> Response:
    work = desk().work()
    situation = work.refresh()
    proposal = work.proposal(case_id)
    return casepage.show(
        case_id,
        Typed.from_form() if request.method == "POST" else None,
        record_problem=problem,
        situation=situation,
        template="delete",
        proposal=proposal,
        proposed_by=situation.people.by_key.get(proposal.acts[0].author) if proposal else None,
    )
