"""Run the migrations on a connection that is in a transaction already, without any file of settings."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

# Alembic keeps the migration that is running in module globals.
_ONE_AT_A_TIME = threading.Lock()


class TooOld(Exception):
    """The database holds a site of a version whose formats this one does not read."""


def config() -> Config:
    """Return Alembic's configuration: the scripts beside this file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def migrate(connection: Connection, revision: str = "head") -> None:
    """Upgrade the tables that `connection` sees to `revision`; the caller's transaction commits it, whole
    or not at all.
    """
    made = config()
    made.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(made, revision)
