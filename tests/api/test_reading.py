"""What a desk fetches: changes in order, sealed envelopes, the grants to its own key only."""

from __future__ import annotations

import os
from typing import Any

import pytest

from crypto.encoding import b64d
from crypto.unseal import unseal
from store import tables
from store.db import writing
from store.objects import MAX_PIECE, Objects
from tests.api.client import Caller
from tests.desk.world import Sent, World


def test_changes_are_told_once_and_in_order(world: World, caller: Caller) -> None:
    reports = [world.report() for _ in range(5)]
    world.from_reporter(reports[1], {"message": "続き"})
    assert caller.status(reports[0], "investigating").status_code == 200
    first = caller.get("/api/v1/changes?after=0&limit=4").get_json()
    assert first["more"] is True and len(first["changes"]) == 4
    rest = caller.get(f"/api/v1/changes?after={first['changes'][-1]['seq']}").get_json()
    assert rest["more"] is False
    told: list[dict[str, Any]] = first["changes"] + rest["changes"]
    assert [one["what"] for one in told] == ["report"] * 5 + ["message", "status"]
    assert [one["seq"] for one in told] == sorted({one["seq"] for one in told})
    assert [one["case"] for one in told[:5]] == [one.case_id.hex() for one in reports]
    assert set(told[0]) == {"seq", "case", "what", "day", "envelope", "kind", "size"}
    assert set(told[6]) == {"seq", "case", "what", "day", "sequence", "status", "author", "sig", "act_sig"}
    assert told[6]["author"] == caller.identity.key_id.hex()
    assert caller.get(f"/api/v1/changes?after={told[-1]['seq']}").get_json() == {
        "changes": [],
        "more": False,
        "last": told[-1]["seq"],
        "granted": 0,
        "register": {"number": 0, "hash": "00" * 32},
    }


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=01",
        "after=1.0",
        "after=1&after=2",
        "limit=0",
        "limit=1001",
        "after=９",
        "after=",
    ],
)
def test_odd_questions_are_refused(caller: Caller, query: str) -> None:
    from urllib.parse import quote

    target = "/api/v1/changes?" + quote(query, safe="=&")
    assert caller.get(target).status_code == 400


def test_an_envelope_opens_for_whom_it_is_sealed_to(world: World, caller: Caller, sent: Sent) -> None:
    answer = caller.post("/api/v1/envelopes", {"ids": [sent.envelope_id.hex(), bytes(16).hex()]}).get_json()
    (found,) = answer["envelopes"]
    assert found["id"] == sent.envelope_id.hex() and found["grants"] == []
    who = caller.identity
    opened = unseal(b64d(found["raw"]), who.box_sk, who.box_pk, who.key_id)
    assert opened.payload["what_happened"] == "印のついた文 MARKER-7"


def test_grants_go_to_their_own_reader_only(world: World, caller: Caller, sent: Sent) -> None:
    second = world.auditors[1].identity
    with writing(world.engine) as conn:
        row = {
            "envelope_id": sent.envelope_id,
            "key_id": second.key_id,
            "granter": bytes(16),
            "sealed": b"s" * 80,
        }
        conn.execute(tables.grant.insert(), row)
    ids = {"ids": [sent.envelope_id.hex()]}
    assert caller.post("/api/v1/envelopes", ids).get_json()["envelopes"][0]["grants"] == []
    found = Caller(world, 1).post("/api/v1/envelopes", ids).get_json()["envelopes"][0]["grants"]
    assert [b64d(one) for one in found] == [b"s" * 80]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"ids":null}',
        b'{"ids":"x"}',
        b'{"ids":[1]}',
        b'{"ids":["xyz"]}',
        b'{"ids":[],"more":1}',
        b'{"ids":[],"ids":[]}',
        b'{"ids": []}',
        b'{"ids":[]}\n',
        b"\xff",
        b'{"ids":[' + b",".join([b'"' + b"0" * 32 + b'"'] * 51) + b"]}",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_exactly_right_is_refused(caller: Caller, body: bytes) -> None:
    request = caller.signed("POST", "/api/v1/envelopes", body)
    answer = caller.send(request)
    assert answer.status_code in (400, 415) and answer.get_json()["error"] in (
        "bad_request",
        "unsupported_media_type",
    )


def test_other_kinds_of_content_are_refused(caller: Caller) -> None:
    request = caller.signed("POST", "/api/v1/envelopes", b'{"ids":[]}')
    assert caller.send(request.other(content_type="text/plain")).status_code == 415
    assert caller.send(caller.signed("POST", "/api/v1/envelopes?x=1", b'{"ids":[]}')).status_code == 400
    assert caller.post("/api/v1/envelopes", {"ids": []}).get_json() == {"envelopes": []}


def test_a_case_is_told_without_the_mailboxs_key(caller: Caller, sent: Sent) -> None:
    assert caller.status(sent, "not_investigating").status_code == 200
    found = caller.get(f"/api/v1/cases/{sent.case_id.hex()}").get_json()
    assert (
        set(found) == {"case", "received", "statuses"} and found["received"] == caller.world.day.isoformat()
    )
    assert [one["status"] for one in found["statuses"]] == ["not_investigating"]


def test_a_sealed_file_is_handed_out_once_an_envelope_names_it(world: World, caller: Caller) -> None:
    objects, object_id, data = (
        Objects(world.engine, 10**7, 10**8),
        os.urandom(16),
        os.urandom(MAX_PIECE + 500_000),
    )
    target = f"/api/v1/objects/{object_id.hex()}?offset="
    for offset in (0, MAX_PIECE):
        objects.put_piece(object_id, len(data), offset, data[offset : offset + MAX_PIECE], world.day)
    assert caller.get(target + "0").status_code == 404
    sent = world.report()
    with writing(world.engine) as conn:
        conn.execute(tables.object_name.insert(), {"object_id": object_id, "envelope_id": sent.envelope_id})
    for offset in (0, 7, MAX_PIECE, len(data)):
        answer = caller.get(target + str(offset))
        assert answer.status_code == 200 and answer.mimetype == "application/octet-stream"
        assert answer.data == data[offset : offset + MAX_PIECE]
        assert answer.headers["Meyasubako-Length"] == str(len(data))
    assert caller.client.get(target + "0").status_code == 401
    assert caller.get(f"/api/v1/objects/{bytes(16).hex()}").status_code == 404
    assert caller.get(target + "-1").status_code == 400
