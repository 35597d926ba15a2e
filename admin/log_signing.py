"""The log's keys according to the database, and which of them this machine holds (docs/format.md, 5.3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from crypto import logbatch
from crypto.log_key import KeyChain, chain_of_stored, has_two_lines
from crypto.messages import public_key
from crypto.note import VerifierKey
from crypto.plainleaf import read_key_leaf
from store import log_documents
from store import site as store_site
from store.config.secrets import SecretFileError, ServerSecrets
from store.log_documents import DocumentRow


def chain_in(conn: Connection, own: ServerSecrets) -> KeyChain:
    """Return the keys of the log as its `key` leaves in the database have them. Raises NoSite."""
    salt = store_site.get(conn).salt
    stored = [
        (row.index, row.raw)
        for row in log_documents.documents(conn)
        if row.word == "key" and row.index is not None
    ]
    return chain_of_stored(logbatch.log_verifier(salt, own.sign_seed), salt, stored)


def waiting_changes(conn: Connection, done: date | None) -> list[DocumentRow]:
    """Return the `key` leaves that wait for a batch. `done`: the newest day that has one."""
    rows = [row for row in log_documents.documents(conn) if row.word == "key" and row.index is None]
    return [row for row in rows if done is None or read_key_leaf(row.raw).day > done]


def seed_of(own: ServerSecrets, key: VerifierKey) -> bytes | None:
    """Return the seed (32 bytes) of a key of the log; None where the secret file does not have it."""
    seeds = (logbatch.log_seed(own.sign_seed), *own.log_seeds)
    return next((seed for seed in seeds if public_key(seed) == key.pk), None)


def lacks_key(conn: Connection, own: ServerSecrets, done: date | None) -> bool:
    """Tell whether the secret file lacks the key that signs now, or the one of a change that waits."""
    needed = [chain_in(conn, own).keys.newest]
    needed += [read_key_leaf(row.raw).new for row in waiting_changes(conn, done)]
    return any(seed_of(own, key) is None for key in needed)


def signing_seeds(chain: KeyChain, own: ServerSecrets, size: int, day: date | None) -> list[bytes]:
    """Return the seeds that sign the checkpoint of a size, the newest key's first. `day`: of its newest batch.

    Raises SecretFileError where the file does not have the key that has to sign.
    """
    key = chain.keys.at(size)
    seed = seed_of(own, key)
    if seed is None:
        raise SecretFileError(
            "The secret file does not have the key that the log is signed with now. Put the newest copy of the file "
            "back (docs/operations.md, section 14). Nothing was signed.",
            "秘密ファイルに、今の記録簿の鍵がありません。新しいものを戻してください。署名していません。",
        )
    before = seed_of(own, chain.changes[-1].change.old) if has_two_lines(chain, day) else None
    is_changed = bool(chain.changes) and key == chain.changes[-1].change.new
    return [seed, before] if before is not None and is_changed else [seed]
