"""One-time links: only a user who can read the terminal of the desk can open it in a browser."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Final

LIFETIME: Final = 120.0
"""Seconds that a link is good for."""

PAUSE: Final = 10.0
"""Seconds between two links that are printed because somebody came without one."""


class OneTimeLinks:
    """The links that are good just now. `now`: seconds of a clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._good: dict[str, float] = {}
        self._printed = float("-inf")

    def new(self) -> str:
        """Return the token of a new link, 256 bits."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._good[token] = self._now() + LIFETIME
        return token

    def use(self, token: str) -> bool:
        """Tell whether a link is good; it is not any more after that."""
        with self._lock:
            self._forget_old()
            return self._good.pop(token, None) is not None

    def may_print(self) -> bool:
        """Tell whether another link may be printed: pages on other sites could fill the terminal otherwise."""
        with self._lock:
            if self._now() - self._printed < PAUSE:
                return False
            self._printed = self._now()
            return True

    def _forget_old(self) -> None:
        now = self._now()
        self._good = {token: until for token, until in self._good.items() if until > now}
