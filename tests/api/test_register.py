"""The register at the server: one sequence, the next record behind the newest, sealed to the readers of today."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from crypto import register
from crypto.encoding import b64d, b64e
from crypto.register import NONE_BEFORE, register_hash
from crypto.seal import Recipient
from store import db, tables
from tests.api.client import Caller
from tests.desk.world import World
from tests.support.site import Auditor

PATH = "/api/v1/register"


def record(
    caller: Caller, number: int = 1, before: bytes = NONE_BEFORE, entry: Any = None, left_out: int = 0
) -> bytes:
    """Return a record of this caller. `left_out`: how many readers have no slot."""
    world, own = caller.world, caller.identity
    recipients = [Recipient(card.key_id, card.box_pk) for card in world.cards][left_out:]
    return register.seal_register(
        entry or {"type": "readers"},
        (number, before),
        None,
        (own.key_id, own.sign_seed),
        world.day,
        world.listing.prefix(),
        recipients,
        world.salt,
    ).raw


def send(caller: Caller, raw: bytes) -> tuple[int, Any]:
    answer = caller.post(PATH, {"record": b64e(raw)})
    return answer.status_code, answer.get_json().get("error")


def stored(caller: Caller, after: int = 0) -> Any:
    return caller.get(f"{PATH}?after={after}").get_json()


def test_records_are_handed_out_in_their_order(world: World, caller: Caller) -> None:
    first = record(caller)
    second = record(Caller(world, 1), 2, register_hash(first))
    assert send(caller, first) == (201, None)
    assert send(Caller(world, 1), second) == (201, None)
    assert send(caller, first) == (200, None)  # a repeat, also behind a later one
    rows = [{"number": 1, "raw": b64e(first)}, {"number": 2, "raw": b64e(second)}]
    assert stored(Caller(world, 2)) == {"records": rows, "more": False, "last": 2}
    assert stored(caller, 1)["records"] == rows[1:]
    changes = caller.get("/api/v1/changes?after=0").get_json()
    assert changes["register"] == {"number": 2, "hash": register_hash(second).hex()}


def test_of_two_at_once_the_second_is_refused_and_nothing_is_lost(world: World, caller: Caller) -> None:
    mine, theirs = record(caller), record(Caller(world, 1))
    assert send(Caller(world, 1), theirs) == (201, None)
    assert send(caller, mine) == (409, "number")
    assert send(caller, record(caller, 2, register_hash(mine))) == (409, "number")
    assert send(caller, record(caller, 3, register_hash(theirs))) == (409, "number")
    assert send(caller, record(caller, 2, register_hash(theirs))) == (201, None)
    assert [row["number"] for row in stored(caller)["records"]] == [1, 2]


def test_a_record_is_sealed_to_the_readers_of_today(world: World, caller: Caller) -> None:
    assert send(caller, record(caller, left_out=1)) == (409, "recipients")
    early = record(caller)
    newcomer = world.newcomer(0)
    world.enroll(newcomer.card)
    assert send(caller, early) == (409, "recipients")
    assert send(caller, record(caller)) == (201, None)


def test_bytes_that_are_no_record_are_refused(caller: Caller) -> None:
    raw = record(caller)
    for wrong in (b"", raw[:-1], raw + b"\0", b"MYB1" + raw[4:]):
        assert send(caller, wrong) == (400, "record")
    assert stored(caller) == {"records": [], "more": False, "last": 0}


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?after=1&after=2"])
def test_a_number_is_written_plainly(caller: Caller, query: str) -> None:
    assert caller.get(PATH + query).status_code == 400


def test_an_observer_gets_nothing(world: World, observer: Auditor) -> None:
    caller = Caller(world, 0)
    caller.identity = observer.identity
    assert caller.get(f"{PATH}?after=0").status_code == 403


def test_the_server_sees_one_length_and_no_word(world: World, caller: Caller) -> None:
    """A template, a view and a record that says nothing: as long as each other, and none of their words anywhere."""
    marker = "目印-極秘の取引先-4711"
    template = {"ja": marker, "en": marker}
    entries = [
        {"type": "readers"},
        {"type": "template", "template": "0" * 32, "name": template, "text": template},
        {"type": "view", "view": "0" * 32, "name": marker, "query": {}},
    ]
    before, lengths = NONE_BEFORE, set[int]()
    for number, entry in enumerate(entries, 1):
        raw = record(caller, number, before, entry)
        assert send(caller, raw) == (201, None)
        before, lengths = register_hash(raw), {*lengths, len(raw)}
    assert len(lengths) == 1
    with db.reading(world.engine) as conn:
        rows = conn.execute(select(tables.register_record)).all()
    kept = b"".join(bytes(row.raw) for row in rows)
    assert len(rows) == 3 and marker.encode() not in kept and b"template" not in kept
    # And yet it is there: an auditor's key opens it.
    who, opened = (
        world.auditors[2].identity,
        register.decode_register(b64d(stored(caller)["records"][1]["raw"])),
    )
    key = register.key_of_slot(opened, who.key_id, who.box_sk, who.box_pk)
    assert register.open_register(opened, key).entry["name"]["ja"] == marker


def test_a_server_that_was_put_back_says_so(world: World, caller: Caller) -> None:
    assert send(caller, record(caller)) == (201, None)
    with db.writing(world.engine) as conn:
        conn.execute(delete(tables.register_record))
    assert stored(caller, 1) == {"records": [], "more": False, "last": 0}
