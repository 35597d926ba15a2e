"""Leaves of auditors' acts, and cosigning keys (docs/format.md, 5.5 and 8.3). No Flask in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from admin.api.refusals import ApiRefusal
from admin.api.roster_actions import Load
from cases.days import format_day
from crypto import logleaf, plainleaf, tlog
from crypto.encoding import b64e
from crypto.errors import BadSignature
from crypto.log_errors import WitnessMalformed
from crypto.log_witness import check_witness, read_witness
from store import log as store_log
from store.db import StoreFailed
from store.log import LeafOutcome
from store.outcome import Outcome

Sign = Callable[[bytes], bytes]
"""Signs a text with the site's key."""


@dataclass(frozen=True)
class LeafTaken:
    """A leaf that is stored: its hash, and the day whose batch it will be in, or is in."""

    hashed: bytes
    day: date


def take_leaf(
    conn: Connection, load: Load, leaf: bytes | None, outcome: Outcome, today: date
) -> LeafTaken | None:
    """Take the leaf of an act that was just stored, in its transaction, or find that of a repeat.

    None without a leaf, and before the log was begun. Raises ApiRefusal (409 leaf, leaf_length), StoreFailed.
    """
    state = store_log.head(conn)
    if leaf is None or state is None:
        return None
    hashed = tlog.leaf_hash(leaf)
    if outcome is not Outcome.STORED:
        day = store_log.day_of(conn, hashed)
        if day is None:
            raise ApiRefusal(409, "leaf")
        return LeafTaken(hashed, day)
    length, roster = store_log.list_length(conn, state, today), load(conn)
    if len(leaf) != logleaf.length(len(roster.listing.readers(min(length, len(roster.listing))))):
        raise ApiRefusal(409, "leaf_length")
    added = store_log.add_pending(conn, hashed, leaf, today, length)
    if added is LeafOutcome.KNOWN:
        raise ApiRefusal(409, "leaf")
    if added is LeafOutcome.LATE:
        raise StoreFailed("the day's batch was made already")
    return LeafTaken(hashed, today)


def promise(sign: Sign, taken: LeafTaken) -> dict[str, str]:
    """Return the server's promise for a leaf that is stored."""
    signature = sign(plainleaf.logged_text(taken.hashed, taken.day))
    return {"leaf": taken.hashed.hex(), "day": format_day(taken.day), "sig": b64e(signature)}


def add_witness(conn: Connection, load: Load, raw: bytes, asker: bytes, salt: bytes) -> Outcome:
    """Keep the document of the asker's cosigning key: STORED or REPEAT. Raises ApiRefusal (400, 403, 409 exists)."""
    try:
        document = read_witness(raw, salt)
    except WitnessMalformed:
        raise ApiRefusal(400, "witness") from None
    if document.key_id != asker:
        raise ApiRefusal(403, "witness")
    try:
        check_witness(document, salt, load(conn).by_key[asker].sign_pk)
    except (BadSignature, KeyError):
        raise ApiRefusal(403, "signature") from None
    outcome = store_log.put_witness(conn, asker, raw)
    if outcome is Outcome.REFUSED:
        raise ApiRefusal(409, "exists")
    return outcome
