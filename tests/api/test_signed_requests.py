"""Only enrolled auditors are answered, each request once; whatever is wrong, the answer is the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import Client, TestResponse

from crypto.encoding import b64e
from crypto.identity import new_identity
from store import db, feed
from tests.api.client import Caller, Signed
from tests.desk.world import Sent, World

CHANGES = "/api/v1/changes?after=0"


def refused(answer: TestResponse) -> bool:
    return answer.status_code == 401 and answer.get_json() == {"error": "unauthorized"}


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_signed_request_is_answered_a_day_early_and_late(caller: Caller, sent: Sent, days: int) -> None:
    day = caller.world.day + timedelta(days=days)
    assert caller.send(caller.signed("GET", CHANGES, day=day)).status_code == 200


@pytest.mark.parametrize("days", [-2, 2, 400])
def test_another_day_is_refused(caller: Caller, days: int) -> None:
    assert refused(caller.send(caller.signed("GET", CHANGES, day=caller.world.day + timedelta(days=days))))


def test_a_replay_is_refused_also_by_another_process(world: World, caller: Caller) -> None:
    request = caller.signed("GET", CHANGES)
    assert caller.send(request).status_code == 200
    assert refused(caller.send(request))
    assert refused(Caller(world).send(request))
    world.day += timedelta(days=1)
    assert refused(Caller(world).send(request))


def test_a_signature_holds_for_one_request_only(caller: Caller, sent: Sent) -> None:
    body = caller.status_body(sent, "investigating")
    target = f"/api/v1/cases/{sent.case_id.hex()}/status"
    request = caller.signed("POST", target, body)
    before = changes_of(caller.world)
    for other in (
        request.other(method="PUT"),
        request.other(target=target + "?x=1"),
        request.other(target=f"/api/v1/cases/{bytes(16).hex()}/status"),
        request.other(target="/api/v1/envelopes"),
        request.other(body=request.body.replace(b"investigating", b"not_investigating")),
        request.other(body=request.body + b" "),
        request.other(body=b""),
    ):
        assert refused(caller.send(other)), other.target
    assert changes_of(caller.world) == before
    # None of them used up the request's nonce: it is still good, once.
    assert caller.send(request).status_code == 200


def test_other_keys_are_refused(world: World, caller: Caller) -> None:
    stranger = new_identity()
    assert refused(caller.send(caller.signed("GET", CHANGES, identity=stranger)))
    # A stranger's signature under an enrolled auditor's name.
    forged = caller.signed("GET", CHANGES, identity=stranger).authorization.split(".", 1)
    mine = f"Meyasubako {caller.identity.key_id.hex()}"
    assert refused(caller.send(Signed("GET", CHANGES, b"", f"{mine}.{forged[1]}")))
    assert refused(caller.send(caller.signed("GET", CHANGES, salt=bytes(16))))


def test_a_retired_key_is_refused_from_the_next_request_on(world: World, caller: Caller) -> None:
    second = Caller(world, 1)
    assert second.get(CHANGES).status_code == 200
    world.retire(1, by=0)
    assert refused(second.get(CHANGES))
    assert caller.get(CHANGES).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: "",
        lambda good: good.replace("Meyasubako ", "Bearer "),
        lambda good: good.replace("Meyasubako ", ""),
        lambda good: good + ".x",
        lambda good: good.rsplit(".", 1)[0],
        lambda good: good.replace("-", "", 1),
        lambda good: good.upper(),
        lambda good: good + "=",
        lambda good: "Meyasubako " + "a" * 5000,
        lambda good: "Meyasubako é.é.é.é",
    ],
)
def test_a_malformed_header_is_refused(caller: Caller, spoil: Callable[[str], str]) -> None:
    request = caller.signed("GET", CHANGES)
    assert refused(caller.send(request.other(authorization=spoil(request.authorization))))


def test_a_short_nonce_is_refused(caller: Caller) -> None:
    key_id, day, _nonce, sig = caller.signed("GET", CHANGES).authorization.split(".")
    header = f"{key_id}.{day}.{b64e(b'12345678')}.{sig}"
    assert refused(caller.send(Signed("GET", CHANGES, b"", header)))


def test_odd_addresses_are_refused_like_others(caller: Caller) -> None:
    request = caller.signed("GET", CHANGES)
    for target in ("/api/v1/%ff%00", "/api/v1/cases/%2e%2e/x?%ff", "/api//v1/changes", "/api/v1/changes/"):
        assert refused(caller.send(request.other(target=target)))


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "DELETE", "TRACE"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/changes", "/api/v1/envelopes", "/api/none", "/api/v1/cases/x"]
)
def test_nobody_without_a_key_learns_even_which_pages_there_are(world: World, method: str, path: str) -> None:
    answer = Client(world.wsgi(), use_cookies=False).open(path, method=method)
    assert answer.status_code == 401 and (method == "HEAD" or refused(answer))


def test_errors_say_nothing_but_a_word(caller: Caller, sent: Sent) -> None:
    assert caller.get("/api/v1/none").get_json() == {"error": "not_found"}
    assert caller.get("/api/v1/envelopes").get_json() == {"error": "method_not_allowed"}
    assert caller.get("/api/v1/cases/xyz").get_json() == {"error": "bad_request"}
    assert caller.get(f"/api/v1/cases/{bytes(16).hex()}").get_json() == {"error": "not_found"}
    assert caller.get("/api/v1/cases/" + "A" * 32).status_code == 400


def test_a_huge_body_is_refused_before_anything(caller: Caller) -> None:
    huge = b'{"ids":["' + b"a" * 2_100_000 + b'"]}'
    answer = caller.send(caller.signed("POST", "/api/v1/envelopes", huge))
    assert answer.status_code == 413 and answer.get_json() == {"error": "too_large"}


def test_a_failing_store_is_a_503(world: World, caller: Caller) -> None:
    request = caller.signed("GET", CHANGES)
    world.engine.dispose()
    (world.folder / "test.db").rename(world.folder / "away.db")
    answer = caller.send(request)
    assert answer.status_code == 503 and answer.get_json() == {"error": "store"}


def test_nothing_of_a_request_is_logged(
    caller: Caller,
    sent: Sent,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError(sent.case_id.hex())

    monkeypatch.setattr(feed, "after", broken)
    answer = caller.get(CHANGES)
    assert answer.status_code == 500 and answer.get_json() == {"error": "server"}
    err = capfd.readouterr().err
    assert "unhandled RuntimeError at" in err + caplog.text
    for told in (sent.case_id.hex(), "changes", b64e(caller.identity.sign_pk), caller.identity.key_id.hex()):
        assert told not in err and told not in caplog.text


def changes_of(world: World) -> int:
    with db.reading(world.engine) as conn:
        return feed.last(conn)
