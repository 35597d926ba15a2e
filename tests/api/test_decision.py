"""A status and what belongs to it are one act: the server has all of it or nothing, whatever happens on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crypto.encoding import b64e
from crypto.envelope import Kind
from store import db
from store import tables as t
from tests.api.client import Caller, Signed
from tests.desk.world import Sent, World, make_world
from tests.store.conftest import DATABASES, new_database

BOTH = (Kind.TO_REPORTER, Kind.RECORD)


def stored(world: World, sent: Sent) -> dict[str, list[Any]]:
    """Return what a case has beside its report: statuses, kinds of envelopes, readers of grants; and the changes."""
    with db.reading(world.engine) as conn:
        statuses = select(t.status.c.status).where(t.status.c.case_id == sent.case_id)
        later = (t.envelope.c.case_id == sent.case_id) & (t.envelope.c.kind != t.REPORT)
        changes = select(t.change.c.seq).where(t.change.c.case_id == sent.case_id)
        ids = select(t.envelope.c.envelope_id).where(later)
        return {
            "statuses": list(conn.scalars(statuses)),
            "kinds": list(conn.scalars(select(t.envelope.c.kind).where(later).order_by(t.envelope.c.seq))),
            "grants": list(conn.scalars(select(t.grant.c.key_id).where(t.grant.c.envelope_id.in_(ids)))),
            "changes": list(conn.scalars(changes.order_by(t.change.c.seq))),
        }


@pytest.mark.parametrize("kinds", [BOTH, BOTH[::-1], BOTH[:1], BOTH[1:]])
def test_all_of_it_is_kept_and_again_is_a_repeat(
    world: World, caller: Caller, sent: Sent, kinds: tuple[Kind, ...]
) -> None:
    body = caller.decision_body(sent, kinds=kinds)
    first, again = caller.decision(sent, body), caller.decision(sent, body)
    assert (first.status_code, first.get_json()) == (201, {"repeat": False})
    assert (again.status_code, again.get_json()) == (200, {"repeat": True})
    kept = stored(world, sent)
    assert (kept["statuses"], kept["kinds"]) == (["investigating"], [int(kind) for kind in kinds])
    changes = kept["changes"]
    assert changes == list(range(changes[0], changes[0] + len(kinds) + 2))
    if Kind.TO_REPORTER in kinds:
        seen = world.reporter_sees(sent)
        assert [entry.message for entry in seen.entries[1:]] == ["調べます。"] and len(seen.statuses) == 1


def wrong(caller: Caller, sent: Sent, what: str) -> tuple[dict[str, Any], int, str]:
    """Return a decision that is wrong in one thing, with the answer that it gets."""
    body = caller.decision_body(sent)
    status, (answer, record) = body["status"], body["envelopes"]
    other = caller.world.report()
    changes: dict[str, tuple[dict[str, Any], int, str]] = {
        "status": ({"status": status | {"status": "nonsense"}}, 400, "status"),
        "day": ({"status": status | {"day": "2026-01-01"}}, 400, "day"),
        "signature of the status": ({"status": status | {"sig": b64e(bytes(64))}}, 403, "author_signature"),
        "proof of the status": (
            {"status": caller.status_body(sent, "investigating", key=bytes(32))},
            403,
            "act_signature",
        ),
        "sequence": ({"status": caller.status_body(sent, "investigating", 2)}, 409, "sequence"),
        "transition": ({"status": caller.status_body(sent, "closed")}, 409, "transition"),
        "proof of the answer": (
            {"envelopes": [answer | {"act_sig": b64e(bytes(64))}, record]},
            403,
            "act_signature",
        ),
        "proof of the record": (
            {"envelopes": [answer, record | {"act_sig": b64e(bytes(64))}]},
            403,
            "act_signature",
        ),
        "another case's answer": ({"envelopes": [caller.envelope_body(other)]}, 403, "act_signature"),
        "another mailbox": (
            {"envelopes": [record, answer | {"grants": [{"key_id": "00" * 16, "sealed": b64e(bytes(80))}]}]},
            409,
            "mailbox",
        ),
        "no grant": ({"envelopes": [record, answer | {"grants": []}]}, 400, "grants"),
        "two answers": ({"envelopes": [answer, caller.envelope_body(sent)]}, 400, "kind"),
        "no envelope": ({"envelopes": []}, 400, "bad_request"),
        "three envelopes": ({"envelopes": [answer, record, record]}, 400, "bad_request"),
        "cut off": ({"envelopes": [answer | {"envelope": answer["envelope"][:-4]}]}, 400, "envelope"),
        "a field more": ({"more": 1}, 400, "bad_request"),
        "recipients": (
            {"envelopes": [record, caller.envelope_body(sent, slots=caller.world.slots()[:2])]},
            409,
            "recipients",
        ),
    }
    changed, code, word = changes[what]
    return body | changed, code, word


WRONG = (
    "status", "day", "signature of the status", "proof of the status", "sequence", "transition",
    "proof of the answer", "proof of the record", "another case's answer", "another mailbox", "no grant",
    "two answers", "no envelope", "three envelopes", "cut off", "a field more", "recipients",
)  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_one_wrong_part_refuses_all_of_it(world: World, caller: Caller, sent: Sent, what: str) -> None:
    before = stored(world, sent)
    body, code, word = wrong(caller, sent, what)
    answer = caller.decision(sent, body)
    assert (answer.status_code, answer.get_json()) == (code, {"error": word})
    assert stored(world, sent) == before
    # The control: without that one thing it is taken.
    assert caller.decision(sent).status_code == 201


def test_of_two_at_once_the_second_leaves_nothing(world: World, caller: Caller, sent: Sent) -> None:
    late = Caller(world, 1)
    body = late.decision_body(sent, "not_investigating")
    caller.decision(sent)
    before = stored(world, sent)
    answer = late.decision(sent, body)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "sequence"})
    assert stored(world, sent) == before


@pytest.mark.parametrize("first", ["status", "answer"])
def test_a_part_that_was_sent_alone_is_not_completed(
    world: World, caller: Caller, sent: Sent, first: str
) -> None:
    body = caller.decision_body(sent)
    case = f"/api/v1/cases/{sent.case_id.hex()}"
    caller.post(
        *(
            (f"{case}/status", body["status"])
            if first == "status"
            else (f"{case}/envelopes", body["envelopes"][0])
        )
    )
    before = stored(world, sent)
    answer = caller.decision(sent, body)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "parted"})
    assert stored(world, sent) == before


def test_a_case_that_was_deleted_takes_none(world: World, caller: Caller, sent: Sent) -> None:
    body = caller.decision_body(sent)
    caller.delete(sent)
    assert Caller(world, 1).agree(sent).status_code == 201
    answer = caller.decision(sent, body)
    assert (answer.status_code, answer.get_json()) == (410, {"error": "deleted"})


@contextmanager
def dying_server(world: World) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a server that is killed in the middle of a decision."""
    first = world.secrets.first_card
    assert first is not None
    given = [world.settings.store.url, str(world.folder), first.hex(), world.day.isoformat()]
    command = [sys.executable, "-m", "tests.api.dying_server", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
        finally:
            process.kill()


def over_http(base: str, request: Signed) -> httpx.Response:
    headers = {"Authorization": request.authorization, "Content-Type": request.content_type}
    return httpx.request(request.method, base + request.target, content=request.body, headers=headers)


@pytest.mark.parametrize("kind", DATABASES)
def test_killed_in_the_middle_nothing_is_there(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world = make_world(tmp_path, url=new_database(kind, tmp_path, request))
    try:
        caller, sent = Caller(world), world.report()
        body, before = caller.decision_body(sent), stored(world, sent)
        target = f"/api/v1/cases/{sent.case_id.hex()}/decision"
        with dying_server(world) as (base, process):
            # The control: a status alone is taken by this server.
            other = world.report()
            alone = caller.status_body(other, "investigating")
            there = f"/api/v1/cases/{other.case_id.hex()}/status"
            assert over_http(base, caller.signed("POST", there, alone)).status_code == 200
            with pytest.raises(httpx.TransportError):
                over_http(base, caller.signed("POST", target, body))
            assert process.wait(30) == -signal.SIGKILL
        assert stored(world, sent) == before
        assert (caller.decision(sent, body).status_code, caller.decision(sent, body).status_code) == (
            201,
            200,
        )
        assert len(world.reporter_sees(sent).entries) == 2
    finally:
        world.close()
