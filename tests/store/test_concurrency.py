"""Many at once: everything accepted is there, once, and a reader of the feed misses nothing."""

from __future__ import annotations

import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, select

from store import cases, db, feed, nonces, reports
from store.outcome import Outcome
from tests.store import make


def test_sixteen_reporters_at_a_time(engine: Engine) -> None:
    new_reports = [make.report() for _ in range(160)]
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda new: make.add_report(engine, new), new_reports))
    assert Counter(outcomes) == {Outcome.STORED: 160}
    with db.reading(engine) as conn:
        rows = feed.after(conn, 0, 1000)
        assert {row.case_id for row in rows} == {new.case_id for new in new_reports}
        assert [row.seq for row in rows] == list(range(1, 161))
        for new in new_reports:
            assert reports.lookup(conn, new.index) == reports.CodeRow(new.case_id, None)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_sixteen_threads_open_sixteen_connections_and_keep_them(engine: Engine) -> None:
    made: list[object] = []
    event.listen(engine, "connect", lambda connection, _record: made.append(connection))
    together = threading.Barrier(16)

    def read(_: int) -> None:
        for _turn in range(5):
            with db.reading(engine) as conn:
                together.wait(30)  # all of them hold a connection now
                assert conn.scalar(select(1)) == 1
            together.wait(30)  # all are given back

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(read, range(16)))
    assert len(made) == 16


def test_the_same_report_from_eight_at_once_is_stored_once(engine: Engine) -> None:
    for _ in range(5):
        new = make.report()
        together = threading.Barrier(8)

        def send(raw: bytes, new: reports.NewReport = new, together: threading.Barrier = together) -> Outcome:
            together.wait()
            return make.add_report(engine, replace(new, raw=raw))

        with ThreadPoolExecutor(8) as pool:
            outcomes = Counter(pool.map(send, [os.urandom(8700) for _ in range(8)]))
        assert outcomes == {Outcome.STORED: 1, Outcome.REPEAT: 7}
        with db.reading(engine) as conn:
            assert len(cases.envelopes(conn, new.case_id)) == 1


def test_different_texts_for_one_code_at_once_make_one_case(engine: Engine) -> None:
    new = make.report()
    together = threading.Barrier(8)

    def send(envelope_id: bytes) -> Outcome:
        together.wait()
        return make.add_report(engine, replace(new, envelope_id=envelope_id))

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(send, [make.an_id() for _ in range(8)]))
    assert outcomes == {Outcome.STORED: 1, Outcome.CASE_EXISTS: 7}


def test_two_statuses_with_one_sequence_are_not_both_stored(engine: Engine) -> None:
    new = make.report()
    make.add_report(engine, new)
    together = threading.Barrier(6)

    def set_status(word: str) -> Outcome:
        together.wait()
        return make.add_status(engine, new.case_id, 1, word)

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(pool.map(set_status, ["investigating", "not_investigating"] * 3))
    assert outcomes == {Outcome.STORED: 1, Outcome.REFUSED: 5}


def test_one_nonce_at_once_is_good_for_one(engine: Engine) -> None:
    key, nonce = make.an_id(), make.an_id()
    together = threading.Barrier(8)

    def use(_: int) -> bool:
        together.wait()
        with db.writing(engine) as conn:
            return nonces.use(conn, key, nonce, make.DAY, make.DAY) is nonces.Use.FRESH

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_a_desk_that_polls_while_reports_come_in_misses_none(engine: Engine) -> None:
    """A desk asks for what is above its last number: what is committed later must have a higher one."""
    done = threading.Event()
    seen: list[list[int]] = []

    def poll() -> None:
        mine: list[int] = []
        while True:
            finished = done.is_set()
            with db.reading(engine) as conn:
                rows = feed.after(conn, mine[-1] if mine else 0, 7)
            mine += [row.seq for row in rows]
            if finished and not rows:
                break
        seen.append(mine)

    readers = [threading.Thread(target=poll) for _ in range(3)]
    for reader in readers:
        reader.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: make.add_report(engine, make.report(raw=b"r" * 100)), range(200)))
    done.set()
    for reader in readers:
        reader.join()
    with db.reading(engine) as conn:
        everything = [row.seq for row in feed.after(conn, 0, 1000)]
    assert len(everything) == 200
    assert seen == [everything] * 3


def test_without_taking_turns_a_row_would_be_missed(engine: Engine, kind: str) -> None:
    """The control for the test above: without the lock, PostgreSQL shows a later number before an earlier
    one.
    """
    if kind == "sqlite":
        return  # there a second writer can't even begin
    one, two = make.report(), make.report()
    make.add_report(engine, one)
    make.add_report(engine, two)
    slow, fast = engine.connect(), engine.connect()
    low, high = feed.append(slow, one.case_id), feed.append(fast, two.case_id)
    fast.commit()
    with db.reading(engine) as conn:
        assert feed.last(conn) == high > low
    slow.commit()
    slow.close()
    fast.close()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_with_stricter_transactions_changes_nothing(engine: Engine, url: str) -> None:
    with db.writing(engine) as conn:
        conn.exec_driver_sql(
            f"ALTER DATABASE {engine.url.database} SET default_transaction_isolation = 'serializable'"
        )
    strict = db.make_engine(url)
    new = make.report()
    together = threading.Barrier(8)

    def send(_: int) -> Outcome:
        together.wait()
        return make.add_report(strict, new)

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(send, range(8))) == {Outcome.STORED: 1, Outcome.REPEAT: 7}
    strict.dispose()
