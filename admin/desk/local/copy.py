"""The desk's local copy, as the rest of the desk uses it: cases, envelopes, statuses, sealed bytes, marks, text.

How it is stored, `copy_file` says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from admin.desk.local.copy_file import CacheInUse, CacheUnusable, file_for
from admin.desk.local.draft import rows_of
from admin.desk.local.inbox_query import CASE_COLUMNS, Wanted, case_of
from admin.desk.local.journal import decode_change, encode_change
from admin.desk.local.list_rows import ListRows
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from admin.desk.local.summary import CaseSummary, encode
from admin.desk.local.vault import Unreadable, Vault
from admin.desk.server.responses import Change, SealedBytes
from cases.days import format_day, parse_day
from crypto.encoding import hex_id

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


class Cache(ListRows):
    """The local copy. Every method raises CacheUnusable, and Locked once it was closed."""

    def cursor(self) -> int:
        """Return the place in the feed up to which everything was fetched."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return int(row[0]) if row else 0

    def add(self, changes: Sequence[Change]) -> None:
        """Keep changes and their place in the feed, all or none. What is known already stays as it is."""
        if changes:
            self._do("add", [encode_change(change) for change in changes])

    def case(self, case_id: bytes) -> CaseLine | None:
        """Return one case."""
        with self._reading() as db:
            row = db.execute(f"SELECT {CASE_COLUMNS} FROM case_file WHERE case_id = ?", (case_id,)).fetchone()
        return case_of(row) if row else None

    def case_ids(self) -> list[bytes]:
        """Return the ids of all cases, those that were deleted too."""
        with self._reading() as db:
            here = [row[0] for row in db.execute("SELECT case_id FROM case_file").fetchall()]
        return here + self.deleted_ids()

    def deleted_ids(self) -> list[bytes]:
        """Return the ids of the cases that were deleted."""
        return list(self.tombstones())

    def left(self) -> dict[bytes, int]:
        """Return the cases from which this auditor stepped back, and how many envelopes each had then."""
        query = "SELECT name, value FROM meta WHERE name >= 'left:' AND name < 'left;'"
        with self._reading() as db:
            rows = db.execute(query).fetchall()
        return {bytes.fromhex(name[5:]): int(value) for name, value in rows if value}

    def tombstones(self) -> dict[bytes, bytes]:
        """Return what is kept of the cases that were deleted, by their ids."""
        query = "SELECT name, value FROM meta WHERE name >= 'deleted:' AND name < 'deleted;'"
        with self._reading() as db:
            rows = db.execute(query).fetchall()
        return {bytes.fromhex(name.partition(":")[2]): value for name, value in rows}

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

    def sent_by_reporters(self, day: date) -> list[tuple[bytes, EnvelopeLine]]:
        """Return the reports and messages of one day as the feed names them, each with its case's id."""
        query = """SELECT case_id, envelope_id, kind, day, act_sig, seq FROM envelope
                   WHERE day = ? AND kind IN (1, 2) ORDER BY seq"""
        with self._reading() as db:
            rows = db.execute(query, (format_day(day),)).fetchall()
        return [(row[0], EnvelopeLine(row[1], row[2], parse_day(row[3]), row[4], row[5])) for row in rows]

    def parts(self, prefix: str) -> list[bytes]:
        """Return the values that were kept under names with a beginning, in the order of the names."""
        query = "SELECT value FROM meta WHERE name >= ? AND name < ? ORDER BY name"
        with self._reading() as db:
            return [bytes(row[0]) for row in db.execute(query, (prefix, prefix + "\x7f")).fetchall()]

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
                self._vault.drop([*ids, *rows_of(case_id)])
                for object_id in objects:
                    self._vault.drop_pieces(object_id)
                self._do("forget", [hex_id(case_id)])
                self.search_index.remove(case_id)
                if self.search_index.is_complete:
                    self._rewrite_words()
                # The journal and the last snapshot still have what was said of it.
                self._take_snapshot()

    def leave(self, bare: CaseSummary) -> None:
        """Keep that this auditor stepped back from a case, and forget what was open of it: envelopes and text.

        `bare`: all that is left of its summary. Both are done or neither: the inbox takes no case that opens here for
        one that was left.
        """
        with self._lock, self._faults():
            self._check_open()
            ids = [envelope.envelope_id for envelope in self.envelopes(bare.case_id)]
            with self._vault.together():
                self.put({left_name(bare.case_id): str(len(ids)).encode()})
                self._vault.drop([*ids, *rows_of(bare.case_id)])
                self._do("sum", [encode(bare)])
                self.search_index.remove(bare.case_id)
                if self.search_index.is_complete:
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


def _pieces_end(kept: Vault, object_id: bytes) -> int:
    try:
        return kept.pieces_end(object_id)
    except Unreadable:
        kept.drop_pieces(object_id)
        return 0
