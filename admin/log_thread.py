"""The thread of a server that makes the batches which are due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from admin.log_condition import LogCondition
from admin.logbook import LogKeeper
from crypto.errors import CryptoError
from store import site as store_site
from store.config.log_head import LogHeadDamaged
from store.config.secrets import SecretFileError
from store.db import StoreFailed

TICK_SECONDS: Final = 30.0


@dataclass
class LastLook:
    """The condition of the log at this process's last look; CURRENT before the first."""

    state: LogCondition = LogCondition.CURRENT

    def refusal(self) -> str:
        """Return "damaged" or "forked" where it signed nothing because the leaves are not those that were signed, "key"
        because the secret file lacks the key.
        """
        refusals = (LogCondition.DAMAGED, LogCondition.FORKED, LogCondition.KEY)
        return self.state.value if self.state in refusals else ""


def keep_going(
    keeper: LogKeeper,
    clock: Callable[[], float] = time.time,
    tick: float = TICK_SECONDS,
    last: LastLook | None = None,
) -> threading.Thread:
    """Make what is due now, and start a thread that does so for as long as the process lives. `tick`: seconds between
    two looks; `last`: is told what each look came to.

    The first look is over when this returns: the leaf of a report that came before it would have no tags. What fails is
    tried again; doctor and /healthz tell of a batch that is late.
    """
    told = last or LastLook()

    def look() -> None:
        with suppress(StoreFailed, store_site.NoSite, SecretFileError, OSError, LogHeadDamaged, CryptoError):
            told.state = keeper.run(int(clock())).state

    def forever() -> None:
        pause = threading.Event()
        while not pause.wait(tick):
            look()

    look()
    thread = threading.Thread(target=forever, name="log", daemon=True)
    thread.start()
    return thread
