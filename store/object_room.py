"""How much of the disk sealed files may take that no envelope names yet."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from store.object_disk import HEADER_BYTES
from store.object_limits import LEAST_COUNTED, Full

_COUNT_SECONDS: Final = 1.0
"""How old the sum of what waits may be: other workers add to it too."""


def counted(have: int) -> int:
    """Return what an object counts of which so many bytes are here; nothing before the first."""
    return max(have, LEAST_COUNTED) if have > 0 else 0


class WaitingRoom:
    """The bytes in the folder of waiting objects, `most` at most. `reserve`: bytes of the disk that stay free."""

    def __init__(self, folder: Path, most: int, reserve: int) -> None:
        self._folder, self._most, self._reserve = folder, most, reserve
        self._mutex = threading.Lock()
        self._counted: tuple[int, float] | None = None

    def check(self, more: int) -> None:
        """Raise Full when there is no room for `more` bytes; OSError."""
        if self._waiting() + more > self._most:
            self.forget()
            if self._waiting() + more > self._most:
                raise Full
        if not self.has_disk(more):
            raise Full

    def has_disk(self, more: int) -> bool:
        """Tell whether the disk has room for `more` bytes beside the reserve. Raises OSError."""
        status = os.statvfs(self._folder)
        return status.f_bavail * status.f_frsize >= self._reserve + more

    def add(self, more: int) -> None:
        """Count what was written."""
        with self._mutex:
            if self._counted is not None:
                self._counted = self._counted[0] + more, self._counted[1]

    def forget(self) -> None:
        """Count anew the next time."""
        with self._mutex:
            self._counted = None

    def _waiting(self) -> int:
        with self._mutex:
            if self._counted is not None and time.monotonic() < self._counted[1]:
                return self._counted[0]
            began, total = time.monotonic(), 0
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):
                        total += counted(entry.stat().st_size - HEADER_BYTES)
            now = time.monotonic()
            # Counting takes a hundredth of the time at most, however many tiny objects wait.
            self._counted = total, now + max(_COUNT_SECONDS, 100 * (now - began))
            return total
