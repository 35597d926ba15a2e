"""Puts the log's tables back to what they were, as an older copy of the database has them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, delete, insert, update

from crypto.tlog import entry_bundle
from store import db
from store import tables as t
from store.config.log_head import head_path

_TABLES = (
    t.log_leaf,
    t.log_batch,
    t.log_checkpoint,
    t.log_cosignature,
    t.log_document,
    t.log_evidence,
    t.log_witness,
    t.pending_leaf,
)
Tables = dict[str, list[dict[str, object]]]


def take(engine: Engine) -> Tables:
    """Return what the log's tables hold."""
    with db.reading(engine) as conn:
        kept = {table.name: [dict(row._mapping) for row in conn.execute(table.select())] for table in _TABLES}
        kept["log_head"] = [dict(row._mapping) for row in conn.execute(t.log_head.select())]
    return kept


def put_back(engine: Engine, kept: Tables) -> None:
    """Let the log's tables hold what they held."""
    with db.writing(engine) as conn:
        for table in _TABLES:
            conn.execute(delete(table))
            if kept[table.name]:
                conn.execute(insert(table), kept[table.name])
        conn.execute(update(t.log_head).values(**kept["log_head"][0]))


Machine = tuple[Tables, bytes]
"""The log's tables, and the file that says what this machine signed last."""


def take_machine(engine: Engine, secret: Path) -> Machine:
    """Return what a copy of the whole machine has of the log. `secret`: the server's secret file."""
    return take(engine), head_path(secret).read_bytes()


def put_machine_back(engine: Engine, secret: Path, kept: Machine) -> None:
    """Let tables and file hold what they held."""
    put_back(engine, kept[0])
    head_path(secret).write_bytes(kept[1])


def write_copy(path: Path, leaves: Sequence[bytes], note: str) -> None:
    """Write a copy of a log as a desk saves it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("leaves", entry_bundle(leaves))
        archive.writestr("head.json", json.dumps({"note": note}))
