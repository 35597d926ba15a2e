"""The nightly run over a SQLite site's sealed files, at 03:00 of Japan (ADR 0048). Every worker looks; one does it.

After it no time in their folder is finer than a day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Final

from crypto.logbatch import day_in_japan
from store.database_faults import StoreFailed
from store.objects import Objects

HOUR: Final = 3
TICK_SECONDS: Final = 30.0


def day_that_runs(seconds: int) -> date:
    """Return the day whose night has passed at a time (seconds since 1970): files that were named before it are due."""
    return day_in_japan(seconds - HOUR * 3600)


def keep_renewing(
    objects: Objects, clock: Callable[[], float], tick: float = TICK_SECONDS
) -> threading.Thread | None:
    """Start a thread that writes anew what is due for as long as the process lives; none where files are rows.

    What fails is tried again; doctor tells of what is left. `tick`: seconds between two looks.
    """
    if objects.folder is None:
        return None

    def forever() -> None:
        pause = threading.Event()
        while not pause.wait(tick):
            with suppress(StoreFailed):
                objects.renew(day_that_runs(int(clock())))

    thread = threading.Thread(target=forever, name="files", daemon=True)
    thread.start()
    return thread
