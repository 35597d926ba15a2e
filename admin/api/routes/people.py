"""Routes about people: grants, cards, retirements, statistics."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify

from admin.api import request_body, roster_actions
from admin.api.auth import asking_key
from admin.api.context import api
from admin.api.refusals import ApiRefusal
from cases.days import format_day
from crypto import wire
from crypto.encoding import b64e, hex_id
from crypto.envelope import SEALED_BYTES
from store import grants
from store import statistics as store_statistics
from store.cards import MAX_ACTIVE
from store.db import reading, writing
from store.outcome import Outcome

MAX_GRANTS: Final = 200
MAX_STATISTICS_BYTES: Final = 65_536

v1 = Blueprint("people", __name__, url_prefix="/v1")


@v1.post("/grants")
def add_grants() -> tuple[Response, int]:
    """Store keys of envelopes for colleagues, in the asker's name."""
    sent = wire.items(request_body.read("grants")["grants"], MAX_GRANTS)
    if not sent:
        raise ApiRefusal(400, "bad_request")
    new = []
    for grant in sent:
        envelope_id, key_id, sealed = wire.fields(grant, "envelope_id", "key_id", "sealed")
        new.append(
            (
                wire.identifier(envelope_id),
                wire.identifier(key_id),
                wire.octets(sealed, SEALED_BYTES),
            )
        )
    with writing(api().engine) as conn:
        roster_actions.add_grants(conn, api().roster, asking_key(), new)
    return jsonify({}), 201


@v1.get("/grants")
def granted() -> Response:
    """Return the grants to the asking key above a number; the request is the same whatever the asker can open."""
    after = request_body.number_from_query("after", 0, 0, 2**62)
    with reading(api().engine) as conn:
        rows, more = grants.after(conn, asking_key(), after)
        upto = rows[-1].number if more else grants.times(conn, asking_key())
    entries = [
        {"number": row.number, "envelope": hex_id(row.envelope_id), "sealed": b64e(row.sealed)}
        for row in rows
    ]
    return jsonify(grants=entries, more=more, upto=upto)


@v1.post("/cards")
def enrol() -> tuple[Response, int]:
    """Enrol a newcomer whom the asker vouches for; from then on the keys page shows the card, for ever."""
    card = wire.octets(request_body.read("card")["card"])
    outcome = roster_actions.enrol(api().engine, api().roster, asking_key(), card, api().today())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201


@v1.post("/retirements")
def retire() -> tuple[Response, int]:
    """Retire a key: the asker's own, or as a lead anybody's."""
    note = wire.octets(request_body.read("retirement")["retirement"])
    with writing(api().engine) as conn:
        outcome = roster_actions.retire(conn, api().roster, asking_key(), note, api().today())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201


@v1.get("/numbers")
def statistics() -> Response:
    """Return the statistics that leads sealed to the key that asks."""
    with reading(api().engine) as conn:
        rows = store_statistics.for_key(conn, asking_key())
    return jsonify(
        numbers=[
            {"author": hex_id(row.author), "day": format_day(row.day), "sealed": b64e(row.sealed)}
            for row in rows
        ]
    )


@v1.put("/numbers")
def put_statistics() -> Response:
    """Put a lead's statistics for observers in place of all that this lead put before."""
    new = []
    for entry in wire.items(request_body.read("numbers")["numbers"], MAX_ACTIVE):
        key_id, sealed = wire.fields(entry, "key_id", "sealed")
        raw = wire.octets(sealed)
        if not 1 <= len(raw) <= MAX_STATISTICS_BYTES:
            raise ApiRefusal(400, "bad_request")
        new.append((wire.identifier(key_id), raw))
    with writing(api().engine) as conn:
        roster_actions.put_statistics(conn, api().roster, asking_key(), new, api().today())
    return jsonify({})
