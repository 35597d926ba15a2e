"""What auditors do goes into the log too; desks name their cosigning keys and hand their cosignatures in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from admin.logbook import LogKeeper
from cases.days import JST
from crypto import logleaf, messages, note, plainleaf, tlog
from crypto.encoding import b64d, b64e
from crypto.log_witness import DeskWitness, make_witness, witness_name, witness_seed
from store import db
from store import log as store_log
from tests.api.client import Caller
from tests.desk.world import Sent, World
from tests.support.site import Auditor

TIME = 1795629600


def tick(world: World, days: int = 0) -> None:
    world.day += timedelta(days=days)
    noon = datetime(world.day.year, world.day.month, world.day.day, 12, tzinfo=JST)
    LogKeeper(world.engine, world.settings.server.secret_file).run(int(noon.timestamp()))


@pytest.fixture
def logged(world: World) -> Iterator[World]:
    path = world.settings.server.secret_file
    path.write_bytes(world.secrets.encode())
    path.chmod(0o600)
    tick(world)
    yield world


def leaf(text: bytes = b"") -> str:
    """Return a leaf as a desk makes one: which act it is for is sealed from the server."""
    readers = [logleaf.Reader(bytes([number]) * 16, bytes([9] + [0] * 31)) for number in range(3)]
    made = logleaf.LeafText("forget", (secrets.token_hex(16), secrets.token_hex(32)))
    return b64e(logleaf.make(text.ljust(32, b"k")[:32], made, readers))


def waiting(world: World) -> int:
    with db.reading(world.engine) as conn:
        return store_log.waiting(conn)


def check_promise(world: World, told: dict[str, Any], sent: str) -> None:
    hashed = tlog.leaf_hash(b64d(sent))
    assert told["leaf"] == hashed.hex() and told["day"] == world.day.isoformat()
    public = messages.public_key(world.secrets.sign_seed)
    messages.verify(public, plainleaf.logged_text(hashed, world.day), b64d(told["sig"]))


def test_a_status_and_an_answer_are_promised(logged: World, caller: Caller, sent: Sent) -> None:
    one, two = leaf(), leaf()
    body = caller.status_body(sent, "investigating", leaf=one)
    path = f"/api/v1/cases/{sent.case_id.hex()}"
    answer = caller.post(f"{path}/status", body)
    assert answer.status_code == 200
    check_promise(logged, answer.get_json()["promise"], one)
    envelope = caller.envelope_body(sent) | {"leaf": two}
    answer = caller.post(f"{path}/envelopes", envelope)
    assert answer.status_code == 201
    check_promise(logged, answer.get_json()["promise"], two)
    # The same again is a repeat, promised for the same day, also when the batch was made.
    again = caller.post(f"{path}/envelopes", envelope)
    assert again.status_code == 200 and again.get_json()["promise"] == answer.get_json()["promise"]
    tick(logged, days=1)
    again = caller.post(f"{path}/envelopes", envelope)
    assert again.get_json()["promise"] == answer.get_json()["promise"] and waiting(logged) == 0


def test_a_decision_has_a_promise_for_each_leaf(logged: World, caller: Caller, sent: Sent) -> None:
    body, leaves = caller.decision_body(sent), [leaf(), leaf()]
    body["status"]["leaf"] = leaves[0]
    body["envelopes"][0]["leaf"] = leaves[1]
    answer = caller.decision(sent, body)
    assert answer.status_code == 201
    for told, made in zip(answer.get_json()["promises"], leaves, strict=True):
        check_promise(logged, told, made)
    assert waiting(logged) == 2


def test_a_deletion_is_promised(logged: World, caller: Caller, sent: Sent) -> None:
    caller.delete(sent)
    made = leaf()
    answer = Caller(logged, 1).agree(sent, leaf=made)
    assert answer.status_code == 201
    check_promise(logged, answer.get_json()["promise"], made)


def test_a_wrong_leaf_refuses_the_act(logged: World, caller: Caller, sent: Sent) -> None:
    known = leaf()
    assert caller.status(sent, "investigating", leaf=known).status_code == 200
    path = f"/api/v1/cases/{sent.case_id.hex()}"
    for wrong, code in (
        (known, "leaf"),
        (b64e(logleaf.dummy(2)), "leaf_length"),
        (b64e(b""), "leaf_length"),
    ):
        answer = caller.post(f"{path}/envelopes", caller.envelope_body(sent) | {"leaf": wrong})
        assert (answer.status_code, answer.get_json()) == (409, {"error": code})
    assert caller.status(sent, "investigating", leaf=leaf()).get_json() == {"error": "leaf"}
    assert caller.envelope(sent, leaf=5).status_code == 400
    changes = caller.get("/api/v1/changes?after=0").get_json()["changes"]
    assert [change["what"] for change in changes] == ["report", "status"] and waiting(logged) == 1


def test_an_older_desk_sends_no_leaf_and_gets_no_promise(logged: World, caller: Caller, sent: Sent) -> None:
    assert caller.status(sent, "investigating").get_json() == {"repeat": False}
    assert "promise" not in caller.envelope(sent).get_json() and waiting(logged) == 0


def test_without_a_log_a_leaf_is_let_go(world: World, caller: Caller, sent: Sent) -> None:
    assert caller.status(sent, "investigating", leaf=leaf()).get_json() == {"repeat": False}


# Witnesses


def document_of(caller: Caller, **changed: Any) -> DeskWitness:
    who = caller.identity
    given = {"salt": caller.world.salt, "key_id": who.key_id, "seed": who.seed, "sign_seed": who.sign_seed}
    return make_witness(**(given | changed))


def add(caller: Caller, raw: bytes) -> tuple[int, Any]:
    answer = caller.post("/api/v1/log/witness", {"witness": b64e(raw)})
    return answer.status_code, answer.get_json()


def line_of(caller: Caller, signed: str, **changed: Any) -> str:
    who, text = caller.identity, note.read_note(signed).text
    given: dict[str, Any] = {
        "text": text,
        "name": witness_name(caller.world.salt, who.key_id),
        "seed": witness_seed(who.seed),
        "time": TIME,
    }
    return note.cosign(**(given | changed)).text()


def hand_in(caller: Caller, lines: str, kind: str = "text/plain") -> int:
    return caller.client.post("/log/cosignature", data=lines.encode(), content_type=kind).status_code


def checkpoint(caller: Caller) -> str:
    return caller.client.get("/log/checkpoint").get_data(as_text=True)


def test_desks_name_their_keys_and_cosign(logged: World, caller: Caller) -> None:
    desks = [Caller(logged, who) for who in range(3)]
    for desk in desks:
        assert add(desk, document_of(desk).encode()) == (201, {})
        assert add(desk, document_of(desk).encode()) == (200, {})
    documents = [b64d(text) for text in caller.client.get("/log/witnesses").get_json()]
    assert sorted(documents) == sorted(document_of(desk).encode() for desk in desks)
    signed = checkpoint(caller)
    assert hand_in(caller, "".join(line_of(desk, signed) for desk in desks[:2])) == 200
    assert hand_in(desks[2], line_of(desks[2], signed)) == 200
    keys = [document_of(desk).vkey for desk in desks]
    log = note.read_key(caller.client.get("/keys.json").get_json()["log"]["vkey"])
    cosigned = note.read_checkpoint(checkpoint(caller), log, keys).cosigned
    assert cosigned == dict.fromkeys(keys, TIME)
    # The next batch has the keys as leaves; its checkpoint is cosigned anew.
    tick(logged, days=1)
    with db.reading(logged.engine) as conn:
        leaves = store_log.leaves(conn, 0, 1000)
    words = [plainleaf.word_of(leaf) for leaf in leaves]
    assert words.count("witness") == 3
    assert note.read_checkpoint(checkpoint(caller), log, keys).cosigned == {}
    tick(logged, days=1)
    with db.reading(logged.engine) as conn:
        leaves = store_log.leaves(conn, 0, 1000)
    assert [plainleaf.word_of(leaf) for leaf in leaves].count("witness") == 3


def test_cosignatures_stay_with_the_checkpoint_that_they_are_for(logged: World, caller: Caller) -> None:
    """What was cosigned by the tenth day has to be shown long after; a batch may come between reading and signing."""
    desks = [Caller(logged, who) for who in range(2)]
    for desk in desks:
        add(desk, document_of(desk).encode())
    keys = [document_of(desk).vkey for desk in desks]
    log = note.read_key(caller.client.get("/keys.json").get_json()["log"]["vkey"])

    def cosigned(path: str) -> set[str]:
        signed = caller.client.get(f"/log/{path}").get_data(as_text=True)
        return {key.name for key in note.read_checkpoint(signed, log, keys).cosigned}

    first = checkpoint(caller)
    assert hand_in(caller, line_of(desks[0], first)) == 200
    sizes = [int(first.split("\n")[1])]
    for _day in range(2):
        tick(logged, days=1)
        assert hand_in(caller, line_of(desks[1], first)) == (200 if len(sizes) == 1 else 403), "two back"
        sizes.append(int(checkpoint(caller).split("\n")[1]))
        assert hand_in(caller, line_of(desks[0], checkpoint(caller))) == 200
    both, own = {key.name for key in keys}, {keys[0].name}
    assert [cosigned(f"checkpoint/{size}") for size in sizes] == [both, own, own] and len(set(sizes)) == 3
    assert cosigned("checkpoint") == own
    mixed = line_of(desks[0], checkpoint(caller)) + line_of(
        desks[1], caller.client.get(f"/log/checkpoint/{sizes[1]}").get_data(as_text=True)
    )
    assert hand_in(caller, mixed) == 403, "lines of one request are for one checkpoint"
    for wrong in (sizes[0] + 1, 0, f"0{sizes[0]}", f"+{sizes[0]}", "9" * 30, "x"):
        assert caller.client.get(f"/log/checkpoint/{wrong}").status_code == 404, wrong


def test_a_key_is_named_by_its_own_card_only(logged: World, caller: Caller) -> None:
    other = Caller(logged, 1).identity
    assert add(caller, b"{}") == (400, {"error": "witness"})
    stranger = document_of(caller, key_id=other.key_id)
    assert add(caller, stranger.encode()) == (403, {"error": "witness"})
    forged = document_of(caller, sign_seed=other.sign_seed)
    assert add(caller, forged.encode()) == (403, {"error": "signature"})
    assert add(caller, document_of(caller).encode())[0] == 201
    second = document_of(caller, seed=bytes(32))
    assert add(caller, second.encode()) == (409, {"error": "exists"})


def test_an_observer_names_a_key_and_cosigns(logged: World, caller: Caller, observer: Auditor) -> None:
    """What else an observer's key may ask for: tests/api/test_wrong_hands.py."""
    logged.auditors.append(observer)
    desk = Caller(logged, 3)
    assert add(desk, document_of(caller).encode()) == (403, {"error": "witness"}), "an auditor's key"
    forged = document_of(desk, sign_seed=caller.identity.sign_seed)
    assert add(desk, forged.encode()) == (403, {"error": "signature"})
    assert add(desk, document_of(desk).encode()) == (201, {})
    assert hand_in(desk, line_of(desk, checkpoint(caller))) == 200
    log = note.read_key(caller.client.get("/keys.json").get_json()["log"]["vkey"])
    key = document_of(desk).vkey
    assert note.read_checkpoint(checkpoint(caller), log, [key]).cosigned == {key: TIME}
    tick(logged, days=1)
    with db.reading(logged.engine) as conn:
        leaves = store_log.leaves(conn, 0, 1000)
    assert [plainleaf.word_of(leaf) for leaf in leaves].count("witness") == 1
    assert hand_in(desk, line_of(desk, checkpoint(caller))) == 200
    logged.retire(3, 0)
    assert hand_in(desk, line_of(desk, checkpoint(caller))) == 403


def test_other_cosignatures_are_not_taken(logged: World) -> None:
    caller = Caller(logged, 1)
    add(caller, document_of(caller).encode())
    signed = checkpoint(caller)
    good, stranger = line_of(caller, signed), Caller(logged, 2)
    wrong = (
        line_of(stranger, signed),  # named no key
        good + line_of(stranger, signed),  # one bad line refuses all
        line_of(caller, signed, text=note.read_note(signed).text.replace("\n6\n", "\n7\n")),
        line_of(caller, signed, seed=bytes(32)),
        good.replace("— ", "- "),
        good + good,
        good * 17,
        "",
        "x" * 9000,
    )
    for lines in wrong:
        assert hand_in(caller, lines) == 403, lines
    assert hand_in(caller, good, "application/json") == 415
    assert caller.client.post("/log/cosignature", data=b"\xff", content_type="text/plain").status_code == 403
    assert len(note.read_note(checkpoint(caller)).lines) == 1
    logged.retire(1, 0)
    assert hand_in(caller, good) == 403
