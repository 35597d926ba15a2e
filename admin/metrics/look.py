"""Collects the metrics, from the site itself (/readyz) and from its database."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

from crypto import logbatch
from store import log as store_log
from store.db import StoreFailed, reading
from store.objects import SUFFIX as OBJECTS

STATES: Final = ("ok", "not_writing", "no_recipients", "database", "no_answer")
"""The answers of /readyz, and none at all."""
LOG_FAULTS: Final = ("clock", "log_head", "ahead", "damaged", "forked", "key", "other", "late")
ANSWER_SECONDS: Final = 8
"""Less than Prometheus waits by itself (10)."""
_LISTENING: Final = 3
"""The first socket that systemd hands over (sd_listen_fds)."""


@dataclass(frozen=True)
class Readiness:
    """The site's answer about itself. `log`: a fault of its log, "" for none."""

    state: str
    log: str = ""


@dataclass(frozen=True)
class DatabaseLook:
    """The database's state. `behind`: days that are over and have no batch; `standbys`: how many standbys hold each
    commit before it is answered. None where nobody knows.
    """

    behind: int | None = None
    standbys: int | None = None


def address_of(bind: str) -> str:
    """Return where the site is asked: what systemd handed over, else what the settings say, on this machine."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0":
        with socket.socket(fileno=os.dup(_LISTENING)) as handed:
            name = handed.getsockname()
        bind = f"unix:{name}" if isinstance(name, str) else f"[{name[0]}]:{name[1]}"
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:") or host.strip("[]") not in ("0.0.0.0", "::"):
        return bind
    return f"127.0.0.1:{port}" if host == "0.0.0.0" else f"[::1]:{port}"


class _SiteConnection(http.client.HTTPConnection):
    """A connection to the site, on a port or a Unix socket."""

    def __init__(self, address: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._address = address

    def connect(self) -> None:
        """Connect. Raises OSError."""
        if self._address.startswith("unix:"):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(ANSWER_SECONDS)
            self.sock.connect(self._address.removeprefix("unix:"))
            return
        host, _, port = self._address.rpartition(":")
        self.sock = socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS)


def readiness(address: str) -> Readiness:
    """Ask the site whether it takes reports."""
    connection = _SiteConnection(address)
    try:
        connection.request("GET", "/readyz")
        told = json.loads(connection.getresponse().read(10_000))
        state, log = told["status"], told.get("log", "")
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return Readiness("no_answer")
    finally:
        connection.close()
    return Readiness(state if state in STATES else "no_answer", log if log in LOG_FAULTS else "")


def look_at_database(engine: Engine, seconds: int) -> DatabaseLook:
    """Ask the database, at a time (seconds since 1970)."""
    try:
        with reading(engine) as conn:
            head = store_log.head(conn)
            behind = len(logbatch.missing_days(head.day, seconds)) if head and head.day else None
            return DatabaseLook(behind, _standbys(conn))
    except StoreFailed:
        return DatabaseLook()


def _standbys(conn: Connection) -> int | None:
    if conn.dialect.name == "sqlite":
        return None
    # Without the role pg_read_all_stats the states of others are NULL: nobody knows then.
    row = conn.execute(
        text(
            "SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), count(*) FILTER (WHERE state IS NULL)"
            " FROM pg_stat_replication"
        )
    ).one()
    return None if row[1] else int(row[0])


def _bytes_of(database: Path) -> int:
    """Return the bytes of a SQLite file, of its journal, and of the folder of sealed files. Raises OSError."""
    total = sum(file.stat().st_size for file in database.parent.glob(f"{database.name}*") if file.is_file())
    for folder, _folders, names in os.walk(f"{database}{OBJECTS}"):
        for name in names:
            with suppress(FileNotFoundError):  # swept since the folder was read
                total += os.stat(os.path.join(folder, name)).st_size
    return total


def sizes(engine: Engine) -> dict[str, int]:
    """Return bytes: of the database with its files ("database"), and what is free on its disk ("free", SQLite only).

    Empty where the database does not answer.
    """
    with suppress(StoreFailed, OSError):
        if engine.dialect.name == "sqlite":
            path = Path(engine.url.database or "")
            return {"database": _bytes_of(path), "free": shutil.disk_usage(path.parent).free}
        with reading(engine) as conn:
            return {
                "database": int(
                    conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
                )
            }
    return {}
