"""Sealed files. On SQLite in a database file of their own, so that an upload never holds up intake (ADR 0006).

Bytes are stored first; the envelope that names them comes last, in its own transaction. `Objects.claim` right
before it makes sure that they are all there and stay; `Objects.settle` after it only saves work later on:
anyone who is interrupted in between loses nothing.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final, cast

from sqlalchemy import URL, Connection, Engine, bindparam, case, delete, func, insert, select, update

from store import health
from store import tables as t
from store.db import StoreFailed, checkpoint, reading, vacuum, writing
from store.sqlite import sqlite_engine

SUFFIX: Final = "-objects"
"""Added to the path of a SQLite database: the file of its objects."""
MAX_PIECE: Final = 1_048_576
"""Bytes of one piece, and of one read."""
WAITING_DAYS: Final = 2
"""Days that an object waits for its envelope."""
DISK_RESERVE: Final = 512 * 1024 * 1024
"""Bytes of the disk that no upload may touch: room for some hundred reports of the largest size."""
_LEAST_COUNTED: Final = 65_536
"""What a waiting object counts at least, so that a flood of tiny ones has an end too."""
_DELETED_AT_ONCE: Final = 16


class WrongOffset(Exception):
    """The piece does not go on where the object ends; nothing was changed. `have`: bytes that are here."""

    def __init__(self, have: int) -> None:
        super().__init__("the piece is not the next one")
        self.have = have


class TooLarge(Exception):
    """The object or the piece is larger than it may be, or not as large as was said before."""


class Full(Exception):
    """Too much waits for its envelope, or the disk has no room but for reports."""


class Named(Exception):
    """An envelope has this object: it never changes again."""


_OBJECT: Final = t.stored_object
_PIECE: Final = t.object_piece
_ROW = select(_OBJECT.c.size, _OBJECT.c.have, _OBJECT.c.day).where(
    _OBJECT.c.object_id == bindparam("object_id")
)
# Nobody takes an object away between the look at it and what follows. (SQLite has one writer anyway.)
_ROW_LOCKED = _ROW.with_for_update()
_WAITING = select(
    func.coalesce(func.sum(case((_OBJECT.c.have < _LEAST_COUNTED, _LEAST_COUNTED), else_=_OBJECT.c.have)), 0)
).where(_OBJECT.c.day.is_not(None))
_IS_NAMED = select(t.object_name.c.object_id).where(t.object_name.c.object_id == bindparam("object_id"))


def objects_engine(engine: Engine) -> Engine:
    """Return the engine of a database's objects: the same on PostgreSQL, one of a file of their own on SQLite."""
    if engine.dialect.name != "sqlite":
        return engine
    own = sqlite_engine(URL.create("sqlite", database=f"{engine.url.database}{SUFFIX}"))
    own.update_execution_options(**{health.OPTION: health.health_of(engine)})
    return own


def make_tables(own: Engine) -> None:
    """Make the tables of a SQLite file of objects where it has none. Raises StoreFailed."""
    if own.dialect.name != "sqlite":
        return
    try:
        Path(cast(str, own.url.database)).touch(mode=0o600)
    except OSError as error:
        raise StoreFailed(
            f"the file of objects can't be made: {error.strerror}",
            f"添付ファイルのデータベースを作れません({error.strerror})。",
        ) from None
    with writing(own) as conn:
        t.Base.metadata.create_all(conn, tables=[_OBJECT, _PIECE])


class Objects:
    """The sealed files of one site; one for each process, made after a fork.

    `largest`: bytes of an object at most. `max_waiting`: bytes of all objects that no envelope names.
    """

    def __init__(self, engine: Engine, largest: int, max_waiting: int, reserve: int = DISK_RESERVE) -> None:
        self._main = engine
        self._engine = objects_engine(engine)
        self.largest: Final = largest
        self._max_waiting = max_waiting
        self._reserve = reserve
        self._mutex = threading.Lock()
        self._made = False
        self._swept: date | None = None

    def dispose(self) -> None:
        """Close the connections to a file of objects."""
        if self._engine is not self._main:
            self._engine.dispose()

    def have(self, object_id: bytes) -> int:
        """Return how many bytes of an object (16 bytes of id) are here; 0 if none. Raises StoreFailed."""
        with self._reading() as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
        return 0 if row is None else int(row.have)

    def is_complete(self, object_id: bytes) -> bool:
        """Tell whether all bytes of an object are here. Raises StoreFailed."""
        with self._reading() as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
        return row is not None and row.have == row.size

    def put_piece(self, object_id: bytes, total: int, offset: int, data: bytes, today: date) -> int:
        """Store the next piece of an object of `total` bytes; return how many are here, on disk.

        A piece that is here already changes nothing. Raises WrongOffset, TooLarge, Full, Named, StoreFailed;
        ValueError when `data` is empty or more than MAX_PIECE.
        """
        if not 1 <= len(data) <= MAX_PIECE or offset < 0:
            raise ValueError("a piece has 1 byte to 1 MiB")
        if total > self.largest or offset + len(data) > total:
            raise TooLarge
        if self._is_named(object_id):
            raise Named
        self._sweep_once(today)
        with self._writing() as conn:
            row = conn.execute(_ROW_LOCKED, {"object_id": object_id}).first()
            if row is not None and row.day is None:
                raise Named
            if row is not None and row.size != total:
                raise TooLarge
            have = 0 if row is None else int(row.have)
            if offset + len(data) <= have:
                return have
            if offset != have:
                raise WrongOffset(have)
            self._check_room(conn, max(len(data), _LEAST_COUNTED - have))
            new = {"size": total, "have": have + len(data), "day": today}
            if row is None:
                conn.execute(insert(_OBJECT), {"object_id": object_id, **new})
            else:
                conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(new))
            conn.execute(insert(_PIECE), {"object_id": object_id, "start": offset, "raw": data})
            return have + len(data)

    def end(self, object_id: bytes, total: int) -> None:
        """Say how long an object is whose pieces came as parts of one of `largest` bytes: it is complete now.

        Raises WrongOffset when not just these bytes are here, Named, StoreFailed.
        """
        with self._writing() as conn:
            row = conn.execute(_ROW_LOCKED, {"object_id": object_id}).first()
            if row is None or row.have != total:
                raise WrongOffset(0 if row is None else int(row.have))
            if row.day is None:
                raise Named
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(size=total))

    def read(self, object_id: bytes, offset: int, size: int = MAX_PIECE) -> tuple[bytes, int]:
        """Return up to `size` (at most MAX_PIECE) bytes of a complete object from `offset`, and its length.

        Raises KeyError when there is no such object or not all of it, StoreFailed.
        """
        with self._reading() as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
            if row is None or row.have != row.size:
                raise KeyError("no such object")
            end = offset + min(size, MAX_PIECE)
            pieces = select(_PIECE.c.start, _PIECE.c.raw).where(
                _PIECE.c.object_id == object_id,
                _PIECE.c.start > offset - MAX_PIECE,
                _PIECE.c.start < end,
            )
            pieces_read = [
                bytes(raw[max(0, offset - start) : max(0, end - start)])
                for start, raw in conn.execute(pieces.order_by(_PIECE.c.start))
            ]
        return b"".join(pieces_read), int(row.size)

    def read_named(self, object_id: bytes, offset: int) -> tuple[bytes, int]:
        """Return up to MAX_PIECE bytes of an object that an envelope names, and its length.

        Raises KeyError when there is none, StoreFailed.
        """
        if not self._is_named(object_id):
            raise KeyError("no such object")
        return self.read(object_id, offset)

    def claim(self, object_ids: Collection[bytes], today: date) -> bool:
        """Make sure that objects are here, all of each, and stay for two more days; False when one is not.

        Call it right before the transaction that names them. Raises StoreFailed.
        """
        if not object_ids:
            return True
        mine = _OBJECT.c.object_id.in_(list(object_ids))
        with self._writing() as conn:
            whole = select(_OBJECT.c.object_id).where(mine, _OBJECT.c.have == _OBJECT.c.size)
            if len(list(conn.scalars(whole.with_for_update()))) != len(set(object_ids)):
                return False
            conn.execute(update(_OBJECT).where(mine, _OBJECT.c.day.is_not(None)).values(day=today))
        return True

    def let_go(self, object_ids: Collection[bytes], today: date) -> None:
        """Count objects that an envelope names as waiting again. Before their names are taken away call this, and
        `settle` after the transaction, so that an interruption in between leaves nothing that no sweep deletes.

        Raises StoreFailed.
        """
        if not object_ids:
            return
        with self._writing() as conn:
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id.in_(list(object_ids))).values(day=today))

    def checkpoint(self) -> bool:
        """Empty the journals of both SQLite files (`store.db.checkpoint`). Raises StoreFailed."""
        self._prepare()
        done = checkpoint(self._main)
        return done if self._engine is self._main else checkpoint(self._engine) and done

    def vacuum(self) -> None:
        """Rewrite both SQLite files, or the one PostgreSQL database (`store.db.vacuum`). Raises StoreFailed."""
        self._prepare()
        for engine in dict.fromkeys((self._main, self._engine)):
            vacuum(engine)

    def settle(self, object_ids: Collection[bytes]) -> None:
        """Count objects that an envelope names as waiting no longer, and delete the others among them.

        Call it after the transaction. The next sweep does the same for what was interrupted before it.
        Raises StoreFailed.
        """
        for object_id in object_ids:
            self._settle(object_id, date.max)

    def delete(self, object_id: bytes) -> None:
        """Delete an object, and overwrite its bytes. Raises Named when an envelope has it, StoreFailed."""
        if self._is_named(object_id):
            raise Named
        self._delete(object_id)

    def sweep(self, today: date) -> int:
        """Delete what has waited for its envelope for more than WAITING_DAYS; return how many objects.

        Raises StoreFailed.
        """
        end = today - timedelta(WAITING_DAYS)
        with self._reading() as conn:
            object_ids = list(conn.scalars(select(_OBJECT.c.object_id).where(_OBJECT.c.day < end)))
        for object_id in object_ids:
            self._settle(object_id, end)
        return len(object_ids)

    def _sweep_once(self, today: date) -> None:
        with self._mutex:
            if self._swept == today:
                return
            self._swept = today
        self.sweep(today)

    def _settle(self, object_id: bytes, end: date) -> None:
        if not self._is_named(object_id):
            self._delete(object_id, end)
            return
        with self._writing() as conn:
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(day=None))

    def _delete(self, object_id: bytes, end: date = date.max) -> None:
        """Delete an object, unless it was claimed on the day `end` or later."""
        # From its end, some pieces at a time: a large file neither swells the journal nor blocks others, and
        # an interrupted deletion leaves an object that is not complete.
        tail = (
            select(_PIECE.c.start)
            .where(_PIECE.c.object_id == object_id)
            .order_by(_PIECE.c.start.desc())
            .limit(_DELETED_AT_ONCE)
        )
        while True:
            with self._writing() as conn:
                row = conn.execute(_ROW_LOCKED, {"object_id": object_id}).first()
                if row is None or row.day is None or row.day >= end:
                    return
                starts = list(conn.scalars(tail))
                if not starts:
                    conn.execute(delete(_OBJECT).where(_OBJECT.c.object_id == object_id))
                    return
                conn.execute(
                    delete(_PIECE).where(_PIECE.c.object_id == object_id, _PIECE.c.start >= starts[-1])
                )
                conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(have=starts[-1]))

    def _check_room(self, conn: Connection, more: int) -> None:
        if int(conn.scalar(_WAITING) or 0) + more > self._max_waiting:
            raise Full
        if conn.dialect.name == "sqlite":
            folder = os.path.dirname(os.path.abspath(cast(str, self._engine.url.database)))
            # The journal holds a piece a second time until it is copied into the file.
            if shutil.disk_usage(folder).free < self._reserve + 2 * more:
                raise Full

    def _is_named(self, object_id: bytes) -> bool:
        with reading(self._main) as conn:
            return conn.scalar(_IS_NAMED, {"object_id": object_id}) is not None

    def _prepare(self) -> None:
        with self._mutex:
            if not self._made:
                make_tables(self._engine)
                self._made = True

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._prepare()
        with reading(self._engine) as conn:
            yield conn

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._prepare()
        with writing(self._engine) as conn:
            yield conn
