"""SQLite: one file, WAL with synchronous=FULL, one writer at a time, and never another file under the same path."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from store import driver
from store.database_faults import StoreFailed
from store.group import WriterGroup
from store.writer_lock import TurnNotReached, WriterTurns

BUSY_SECONDS: Final = 15
"""How long a writer waits for another one before the reporter is told that it did not work."""

_TURNS: Final = "writer_turns"
GROUP: Final = "writer_group"
"""An engine's option: its `store.group.WriterGroup`."""
BEGIN: Final = "begin_as"
"""A connection's option: how its transactions begin."""
READERS: Final = "readers"
WRITERS: Final = "writers"
"""Options of an engine: the same one, whose transactions begin as readers' or writers' do."""
SAVE_SECONDS: Final = 5
"""How long a reader who finds the journal gone waits for the turn to save it."""

_FILE: Final = "sqlite_file"
_JOURNAL: Final = "sqlite_journal"
"""In a connection's info: which file was its journal when it was opened."""


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
            GROUP: WriterGroup(BUSY_SECONDS),
            **({_TURNS: WriterTurns(url.database)} if journal_mode == "WAL" else {}),
        },
    )
    event.listen(engine, "connect", _sqlite_connected(journal_mode))
    if journal_mode == "WAL":
        event.listen(engine, "connect", _journal_known(file))
    event.listen(engine, "begin", _sqlite_begin)
    divide(engine, {}, {BEGIN: "IMMEDIATE"})
    return engine


def divide(engine: Engine, reader: Mapping[str, str], writer: Mapping[str, str]) -> None:
    """Set options of readers' and of writers' connections once, not for each transaction."""
    made = {READERS: engine.execution_options(**reader), WRITERS: engine.execution_options(**writer)}
    engine.update_execution_options(**made)


def begins_as(part: str, engine: Engine) -> Engine:
    """Return an engine as its READERS or WRITERS use it; one of a backup, which is only read, has no such parts."""
    return cast(Engine, engine.get_execution_options().get(part, engine))


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


def _journal_known(file: _OneFile) -> Any:
    def connected(connection: sqlite3.Connection, record: Any) -> None:
        # Reading opens the journal, which stays at its path while any connection has it open.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        record.info[_JOURNAL] = file.journal()

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
    """The file that an engine opened first: whatever else comes to be at its path is not used.

    Anyone who deletes or replaces the file of a running server would otherwise have it accept reports into a file that
    nobody finds again; or, with what it knows of the first one (salt, site key), into one that they don't belong to.
    """

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        # Never made by opening it: a file that was removed must not come back empty.
        self._address = path.as_uri() + "?mode=rw"
        self._first: tuple[int, int] | None = None
        self._lost_journal = self._is_saved = False

    def connect(self) -> sqlite3.Connection:
        """Open the file. Raises StoreFailed for another one than before, sqlite3.Error when it can't be opened."""
        before = self._identity(self._path)
        if self._first is not None:
            self.check()
        self._check_lost()
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
        if self._identity(self._path) != self._first:
            raise StoreFailed(
                "the database failed: its file was removed or replaced",
                "データベースのファイルが消されたか、置き換えられました。",
                code="SQLITE_CANTOPEN",
            )

    def journal(self) -> tuple[int, int] | None:
        """Return which file is the journal now; None where there is none."""
        return self._identity(self._path + "-wal")

    def check_journal(
        self, known: tuple[int, int], raw: sqlite3.Connection, turn: AbstractContextManager[None]
    ) -> None:
        """Raise StoreFailed where the journal is not the one that a connection has open, and from then on: what is
        written now would be gone with the process. What the journal holds is saved into the database's file first.

        `turn`: the writers' turn, in which checkpoints are made.
        """
        self._lost_journal = self._lost_journal or self.journal() != known
        if not self._lost_journal:
            return
        if not self._is_saved:
            raw.rollback()
            with suppress(TurnNotReached, OSError), turn:
                self._is_saved = not raw.execute("PRAGMA wal_checkpoint(FULL)").fetchone()[0]
        self._check_lost()

    def _check_lost(self) -> None:
        if self._lost_journal:
            raise StoreFailed(
                "the database failed: its journal (-wal) was removed or replaced; restart the service",
                "データベースのジャーナル(-wal)が消されたか、置き換えられました。サービスを再起動してください。",
                code="SQLITE_IOERR",
            )

    @staticmethod
    def _identity(path: str) -> tuple[int, int] | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        return status.st_dev, status.st_ino


def check_file(connection: Connection) -> None:
    """Raise StoreFailed when a connection's file is not the one that its engine opened first."""
    file = cast("_OneFile | None", connection.engine.get_execution_options().get(_FILE))
    if file is None:
        return  # PostgreSQL, or a backup, which is only read
    try:
        file.check()
    except StoreFailed:
        connection.invalidate()
        raise
    known = connection.info.get(_JOURNAL)
    if known is not None:
        options = connection.get_execution_options()
        turns = cast("WriterTurns | None", options.get(_TURNS))
        is_reader = options.get(BEGIN) != "IMMEDIATE"
        raw = cast(sqlite3.Connection, connection.connection.driver_connection)
        # The connection stays: closed by all, the journal that it has open would be gone.
        file.check_journal(known, raw, turns.turn(SAVE_SECONDS) if turns and is_reader else nullcontext())


def _sqlite_begin(connection: Connection) -> None:
    # A writer that began with a plain BEGIN could fail half-way, when another one committed in between.
    mode = connection.get_execution_options().get(BEGIN, "DEFERRED")
    driver.plain(connection, f"BEGIN {mode}")


def is_sqlite(engine: Engine) -> bool:
    """Tell whether an engine's database is SQLite."""
    return engine.dialect.name == "sqlite"


@contextmanager
def busy_too_long() -> Iterator[None]:
    """Raise StoreFailed for a turn that was not reached in time."""
    try:
        yield
    except TurnNotReached:
        raise StoreFailed(
            "the database failed: busy for too long",
            "データベースが長い間、ほかの処理に使われています。",
            code="SQLITE_BUSY",
        ) from None


@contextmanager
def writers_turn(engine: Engine) -> Iterator[None]:
    """Hold the writer lock of a SQLite file; on PostgreSQL nothing. Raises StoreFailed."""
    turns = cast("WriterTurns | None", engine.get_execution_options().get(_TURNS))
    if turns is None:
        yield  # PostgreSQL has no need of one: see feed.take_turn
        return
    with ExitStack() as stack:
        try:
            with busy_too_long():
                stack.enter_context(turns.turn(BUSY_SECONDS))
        except OSError as error:
            raise StoreFailed(
                f"the database failed: no lock beside it ({error.strerror})",
                f"データベースの隣にロックを作れません({error.strerror})。",
            ) from None
        yield


def make_file(path: Path) -> None:
    """Make an empty file that only its owner can read. Raises StoreFailed."""
    try:
        # Its rows are sealed, but days and counts are nobody else's business either.
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreFailed(
            f"the database file can't be made: {error.strerror}",
            f"データベースのファイルを作れません({error.strerror})。",
        ) from None
