"""Several cases at once: owner, severity, category, label, "not investigated", duplicates. It answers no reporter.

Each case is asked about by itself, gets a record of its own, and is named in the result: one that fails stops no
other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

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
from admin.desk.labels import inbox as inbox_labels
from admin.desk.labels.common import CATEGORIES
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE
from cases import roles
from cases.records import SEVERITIES, BadRecord, Record, make
from cases.status import NOT_INVESTIGATING, allowed_next
from crypto.encoding import b2

bulk = Blueprint("bulk", __name__, url_prefix=f"/{LANGUAGE}/bulk")

MOST: Final = 200
"""Cases at one time."""


@dataclass(frozen=True)
class CaseOutcome:
    """The outcome for one case. `problem`: a code of `inbox.BULK_PROBLEMS`, "" when it is done."""

    case_id: bytes
    problem: str


@bulk.post("")
def ask(lang: str) -> Response:
    """Show the chosen cases and ask for what the act needs; nothing is done yet."""
    return _ask()


@bulk.post("/do")
def carry_out(lang: str) -> Response:
    """Do it for each case, one after the other, and say what became of each."""
    work, act, chosen = desk().work(), request.form.get("act", ""), _chosen()
    if act not in inbox_labels.BULK or not chosen:
        return to(f"/{lang}/")
    problem = _incomplete(act, chosen)
    if problem:
        return _ask(problem)
    situation = work.refresh()
    if situation.trouble:
        return _ask("trouble")
    record = _record(act)
    outcomes = [CaseOutcome(case_id, _one_case(situation, case_id, act, record)) for case_id in chosen]
    unseen_ids = [outcome.case_id for outcome in outcomes if outcome.problem == "unseen"]
    return page(
        "bulk_done",
        outcomes=outcomes,
        act=act,
        again=work.cache.with_summaries(unseen_ids),
        form=request.form,
        w=inbox_labels,
    )


def _ask(problem: str = "") -> Response:
    work, chosen = desk().work(), _chosen()
    situation = work.known()
    roster, own = situation.roster, work.identity.key_id
    lines = work.cache.with_summaries(chosen)
    return page(
        "bulk",
        502 if problem == "trouble" else 400 if problem else 200,
        act=request.form.get("act", ""),
        lines=lines,
        readers=[
            card
            for card in roster.readers
            if roles.may_assign(roster.role_of(own), roster.by_key[own].person, card.person, None)
        ],
        severity_codes=SEVERITIES,
        category_words=CATEGORIES,
        form=request.form,
        problem=problem,
        shown_at={case_id: _shown_at(case_id) for case_id in chosen},
        seed=request.form.get("seed") or new_envelope_id().hex(),
        w=inbox_labels,
    )


def _chosen() -> list[bytes]:
    here = desk()
    ids = here.work().cache.case_ids
    ids_of_handles = (here.handles.find(handle, ids) for handle in request.form.getlist("case")[:MOST])
    return list(dict.fromkeys(case_id for case_id in ids_of_handles if case_id is not None))


def _shown_at(case_id: bytes) -> int | None:
    """Return the place in the feed up to which the page showed a case that this request comes from."""
    text = request.form.get(f"shown-{desk().handles.of(case_id)}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _is_unseen(opened: OpenedCase) -> bool:
    """Tell whether somebody else wrote in a case since the list or the page that asked was made."""
    cache, case_id = desk().work().cache, opened.line.case_id
    shown, own = _shown_at(case_id), desk().work().identity.key_id
    return shown is None or unseen.by_others(
        opened, cache.envelopes(case_id), cache.statuses(case_id), shown, own
    )


def _incomplete(act: str, chosen: Sequence[bytes]) -> str:
    """Return what the form still needs: a code of `inbox.BULK_PROBLEMS`, "" for nothing."""
    if act == "not_investigating":
        return "" if record_forms.text_of(request.form, "reason") else "reason"
    if act == "duplicate":
        head = _head()
        return "" if head is not None and set(chosen) - {head} else "head"
    try:
        _record(act)
    except BadRecord:
        return act
    return ""


def _head() -> bytes | None:
    """Return the case that the others report the same as."""
    numbered = desk().work().numbered(request.form.get("head", ""))
    return numbered[0] if len(numbered) == 1 else None


def _record(act: str) -> Record:
    """Return what is written into each case. Raises BadRecord."""
    form = request.form
    if act == "owner":
        return make("owner", person=form.get("owner", ""))
    if act == "severity":
        return make("severity", severity=form.get("severity", ""))
    if act == "category":
        return make("category", category=form.get("category", ""))
    if act == "label":
        return make("label", label=record_forms.text_of(form, "label"), on=True)
    if act == "not_investigating":
        return make("decision", sequence=1, reason=record_forms.text_of(form, "reason"))
    return make("link", case=(_head() or b"").hex(), **{"as": "duplicate"}, on=True)


def _one_case(situation: Situation, case_id: bytes, act: str, record: Record) -> str:
    if act == "duplicate" and case_id.hex() == record["case"]:
        return ""
    opened = desk().work().case(situation, case_id)
    if opened is None or not opened.is_open:
        return "shut"
    # The same page sent twice names the same envelopes: nothing is written twice.
    own_id = b2(16, request.form.get("seed", "").encode() + case_id, person="mybk1-deskbulk")
    if opened.entry(own_id) is None and _is_unseen(opened):
        return "unseen"
    if act == "not_investigating" and NOT_INVESTIGATING not in allowed_next(opened.status):
        is_done = opened.entry(own_id) is not None and opened.status == NOT_INVESTIGATING
        return "" if is_done else "moved_on"
    return _guarded(lambda: _send(situation, opened, own_id, record, act))


def _send(situation: Situation, opened: OpenedCase, own_id: bytes, record: Record, act: str) -> None:
    work = desk().work()
    if act == "not_investigating":
        # The reason and the status are one act: neither is there without the other.
        status = (opened.next_sequence, NOT_INVESTIGATING)
        work.decide(situation, opened, status, reason=(own_id, record["reason"]))
    else:
        work.add_record(situation, opened, own_id, record)


def _guarded(act: Callable[[], None]) -> str:
    try:
        act()
    except StatusMovedOn:
        return "moved_on"
    except DoesNotCount as refused:
        return f"ignored_{refused.reason}"
    except (CannotReply, ChoiceWithheld, DecisionParted, OtherReplySent):
        return "cannot"
    except ServerRefusal:
        return "refused"
    except ServerTrouble:
        return "trouble"
    return ""
