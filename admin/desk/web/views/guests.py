"""A guest's desk: the cases that were given to it, to read and to write notes in, and no page of anything else."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, g, request

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import TrustBroken
from admin.desk.keys import Locked
from admin.desk.labels.i18n import language
from admin.desk.local.copy import CacheUnusable
from admin.desk.web.context import desk
from admin.desk.web.pages import to
from cases import roles

guests = Blueprint("guests", __name__)

_CLOSED: Final = frozenset(
    {
        "accesses",
        "bulk",
        "deletions",
        "exports",
        "intake",
        "lists",
        "packs",
        "panel",
        "panels",
        "register",
        "statistics",
        "triage",
    }
)
"""Blueprints of what a guest has no part in."""


def own_duty() -> str:
    """Return the duty of this desk's key, as far as is known without asking the server; "" where it is not known."""
    if "own_duty" not in g:
        duty = _known_duty()
        if not duty:
            return ""
        g.own_duty = duty
    return str(g.own_duty)


def _known_duty() -> str:
    here = desk()
    if here.site is None or here.keyring.is_locked:
        return ""
    try:
        work = here.work()
        roster = work.kept_roster()
    except (CacheUnusable, Locked, TrustBroken):  # the page says so itself, or is about something else
        return ""
    return roster.role_of(work.identity.key_id) if roster is not None else ""


def is_guest() -> bool:
    """Tell whether this desk's key is a guest's, as far as is known without asking the server."""
    return roles.reads_given_cases(own_duty())


def is_given(case: OpenedCase) -> bool:
    """Tell whether two auditors decided that this desk's key reads a case, as far as their answer is here."""
    return desk().work().identity.key_id in case.access.given


@guests.before_app_request
def keep_to_the_cases() -> Response | None:
    """Lead a guest back to the given cases from what is not for them; the server refuses what it would send, too."""
    if request.blueprint in _CLOSED and is_guest():
        return to(f"/{language()}/")
    return None


@guests.app_context_processor
def _facts() -> dict[str, Any]:
    # A visitor who was turned away gets no page that shows anything of the desk's own.
    duty = own_duty() if g.get("inside") else ""
    return {"is_guest": is_guest, "is_given": is_given, "own_duty": duty}
