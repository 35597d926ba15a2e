"""Reading journals at the server: one a day from each desk, always as long, handed out to all who read reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from crypto.encoding import b64d, b64e
from crypto.reading import JOURNAL_BYTES, ReadingJournal, reading_key, reading_mark
from store import db, tables
from tests.api.client import Caller
from tests.desk.world import Sent, World

PATH = "/api/v1/readings"


def send(caller: Caller, journal: ReadingJournal) -> tuple[int, Any]:
    answer = caller.post(PATH, {"journal": b64e(journal.encode())})
    return answer.status_code, answer.get_json().get("error")


def stored(caller: Caller, after: int = 0) -> Any:
    return caller.get(f"{PATH}?after={after}").get_json()


def test_a_journal_is_handed_out_as_it_was_sent(world: World, caller: Caller) -> None:
    journal = caller.journal()
    assert send(caller, journal) == (201, None)
    assert send(caller, journal) == (200, None)  # a repeat
    told = stored(Caller(world, 1))
    assert told == {"readings": [{"seq": 1, "raw": b64e(journal.encode())}], "more": False, "last": 1}
    assert stored(caller, 1) == {"readings": [], "more": False, "last": 1}


def test_one_a_day_and_numbers_that_rise(world: World, caller: Caller) -> None:
    assert send(caller, caller.journal(number=3)) == (201, None)
    assert send(caller, caller.journal(number=4)) == (409, "sent")
    assert send(Caller(world, 1), Caller(world, 1).journal(number=1)) == (201, None)
    world.day += timedelta(days=1)
    assert send(caller, caller.journal(number=3)) == (409, "number")
    assert send(caller, caller.journal(number=5)) == (201, None)
    assert [row["seq"] for row in stored(caller)["readings"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"day": timedelta(days=-1)}, (400, "day")),
        ({"day": timedelta(days=1)}, (400, "day")),
        ({"seed": bytes(32)}, (403, "signature")),
        ({"salt": bytes(16)}, (403, "signature")),
        ({"author": bytes(16)}, (403, "signature")),
    ],
)
def test_what_is_not_the_askers_journal_of_today_is_refused(
    world: World, caller: Caller, changed: dict[str, Any], refusal: tuple[int, str]
) -> None:
    if "day" in changed:
        changed = {"day": world.day + changed["day"]}
    assert send(caller, caller.journal(**changed)) == refusal
    assert stored(caller)["readings"] == []


def test_another_desks_journal_is_refused(world: World, caller: Caller) -> None:
    assert send(Caller(world, 1), caller.journal()) == (403, "signature")


def test_bytes_that_are_no_journal_are_refused(caller: Caller) -> None:
    for raw in (b"", b"x" * JOURNAL_BYTES, caller.journal().encode() + b"\0"):
        answer = caller.post(PATH, {"journal": b64e(raw)})
        assert (answer.status_code, answer.get_json()) == (400, {"error": "journal"})
    assert stored(caller)["readings"] == []


def test_a_server_that_was_put_back_says_so(world: World, caller: Caller) -> None:
    assert send(caller, caller.journal()) == (201, None)
    with db.writing(world.engine) as conn:
        conn.execute(delete(tables.reading_journal))
    assert stored(caller, 1) == {"readings": [], "more": False, "last": 0}


def test_a_server_sees_no_difference_between_reading_everything_and_nothing(
    world: World, caller: Caller, sent: Sent
) -> None:
    """All that a server has of a journal: its length, its author, its number and its day are the same; the marks are
    bytes that only the case's key can make."""
    key = reading_key(sent.content_key)
    days = [world.day - timedelta(days=back) for back in range(1, 33)]
    read = caller.journal([reading_mark(key, caller.identity.key_id, day) for day in days])
    unread = caller.journal()
    assert len(read.encode()) == len(unread.encode()) == JOURNAL_BYTES
    assert read.encode()[:34] == unread.encode()[:34]
    assert send(caller, read) == (201, None)
    # With the case's key it is all there; with what the server has of the case, nothing is.
    (row,) = stored(Caller(world, 1))["readings"]
    assert all(reading_mark(key, caller.identity.key_id, day) in read.marks for day in days)
    for known in (sent.case_id * 2, sent.envelope_id * 2, bytes(32)):
        other = reading_key(known)
        assert not any(reading_mark(other, caller.identity.key_id, day) in b64d(row["raw"]) for day in days)
