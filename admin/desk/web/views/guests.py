"""A guest's desk: the cases that were given to it, to read and to write notes in, and no page of anything else."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, g, request

from admin.desk.labels.i18n import language
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


def is_guest() -> bool:
    """Tell whether this desk's key is a guest's, as far as is known without asking the server."""
    if "is_guest" not in g:
        here = desk()
        is_open = here.server is not None and not here.keyring.is_locked
        roster = here.work().kept_roster() if is_open else None
        role = roster.role_of(here.work().identity.key_id) if roster is not None else ""
        g.is_guest = roles.reads_given_cases(role)
    return bool(g.is_guest)


@guests.before_app_request
def keep_to_the_cases() -> Response | None:
    """Lead a guest back to the given cases from what is not for them; the server refuses what it would send, too."""
    if request.blueprint in _CLOSED and is_guest():
        return to(f"/{language()}/")
    return None


@guests.app_context_processor
def _facts() -> dict[str, Any]:
    return {"is_guest": is_guest}
