"""Checkpoints that somebody hands in: one that this log's key signed and this database does not hold is kept, and no
batch is made from then on (docs/format.md, 5.6). No Flask in here.
"""

from __future__ import annotations

from hashlib import sha256

from crypto import logbatch, note, tlog
from crypto.log_errors import NoteMalformed
from portal.context import Portal
from store import log as store_log
from store import log_documents
from store.db import reading, writing


def take_checkpoint(portal: Portal, raw: bytes) -> bool:
    """Look at a checkpoint; return whether this log holds it, and keep it where it does not.

    Raises BadLog for anything that this log's own key did not sign: nobody else can stop a log.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteMalformed from None
    log = logbatch.log_verifier(portal.salt(), portal.secrets.sign_seed)
    read = note.read_checkpoint(text, log).checkpoint
    hashed = sha256(read.text().encode()).digest()
    with reading(portal.engine) as conn:
        waiting = {known for known, _size, _note in log_documents.evidence(conn)}
        explained = {
            known for known, _size, _note in log_documents.evidence(conn, with_explained=True)
        } - waiting
        published = store_log.checkpoint(conn, read.size)
        if published and note.read_note(published).text == read.text():
            return True
        head = store_log.head(conn)
        is_short = hashed not in waiting and head is not None and read.size <= head.size
        if is_short and tlog.root_of(store_log.hashes(conn, read.size)) == read.root:
            return True
    if hashed in explained:
        return True
    own = [line for line in note.read_note(text).lines if line.key_id == log.key_id and line.name == log.name]
    with writing(portal.engine) as conn:
        log_documents.keep_evidence(conn, hashed, read.size, note.Note(read.text(), tuple(own[:1])).encode())
    return False
