"""Engines, transactions and the schema's state, for SQLite and PostgreSQL.

"Committed" means "on disk" on both: SQLite in WAL with synchronous=FULL, PostgreSQL with synchronous_commit
on. Leave a `writing` block before you answer anybody: the commit happens at its end.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from store.writer_lock import TurnNotReached, WriterTurns

BUSY_SECONDS: Final = 15
"""How long a writer waits for another one before the reporter is told that it did not work."""

CHECKPOINT_SECONDS: Final = 3
"""How long a checkpoint waits for readers; writers wait behind it."""

REVISIONS: Final[tuple[str, ...]] = ("0001", "0002", "0003", "0004", "0005", "0006")
"""The schema's revisions, oldest first; a test compares them with the migrations."""

_TURNS: Final = "writer_turns"
_BEGIN: Final = "sqlite_begin"
_FILE: Final = "sqlite_file"


class StoreFailed(Exception):
    """The database could not do it: disk full, gone, locked for too long. Nothing of the transaction is
    stored (when the connection broke during the commit it may be: a repeat finds out).

    Its text names the kind of fault and never a value: drivers quote whole rows in their messages. `ja`: the same in
    Japanese, as far as it is known.
    """

    def __init__(self, text: str, ja: str = "") -> None:
        super().__init__(text)
        self.ja = ja


class WrongSchema(Exception):
    """The database's tables are not those of this program; the text says what to do, `ja` what is wrong."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


class SchemaState(Enum):
    """How a database's tables compare with those that this program needs."""

    EMPTY = "empty"
    CURRENT = "current"
    OUTDATED = "outdated"
    UNKNOWN = "unknown"
    """Made by a newer version, or by something else."""


_ADVICE: Final = {
    SchemaState.EMPTY: "The database is empty. Run `meyasubako init`, or `meyasubako db upgrade`.",
    SchemaState.OUTDATED: "The database is from an older version. Make a backup with that version, then run"
    " `meyasubako db upgrade`.",
    SchemaState.UNKNOWN: "The database is from a newer version of this program, or not from this program.",
}


_ADVICE_JA: Final = {
    SchemaState.EMPTY: "データベースが空です。",
    SchemaState.OUTDATED: "データベースが古い版のものです。",
    SchemaState.UNKNOWN: "データベースが新しい版のものか、このプログラムのものではありません。",
}


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
        return _postgres_engine(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError("the database must be SQLite (sqlite:///...) or PostgreSQL (postgresql+psycopg://...)")


def sqlite_engine(url: URL, journal_mode: str = "WAL") -> Engine:
    """Return an engine for a SQLite file; another journal mode than WAL is for files that are handed on
    whole.
    """
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.query:
        raise ValueError("a SQLite database must be a file")
    file = _OneFile(Path(url.database).absolute())
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        # A thread holds one connection at most. 32 threads read side by side; LIFO keeps few files open
        # when it is calm.
        pool_size=32,
        max_overflow=8,
        pool_use_lifo=True,
        creator=file.connect,
        execution_options={
            _FILE: file,
            **({_TURNS: WriterTurns(url.database)} if journal_mode == "WAL" else {}),
        },
    )
    event.listen(engine, "connect", _sqlite_connected(journal_mode))
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connected(journal_mode: str) -> Any:
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions of its own, and only before some statements: switched off.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        _set_journal_mode(connection, journal_mode)
        # WAL with NORMAL would lose the last commits when the power goes.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten, in the file too.
        connection.execute("PRAGMA secure_delete = ON")
        # Sorting never writes a temporary file.
        connection.execute("PRAGMA temp_store = MEMORY")

    return connected


def _set_journal_mode(connection: sqlite3.Connection, wanted: str) -> None:
    """Set the mode, which the file keeps: only a new file, or a restored one, is really changed."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != wanted:
        try:
            got = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]
            if got.upper() != wanted:
                raise sqlite3.OperationalError("this disk does not support the journal mode")
        except sqlite3.OperationalError as error:
            # Here, unlike everywhere else, SQLite does not wait for others by itself.
            if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(0.01)


class _OneFile:
    """The file that an engine opened first: whatever else comes to stand at its path is not used.

    Whoever deletes or replaces the file of a running server would otherwise have it accept reports into a file that
    nobody finds again; or, with what it knows of the first one (salt, site key), into one that they don't belong to.
    """

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        # Never made by opening it: a file that was removed must not come back empty.
        self._address = path.as_uri() + "?mode=rw"
        self._first: tuple[int, int] | None = None

    def connect(self) -> sqlite3.Connection:
        """Open the file. Raises StoreFailed for another one than before, sqlite3.Error when it can't be opened."""
        before = self._identity()
        if self._first is not None:
            self.check()
        connection = sqlite3.connect(self._address, BUSY_SECONDS, check_same_thread=False, uri=True)
        self._first = self._first or before
        try:
            self.check()
        except StoreFailed:
            connection.close()
            raise
        return connection

    def check(self) -> None:
        """Raise StoreFailed when the path names no file or another one than was opened first."""
        if self._identity() != self._first:
            raise StoreFailed(
                "the database failed: its file was removed or replaced",
                "データベースのファイルが消されたか、置き換えられました。",
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _check_file(connection: Connection) -> None:
    file = cast("_OneFile | None", connection.engine.get_execution_options().get(_FILE))
    if file is None:
        return  # PostgreSQL, or a backup, which is only read
    try:
        file.check()
    except StoreFailed:
        connection.invalidate()
        raise


def _sqlite_begin(connection: Connection) -> None:
    # A writer that began with a plain BEGIN could fail half-way, when another one committed in between.
    mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        # Said aloud, as a server can have another default: with one snapshot for the whole transaction, a
        # writer that waited for its turn would not see what the ones before it stored.
        isolation_level="READ COMMITTED",
        # Writers of the feed stand in line anyway; four workers stay below PostgreSQL's usual 100
        # connections.
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_use_lifo=True,
        # A database that was restarted costs a reconnection, not a report.
        pool_pre_ping=True,
        connect_args={"application_name": "meyasubako", "connect_timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _postgres_connected)
    return engine


def _postgres_connected(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        # remote_apply promises more than on: leave it.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') <> 'remote_apply'"
        )
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{BUSY_SECONDS}s",))
        # A node that vanishes while it holds the feed's lock must not stop the others' intake for long.
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', '60s', false)")
    # A setting made in a transaction that is rolled back is lost again.
    connection.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot of the database, for reading only.

    Raises StoreFailed when the database fails.
    """
    with _faults_without_values(engine), engine.connect() as connection:
        if not _is_sqlite(engine):
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            _check_file(connection)
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that is committed, and so on disk, when the block ends without an
    exception.

    Raises StoreFailed when the database fails or stays locked for BUSY_SECONDS.
    """
    with _faults_without_values(engine), _writers_turn(engine), engine.connect() as connection:
        if _is_sqlite(engine):
            connection = connection.execution_options(**{_BEGIN: "IMMEDIATE"})
        with connection.begin():
            _check_file(connection)
            yield connection
            _check_file(connection)


def checkpoint(engine: Engine) -> bool:
    """Copy what is in a SQLite file's journal (its WAL) into the file and empty the journal, so that bytes that were
    deleted are in neither; False when a reader was in the way. Nothing to do on PostgreSQL. Raises StoreFailed.
    """
    if not _is_sqlite(engine):
        return True
    with _faults_without_values(engine), _writers_turn(engine), engine.connect() as connection:
        _check_file(connection)
        # The driver's own connection: a checkpoint can't be part of a transaction.
        raw = cast(sqlite3.Connection, connection.connection.driver_connection)
        raw.execute(f"PRAGMA busy_timeout = {CHECKPOINT_SECONDS * 1000}")
        try:
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return not busy


def vacuum(engine: Engine) -> None:
    """Rewrite a database without what was deleted: VACUUM on SQLite, VACUUM FULL on PostgreSQL. Nobody can use it
    meanwhile. Raises StoreFailed.
    """
    if _is_sqlite(engine):
        with _faults_without_values(engine), _writers_turn(engine), engine.connect() as connection:
            _check_file(connection)
            raw = cast(sqlite3.Connection, connection.connection.driver_connection)
            try:
                raw.execute("VACUUM")
            except sqlite3.Error as error:
                name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
                raise StoreFailed(
                    f"the database failed: {type(error).__name__} ({name})", _JAPANESE.get(name, "")
                ) from None
        checkpoint(engine)
        return
    with _faults_without_values(engine), engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.exec_driver_sql("VACUUM (FULL)")


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


@contextmanager
def _writers_turn(engine: Engine) -> Iterator[None]:
    turns = cast("WriterTurns | None", engine.get_execution_options().get(_TURNS))
    if turns is None:
        yield  # PostgreSQL has no need of one: see feed.take_turn
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(turns.turn(BUSY_SECONDS))
        except TurnNotReached:
            raise StoreFailed(
                "the database failed: busy for too long", "データベースが長い間、ほかの処理に使われています。"
            ) from None
        except OSError as error:
            raise StoreFailed(
                f"the database failed: no lock beside it ({error.strerror})",
                f"データベースの隣にロックを作れません({error.strerror})。",
            ) from None
        yield


@contextmanager
def _faults_without_values(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # "from None": the driver's own text can quote rows ("Failing row contains ..."), and tracebacks
        # print causes.
        fault = _not_reached(error, engine.url) if engine.dialect.name == "postgresql" else None
        raise fault or StoreFailed(_fault_name(error), _JAPANESE.get(_detail(error) or "", "")) from None


def _not_reached(error: SQLAlchemyError, url: URL) -> StoreFailed | None:
    """Return why no connection to PostgreSQL came about, with its place but never the user or password."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    # Only who never reached a database has a fault without a code of the SQL standard.
    if type(cause).__module__.partition(".")[0] != "psycopg" or _detail(error):
        return None
    text = str(cause)
    reason = next((found for words, *found in _REASONS if any(word in text for word in words)), None)
    english, japanese = reason or (type(cause).__name__, "接続できません")
    place = f"{url.host or url.query.get('host') or 'localhost'}:{url.port or 5432}/{url.database}"
    return StoreFailed(
        f"the database can't be used (PostgreSQL at {place}): {english}",
        f"データベースを使えません(PostgreSQL、{place}): {japanese}。",
    )


_REASONS: Final = (
    (
        ("Connection refused", "No such file or directory"),
        "nothing listens there (refused)",
        "接続を拒否されました",
    ),
    (
        ("resolve host", "translate host name", "Name or service not known"),
        "the host is unknown",
        "ホスト名が見つかりません",
    ),
    (("timeout", "timed out"), "it did not answer in time", "時間内に応答がありません"),
    (
        ("password", "authentication", "pg_hba", "認証", "パスワード", "role "),
        "user or password was not accepted (authentication)",
        "利用者名かパスワードが認められませんでした(認証)",
    ),
    (("does not exist", "存在しません"), "there is no such database", "そのデータベースがありません"),
)
"""Words of libpq and the server, and what they mean. The whole text may name the user, so none of it is shown."""

_JAPANESE: Final = {
    "SQLITE_FULL": "ディスクに空きがありません。",
    "SQLITE_BUSY": "データベースが長い間、ほかの処理に使われています。",
    "SQLITE_CANTOPEN": "データベースのファイルを開けません。",
    "SQLITE_READONLY": "データベースのファイルに書き込めません。",
    "SQLITE_CORRUPT": "データベースのファイルが壊れています。",
    "SQLITE_NOTADB": "ファイルがデータベースではありません。",
}


def _detail(error: SQLAlchemyError) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)


def _fault_name(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    detail = _detail(error)
    return f"the database failed: {type(cause).__name__}" + (f" ({detail})" if detail else "")


def schema_state(engine: Engine) -> SchemaState:
    """Return how the database's tables compare with this program's. Raises StoreFailed when it can't be
    asked.
    """
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
        if "alembic_version" not in names:
            return SchemaState.UNKNOWN if names else SchemaState.EMPTY
        revisions = list(connection.scalars(text("SELECT version_num FROM alembic_version")))
    if not revisions:
        return SchemaState.EMPTY if names == ["alembic_version"] else SchemaState.UNKNOWN
    if revisions == [REVISIONS[-1]]:
        return SchemaState.CURRENT
    return SchemaState.OUTDATED if len(revisions) == 1 and revisions[0] in REVISIONS else SchemaState.UNKNOWN


def check_schema(engine: Engine) -> None:
    """Raise WrongSchema, with what to do, unless the database's tables are those of this program."""
    state = schema_state(engine)
    if state is not SchemaState.CURRENT:
        raise WrongSchema(_ADVICE[state], _ADVICE_JA[state])


def upgrade(url: str | URL) -> None:
    """Bring a database's tables to this version, in one transaction; an empty database gets them all.

    A SQLite file is created, readable by its owner only. Raises WrongSchema when the database is from a newer
    version or from something else, StoreFailed when the database fails.
    """
    from store.migrations.run import TooOld, migrate

    engine = make_engine(url)
    try:
        if _is_sqlite(engine):
            _make_file(Path(cast(str, engine.url.database)))
        if schema_state(engine) is SchemaState.UNKNOWN:
            check_schema(engine)
        try:
            with writing(engine) as connection:
                migrate(connection)
        except TooOld:
            raise WrongSchema(
                "The database holds a site of an earlier version, whose reports do not name their readers. It can't be "
                "upgraded,\nand it was left as it is. Keep it running with that version until its cases are closed, "
                "and make a new site beside it\n(docs/operations.md, section 9).",
                "以前の版のサイトです。この版には上げられません。データはそのままです(docs/operations.md 第9節)。",
            ) from None
    finally:
        engine.dispose()


def durability_faults(engine: Engine) -> list[str]:
    """Return what makes "committed" less than "on disk" here, in plain sentences; an empty list when
    nothing does.

    Asked by `doctor`: a PostgreSQL server with fsync off loses accepted reports when the power goes, and
    looks well until then. Raises StoreFailed.
    """
    if _is_sqlite(engine):
        return []  # every connection sets its own, or fails
    with reading(engine) as connection:
        return [
            f"PostgreSQL runs with {name} = off: reports that were accepted can be lost. Switch it on."
            for name in ("fsync", "full_page_writes")
            if connection.exec_driver_sql(f"SHOW {name}").scalar() != "on"
        ]


def _make_file(path: Path) -> None:
    try:
        # Its rows are sealed, but days and counts are nobody else's business either.
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreFailed(
            f"the database file can't be made: {error.strerror}",
            f"データベースのファイルを作れません({error.strerror})。",
        ) from None
