"""Plain leaves that pages show, and checkpoints that contradict the log. The caller checks signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from store import tables as t

_FIRST_POLICY = b"mybk1/policy\n"


@dataclass(frozen=True)
class DocumentRow:
    """A plain leaf. `index`: None until its batch; `day`: of its batch, None for the first policy; `in_force`: of a
    policy, whether it counts already.
    """

    hash: bytes
    word: str
    raw: bytes
    index: int | None
    day: date | None
    in_force: bool


_COLUMNS = (
    t.log_document.c.hash,
    t.log_document.c.word,
    t.log_document.c.raw,
    t.log_document.c.index,
    t.log_document.c.day,
    t.log_document.c.in_force,
)


def documents(conn: Connection) -> list[DocumentRow]:
    """Return all documents: those in the log in their order, then those that wait."""
    rows = [DocumentRow(*row) for row in conn.execute(select(*_COLUMNS))]
    return sorted(rows, key=lambda row: (row.index is None, row.index or 0, row.hash))


def wait_again(conn: Connection, hashed: bytes, word: str, raw: bytes) -> None:
    """Let a plain leaf wait for the next batch, also one that is in the log: what is said again is logged again."""
    conn.execute(delete(t.log_document).where(t.log_document.c.hash == hashed))
    wait(conn, hashed, word, raw)


def wait(conn: Connection, hashed: bytes, word: str, raw: bytes) -> bool:
    """Let a plain leaf wait for the next batch; False when it waits or is in the log already."""
    there = select(t.log_document.c.hash).where(t.log_document.c.hash == hashed)
    if conn.execute(there).first() is not None:
        return False
    row = {"hash": hashed, "word": word, "raw": raw, "index": None, "day": None, "in_force": False}
    conn.execute(insert(t.log_document), row)
    return True


def wait_alone(conn: Connection, hashed: bytes, word: str, raw: bytes) -> None:
    """Let a plain leaf wait for its batch in place of any other of this word that waits."""
    other = (t.log_document.c.word == word) & t.log_document.c.index.is_(None)
    conn.execute(delete(t.log_document).where(other))
    wait(conn, hashed, word, raw)


def place(conn: Connection, first: int, rows: Sequence[tuple[bytes, bytes]], day: date | None) -> None:
    """Note where the documents stand that a batch (hash, bytes) took. `first`: the first index; `day`: of the batch."""
    waiting = {row.hash for row in documents(conn) if row.index is None}
    for at, (hashed, raw) in enumerate(rows):
        if hashed in waiting:
            placed = update(t.log_document).where(t.log_document.c.hash == hashed)
            conn.execute(placed.values(index=first + at, day=day))
        elif day is None and raw.startswith(_FIRST_POLICY):
            row = {"hash": hashed, "word": "policy", "raw": raw, "index": first + at, "day": None}
            conn.execute(insert(t.log_document), {**row, "in_force": True})


def put_in_force(conn: Connection, index: int) -> None:
    """Note that a policy counts from the batch that is made now on."""
    conn.execute(update(t.log_document).where(t.log_document.c.index == index).values(in_force=True))


def replace_placed(conn: Connection, rows: Sequence[DocumentRow]) -> None:
    """Put the documents of a log that was taken from a mirror in place of those that were known."""
    known = [row.hash for row in rows]
    conn.execute(delete(t.log_document).where(t.log_document.c.hash.in_(known)))
    placed = t.log_document.c.index.is_not(None)
    conn.execute(update(t.log_document).where(placed).values(index=None, day=None, in_force=False))
    for row in rows:
        conn.execute(insert(t.log_document), vars(row))


# Checkpoints that do not fit


def keep_evidence(conn: Connection, hashed: bytes, size: int, note: str, explained: bool = False) -> bool:
    """Keep a checkpoint that this log's key signed; False when it is kept already. `hashed`: SHA-256 of its text."""
    there = select(t.log_evidence.c.hash).where(t.log_evidence.c.hash == hashed)
    if conn.execute(there).first() is not None:
        if explained:
            explain(conn, [hashed])
        return False
    row = {"hash": hashed, "size": size, "note": note, "explained": explained}
    conn.execute(insert(t.log_evidence), row)
    return True


def evidence(conn: Connection, with_explained: bool = False) -> list[tuple[bytes, int, str]]:
    """Return hash of the text, size and note of each checkpoint that is kept and not explained, smallest first."""
    rows = select(t.log_evidence.c.hash, t.log_evidence.c.size, t.log_evidence.c.note)
    if not with_explained:
        rows = rows.where(t.log_evidence.c.explained.is_(False))
    return [
        (row.hash, row.size, row.note)
        for row in conn.execute(rows.order_by(t.log_evidence.c.size, t.log_evidence.c.hash))
    ]


def explain(conn: Connection, hashes: Sequence[bytes]) -> None:
    """Note that the log went on behind checkpoints (SHA-256 of their texts), or that their branch was dropped."""
    known = t.log_evidence.c.hash.in_(list(hashes))
    conn.execute(update(t.log_evidence).where(known).values(explained=True))
