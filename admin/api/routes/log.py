"""The route by which a desk names its cosigning key."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from admin.api import log_actions, request_body
from admin.api.auth import asking_key
from admin.api.context import api
from crypto import wire
from store.db import writing
from store.outcome import Outcome

v1 = Blueprint("log", __name__, url_prefix="/v1")


@v1.post("/log/witness")
def add_witness() -> tuple[Response, int]:
    """Keep a desk's cosigning key; it is a leaf of the next batch."""
    here, raw = api(), wire.octets(request_body.read("witness")["witness"])
    with writing(here.engine) as conn:
        outcome = log_actions.add_witness(conn, here.roster, raw, asking_key(), here.salt())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201
