"""Unlocking with the passphrase, and locking."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, flash, jsonify, request

from admin.desk.keys import NoKeyFile, is_open_to_others
from admin.desk.web import intake_form, pack_scene, record_forms, reply_draft
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to, typed_text
from admin.desk.web.views import case_page, drafts, intake, pack_files
from admin.desk.web.views.notices import notice_text
from admin.desk.web.views.own_key import card_beside
from admin.desk.web.views.path import LANGUAGE, case_id_of, own_page
from crypto import keyfile
from crypto.errors import BadData

_BUTTON: Final = re.compile(
    r"/(reply|status|look|keep|again|leave|go|lock|check|send|make|discard|draft|draft/discard|template|record/[a-z_]+|delete/[a-z]+)\Z"
)
"""The addresses that a case's page has its buttons send to."""

lock = Blueprint("lock", __name__, url_prefix=f"/{LANGUAGE}")


@lock.post("/unlock")
def unlock(lang: str) -> Response:
    """Open the key file; what was typed before the desk locked itself is shown again, not sent."""
    passphrase = request.form.get("passphrase", "")
    if "show" in request.form:
        return unlock_page(200)
    if not passphrase:
        return unlock_page(400, "required")
    try:
        desk().keyring.unlock(passphrase)
    except BadData as error:
        return unlock_page(400, keyfile.fault(error))
    except NoKeyFile:
        return unlock_page(400, "file")
    following = _next()
    if following.endswith("/intake"):
        intake.keep()
        flash("intake_unlocked")
        return to(following)
    match = re.search("cases/([0-9a-f]{32})", following)
    if match and "/pack/files/" in following:
        pack_files.keep(case_id_of(match[1]))
        return to(following)
    if match and following.endswith("/pack"):
        pack_scene.keep(case_id_of(match[1]))
        return to(following)
    if match:
        drafts.keep(case_id_of(match[1]))
    if match and typed_text():
        return case_page.show(case_id_of(match[1]), reply_draft.ReplyDraft.from_form("unlocked"))
    if match and (more := record_forms.typed(request.form)):
        case_id, template = case_id_of(match[1]), reply_draft.template_for(more)
        if template == "delete":
            return case_page.show_deletion(case_id, "unlocked")
        return case_page.show(
            case_id, reply_draft.ReplyDraft.from_form(), record_problem="unlocked", template=template
        )
    return to(following if following else f"/{lang}/")


@lock.get("/unlock")
def again(lang: str) -> Response:
    """Lead a person who loads the page's address by hand to the inbox."""
    return to(f"/{lang}/")


@lock.get("/locked")
def state(lang: str) -> Response:
    """Tell a page that is open whether it may still be shown; to ask does not count as use."""
    news = desk().news()
    if desk().keyring.is_locked or news is None:
        return jsonify(locked=desk().keyring.is_locked, count=0, notice="")
    return jsonify(locked=False, count=news.late + news.new, notice=notice_text(news) if news.tell else "")


@lock.post("/lock")
def lock_now(lang: str) -> Response:
    """Let go of the keys."""
    desk().keyring.lock()
    return to(f"/{lang}/")


def unlock_page(status: int, problem: str | None = None) -> Response:
    """Return the page that asks for the passphrase; it carries a typed reply along."""
    path = desk().keyring.path
    is_posted = request.method == "POST" and request.endpoint == "lock.unlock"
    shown = is_posted and request.form.get("show", request.form.get("shown")) == "yes"
    return page(
        "unlock",
        status,
        is_open=path is not None and is_open_to_others(path),
        key_file=path.name if path is not None else "",
        problem=problem,
        owner=card_beside(path),
        shown=shown,
        passphrase=request.form.get("passphrase", "")[:1000] if is_posted and "show" in request.form else "",
        can_unlock=desk().keyring.can_unlock,
        following=_next(),
        typed=typed_text(),
        more={**record_forms.typed(request.form), **intake_form.typed(request.form), **pack_scene.carried()}
        if request.method == "POST"
        else {},
        envelope_id=request.form.get("envelope_id", "") if request.method == "POST" else "",
    )


def _next() -> str:
    """Return the own page to go on to; never an address that somebody else could have chosen."""
    if request.method == "POST":
        wanted = request.form.get("next", "") or _BUTTON.sub("", request.path)
    else:
        wanted = request.full_path.rstrip("?")
    return own_page(wanted)
