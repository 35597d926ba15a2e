"""PostgreSQL: READ COMMITTED, synchronous_commit at least on, and limits on waiting."""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from store import driver, sqlite
from store.group import WriterGroup

CONNECT_SECONDS: Final = 5
RESTED_SECONDS: Final = 30
CONNECTIONS: Final = 16
"""The most that one process has open: docs/cluster.md reckons with it."""
_USED: Final = "used"
_KEPT_ALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""libpq's settings for a machine that vanishes without a word: it is given up after some ten seconds, not two hours."""


# psycopg would wait for the answer to its own BEGIN. This one goes out with the first statement. Its isolation is said
# aloud, as a server can have another default: with one snapshot for the whole transaction, a writer that waited for its
# turn would not see what the ones before it stored.
_OWN_BEGIN: Final[Mapping[str, str]] = {"isolation_level": "AUTOCOMMIT"}
_AS_READER: Final[Mapping[str, str]] = {
    **_OWN_BEGIN,
    sqlite.BEGIN: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_AS_WRITER: Final[Mapping[str, str]] = {**_OWN_BEGIN, sqlite.BEGIN: "BEGIN ISOLATION LEVEL READ COMMITTED"}
"""Options of connections that read one snapshot, and of those that write."""


_ON_A_STANDBY: Final = ("25006", "0A000")
"""What a PostgreSQL says that became a standby (read_only_sql_transaction; feature_not_supported "during recovery").
Its connections are given up, so that the next one goes to the primary. Behind pgbouncer they outlive the change."""


def postgres_engine(url: URL, patience: float | None = None) -> Engine:
    """Return an engine for a PostgreSQL server; it connects on first use. `patience`: seconds for each answer."""
    engine = create_engine(
        url,
        hide_parameters=True,
        execution_options={sqlite.GROUP: WriterGroup(sqlite.BUSY_SECONDS)},
        isolation_level="READ COMMITTED",
        # Four workers stay below PostgreSQL's usual 100 connections. All are kept: one beyond the pool would be
        # closed after its transaction, and a connection costs PostgreSQL more than a report.
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=sqlite.BUSY_SECONDS,
        pool_use_lifo=True,
        connect_args={
            "application_name": "meyasubako",
            "connect_timeout": sqlite.BUSY_SECONDS if patience is None else CONNECT_SECONDS,
            **_KEPT_ALIVE,
        },
    )
    is_lost = engine.dialect.is_disconnect

    def is_of_no_use(error: Exception, connection: Any, cursor: Any) -> bool:
        return is_lost(error, connection, cursor) or getattr(error, "sqlstate", None) in _ON_A_STANDBY  # type: ignore[arg-type]

    engine.dialect.is_disconnect = is_of_no_use  # type: ignore[method-assign,assignment]
    event.listen(engine, "do_connect", _connecting(patience))
    event.listen(engine, "connect", _postgres_connected)
    event.listen(engine, "checkout", _check_connection)
    event.listen(engine, "checkin", lambda _connection, record: driver.forget(record.info))
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _catch_up)
    sqlite.divide(engine, _AS_READER, _AS_WRITER)
    return engine


def _check_connection(connection: Any, record: Any, _proxy: object) -> None:
    """Have a connection made anew whose server has gone: a database that was restarted costs a reconnection, not a
    report. A connection that rests has nothing to say, so what can be read on it is its end.

    One that rested for long is asked as well: a machine that vanished ends nothing.
    """
    # Sites on SQLite never load the driver.
    from psycopg import Error

    now, used = time.monotonic(), record.info.get(_USED)
    record.info[_USED] = now
    if used is None:
        return
    try:
        watch = select.poll()
        watch.register(connection.fileno(), select.POLLIN)
        if watch.poll(0):
            raise InvalidatePoolError
        if now - used > RESTED_SECONDS:
            connection.execute("")
            connection.rollback()
    except Error:
        raise InvalidatePoolError from None


def _begin(conn: Connection) -> None:
    text = conn.get_execution_options().get(sqlite.BEGIN)
    if text is not None:
        driver.later(conn, text)


def _catch_up(conn: Connection, *_statement: object) -> None:
    driver.catch_up(conn)


def _connecting(patience: float | None) -> Any:
    def connect(_dialect: object, _record: object, args: Any, parameters: Any) -> object:
        # Sites on SQLite never load the driver.
        from store.limited_connection import LimitedConnection

        connection = LimitedConnection.connect(*args, **parameters)
        connection.patience = patience
        return connection

    return connect


def _postgres_connected(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        # remote_apply promises more than on: leave it.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') <> 'remote_apply'"
        )
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{sqlite.BUSY_SECONDS}s",))
        # A node that vanishes while it holds the feed's lock must not stop the others' intake for long.
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', '60s', false)")
    # A setting made in a transaction that is rolled back is lost again.
    connection.commit()
