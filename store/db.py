"""Engines and transactions, for SQLite and PostgreSQL.

"Committed" means "on disk" on both: SQLite in WAL with synchronous=FULL, PostgreSQL with synchronous_commit
on. Leave a `writing` block before you answer anybody: the commit happens at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, cast

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from store import driver, health, sqlite
from store.database_faults import JAPANESE, faults_without_values
from store.database_faults import StoreFailed as StoreFailed
from store.group import WriterGroup
from store.health import WriteHealth, has_room, health_of
from store.postgres import postgres_engine
from store.sqlite import busy_too_long, check_file, is_sqlite, sqlite_engine, writers_turn

CHECKPOINT_SECONDS: Final = 3
"""How long a checkpoint waits for readers; writers wait behind it."""


SERVER_PATIENCE: Final = 20
"""Seconds that a server waits for one answer of PostgreSQL: longer than for its turn (sqlite.BUSY_SECONDS)."""


def make_engine(url: str | URL, is_server: bool = False) -> Engine:
    """Return an engine for a SQLite file or a PostgreSQL server; it connects on first use, so make it after
    a fork. `is_server`: faults are logged (`store.health`), and a PostgreSQL that does not answer within
    SERVER_PATIENCE is given up; commands wait as long as it takes.

    Raises ValueError for any other kind of database, and for SQLite in memory (an accepted report would be
    lost).
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("this is not the URL of a database") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        engine = sqlite_engine(parsed)
    elif parsed.drivername in ("postgresql", "postgresql+psycopg"):
        own = parsed.set(drivername="postgresql+psycopg")
        engine = postgres_engine(own, SERVER_PATIENCE if is_server else None)
    else:
        raise ValueError(
            "the database must be SQLite (sqlite:///...) or PostgreSQL (postgresql+psycopg://...)"
        )
    engine.update_execution_options(**{health.OPTION: WriteHealth(is_server)})
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot of the database, for reading only.

    Raises StoreFailed when the database fails.
    """
    with (
        _told(engine),
        faults_without_values(engine),
        sqlite.begins_as(sqlite.READERS, engine).connect() as connection,
        connection.begin(),
    ):
        check_file(connection)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is committed, and so on disk, when the block ends without an
    exception. Writers of this process that wait share one commit (`store.group`); a block sees what those before it
    did, and waits for nobody who writes.

    What the block read is on disk then too, and with the synchronous standby where there is one, also when it wrote
    nothing: a crash or a lost standby can leave a row that is seen and not kept yet, and a repeat is answered by it.

    Raises StoreFailed when the database fails or stays locked for sqlite.BUSY_SECONDS.
    """
    group = cast(WriterGroup, engine.get_execution_options()[sqlite.GROUP])
    with (
        health_of(engine).write(),
        faults_without_values(engine),
        busy_too_long(),
        group.writer(lambda: _transaction(engine)) as connection,
    ):
        yield connection


@contextmanager
def writing_apart(engine: Engine, waits: bool = True) -> Iterator[Connection]:
    """Give a connection in a transaction that shares its commit with no other writer; on PostgreSQL only, where it
    holds none of them up. `waits`: False commits without waiting for the disk. Raises StoreFailed.
    """
    with (
        health_of(engine).write(),
        faults_without_values(engine),
        engine.connect() as connection,
        connection.begin(),
    ):
        if not waits:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        yield connection


def try_writing(engine: Engine) -> None:
    """Commit something that changes nothing: it needs the disk, the turn and, where there is one, the synchronous
    standby. Raises StoreFailed.
    """
    with writing(engine):
        pass


def can_write(engine: Engine, also: Callable[[], None] = lambda: None) -> bool:
    """Tell whether a report would be stored now: by what writes met, a trial write at most every ten seconds, and the
    room on the disk. `also`: tries what else has to take writes; raises StoreFailed.
    """

    def trial() -> None:
        try_writing(engine)
        also()

    known = health_of(engine)
    known.trial(trial)
    return known.works and has_room(engine)


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except StoreFailed as fault:
        health_of(engine).tell(fault)
        raise


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with (
        faults_without_values(engine),
        writers_turn(engine),
        sqlite.begins_as(sqlite.WRITERS, engine).connect() as connection,
        connection.begin(),
    ):
        check_file(connection)
        changes = _changes(connection)
        yield connection
        # For all parts that share it: none is told that it is stored before.
        check_file(connection)
        if is_sqlite(engine):
            if _changes(connection) == changes:
                # Writes a page's header that is the same again.
                connection.exec_driver_sql("PRAGMA user_version = 0")
        elif not driver.has_written(connection):
            connection.exec_driver_sql(_SETTLE)


_SETTLE: Final = (
    "SELECT pg_logical_emit_message(true, 'meyasubako', '') WHERE pg_current_xact_id_if_assigned() IS NULL"
)
"""Gives a transaction that wrote nothing a commit of its own: a message in the journal that nothing reads."""


def _changes(connection: Connection) -> int:
    """Return how many rows a SQLite connection has changed; 0 on PostgreSQL."""
    if not is_sqlite(connection.engine):
        return 0
    return cast(sqlite3.Connection, connection.connection.driver_connection).total_changes


def checkpoint(engine: Engine) -> bool:
    """Copy what is in a SQLite file's journal (its WAL) into the file and empty the journal, so that bytes that were
    deleted are in neither; False when a reader was in the way. Nothing to do on PostgreSQL. Raises StoreFailed.
    """
    if not is_sqlite(engine):
        return True
    with faults_without_values(engine), writers_turn(engine), engine.connect() as connection:
        check_file(connection)
        # The driver's own connection: a checkpoint can't be part of a transaction.
        raw = cast(sqlite3.Connection, connection.connection.driver_connection)
        raw.execute(f"PRAGMA busy_timeout = {CHECKPOINT_SECONDS * 1000}")
        try:
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            raw.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_SECONDS * 1000}")
    return not busy


def vacuum(engine: Engine) -> None:
    """Rewrite a database without what was deleted: VACUUM on SQLite, VACUUM FULL on PostgreSQL. Nobody can use it
    meanwhile. Raises StoreFailed.
    """
    if is_sqlite(engine):
        with faults_without_values(engine), writers_turn(engine), engine.connect() as connection:
            check_file(connection)
            raw = cast(sqlite3.Connection, connection.connection.driver_connection)
            try:
                raw.execute("VACUUM")
            except sqlite3.Error as error:
                name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
                raise StoreFailed(
                    f"the database failed: {type(error).__name__} ({name})", JAPANESE.get(name, "")
                ) from None
        checkpoint(engine)
        return
    with faults_without_values(engine), engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.exec_driver_sql("VACUUM (FULL)")


def durability_faults(engine: Engine) -> list[str]:
    """Return what makes "committed" less than "on disk" here, in plain sentences; an empty list when
    nothing does.

    Asked by `doctor`: a PostgreSQL server with fsync off loses accepted reports when the power goes, and
    looks well until then. Raises StoreFailed.
    """
    if is_sqlite(engine):
        return []  # every connection sets its own, or fails
    with reading(engine) as connection:
        return [
            f"PostgreSQL runs with {name} = off: reports that were accepted can be lost. Switch it on."
            for name in ("fsync", "full_page_writes")
            if connection.exec_driver_sql(f"SHOW {name}").scalar() != "on"
        ]
