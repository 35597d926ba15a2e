"""What a guest's key may ask: the cases with a grant to it, as if there were no others (docs/format.md, 8.3)."""

from __future__ import annotations

import secrets

import pytest

from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind
from tests.api.client import Caller
from tests.api.test_wrong_hands import CALLS, Scene, scene, snapshot  # noqa: F401
from tests.desk.world import Sent, World
from tests.support.site import Auditor

FOR_GUESTS = {
    ("GET", "/v1/changes"),
    ("GET", "/v1/site"),
    ("POST", "/v1/envelopes"),
    ("GET", "/v1/objects/<object_id>"),
    ("GET", "/v1/cases/<case>"),
    ("POST", "/v1/cases/<case>/envelopes"),
    ("GET", "/v1/grants"),
    ("POST", "/v1/retirements"),
    ("POST", "/v1/log/witness"),
}


@pytest.fixture
def guest(world: World) -> Auditor:
    """A lawyer outside, to whom nothing was given yet."""
    made = world.newcomer(0, duty="guest")
    world.enroll(made.card)
    return made


def record(
    caller: Caller, sent: Sent, who: Auditor, kind: Kind = Kind.RECORD, to: bytes = b""
) -> tuple[int, object]:
    """Send an envelope of a guest's; `to`: whom it is granted to, the guest where that is empty."""
    own = Caller(caller.world)
    own.identity = who.identity
    body = own.envelope_body(sent, kind, slots=caller.world.slots())
    grant = {"key_id": hex_id(to or who.card.key_id), "sealed": b64e(secrets.token_bytes(80))}
    if kind is Kind.RECORD:
        body = {**body, "grants": [grant]}
    answer = own.post(f"/api/v1/cases/{sent.case_id.hex()}/envelopes", body)
    return answer.status_code, answer.get_json().get("error")


@pytest.mark.parametrize(("method", "rule"), sorted(CALLS))
def test_a_guest_who_was_given_nothing(
    world: World,
    scene: Scene,  # noqa: F811
    guest: Auditor,
    method: str,
    rule: str,
) -> None:
    target, body = CALLS[method, rule](scene)
    before = snapshot(world)
    answer = scene.caller.send(scene.caller.signed(method, target, body, identity=guest.identity))
    told = answer.get_json()
    if (method, rule) not in FOR_GUESTS:
        assert (answer.status_code, told) == (403, {"error": "guest"})
    elif rule == "/v1/changes":
        assert (told["changes"], told["last"], told["granted"]) == ([], 0, 0)
    elif rule == "/v1/envelopes":
        assert told == {"envelopes": []}
    elif rule == "/v1/grants":
        assert told["grants"] == []
    elif rule == "/v1/site":
        assert told["received"] == []
    elif rule in ("/v1/retirements", "/v1/log/witness"):
        assert answer.status_code == 403
    else:
        assert (answer.status_code, told) == (404, {"error": "not_found"})
    assert snapshot(world) == before


def test_a_guest_sees_the_case_that_was_given_and_no_other(
    world: World, caller: Caller, guest: Auditor
) -> None:
    entry = world.attach(b"x" * 1000)
    sent, other = world.report(files=[entry], what_happened="x"), world.report()
    assert caller.status(sent, "investigating").status_code == 200
    assert caller.status(other, "investigating").status_code == 200
    given = caller.post("/api/v1/grants", caller.grants((sent.envelope_id, guest.identity)))
    assert given.status_code == 201
    own = Caller(world)
    own.identity = guest.identity
    feed = own.get("/api/v1/changes?after=0").get_json()
    assert {change["case"] for change in feed["changes"]} == {sent.case_id.hex()}
    assert feed["last"] == feed["changes"][-1]["seq"] and feed["granted"] == 1
    ids = {"ids": [sent.envelope_id.hex(), other.envelope_id.hex()]}
    (only,) = own.post("/api/v1/envelopes", ids).get_json()["envelopes"]
    assert only["id"] == sent.envelope_id.hex() and len(only["grants"]) == 1
    assert own.get(f"/api/v1/objects/{entry['object']}").status_code == 200
    assert own.get(f"/api/v1/cases/{sent.case_id.hex()}").status_code == 200
    assert own.get(f"/api/v1/cases/{other.case_id.hex()}").status_code == 404


def test_a_guest_adds_records_alone_and_to_the_given_case_alone(
    world: World, caller: Caller, guest: Auditor
) -> None:
    world.attach(b"x")  # the files' own database is compared too
    sent, other = world.report(), world.report()
    assert caller.post("/api/v1/grants", caller.grants((sent.envelope_id, guest.identity))).status_code == 201
    before = snapshot(world)
    assert record(caller, sent, guest, Kind.TO_REPORTER) == (403, "guest")
    assert record(caller, other, guest) == (404, "not_found")
    assert record(caller, sent, guest, to=world.auditors[1].card.key_id) == (400, "grants")
    assert snapshot(world) == before
    assert record(caller, sent, guest) == (201, None)


def test_a_guest_learns_of_a_deletion(world: World, caller: Caller, guest: Auditor) -> None:
    """With the case its grants are gone: without this the copy at the guest's desk would stay."""
    sent = world.report()
    assert caller.post("/api/v1/grants", caller.grants((sent.envelope_id, guest.identity))).status_code == 201
    assert Caller(world, 2).delete(sent).status_code == 201
    assert (
        caller.post(f"/api/v1/cases/{sent.case_id.hex()}/agreement", caller.agreement(sent)).status_code
        == 201
    )
    own = Caller(world)
    own.identity = guest.identity
    changes = own.get("/api/v1/changes?after=0").get_json()["changes"]
    assert {change["case"] for change in changes} == {sent.case_id.hex()}
    assert changes[-1]["what"] == "deleted"


def test_nothing_is_granted_to_an_observer(world: World, caller: Caller, observer: Auditor) -> None:
    sent = world.report()
    answer = caller.post("/api/v1/grants", caller.grants((sent.envelope_id, observer.identity)))
    assert (answer.status_code, answer.get_json()) == (409, {"error": "recipients"})
