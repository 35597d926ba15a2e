"""Drafts of a case: sealed in the local copy until they are sent, never on the server. Every button of a case's pages
stores the other fields, too; with scripts, so does a pause in typing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, request

from admin.desk.casework import unseen
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.labels.records import FORM_NAMES
from admin.desk.local.draft import Draft, DraftTooLarge
from admin.desk.web import panel_forms, record_forms
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from admin.desk.web.views.path import LANGUAGE, case_id_of, own_page
from cases.form import clean_text
from cases.records import parts_of
from crypto.encoding import id_from_hex, normalize_text
from crypto.errors import BadData

drafts = Blueprint("drafts", __name__, url_prefix=f"/{LANGUAGE}/cases/<case>")


def form_id(name: str) -> bytes | None:
    """Return an id that came with this form; None for none."""
    try:
        return id_from_hex(request.form.get(name, ""))
    except BadData:
        return None


@drafts.before_request
def keep_typed() -> None:
    """Keep what the form of this request holds; before every button of a case's pages does what it is for."""
    if request.method == "POST":
        keep(case_id_of((request.view_args or {}).get("case", "")))


def keep(case_id: bytes) -> None:
    """Keep what the form of this request holds for a case. Raises CacheUnusable, Locked."""
    g.draft_kept = _keep(case_id)


def _keep(case_id: bytes) -> str:
    """Keep what came; return "", or why it was not kept: "shut", "sent", "too_long"."""
    here, work = desk(), desk().work()
    opened = work.from_copy(case_id)
    if opened is None:
        return "shut"
    with here.drafting:
        draft = work.cache.draft(case_id) or _of_form()
        if request.form.get("page_id", "") in here.spent:
            return "sent"
        given = _given()
        before = record_forms.kept(unseen.state_at(opened, form_id("shown")))
        is_current = request.form.get("draft_number") == str(draft.number)
        new = draft.typed(given, before, is_current)
        g.draft_changed = [name for name in given if new.fields.get(name) != draft.fields.get(name)]
        if new.fields == draft.fields:
            return ""
        try:
            work.cache.put_draft(case_id, new)
        except DraftTooLarge:
            return "too_long"
    return ""


def _of_form() -> Draft:
    """Return an empty draft with the ids that the page has."""
    new = Draft()
    return Draft(
        reply_id=form_id("envelope_id") or new.reply_id, record_id=form_id("record_id") or new.record_id
    )


def _given() -> dict[str, str]:
    typed = {name: request.form[name] for name in record_forms.DRAFTED if name in request.form}
    typed |= panel_forms.unticked(request.form)
    return {name: normalize_text(clean_text(text)) for name, text in typed.items()}


def is_kept() -> bool:
    """Tell whether what the form of this request holds is in the local copy, so that another page can show it."""
    return bool(g.get("draft_kept", "shut") == "")


def typed_now(opened: OpenedCase) -> Draft:
    """Return the draft with what the form of this request holds, also where that could not be kept."""
    if is_kept():
        return draft_of(opened.line.case_id)
    before = record_forms.kept(unseen.state_at(opened, form_id("shown")))
    return _of_form().typed(_given(), before, True)


def draft_of(case_id: bytes) -> Draft:
    """Return what was typed in a case and not sent. Raises CacheUnusable, Locked."""
    return desk().work().cache.draft(case_id) or Draft()


def renew(case_id: bytes) -> None:
    """Have what was typed sent as other envelopes: those of before say something else. Raises CacheUnusable, Locked."""
    with desk().drafting:
        draft = desk().work().cache.draft(case_id)
        if draft is not None:
            desk().work().cache.put_draft(case_id, draft.renewed())


def put(case_id: bytes, fields: dict[str, str]) -> None:
    """Keep what a button put into fields. Raises CacheUnusable, Locked."""
    draft = draft_of(case_id)
    try:
        desk().work().cache.put_draft(case_id, draft.typed(fields, {}, False))
    except DraftTooLarge:
        g.draft_kept = "too_long"


def sent(case_id: bytes, names: Iterable[str]) -> None:
    """Forget what was sent. What the page that it came from still says beside it comes too late."""
    here, cache = desk(), desk().work().cache
    with here.drafting:
        if page_id := request.form.get("page_id"):
            here.spent.append(page_id[:64])
        draft = cache.draft(case_id)
        if draft is not None:
            cache.put_draft(case_id, draft.without(names))


def arrived(opened: OpenedCase) -> Draft:
    """Return a case's draft without what is in the case by now: it was sent, and the answer to that was lost."""
    draft = draft_of(opened.line.case_id)
    there = frozenset(_arrived(draft, opened))
    if there:
        draft = draft.without(there)
        desk().work().cache.put_draft(opened.line.case_id, draft)
    return draft


def _arrived(draft: Draft, opened: OpenedCase) -> Iterable[str]:
    message, record = opened.entry(draft.reply_id), opened.entry(draft.record_id)
    if message is not None and message.verified and message.message == draft.fields.get("message"):
        yield "message"
    for part in parts_of(record.record) if record is not None and record.record else ():
        text = draft.fields.get({"note": "note", "task": "task_text", "label": "label"}.get(part.type, ""))
        if text is not None and text.strip() == part.fields.get("label" if part.type == "label" else "text"):
            yield from record_forms.FIELDS[part.type]


def shown_of(opened: OpenedCase) -> dict[str, Any]:
    """Return what a page says of what was typed and not sent. `unsent`: what the case keeps, by the field's name."""
    draft, kept = draft_of(opened.line.case_id), record_forms.kept(opened.state)
    unsent = draft.unsent(kept)
    return {
        "draft_number": draft.number,
        "record_id": draft.record_id,
        "page_id": secrets.token_hex(16),
        "unsent": {name: kept.get(name, "") for name in unsent},
        "unsent_forms": [form for form, names in record_forms.FORMS.items() if unsent.keys() & set(names)],
        "conflicts": draft.conflicts(kept),
        "draft_forms": record_forms.FORMS,
        "form_names": FORM_NAMES,
    }


@drafts.post("/draft")
def pause(lang: str, case: str) -> Response:
    """Keep what a page's script sends after a pause; nothing goes to the server. `number`: for the page's next one."""
    why = g.draft_kept
    draft = draft_of(case_id_of(case))
    answer = jsonify(kept=not why, why=why, number=draft.number, unsent=sorted(draft.fields))
    answer.status_code = {"": 200, "too_long": 413}.get(why, 409)
    return answer


@drafts.post("/draft/discard")
def discard(lang: str, case: str) -> Response:
    """Throw away what was typed in one form."""
    form, case_id = request.form.get("discard", ""), case_id_of(case)
    sent(case_id, record_forms.FORMS.get(form, ()))
    flash("draft_discarded")
    below = {"delete": "/delete"}.get(form, "/leak" if form == "leak" else "")
    return to(f"/{lang}/cases/{case}{below}")


@drafts.post("/lock")
def lock(lang: str, case: str) -> Response:
    """Let go of the keys; unlocking leads back to the case, which shows what was typed."""
    desk().keyring.lock()
    return to(f"/{lang}/cases/{case}")


@drafts.post("/go")
def go(lang: str, case: str) -> Response:
    """Go on to another page, or to this one in the other language: what was typed is kept and not sent."""
    return to(own_page(request.form.get("to", "")) or f"/{lang}/cases/{case}")
