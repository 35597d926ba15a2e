"""Sealed files: a folder beside a SQLite database (ADR 0048), rows of a PostgreSQL one.

Bytes are stored first; the envelope that names them comes last, in its own transaction. `Objects.claim` right
before it makes sure that they are all there and stay; `Objects.settle` after it only saves work later on:
anyone who is interrupted in between loses nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Final, cast

from sqlalchemy import Engine, select

from store import tables as t
from store.database_faults import StoreFailed
from store.db import checkpoint, reading, vacuum
from store.health import health_of
from store.object_files import ObjectFolder
from store.object_limits import DISK_RESERVE, Piece, parts_of
from store.object_limits import MAX_PIECE as MAX_PIECE
from store.object_limits import Full as Full
from store.object_limits import Named as Named
from store.object_limits import Octets as Octets
from store.object_limits import TooLarge as TooLarge
from store.object_limits import WrongOffset as WrongOffset
from store.object_rows import ObjectRows
from store.sqlite import is_sqlite

SUFFIX: Final = "-objects"
"""Added to the path of a SQLite database: the folder of its objects."""
WAITING_DAYS: Final = 2
"""Days that an object waits for its envelope."""


def objects_folder(engine: Engine) -> Path:
    """Return the folder of a SQLite database's objects."""
    return Path(os.path.abspath(cast(str, engine.url.database)) + SUFFIX)


def _telling(engine: Engine) -> Callable[[StoreFailed], None]:
    def failed(fault: StoreFailed) -> None:
        # A database that works does not hide it: only a write that follows does.
        try:
            with health_of(engine).write():
                raise fault
        except StoreFailed:
            return

    return failed


def folder_of(engine: Engine, max_waiting: int = 0, reserve: int = DISK_RESERVE) -> ObjectFolder:
    """Return the folder of a SQLite database's objects; nothing is opened or made yet."""
    return ObjectFolder(objects_folder(engine), max_waiting, reserve, _telling(engine))


class Objects:
    """The sealed files of one site; one for each process, made after a fork.

    `largest`: bytes of an object at most. `max_waiting`: bytes of all objects that no envelope names.
    """

    def __init__(self, engine: Engine, largest: int, max_waiting: int, reserve: int = DISK_RESERVE) -> None:
        self._main = engine
        self.largest: Final = largest
        self.folder: Final[ObjectFolder | None] = (
            folder_of(engine, max_waiting, reserve) if is_sqlite(engine) else None
        )
        self._rows = ObjectRows(engine, max_waiting)
        self._mutex = threading.Lock()
        self._made = False
        self._swept: date | None = None
        self._renewed: date | None = None

    def try_writing(self) -> None:
        """Try whether the folder takes files, where there is one: rows are tried by the database's own trial. Raises
        StoreFailed.
        """
        place = self._kept
        if isinstance(place, ObjectFolder):
            place.try_writing()

    def have(self, object_id: bytes) -> int:
        """Return how many bytes of an object (16 bytes of id) are here; 0 if none. Raises StoreFailed."""
        return self._kept.have(object_id)

    def is_complete(self, object_id: bytes) -> bool:
        """Tell whether all bytes of an object are here. Raises StoreFailed."""
        return self._kept.is_complete(object_id)

    def put_piece(self, object_id: bytes, total: int, offset: int, piece: Piece, today: date) -> int:
        """Store the next piece of an object of `total` bytes; return how many are here: on the disk when it is whole.

        A piece that is here already changes nothing. Raises WrongOffset, TooLarge, Full, Named, StoreFailed;
        ValueError when the piece is empty or more than MAX_PIECE.
        """
        parts = parts_of(piece)
        length = sum(map(len, parts))
        if not 1 <= length <= MAX_PIECE or offset < 0:
            raise ValueError("a piece has 1 byte to 1 MiB")
        if total > self.largest or offset + length > total:
            raise TooLarge
        self._sweep_once(today)
        return self._kept.put(object_id, total, offset, parts, today)

    def end(self, object_id: bytes, total: int) -> None:
        """Say how long an object is whose pieces came as parts of one of `largest` bytes: it is complete now.

        Raises WrongOffset when not just these bytes are here, Named, StoreFailed.
        """
        self._kept.end(object_id, total)

    def read(self, object_id: bytes, offset: int, size: int = MAX_PIECE) -> tuple[bytes, int]:
        """Return up to `size` (at most MAX_PIECE) bytes of a complete object from `offset`, and its length.

        Raises KeyError when there is no such object or not all of it, StoreFailed.
        """
        return self._kept.read(object_id, offset, min(size, MAX_PIECE))

    def read_named(self, object_id: bytes, offset: int) -> tuple[bytes, int]:
        """Return up to MAX_PIECE bytes of an object that an envelope names, and its length.

        Raises KeyError when there is none, StoreFailed.
        """
        if not self._named([object_id]):
            raise KeyError("no such object")
        return self.read(object_id, offset)

    def claim(self, object_ids: Collection[bytes], today: date) -> bool:
        """Make sure that objects are here, all of each, on the disk, and stay for two more days; False when one is not.

        Call it right before the transaction that names them. Raises StoreFailed.
        """
        return not object_ids or self._kept.claim(object_ids, today)

    def let_go(self, object_ids: Collection[bytes], today: date) -> None:
        """Count objects that an envelope names as waiting again. Before their names are taken away call this, and
        `settle` after the transaction, so that an interruption in between leaves nothing that no sweep deletes.

        Raises StoreFailed.
        """
        if object_ids:
            self._kept.let_go(object_ids, today)

    def checkpoint(self) -> bool:
        """Empty the journal of a SQLite file (`store.db.checkpoint`). Raises StoreFailed."""
        return checkpoint(self._main)

    def vacuum(self) -> None:
        """Rewrite the database (`store.db.vacuum`), and clear what waits to be overwritten. Raises StoreFailed."""
        self._kept.clear_trash()
        vacuum(self._main)

    def settle(self, object_ids: Collection[bytes]) -> None:
        """Count objects that an envelope names as waiting no longer, and delete the others among them.

        Call it after the transaction. The next sweep does the same for what was interrupted before it.
        Raises StoreFailed.
        """
        self._settle(object_ids, date.max)

    def delete(self, object_id: bytes) -> None:
        """Delete an object, and overwrite its bytes. Raises Named when an envelope has it, StoreFailed."""
        if self._named([object_id]):
            raise Named
        self._kept.delete(object_id, date.max)

    def sweep(self, today: date) -> int:
        """Delete what has waited for its envelope for more than WAITING_DAYS; return how many objects.

        Raises StoreFailed.
        """
        end = today - timedelta(WAITING_DAYS)
        self._kept.clear_trash()
        object_ids = self._kept.waiting_since_before(end)
        self._settle(object_ids, end)
        return len(object_ids)

    def renew(self, today: date) -> int:
        """Write anew what was named before a day (`store.object_nightly`); return how many. Nothing on PostgreSQL.

        Raises StoreFailed.
        """
        if not isinstance(self._kept, ObjectFolder) or self._renewed == today:
            return 0
        nightly = self._kept.nightly
        done = nightly.renew(today)
        if not done and not nightly.left_behind(today):
            self._renewed = today
        return done

    def missing(self) -> int:
        """Return how many objects that envelopes name are not here, or not whole. Raises StoreFailed."""
        if not isinstance(self._kept, ObjectFolder):
            return self._rows.missing()
        with reading(self._main) as conn:
            object_ids = list(conn.scalars(select(t.object_name.c.object_id)))
        return sum(not self._kept.is_readable(object_id) for object_id in object_ids)

    def _sweep_once(self, today: date) -> None:
        with self._mutex:
            if self._swept == today:
                return
            self._swept = today
        self.sweep(today)

    def _settle(self, object_ids: Collection[bytes], end: date) -> None:
        named = self._named(object_ids)
        for object_id in object_ids:
            if object_id in named:
                self._kept.settle(object_id)
            else:
                self._kept.delete(object_id, end)

    def _named(self, object_ids: Collection[bytes]) -> set[bytes]:
        ids, named = list(object_ids), set[bytes]()
        if ids:
            with reading(self._main) as conn:
                for at in range(0, len(ids), 500):
                    query = select(t.object_name.c.object_id).where(
                        t.object_name.c.object_id.in_(ids[at : at + 500])
                    )
                    named.update(conn.scalars(query))
        return named

    @property
    def _kept(self) -> ObjectFolder | ObjectRows:
        if self.folder is None:
            return self._rows
        with self._mutex:
            if not self._made:
                self.folder.prepare()
                self._made = True
        return self.folder
