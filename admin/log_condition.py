"""How a database's log compares with what was signed before. Computes only; reads no database."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from crypto import note, tlog
from crypto.log_errors import BadLog
from store.log import HeadRow


class LogCondition(Enum):
    """The condition of the log after a run."""

    CURRENT = "current"
    """Every day that is over has its batch, and the checkpoint is published."""
    BUSY = "busy"
    """Another server is making the batch."""
    CLOCK = "clock"
    """This machine's clock is behind the newest batch."""
    MANY = "many"
    """More days are missing than are made without being asked."""
    AHEAD = "ahead"
    """The file `log-head` knows a larger log than the database: an older copy was put back."""
    FORKED = "forked"
    """The database's log is another one than the one that was signed."""
    OTHER = "other"
    """Somebody handed in a checkpoint of this log's key that this database does not hold: the machine was put back."""
    KEY = "key"
    """The secret file lacks the key that the log is signed with, or the one of a change that waits."""
    DAMAGED = "damaged"
    """The leaves do not give the root that is stored: nothing is signed."""


def judge_head(head: HeadRow, hashes: Sequence[bytes], known: tuple[int, bytes] | None) -> LogCondition:
    """Return CURRENT where the log may go on: it extends what was signed, and its leaves give its root."""
    if known is not None and known[0] > head.size:
        return LogCondition.AHEAD
    if len(hashes) != head.size or tlog.root_of(hashes) != head.root:
        return LogCondition.DAMAGED
    if known is not None and tlog.root_of(hashes[: known[0]]) != known[1]:
        return LogCondition.FORKED
    return LogCondition.CURRENT


def holds(signed: str, keys: note.LogKeys, hashes: Sequence[bytes]) -> bool:
    """Tell whether leaves (hashes, in order) lead to a checkpoint of this log."""
    try:
        read = note.read_checkpoint(signed, keys).checkpoint
    except BadLog:  # of a key that this database has not heard of
        return False
    return read.size <= len(hashes) and tlog.root_of(hashes[: read.size]) == read.root
