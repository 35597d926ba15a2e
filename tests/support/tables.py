"""SQLite files with this version's tables: the migrations run once for each process of the tests, and their file is
copied."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from store import schema


def with_tables(url: str) -> None:
    """Do what `schema.upgrade` does for a database that is not there yet; other kinds than SQLite are upgraded."""
    parsed = make_url(url)
    if (
        not parsed.drivername.startswith("sqlite")
        or parsed.database is None
        or Path(parsed.database).exists()
    ):
        schema.upgrade(url)
        return
    # With its mode: the file is its owner's only.
    shutil.copy(_template(), parsed.database)


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mysb-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    schema.upgrade(f"sqlite:///{folder}/tables.db")
    assert not (folder / "tables.db-wal").exists()  # everything is in the file itself
    return folder / "tables.db"
