"""The page of one case, also with input and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Response, abort, request
from flask_babel import gettext

from admin.desk.casework import summarize, unseen
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.labels import inbox as inbox_labels
from admin.desk.labels.i18n import LANGUAGES, language
from admin.desk.reports import case_document
from admin.desk.web.context import desk
from admin.desk.web.pages import all_typed, name_of, page
from admin.desk.web.reply_draft import ReplyDraft, draft, shown_of_form, template_for
from admin.desk.web.views import case_head, drafts, history, panel_page
from admin.desk.web.views.own_templates import templates_for
from admin.desk.web.views.path import case_id_of
from cases import breach, contacts, deadlines, law, playbook_facts, playbooks, urgency
from cases.case_state import CaseState
from cases.records import STAGES, parts_of
from cases.status import CLOSED, allowed_next
from crypto.cards import Card

HEAD_CLOCKS: Final = (deadlines.NOTICE, deadlines.PRELIMINARY, deadlines.FINAL)
"""Clocks that the head of a case always shows."""

_TO_REPORT: Final = (
    deadlines.AWARE, deadlines.PRELIMINARY, deadlines.FINAL, deadlines.PERSONS, deadlines.PRINCIPAL,
    deadlines.FOLLOW_UP,
)  # fmt: skip
"""Clocks that are named when a case is to be closed while they run."""


@dataclass(frozen=True)
class Excluded:
    """A person whom the reporter excluded; `card` is None for a person this desk does not know."""

    person: bytes
    card: Card | None


def show(
    case_id: bytes,
    typed: ReplyDraft | None = None,
    *,
    status_problem: str | None = None,
    record_problem: str | None = None,
    situation: Situation | None = None,
    template: str = "case",
    **more: Any,
) -> Response:
    """Return a case's page. Without a `situation` the newest one is fetched; 404 when there is no such case."""
    work = desk().work()
    now = situation or work.refresh()
    opened = work.case(now, case_id)
    if opened is None:
        return _deleted(case_id, now)
    fresh, typed = _fresh(opened), _with_draft(opened, typed)
    work.mark_seen(opened)
    work.readings.note(opened)
    wrong = status_problem or record_problem or (typed.problem if typed else None)
    if opened.left:
        return page("case_left", case=opened, trouble=now.trouble, **case_head.taken_off(case_id, now.roster))
    return page(
        template,
        _http_status(wrong, now),
        **records_of(opened, now, typed),
        **drafts.shown_of(opened),
        **case_head.head_of(opened, fresh),
        **history.shown_of(opened, now),
        **more,
        record_problem=record_problem,
        case=opened,
        shown=unseen.newest_of(opened),
        fresh=fresh,
        excluded=_excluded(opened, now.roster),
        choices=allowed_next(opened.status) if opened.is_open else (),
        typed_reply=typed,
        status_problem=status_problem,
        trouble=now.trouble,
        problems=[wrong] if wrong else [],
        missing=any(entry.gap for entry in opened.entries),
        claimed_deleted=case_id in {line.case_id for line in work.deletions.claimed_deleted(now)},
    )


def _with_draft(opened: OpenedCase, typed: ReplyDraft | None) -> ReplyDraft:
    """Return what the page's fields hold: what was typed and is kept; what came with this request where it is not."""
    if typed is not None and not drafts.is_kept():
        return typed
    draft = drafts.draft_of(opened.line.case_id) if typed else drafts.arrived(opened)
    text = draft.fields.get("message", "") if typed is None else typed.text
    return ReplyDraft(text, draft.reply_id, typed.problem if typed else None, draft.fields)


def _fresh(opened: OpenedCase) -> frozenset[bytes]:
    """Return the ids of what others wrote since this desk last showed the case, or since the page before this one."""
    work = desk().work()
    places = {line.envelope_id: line.seq for line in work.cache.envelopes(opened.line.case_id)}
    seen = opened.line.seen_seq
    new = {envelope_id for envelope_id, seq in places.items() if 0 < seen < seq}
    if request.method == "POST" and shown_of_form() is not None:
        new |= {entry.envelope_id for entry in unseen.since(opened, shown_of_form())}
    own = work.identity.key_id
    return frozenset(
        entry.envelope_id
        for entry in opened.entries
        if entry.envelope_id in new
        and entry.verified
        and (entry.author is None or entry.author.key_id != own)
    )


def _deleted(case_id: bytes, now: Situation) -> Response:
    """Return the page of a case that two persons deleted, with what was typed for it; 404 for no case."""
    gone = desk().work().deletions.deleted(case_id)
    if gone is None:
        abort(404)
    day, keys = gone
    by = [card for key in keys if (card := now.roster.by_key.get(key))]
    return page("case_deleted", 410, case_id=case_id, day=day, by=by, typed=all_typed())


def records_of(opened: OpenedCase, now: Situation, typed: ReplyDraft | None) -> dict[str, Any]:
    """Return what the page says of the auditors' own work on a case."""
    today, state, roster = desk().today(), opened.state, now.roster
    named = opened.said and {said.person for said in opened.said} or set()
    readers = roster.readers
    own = desk().work().identity.key_id
    playbook = playbooks.for_case(state.subjects, state.cause)
    shown = playbook_facts.shown(state, opened.steps, opened.reply_days)
    settled = state.steps.keys() | shown.keys()
    following = playbooks.next_item(playbook, settled)
    clocks = summarize.clocks_of(opened, desk().work().promises(), today)
    return {
        "state": state,
        "clocks": clocks,
        "head_clocks": [
            clock for name in HEAD_CLOCKS for clock in clocks if opened.is_open and clock.id == name
        ],
        "clock_labels": inbox_labels.CLOCKS,
        "urgent": urgency.outlook(urgency.running(clocks, opened.status == CLOSED), today),
        "unwritten": {stage: unwritten(state, stage) for stage in STAGES},
        "day_fault": breach.day_fault(state.breach.aware if state.breach else None, state.reported),
        "playbook": playbook,
        "shown_by_case": shown,
        "settled": settled,
        **panel_page.of_leak(opened, typed.more if typed else {}),
        "next_item": following,
        "open_steps": {following.step if following else "", _last_touched(opened)},
        "law_of": lambda key: None if key == playbooks.PRACTICE else law.rule_on(key, today),
        "triggers": breach.data()[0],
        "items": breach.data()[1],
        "authority": breach,
        "delegation": contacts.contact(breach.DELEGATION),
        "readers": [card for card in readers if card.person not in opened.exclude | opened.gone],
        "case_readers": opened.sure_readers(roster) if opened.is_open else opened.readers(roster),
        "later_readers": opened.later_readers(roster) if opened.is_open else [],
        **case_head.access_of(opened, roster),
        "person_of": {
            person: roster.newest_of(person)
            for person in {
                *named,
                *(card.person for card in readers),
                *([state.owner] if state.owner else ()),
            }
        },
        "owner_is_here": any(card.person == state.owner for card in opened.readers(roster)),
        "own_person": roster.by_key[own].person,
        "own_duty": roster.role_of(own),
        "replies": templates_for(state.category),
        "reply_languages": reply_languages(opened),
        "more": typed.more if typed else {},
        "key_card": lambda text: roster.by_key.get(bytes.fromhex(text)),
        "card_of": lambda text: roster.newest_of(bytes.fromhex(text)),
        "item_of": {item.id: item for item in playbooks.items()}.get,
        "name_or_short": lambda person: _name_or_short(roster, person),
        "clock_title": lambda clock: case_head.clock_title(clock, state),
        "record_place": lambda code: panel_page.PLACES.get(code, "work"),
    }


def unwritten(state: CaseState, stage: str) -> tuple[str, ...]:
    """Return the items that are empty in the copy of a report to the authority."""
    return breach.missing(state.forms.get(stage, {}), stage)


def reply_languages(opened: OpenedCase) -> list[str]:
    """Return the languages that reply templates have, the reporter's first; without one, the page's."""
    first = {"easy": "ja", "": language()}.get(opened.language, opened.language)
    return sorted(LANGUAGES, key=lambda lang: lang != first)


def still_open(opened: OpenedCase, now: Situation) -> dict[str, Any]:
    """Return what is not done yet in a case: tasks, the reports of the leak, steps of the playbook."""
    shown = records_of(opened, now, None)
    items = [item for part in shown["playbook"].values() for item in part]
    return {
        "tasks": [task.text for task in opened.state.tasks if task.done is None],
        "reports": [clock.id for clock in shown["clocks"] if clock.id in _TO_REPORT and clock.done is None],
        "copies": [stage for stage in STAGES if stage in opened.state.reported and shown["unwritten"][stage]],
        "steps": len([item for item in items if item.id not in shown["settled"]]),
        "of": len(items),
    }


def _last_touched(opened: OpenedCase) -> str:
    """Return the step of the playbook that the newest record about one belongs to."""
    items = {item.id: item.step for item in playbooks.items()}
    return next(
        (
            items.get(part["item"], "")
            for said in reversed(opened.said)
            for part in reversed(parts_of(said.record))
            if part.type == "step"
        ),
        "",
    )


def _name_or_short(roster: SiteRoster, person: bytes) -> str:
    card = roster.newest_of(person)
    return str(name_of(card)) if card else person.hex()[:8]


def heading_of(opened: OpenedCase) -> str:
    """Return what a case is called."""
    return str(gettext("Case %(id)s", id=case_document.number_of(opened.line.case_id)))


def export_notice() -> str:
    """Return what is on each page of a document that leaves the desk."""
    return str(
        gettext(
            "Confidential. It may show who reported: pass it on only where that is needed, and keep it locked away."
        )
    )


def show_deletion(case_id: bytes, problem: str | None = None) -> Response:
    """Return the page about deleting a case, with what was typed."""
    work = desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    proposal = work.deletions.proposal(situation, opened) if opened else None
    return show(
        case_id,
        ReplyDraft.from_form() if request.method == "POST" else None,
        record_problem=problem,
        situation=situation,
        template="delete",
        proposal=proposal,
        proposed_by=situation.roster.by_key[proposal.author] if proposal else None,
        may_decide=opened is not None and work.deletions.may_decide(opened, situation.roster),
    )


def after_csrf_error() -> Response:
    """Return the case's page after a form came with a token of an earlier run of the desk."""
    case_id = case_id_of((request.view_args or {}).get("case", ""))
    if request.path.endswith("/reply"):
        return show(case_id, ReplyDraft.from_form("csrf"))
    if "/delete/" in request.path:
        return show_deletion(case_id, "csrf")
    if "/record/" in request.path or "/export/" in request.path or request.path.endswith("/look"):
        typed = ReplyDraft.from_form()
        return show(case_id, typed, record_problem="csrf", template=template_for(typed.more))
    return show(case_id, draft(), status_problem="csrf")


def _http_status(wrong: str | None, now: Situation) -> int:
    if wrong is None or wrong == "unlocked":
        return 200
    if wrong == "busy":
        return 503
    return 502 if wrong == "trouble" or now.trouble else 400


def _excluded(opened: OpenedCase, roster: SiteRoster) -> list[Excluded]:
    return [Excluded(person, roster.newest_of(person)) for person in sorted(opened.exclude)]
