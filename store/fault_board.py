"""Counts of the database's faults by kind, in memory that all processes of one server share.

What is counted is hours in which a kind was met, and an hour is shown when it is over: a count that moved with each
fault would tell when a report met it.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable, Mapping
from typing import Final

from store.database_faults import UNREACHABLE

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "disk_full": ("SQLITE_FULL", "53100", "ENOSPC", "EDQUOT"),
    "damaged": ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"),
    "read_only": ("SQLITE_READONLY", "25006", "EROFS"),
    "busy": ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "53300"),
    "disk": ("SQLITE_IOERR", "SQLITE_CANTOPEN", "58030", "EIO", "EACCES", "EPERM"),
    "unreachable": (UNREACHABLE, "08", "57P"),
    "other": ("",),
}
"""Kinds of faults, and how the codes of each begin: SQLite's names, codes of PostgreSQL (its appendix A), and those
of the system for the folder of files."""

HOUR_SECONDS: Final = 3600
_SLOT: Final = struct.Struct("=qq")
"""The newest hour (since 1970) in which a kind was met, and in how many hours it was."""


def kind_of(code: str) -> str:
    """Return the kind of a fault's code."""
    return next(kind for kind, beginnings in KINDS.items() if code.startswith(beginnings))


class FaultBoard:
    """Made before the processes are forked that share it. `clock`: seconds since 1970.

    Nothing locks it: two processes that meet the first fault of an hour in the same moment may count it twice.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._shared = mmap.mmap(-1, _SLOT.size * len(KINDS))

    def count(self, code: str) -> None:
        """Count a fault, by its code."""
        place, hour = list(KINDS).index(kind_of(code)) * _SLOT.size, self._hour()
        newest, hours = _SLOT.unpack_from(self._shared, place)
        if hour != newest:
            _SLOT.pack_into(self._shared, place, hour, hours + 1)

    def hours(self) -> dict[str, int]:
        """Return for each kind in how many hours it was met, the running hour left out."""
        counts = {}
        for number, kind in enumerate(KINDS):
            newest, hours = _SLOT.unpack_from(self._shared, number * _SLOT.size)
            counts[kind] = hours - (newest == self._hour() and hours > 0)
        return counts

    def _hour(self) -> int:
        return int(self._clock()) // HOUR_SECONDS
