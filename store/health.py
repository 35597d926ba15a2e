"""Whether the database accepts writes, as this process knows it, and a line in the server's log when it does not.

A site that answers and refuses every report looks healthy from outside. Faults are logged by kind, which holds no
value of a row, and at most once an hour each, so that the log says nothing of single reports.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from sqlalchemy import Engine

from store.database_faults import StoreFailed
from store.fault_board import FaultBoard

OPTION: Final = "write_health"
"""An engine's option: its WriteHealth."""
LOG_SECONDS: Final = 3600
SLOW_SECONDS: Final = 10
"""A write that takes longer counts as one that does not work: its commit hangs."""
REMEMBERED_SECONDS: Final = 300
"""How long a failed write counts although a trial write worked since: damage to a page is met by some writes only."""
TRIAL_SECONDS: Final = 10
LEAST_FREE: Final = 16 * 1024 * 1024
"""Bytes: with less on the disk of a SQLite file some reports still fit into its journal and others don't."""

_logger: Final = logging.getLogger("meyasubako.store")


class WriteHealth:
    """The state of one database's writes in this process. `is_told`: faults go to the log.

    `clock`: seconds that only rise.
    """

    def __init__(self, is_told: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_told, self._clock = is_told, clock
        self._mutex = threading.Lock()
        self._told: dict[str, float] = {}
        self._failed: float | None = None
        self._trial_failed = False
        self._tried: float | None = None
        self._trying: int | None = None
        self._begun: dict[int, float] = {}
        self.board: FaultBoard | None = None
        """Where faults are counted for all processes of this server; None: nowhere."""

    def tell(self, fault: StoreFailed) -> None:
        """Log a fault of the database, unless its kind was told within the hour or the content was at fault."""
        if not self._is_told or fault.is_content:
            return
        if self.board is not None and fault.code:
            self.board.count(fault.code)
        with self._mutex:
            now, before = self._clock(), self._told.get(str(fault))
            if before is not None and now - before < LOG_SECONDS:
                return
            self._told[str(fault)] = now
        _logger.error("%s", fault)

    @contextmanager
    def write(self) -> Iterator[None]:
        """Watch one write."""
        with self._mutex:
            self._begun[threading.get_ident()] = self._clock()
        try:
            yield
        except StoreFailed as fault:
            # A trial that failed is undone by the next one that works: it was the whole of what is known.
            if not fault.is_content and self._trying != threading.get_ident():
                self._failed = self._clock()
            self.tell(fault)
            raise
        else:
            # A trial that works shows less than a true write: see REMEMBERED_SECONDS.
            if self._trying != threading.get_ident():
                self._failed = None
        finally:
            with self._mutex:
                self._begun.pop(threading.get_ident(), None)

    def trial(self, write: Callable[[], None]) -> None:
        """Make a trial write where the last one is more than TRIAL_SECONDS ago; one at a time."""
        with self._mutex:
            now = self._clock()
            if self._tried is not None and now - self._tried < TRIAL_SECONDS:
                return
            self._tried = now
        self._trying = threading.get_ident()
        try:
            write()
            self._trial_failed = False
        except StoreFailed:
            self._trial_failed = True
            return
        finally:
            self._trying = None
        failed = self._failed
        if failed is not None and self._clock() - failed >= REMEMBERED_SECONDS:
            self._failed = None

    @property
    def works(self) -> bool:
        """Tell whether writes work, as far as is known."""
        now = self._clock()
        with self._mutex:
            is_slow = any(now - begun > SLOW_SECONDS for begun in self._begun.values())
        return not (is_slow or self._trial_failed or self._failed is not None)


def health_of(engine: Engine) -> WriteHealth:
    """Return what is known of an engine's database; nothing for a backup's, which is only read."""
    return cast(WriteHealth, engine.get_execution_options().get(OPTION) or WriteHealth())


def has_room(engine: Engine) -> bool:
    """Tell whether the disk of a SQLite file has room for any report; True on PostgreSQL, whose disk is elsewhere."""
    if engine.dialect.name != "sqlite":
        return True
    try:
        return shutil.disk_usage(Path(engine.url.database or ".").parent).free >= LEAST_FREE
    except OSError:
        return False
