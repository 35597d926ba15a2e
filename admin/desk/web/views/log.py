"""The page about the transparency log."""

from __future__ import annotations

import io
import json
import zipfile

from flask import Blueprint, Response, abort

from admin.desk.casework.log_checks import RED
from admin.desk.labels import log as words
from admin.desk.web.context import desk
from admin.desk.web.downloads import saved
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE
from crypto.tlog import entry_bundle

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


@log.get("/copy")
def copy(lang: str) -> Response:
    """Hand out the copy of the log that this desk keeps: leaves and checkpoint, nothing of a case."""
    note, leaves = desk().work().log.copy()
    if not leaves:
        abort(404)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in (
            ("leaves", entry_bundle(leaves)),
            ("head.json", json.dumps({"note": note}).encode()),
        ):
            archive.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    return saved(made.getvalue(), "application/zip", "log-copy.zip")


@log.get("/proof/<leaf>")
def proof(lang: str, leaf: str) -> Response:
    """Hand out the proof that an own act was left out of its batch; it shows nothing of the case."""
    try:
        hashed = bytes.fromhex(leaf)
    except ValueError:
        abort(404)
    made = desk().work().log.proof(hashed)
    if made is None:
        abort(404)
    return saved(made, "application/json", "meyasubako-burying.json")


@log.post("")
def look(lang: str) -> Response:
    """Compare with the log now."""
    work = desk().work()
    work.look_at_log(work.refresh())
    return to(f"/{lang}/log")
