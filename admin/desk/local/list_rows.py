"""Reads lists of cases and counts them: the inbox, its views, what a search names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from admin.desk.local.batch_rows import BatchRows, placeholders
from admin.desk.local.inbox_query import (
    LINES,
    MOVED,
    NOTICE_COUNTS,
    SHOWN,
    VIEW_COUNTS,
    VIEWS,
    Wanted,
    line_of,
)
from admin.desk.local.places import QueryPlaces
from admin.desk.local.rows import CaseLine
from admin.desk.local.summary import CaseSummary
from cases.days import format_day
from crypto.encoding import b2


class ListRows(BatchRows):
    """Lists of cases. Every method raises CacheUnusable, and Locked once it was closed."""

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

    def view_counts(self, me: bytes) -> dict[str, int]:
        """Return how many cases each view of the inbox has; `me`: the auditor's person."""
        with self._reading() as db:
            counts = db.execute(VIEW_COUNTS, {"me": me.hex()}).fetchone()
        return dict(zip(VIEWS, counts, strict=True))

    def notice_counts(self, today: date) -> tuple[int, int]:
        """Return how many cases are late, and in how many something is new."""
        with self._reading() as db:
            return tuple(db.execute(NOTICE_COUNTS, {"today": format_day(today)}).fetchone())

    def with_summaries(self, ids: Sequence[bytes]) -> list[tuple[CaseLine, CaseSummary | None]]:
        """Return these cases, in this order, those that are here."""
        with self._reading() as db:
            rows = db.execute(f"{LINES} WHERE c.case_id IN ({placeholders(ids)})", tuple(ids)).fetchall()
        lines = {row[0]: line_of(row) for row in rows}
        return [lines[case_id] for case_id in ids if case_id in lines]

    def summaries(self) -> list[CaseSummary]:
        """Return the summary of every case that was read and is shown here."""
        with self._reading() as db:
            rows = db.execute(f"{LINES} WHERE {SHOWN} ORDER BY {MOVED}").fetchall()
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

    def open_ids(self) -> list[bytes]:
        """Return the ids of the cases that open here and are not closed."""
        query = "SELECT case_id FROM summary WHERE is_open = 1 AND status <> 'closed' ORDER BY case_id"
        with self._reading() as db:
            return [row[0] for row in db.execute(query).fetchall()]

    def numbered(self, short: bytes) -> list[bytes]:
        """Return the cases whose ids begin so: pages show the first four bytes as a case's number."""
        with self._reading() as db:
            rows = db.execute(
                f"""SELECT c.case_id FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE {SHOWN} AND c.case_id >= ? AND c.case_id < ? ORDER BY c.case_id LIMIT 25""",
                (short, short + b"\xff" * 13),
            ).fetchall()
        return [row[0] for row in rows]

    def named(self, named: QueryPlaces) -> list[bytes]:
        """Return the cases that a search names by a part of the number, a day of receipt or an owner, those that moved
        last first, at most 200.
        """
        owners = {f"owner{place}": owner.hex() for place, owner in enumerate(named.owners)}
        conditions = [
            "instr(lower(hex(substr(c.case_id, 1, 4))), :part) > 0" if named.part else "",
            "c.received_day BETWEEN :since AND :until" if named.since else "",
            f"s.owner IN ({', '.join(f':{name}' for name in owners)})" if owners else "",
        ]
        query = f"""SELECT c.case_id FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE {SHOWN} AND ({" OR ".join(filter(None, conditions))})
                    ORDER BY {MOVED} DESC LIMIT 200"""
        values = {"part": named.part, "since": named.since, "until": named.until, **owners}
        with self._reading() as db:
            return [row[0] for row in db.execute(query, values).fetchall()]

    def among(self, wanted: Wanted, ids: Sequence[bytes]) -> list[bytes]:
        """Return those of these cases that are wanted, in their order."""
        where, values = wanted.where
        own = {f"own{place}": case_id for place, case_id in enumerate(ids)}
        query = f"""SELECT c.case_id FROM case_file c LEFT JOIN summary s ON s.case_id = c.case_id
                    WHERE c.case_id IN ({", ".join(f":{name}" for name in own)}) AND {where}"""
        with self._reading() as db:
            there = {row[0] for row in db.execute(query, {**values, **own}).fetchall()}
        return [case_id for case_id in ids if case_id in there]

    def is_shown(self, case_id: bytes) -> bool:
        """Tell whether a case was read and is one that this desk shows."""
        query = f"SELECT 1 FROM case_file c JOIN summary s ON s.case_id = c.case_id WHERE c.case_id = ? AND {SHOWN}"
        with self._reading() as db:
            return db.execute(query, (case_id,)).fetchone() is not None
