"""Notices of the computer about late and new cases: counts, never a word of a case; only where they are asked for."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext

from admin.desk.web.context import NOTICES, Notices, desk
from admin.desk.web.pages import to
from admin.desk.web.views.path import LANGUAGE

notices = Blueprint("notices", __name__, url_prefix=f"/{LANGUAGE}/notices")


@notices.post("")
def choose(lang: str) -> Response:
    """Keep, on this computer only, whether its notices are wanted."""
    wanted = request.form.get("on") == "1"
    desk().work().cache.put({NOTICES: b"1" if wanted else b""})
    return to(f"/{lang}/")


def are_wanted() -> bool:
    """Tell whether notices are wanted on this computer. Raises Locked, CacheUnusable."""
    return desk().work().cache.get(NOTICES) == b"1"


def notice_text(news: Notices) -> str:
    """Return what a notice says."""
    parts = []
    if news.new:
        parts.append(gettext("Cases with something new: %(num)s.", num=news.new))
    if news.late:
        parts.append(gettext("Cases past a due date: %(num)s.", num=news.late))
    return " ".join(map(str, parts))
