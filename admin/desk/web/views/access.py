"""Access to a case: two auditors take a person off it or give it to one (docs/format.md, 2.16)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from flask_babel import force_locale, gettext

from admin.desk.casework.access import AccessProposal, deciders, first_readers_left, proposals
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import AccessRefused, CannotReply, DoesNotCount, OtherReplySent, Situation
from admin.desk.labels.access import ACCESS, TO_REPORTER
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web import record_forms, reply_draft
from admin.desk.web.context import desk
from admin.desk.web.record_forms import text_of
from admin.desk.web.views import case_page, drafts
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of
from admin.desk.web.views.records import record_id_of_form
from cases.records import BadRecord, make
from crypto.access import GIVEN, OFF
from crypto.cards import Card
from crypto.encoding import id_from_hex
from crypto.errors import BadData, MisuseError, PayloadTooLarge

accesses = Blueprint("accesses", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>/access")
accesses.before_request(drafts.keep_typed)


@accesses.get("")
def ask(lang: str, case: str) -> Response:
    """Say who reads the case, what was proposed, and what can be."""
    return show_access(case_id_of(case))


@accesses.post("/<any(propose, agree, refuse):action>")
def act(lang: str, case: str, action: str) -> Response:
    """Propose a change, agree to one, or refuse it."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None or opened.left:
        return show_access(case_id, "trouble")
    try:
        problem = _done(action, situation, opened)
    except AccessRefused as refused:
        problem = refused.reason
    except (BadRecord, MisuseError, PayloadTooLarge):
        problem = "text" if action == "agree" else "reason"
    except (CannotReply, DoesNotCount, OtherReplySent):
        problem = "cannot"
    except ServerRefusal:
        problem = "refused"
    except ServerTrouble:
        problem = "trouble"
    if problem:
        return show_access(case_id, problem)
    drafts.sent(case_id, record_forms.FIELDS["access"])
    flash("record_kept")
    return back_to(lang, case, "main", "/access")


def _done(action: str, situation: Situation, opened: OpenedCase) -> str:
    """Do it; return a code of `labels.access.ACCESS`, "" when it is done."""
    work = desk().work()
    if action == "propose":
        return _proposed(situation, opened)
    named = request.form.get("proposal", "")
    proposal = next(
        (waiting for waiting in proposals(opened, situation.roster) if waiting.envelope_id.hex() == named),
        None,
    )
    if proposal is None:
        return "no_proposal"
    if action == "refuse":
        reason = text_of(request.form, "access_reason") or gettext("Not agreed to")
        record = make("access_refused", proposal=named, reason=reason)
        work.add_record(situation, opened, record_id_of_form(), record)
        return ""
    text = text_of(request.form, "access_text")
    if not text:
        return "text"
    work.agree_access(situation, opened, record_id_of_form(), proposal, text)
    return ""


def _proposed(situation: Situation, opened: OpenedCase) -> str:
    what, _, target = request.form.get("access_target", "").partition(":")
    reason = text_of(request.form, "access_reason")
    try:
        wanted = id_from_hex(target)
    except BadData:
        return "target"
    if what not in (OFF, GIVEN):
        return "target"
    if not reason:
        return "reason"
    desk().work().propose_access(situation, opened, record_id_of_form(), what, wanted, reason)
    return ""


def show_access(case_id: bytes, problem: str | None = None) -> Response:
    """Return the page about who reads a case, with what was typed."""
    work = desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    is_open = opened is not None and opened.is_open
    return case_page.show(
        case_id,
        reply_draft.ReplyDraft.from_form() if request.method == "POST" else None,
        record_problem=problem,
        situation=situation,
        template="access",
        access_problems=ACCESS,
        **(_facts(opened, situation) if opened is not None and is_open else {}),
    )


def _facts(opened: OpenedCase, situation: Situation) -> dict[str, Any]:
    """Return what the page says of an open case."""
    roster, own = situation.roster, desk().work().identity.key_id
    waiting = proposals(opened, roster)
    readers = {card.person: card for card in opened.readers(roster)}
    given = opened.given_to(roster)
    days = {entry.envelope_id: entry.day for entry in opened.entries}
    off = [
        (roster.newest_of(signed.change.target), days.get(signed.envelope_id))
        for signed in opened.access.counted
        if signed.change.target in opened.access.off
    ]
    back = [card for card in roster.readers if card.person in opened.access.off]
    stepped = [card for person in sorted(opened.state.stepped_back) if (card := roster.newest_of(person))]
    later = [card for card in roster.readers if card.key_id not in opened.at_report and card not in back]
    deciding = deciders(opened, roster)
    excluded = roster.excluded_keys(opened.exclude, opened.at_report) if opened.exclude else frozenset()
    return {
        "off": off,
        "guests": roster.guests,
        "proposals": [(proposal, _text(opened, proposal)) for proposal in waiting],
        "removable": [
            card
            for card in (*readers.values(), *given, *stepped)
            if card.person != roster.by_key[own].person and card.person not in opened.access.off
        ],
        "givable": [
            card
            for card in (*roster.guests, *back, *later)
            if card not in given and card.key_id not in excluded
        ],
        "decides": own in deciding,
        "deciding": {card.person: card for card in roster.readers if card.key_id in deciding}.values(),
        "are_first": first_readers_left(opened, roster),
    }


def _text(opened: OpenedCase, proposal: AccessProposal) -> str:
    """Return what the reporter reads of a change, in the language of the page that they used."""
    lang = case_page.reply_languages(opened)[0]
    with force_locale(lang):
        return str(gettext(TO_REPORTER[proposal.change.what], name=_named(proposal.card, lang)))


def _named(card: Card, lang: str) -> str:
    return f"{card.role[lang]} {card.name[lang]}"
