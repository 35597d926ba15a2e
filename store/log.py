"""The transparency log as it is stored: leaves, what waits, and the head, which changes only in place of the old one.

Hashes and signatures are the caller's; nothing here knows what a leaf says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, union_all, update

from store import driver, feed, log_documents
from store import tables as t
from store.outcome import Outcome

BATCH_LOCK: Final = 0x6D79626B_00000002
"""Number of the advisory lock on PostgreSQL ("mybk", 2): only to save the work of a second server."""


@dataclass(frozen=True)
class HeadRow:
    """The log's state. `root`: 32 bytes; `hidden`: N; `day`: the newest day that needs no batch any more, None before
    the site first ran; `list_length`: documents of the list in the log; `published`: the size that `note` names.
    """

    size: int
    root: bytes
    hidden: int
    day: date | None
    list_length: int
    published: int = 0
    note: str = ""
    release: bytes | None = None


class LeafOutcome(Enum):
    """The outcome of storing an act's leaf."""

    TAKEN = "taken"
    """It waits for its batch."""
    KNOWN = "known"
    """It waits already, or is in the log; nothing was changed."""
    LATE = "late"
    """The day that it is for has its batch already; nothing was changed."""
    LENGTH = "length"
    """It is not as long as the list asks for; nothing was changed."""


_HEAD = driver.Statement(
    select(
        t.log_head.c.size,
        t.log_head.c.root,
        t.log_head.c.hidden,
        t.log_head.c.day,
        t.log_head.c.list_length,
        t.log_head.c.published,
        t.log_head.c.note,
        t.log_head.c.release,
    )
)
_LISTED = select(t.log_head.c.list_length)
_HASHES = select(t.log_leaf.c.hash).where(t.log_leaf.c.index < bindparam("size")).order_by(t.log_leaf.c.index)
_LEAVES = (
    select(t.log_leaf.c.raw)
    .where(t.log_leaf.c.index >= bindparam("first"), t.log_leaf.c.index < bindparam("end"))
    .order_by(t.log_leaf.c.index)
)
_PENDING = select(t.pending_leaf.c.hash, t.pending_leaf.c.raw, t.pending_leaf.c.list_length).where(
    t.pending_leaf.c.day <= bindparam("day")
)
_OF_DAY = select(t.pending_leaf.c.list_length).where(t.pending_leaf.c.day == bindparam("day")).limit(1)
_PENDING_DAY = select(t.pending_leaf.c.day).where(t.pending_leaf.c.hash == bindparam("hash"))
_INDEX = select(t.log_leaf.c.index).where(t.log_leaf.c.hash == bindparam("hash")).limit(1)
_DAY_OF_INDEX = select(t.log_batch.c.day).where(
    t.log_batch.c.first <= bindparam("index"), t.log_batch.c.end > bindparam("index")
)
_BATCHES = driver.Statement(
    select(t.log_batch.c.day, t.log_batch.c.first, t.log_batch.c.end).order_by(t.log_batch.c.day)
)
_SIGNERS = driver.Statement(
    select(
        select(func.max(t.card.c.seq)).scalar_subquery(),
        select(func.max(t.card.c.retired_seq)).scalar_subquery(),
        select(func.count()).select_from(t.log_witness).scalar_subquery(),
        select(func.count()).select_from(t.log_document).scalar_subquery(),
        select(func.count()).select_from(t.log_document).where(t.log_document.c.in_force).scalar_subquery(),
    )
)
_LINES = driver.Statement(
    select(t.log_cosignature.c.line)
    .where(t.log_cosignature.c.size == bindparam("size"))
    .order_by(t.log_cosignature.c.name)
)
_NEWEST_LINES = driver.Statement(
    select(t.log_cosignature.c.line)
    .where(t.log_cosignature.c.size == select(t.log_head.c.published).scalar_subquery())
    .order_by(t.log_cosignature.c.name)
)
_NEWEST_SIZES = driver.Statement(
    select(t.log_cosignature.c.name, func.max(t.log_cosignature.c.size)).group_by(t.log_cosignature.c.name)
)
_IS_THERE = union_all(
    select(t.pending_leaf.c.hash).where(t.pending_leaf.c.hash == bindparam("hash")),
    select(t.log_leaf.c.hash).where(t.log_leaf.c.hash == bindparam("hash")),
).limit(1)
_ADD = insert(t.pending_leaf)
_APPEND = insert(t.log_leaf)


def head(conn: Connection) -> HeadRow | None:
    """Return the log's state; None before it was begun."""
    rows = driver.rows(conn, _HEAD, {})
    return HeadRow(*rows[0]) if rows else None


def listed(conn: Connection) -> int | None:
    """Return how many documents of the list are in the log; None before it was begun."""
    length = conn.scalar(_LISTED)
    return None if length is None else int(length)


def hashes(conn: Connection, size: int) -> list[bytes]:
    """Return the hashes of the first `size` leaves, in order."""
    return list(conn.scalars(_HASHES, {"size": size}))


def leaves(conn: Connection, first: int, end: int) -> list[bytes]:
    """Return the leaves from one index up to another."""
    return list(conn.scalars(_LEAVES, {"first": first, "end": end}))


def batches(conn: Connection) -> list[tuple[date, int, int]]:
    """Return each day's batch: day, first index, the index behind it."""
    return [(day, first, end) for day, first, end in driver.rows(conn, _BATCHES, {})]


def take_batch_turn(conn: Connection) -> bool:
    """Tell whether this transaction is the one to make batches: False when another server is at it.

    Safety is the head's, which grows in place of the old one only; on SQLite there is one writer anyway.
    """
    feed.take_turn(conn)
    if conn.dialect.name == "sqlite":
        return True
    return bool(conn.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": BATCH_LOCK}))


def begin(conn: Connection, first: HeadRow, rows: Sequence[tuple[bytes, bytes]]) -> bool:
    """Begin the log with leaves (hash, bytes); False when it was begun already."""
    if head(conn) is not None:
        return False
    conn.execute(
        insert(t.log_head),
        {
            "id": 1,
            "size": first.size,
            "root": first.root,
            "hidden": first.hidden,
            "day": first.day,
            "list_length": first.list_length,
            "published": 0,
            "note": "",
            "release": None,
        },
    )
    _insert(conn, 0, rows)
    log_documents.place(conn, 0, rows, None)
    return True


def grow(
    conn: Connection, old: HeadRow, new: HeadRow, rows: Sequence[tuple[bytes, bytes]], day: date | None
) -> bool:
    """Append leaves (hash, bytes) where the log is still as it was, and take what waited for `day` (None: a batch of
    plain leaves), cosigning keys too; False, and nothing is changed, when another server was faster.
    """
    changed = conn.execute(
        update(t.log_head)
        .where(t.log_head.c.size == old.size)
        .values(size=new.size, root=new.root, day=new.day, list_length=new.list_length, release=new.release)
    )
    if changed.rowcount != 1:
        return False
    _insert(conn, old.size, rows)
    log_documents.place(conn, old.size, rows, day)
    if day is not None:
        conn.execute(insert(t.log_batch), {"day": day, "first": old.size, "end": new.size})
        conn.execute(delete(t.pending_leaf).where(t.pending_leaf.c.day <= day))
        conn.execute(update(t.log_witness).where(t.log_witness.c.day.is_(None)).values(day=day))
    return True


def _insert(conn: Connection, first: int, rows: Sequence[tuple[bytes, bytes]]) -> None:
    conn.execute(
        _APPEND,
        [{"index": first + at, "hash": hashed, "raw": raw} for at, (hashed, raw) in enumerate(rows)],
    )


def set_first_day(conn: Connection, day: date) -> None:
    """Note the day before the first one that gets a batch, where none is noted."""
    conn.execute(update(t.log_head).where(t.log_head.c.day.is_(None)).values(day=day))


def publish(conn: Connection, size: int, note: str) -> None:
    """Put a checkpoint in place of an older one, which is kept; never in place of a newer one."""
    mine = (t.log_head.c.size >= size) & (t.log_head.c.published <= size)
    conn.execute(update(t.log_head).where(mine).values(published=size, note=note))
    conn.execute(delete(t.log_checkpoint).where(t.log_checkpoint.c.size == size))
    conn.execute(insert(t.log_checkpoint), {"size": size, "note": note})


def checkpoint(conn: Connection, size: int) -> str:
    """Return the checkpoint of a size, as the log signed it; "" where none of this size was published."""
    return conn.scalar(select(t.log_checkpoint.c.note).where(t.log_checkpoint.c.size == size)) or ""


def newest_checkpoints(conn: Connection, count: int) -> list[tuple[int, str]]:
    """Return size and note of the newest checkpoints, newest first."""
    columns = select(t.log_checkpoint.c.size, t.log_checkpoint.c.note)
    rows = conn.execute(columns.order_by(t.log_checkpoint.c.size.desc()).limit(count))
    return [(row.size, row.note) for row in rows]


# Leaves that wait


def list_length(conn: Connection, state: HeadRow, day: date) -> int:
    """Return the length of the list whose readers have tags in leaves of a day: all of one day have the same."""
    known = conn.scalar(_OF_DAY, {"day": day})
    return state.list_length if known is None else int(known)


def add_pending(
    conn: Connection, hashed: bytes, raw: bytes, day: date, length: int, state: HeadRow | None = None
) -> LeafOutcome:
    """Let an act's leaf wait for its day's batch, in the act's own transaction. `length`: `list_length`; `state`: the
    head, where it was read in this transaction behind `feed.take_turn`, which batches wait for.
    """
    state = state or head(conn)
    if state is None or (state.day is not None and day <= state.day):
        return LeafOutcome.LATE
    if conn.execute(_IS_THERE, {"hash": hashed}).first() is not None:
        return LeafOutcome.KNOWN
    conn.execute(_ADD, {"hash": hashed, "day": day, "list_length": length, "raw": raw})
    return LeafOutcome.TAKEN


def day_of(conn: Connection, hashed: bytes) -> date | None:
    """Return the day whose batch a hidden leaf is in, or will be in; None for a leaf that is unknown or plain."""
    waits = conn.execute(_PENDING_DAY, {"hash": hashed}).first()
    if waits is not None:
        return date.fromisoformat(waits.day.isoformat())
    index = conn.scalar(_INDEX, {"hash": hashed})
    row = None if index is None else conn.execute(_DAY_OF_INDEX, {"index": index}).first()
    return None if row is None else date.fromisoformat(row.day.isoformat())


def pending(conn: Connection, day: date) -> list[tuple[bytes, bytes, int]]:
    """Return hash, bytes and list length of each leaf that waits for a day's batch or an earlier one."""
    return [(row.hash, row.raw, row.list_length) for row in conn.execute(_PENDING, {"day": day})]


def waiting(conn: Connection) -> int:
    """Return how many leaves wait."""
    return conn.scalar(select(func.count()).select_from(t.pending_leaf)) or 0


# Cosignatures


def put_cosignature(conn: Connection, name: str, size: int, line: str) -> None:
    """Keep a witness's cosignature of the checkpoint of a size, which the caller has checked; the newer of two."""
    own = (t.log_cosignature.c.name == name) & (t.log_cosignature.c.size == size)
    conn.execute(delete(t.log_cosignature).where(own))
    conn.execute(insert(t.log_cosignature), {"name": name, "size": size, "line": line})


def cosignatures(conn: Connection, size: int) -> list[str]:
    """Return the signature lines that are for the checkpoint of a size, by the witnesses' names."""
    return [line for (line,) in driver.rows(conn, _LINES, {"size": size})]


def newest_sizes(conn: Connection) -> list[tuple[str, int]]:
    """Return for each witness its name and the size of the largest checkpoint that it cosigned."""
    return [(name, size) for name, size in driver.rows(conn, _NEWEST_SIZES, {})]


@dataclass(frozen=True)
class LogState:
    """What there is of the log at one time. `batches`: each day's, as of `batches`; `signers`: changes whenever it
    changes who cosigned what, or whose cosignatures count.
    """

    head: HeadRow
    batches: Sequence[tuple[date, int, int]]
    signers: tuple[object, ...]


STATE_ASKED: Final[Sequence[driver.Asked]] = [
    (statement, {}) for statement in (_HEAD, _BATCHES, _SIGNERS, _NEWEST_LINES, _NEWEST_SIZES)
]
"""The statements whose rows `state_from` takes."""


def state_from(rows: Sequence[driver.Rows]) -> LogState | None:
    """Return the log's state; None before it was begun."""
    head, of_days, signers, lines, sizes = rows
    if not head:
        return None
    days = [(day, first, end) for day, first, end in of_days]
    return LogState(HeadRow(*head[0]), days, (*signers, *lines, *sizes))


def cosignature(conn: Connection, name: str, size: int) -> str:
    """Return a witness's signature line for the checkpoint of a size; "" where there is none."""
    own = (t.log_cosignature.c.name == name) & (t.log_cosignature.c.size == size)
    return conn.scalar(select(t.log_cosignature.c.line).where(own)) or ""


def put_witness(conn: Connection, key_id: bytes, raw: bytes) -> Outcome:
    """Keep the document of a desk's cosigning key, which the caller has checked: STORED, REPEAT, or REFUSED for a key
    that has another one.
    """
    feed.take_turn(conn)
    there = conn.scalar(select(t.log_witness.c.raw).where(t.log_witness.c.key_id == key_id))
    if there is not None:
        return Outcome.REPEAT if there == raw else Outcome.REFUSED
    conn.execute(insert(t.log_witness), {"key_id": key_id, "day": None, "raw": raw})
    return Outcome.STORED


def witnesses(conn: Connection) -> list[tuple[bytes, bytes]]:
    """Return key id and document of each desk that cosigns, by key id."""
    rows = select(t.log_witness.c.key_id, t.log_witness.c.raw).order_by(t.log_witness.c.key_id)
    return [(row.key_id, row.raw) for row in conn.execute(rows)]


def new_witnesses(conn: Connection) -> list[bytes]:
    """Return the documents that are in no batch yet, by key id."""
    rows = select(t.log_witness.c.raw).where(t.log_witness.c.day.is_(None)).order_by(t.log_witness.c.key_id)
    return list(conn.scalars(rows))
