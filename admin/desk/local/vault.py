"""The file of the desk's local copy: sealed blocks and rows, and nothing else (docs/format.md, section 10).

What the blocks hold, `copy_file` and `journal` say. One process at a time has the file; a block or row that does not
open, or is in another one's place, makes the whole file unusable (all of it can be fetched again).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crypto import secretkey
from crypto.encoding import b2
from crypto.errors import BadSealed, MisuseError

VERSION: Final = 3
SNAPSHOT, JOURNAL, WORDS = 1, 2, 3
"""Streams of blocks: the index as a whole, what happened since, the searchable text."""

CHUNK: Final = 1024 * 1024
_SMALLEST: Final = 4096
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE block (
    stream INTEGER NOT NULL, number INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (stream, number)
);
CREATE TABLE kept (name BLOB PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE piece (name BLOB NOT NULL, start INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (name, start));
PRAGMA user_version = {VERSION};
COMMIT;
"""


class InUse(Exception):
    """Another process has the file open."""


class Unreadable(Exception):
    """The file is of another version, damaged, or of another key."""


def padded(size: int) -> int:
    """Return the length that `size` bytes and their mark are filled up to: Padmé, at least 4 KiB."""
    length = max(size + 1, _SMALLEST)
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


class Vault:
    """One file, open. Not safe for several threads at once. Methods raise sqlite3.Error, Unreadable."""

    def __init__(self, path: Path, index_key: bytes) -> None:
        """Open or make the file. Raises InUse, Unreadable, sqlite3.Error, OSError."""
        self._block_key = b2(32, b"", key=index_key, person="mybk1-deskblk")
        self._name_key = b2(32, b"", key=index_key, person="mybk1-deskname")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._take()
        except BaseException:
            self._db.close()
            raise

    def _take(self) -> None:
        # Held until the process ends, however it does.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse from None
            raise
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(_SCHEMA)
        elif version != VERSION:
            raise Unreadable

    def close(self) -> None:
        """Let go of the file and the keys."""
        self._db.close()
        self._block_key = self._name_key = b""

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have everything in a block of code on disk at once, or nothing of it."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def block_after(self, stream: int, number: int) -> tuple[int, bytes] | None:
        """Return a stream's next block and its number."""
        query = "SELECT number, raw FROM block WHERE stream = ? AND number > ? ORDER BY number LIMIT 1"
        row = self._db.execute(query, (stream, number)).fetchone()
        return (row[0], self._open(_block_name(stream, row[0]), row[1])) if row else None

    def blocks(self, stream: int) -> Iterator[tuple[int, bytes]]:
        """Yield a stream's blocks in order, with their numbers."""
        query = "SELECT number, raw FROM block WHERE stream = ? ORDER BY number"
        for number, raw in self._db.execute(query, (stream,)):
            yield number, self._open(_block_name(stream, number), raw)

    def append(self, stream: int, plain: bytes) -> int:
        """Put a block at a stream's end, on disk when this returns. Returns its length on disk."""
        query = "SELECT coalesce(max(number), 0) + 1 FROM block WHERE stream = ?"
        number = self._db.execute(query, (stream,)).fetchone()[0]
        raw = self._seal(_block_name(stream, number), plain)
        self._db.execute("INSERT INTO block VALUES (?, ?, ?)", (stream, number, raw))
        return len(raw)

    def replace(self, stream: int, plain: Iterable[bytes], and_drop: Sequence[int] = ()) -> None:
        """Put blocks in the place of a whole stream and empty others, all or none."""
        with self.together():
            for name in (stream, *and_drop):
                self._db.execute("DELETE FROM block WHERE stream = ?", (name,))
            for number, part in enumerate(plain, 1):
                raw = self._seal(_block_name(stream, number), part)
                self._db.execute("INSERT INTO block VALUES (?, ?, ?)", (stream, number, raw))

    def length(self, stream: int) -> int:
        """Return how many bytes a stream has on disk."""
        query = "SELECT coalesce(sum(length(raw)), 0) FROM block WHERE stream = ?"
        return int(self._db.execute(query, (stream,)).fetchone()[0])

    def kept(self, id_: bytes) -> bytes | None:
        """Return what is kept under an id."""
        name = self._name(id_)
        row = self._db.execute("SELECT raw FROM kept WHERE name = ?", (name,)).fetchone()
        return self._open(name, row[0]) if row else None

    def kept_of(self, ids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is kept under these ids, as far as something is."""
        names = {self._name(own): own for own in ids}
        query = f"SELECT name, raw FROM kept WHERE name IN ({', '.join('?' * len(names))})"
        rows = self._db.execute(query, tuple(names)).fetchall()
        return {names[bytes(name)]: self._open(bytes(name), raw) for name, raw in rows}

    def having(self, ids: Sequence[bytes]) -> list[bytes]:
        """Return those of these ids under which something is kept."""
        names = {self._name(own): own for own in ids}
        query = f"SELECT name FROM kept WHERE name IN ({', '.join('?' * len(names))})"
        return [names[bytes(name)] for (name,) in self._db.execute(query, tuple(names)).fetchall()]

    def keep(self, blocks: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep bytes under ids, in place of what was there, all or none."""
        with self.together():
            for id_, plain in blocks:
                name = self._name(id_)
                self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, self._seal(name, plain)))

    def drop(self, ids: Sequence[bytes]) -> None:
        """Forget what is kept under ids."""
        with self.together():
            self._db.executemany("DELETE FROM kept WHERE name = ?", [(self._name(name),) for name in ids])

    def pieces_end(self, id_: bytes) -> int:
        """Return where the last piece of an object ends."""
        query = "SELECT start, raw FROM piece WHERE name = ? ORDER BY start DESC LIMIT 1"
        name = self._name(id_)
        row = self._db.execute(query, (name,)).fetchone()
        return row[0] + len(self._open(_piece_name(name, row[0]), row[1])) if row else 0

    def piece(self, id_: bytes, start: int) -> bytes | None:
        """Return the piece of an object that begins at `start`."""
        name = self._name(id_)
        row = self._db.execute("SELECT raw FROM piece WHERE name = ? AND start = ?", (name, start)).fetchone()
        return self._open(_piece_name(name, start), row[0]) if row else None

    def add_piece(self, id_: bytes, start: int, plain: bytes) -> None:
        """Keep a piece of an object."""
        name = self._name(id_)
        raw = self._seal(_piece_name(name, start), plain)
        self._db.execute("INSERT INTO piece VALUES (?, ?, ?)", (name, start, raw))

    def drop_pieces(self, id_: bytes) -> None:
        """Forget an object."""
        self._db.execute("DELETE FROM piece WHERE name = ?", (self._name(id_),))

    def _name(self, id_: bytes) -> bytes:
        return b2(16, id_, key=self._name_key, person="mybk1-deskrow")

    def _seal(self, name: bytes, plain: bytes) -> bytes:
        filled = (plain + b"\x80").ljust(padded(len(plain)), b"\0")
        return secretkey.seal_bound(self._block_key, filled, name)

    def _open(self, name: bytes, raw: bytes) -> bytes:
        try:
            filled = secretkey.open_bound(self._block_key, raw, name)
        except (BadSealed, MisuseError, TypeError):
            raise Unreadable from None
        return filled.rstrip(b"\0").removesuffix(b"\x80")


def _block_name(stream: int, number: int) -> bytes:
    return b"mybk1/deskblock\n" + struct.pack(">BQ", stream, number)


def _piece_name(name: bytes, start: int) -> bytes:
    return b"mybk1/deskpiece\n" + name + struct.pack(">Q", start)
