"""Sealed files on their way into a backup, where they are rows, and out of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from store import tables as t
from store.db import reading
from store.object_limits import MAX_PIECE
from store.objects import folder_of
from store.sqlite import is_sqlite

Progress = Callable[[str, int, int], None]
"""Called with a table's name, the rows done and the rows in all."""
Pieces = Callable[[bytes], tuple[int, Iterator[bytes]]]
"""Returns the length of an object and its bytes, in pieces. Raises KeyError."""
Put = Callable[[bytes, int, Iterator[bytes]], None]
"""Stores an object: id, length, pieces."""

_ID: Final = t.object_name.c.object_id
_SIZE: Final = t.stored_object.c.size


class NotComplete(Exception):
    """An object that an envelope names is not here, or not all of it."""


class DeletedMeanwhile(Exception):
    """A case was deleted while its files were copied: the copy has to be made anew."""


def copy_out(engine: Engine, source: Connection, new: Connection, progress: Progress | None) -> int:
    """Copy the objects that envelopes name into a backup; return the number of rows there.

    `source`: the database as the backup shows it. Raises NotComplete, DeletedMeanwhile, StoreFailed.
    """
    if not is_sqlite(engine):
        return _copy(source, _of_rows(source), _into_rows(new), progress)
    folder = folder_of(engine)

    def pieces(object_id: bytes) -> tuple[int, Iterator[bytes]]:
        def rest() -> Iterator[bytes]:
            for at in range(0, total, MAX_PIECE):
                yield folder.read(object_id, at, MAX_PIECE)[0]

        total = folder.read(object_id, 0, 0)[1]
        return total, rest()

    try:
        return _copy(source, pieces, _into_rows(new), progress)
    except NotComplete:
        with reading(engine) as now:
            is_same = set(source.scalars(select(_ID))) <= set(now.scalars(select(_ID)))
        raise (NotComplete if is_same else DeletedMeanwhile) from None


def copy_in(source: Connection, engine: Engine, new: Connection, progress: Progress | None) -> int:
    """Copy the objects of a backup to where the database has them, in place of any there; return the number of rows.

    In a folder they are on the disk when this returns. Raises NotComplete, StoreFailed.
    """
    if not is_sqlite(engine):
        for table in (t.object_piece, t.stored_object):
            new.execute(delete(table))
        return _copy(source, _of_rows(source), _into_rows(new), progress)
    folder = folder_of(engine)
    folder.prepare()
    folder.clear()
    rows = _copy(source, _of_rows(source), folder.keep, progress)
    folder.end_keeping()
    return rows


def _copy(source: Connection, of: Pieces, put: Put, progress: Progress | None) -> int:
    names, rows = list(source.scalars(select(_ID).order_by(_ID))), 0
    for done, object_id in enumerate(names, 1):
        try:
            total, pieces = of(object_id)
            put(object_id, total, pieces)
        except KeyError:
            raise NotComplete from None
        # Its own row, and one for each piece.
        rows += 1 + -(-total // MAX_PIECE)
        if progress is not None:
            progress(t.stored_object.name, done, len(names))
    return rows


def _of_rows(conn: Connection) -> Pieces:
    piece = t.object_piece.c

    def pieces(object_id: bytes) -> tuple[int, Iterator[bytes]]:
        def rest() -> Iterator[bytes]:
            start = 0
            while start < total:
                raw = conn.scalar(select(piece.raw).where(piece.object_id == object_id, piece.start == start))
                if not raw:
                    raise KeyError("not all of the object is here")
                yield raw
                start += len(raw)

        mine = select(_SIZE).where(t.stored_object.c.object_id == object_id)
        size = conn.scalar(mine.where(t.stored_object.c.have == _SIZE))
        if size is None:
            raise KeyError("no such object")
        total = int(size)
        return total, rest()

    return pieces


def _into_rows(conn: Connection) -> Put:
    def put(object_id: bytes, total: int, pieces: Iterator[bytes]) -> None:
        of = {"object_id": object_id}
        conn.execute(insert(t.stored_object), {**of, "size": total, "have": total, "day": None})
        start = 0
        for raw in _filled(pieces):
            conn.execute(insert(t.object_piece), {**of, "start": start, "raw": raw})
            start += len(raw)

    return put


def _filled(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give the same bytes in pieces of MAX_PIECE, but for the last."""
    waiting = bytearray()
    for raw in pieces:
        waiting += raw
        while len(waiting) >= MAX_PIECE:
            yield bytes(waiting[:MAX_PIECE])
            del waiting[:MAX_PIECE]
    if waiting:
        yield bytes(waiting)
