"""Puts the end of a log that was taken from a mirror in place of what is stored. Hashes are the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from store import log_documents
from store import tables as t
from store.log import HeadRow
from store.log_documents import DocumentRow


@dataclass(frozen=True)
class LogTail:
    """The log behind the first `keep` leaves. `rows`: hash and bytes; `batches`: day, first index, the index
    behind; `documents`: all plain leaves of the log that people are told of; `witnesses`: for each desk's document the
    day whose batch has it, None for one that the log lacks.
    """

    keep: int
    rows: Sequence[tuple[bytes, bytes]]
    batches: Sequence[tuple[date, int, int]]
    documents: Sequence[DocumentRow]
    witnesses: Mapping[bytes, date | None]


def replace_tail(conn: Connection, old: HeadRow, new: HeadRow, tail: LogTail) -> bool:
    """Put a tail in place of what is behind it, where the log is still as it was; what waits and is in it waits no
    more. False, and nothing is changed, when another server was faster.
    """
    fields = {
        "size": new.size,
        "root": new.root,
        "day": new.day,
        "list_length": new.list_length,
        "published": new.published,
        "note": new.note,
        "release": new.release,
    }
    changed = conn.execute(update(t.log_head).where(t.log_head.c.size == old.size).values(**fields))
    if changed.rowcount != 1:
        return False
    conn.execute(delete(t.log_leaf).where(t.log_leaf.c.index >= tail.keep))
    conn.execute(delete(t.log_batch).where(t.log_batch.c.end > tail.keep))
    for table in (t.log_checkpoint, t.log_cosignature):
        conn.execute(delete(table).where(table.c.size > tail.keep))
    if tail.rows:
        leaves = [
            {"index": tail.keep + at, "hash": hashed, "raw": raw}
            for at, (hashed, raw) in enumerate(tail.rows)
        ]
        conn.execute(insert(t.log_leaf), leaves)
        for hashed, _raw in tail.rows:
            conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.hash == hashed))
    for day, first, end in tail.batches:
        conn.execute(insert(t.log_batch), {"day": day, "first": first, "end": end})
    conn.execute(insert(t.log_checkpoint), {"size": new.published, "note": new.note})
    log_documents.replace_placed(conn, tail.documents)
    for raw, placed in tail.witnesses.items():
        conn.execute(update(t.log_witness).where(t.log_witness.c.raw == raw).values(day=placed))
    return True


def waiting_days(conn: Connection) -> list[tuple[bytes, date, int, int]]:
    """Return hash, day, list length and size in bytes of each leaf that waits."""
    rows = select(
        t.pending_leaf.c.hash, t.pending_leaf.c.day, t.pending_leaf.c.list_length, t.pending_leaf.c.raw
    )
    return [
        (row.hash, date.fromisoformat(row.day.isoformat()), row.list_length, len(row.raw))
        for row in conn.execute(rows)
    ]


def let_wait(conn: Connection, hashed: bytes, raw: bytes, day: date, length: int) -> None:
    """Let a leaf wait for a day's batch; one that waits already gets this day."""
    conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.hash == hashed))
    conn.execute(insert(t.pending_leaf), {"hash": hashed, "day": day, "list_length": length, "raw": raw})


def put_off(conn: Connection, hashed: bytes, day: date) -> None:
    """Give a leaf that waits another day."""
    conn.execute(update(t.pending_leaf).where(t.pending_leaf.c.hash == hashed).values(day=day))


def give_up(conn: Connection, hashed: bytes) -> None:
    """Take away a leaf that waits and that no batch can take any more."""
    conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.hash == hashed))


def cosignatures_behind(conn: Connection, size: int) -> list[tuple[int, str]]:
    """Return size and line of each cosignature of a checkpoint that is larger than a size."""
    rows = select(t.log_cosignature.c.size, t.log_cosignature.c.line).where(t.log_cosignature.c.size > size)
    return [(row.size, row.line) for row in conn.execute(rows)]


def checkpoints_behind(conn: Connection, size: int) -> list[tuple[int, str]]:
    """Return size and note of each checkpoint that is larger than a size."""
    rows = select(t.log_checkpoint.c.size, t.log_checkpoint.c.note).where(t.log_checkpoint.c.size > size)
    return [(row.size, row.note) for row in conn.execute(rows)]
