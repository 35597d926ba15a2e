"""Reports for measurements of many: rows of random bytes, given to the database in bulk."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, make_url

from store import sqlite
from tests.store import make

PORTION: Final = 10_000
MIB: Final = 1024 * 1024
TABLES: Final = {
    "case_file": (
        "case_id", "mailbox_pk", "mailbox_key_id", "reporter_sign_pk", "act_pk", "mailbox_record", "received_day"
    ),
    "code": ("index", "case_id"),
    "change": ("seq", "case_id"),
    "envelope": ("seq", "envelope_id", "case_id", "kind", "day", "raw"),
    "envelope_grant": ("envelope_id", "key_id", "granter", "sealed"),
}  # fmt: skip
"""In the order that foreign keys ask for. The rest has its defaults."""

Rows = dict[str, list[tuple[Any, ...]]]
Kept = list[tuple[bytes, bytes, bytes]]
"""Index of a code, id of its case, id of its mailbox's key."""


def fill(engine: Engine, count: int, samples: int) -> Kept:
    """Fill an empty database, and return some of its reports."""
    kept: Kept = []
    put = _sqlite if sqlite.is_sqlite(engine) else _postgres
    put(engine, _portions(count, max(count // samples, 1), kept))
    return kept


def _portions(count: int, step: int, kept: Kept) -> Iterator[Rows]:
    # Places in one random block: as hard to compress as a block of its own for each row, and made in no time.
    block = os.urandom(4 * MIB)
    for start in range(0, count, PORTION):
        rows: Rows = {table: [] for table in TABLES}
        for seq in range(start + 1, min(start + PORTION, count) + 1):
            raw = os.urandom(16 * 4 + 32 * 3 + 80)
            index, case_id, key_id, envelope_id = (raw[at : at + 16] for at in range(0, 64, 16))
            box, sign, act, sealed = raw[64:96], raw[96:128], raw[128:160], raw[160:]
            at = random.randrange(len(block) - 10_000)
            record, envelope = block[at : at + 1088], block[at + 1088 : at + 9788]
            rows["case_file"].append((case_id, box, key_id, sign, act, record, make.DAY))
            rows["code"].append((index, case_id))
            rows["change"].append((seq, case_id))
            rows["envelope"].append((seq, envelope_id, case_id, 1, make.DAY, envelope))
            rows["envelope_grant"].append((envelope_id, key_id, key_id, sealed))
            if seq % step == 0:
                kept.append((index, case_id, key_id))
        yield rows


def _sqlite(engine: Engine, portions: Iterator[Rows]) -> None:
    path = Path(str(engine.url.database))
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("BEGIN")
    for rows in portions:
        for table, columns in TABLES.items():
            names = ", ".join(f'"{name}"' for name in columns)
            places = ", ".join("?" * len(columns))
            days = [tuple(str(value) if value is make.DAY else value for value in row) for row in rows[table]]
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", days)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.close()
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _postgres(engine: Engine, portions: Iterator[Rows]) -> None:
    url = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # rows that fit: no check of each one
        for rows in portions:
            for table, columns in TABLES.items():
                names = ", ".join(f'"{name}"' for name in columns)
                with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types([_KINDS.get(name, "bytea") for name in columns])
                    for row in rows[table]:
                        copy.write_row(row)
        connection.execute("SELECT setval(pg_get_serial_sequence('change', 'seq'), max(seq)) FROM change")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


_KINDS: Final = {"received_day": "date", "day": "date", "seq": "int8", "kind": "int2"}
