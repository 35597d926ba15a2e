"""The panel beside a case: what was changed in it goes out as one record, when it is saved or the case is left.

Replies, statuses, notes and tasks never go out by leaving: they stay drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, flash, g, request

from admin.desk.server.client import PAGE_SECONDS
from admin.desk.web import panel_forms, record_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from admin.desk.web.reply_draft import ReplyDraft
from admin.desk.web.views import case_page, drafts, panels, records
from admin.desk.web.views.path import LANGUAGE, back_to, case_id_of, own_page
from cases.records import BadRecord, Record, together
from crypto.errors import MisuseError

panel = Blueprint("panel", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")
panel.before_request(drafts.keep_typed)

_FIELDS: Final = frozenset(record_forms.FORMS["panel"]) - {"link_as"}
_LONG: Final = frozenset(name for names in panel_forms.COPIES.values() for name in names)
_ENTER: Final[Mapping[str, str]] = {
    "title": "panel",
    "label": "label",
    "link_case": "link",
    "task_due": "task",
}
"""The action of the button beside a box in which Enter sends the form."""


@panel.post("/record/panel")
def save(lang: str, case: str) -> Response:
    """Write what was changed in the panel as one record."""
    case_id = case_id_of(case)
    problem = _send(case_id, by_leaving=False)
    if problem:
        return case_page.show(case_id, ReplyDraft.from_form(), record_problem=problem)
    flash("record_kept")
    return back_to(lang, case, "work")


@panel.post("/leave")
def leave(lang: str, case: str) -> Response:
    """Go on to another case or page. What was changed in the panel is sent first; what can't be stays a draft."""
    case_id = case_id_of(case)
    if drafts.is_kept() and _FIELDS & drafts.draft_of(case_id).fields.keys():
        flash("left_unsent" if _send(case_id, by_leaving=True) else "left_kept")
    return to(own_page(request.form.get("to", "")) or f"/{lang}/")


@panel.post("/again")
def again(lang: str, case: str) -> Response:
    """Show the page again with what was typed."""
    return case_page.show(case_id_of(case), ReplyDraft.from_form())


@panel.post("/look")
def enter(lang: str, case: str) -> Response:
    """Do what the button beside a box does: without scripts, Enter in any box comes here."""
    case_id = case_id_of(case)
    boxes = set(_ENTER) & set(g.get("draft_changed", ()))
    boxes = boxes or set(_ENTER) & {*drafts.draft_of(case_id).fields}
    acts = {_ENTER[name] for name in boxes}
    if len(acts) == 1 and acts != {"panel"}:
        act = acts.pop()
        return panels.keep(lang, case, act) if act in panel_forms.FIELDS else records.add(lang, case, act)
    if acts and boxes <= _FIELDS:
        return save(lang, case)
    return case_page.show(case_id, ReplyDraft.from_form())


def _send(case_id: bytes, by_leaving: bool) -> str:
    """Send what was changed in the panel; return a code of `labels.records.RECORD`, "" when nothing is left to send."""
    work, server = desk().work(), desk().server
    with server.within(PAGE_SECONDS if by_leaving else server.limit):
        situation = work.refresh()
    opened = work.case(situation, case_id)
    if situation.trouble or opened is None:
        return "trouble"
    draft, kept = drafts.typed_now(opened), record_forms.kept(opened.state)
    fields = {name: text for name, text in draft.unsent(kept).items() if name in record_forms.FORMS["panel"]}
    if by_leaving and draft.conflicts(kept) & fields.keys():
        return "changed"
    try:
        changes = _records(case_id, fields)
    except BadRecord as bad:
        return bad.code
    except MisuseError:
        return "unreadable"
    problem = records.send(situation, opened, together(changes), draft.record_id) if changes else ""
    if problem == "again":
        drafts.renew(case_id)
    if not problem:
        drafts.sent(case_id, record_forms.FORMS["panel"])
    return problem


def _records(case_id: bytes, fields: Mapping[str, str]) -> list[Record]:
    numbered = desk().work().numbered(fields.get("link_case", ""))
    named = {"link_case": numbered[0].hex()} if len(numbered) == 1 else {}
    changes = record_forms.panel({**fields, **named}, desk().today())
    if any(change.type == "link" and change["case"] == case_id.hex() for change in changes):
        raise BadRecord("link_case")
    return changes
