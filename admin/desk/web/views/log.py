"""What this desk knows of the transparency log."""

from __future__ import annotations

from flask import Blueprint, Response

from admin.desk.casework.log_checks import RED
from admin.desk.labels import log as words
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE

log = Blueprint("log", __name__, url_prefix=f"/{LANGUAGE}/log")


@log.get("")
def show(lang: str) -> Response:
    """Show whether the log and this desk agree, and what does not."""
    work = desk().work()
    situation = work.refresh()
    shown = work.log.page(situation.roster)
    return page(
        "log",
        log=shown,
        words=words.FAULTS,
        red=RED,
        own_duty=situation.roster.role_of(work.identity.key_id),
        trouble=situation.trouble,
    )


@log.post("")
def look(lang: str) -> Response:
    """Compare with the log now."""
    work = desk().work()
    work.look_at_log(work.refresh())
    return to(f"/{lang}/log")
