"""Upgrades local copies of versions 1 and 2, which stored ids, days and statuses in plaintext."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from admin.desk.local.journal import operation
from admin.desk.local.vault import JOURNAL, Vault
from crypto.encoding import b64e, hex_id


def replace_old(path: Path, index_key: bytes) -> None:
    """Put a new file in the place of one of version 1 or 2, which had ids, days and statuses in the open.

    Pins and marks go over; the rest is fetched again. Raises what `Vault` raises.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        try:
            if db.execute("PRAGMA user_version").fetchone()[0] not in (1, 2):
                return
        except sqlite3.OperationalError:
            return  # in use; anyone who opens it next says so
        pins = db.execute("SELECT name, value FROM meta WHERE name = 'keys'").fetchall()
        marks = db.execute("SELECT case_id, seen_seq FROM case_file WHERE seen_seq > 0").fetchall()
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(Vault(new, index_key)) as made:
        made.append(JOURNAL, operation("put", {name: b64e(value) for name, value in pins}))
        made.append(JOURNAL, operation("seen", [[hex_id(case_id), seq] for case_id, seq in marks]))
    os.replace(new, path)
