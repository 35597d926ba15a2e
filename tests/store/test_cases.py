"""Statuses of a case as they are stored."""

from __future__ import annotations

from sqlalchemy import Engine

from store import cases, db, feed
from store.outcome import Outcome
from tests.store import make


def a_case(engine: Engine) -> bytes:
    new = make.report()
    make.add_report(engine, new)
    return new.case_id


def test_statuses_come_back_in_order(engine: Engine) -> None:
    case_id = a_case(engine)
    words = ["investigating", "corrected", "closed", "investigating", "no_fault"]
    for sequence, word in enumerate(words, 1):
        assert make.add_status(engine, case_id, sequence, word) is Outcome.STORED
    with db.reading(engine) as conn:
        stored = cases.statuses(conn, case_id)
        assert [(row.sequence, row.status) for row in stored] == list(enumerate(words, 1))
        assert [row.what for row in feed.after(conn, 0, 10)] == ["report"] + ["status"] * 5


def test_the_same_status_again_is_a_repeat(engine: Engine) -> None:
    case_id = a_case(engine)
    author = make.an_id()
    for expected in (Outcome.STORED, Outcome.REPEAT):
        with db.writing(engine) as conn:
            got = cases.add_status(conn, case_id, 1, "investigating", make.DAY, author, b"sig", b"act")
            assert got is expected
    with db.reading(engine) as conn:
        assert feed.last(conn) == 2


def test_a_sequence_that_is_not_the_next_is_refused(engine: Engine) -> None:
    case_id = a_case(engine)
    assert make.add_status(engine, case_id, 2, "investigating") is Outcome.REFUSED
    assert make.add_status(engine, case_id, 0, "investigating") is Outcome.REFUSED
    assert make.add_status(engine, case_id, 1, "investigating") is Outcome.STORED
    assert make.add_status(engine, case_id, 1, "not_investigating") is Outcome.REFUSED


def test_a_status_that_may_not_follow_is_refused(engine: Engine) -> None:
    case_id = a_case(engine)
    assert make.add_status(engine, case_id, 1, "closed") is Outcome.REFUSED
    assert make.add_status(engine, case_id, 1, "received") is Outcome.REFUSED
    assert make.add_status(engine, case_id, 1, "no such word") is Outcome.REFUSED
    with db.reading(engine) as conn:
        assert cases.statuses(conn, case_id) == [] and feed.last(conn) == 1


def test_a_status_of_no_case_is_refused(engine: Engine) -> None:
    assert make.add_status(engine, make.an_id(), 1, "investigating") is Outcome.REFUSED


def test_an_unknown_case_is_nothing(engine: Engine) -> None:
    with db.reading(engine) as conn:
        unknown = make.an_id()
        assert cases.get(conn, unknown) is None
        assert cases.envelopes(conn, unknown) == [] and cases.statuses(conn, unknown) == []
