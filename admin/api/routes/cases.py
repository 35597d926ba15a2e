"""The API's routes, below `/api`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from admin.api import case_actions, log_actions, request_body
from admin.api.auth import asking_key, asking_role, guest_key
from admin.api.context import api
from admin.api.refusals import ApiRefusal
from cases import roles, totals
from cases.days import format_day
from crypto import wire
from crypto.encoding import b64e, hex_id
from crypto.envelope import SEALED_BYTES
from crypto.messages import SIGNATURE_BYTES
from store import cases as store_cases
from store import feed, grants, guests, register, statistics
from store.db import reading, writing
from store.outcome import Outcome

MAX_IDS: Final = 50
MAX_SEQUENCE: Final = 2**32 - 1
_STATUS: Final = ("sequence", "status", "day", "sig", "act_sig")
_ENVELOPE: Final = ("envelope", "act_sig", "grants")

v1 = Blueprint("v1", __name__, url_prefix="/v1")


@v1.get("/changes")
def changes() -> Response:
    """Return what happened after a place in the feed, oldest first; no sealed bytes."""
    after = request_body.number_from_query("after", 0, 0, 2**62)
    limit = request_body.number_from_query("limit", 500, 1, feed.MAX_LIMIT)
    with reading(api().engine) as conn:
        rows = feed.after(conn, after, limit, guest_key())
        last, granted = feed.last(conn, guest_key()), grants.times(conn, asking_key())
        newest, own_hash = register.last(conn) if guest_key() is None else register.NOTHING
    more = bool(rows) and rows[-1].seq < last
    told = [_change(row) for row in rows]
    there = {"number": newest, "hash": own_hash.hex()}
    return jsonify(changes=told, more=more, last=last, granted=granted, register=there)


@v1.get("/site")
def site() -> Response:
    """Return what the site's operator has set that a desk counts with, and how many reports came in past years."""
    facts = api().facts
    return jsonify(designated=facts.designated, promises=asdict(facts.promises), received=_received())


def _received() -> list[dict[str, object]]:
    """Return the totals of past years: the same for every key that reads reports, and none for an observer's, who gets
    numbers from a lead only, small ones hidden."""
    if not roles.reads_reports(asking_role()):
        return []
    with reading(api().engine) as conn:
        years = totals.by_year(statistics.received(conn), api().today())
    return [
        {"year": format_day(year.first), "received": year.received, "deleted": year.deleted} for year in years
    ]


@v1.post("/envelopes")
def envelopes() -> Response:
    """Return sealed envelopes by id, each with the grants to the key that asks; ids that are not there are left
    out.
    """
    ids = [wire.identifier(value) for value in wire.items(request_body.read("ids")["ids"], MAX_IDS)]
    with reading(api().engine) as conn:
        if (guest := guest_key()) is not None:
            ids = guests.envelopes_of(conn, guest, ids)
        rows = feed.envelopes(conn, ids, asking_key()) if ids else []
    return jsonify(
        envelopes=[
            {
                "id": hex_id(row.envelope_id),
                "raw": b64e(row.raw),
                "grants": [b64e(sealed) for sealed in row.grants],
            }
            for row in rows
        ]
    )


@v1.get("/objects/<object_id>")
def one_object(object_id: str) -> Response:
    """Return up to 1 MiB of a sealed file that an envelope names, from `offset` on, and its whole length."""
    offset = request_body.number_from_query("offset", 0, 0, 2**62)
    wanted = wire.identifier(object_id)
    if (guest := guest_key()) is not None:
        with reading(api().engine) as conn:
            if not guests.has_object(conn, guest, wanted):
                raise ApiRefusal(404, "not_found")
    try:
        data, total = api().objects.read_named(wanted, offset)
    except KeyError:
        raise ApiRefusal(404, "not_found") from None
    return Response(data, mimetype="application/octet-stream", headers={"Meyasubako-Length": str(total)})


@v1.get("/cases/<case>")
def one_case(case: str) -> Response:
    """Return what the server knows of a case. Not the mailbox's key: desks take it from the signed report
    only.
    """
    case_id = wire.identifier(case)
    with reading(api().engine) as conn:
        row = case_actions.case_of(conn, case_id, guest_key())
        statuses = store_cases.statuses(conn, case_id)
    return jsonify(
        case=hex_id(case_id),
        received=format_day(row.received_day),
        statuses=[wire.status_fields(status) for status in statuses],
    )


@v1.post("/cases/<case>/status")
def set_status(case: str) -> Response:
    """Set a status, signed by its author and with the access proof of the report."""
    here, (sent, leaf) = api(), request_body.read_act(*_STATUS)
    new = _status(wire.identifier(case), sent)
    with writing(here.engine) as conn:
        outcome = case_actions.set_status(conn, here.roster, new, here.today())
        taken = log_actions.take_leaf(conn, here.roster, leaf, outcome, here.today())
    return jsonify(repeat=outcome is Outcome.REPEAT, **promised(taken))


@v1.post("/cases/<case>/envelopes")
def add_envelope(case: str) -> tuple[Response, int]:
    """Store an answer to the reporter or a record of the auditors."""
    here, (sent, leaf) = api(), request_body.read_act(*_ENVELOPE)
    new = _envelope(wire.identifier(case), sent)
    with writing(here.engine) as conn:
        outcome = case_actions.add_envelope(conn, here.roster, new, here.today(), guest_key())
        taken = log_actions.take_leaf(conn, here.roster, leaf, outcome, here.today())
    return _stored(outcome, **promised(taken))


@v1.post("/cases/<case>/decision")
def decide(case: str) -> tuple[Response, int]:
    """Set a status and store the envelopes that belong to it, in one transaction: all of it or nothing."""
    here, case_id, sent = api(), wire.identifier(case), request_body.read("status", "envelopes")
    status, *leaves = request_body.without_leaf(sent["status"])
    envelopes = []
    for part in wire.items(sent["envelopes"], len(case_actions.KINDS)):
        envelope, leaf = request_body.without_leaf(part)
        envelopes.append(envelope)
        leaves.append(leaf)
    if not envelopes:
        raise ApiRefusal(400, "bad_request")
    new = case_actions.NewDecision(
        _status(case_id, status), tuple(_envelope(case_id, envelope) for envelope in envelopes)
    )
    with writing(here.engine) as conn:
        outcome = case_actions.decide(conn, here.roster, new, here.today())
        taken = [
            log_actions.take_leaf(conn, here.roster, leaf, outcome, here.today()) for leaf in leaves if leaf
        ]
    promises = [promised(part)["promise"] for part in taken if promised(part)]
    return _stored(outcome, **({"promises": promises} if promises else {}))


def promised(taken: log_actions.LeafTaken | None) -> dict[str, Any]:
    """Return what an answer says of the leaf of its act: the promise; nothing without one."""
    sign = api().sign
    return {} if taken is None or sign is None else {"promise": log_actions.promise(sign, taken)}


def _status(case_id: bytes, sent: object) -> case_actions.NewStatus:
    sequence, status, day, sig, act_sig = wire.fields(sent, *_STATUS)
    return case_actions.NewStatus(
        case_id,
        wire.number(sequence, 1, MAX_SEQUENCE),
        wire.text(status),
        request_body.a_day(day),
        asking_key(),
        wire.octets(sig, SIGNATURE_BYTES),
        wire.octets(act_sig, SIGNATURE_BYTES),
    )


def _envelope(case_id: bytes, sent: object) -> case_actions.NewEnvelope:
    raw, act_sig, grants = wire.fields(sent, *_ENVELOPE)
    return case_actions.NewEnvelope(
        case_id,
        asking_key(),
        wire.octets(raw),
        wire.octets(act_sig, SIGNATURE_BYTES),
        tuple(_grant(grant) for grant in wire.items(grants, 1)),
    )


def _stored(outcome: Outcome, **more: Any) -> tuple[Response, int]:
    repeat = outcome is Outcome.REPEAT
    return jsonify(repeat=repeat, **more), 200 if repeat else 201


def _grant(sent: object) -> tuple[bytes, bytes]:
    key_id, sealed = wire.fields(sent, "key_id", "sealed")
    return wire.identifier(key_id), wire.octets(sealed, SEALED_BYTES)


def _change(row: feed.FeedRow) -> dict[str, Any]:
    head = {"seq": row.seq, "case": hex_id(row.case_id), "what": row.what, "day": format_day(row.day)}
    if row.deletion is not None:
        return {**head, "acts": _acts(row)}
    change: dict[str, Any] = {
        "envelope": hex_id(row.envelope_id) if row.envelope_id else None,
        "kind": row.kind,
        "size": row.size,
        "sequence": row.sequence,
        "status": row.status,
        "author": hex_id(row.author) if row.author else None,
        "sig": b64e(row.sig) if row.sig else None,
        "act_sig": b64e(row.act_sig) if row.act_sig else None,
    }
    return head | {name: value for name, value in change.items() if value is not None}


def _acts(row: feed.FeedRow) -> list[dict[str, str]]:
    """Return who signed about deleting a case: one, or for a deletion both, who proposed it first."""
    first = (row.first_author, row.first_day, row.first_sig, row.first_act_sig)
    return [
        {"author": hex_id(author), "day": format_day(day), "sig": b64e(sig), "act_sig": b64e(act_sig)}
        for author, day, sig, act_sig in (first, (row.author, row.day, row.sig, row.act_sig))
        if author is not None and day is not None and sig is not None and act_sig is not None
    ]
