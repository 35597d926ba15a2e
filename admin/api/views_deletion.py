"""Routes about deleting a case."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from admin.api import body, deletion
from admin.api.auth import asking_key
from admin.api.context import api
from store.db import writing
from store.outcome import Outcome

v1 = Blueprint("deletion", __name__, url_prefix="/v1")


@v1.post("/cases/<case>/deletion")
def delete(case: str) -> tuple[Response, int]:
    """Propose to delete a case, or agree to another person's proposal: then it is gone."""
    here = api()
    found = deletion.propose_or_agree(here.engine, here.objects, _signed(case), here.today())
    return jsonify(deleted=found.deleted), 200 if found.outcome is Outcome.REPEAT else 201


@v1.post("/cases/<case>/keep")
def keep(case: str) -> tuple[Response, int]:
    """Withdraw a proposal."""
    new = _signed(case)
    with writing(api().engine) as conn:
        outcome = deletion.withdraw(conn, new, api().today())
    return jsonify({}), 200 if outcome is Outcome.REPEAT else 201


def _signed(case: str) -> deletion.Signed:
    sent = body.read("day", "sig", "act_sig")
    return deletion.Signed(
        body.an_id(case),
        asking_key(),
        body.a_day(sent["day"]),
        body.some_bytes(sent["sig"], body.SIGNATURE_BYTES),
        body.some_bytes(sent["act_sig"], body.SIGNATURE_BYTES),
    )
