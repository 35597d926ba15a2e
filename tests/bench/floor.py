"""The floor that speed is measured against: a bare Flask view that commits the same number of bytes."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading

from flask import Flask, Response, request

# One envelope with two slots (8,192 of padded payload, header, slots, tag), one wrap and the ids around them.
ROW_BYTES = 8_900

app = Flask(__name__)
_local = threading.local()
_writing = threading.Lock()


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        connection = sqlite3.connect(os.environ["FLOOR_DB"], isolation_level=None, timeout=15)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")
        _local.connection = connection
    return _local.connection  # type: ignore[no-any-return]


@app.post("/")
def keep() -> Response:
    """Read the whole request and commit one row; the lock is the one that any SQLite writer needs."""
    request.get_data()
    connection, raw = _connection(), os.urandom(ROW_BYTES)
    with _writing:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (raw) VALUES (?)", (raw,))
        connection.execute("COMMIT")
    return Response("kept\n", mimetype="text/plain")


@app.post("/upload")
def write() -> Response:
    """Write the body to a file of its own as it comes in, and see to it that it is on the disk."""
    with tempfile.TemporaryFile(dir=os.path.dirname(os.environ["FLOOR_DB"])) as file:
        while part := request.stream.read(1_048_576):
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return Response("kept\n", mimetype="text/plain")


@app.get("/")
def page() -> Response:
    """Answer without touching the database."""
    return Response("floor\n", mimetype="text/plain")
