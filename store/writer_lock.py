"""Turns of SQLite's writers: first come, first served, in a worker and across workers (ADR 0003).

SQLite lets one writer in at a time. A writer that finds it busy sleeps, for longer each time, and anyone who happens to
wake up first is next: with four workers, some reporters waited ten times as long as others and the disk
stood idle between two of them. So writers are in line before they ask SQLite: threads of a process in a
queue, processes at a file lock.

It guards the data too. SQLite before 3.51.3 can damage a file in WAL mode when one connection's checkpoint
meets another one's commit at the wrong instant (its "WAL-reset bug"). A checkpoint runs at the end of a
commit, and both stay in one turn here.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

if sys.platform != "win32":
    import fcntl

LOCK_SUFFIX: Final = "-writer"
"""Added to the database file's path: an empty file beside it that only carries the lock."""


class TurnNotReached(Exception):
    """The writers before this one took too long."""


class WriterTurns:
    """The line of writers of one database file; every engine has one, made after the fork."""

    def __init__(self, database: str) -> None:
        self._lock_path = os.path.abspath(database) + LOCK_SUFFIX
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait up to `patience` seconds for the turn and have it for the length of the block.

        Raises TurnNotReached, or OSError when the lock's file can't be used. The wait for other processes
        is not limited, but only one thread of a process is ever in it: a process that stopped half-way
        can't hold more.
        """
        if not self._enter(patience):
            raise TurnNotReached
        try:
            with self._other_processes():
                yield
        finally:
            self._leave()

    def _enter(self, patience: float) -> bool:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over in the very last moment

    def _leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    @contextmanager
    def _other_processes(self) -> Iterator[None]:
        if sys.platform == "win32":
            yield  # SQLite's own lock has to do; servers run on Linux
            return
        # Opened for each turn: a lock belongs to the opened file, and one that is kept open would be shared
        # after a fork.
        handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
