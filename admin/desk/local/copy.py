"""The desk's local copy: sealed on disk (`vault`), opened in memory while the desk is unlocked.

In memory is an SQLite database that never touches a disk; on disk are its snapshot and a journal of what was
done to it since, envelopes and pieces of files, all sealed under a key from the auditor's seed. Whoever steals
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from admin.desk.keys import Locked
from admin.desk.local import vault
from admin.desk.local.inbox_query import CASE_COLUMNS, LINES, SHOWN, Wanted, case_of, line_of
from admin.desk.local.journal import OPERATIONS, SCHEMA, decode_change, encode_change, operation
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from admin.desk.local.search import Words, pack, unpack
from admin.desk.local.summary import FORM, CaseSummary, encode
from admin.desk.local.upgrade import replace_old
from admin.desk.local.vault import JOURNAL, SNAPSHOT, WORDS, InUse, Unreadable, Vault
from admin.desk.server.responses import Change, SealedBytes
from cases.days import parse_day
from crypto.encoding import b2, b64e, hex_id

_LEAST_JOURNAL: Final = 4 * 1024 * 1024
"""Bytes on disk that the journal may have before a snapshot takes its place; after that, a quarter of the snapshot."""

__all__ = [
    "Cache",
    "CacheInUse",
    "CacheUnusable",
    "CaseLine",
    "EnvelopeLine",
    "StatusLine",
    "Wanted",
    "file_for",
]


def left_name(case_id: bytes) -> str:
    """Return the name under which it is kept that this auditor stepped back: how many envelopes there were then."""
    return f"left:{hex_id(case_id)}"


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


class Cache:
    """One file. Any number of threads may use it, one at a time. Every method raises CacheUnusable, and Locked once
    it was closed.
    """

    def __init__(self, path: Path, index_key: bytes) -> None:
        """Open or make the file. Raises CacheInUse, CacheUnusable."""
        self.path = path
        self.pulling = threading.Lock()
        """Held by whoever fetches what is new: two at once would fetch it twice."""
        self.words = Words()
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
            self.words = Words()
        gc.collect()

    def get(self, name: str) -> bytes | None:
        """Return a value that was kept under a name."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keep values under their names, all or none."""
        self._do("put", {name: b64e(value) for name, value in values.items()})

    def cursor(self) -> int:
        """Return the place in the feed up to which everything was fetched."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return int(row[0]) if row else 0

    def add(self, changes: Sequence[Change]) -> None:
        """Keep changes and their place in the feed, all or none. What is known already stays as it is."""
        if changes:
            self._do("add", [encode_change(change) for change in changes])

    def counts(self) -> dict[str, int]:
        """Return how many cases have each status, as far as it is verified."""
        query = """SELECT coalesce(s.status, 'received'), count(*)
                   FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id GROUP BY 1"""
        with self._reading() as db:
            return dict(db.execute(query).fetchall())

    def cases(self, status: str | None, limit: int, offset: int) -> list[CaseLine]:
        """Return cases: first those that wait for somebody, then by the latest change."""
        return [line for line, _summary in self.lines(Wanted(status=status or ""), limit, offset)]

    def lines(self, wanted: Wanted, limit: int, offset: int) -> list[tuple[CaseLine, CaseSummary | None]]:
        """Return cases for the inbox, with what is known of them: new ones first, then what is due."""
        where, values = wanted.where
        query = f"{LINES} WHERE {where} ORDER BY {wanted.order} LIMIT {int(limit)} OFFSET {int(offset)}"
        with self._reading() as db:
            return [line_of(row) for row in db.execute(query, values).fetchall()]

    def count(self, wanted: Wanted) -> int:
        """Return how many cases are wanted."""
        where, values = wanted.where
        query = f"SELECT count(*) FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id WHERE {where}"
        with self._reading() as db:
            return int(db.execute(query, values).fetchone()[0])

    def with_summaries(self, ids: Sequence[bytes]) -> list[tuple[CaseLine, CaseSummary | None]]:
        """Return these cases, in this order, those that are here."""
        with self._reading() as db:
            rows = [db.execute(f"{LINES} WHERE c.case_id = ?", (case_id,)).fetchone() for case_id in ids]
        return [line_of(row) for row in rows if row]

    def summaries(self) -> list[CaseSummary]:
        """Return the summary of every case that was read and is shown here."""
        with self._reading() as db:
            rows = db.execute(f"{LINES} WHERE {SHOWN} ORDER BY c.last_seq").fetchall()
        return [summary for _line_, summary in map(line_of, rows) if summary is not None]

    def labels(self) -> dict[str, str]:
        """Return the labels in use by their codes: an address holds a code, never a word."""
        with self._reading() as db:
            rows = db.execute("SELECT DISTINCT label FROM label ORDER BY label").fetchall()
            key = self._label_key
        return {b2(8, text.encode(), key=key, person="mybk1-desklabel").hex(): text for (text,) in rows}

    def owners(self) -> list[bytes]:
        """Return the persons who have cases."""
        with self._reading() as db:
            rows = db.execute("SELECT DISTINCT owner FROM summary WHERE owner IS NOT NULL").fetchall()
        return [bytes.fromhex(owner) for (owner,) in rows]

    def unread(self, limit: int) -> list[CaseLine]:
        """Return cases whose envelopes were not all read yet, those that moved last first."""
        columns = ", ".join(f"c.{name}" for name in CASE_COLUMNS.split(", "))
        query = f"""SELECT {columns} FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE s.of_seq IS NULL OR s.of_seq < c.last_seq ORDER BY c.last_seq DESC LIMIT ?"""
        with self._reading() as db:
            return [case_of(row) for row in db.execute(query, (limit,)).fetchall()]

    def newest_read(self) -> int:
        """Return the place in the feed up to which the newest of the cases that were read was read."""
        with self._reading() as db:
            return int(db.execute("SELECT coalesce(max(of_seq), 0) FROM summary").fetchone()[0])

    def count_unread(self) -> int:
        """Return how many cases were not read yet."""
        query = """SELECT count(*) FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                   WHERE s.of_seq IS NULL OR s.of_seq < c.last_seq"""
        with self._reading() as db:
            return int(db.execute(query).fetchone()[0])

    def put_summaries(
        self, summaries: Sequence[CaseSummary], documents: Sequence[tuple[bytes, int, bytes]]
    ) -> None:
        """Keep summaries and the searchable text of their cases."""
        with self._lock, self._faults():
            self._check_open()
            with self._vault.together():
                if documents:
                    self._vault.append(WORDS, pack(documents))
                self._do("sum", [encode(summary) for summary in summaries])
                if not self._is_marked:
                    self.put({"form": FORM})
                    self._is_marked = True
            self.words.add(documents)

    def _has_summaries(self) -> bool:
        with self._reading() as db:
            return db.execute("SELECT 1 FROM summary LIMIT 1").fetchone() is not None

    def case(self, case_id: bytes) -> CaseLine | None:
        """Return one case."""
        with self._reading() as db:
            row = db.execute(f"SELECT {CASE_COLUMNS} FROM case_file WHERE case_id = ?", (case_id,)).fetchone()
        return case_of(row) if row else None

    def case_ids(self) -> list[bytes]:
        """Return the ids of all cases, those that were deleted too."""
        with self._reading() as db:
            here = [row[0] for row in db.execute("SELECT case_id FROM case_file").fetchall()]
            gone = db.execute(
                "SELECT name FROM meta WHERE name >= 'deleted:' AND name < 'deleted;'"
            ).fetchall()
        return here + [bytes.fromhex(name.partition(":")[2]) for (name,) in gone]

    def numbered(self, short: bytes) -> list[bytes]:
        """Return the cases whose ids begin so: pages show the first four bytes as a case's number."""
        with self._reading() as db:
            rows = db.execute(
                f"""SELECT c.case_id FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE {SHOWN} AND c.case_id >= ? AND c.case_id < ? ORDER BY c.case_id LIMIT 25""",
                (short, short + b"\xff" * 13),
            ).fetchall()
        return [row[0] for row in rows]

    def numbered_in_part(self, half: bytes) -> list[bytes]:
        """Return the cases of which one half of the number is this (2 bytes), those that moved last first."""
        with self._reading() as db:
            rows = db.execute(
                f"""SELECT c.case_id FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE {SHOWN} AND (substr(c.case_id, 1, 2) = ? OR substr(c.case_id, 3, 2) = ?)
                    ORDER BY c.last_seq DESC LIMIT 25""",
                (half, half),
            ).fetchall()
        return [row[0] for row in rows]

    def is_shown(self, case_id: bytes) -> bool:
        """Tell whether a case was read and is one that this desk shows."""
        query = f"SELECT 1 FROM case_file c JOIN summary s ON s.case_id = c.case_id WHERE c.case_id = ? AND {SHOWN}"
        with self._reading() as db:
            return db.execute(query, (case_id,)).fetchone() is not None

    def envelopes(self, case_id: bytes) -> list[EnvelopeLine]:
        """Return a case's envelopes, oldest first."""
        query = "SELECT envelope_id, kind, day, act_sig, seq FROM envelope WHERE case_id = ? ORDER BY seq"
        with self._reading() as db:
            rows = db.execute(query, (case_id,)).fetchall()
        return [EnvelopeLine(row[0], row[1], parse_day(row[2]), row[3], row[4]) for row in rows]

    def left(self) -> dict[bytes, int]:
        """Return the cases from which this auditor stepped back, and how many envelopes each had then."""
        query = "SELECT name, value FROM meta WHERE name >= 'left:' AND name < 'left;'"
        with self._reading() as db:
            rows = db.execute(query).fetchall()
        return {bytes.fromhex(name[5:]): int(value) for name, value in rows if value}

    def wanted(self, case_id: bytes) -> list[EnvelopeLine]:
        """Return a case's envelopes whose sealed bytes are to be here: after stepping back, those that came since.

        They are fetched as for any other case, so that the server does not learn who stepped back.
        """
        kept = self.get(left_name(case_id))
        return self.envelopes(case_id)[int(kept) if kept else 0 :]

    def places(self, ids: Sequence[bytes]) -> list[tuple[bytes, EnvelopeLine]]:
        """Return these envelopes, those that the feed has named, each with its case's id."""
        query = "SELECT case_id, envelope_id, kind, day, act_sig FROM envelope WHERE envelope_id = ?"
        with self._reading() as db:
            rows = [db.execute(query, (envelope_id,)).fetchone() for envelope_id in ids]
        return [(row[0], EnvelopeLine(row[1], row[2], parse_day(row[3]), row[4])) for row in rows if row]

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
        fetched = {}
        with self._using() as kept:
            for envelope_id in ids:
                raw = kept.kept(envelope_id)
                if raw is not None:
                    fetched[envelope_id] = SealedBytes.unpack(envelope_id, raw)
        return fetched

    def add_sealed(self, fetched: Sequence[SealedBytes]) -> None:
        """Keep sealed bytes; the first ones that came stay (an envelope never changes), grants are added."""
        with self._using() as kept:
            there = self.sealed([envelope.envelope_id for envelope in fetched])
            kept.keep(
                (envelope.envelope_id, envelope.joined_to(there.get(envelope.envelope_id)).pack())
                for envelope in fetched
            )

    def drop_sealed(self, ids: Sequence[bytes]) -> None:
        """Forget sealed bytes that turned out not to be what was asked for, so that they are fetched again."""
        with self._using() as kept:
            kept.drop(ids)

    def object_length(self, object_id: bytes) -> int:
        """Return how many bytes of a file's sealed object are here, from its beginning on without a gap."""
        with self._using() as kept:
            return _pieces_end(kept, object_id)

    def add_piece(self, object_id: bytes, start: int, raw: bytes) -> int:
        """Keep a piece of a sealed object if it is the next one; return how many bytes are here."""
        with self._using() as kept:
            have = _pieces_end(kept, object_id)
            if start != have:
                return have
            kept.add_piece(object_id, start, raw)
            return have + len(raw)

    def piece(self, object_id: bytes, start: int) -> bytes:
        """Return the piece of a sealed object that begins at `start`; empty where none does."""
        with self._using() as kept:
            try:
                return kept.piece(object_id, start) or b""
            except Unreadable:
                return b""

    def drop_object(self, object_id: bytes) -> None:
        """Forget a sealed object; it can be fetched again."""
        with self._using() as kept:
            kept.drop_pieces(object_id)

    def mark_seen(self, case_id: bytes, seq: int) -> None:
        """Note up to which change a case was looked at."""
        line = self.case(case_id)
        if line is not None and line.seen_seq < seq:
            self._do("seen", [[hex_id(case_id), seq]])

    def forget_case(self, case_id: bytes, objects: Sequence[bytes] = ()) -> None:
        """Forget all that is here of a case that was deleted: its line, envelopes, files (`objects`) and text."""
        with self._lock, self._faults():
            self._check_open()
            ids = [envelope.envelope_id for envelope in self.envelopes(case_id)]
            with self._vault.together():
                self._vault.drop(ids)
                for object_id in objects:
                    self._vault.drop_pieces(object_id)
                self._do("forget", [hex_id(case_id)])
                self.words.remove(case_id)
                if self.words.is_complete:
                    self._rewrite_words()
                # The journal and the last snapshot still have what was said of it.
                self._take_snapshot()

    def forget_text(self, bare: CaseSummary) -> None:
        """Forget what was open of a case (`bare`: all that is left of its summary): envelopes and text."""
        with self._lock, self._faults():
            self._check_open()
            ids = [envelope.envelope_id for envelope in self.envelopes(bare.case_id)]
            with self._vault.together():
                self._vault.drop(ids)
                self._do("sum", [encode(bare)])
                self.words.remove(bare.case_id)
                if self.words.is_complete:
                    self._rewrite_words()
                self._take_snapshot()

    def acts(self, case_id: bytes) -> list[Change]:
        """Return what the feed says about deleting a case, oldest first."""
        with self._reading() as db:
            rows = db.execute("SELECT raw FROM act WHERE case_id = ? ORDER BY seq", (case_id,)).fetchall()
        return [decode_change(json.loads(raw)) for (raw,) in rows]

    def acted(self) -> list[bytes]:
        """Return the cases of which the feed says something about deleting them."""
        with self._reading() as db:
            return [row[0] for row in db.execute("SELECT DISTINCT case_id FROM act").fetchall()]

    def rewind(self) -> None:
        """Have everything fetched from the beginning again; what is here stays."""
        self._do("rewind", [])

    def summaries_are_stale(self) -> None:
        """Have every case read again: what clocks follow from has changed."""
        self._do("stale", [])

    # What follows is the machinery: the journal, snapshots, the text.

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
            self._load_blocks(self.words)
        else:
            threading.Thread(target=self._load_blocks, args=(self.words,), daemon=True).start()

    def _load_blocks(self, words: Words) -> None:
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
        self._vault.replace(WORDS, _blocks_of(self.words))

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


_LITTLE: Final = 8 * 1024 * 1024


def _in_memory() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _settings(made)
    return made


def _settings(db: sqlite3.Connection) -> None:
    """Keep SQLite from writing anything: a large sort would go into a temporary file."""
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA journal_mode = MEMORY")


def _blocks_of(words: Words) -> Iterator[bytes]:
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


def _pieces_end(kept: Vault, object_id: bytes) -> int:
    try:
        return kept.pieces_end(object_id)
    except Unreadable:
        kept.drop_pieces(object_id)
        return 0
