"""Writers that share a commit: each is told the truth about its own part, whatever becomes of the others."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text

from store import basis, db, group, reports, sqlite
from store import cards as store_cards
from store.db import StoreFailed
from store.group import WriterGroup
from store.outcome import Outcome
from tests.store import make

PATIENCE = 20.0
Part = Callable[[Connection], None]


class Refused(Exception):
    """A part that says no by itself."""


def waits(engine: Engine) -> WriterGroup:
    return cast(WriterGroup, engine.get_execution_options()[sqlite.GROUP])


def until(condition: Callable[[], bool]) -> None:
    """Give other threads the processor until something holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0)


@pytest.fixture(autouse=True)
def _table(engine: Engine) -> None:
    with db.writing(engine) as conn:
        conn.execute(text("CREATE TABLE note (number INTEGER PRIMARY KEY, said TEXT NOT NULL)"))


def run(statement: str, **values: object) -> Part:
    def part(conn: Connection) -> None:
        conn.execute(text(statement), values)

    return part


def put(number: int, said: str = "x") -> Part:
    return run("INSERT INTO note (number, said) VALUES (:number, :said)", number=number, said=said)


def refuse(_conn: Connection) -> None:
    raise Refused


def numbers(engine: Engine) -> set[int]:
    with db.reading(engine) as conn:
        return set(conn.scalars(text("SELECT number FROM note")))


@contextmanager
def commits(engine: Engine) -> Iterator[list[str]]:
    """Count the commits of an engine."""
    seen: list[str] = []

    def committed(_conn: Connection) -> None:
        seen.append("commit")

    event.listen(engine, "commit", committed)
    try:
        yield seen
    finally:
        event.remove(engine, "commit", committed)


def is_in_line(engine: Engine, place: int) -> bool:
    return waits(engine).waiting >= place


def write(engine: Engine, parts: list[Part], after: Part | None = None) -> list[Future[None]]:
    """Let writers come in this order while the first is at work: they share its transaction. `after`: what the first
    one does once all others are in line.
    """

    def one_writer(part: Part) -> None:
        with db.writing(engine) as conn:
            part(conn)

    def first(conn: Connection) -> None:
        parts[0](conn)
        at_work.set()
        until(lambda: waits(engine).waiting == len(parts) - 1)
        if after:
            after(conn)

    at_work = threading.Event()
    with ThreadPoolExecutor(len(parts)) as pool:
        results = [pool.submit(one_writer, first)]
        assert at_work.wait(PATIENCE)
        for place, part in enumerate(parts[1:], 1):
            results.append(pool.submit(one_writer, part))
            if place < len(parts) - 1:
                until(partial(is_in_line, engine, place))
    return results


def told(results: list[Future[Any]]) -> list[str]:
    return [type(result.exception()).__name__ if result.exception() else "stored" for result in results]


def test_writers_that_wait_share_one_commit(engine: Engine) -> None:
    with commits(engine) as seen:
        results = write(engine, [put(number) for number in range(10)])
    assert told(results) == ["stored"] * 10
    assert numbers(engine) == set(range(10))
    assert len(seen) == 1


def test_writers_that_come_one_by_one_commit_each(engine: Engine) -> None:
    with commits(engine) as seen:
        for number in range(3):
            with db.writing(engine) as conn:
                put(number)(conn)
    assert len(seen) == 3


def test_a_part_that_fails_takes_nothing_with_it(engine: Engine) -> None:
    """Refused by itself, by the database, and half done."""

    def half(conn: Connection) -> None:
        put(90)(conn)
        raise Refused

    results = write(engine, [put(1), refuse, put(2), put(1), half, put(3)])
    assert told(results) == ["stored", "Refused", "stored", "StoreFailed", "Refused", "stored"]
    assert numbers(engine) == {1, 2, 3}


@pytest.mark.parametrize("last", [refuse, put(1)], ids=["refused", "twice"])
def test_the_last_part_fails_and_the_others_are_committed(engine: Engine, last: Part) -> None:
    results = write(engine, [put(1), put(2), last])
    assert told(results)[:2] == ["stored", "stored"] and told(results)[2] != "stored"
    assert numbers(engine) == {1, 2}


def test_the_first_part_fails_and_the_next_begins_anew(engine: Engine) -> None:
    results = write(engine, [put(1), put(2), put(3)], after=refuse)
    assert told(results) == ["Refused", "stored", "stored"]
    assert numbers(engine) == {2, 3}


def test_a_part_sees_what_came_before_it_and_a_reader_nothing_of_it(engine: Engine) -> None:
    seen: list[set[int]] = []

    def look(conn: Connection) -> None:
        seen.append(set(conn.scalars(text("SELECT number FROM note"))))
        seen.append(numbers(engine))
        put(2)(conn)

    write(engine, [put(1), look])
    assert seen == [{1}, set()]
    assert numbers(engine) == {1, 2}


def test_nobody_is_told_before_the_commit(engine: Engine) -> None:
    """The first part is done long before the last one; its writer goes on only when both are on disk."""
    returned: list[int] = []
    last_at_work, go_on = threading.Event(), threading.Event()

    def writer(number: int) -> None:
        with db.writing(engine) as conn:
            put(number)(conn)
            if number == 1:
                until(lambda: waits(engine).waiting == 1)
            else:
                last_at_work.set()
                assert go_on.wait(PATIENCE)
        assert numbers(engine) == {1, 2}
        returned.append(number)

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(writer, 1)]
        until(lambda: waits(engine)._busy)
        results.append(pool.submit(writer, 2))
        assert last_at_work.wait(PATIENCE)
        assert returned == [] and numbers(engine) == set()
        go_on.set()
    assert told(results) == ["stored", "stored"]
    assert sorted(returned) == [1, 2]


def test_a_transaction_that_the_database_ends_stores_nothing_of_anybody(engine: Engine) -> None:
    """A full disk on SQLite, a lost connection on PostgreSQL: told is what is true, for each writer."""

    def end(conn: Connection) -> None:
        if engine.dialect.name == "postgresql":
            with engine.connect() as other:
                pid = conn.scalar(text("SELECT pg_backend_pid()"))
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        else:
            conn.exec_driver_sql(
                f"PRAGMA max_page_count = {conn.exec_driver_sql('PRAGMA page_count').scalar()}"
            )
        put(3, "x" * 3_000_000)(conn)

    results = write(engine, [put(1), put(2), end, put(4)])
    stored = {number for number, said in zip((1, 2, 3, 4), told(results), strict=True) if said == "stored"}
    assert numbers(engine) == stored
    assert told(results)[2] == "StoreFailed"
    if engine.dialect.name == "postgresql":
        assert stored == {4}


def test_a_commit_that_fails_is_told_to_all(engine: Engine) -> None:
    """PostgreSQL and SQLite both check a deferred reference at the commit."""
    with db.writing(engine) as conn:
        conn.execute(
            text("CREATE TABLE remark (number INTEGER REFERENCES note(number) DEFERRABLE INITIALLY DEFERRED)")
        )
    results = write(engine, [put(1), run("INSERT INTO remark VALUES (77)"), put(2)])
    assert told(results) == ["StoreFailed"] * 3
    assert numbers(engine) == set()
    with db.writing(engine) as conn:
        put(5)(conn)
    assert numbers(engine) == {5}


def test_an_end_of_the_program_in_a_commit_is_not_swallowed(engine: Engine) -> None:
    def stop(_conn: Connection) -> None:
        raise KeyboardInterrupt

    event.listen(engine, "commit", stop)
    with pytest.raises(KeyboardInterrupt), db.writing(engine) as conn:
        put(1)(conn)
    event.remove(engine, "commit", stop)
    with db.writing(engine) as conn:
        put(2)(conn)
    assert 2 in numbers(engine)


def test_no_more_than_so_many_share_a_commit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "MOST", 3)
    with commits(engine) as seen:
        write(engine, [put(number) for number in range(7)])
    assert len(seen) == 3 and numbers(engine) == set(range(7))


def test_a_writer_inside_a_writer_is_a_mistake_and_no_deadlock(engine: Engine) -> None:
    with pytest.raises(RuntimeError), db.writing(engine), db.writing(engine):
        pass
    with db.writing(engine) as conn:
        put(1)(conn)
    assert numbers(engine) == {1}


def test_who_waits_too_long_leaves_the_line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits(engine), "_patience", 0.05)
    with ThreadPoolExecutor(1) as pool, db.writing(engine) as conn:
        put(1)(conn)

        def late() -> None:
            with db.writing(engine) as other:
                put(2)(other)

        assert isinstance(pool.submit(late).exception(PATIENCE), StoreFailed)
        assert waits(engine).waiting == 0
    assert numbers(engine) == {1}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(["put", "refuse", "twice", "half"]), min_size=1, max_size=12))
def test_what_is_told_is_what_is_stored(engine: Engine, kinds: list[str]) -> None:
    with db.writing(engine) as conn:
        conn.execute(text("DELETE FROM note"))
        put(1000)(conn)

    def part(number: int, kind: str) -> Part:
        def run(conn: Connection) -> None:
            if kind != "refuse":
                put(number)(conn)
            if kind == "twice":
                put(1000)(conn)
            if kind != "put":
                raise Refused

        return run

    def writer(number: int, kind: str) -> None:
        with db.writing(engine) as conn:
            part(number, kind)(conn)

    with ThreadPoolExecutor(len(kinds)) as pool:
        results = [pool.submit(writer, number, kind) for number, kind in enumerate(kinds)]
    stored = {number for number, said in enumerate(told(results)) if said == "stored"}
    assert stored == {number for number, kind in enumerate(kinds) if kind == "put"}
    assert numbers(engine) == stored | {1000}


def test_reports_of_one_commit_are_each_told_what_became_of_them(engine: Engine) -> None:
    """A list that changed, the same report twice, a stolen id, a row that the database refuses, a full disk."""
    kept, last = make.report(), make.report()
    with db.reading(engine) as conn:
        before = basis.read(conn, make.DAY)
    outcomes: dict[str, Outcome] = {}

    def add(name: str, new: reports.NewReport, known: basis.Basis | None = None) -> Part:
        def part(conn: Connection) -> None:
            outcomes[name] = reports.add_report(conn, new, known=known)

        return part

    def enroll(conn: Connection) -> None:
        store_cards.enroll(conn, make.an_id(), make.an_id(), b"card", make.DAY)

    def no_room(conn: Connection) -> None:
        if engine.dialect.name == "sqlite":
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            add("large", make.report(raw=os.urandom(3_000_000)))(conn)
        raise Refused

    parts = [
        add("first", kept, before),
        add("again", kept, before),
        add("stolen", make.report(envelope_id=kept.envelope_id)),
        add("bad", make.report(raw=None)),
        enroll,
        add("sealed to the old list", make.report(), before),
        add("last", last),
    ]
    results = write(engine, parts)
    assert told(results) == ["stored", "stored", "stored", "StoreFailed", "stored", "ListChanged", "stored"]
    assert outcomes == {
        "first": Outcome.STORED,
        "again": Outcome.REPEAT,
        "stolen": Outcome.REFUSED,
        "last": Outcome.STORED,
    }
    full = write(engine, [add("before it", make.report()), no_room])
    with db.reading(engine) as conn:
        there = conn.exec_driver_sql("SELECT seq FROM envelope ORDER BY seq").scalars().all()
        changes = conn.exec_driver_sql("SELECT seq FROM change ORDER BY seq").scalars().all()
    assert there == changes  # every number of the feed has its envelope
    assert len(there) == 2 + told(full).count("stored")
