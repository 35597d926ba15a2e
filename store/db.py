"""Engines and transactions, for SQLite and PostgreSQL.

"Committed" means "on disk" on both: SQLite in WAL with synchronous=FULL, PostgreSQL with synchronous_commit
on. Leave a `writing` block before you answer anybody: the commit happens at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from store import sqlite
from store.database_faults import JAPANESE, faults_without_values
from store.database_faults import StoreFailed as StoreFailed
from store.group import WriterGroup
from store.postgres import postgres_engine
from store.sqlite import BEGIN, busy_too_long, check_file, is_sqlite, sqlite_engine, writers_turn

CHECKPOINT_SECONDS: Final = 3
"""How long a checkpoint waits for readers; writers wait behind it."""


def make_engine(url: str | URL) -> Engine:
    """Return an engine for a SQLite file or a PostgreSQL server; it connects on first use, so make it after
    a fork.

    Raises ValueError for any other kind of database, and for SQLite in memory (an accepted report would be
    lost).
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("this is not the URL of a database") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return sqlite_engine(parsed)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return postgres_engine(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError("the database must be SQLite (sqlite:///...) or PostgreSQL (postgresql+psycopg://...)")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot of the database, for reading only.

    Raises StoreFailed when the database fails.
    """
    with faults_without_values(engine), engine.connect() as connection:
        if not is_sqlite(engine):
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            check_file(connection)
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is committed, and so on disk, when the block ends without an
    exception. Writers of this process that wait share one commit (`store.group`); a block sees what those before it
    did, and waits for nobody who writes.

    Raises StoreFailed when the database fails or stays locked for sqlite.BUSY_SECONDS.
    """
    group = cast(WriterGroup, engine.get_execution_options()[sqlite.GROUP])
    with (
        faults_without_values(engine),
        busy_too_long(),
        group.writer(lambda: _transaction(engine)) as connection,
    ):
        check_file(connection)
        yield connection
        check_file(connection)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with faults_without_values(engine), writers_turn(engine), engine.connect() as connection:
        if is_sqlite(engine):
            connection = connection.execution_options(**{BEGIN: "IMMEDIATE"})
        with connection.begin():
            yield connection
            check_file(connection)


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
