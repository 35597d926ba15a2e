"""Static pages: home, keys, outside, safety, exit, and what machines read."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, Response, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cases.days import format_day
from cases.routing import OWN_PREFIX
from crypto import cards as crypto_cards
from crypto.cards import Card
from crypto.encoding import b64e
from crypto.roster import Roster
from portal.edge.request import portal
from portal.labels.i18n import negotiated
from portal.pages.path import under_language
from portal.pages.render import page
from portal.pages.status_log import newest_context
from portal.usecases import log_notices, log_state
from store.db import StoreFailed, can_write, reading
from store.site import NoSite

root: Final = Blueprint("root", __name__)
site: Final = under_language("site", __name__)


@root.get("/")
def start() -> AnyResponse:
    """Lead to the language that the browser asks for."""
    return redirect(f"{request.script_root}/{negotiated()}/")


@root.get("/livez")
def alive() -> Response:
    """Tell that this process answers. No database is asked: restarting a server does not mend one."""
    return jsonify(status="ok")


@root.get("/readyz")
@root.get("/healthz")
def health() -> tuple[Response, int]:
    """Tell the operator whether reports can be taken. Nothing about reports."""
    try:
        taking = bool(_roster().readers) and bool(portal().salt())
        fault = log_state.fault_of(portal())
    except (StoreFailed, NoSite):
        return jsonify(status="database"), 503
    if not can_write(portal().engine, portal().objects.try_writing):
        return jsonify(status="not_writing"), 503
    if fault == log_state.CLOCK:
        return jsonify(status="not_writing", log=fault), 503
    # Reports are taken whatever else is wrong with the log: a late batch is told, and turns no visitor away.
    told = {"log": fault} if fault else {}
    return (jsonify(status="ok", **told), 200) if taking else (jsonify(status="no_recipients", **told), 503)


@root.get("/keys.json")
def keys_json() -> Response:
    """Return all public keys as desks and visitors check them."""
    roster = _roster()
    log = log_state.served(portal(), portal().today())
    return jsonify(
        **({"log": log} if log else {}),
        v=1,
        salt=b64e(portal().salt()),
        site_sign_pk=b64e(portal().sign_pk()),
        day=format_day(portal().today()),
        list=[
            {
                "card" if isinstance(document, Card) else "retirement": json.loads(document.encode()),
                "day": format_day(day),
            }
            for document, day in zip(roster.listing.documents, roster.days, strict=True)
        ],
    )


@site.get("/")
def home() -> Response:
    """Show the home page: what this site is, who reads reports, what others can see."""
    try:
        readers = _roster().readers
    except StoreFailed:
        readers = ()
    return page("home", readers=readers)


@site.get("/keys")
def keys() -> Response:
    """Who can read reports, for checking."""
    roster = _roster()
    return page(
        "keys",
        roster=roster,
        fingerprint=crypto_cards.fingerprint,
        site_key=b64e(portal().sign_pk()),
        scripts=list(portal().scripts.values()),
        log_seen=log_notices.seen_by(portal()),
        **newest_context(),
    )


@site.get("/privacy")
def privacy() -> Response:
    """Who runs the site, what reports are used for, how long they are kept, where to ask."""
    return page("privacy")


@site.get("/safety")
def safety() -> Response:
    """Who can see what, and how to write safely."""
    return page("safety", onion=portal().settings.site.onion)


@site.get("/accessibility")
def accessibility() -> Response:
    """Other ways for people who can't type, what was tested for whom, and how to tell of a fault of the site."""
    here = portal()
    own = [
        channel
        for channel in here.contacts(here.today())
        if channel.id.startswith(OWN_PREFIX) and channel.phone
    ]
    return page("accessibility", own=own)


@site.get("/exit")
def leave() -> Response:
    """Lead to the neutral place of the settings, or to a blank page; the browser is asked to forget this site."""
    elsewhere = portal().settings.site.exit_url
    answer = make_response(redirect(elsewhere, 303)) if elsewhere else page("exit")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _roster() -> Roster:
    with reading(portal().engine) as conn:
        return portal().roster(conn)
