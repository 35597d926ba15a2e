"""The desk's index in memory and the operations of its journal: SQLite, the tables, and all that ever changes them.

An operation is a name and what can be said of it in JSON: done in memory, written to disk, and done again in the same
order when the copy is opened (`copy_file`). What is kept of it therefore never changes its meaning.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from admin.desk.server.responses import Change, Signed
from cases.days import format_day, parse_day
from cases.status import RECEIVED
from crypto.encoding import b64d, b64e
from crypto.envelope import Kind

SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE mark (case_id BLOB PRIMARY KEY, seen_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE case_file (
    case_id BLOB PRIMARY KEY,
    received_day TEXT NOT NULL,
    report_id BLOB,
    status TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    last_in_seq INTEGER NOT NULL,
    seen_seq INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE envelope (
    envelope_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    day TEXT NOT NULL,
    act_sig BLOB
) WITHOUT ROWID;
CREATE INDEX envelope_case ON envelope (case_id, seq);
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
CREATE TABLE summary (
    case_id BLOB PRIMARY KEY,
    of_seq INTEGER NOT NULL,
    status TEXT NOT NULL,
    verified INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    fetched INTEGER NOT NULL,
    excerpt TEXT,
    owner TEXT,
    severity TEXT NOT NULL,
    cause TEXT NOT NULL,
    next_due TEXT,
    more TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE act (seq INTEGER PRIMARY KEY, case_id BLOB NOT NULL, raw TEXT NOT NULL);
CREATE INDEX act_case ON act (case_id, seq);
CREATE TABLE label (label TEXT NOT NULL, case_id BLOB NOT NULL, PRIMARY KEY (label, case_id)) WITHOUT ROWID;
CREATE INDEX label_case ON label (case_id);
"""
"""The tables of the index."""
IS_UNCHECKED: Final = """instr(more, '"signature":"unchecked"') > 0"""
"""The condition of a summary whose report's signature was not checked yet. No text can look like it: JSON writes a
quote in a text with a backslash."""
UNCHECKED_INDEX: Final = (
    f"CREATE INDEX IF NOT EXISTS summary_unchecked ON summary (of_seq) WHERE {IS_UNCHECKED}"
)
"""Made when a copy is opened: a snapshot of before has none."""
_MENTION: Final = """
INSERT INTO case_file (case_id, received_day, status, last_seq, last_in_seq, seen_seq)
VALUES (:case_id, :day, :received, :seq, 0,
        coalesce((SELECT seen_seq FROM mark WHERE mark.case_id = :case_id), 0))
ON CONFLICT (case_id) DO UPDATE SET last_seq = max(last_seq, :seq)
"""
_BYTES: Final = frozenset(field.name for field in fields(Change) if "bytes" in str(field.type))


def operation(name: str, given: Any) -> bytes:
    """Return what the journal keeps of an operation."""
    return json.dumps([name, given], ensure_ascii=False, separators=(",", ":")).encode()


def encode_change(change: Change) -> dict[str, Any]:
    """Return a change as the journal keeps it."""
    encoded: dict[str, Any] = {}
    for field in fields(change):
        value = getattr(change, field.name)
        if field.name == "acts":
            value = [[b64e(by.author), format_day(by.day), b64e(by.sig), b64e(by.act_sig)] for by in value]
        elif isinstance(value, bytes):
            value = b64e(value)
        elif isinstance(value, date):
            value = format_day(value)
        if value not in (None, [], ""):
            encoded[field.name] = value
    return encoded


def decode_change(encoded: Mapping[str, Any]) -> Change:
    """Return a change that was kept."""
    given: dict[str, Any] = {
        name: b64d(value) if name in _BYTES else parse_day(value) if name == "day" else value
        for name, value in encoded.items()
    }
    given["acts"] = tuple(
        Signed(b64d(author), parse_day(day), b64d(sig), b64d(act_sig))
        for author, day, sig, act_sig in encoded.get("acts", ())
    )
    return Change(**given)


def _do_put(db: sqlite3.Connection, given: Mapping[str, str]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(name, b64d(value)) for name, value in given.items()]
    )


def _do_add(db: sqlite3.Connection, given: Sequence[Mapping[str, Any]]) -> None:
    seq = 0
    for encoded in given:
        change = decode_change(encoded)
        seq = change.seq
        _mention(db, change)
        if change.envelope_id is not None:
            _add_envelope(db, change)
        elif change.status is not None:
            _add_status(db, change)
        elif change.acts or change.what:
            raw = json.dumps(encoded, separators=(",", ":"))
            db.execute("INSERT OR IGNORE INTO act VALUES (?, ?, ?)", (seq, change.case_id, raw))
    # Nothing here goes back, in whatever order it is told.
    db.execute(
        """INSERT INTO meta VALUES ('cursor', :seq)
           ON CONFLICT (name) DO UPDATE SET value = max(value, :seq)""",
        {"seq": seq},
    )


def _do_seen(db: sqlite3.Connection, given: Sequence[Sequence[Any]]) -> None:
    for case_id, seq in given:
        values = {"case_id": bytes.fromhex(case_id), "seq": seq}
        db.execute(
            """INSERT INTO mark VALUES (:case_id, :seq)
               ON CONFLICT (case_id) DO UPDATE SET seen_seq = max(seen_seq, :seq)""",
            values,
        )
        db.execute("UPDATE case_file SET seen_seq = max(seen_seq, :seq) WHERE case_id = :case_id", values)


def _do_sum(db: sqlite3.Connection, given: Sequence[Sequence[Any]]) -> None:
    rows = [(bytes.fromhex(row[0]), *row[1:]) for row in given]
    labels = [(label, row[0]) for row in rows if '"labels":[]' not in row[-1] for label in _labels(row[-1])]
    if rows:
        places = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT OR REPLACE INTO summary VALUES ({places})", rows)
    db.executemany("DELETE FROM label WHERE case_id = ?", [row[:1] for row in rows])
    db.executemany("INSERT INTO label VALUES (?, ?)", labels)


def _labels(more: str) -> list[str]:
    return [str(label) for label in json.loads(more)["labels"]]


def _do_forget(db: sqlite3.Connection, given: Sequence[str]) -> None:
    for case_id in map(bytes.fromhex, given):
        for table in ("case_file", "envelope", "status", "summary", "label", "mark", "act"):
            db.execute(f"DELETE FROM {table} WHERE case_id = ?", (case_id,))


def _do_rewind(db: sqlite3.Connection, _given: object) -> None:
    db.execute("DELETE FROM meta WHERE name = 'cursor'")


def _do_stale(db: sqlite3.Connection, _given: object) -> None:
    db.execute("UPDATE summary SET of_seq = 0")


OPERATIONS: Final[Mapping[str, Callable[[sqlite3.Connection, Any], None]]] = {
    "put": _do_put,
    "add": _do_add,
    "seen": _do_seen,
    "sum": _do_sum,
    "forget": _do_forget,
    "stale": _do_stale,
    "rewind": _do_rewind,
}


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
    if change.kind == Kind.REPORT:
        # A second report under one case would bring other keys with it: the first one counts.
        db.execute(
            "UPDATE case_file SET report_id = ?, received_day = ? WHERE case_id = ? AND report_id IS NULL",
            (change.envelope_id, format_day(change.day), change.case_id),
        )
    if change.kind in (Kind.REPORT, Kind.FROM_REPORTER):
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
        """UPDATE case_file SET status = ? WHERE case_id = ?
           AND NOT EXISTS (SELECT 1 FROM status WHERE case_id = ? AND seq > ?)""",
        (change.status, change.case_id, change.case_id, change.seq),
    )
