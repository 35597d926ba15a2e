"""Routes of the register: every desk gets all records, and hands in the next one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from admin.api import register_actions, request_body
from admin.api.context import api
from crypto import wire
from crypto.encoding import b64e
from store import register as store_register
from store.db import reading, writing
from store.outcome import Outcome

v1 = Blueprint("register", __name__, url_prefix="/v1")


@v1.get("/register")
def records() -> Response:
    """Return the records above a number."""
    after = request_body.number_from_query("after", 0, 0, 2**62)
    with reading(api().engine) as conn:
        rows, more = store_register.after(conn, after)
        last, _hash = store_register.last(conn)
    entries = [{"number": row.number, "raw": b64e(row.raw)} for row in rows]
    return jsonify(records=entries, more=more, last=last)


@v1.post("/register")
def add() -> tuple[Response, int]:
    """Keep the record behind the newest one."""
    raw = wire.octets(request_body.read("record")["record"])
    with writing(api().engine) as conn:
        outcome = register_actions.add(conn, api().roster, raw, api().today())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201
