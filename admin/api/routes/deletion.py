"""Routes about deleting a case."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection

from admin.api import deletion, request_body
from admin.api.auth import asking_key
from admin.api.context import api
from admin.api.log_actions import LeafTaken, take_leaf
from admin.api.routes.cases import promised
from crypto import wire
from crypto.messages import SIGNATURE_BYTES
from store.db import writing
from store.outcome import Outcome

v1 = Blueprint("deletion", __name__, url_prefix="/v1")


@v1.post("/cases/<case>/deletion")
def propose(case: str) -> tuple[Response, int]:
    """Propose to delete a case."""
    new = _signed(case, request_body.read("day", "sig", "act_sig"))
    with writing(api().engine) as conn:
        outcome = deletion.propose(conn, api().roster, new, api().today())
    return _kept(outcome)


@v1.post("/cases/<case>/agreement")
def agree(case: str) -> tuple[Response, int]:
    """Agree to another person's proposal: then the case is gone."""
    here, (sent, leaf) = api(), request_body.read_act("proposal", "day", "sig", "act_sig")
    proposal = wire.octets(sent["proposal"], 32)
    new = _signed(case, sent)
    taken: list[LeafTaken | None] = [None]

    def with_leaf(conn: Connection, outcome: Outcome) -> None:
        taken[0] = take_leaf(conn, here.roster, leaf, outcome, here.today())

    outcome = deletion.agree(
        here.engine, here.roster, here.objects, new, proposal, here.today(), also=with_leaf
    )
    return jsonify(promised(taken[0])), 200 if outcome is Outcome.REPEAT else 201


@v1.post("/cases/<case>/keep")
def keep(case: str) -> tuple[Response, int]:
    """Withdraw a proposal."""
    new = _signed(case, request_body.read("day", "sig", "act_sig"))
    with writing(api().engine) as conn:
        outcome = deletion.withdraw(conn, api().roster, new, api().today())
    return _kept(outcome)


def _kept(outcome: Outcome) -> tuple[Response, int]:
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201


def _signed(case: str, sent: Mapping[str, object]) -> deletion.SignedStep:
    return deletion.SignedStep(
        wire.identifier(case),
        asking_key(),
        request_body.a_day(sent["day"]),
        wire.octets(sent["sig"], SIGNATURE_BYTES),
        wire.octets(sent["act_sig"], SIGNATURE_BYTES),
    )
