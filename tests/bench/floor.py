"""The floors that speed is measured against: a bare Flask view that commits the same number of bytes, and one that also
seals them.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from hashlib import blake2b, sha256

from flask import Flask, Response, request
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_box_seal,
    crypto_box_seed_keypair,
    crypto_scalarmult,
    crypto_scalarmult_base,
    crypto_sign,
    crypto_sign_seed_keypair,
)

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
    _commit(os.urandom(ROW_BYTES))
    return Response("kept\n", mimetype="text/plain")


def _commit(raw: bytes) -> None:
    connection = _connection()
    with _writing:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (raw) VALUES (?)", (raw,))
        connection.execute("COMMIT")


READERS = [crypto_box_keypair()[0] for _ in range(int(os.environ.get("FLOOR_READERS", "2")))]
SITE_KEY = crypto_sign_seed_keypair(bytes(32))[1]


@app.post("/seal")
def seal() -> Response:
    """Do what any server in Python with this program's promise has to do, by bare calls, and commit one row.

    Keys from a code, a signed text padded to 8 KiB and sealed, its key for each reader and for the reporter, a leaf of
    the log with a tag for each reader, receipt and promise signed, the promise sealed for the reporter.
    """
    text = request.form["what_happened"].encode()
    root = blake2b(request.form["code"].encode(), digest_size=32).digest()
    own_box, own_sign = crypto_box_seed_keypair(root)[0], crypto_sign_seed_keypair(root)[1]
    signed = crypto_sign(text, own_sign)[:64] + text
    key, nonce = os.urandom(32), os.urandom(24)
    raw = crypto_aead_xchacha20poly1305_ietf_encrypt(signed.ljust(8192, b"\0"), b"", nonce, key)
    crypto_sign_seed_keypair(key)  # the act key
    slots = [crypto_box_seal(key, public) for public in (*READERS, own_box)]
    shared = [crypto_scalarmult(root, public) for public in READERS]
    leaf = crypto_scalarmult_base(root) + b"".join(blake2b(s, digest_size=16).digest() for s in shared)
    receipt = crypto_sign(blake2b(raw, digest_size=32).digest(), SITE_KEY)[:64]
    promise = crypto_box_seal(crypto_sign(sha256(leaf).digest(), SITE_KEY)[:64], own_box)
    _commit(b"".join([nonce, raw, *slots, leaf, promise]))
    return Response(receipt.hex(), mimetype="text/plain")


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
