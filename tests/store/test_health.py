"""A database that takes no writes is known for it, and said once an hour by its kind."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from store import db, health, schema
from store.database_faults import faults_without_values
from store.db import StoreFailed
from store.health import WriteHealth
from store.outcome import Outcome
from store.table_base import Base
from tests.store import make
from tests.support.postgres import PostgresServer, running_postgres

HOUR = 3600.0


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(url: str, clock: Clock) -> Iterator[Engine]:
    """The engine of a server."""
    engine = db.make_engine(url, is_server=True)
    engine.update_execution_options(**{health.OPTION: WriteHealth(True, clock)})
    yield engine
    engine.dispose()


def fill_disk(engine: Engine) -> None:
    """Let the file grow no more, as on a full disk, on every connection from now on."""

    def limit(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    engine.dispose()
    event.listen(engine, "connect", limit)
    engine.limit = limit  # type: ignore[attr-defined]


def free_disk(engine: Engine) -> None:
    event.remove(engine, "connect", engine.limit)  # type: ignore[attr-defined]
    engine.dispose()


def refuse_writes(engine: Engine) -> None:
    with db.writing(engine) as conn:
        conn.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
    engine.dispose()


def allow_writes(engine: Engine) -> None:
    with engine.connect() as conn:
        conn.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
        conn.commit()
        conn.execute(text(f"ALTER DATABASE {engine.url.database} RESET default_transaction_read_only"))
        conn.commit()
    engine.dispose()


def lose_standby(server: PostgresServer) -> None:
    """Let commits wait for a standby that is not there."""
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'a_standby'")
    server.sql("SELECT pg_reload_conf()")


def forget_standby(server: PostgresServer) -> None:
    server.sql("ALTER SYSTEM RESET synchronous_standby_names")
    server.sql("SELECT pg_reload_conf()")


def stored(engine: Engine) -> dict[str, list[object]]:
    with db.reading(engine) as conn:
        return {table.name: list(conn.execute(table.select())) for table in Base.metadata.sorted_tables}


def a_report(engine: Engine) -> None:
    make.add_report(engine, make.report(raw=b"r" * 60_000))


def test_writes_that_are_refused_are_known_and_told_once_an_hour(
    served: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert db.can_write(served)
    is_sqlite = served.dialect.name == "sqlite"
    (fill_disk if is_sqlite else refuse_writes)(served)
    for _ in range(3):
        with pytest.raises(StoreFailed):
            a_report(served)
    assert not db.can_write(served)
    told = (
        "the database failed: OperationalError (SQLITE_FULL)"
        if is_sqlite
        else "ReadOnlySqlTransaction (25006)"
    )
    assert len(caplog.messages) == 1 and told in caplog.messages[0]
    clock.now += HOUR + 1
    with pytest.raises(StoreFailed):
        a_report(served)
    assert len(caplog.messages) == 2
    (free_disk if is_sqlite else allow_writes)(served)
    a_report(served)
    clock.now += health.TRIAL_SECONDS + 1
    assert db.can_write(served)


def test_what_a_write_found_outlives_a_trial_that_works(served: Engine, clock: Clock) -> None:
    """A damaged page is met by some writes and not by the trial."""
    with pytest.raises(StoreFailed), health.health_of(served).write():
        raise StoreFailed("the database failed: DatabaseError (SQLITE_CORRUPT)")
    assert not db.can_write(served)
    clock.now += health.TRIAL_SECONDS + 1
    assert not db.can_write(served)
    clock.now += health.REMEMBERED_SECONDS
    assert db.can_write(served)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_failed_trial_is_undone_by_the_next_one_that_works(served: Engine, clock: Clock) -> None:
    """A quiet site, where no true write was refused, takes reports as soon as a trial shows it."""

    def refuse(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only = 1")  # type: ignore[attr-defined]

    event.listen(served, "connect", refuse)
    assert not db.can_write(served)
    event.remove(served, "connect", refuse)
    served.dispose()
    clock.now += health.TRIAL_SECONDS
    assert db.can_write(served)


def test_refused_content_is_no_fault_and_is_never_told(
    served: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "meyasubako")
    with pytest.raises(StoreFailed), db.writing(served) as conn:
        conn.execute(text("INSERT INTO change (seq, case_id) VALUES (1, NULL)"))
    assert caplog.messages == []
    assert db.can_write(served)


def test_a_write_that_does_not_end_is_known(served: Engine, clock: Clock) -> None:
    assert db.can_write(served)
    with db.writing(served):
        assert health.health_of(served).works
        clock.now += health.SLOW_SECONDS + 1
        assert not health.health_of(served).works
    assert health.health_of(served).works


def test_commands_tell_nothing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """They print their faults themselves."""
    with pytest.raises(StoreFailed), db.writing(engine) as conn:
        conn.execute(text("SELECT nothing"))
    assert caplog.messages == []


def test_a_trial_changes_nothing_and_comes_once_in_ten_seconds(served: Engine, clock: Clock) -> None:
    a_report(served)
    before = stored(served)
    commits: list[int] = []
    event.listen(served, "commit", lambda _conn: commits.append(1))
    for _ in range(5):
        assert db.can_write(served)
    assert len(commits) == 1
    clock.now += health.TRIAL_SECONDS
    assert db.can_write(served)
    assert len(commits) == 2
    assert stored(served) == before


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_disk_without_room_for_a_report_is_known(served: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert db.can_write(served)
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)
    assert not db.can_write(served)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_database_that_hangs_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is stopped, not ended: it refuses nothing and answers nothing."""
    monkeypatch.setattr(db, "SERVER_PATIENCE", 1)
    served = db.make_engine(url, is_server=True)
    with served.connect() as conn:
        pid = conn.scalar(text("SELECT pg_backend_pid()"))
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(StoreFailed), faults_without_values(served):
                conn.execute(text("SELECT 1"))
            assert conn.invalidated
            # Another connection is made, and works.
            a_report(served)
            assert db.can_write(served)
        finally:
            os.kill(pid, signal.SIGCONT)
    served.dispose()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_connection_to_what_became_a_standby_is_given_up(served: Engine) -> None:
    a_report(served)
    with served.connect() as conn:
        conn.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        conn.commit()
    with pytest.raises(StoreFailed):
        a_report(served)
    a_report(served)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('root certificate file "/x" does not exist', "sslrootcert names is not there"),
        ('could not read root certificate file "/x": no certificate', "holds no certificate"),
        ("SSL error: certificate verify failed", "the authority that sslrootcert names"),
        ('server certificate for "db1" does not match host name "db2"', "for another host"),
        ("server does not support SSL, but SSL was required", "no encryption"),
        ("Connection refused\nconnection to b failed: session is read-only", "none of them takes writes"),
        ('database "x" does not exist', "no such database"),
        ("Connection refused", "nothing listens there"),
    ],
)
def test_why_no_connection_came_about_is_said(said: str, why: str) -> None:
    engine = db.make_engine("postgresql+psycopg://u:p@/x?host=a&host=b")
    with pytest.raises(StoreFailed, match=why), faults_without_values(engine):
        raise OperationalError("", {}, psycopg.OperationalError(f"connection failed: {said}"))


def test_a_report_waits_for_the_standby_and_is_not_accepted_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL ends the wait of a commit at its own limits as if the standby had the commit: ours is the client's."""
    monkeypatch.setattr(db, "SERVER_PATIENCE", 1)
    with running_postgres() as server:
        url = server.url(server.new_database())
        schema.upgrade(url)
        served = db.make_engine(url, is_server=True)
        clock = Clock()
        served.update_execution_options(**{health.OPTION: WriteHealth(True, clock)})
        kept = make.report(raw=b"k" * 60_000)
        assert make.add_report(served, kept) is Outcome.STORED
        assert make.add_report(served, kept) is Outcome.REPEAT
        lose_standby(server)
        served.dispose()
        assert not db.can_write(served)
        forget_standby(server)
        clock.now += health.TRIAL_SECONDS
        # Only a trial had failed: the next one undoes it.
        assert db.can_write(served)
        lose_standby(server)
        served.dispose()
        with pytest.raises(StoreFailed):
            a_report(served)
        # A repeat is not answered by a row that no standby has.
        with pytest.raises(StoreFailed):
            make.add_report(served, kept)
        assert not db.can_write(served)
        forget_standby(server)
        a_report(served)
        clock.now += health.TRIAL_SECONDS
        assert db.can_write(served)
        served.dispose()
