"""Sealed files as rows of PostgreSQL: pieces of up to 1 MiB, one commit that waits for the disk for each object.

Pieces are committed without waiting. What makes an object's bytes count, `claim`, is committed later and waits: the
server's journal is written in order, so the pieces are on the disk then too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, case, delete, func, insert, select, update

from store import tables as t
from store.db import reading, writing_apart
from store.object_limits import LEAST_COUNTED, MAX_PIECE, Full, Named, Octets, TooLarge, WrongOffset

_OBJECT: Final = t.stored_object
_PIECE: Final = t.object_piece
_ROW = select(_OBJECT.c.size, _OBJECT.c.have, _OBJECT.c.day).where(
    _OBJECT.c.object_id == bindparam("object_id")
)
# Nothing takes an object away between the look at it and what follows.
_ROW_LOCKED = _ROW.with_for_update()
_WAITING = select(
    func.coalesce(func.sum(case((_OBJECT.c.have < LEAST_COUNTED, LEAST_COUNTED), else_=_OBJECT.c.have)), 0)
).where(_OBJECT.c.day.is_not(None))
_DELETED_AT_ONCE: Final = 16


class ObjectRows:
    """The sealed files of one PostgreSQL database. `max_waiting`: bytes of all objects that no envelope names."""

    def __init__(self, engine: Engine, max_waiting: int) -> None:
        self._engine = engine
        self._max_waiting = max_waiting

    def have(self, object_id: bytes) -> int:
        """Return how many bytes of an object are here; 0 if none. Raises StoreFailed."""
        with reading(self._engine) as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
        return 0 if row is None else int(row.have)

    def is_complete(self, object_id: bytes) -> bool:
        """Tell whether all bytes of an object are here. Raises StoreFailed."""
        with reading(self._engine) as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
        return row is not None and row.have == row.size

    def put(self, object_id: bytes, total: int, offset: int, parts: Sequence[Octets], today: date) -> int:
        """Store the next piece; return how many bytes are here.

        Raises WrongOffset, TooLarge, Full, Named, StoreFailed.
        """
        data = b"".join(parts)
        with writing_apart(self._engine, waits=False) as conn:
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
            self._check_room(conn, max(len(data), LEAST_COUNTED - have))
            new = {"size": total, "have": have + len(data), "day": today}
            if row is None:
                conn.execute(insert(_OBJECT), {"object_id": object_id, **new})
            else:
                conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(new))
            conn.execute(insert(_PIECE), {"object_id": object_id, "start": offset, "raw": data})
            return have + len(data)

    def end(self, object_id: bytes, total: int) -> None:
        """Say how long an object is: it is complete now. Raises WrongOffset, Named, StoreFailed."""
        with writing_apart(self._engine, waits=False) as conn:
            row = conn.execute(_ROW_LOCKED, {"object_id": object_id}).first()
            if row is None or row.have != total:
                raise WrongOffset(0 if row is None else int(row.have))
            if row.day is None:
                raise Named
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(size=total))

    def read(self, object_id: bytes, offset: int, size: int) -> tuple[bytes, int]:
        """Return up to `size` bytes of a complete object from `offset`, and its length.

        Raises KeyError, StoreFailed.
        """
        with reading(self._engine) as conn:
            row = conn.execute(_ROW, {"object_id": object_id}).first()
            if row is None or row.have != row.size:
                raise KeyError("no such object")
            end = offset + size
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

    def claim(self, object_ids: Collection[bytes], today: date) -> bool:
        """Make sure that objects are here, whole and on the disk, and stay; False when one is not.

        Raises StoreFailed.
        """
        mine = _OBJECT.c.object_id.in_(list(object_ids))
        with writing_apart(self._engine) as conn:
            whole = select(_OBJECT.c.object_id).where(mine, _OBJECT.c.have == _OBJECT.c.size)
            if len(list(conn.scalars(whole.with_for_update()))) != len(set(object_ids)):
                return False
            conn.execute(update(_OBJECT).where(mine, _OBJECT.c.day.is_not(None)).values(day=today))
        return True

    def let_go(self, object_ids: Collection[bytes], today: date) -> None:
        """Count objects as waiting again. Raises StoreFailed."""
        with writing_apart(self._engine) as conn:
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id.in_(list(object_ids))).values(day=today))

    def settle(self, object_id: bytes) -> None:
        """Count an object that an envelope names as waiting no longer. Raises StoreFailed."""
        with writing_apart(self._engine) as conn:
            conn.execute(update(_OBJECT).where(_OBJECT.c.object_id == object_id).values(day=None))

    def delete(self, object_id: bytes, end: date) -> None:
        """Delete an object that waits, unless it was claimed on the day `end` or later. Raises StoreFailed."""
        # From its end, some pieces at a time: an interrupted deletion leaves an object that is not complete.
        tail = (
            select(_PIECE.c.start)
            .where(_PIECE.c.object_id == object_id)
            .order_by(_PIECE.c.start.desc())
            .limit(_DELETED_AT_ONCE)
        )
        while True:
            with writing_apart(self._engine) as conn:
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

    def waiting_since_before(self, end: date) -> list[bytes]:
        """Return the ids of the objects that wait since before a day. Raises StoreFailed."""
        with reading(self._engine) as conn:
            return list(conn.scalars(select(_OBJECT.c.object_id).where(_OBJECT.c.day < end)))

    def missing(self) -> int:
        """Return how many objects that envelopes name are not here, or not whole. Raises StoreFailed."""
        whole = select(_OBJECT.c.object_id).where(_OBJECT.c.have == _OBJECT.c.size)
        names = t.object_name.c.object_id
        with reading(self._engine) as conn:
            return int(conn.scalar(select(func.count(names)).where(names.not_in(whole))) or 0)

    def clear_trash(self) -> None:
        """Do nothing: what is deleted is gone with its transaction."""

    def _check_room(self, conn: Connection, more: int) -> None:
        if int(conn.scalar(_WAITING) or 0) + more > self._max_waiting:
            raise Full
