"""The log on pages: of one case, and for everybody."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from markupsafe import Markup

from crypto.log_mirror import log_fingerprint
from crypto.receipt import Receipt
from portal.edge.request import portal
from portal.labels.i18n import prefix, templates_of
from portal.usecases import case_log, log_notices
from portal.usecases.conversation import Conversation
from store.db import StoreFailed


def log_context(case: Conversation, receipt: Receipt) -> dict[str, Any]:
    """Return what a case's page without scripts says of the log; the case is shown whatever the log is like."""
    try:
        told = case_log.of_case(portal(), case, receipt)
    except StoreFailed:
        told = None
    place = f"{request.script_root}/{prefix()}"
    # It follows from the page's language alone.
    (advice,) = portal().frame_parts.get(("log", place), _advice)
    return {"case_log": told, "log_advice": advice}


def _advice() -> tuple[Markup]:
    macros: Any = templates_of(current_app).get_template("portal/parts/log.html").module
    return (Markup(macros.rule_and_advice(request.script_root)),)


def newest_context() -> dict[str, Any]:
    """Return the newest signed log, which people can keep and compare."""
    here = portal()
    chain = log_notices.known_chain(here)
    last = chain.changes[-1].change if chain.changes else None
    changed = {"day": last.day, "print": log_fingerprint(last.old)} if last else None
    return {
        "log_note": case_log.newest_note(here),
        "log_print": log_fingerprint(chain.keys.newest),
        "log_changed": changed,
        "log_continues": log_notices.continued_logs(here),
    }
