"""Backups: one self-contained SQLite file from either database, restored into either database.

A backup holds every table but the nonces (good for two days, and of no use to anybody). It opens no report,
like the database itself. Since it can be restored into the other kind of database, it is also the way to
move.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
)

from store import feed
from store import tables as t
from store.db import StoreFailed, reading, writing
from store.object_copies import DeletedMeanwhile, NotComplete, Progress, copy_in, copy_out
from store.schema import SchemaState, check_schema, schema_state
from store.sqlite import sqlite_engine

FEED_GAP: Final = 1_000_000
"""How many numbers of the feed a backup leaves free. What came after the backup is gone, but desks may have
seen its numbers: were they given out again, a desk that asks for what is above its last one would never see
the new rows.
"""

_BATCH: Final = 50
"""Rows at a time: envelopes of the largest size make 25 MiB of it."""

_OBJECT_TABLES: Final = (t.stored_object, t.object_piece)
"""On SQLite files lie in a folder; in a backup they are rows, as on PostgreSQL."""
_TABLES: Final = [table for table in t.Base.metadata.sorted_tables if table not in (t.nonce, *_OBJECT_TABLES)]
_ATTEMPTS: Final = 5
"""How often a backup is begun: anew when a case was deleted while its files were copied."""
_NOT_COMPLETE: Final = "A file that a report names is not complete; nothing was kept of the copy."
_UNCHANGED: Final = " Nothing was changed."
_WAL_HEADER: Final = b"\x02\x02"


class BackupError(Exception):
    """The backup can't be made or restored; the text says why, and what is left as it was."""


def backup(engine: Engine, path: str | Path, progress: Progress | None = None) -> int:
    """Write a consistent copy of the database to a new file, readable by its owner only; return its number
    of rows.

    The file appears under its name only when it is whole and on disk. Raises BackupError when it exists or
    can't be made, WrongSchema when the database isn't of this version.
    """
    target = Path(path).absolute()
    if target.exists():
        raise BackupError(f"{target} exists already; a backup never overwrites one.")
    check_schema(engine)
    for _ in range(_ATTEMPTS):
        with suppress(DeletedMeanwhile):
            return _back_up(engine, target, progress)
    raise BackupError(
        "Cases were deleted again and again meanwhile; nothing was left behind. Please try again."
    )


def _back_up(engine: Engine, target: Path, progress: Progress | None) -> int:
    from store.migrations.run import migrate

    with _part_beside(target) as part:
        into = sqlite_engine(URL.create("sqlite", database=str(part)), journal_mode="DELETE")
        try:
            # The copy is committed after the source is let go: a slow disk must not keep its snapshot open.
            with writing(into) as new:
                migrate(new)
                with reading(engine) as source:
                    rows = _copy(source, new, progress)
                    # Files that were named by then are there, and stay: no snapshot has to hold both.
                    rows += copy_out(engine, source, new, progress)
                _leave_gap(new)
        except NotComplete:
            raise BackupError(_NOT_COMPLETE) from None
        except StoreFailed as error:
            raise BackupError(f"The backup could not be made ({error}); nothing was left behind.") from None
        finally:
            into.dispose()
        _publish(part, target)
    return rows


def restore(path: str | Path, engine: Engine, progress: Progress | None = None) -> int:
    """Copy a backup into an upgraded database that holds nothing yet, all of it or nothing; return the
    number of rows.

    Numbers of the feed stay what they were. A backup of an older version is upgraded first, in a copy. Raises
    BackupError when the file is no whole backup of this version or an older one, or the database is not empty,
    WrongSchema when the database's tables are not of this version.
    """
    check_schema(engine)
    try:
        with _current(Path(path).absolute(), engine) as origin, writing(engine) as new:
            feed.take_turn(new)
            if any(_count(new, table) for table in _TABLES):
                raise BackupError(
                    f"The database is not empty; a backup is restored into an empty one only.{_UNCHANGED}"
                )
            with reading(origin) as source:
                rows = _copy(source, new, progress)
                # Committed first: should the rest fail, nothing names them, and the next attempt begins anew.
                rows += copy_in(source, engine, new, progress)
            _leave_gap(new)
    except NotComplete:
        raise BackupError(_NOT_COMPLETE) from None
    except StoreFailed as error:
        raise BackupError(f"The backup could not be restored ({error}); the database is as it was.") from None
    return rows


@contextmanager
def _current(path: Path, engine: Engine) -> Iterator[Engine]:
    """Give an engine for a backup whose tables are of this version: the file itself, which is only read, or a copy."""
    origin = open_backup(path)
    try:
        if schema_state(origin) is SchemaState.CURRENT:
            yield origin
            return
    finally:
        origin.dispose()
    # Beside the database that it goes into: there is room, and it is as well guarded.
    sqlite = engine.dialect.name == "sqlite"
    folder = Path(str(engine.url.database)).absolute().parent if sqlite else path.parent
    with _part_beside(folder / path.name) as part:
        try:
            shutil.copyfile(path, part)
        except OSError as error:
            raise BackupError(f"{part.parent} can't be written: {error.strerror}.{_UNCHANGED}") from None
        yield from _upgraded(part)


def _upgraded(part: Path) -> Iterator[Engine]:
    from store.migrations.run import migrate

    own = sqlite_engine(URL.create("sqlite", database=str(part)), journal_mode="DELETE")
    try:
        with writing(own) as conn:
            migrate(conn)
        yield own
    finally:
        own.dispose()


def _copy(source: Connection, new: Connection, progress: Progress | None) -> int:
    totals = {table: _count(source, table) for table in _TABLES}
    for table, total in totals.items():
        _copy_table(source, new, table, total, progress)
        if _count(new, table) != total:
            raise BackupError(f"The copy of {table.name} is not complete; nothing of it was kept.")
    return sum(totals.values())


def _copy_table(
    source: Connection, new: Connection, table: Table, total: int, progress: Progress | None
) -> None:
    done = 0
    query = select(table).order_by(*table.primary_key.columns)
    with source.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for batch in rows.mappings().partitions():
            new.execute(insert(table), [dict(row) for row in batch])
            done += len(batch)
            if progress is not None:
                progress(table.name, done, total)


def _count(conn: Connection, table: Table) -> int:
    return int(conn.scalar(select(func.count()).select_from(table)) or 0)


def _leave_gap(conn: Connection) -> None:
    """Set the counters behind the rows that were copied with their numbers; the feed's leaves FEED_GAP
    free.
    """
    first_free = feed.last(conn) + FEED_GAP
    if conn.dialect.name == "sqlite":
        conn.execute(text("DELETE FROM sqlite_sequence WHERE name = 'change'"))
        conn.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('change', :n)"), {"n": first_free})
        return
    cards = int(conn.scalar(select(func.coalesce(func.max(t.card.c.seq), 0))) or 0)
    # SQLite counts on from explicit numbers by itself; PostgreSQL's counters don't notice them.
    for table, value in (("change", first_free), ("card", cards + 1)):
        conn.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, 'seq'), :value, false)"),
            {"table": table, "value": value},
        )


@contextmanager
def _part_beside(target: Path) -> Iterator[Path]:
    """Give a new empty file in the target's folder (so that renaming it is one step), and remove what is
    left of it.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror}.") from None
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        part.with_name(part.name + "-journal").unlink(missing_ok=True)


def _publish(part: Path, target: Path) -> None:
    """Give a finished file its name: on disk first, never over another file."""
    try:
        _fsync(part)
        # Taking the name first makes "never over another file" hold between two backups at once; a hard
        # link would do it in one step, but memory sticks can't make any.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        part.replace(target)
        _fsync(target.parent)
    except FileExistsError:
        raise BackupError(f"{target} exists already; a backup never overwrites one.") from None
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror}.") from None


def _fsync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # Windows can't open folders, and keeps names by itself
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_backup(path: str | Path) -> None:
    """Raise BackupError when a file is no whole backup of this version or an older one, before anything is made for
    it.
    """
    open_backup(Path(path).absolute()).dispose()


def open_backup(path: Path) -> Engine:
    """Return an engine that only reads a backup, after checking that it is one and whole. Raises BackupError."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise BackupError(f"{path} can't be read: {error.strerror}.{_UNCHANGED}") from None
    if len(header) < 100 or not header.startswith(b"SQLite format 3\x00"):
        raise BackupError(f"{path} is not a backup of this program, or it is damaged.{_UNCHANGED}")
    if header[18:20] == _WAL_HEADER:
        raise BackupError(
            f"{path} is a database in use, not a backup; make a backup of it and restore that.{_UNCHANGED}"
        )
    address = path.as_uri() + "?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        _check_backup(path, engine)
    except StoreFailed:
        raise BackupError(f"{path} is damaged.{_UNCHANGED}") from None
    return engine


def _check_backup(path: Path, engine: Engine) -> None:
    with reading(engine) as conn:
        if conn.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            raise BackupError(f"{path} is damaged.{_UNCHANGED}")
        if conn.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise BackupError(f"{path} is damaged: rows that belong together are missing.{_UNCHANGED}")
    state = schema_state(engine)
    if state not in (SchemaState.CURRENT, SchemaState.OUTDATED):
        raise BackupError(
            f"{path} is from a newer version of this program, or not a backup of it.{_UNCHANGED}"
        )
