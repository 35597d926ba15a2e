"""The local copy by itself: nothing goes back, whatever order and however often it is told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.desk.local.copy import Cache, CaseLine, Wanted, file_for
from admin.desk.local.inbox_query import VIEW_COUNTS
from admin.desk.local.summary import CaseSummary
from admin.desk.server.responses import Change, SealedBytes, Signed
from tests.support.trials import trials

KEY = b"k" * 32
DAY = date(2026, 11, 23)
A, B = b"a" * 16, b"b" * 16


def status(seq: int, case: bytes, sequence: int, word: str) -> Change:
    return Change(
        seq, case, DAY, sequence=sequence, status=word, author=bytes(16), sig=bytes(64), act_sig=bytes(64)
    )


FEED = [
    Change(1, A, DAY, envelope_id=b"1" * 16, kind=1),
    Change(2, B, DAY, envelope_id=b"2" * 16, kind=1),
    status(3, A, 1, "investigating"),
    Change(4, B, DAY, envelope_id=b"4" * 16, kind=2),
    status(5, A, 2, "corrected"),
    Change(6, A, DAY, envelope_id=b"6" * 16, kind=3, act_sig=bytes(64)),
    Change(7, A, DAY, envelope_id=b"7" * 16, kind=2),
]
# What the server says of a status is unverified: both wait until they were read.
END = [CaseLine(A, DAY, b"1" * 16, "corrected", 7, 7, 0), CaseLine(B, DAY, b"2" * 16, "received", 4, 4, 0)]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    made = Cache(tmp_path / "deep" / "c.sqlite3", KEY)
    yield made
    made.close()


@settings(max_examples=trials(20, 200))
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8))
def test_overlapping_pulls_end_in_the_same_state(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int, int]]
) -> None:
    cache = Cache(tmp_path_factory.mktemp("c") / "c.sqlite3", KEY)
    for start, length in parts:
        cache.add(FEED[start : start + length])
    cache.add(FEED)
    for start, length in parts:
        cache.add(FEED[start : start + length])
    assert cache.unread(10) == END and cache.cases(None, 10, 0) == [], "what was not read is not shown"
    assert cache.cursor() == 7 and cache.counts() == {"received": 2}
    assert [one.kind for one in cache.envelopes(A)] == [1, 3, 2]
    assert [one.status for one in cache.statuses(A)] == ["investigating", "corrected"]
    cache.close()


def read(cache: Cache, case: bytes, **more: Any) -> None:
    line = cache.case(case)
    assert line is not None
    found = CaseSummary(case, line.received_day, last_seq=line.last_seq, is_open=True, fetched=True, **more)
    cache.put_summaries([found], [])


def test_pages_and_filters(cache: Cache) -> None:
    cache.add(FEED)
    read(cache, A, status="corrected", labels=("急ぎ", "x"), severity="high", owner=B, next_due=DAY)
    read(cache, B, cause="loss")
    # What nobody has handled comes before what a reporter wrote, and what is due before both.
    assert [one.case_id for one in cache.cases(None, 1, 1)] == [A]
    cache.mark_seen(A, 7)
    assert [one.case_id for one in cache.cases("corrected", 9, 0)] == [A]
    assert cache.cases("closed", 9, 0) == [] and cache.case(b"x" * 16) is None
    assert cache.counts() == {"received": 1, "corrected": 1}
    for wanted, cases in (
        (Wanted(view="new"), [B]),
        (Wanted(view="due"), [A]),
        (Wanted(view="mine", me=B), [A]),
        (Wanted(view="mine", me=A), []),
        (Wanted(label="急ぎ"), [A]),
        (Wanted(severity="high", owner=B), [A]),
        (Wanted(cause="loss"), [B]),
        (Wanted(cause="loss", severity="high"), []),
        (Wanted(), [B, A]),
        (Wanted(today=DAY), [A, B]),
        (Wanted(sort="severity"), [A, B]),
        (Wanted(sort="severity", down=True), [B, A]),
        (Wanted(since="2999-01-01"), []),
    ):
        assert [line.case_id for line, _summary in cache.lines(wanted, 9, 0)] == cases, wanted
        assert cache.count(wanted) == len(cases)
    assert sorted(cache.labels().values()) == ["x", "急ぎ"] and cache.owners() == [B]
    read(cache, A, status="corrected")
    assert cache.labels() == {} and cache.count(Wanted(label="x")) == 0


def test_a_case_that_was_left_asks_for_nothing(cache: Cache) -> None:
    cache.add(FEED)
    for case in (A, B):
        read(cache, case)
    cache.leave(CaseSummary(B, DAY, last_seq=4, fetched=True))
    assert [line.case_id for line, _summary in cache.lines(Wanted(), 9, 0)] == [A]
    assert cache.view_counts(A) == {"": 1, "new": 1, "due": 0, "mine": 0, "closed": 0, "all": 2}
    assert cache.notice_counts(DAY) == (0, 1) and cache.left() == {B: 2}


def test_a_case_that_opens_is_not_looked_for_among_those_that_were_left(cache: Cache) -> None:
    cache.add(FEED)
    read(cache, A)
    of_open = steps_of_views(cache)
    cache.put_summaries([CaseSummary(A, DAY, last_seq=7, fetched=True)], [])
    assert steps_of_views(cache) > of_open


def steps_of_views(cache: Cache) -> int:
    """Return in how many steps SQLite counts the cases of the views."""
    steps = itertools.count()
    with cache._reading() as db:
        db.set_progress_handler(lambda: next(steps) < 0, 1)
        db.execute(VIEW_COUNTS, {"me": ""}).fetchall()
        db.set_progress_handler(None, 1)
    return next(steps)


def test_marks(cache: Cache) -> None:
    cache.add(FEED[:3])
    assert cache.unread(9)[0].is_new
    cache.mark_seen(A, 3)
    cache.mark_seen(A, 1)
    line = cache.case(A)
    assert line is not None and not line.is_new and not line.has_new_message and line.seen_seq == 3
    cache.add(FEED[3:])
    line = cache.case(A)
    assert line is not None and line.has_new_message


def test_sealed_bytes_stay_what_they_were_and_grants_are_added(cache: Cache) -> None:
    cache.add_sealed([SealedBytes(A, b"first", (b"g1",))])
    cache.add_sealed([SealedBytes(A, b"second", (b"g2",))])
    found = cache.sealed([A, B])
    assert list(found) == [A] and found[A].raw == b"first" and set(found[A].grants) == {b"g1", b"g2"}
    cache.drop_sealed([A])
    assert cache.sealed([A]) == {}


def test_pieces_of_an_object_are_kept_in_order_and_once(cache: Cache) -> None:
    assert cache.object_length(A) == 0 and cache.piece(A, 0) == b""
    assert cache.add_piece(A, 1, b"too early") == 0
    assert cache.add_piece(A, 0, b"one") == 3
    assert cache.add_piece(A, 0, b"another") == 3
    assert cache.add_piece(A, 7, b"too early") == 3
    assert cache.add_piece(A, 3, b"two") == 6 and cache.add_piece(B, 0, b"b") == 1
    assert [cache.piece(A, start) for start in (0, 1, 3, 6)] == [b"one", b"", b"two", b""]
    cache.drop_object(A)
    assert cache.object_length(A) == 0 and cache.piece(B, 0) == b"b"


def test_values_are_kept(cache: Cache) -> None:
    assert cache.get("keys") is None and cache.cursor() == 0
    cache.put({"keys": b"{}"})
    cache.add([])
    cache.close()
    again = Cache(cache.path, KEY)
    assert again.get("keys") == b"{}"
    again.close()


def test_each_auditor_and_site_has_a_file(tmp_path: Path) -> None:
    files = {file_for(tmp_path, url, key) for url in ("https://a", "https://b") for key in (A, B)}
    assert len(files) == 4 and all(one.parent == tmp_path for one in files)


def test_what_the_feed_says_of_deleting_a_case_is_kept(cache: Cache) -> None:
    by = Signed(B, DAY, bytes(64), bytes(64))
    proposed = Change(8, A, DAY, what="deletion", acts=(by,))
    cache.add([*FEED, proposed, Change(9, B, DAY, what="deleted", acts=(by, by))])
    cache.close()
    again = Cache(cache.path, KEY)
    assert again.acts(A) == [proposed] and len(again.acts(B)[0].acts) == 2 and again.cursor() == 9
    again.forget_case(A)
    assert again.acts(A) == [] and again.case(A) is None
    again.close()
