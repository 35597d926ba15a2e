"""The inbox."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from admin.desk.context import desk
from admin.desk.i18n import language
from admin.desk.pages import page
from admin.desk.views.path import LANGUAGE
from cases.status import STATUSES

root = Blueprint("root", __name__)
inbox = Blueprint("inbox", __name__, url_prefix=f"/{LANGUAGE}")


@root.get("/")
def start() -> Response:
    """Lead to the inbox in the browser's language."""
    answer = redirect(f"/{language()}/", 303)
    assert isinstance(answer, Response)
    answer.headers["Vary"] = "Accept-Language"
    return answer


@inbox.get("/")
def cases(lang: str) -> Response:
    """Show one page of the cases, new ones first."""
    work = desk().work()
    situation = work.refresh()
    wanted = request.args.get("status", "")
    status = wanted if wanted in STATUSES else None
    number = request.args.get("page", "1")
    shown = work.inbox(
        situation, status, int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    )
    return page("inbox", inbox=shown, filter=status, trouble=situation.trouble)
