"""The desk's local copy: sealed bytes, and of the rest only what the server knows too (ids, kinds, days,
statuses).

Whoever steals the laptop finds how many cases there are and when they moved, never a word of them. All of it
can be fetched again, except the pins (which first card and which site this desk met first) and the marks of
what was looked at.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from admin.desk.client import Change, SealedBytes
from cases.days import format_day, parse_day
from cases.status import RECEIVED
from crypto.encoding import b2

VERSION: Final = 2
_BUSY: Final = 10.0

_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE case_file (
    case_id BLOB PRIMARY KEY,
    received_day TEXT NOT NULL,
    report_id BLOB,
    status TEXT NOT NULL,
    handled INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    last_in_seq INTEGER NOT NULL,
    seen_seq INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX case_file_order ON case_file (handled, last_seq DESC);
CREATE INDEX case_file_status ON case_file (status, last_seq DESC);
CREATE TABLE envelope (
    envelope_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    day TEXT NOT NULL,
    act_sig BLOB
) WITHOUT ROWID;
CREATE INDEX envelope_case ON envelope (case_id, seq);
CREATE TABLE sealed (envelope_id BLOB PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE envelope_grant (
    envelope_id BLOB NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (envelope_id, sealed)
) WITHOUT ROWID;
CREATE TABLE status (
    seq INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    status TEXT NOT NULL,
    day TEXT NOT NULL,
    author BLOB NOT NULL,
    sig BLOB NOT NULL,
    act_sig BLOB NOT NULL
);
CREATE INDEX status_case ON status (case_id, sequence, seq);
"""

_OBJECTS: Final = """
CREATE TABLE object_piece (
    object_id BLOB NOT NULL, start INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (object_id, start)
);
"""
_UPGRADES: Final = {0: _SCHEMA + _OBJECTS, 1: _OBJECTS}
"""What makes a file of an older version (0: an empty one) one of this version."""

_CASE_COLUMNS: Final = "case_id, received_day, report_id, status, last_seq, last_in_seq, seen_seq"
_WAITS: Final = """
(NOT handled OR (last_in_seq > seen_seq AND (seen_seq > 0 OR last_in_seq = last_seq)))
"""
"""Nobody has handled it, or the reporter wrote since it was looked at here (or, never looked at, wrote last)."""
_MENTION: Final = """
INSERT INTO case_file (case_id, received_day, status, handled, last_seq, last_in_seq)
VALUES (:case_id, :day, :received, 0, :seq, 0)
ON CONFLICT (case_id) DO UPDATE SET last_seq = max(last_seq, :seq)
"""


class CacheUnusable(Exception):
    """The local copy can't be used (another version, damaged, disk full); `path` is its file."""

    def __init__(self, path: Path) -> None:
        super().__init__("the local copy can't be used")
        self.path = path


@dataclass(frozen=True)
class CaseLine:
    """A case as the cache knows it. `report_id`: its first envelope of kind 1, None while there is none."""

    case_id: bytes
    received_day: date
    report_id: bytes | None
    status: str
    last_seq: int
    last_in_seq: int
    seen_seq: int

    @property
    def is_new(self) -> bool:
        """Tell whether nobody has looked at this case at this desk."""
        return self.seen_seq == 0

    @property
    def has_new_message(self) -> bool:
        """Tell whether the reporter wrote after it was last looked at."""
        return not self.is_new and self.last_in_seq > self.seen_seq


@dataclass(frozen=True)
class EnvelopeLine:
    """What the server says of an envelope."""

    envelope_id: bytes
    kind: int
    day: date
    act_sig: bytes | None


@dataclass(frozen=True)
class StatusLine:
    """What the server says of a status, with the signatures that show whether it is true."""

    sequence: int
    status: str
    day: date
    author: bytes
    sig: bytes
    act_sig: bytes


def file_for(folder: Path, server_url: str, key_id: bytes) -> Path:
    """Return the cache's file for one site and one auditor: two on one laptop don't share marks and grants."""
    name = b2(16, server_url.encode() + b"\n" + key_id, person="mybk1-deskfile").hex()
    return folder / f"desk-{name}.sqlite3"


class Cache:
    """One file. Any number of threads may use it, one at a time. Every method raises CacheUnusable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pulling = threading.Lock()
        """Held by whoever fetches what is new: two at once would fetch it twice."""
        self._lock = threading.RLock()
        with self._faults():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
            self._prepare()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def get(self, name: str) -> bytes | None:
        """Return a value that was kept under a name."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keep values under their names, all or none."""
        with self._writing() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def cursor(self) -> int:
        """Return the place in the feed up to which everything was fetched."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return int(row[0]) if row else 0

    def add(self, changes: Sequence[Change]) -> None:
        """Keep changes and their place in the feed, all or none. What is known already stays as it is."""
        if not changes:
            return
        with self._writing() as db:
            for change in changes:
                _mention(db, change)
                if change.envelope_id is not None:
                    _add_envelope(db, change)
                elif change.status is not None:
                    _add_status(db, change)
            # Another desk with the same key may have come further meanwhile: nothing here goes back.
            db.execute(
                """INSERT INTO meta VALUES ('cursor', :seq)
                   ON CONFLICT (name) DO UPDATE SET value = max(value, :seq)""",
                {"seq": changes[-1].seq},
            )

    def counts(self) -> dict[str, int]:
        """Return how many cases have each status."""
        with self._reading() as db:
            return dict(db.execute("SELECT status, count(*) FROM case_file GROUP BY status").fetchall())

    def cases(self, status: str | None, limit: int, offset: int) -> list[CaseLine]:
        """Return cases for the inbox: first those that wait for somebody, then by the latest change."""
        where, order = (
            ("", f"{_WAITS} DESC, last_seq DESC")
            if status is None
            else ("WHERE status = :status", "last_seq DESC")
        )
        query = f"SELECT {_CASE_COLUMNS} FROM case_file {where} ORDER BY {order} LIMIT :limit OFFSET :offset"
        with self._reading() as db:
            rows = db.execute(query, {"status": status, "limit": limit, "offset": offset}).fetchall()
        return [_case(row) for row in rows]

    def case(self, case_id: bytes) -> CaseLine | None:
        """Return one case."""
        with self._reading() as db:
            row = db.execute(
                f"SELECT {_CASE_COLUMNS} FROM case_file WHERE case_id = ?", (case_id,)
            ).fetchone()
        return _case(row) if row else None

    def envelopes(self, case_id: bytes) -> list[EnvelopeLine]:
        """Return a case's envelopes, oldest first."""
        query = "SELECT envelope_id, kind, day, act_sig FROM envelope WHERE case_id = ? ORDER BY seq"
        with self._reading() as db:
            rows = db.execute(query, (case_id,)).fetchall()
        return [EnvelopeLine(row[0], row[1], parse_day(row[2]), row[3]) for row in rows]

    def statuses(self, case_id: bytes) -> list[StatusLine]:
        """Return a case's statuses by sequence; where the server gave two for one place, the later one comes
        last.
        """
        query = """SELECT sequence, status, day, author, sig, act_sig FROM status
                   WHERE case_id = ? ORDER BY sequence, seq"""
        with self._reading() as db:
            rows = db.execute(query, (case_id,)).fetchall()
        return [StatusLine(row[0], row[1], parse_day(row[2]), row[3], row[4], row[5]) for row in rows]

    def sealed(self, ids: Sequence[bytes]) -> dict[bytes, SealedBytes]:
        """Return the sealed bytes that were fetched, by envelope id."""
        found = {}
        with self._reading() as db:
            for envelope_id in ids:
                row = db.execute("SELECT raw FROM sealed WHERE envelope_id = ?", (envelope_id,)).fetchone()
                if row:
                    grants = db.execute(
                        "SELECT sealed FROM envelope_grant WHERE envelope_id = ?", (envelope_id,)
                    ).fetchall()
                    found[envelope_id] = SealedBytes(envelope_id, row[0], tuple(one[0] for one in grants))
        return found

    def add_sealed(self, fetched: Sequence[SealedBytes]) -> None:
        """Keep sealed bytes; the first ones that came stay (an envelope never changes), grants are added."""
        with self._writing() as db:
            for one in fetched:
                db.execute("INSERT OR IGNORE INTO sealed VALUES (?, ?)", (one.envelope_id, one.raw))
                db.executemany(
                    "INSERT OR IGNORE INTO envelope_grant VALUES (?, ?)",
                    [(one.envelope_id, sealed) for sealed in one.grants],
                )

    def drop_sealed(self, ids: Sequence[bytes]) -> None:
        """Forget sealed bytes that turned out not to be what was asked for, so that they are fetched again."""
        with self._writing() as db:
            db.executemany("DELETE FROM sealed WHERE envelope_id = ?", [(one,) for one in ids])

    def object_length(self, object_id: bytes) -> int:
        """Return how many bytes of a file's sealed object are here, from its beginning on without a gap."""
        with self._reading() as db:
            return _object_length(db, object_id)

    def add_piece(self, object_id: bytes, start: int, raw: bytes) -> int:
        """Keep a piece of a sealed object if it is the next one; return how many bytes are here."""
        with self._writing() as db:
            have = _object_length(db, object_id)
            if start != have:
                return have
            db.execute("INSERT INTO object_piece VALUES (?, ?, ?)", (object_id, start, raw))
            return have + len(raw)

    def piece(self, object_id: bytes, start: int) -> bytes:
        """Return the piece of a sealed object that begins at `start`; empty where none does."""
        query = "SELECT raw FROM object_piece WHERE object_id = ? AND start = ?"
        with self._reading() as db:
            row = db.execute(query, (object_id, start)).fetchone()
        return bytes(row[0]) if row else b""

    def drop_object(self, object_id: bytes) -> None:
        """Forget a sealed object; it can be fetched again."""
        with self._writing() as db:
            db.execute("DELETE FROM object_piece WHERE object_id = ?", (object_id,))

    def mark_seen(self, case_id: bytes, seq: int) -> None:
        """Note up to which change a case was looked at."""
        with self._writing() as db:
            db.execute("UPDATE case_file SET seen_seq = max(seen_seq, ?) WHERE case_id = ?", (seq, case_id))

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return
        if version not in _UPGRADES:
            raise CacheUnusable(self.path)
        self._db.executescript(f"BEGIN IMMEDIATE;{_UPGRADES[version]}PRAGMA user_version = {VERSION};COMMIT;")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError):
            raise CacheUnusable(self.path) from None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _object_length(db: sqlite3.Connection, object_id: bytes) -> int:
    query = "SELECT coalesce(sum(length(raw)), 0) FROM object_piece WHERE object_id = ?"
    return int(db.execute(query, (object_id,)).fetchone()[0])


def _mention(db: sqlite3.Connection, change: Change) -> None:
    db.execute(
        _MENTION,
        {
            "case_id": change.case_id,
            "day": format_day(change.day),
            "received": RECEIVED,
            "seq": change.seq,
        },
    )


def _add_envelope(db: sqlite3.Connection, change: Change) -> None:
    db.execute(
        "INSERT OR IGNORE INTO envelope VALUES (?, ?, ?, ?, ?, ?)",
        (change.envelope_id, change.case_id, change.seq, change.kind, format_day(change.day), change.act_sig),
    )
    if change.kind == 1:
        # A second report under one case would bring other keys with it: the first one counts.
        db.execute(
            "UPDATE case_file SET report_id = ?, received_day = ? WHERE case_id = ? AND report_id IS NULL",
            (change.envelope_id, format_day(change.day), change.case_id),
        )
    if change.kind in (1, 2):
        db.execute(
            "UPDATE case_file SET last_in_seq = max(last_in_seq, ?) WHERE case_id = ?",
            (change.seq, change.case_id),
        )


def _add_status(db: sqlite3.Connection, change: Change) -> None:
    db.execute(
        "INSERT OR IGNORE INTO status VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change.seq,
            change.case_id,
            change.sequence,
            change.status,
            format_day(change.day),
            change.author,
            change.sig,
            change.act_sig or b"",
        ),
    )
    db.execute(
        """UPDATE case_file SET status = ?, handled = ? WHERE case_id = ?
           AND NOT EXISTS (SELECT 1 FROM status WHERE case_id = ? AND seq > ?)""",
        (change.status, int(change.status != RECEIVED), change.case_id, change.case_id, change.seq),
    )


def _case(row: Sequence[object]) -> CaseLine:
    case_id, received, report_id, status, last_seq, last_in_seq, seen_seq = row
    assert isinstance(case_id, bytes) and isinstance(received, str) and isinstance(status, str)
    assert isinstance(report_id, bytes | None)
    assert isinstance(last_seq, int) and isinstance(last_in_seq, int) and isinstance(seen_seq, int)
    return CaseLine(case_id, parse_day(received), report_id, status, last_seq, last_in_seq, seen_seq)
