"""Error pages in the reader's language, with what was typed still in the form wherever there was one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, InternalServerError

from cases.form import clean_text
from portal.conversation import CaseDeleted
from portal.pages import page
from portal.words import DELETED, ERRORS
from store.db import StoreFailed
from store.site import NoSite

Rescue = Callable[[int, str], Response]
"""Shows the form again with what was typed: (HTTP status, problem code) → page."""

STORE_FAILED: Final = "store_failed"
UNEXPECTED: Final = "unexpected"


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreFailed, _store_failed)
    app.register_error_handler(NoSite, _store_failed)
    app.register_error_handler(CaseDeleted, _deleted)


def keep_on_failure(rescue: Rescue) -> None:
    """Say how to show this request's form again, should anything go wrong from here on."""
    g.rescue = rescue


def _store_failed(_error: Exception) -> Response:
    return _rescued(503, STORE_FAILED) or error_page(503)


def _deleted(gone: CaseDeleted) -> Response:
    """Say that two persons deleted the case; a message that was on its way is shown, to be copied."""
    typed = clean_text(request.form.get("message", ""))
    return page("deleted", 410, sentence=DELETED, day=gone.day, message=typed)


def _http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError):
        return _rescued(500, UNEXPECTED) or error_page(500)
    code = error.code or 500
    answer = error_page(code)
    if code == 405 and (methods := getattr(error, "valid_methods", None)):
        answer.headers["Allow"] = ", ".join(sorted(methods))
    return answer


def error_page(code: int) -> Response:
    """Return the page for an HTTP status."""
    words = ERRORS.get(code) or ERRORS[400 if code < 500 else 500]
    return page("error", code, words=words)


def _rescued(status: int, problem: str) -> Response | None:
    rescue: Any = g.pop("rescue", None)
    return cast(Rescue, rescue)(status, problem) if rescue is not None else None
