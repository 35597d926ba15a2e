"""Error pages in the reader's language, with what was typed still in the form wherever there was one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, InternalServerError

from cases.form import clean_text
from portal.labels.i18n import N_
from portal.pages.render import page
from portal.usecases.conversation import CaseDeleted
from store.db import StoreFailed
from store.site import NoSite

Rescue = Callable[[int, str], Response]
"""Shows the form again with what was typed: (HTTP status, problem code) → page."""

DELETED: Final = N_(
    "Two of the people who can read reports deleted this report together on %(day)s, with its files and "
    "messages. This code opens nothing any more."
)
"""Of a code whose case is gone; the page's scripts say it too."""
STORE_FAILED: Final = "store_failed"
UNEXPECTED: Final = "unexpected"


@dataclass(frozen=True)
class ErrorWords:
    """An error page: what happened (and what was not lost), and what to do."""

    title: str
    happened: str
    do: str


_OWN_FORMS_ONLY: Final = ErrorWords(
    N_("This kind of content cannot be taken"),
    N_("This site takes only its own forms. Nothing has been stored."),
    N_("Please open the form again and send it from there."),
)

ERRORS: Final[Mapping[int, ErrorWords]] = {
    400: ErrorWords(
        N_("The request arrived incomplete"),
        N_("It was interrupted on the way, or could not be read. Nothing has been stored."),
        N_(
            "If you were sending a report: go back in the browser, where your text may still be, "
            "and send it again."
        ),
    ),
    403: _OWN_FORMS_ONLY,
    404: ErrorWords(
        N_("There is no such page"),
        N_(
            "The address may have a typing mistake, or the page has moved. Reports that were sent are not "
            "affected."
        ),
        N_("Please start from the first page."),
    ),
    405: ErrorWords(
        N_("This page can’t be opened directly"),
        N_("The page exists, but does not take this kind of request. Nothing has been stored."),
        N_("Please start from the first page."),
    ),
    413: ErrorWords(
        N_("This is too much for one request"),
        N_("It is larger than this site can take at once, so nothing has been stored."),
        N_(
            "Go back in the browser, where your text may still be, and copy it to a safe place. "
            "Then send a shorter report, and the rest as messages on the status page."
        ),
    ),
    415: _OWN_FORMS_ONLY,
    500: ErrorWords(
        N_("Something went wrong on our side"),
        N_("Reports that were accepted are not lost."),
        N_("Please try again in a few minutes. If it is urgent, see the ways outside the company."),
    ),
    503: ErrorWords(
        N_("You cannot do this at the moment"),
        N_("The site cannot reach its storage for the moment. Reports that were accepted are not lost."),
        N_("Please try again in a few minutes. If it is urgent, see the ways outside the company."),
    ),
}


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
