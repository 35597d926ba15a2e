"""A connection to PostgreSQL with a limit on each wait."""

from __future__ import annotations

import time
from typing import Any

import psycopg


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that gives up, and is closed, when the server does not answer for `patience` seconds.

    The server's own limits don't help against a server that is stopped or out of reach, and its `statement_timeout`
    ends the wait of a commit for a synchronous standby as if the standby had answered.
    """

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises psycopg.OperationalError."""
        limit = self.patience if timeout is None else timeout
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if timeout is None and limit is not None and time.monotonic() - begun >= limit:
                self.pgconn.finish()
            raise
