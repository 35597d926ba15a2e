"""Routes of the reading journals. Every desk fetches all and sends one a day, whatever it can open."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from admin.api import reading_actions, request_body
from admin.api.auth import asking_key
from admin.api.context import api
from crypto import wire
from crypto.encoding import b64e
from store import readings as store_readings
from store.db import reading, writing
from store.outcome import Outcome

v1 = Blueprint("readings", __name__, url_prefix="/v1")


@v1.get("/readings")
def journals() -> Response:
    """Return the journals of all desks above a place."""
    after = request_body.number_from_query("after", 0, 0, 2**62)
    with reading(api().engine) as conn:
        rows, more = store_readings.after(conn, after)
        last = store_readings.last(conn)
    entries = [{"seq": row.seq, "raw": b64e(row.raw)} for row in rows]
    return jsonify(readings=entries, more=more, last=last)


@v1.post("/readings")
def add() -> tuple[Response, int]:
    """Keep the asker's journal of today."""
    raw = wire.octets(request_body.read("journal")["journal"])
    with writing(api().engine) as conn:
        outcome = reading_actions.add(conn, api().roster, asking_key(), api().salt(), raw, api().today())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201
