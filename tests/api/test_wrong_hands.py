"""Every call of the API in wrong hands: refused, and nothing changes. A route that is not in the table fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import insert, select
from werkzeug.test import Client

from admin.api import create_api
from crypto import cards as crypto_cards
from crypto import messages
from crypto.encoding import b64e, canonical_json
from crypto.identity import new_identity
from crypto.log_witness import make_witness
from crypto.register import NONE_BEFORE, seal_register
from store import db, tables
from tests.api.client import Caller, Signed
from tests.desk.world import Sent, World
from tests.support.roster import stored_roster
from tests.support.site import Auditor
from tests.support.stored import stored_objects


@dataclass(frozen=True)
class Scene:
    """What a call needs: a case with a file and another person's proposal, one without, a newcomer, an observer."""

    caller: Caller
    sent: Sent
    other: Sent
    object_id: str
    newcomer: Auditor
    observer: Auditor

    @property
    def case(self) -> str:
        return f"/api/v1/cases/{self.sent.case_id.hex()}"


Call = Callable[[Scene], tuple[str, Mapping[str, Any] | None]]


def deletion(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    text = messages.delete_text(scene.other.case_id, scene.caller.identity.key_id, scene.caller.world.day)
    return f"/api/v1/cases/{scene.other.case_id.hex()}/deletion", scene.caller.act(scene.other, text)


def agreement(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    return f"{scene.case}/agreement", scene.caller.agreement(scene.sent)


def keep(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    text = messages.keep_text(scene.sent.case_id, scene.caller.identity.key_id, scene.caller.world.day)
    return f"{scene.case}/keep", scene.caller.act(scene.sent, text)


def answer(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    observer = scene.observer.identity.key_id
    slots = [slot for slot in scene.caller.world.slots() if slot.key_id != observer]
    return f"{scene.case}/envelopes", scene.caller.envelope_body(scene.sent, slots=slots)


def decision(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    observer = scene.observer.identity.key_id
    slots = [slot for slot in scene.caller.world.slots() if slot.key_id != observer]
    return f"{scene.case}/decision", scene.caller.decision_body(scene.sent, slots=slots)


def numbers(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    one = {"key_id": scene.observer.identity.key_id.hex(), "sealed": b64e(b"numbers")}
    return "/api/v1/numbers", {"numbers": [one]}


def reading_journal(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    return "/api/v1/readings", {"journal": b64e(scene.caller.journal().encode())}


def register_record(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    observer = scene.observer.identity.key_id
    slots = [slot for slot in scene.caller.world.slots() if slot.key_id != observer]
    world, own = scene.caller.world, scene.caller.identity
    who = (own.key_id, own.sign_seed)
    prefix = world.listing.prefix()
    entry = {"type": "readers"}
    sealed = seal_register(entry, (1, NONE_BEFORE), None, who, world.day, prefix, slots, world.salt)
    return "/api/v1/register", {"record": b64e(sealed.raw)}


def witness(scene: Scene) -> tuple[str, Mapping[str, Any]]:
    who, salt = scene.caller.identity, scene.caller.world.salt
    return "/api/v1/log/witness", {
        "witness": b64e(make_witness(salt, who.key_id, who.seed, who.sign_seed).encode())
    }


CALLS: Final[dict[tuple[str, str], Call]] = {
    ("GET", "/v1/changes"): lambda _scene: ("/api/v1/changes?after=0", None),
    ("GET", "/v1/site"): lambda _scene: ("/api/v1/site", None),
    ("POST", "/v1/envelopes"): lambda scene: (
        "/api/v1/envelopes",
        {"ids": [scene.sent.envelope_id.hex()]},
    ),
    ("GET", "/v1/objects/<object_id>"): lambda scene: (f"/api/v1/objects/{scene.object_id}", None),
    ("GET", "/v1/cases/<case>"): lambda scene: (scene.case, None),
    ("POST", "/v1/cases/<case>/status"): lambda scene: (
        f"{scene.case}/status",
        scene.caller.status_body(scene.sent, "investigating"),
    ),
    ("POST", "/v1/cases/<case>/envelopes"): answer,
    ("POST", "/v1/cases/<case>/decision"): decision,
    ("POST", "/v1/cases/<case>/deletion"): deletion,
    ("POST", "/v1/cases/<case>/agreement"): agreement,
    ("POST", "/v1/cases/<case>/keep"): keep,
    ("POST", "/v1/grants"): lambda scene: (
        "/api/v1/grants",
        scene.caller.grants((scene.sent.envelope_id, scene.caller.world.auditors[1].identity)),
    ),
    ("GET", "/v1/grants"): lambda _scene: ("/api/v1/grants?after=0", None),
    ("POST", "/v1/cards"): lambda scene: ("/api/v1/cards", {"card": b64e(scene.newcomer.card.encode())}),
    ("POST", "/v1/retirements"): lambda scene: (
        "/api/v1/retirements",
        scene.caller.retirement(scene.caller.world.auditors[1].identity),
    ),
    ("GET", "/v1/readings"): lambda _scene: ("/api/v1/readings?after=0", None),
    ("POST", "/v1/readings"): reading_journal,
    ("GET", "/v1/register"): lambda _scene: ("/api/v1/register?after=0", None),
    ("POST", "/v1/register"): register_record,
    ("POST", "/v1/log/witness"): witness,
    ("GET", "/v1/numbers"): lambda _scene: ("/api/v1/numbers", None),
    ("PUT", "/v1/numbers"): numbers,
}
FOR_OBSERVERS: Final = {
    ("GET", "/v1/site"),
    ("GET", "/v1/numbers"),
    ("POST", "/v1/retirements"),
    ("POST", "/v1/log/witness"),
}
READS: Final = {("POST", "/v1/envelopes")}
"""Calls that change nothing although they are no GET."""
NO_NAME: Final = {
    ("POST", "/v1/grants"),
    ("POST", "/v1/cases/<case>/envelopes"),
    ("POST", "/v1/register"),
}
"""What carries no author that the server could read: a grant is the asker's own, an envelope's author is sealed and
checked by anyone who opens it."""


def routes(world: World) -> set[tuple[str, str]]:
    rules = create_api(world.settings, world.engine, lambda: world.day).url_map.iter_rules()
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD"}}


@pytest.fixture
def scene(world: World, caller: Caller, observer: Auditor) -> Scene:
    entry = world.attach(b"x" * 1000)
    sent = world.report(files=[entry], what_happened="x")
    assert Caller(world, 2).delete(sent).status_code == 201
    return Scene(caller, sent, world.report(), str(entry["object"]), world.newcomer(0), observer)


def snapshot(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables but the nonces, and all files."""
    there: dict[str, list[tuple[object, ...]]] = {"files": [*sorted(stored_objects(world.engine).items())]}
    with db.reading(world.engine) as conn:
        for table in tables.Base.metadata.sorted_tables:
            if table is not tables.nonce:
                rows = conn.execute(select(table).order_by(*table.primary_key.columns))
                there[table.name] = [tuple(row) for row in rows]
    return there


def test_every_route_is_in_the_table(world: World) -> None:
    assert routes(world) == set(CALLS)


def wrong_requests(scene: Scene, method: str, call: Call) -> dict[str, Signed]:
    """Return requests that are each wrong in one thing; the key says in which."""
    caller, world = scene.caller, scene.caller.world
    target, body = call(scene)
    good = caller.signed(method, target, body)
    sent = canonical_json(body) if body is not None else None
    second = world.auditors[1].identity
    name, day, _nonce, sig = good.authorization.split(".")
    forged = caller.signed(method, target, sent, identity=second).authorization.split(".", 1)[1]
    found = {
        "no key": good.other(authorization=""),
        "a stranger's key": caller.signed(method, target, sent, identity=new_identity()),
        "another auditor's signature": good.other(authorization=f"{name}.{forged}"),
        "signed for the day before yesterday": caller.signed(
            method, target, sent, day=world.day - timedelta(days=2)
        ),
        "signed for another site": caller.signed(method, target, sent, salt=bytes(16)),
        "another target": good.other(target=f"{target}{'&' if '?' in target else '?'}x=1"),
        "another method": good.other(method="POST" if method != "POST" else "PUT"),
        "another nonce": good.other(authorization=f"{name}.{day}.{b64e(bytes(16))}.{sig}"),
        "another body": good.other(body=(good.body or b"{}").replace(b'":', b'": ', 1) or b"{} "),
    }
    if body is None:
        found["another body"] = good.other(body=b"{}")
    return found


@pytest.mark.parametrize(("method", "rule"), sorted(CALLS))
def test_a_call_in_wrong_hands(world: World, scene: Scene, method: str, rule: str) -> None:
    call, caller = CALLS[method, rule], scene.caller
    before = snapshot(world)
    for what, request in wrong_requests(scene, method, call).items():
        answer = caller.send(request)
        assert (answer.status_code, answer.get_json()) == (401, {"error": "unauthorized"}), what
        assert snapshot(world) == before, what
    # An act in another person's name, in a request that is rightly signed: the second auditor sends the first's body.
    target, body = call(scene)
    if method != "GET" and (method, rule) not in READS | NO_NAME:
        answer = caller.send(caller.signed(method, target, body, identity=world.auditors[1].identity))
        assert answer.status_code == 403 and snapshot(world) == before
    if (method, rule) not in FOR_OBSERVERS:
        answer = caller.send(caller.signed(method, target, body, identity=scene.observer.identity))
        assert (answer.status_code, answer.get_json()) == (403, {"error": "observer"})
        assert snapshot(world) == before


@pytest.mark.parametrize(("method", "rule"), sorted(CALLS))
def test_a_retired_key_and_a_replay(world: World, scene: Scene, method: str, rule: str) -> None:
    caller = scene.caller
    target, body = CALLS[method, rule](scene)
    good = caller.signed(method, target, body)
    # The right request does something, so that "nothing changed" above means something; once.
    before = snapshot(world)
    assert caller.send(good).status_code in (200, 201)
    after = snapshot(world)
    assert (after != before) == (method != "GET" and (method, rule) not in READS), rule
    for client in (caller.client, Client(world.wsgi(), use_cookies=False)):
        caller.client = client
        assert caller.send(good).status_code == 401
        assert snapshot(world) == after
    world.retire(0, by=0)  # a lead's own word: the list takes no auditor's about a lead
    retired = snapshot(world)
    answer = caller.send(caller.signed(method, target, body))
    assert (answer.status_code, answer.get_json()) == (401, {"error": "unauthorized"})
    assert snapshot(world) == retired


def test_a_row_that_is_only_written_into_the_database_may_ask_for_nothing_and_stops_no_answer(
    world: World, caller: Caller
) -> None:
    """The API took every stored card for an auditor's; the site, the reporter's page and desks take what fits."""
    stranger = world.newcomer(0)
    forged = crypto_cards.vouch(
        stranger.card, world.auditors[0].card.key_id, world.auditors[1].identity.sign_seed
    )
    sent = world.report()
    world.enroll(forged)
    answer = caller.send(caller.signed("GET", "/api/v1/changes", identity=stranger.identity))
    assert (answer.status_code, answer.get_json()) == (401, {"error": "unauthorized"})
    # A desk seals to the list that it has checked; it was refused with 409, and no reporter could be answered.
    with db.reading(world.engine) as conn:
        slots = stored_roster(conn, world.secrets.first_card).slots([])
    assert caller.envelope(sent, **caller.envelope_body(sent, slots=slots)).status_code == 201
    # The control: the same person, truly vouched for.
    true = world.newcomer(0)
    world.enroll(true.card)
    assert caller.send(caller.signed("GET", "/api/v1/changes", identity=true.identity)).status_code == 200


@pytest.mark.parametrize("duty", ["observer", "auditor"])
def test_a_first_card_that_the_secret_file_does_not_name_is_nobodys(
    world: World, caller: Caller, duty: str
) -> None:
    """In front of the list: the first card was a lead's, whatever it said."""
    stranger = world.newcomer(0, duty)
    own = replace(stranger.card, voucher=None, voucher_sig=None)
    row = {"seq": 0, "key_id": own.key_id, "person": own.person, "raw": own.encode()}
    with db.writing(world.engine) as conn:
        conn.execute(insert(tables.card), row | {"enrolled_day": world.day})
    for client in (caller.client, Client(world.wsgi(), use_cookies=False)):
        caller.client = client
        answer = caller.send(caller.signed("GET", "/api/v1/site", identity=stranger.identity))
        assert (answer.status_code, answer.get_json()) == (401, {"error": "unauthorized"})
        assert caller.get("/api/v1/site").status_code == 200
