"""Group commit: writers of one process that wait for each other share a transaction and its commit (ADR 0042).

A commit is an fsync. With one for each writer, those that wait pay for the disk one after the other. Here the first
writer begins a transaction and does its part; those that came meanwhile go on in the same transaction, each behind a
savepoint, in the order of coming; the last one commits, and only then are all of them told that their parts are stored.
A part that fails is rolled back to its savepoint and takes nothing with it. When the commit fails, or the database ends
the transaction by itself (disk full, connection lost), nothing is stored and every writer is told so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from store import driver
from store.database_faults import StoreFailed
from store.writer_lock import TurnNotReached

MOST: Final = 64
"""Writers in one transaction; other processes wait for its end."""

_SAVEPOINT: Final = "SAVEPOINT part"
_RELEASE: Final = "RELEASE SAVEPOINT part"
_ROLL_BACK: Final = "ROLLBACK TO SAVEPOINT part"

Opened = AbstractContextManager[Connection]
"""A connection in a transaction that is committed when the block ends, and rolled back when it raises."""


class _Spoiled(Exception):
    """Ends a transaction without a commit."""


class _Shared:
    """One transaction. Only the thread that was handed it touches `conn`."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.conn: Connection = opened.__enter__()
        self.writers = 1
        self.fault: BaseException | None = None
        self.done = threading.Event()

    @property
    def is_alive(self) -> bool:
        """Tell whether the database still has the transaction: some faults end it (SQLITE_FULL, a lost connection)."""
        if (
            self.fault is not None
            or self.conn.closed
            or self.conn.invalidated
            or not self.conn.in_transaction()
        ):
            return False
        driver = self.conn.connection.driver_connection
        return bool(getattr(driver, "in_transaction", True))

    def close(self) -> None:
        """Commit; where that is not possible, roll back and keep the fault for all writers."""
        try:
            if self.is_alive:
                self._opened.__exit__(None, None, None)
            else:
                self._roll_back(self.fault or _Spoiled())
        except Exception as fault:
            self.fault = fault
        except BaseException as stop:
            # The program is being ended: the others are told, and the thread that it reached ends.
            self.fault = stop
            raise
        finally:
            self.done.set()

    def abandon(self, fault: BaseException) -> None:
        """Roll back what its only writer did."""
        try:
            self._roll_back(fault)
        finally:
            self.done.set()

    def _roll_back(self, fault: BaseException) -> None:
        self.fault = fault
        try:
            self._opened.__exit__(type(fault), fault, fault.__traceback__)
        except BaseException as raised:
            if raised is not fault:
                raise


@dataclass(eq=False)
class _Waiting:
    """A writer in line. `shared`: the transaction it goes on in; None when it begins one itself."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    shared: _Shared | None = None


class WriterGroup:
    """The writers of one database in this process; every engine has one, made after the fork.

    `patience`: seconds that a writer waits for its turn.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._mutex = threading.Lock()
        self._line: deque[_Waiting] = deque()
        self._busy = False
        self._mine = threading.local()

    @property
    def waiting(self) -> int:
        """How many writers are in line."""
        with self._mutex:
            return len(self._line)

    @contextmanager
    def writer(self, open_transaction: Callable[[], Opened]) -> Iterator[Connection]:
        """Give a connection in a transaction; when the block ends without an exception, what it did is committed.

        Raises TurnNotReached, what `open_transaction` raises, and StoreFailed when the commit failed in another
        writer's hands; RuntimeError inside another block of the same thread, which would wait for itself.
        """
        if getattr(self._mine, "writes", False):
            raise RuntimeError("a writer inside a writer of the same database")
        shared = self._turn()
        self._mine.writes = True
        try:
            if shared is None:
                with self._first(open_transaction) as shared:
                    yield shared.conn
            else:
                with self._next(shared):
                    yield shared.conn
        finally:
            self._mine.writes = False
        self._wait(shared)

    @contextmanager
    def _first(self, open_transaction: Callable[[], Opened]) -> Iterator[_Shared]:
        try:
            shared = _Shared(open_transaction())
        except BaseException:
            self._end_turn()
            raise
        try:
            yield shared
        except BaseException as fault:
            # Nobody else is in it yet.
            try:
                shared.abandon(fault)
            finally:
                self._end_turn()
            raise
        self._hand_on(shared)

    @contextmanager
    def _next(self, shared: _Shared) -> Iterator[None]:
        try:
            driver.later(shared.conn, _SAVEPOINT)
            yield
            if not driver.not_later(shared.conn, _SAVEPOINT):
                driver.later(shared.conn, _RELEASE)
        except BaseException as fault:
            try:
                if shared.is_alive and not driver.not_later(shared.conn, _SAVEPOINT):
                    driver.plain(shared.conn, _ROLL_BACK)
                    driver.later(shared.conn, _RELEASE)
                if not shared.is_alive:
                    shared.fault = shared.fault or fault
            except BaseException:
                shared.fault = fault
            finally:
                self._hand_on(shared)
            raise
        self._hand_on(shared)

    def _turn(self) -> _Shared | None:
        """Wait for the turn; return the transaction to go on in, None when this writer begins one."""
        with self._mutex:
            if not self._busy:
                self._busy = True
                return None
            mine = _Waiting()
            mine.turn.acquire()
            self._line.append(mine)
        if not mine.turn.acquire(timeout=self._patience):
            with self._mutex:
                if mine in self._line:
                    self._line.remove(mine)
                    raise TurnNotReached
            # It was handed over in the very last moment.
        return mine.shared

    def _hand_on(self, shared: _Shared) -> None:
        """Let the next writer go on in a transaction, or close it."""
        with self._mutex:
            if self._line and shared.writers < MOST and shared.is_alive:
                following = self._line.popleft()
                shared.writers += 1
                following.shared = shared
                following.turn.release()
                return
        try:
            shared.close()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        with self._mutex:
            if self._line:
                self._line.popleft().turn.release()
            else:
                self._busy = False

    def _wait(self, shared: _Shared) -> None:
        """Wait until what this writer did is committed. Raises StoreFailed when it is not."""
        shared.done.wait()
        fault = shared.fault
        if isinstance(fault, StoreFailed):
            raise StoreFailed(str(fault), fault.ja, fault.is_content, fault.code) from None
        if fault is not None:
            raise StoreFailed(
                f"the database failed: its transaction was ended ({type(fault).__name__})", code="unknown"
            ) from None
