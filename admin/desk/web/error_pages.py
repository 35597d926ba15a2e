"""Error pages: calm, in the reader's language, with a typed reply given back wherever there was one."""

from __future__ import annotations

from flask import Flask, Response, flash, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException

from admin.desk.casework.roster import TrustBroken
from admin.desk.casework.situation import NotEnrolled, Retired
from admin.desk.keys import Locked
from admin.desk.labels import problems
from admin.desk.labels.i18n import language
from admin.desk.local.copy import CacheInUse, CacheUnusable
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble, Trouble
from admin.desk.web import pack_scene
from admin.desk.web.context import desk
from admin.desk.web.pages import all_typed, page, problem, to, trouble_page
from admin.desk.web.views import case_page, intake, lock, pack_files
from admin.desk.web.views.path import case_id_of


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Locked, lambda _error: lock.unlock_page(403))
    app.register_error_handler(ServerTrouble, trouble_page)
    app.register_error_handler(ServerRefusal, lambda _error: trouble_page(ServerTrouble(Trouble.ODD)))
    app.register_error_handler(
        TrustBroken, lambda error: page("broken", 409, reason=error.reason, typed=all_typed())
    )
    app.register_error_handler(NotEnrolled, lambda _error: _own_key("not_enrolled"))
    app.register_error_handler(Retired, lambda _error: _own_key("retired"))
    app.register_error_handler(
        CacheUnusable,
        lambda error: page(
            "cache", 500, path=error.path, in_use=isinstance(error, CacheInUse), typed=all_typed()
        ),
    )


def _own_key(why: str) -> Response:
    return page("own_key", 403, why=why, key_id=desk().keyring.use().key_id, typed=all_typed())


def _csrf(_error: CSRFError) -> Response:
    """Show the form again with what was typed and a fresh token, where there is a form."""
    if request.endpoint == "lock.unlock":
        return lock.unlock_page(400, "csrf")
    if desk().keyring.is_locked:
        return lock.unlock_page(400, "csrf")
    if request.blueprint == "intake":
        intake.keep()
        flash("intake_csrf")
        return to(f"/{language()}/intake")
    if request.blueprint == "packfiles":
        case, object_id = (str((request.view_args or {}).get(name, "")) for name in ("case", "object_id"))
        pack_files.keep(case_id_of(case))
        flash("intake_csrf")
        return to(f"/{language()}/cases/{case}/pack/files/{object_id}")
    if request.blueprint == "packs":
        case = (request.view_args or {}).get("case", "")
        pack_scene.keep(case_id_of(case))
        flash("intake_csrf")
        return to(f"/{language()}/cases/{case}/pack")
    if request.blueprint in (
        "cases",
        "records",
        "drafts",
        "panel",
        "panels",
        "deletions",
        "accesses",
        "exports",
    ):
        return case_page.after_csrf_error()
    return problem(problems.ERRORS[Forbidden.code], Forbidden.code)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    message = problems.ERRORS.get(code) or problems.ERRORS[400 if code < 500 else 500]
    return problem(message, code)
