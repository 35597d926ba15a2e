"""Checkpoints that a client submits: one that this log's key signed and this database does not hold is kept, and no
batch is made from then on (docs/format.md, 5.6). No Flask in here.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from crypto import note, tlog
from crypto.log_errors import NoteMalformed, NoteUnsigned
from crypto.messages import public_key
from portal.context import Portal
from portal.usecases import log_notices
from store import log as store_log
from store import log_documents
from store.config.secrets import SecretFileError, load_secrets
from store.db import reading, writing


def _keys(portal: Portal) -> note.LogKeys:
    """Return the keys by which a checkpoint can be this log's: those in its leaves, and those of the secret file: an
    older database does not know of a change yet.
    """
    with reading(portal.engine) as conn:
        keys = log_notices.log_chain(portal, conn).keys
    seeds: tuple[bytes, ...] = ()
    with suppress(SecretFileError):
        seeds = load_secrets(portal.settings.server.secret_file).log_seeds
    made = [note.verifier_key(keys.newest.name, note.ED25519, public_key(seed)) for seed in seeds]
    return note.LogKeys((*keys.keys, *((tlog.MAX_SIZE, key) for key in made if key not in keys.all)))


def _read(text: str, keys: note.LogKeys) -> note.Checkpoint:
    """Return a checkpoint that any of the keys signed. Raises BadLog."""
    read = note.read_note(text)
    if not note.signers(read, keys.all):
        raise NoteUnsigned
    return note.checkpoint_of(read.text, keys.newest.name)


def take_checkpoint(portal: Portal, raw: bytes) -> bool:
    """Look at a checkpoint; return whether this log holds it, and keep it where it does not.

    Raises BadLog for anything that this log's own key did not sign: nobody else can stop a log.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteMalformed from None
    keys = _keys(portal)
    read = _read(text, keys)
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
    known = {(key.name, key.key_id) for key in keys.all}
    own = [line for line in note.read_note(text).lines if (line.name, line.key_id) in known]
    with writing(portal.engine) as conn:
        log_documents.keep_evidence(conn, hashed, read.size, note.Note(read.text(), tuple(own[:2])).encode())
    return False
