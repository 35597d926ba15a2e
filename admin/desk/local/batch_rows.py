"""Reads and writes rows of many cases in a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from admin.desk.local.draft_rows import DraftRows
from admin.desk.local.inbox_query import CASE_COLUMNS, case_of
from admin.desk.local.journal import IS_UNCHECKED
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from admin.desk.local.search import pack
from admin.desk.local.summary import FORM, CaseSummary, Row, encode
from admin.desk.local.vault import WORDS
from admin.desk.server.responses import SealedBytes
from cases.days import parse_day

_AT_ONCE = 1000
"""Ids in one statement; SQLite takes 32,766."""


class BatchRows(DraftRows):
    """Rows of many cases. Every method raises CacheUnusable, and Locked once it was closed."""

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

    def unchecked(self, limit: int) -> list[CaseLine]:
        """Return cases whose report's signature was not checked yet (`summary.UNCHECKED`)."""
        query = f"""SELECT {CASE_COLUMNS} FROM case_file WHERE case_id IN
                    (SELECT case_id FROM summary WHERE {IS_UNCHECKED} LIMIT ?)"""
        with self._reading() as db:
            return [case_of(row) for row in db.execute(query, (limit,)).fetchall()]

    def checked_of(self, ids: Sequence[bytes]) -> set[bytes]:
        """Return those of these cases that were read before, and their report's signature looked at."""
        query = "SELECT case_id FROM summary WHERE case_id IN ({}) AND NOT " + IS_UNCHECKED
        with self._reading() as db:
            return {
                case_id
                for part in _parts(ids)
                for (case_id,) in db.execute(query.format(placeholders(part)), part).fetchall()
            }

    def put_summaries(
        self, summaries: Sequence[CaseSummary], documents: Sequence[tuple[bytes, int, bytes]]
    ) -> None:
        """Keep summaries and the searchable text of their cases."""
        self.put_rows([encode(summary) for summary in summaries], documents)

    def put_rows(self, rows: Sequence[Row], documents: Sequence[tuple[bytes, int, bytes]]) -> None:
        """Keep summaries (`summary.encode`) and the searchable text of their cases."""
        with self._lock, self._faults():
            self._check_open()
            with self._vault.together():
                if documents:
                    self._vault.append(WORDS, pack(documents))
                self._do("sum", rows)
                if not self._is_marked:
                    self.put({"form": FORM})
                    self._is_marked = True
            self.search_index.add(documents)

    def envelopes(self, case_id: bytes) -> list[EnvelopeLine]:
        """Return a case's envelopes, oldest first."""
        return self.envelopes_of([case_id])[case_id]

    def envelopes_of(self, ids: Sequence[bytes]) -> dict[bytes, list[EnvelopeLine]]:
        """Return the envelopes of each of these cases, oldest first."""
        query = """SELECT case_id, envelope_id, kind, day, act_sig, seq FROM envelope
                   WHERE case_id IN ({}) ORDER BY seq"""
        lines: dict[bytes, list[EnvelopeLine]] = {case_id: [] for case_id in ids}
        with self._reading() as db:
            for part in _parts(ids):
                for case_id, envelope_id, kind, day, act_sig, seq in db.execute(
                    query.format(placeholders(part)), part
                ).fetchall():
                    lines[case_id].append(EnvelopeLine(envelope_id, kind, parse_day(day), act_sig, seq))
        return lines

    def statuses(self, case_id: bytes) -> list[StatusLine]:
        """Return a case's statuses by sequence; where the server gave two for one place, the later one comes
        last.
        """
        return self.statuses_of([case_id]).get(case_id, [])

    def statuses_of(self, ids: Sequence[bytes]) -> dict[bytes, list[StatusLine]]:
        """Return the same for those of these cases that have any."""
        query = """SELECT case_id, sequence, status, day, author, sig, act_sig, seq FROM status
                   WHERE case_id IN ({}) ORDER BY sequence, seq"""
        lines: dict[bytes, list[StatusLine]] = {}
        with self._reading() as db:
            for part in _parts(ids):
                for case_id, sequence, status, day, *signed in db.execute(
                    query.format(placeholders(part)), part
                ).fetchall():
                    line = StatusLine(sequence, status, parse_day(day), *signed)
                    lines.setdefault(case_id, []).append(line)
        return lines

    def sealed(self, ids: Sequence[bytes]) -> dict[bytes, SealedBytes]:
        """Return the sealed bytes that were fetched, by envelope id."""
        with self._using() as kept:
            return {
                envelope_id: SealedBytes.unpack(envelope_id, raw)
                for part in _parts(ids)
                for envelope_id, raw in kept.kept_of(part).items()
            }


def placeholders(ids: Sequence[bytes]) -> str:
    """Return a place for each id in a statement; SQLite takes 32,766 of them, a page has a few hundred."""
    return ", ".join("?" * len(ids))


def _parts(ids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield tuple(ids[start : start + _AT_ONCE])
