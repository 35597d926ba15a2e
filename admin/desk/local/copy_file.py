"""The file of the desk's local copy: sealed on disk (`vault`), opened in memory while the desk is unlocked.

In memory is an SQLite database that never touches a disk; on disk are its snapshot and a journal of what was
done to it since, envelopes and pieces of files, all sealed under a key from the auditor's seed. Anyone who steals
the laptop finds how many bytes there are. All of it can be fetched again, except the pins (which first card and
which site this desk met first) and the marks of what was looked at.

Whatever changes the index is one operation of the journal: on disk before it counts, and done again, in the same
order, when the file is opened after the desk was killed.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from admin.desk.keys import Locked
from admin.desk.local import vault
from admin.desk.local.journal import OPERATIONS, SCHEMA, UNCHECKED_INDEX, operation
from admin.desk.local.search import SearchIndex, pack, unpack
from admin.desk.local.summary import FORM
from admin.desk.local.upgrade import replace_old
from admin.desk.local.vault import JOURNAL, SNAPSHOT, WORDS, InUse, Unreadable, Vault
from crypto.encoding import b2, b64e

_LEAST_JOURNAL: Final = 4 * 1024 * 1024
"""Bytes on disk that the journal may have before a snapshot takes its place; after that, a quarter of the snapshot."""
_LITTLE: Final = 8 * 1024 * 1024


class CacheUnusable(Exception):
    """The local copy can't be used (another version, damaged, disk full); `path` is its file."""

    def __init__(self, path: Path) -> None:
        super().__init__("the local copy can't be used")
        self.path = path


class CacheInUse(CacheUnusable):
    """Another desk has the local copy open."""


def file_for(folder: Path, server_url: str, key_id: bytes) -> Path:
    """Return the cache's file for one site and one auditor: two on one laptop don't share marks and grants."""
    name = b2(16, server_url.encode() + b"\n" + key_id, person="mybk1-deskfile").hex()
    return folder / f"desk-{name}.sqlite3"


class CopyFile:
    """One file. Any number of threads may use it, one at a time. Every method raises CacheUnusable, and Locked once
    it was closed.
    """

    def __init__(self, path: Path, index_key: bytes) -> None:
        """Open or make the file. Raises CacheInUse, CacheUnusable."""
        self.path = path
        self.pulling = threading.Lock()
        """Held by anyone who fetches what is new: two at once would fetch it twice."""
        self.search_index = SearchIndex()
        """Cases that were read since the file was opened."""
        self._label_key = index_key
        self._lock = threading.RLock()
        self._is_closed = False
        self._journal = self._snapshot = 0
        with self._faults():
            replace_old(path, index_key)
            self._vault = Vault(path, index_key)
            try:
                self._db = _in_memory()
                self._load()
            except BaseException:
                self._vault.close()
                raise
        self._load_words()
        self._is_marked = self.get("form") == FORM
        if not self._is_marked and self._has_summaries():
            self.summaries_are_stale()

    def close(self) -> None:
        """Close the file and forget everything that was open."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            with suppress(sqlite3.Error, Unreadable):
                if self._journal > _LEAST_JOURNAL // 4:
                    self._take_snapshot()
            self._db.close()
            self._vault.close()
            self._label_key = b""
            self.search_index = SearchIndex()
        gc.collect()

    def get(self, name: str) -> bytes | None:
        """Return a value that was kept under a name."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keep values under their names, all or none."""
        self._do("put", {name: b64e(value) for name, value in values.items()})

    def _has_summaries(self) -> bool:
        with self._reading() as db:
            return db.execute("SELECT 1 FROM summary LIMIT 1").fetchone() is not None

    def summaries_are_stale(self) -> None:
        """Have every case read again: what clocks follow from has changed."""
        self._do("stale", [])

    def rewind(self) -> None:
        """Have everything fetched from the beginning again; what is here stays."""
        self._do("rewind", [])

    def _do(self, name: str, given: Any) -> None:
        """Do an operation in memory once it is on disk."""
        plain = operation(name, given)
        with self._lock, self._faults():
            self._check_open()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                OPERATIONS[name](self._db, given)
                self._journal += self._vault.append(JOURNAL, plain)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            if self._journal > max(_LEAST_JOURNAL, self._snapshot // 4):
                self._take_snapshot()

    def _load(self) -> None:
        snapshot = b"".join(plain for _number, plain in self._vault.blocks(SNAPSHOT))
        if snapshot:
            self._db.deserialize(snapshot)
            _settings(self._db)
        else:
            self._db.executescript(SCHEMA)
        self._db.execute(UNCHECKED_INDEX)
        self._snapshot = self._vault.length(SNAPSHOT)
        self._db.execute("BEGIN")
        for _number, plain in self._vault.blocks(JOURNAL):
            name, given = json.loads(plain)
            OPERATIONS[name](self._db, given)
        self._db.execute("COMMIT")
        self._journal = self._vault.length(JOURNAL)

    def _take_snapshot(self) -> None:
        whole = self._db.serialize()
        # A block's padding is taken off by its mark; zeros at a chunk's end are in front of it and stay.
        chunks = (whole[start : start + vault.CHUNK] for start in range(0, len(whole), vault.CHUNK))
        self._vault.replace(SNAPSHOT, chunks, and_drop=(JOURNAL,))
        self._snapshot, self._journal = self._vault.length(SNAPSHOT), 0

    def _load_words(self) -> None:
        """Load the searchable text: at once where there is little, else beside the work."""
        with self._using() as kept:
            is_little = kept.length(WORDS) < _LITTLE
        if is_little:
            self._load_blocks(self.search_index)
        else:
            threading.Thread(target=self._load_blocks, args=(self.search_index,), daemon=True).start()

    def _load_blocks(self, words: SearchIndex) -> None:
        number, blocks, length = 0, 0, 0
        while True:
            try:
                with self._using() as kept:
                    block = kept.block_after(WORDS, number)
            except (Locked, CacheUnusable):
                return
            if block is None:
                break
            number, plain = block
            with suppress(ValueError):
                words.add(list(unpack(plain)))
            blocks, length = blocks + 1, length + len(plain)
        words.is_complete = True
        with suppress(Locked, CacheUnusable), self._lock, self._faults():
            self._check_open()
            if blocks > 64 + 2 * length // vault.CHUNK or length > 2 * words.size + vault.CHUNK:
                self._rewrite_words()

    def _rewrite_words(self) -> None:
        self._vault.replace(WORDS, _blocks_of(self.search_index))

    def _check_open(self) -> None:
        if self._is_closed:
            raise Locked

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except InUse:
            raise CacheInUse(self.path) from None
        except (sqlite3.Error, OSError, ValueError, Unreadable, LookupError, TypeError):
            raise CacheUnusable(self.path) from None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            self._check_open()
            yield self._db

    @contextmanager
    def _using(self) -> Iterator[Vault]:
        with self._lock, self._faults():
            self._check_open()
            yield self._vault


def _in_memory() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _settings(made)
    return made


def _settings(db: sqlite3.Connection) -> None:
    """Keep SQLite from writing anything: a large sort would go into a temporary file."""
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA journal_mode = MEMORY")


def _blocks_of(words: SearchIndex) -> Iterator[bytes]:
    waiting: list[tuple[bytes, int, bytes]] = []
    length = 0
    for document in words.documents():
        waiting.append(document)
        length += len(document[2])
        if length >= vault.CHUNK:
            yield pack(waiting)
            waiting, length = [], 0
    if waiting:
        yield pack(waiting)
