"""Leaves of what reporters send: taken with the act, promised by signature (docs/format.md, 5.4 and 5.5). No Flask in
here. Nothing that is stored leads from a leaf to a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, Final

from sqlalchemy import Connection

from crypto import logleaf, plainleaf, tlog
from crypto.encoding import b64d, b64e
from crypto.errors import BadData, LowOrderKey
from crypto.logpromise import LogPromise, seal_promise
from crypto.receipt import Receipt
from crypto.roster import Roster
from portal.context import Portal, SealedBy
from store import cases as store_cases
from store import log as store_log
from store.db import StoreFailed, reading
from store.log import LeafOutcome
from store.reports import NewLeaf

LEAF: Final = "leaf"
LEAF_LENGTH: Final = "leaf_length"
"""Why a leaf is refused (format.md, 5.5)."""


class LeafRefused(Exception):
    """An act's leaf can't be taken, and so the act is not: `code` is the error code (format.md, 5.5)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def promise(portal: Portal, hashed: bytes | None, day: date | None) -> LogPromise | None:
    """Sign the promise for a leaf that is stored; None where there is none."""
    if hashed is None or day is None:
        return None
    return LogPromise(hashed, day, portal.signer.sign(plainleaf.logged_text(hashed, day)))


def keep_promise(
    portal: Portal, conn: Connection, of: tuple[bytes, bytes], leaf: bytes | None, day: date | None
) -> None:
    """Keep the promise for an act's leaf, where only its reporter's code opens it. `of`: envelope id, mailbox key.

    In the act's own transaction; of a repeat it is the same one once more.
    """
    made = promise(portal, tlog.leaf_hash(leaf), day) if leaf is not None else None
    # To a key that nothing can be sealed to, nothing is kept: its holder could not come back for it either.
    if made is not None:
        with suppress(LowOrderKey):
            store_cases.keep_promise(conn, of[0], seal_promise(made, of[1]))


def places(roster: Roster, length: int) -> list[logleaf.Reader]:
    """Return the readers of the first `length` documents of the list, who have tags in a leaf."""
    keys = roster.listing.readers(min(length, len(roster.listing)))
    return [logleaf.Reader(key_id, roster.by_key[key_id].box_pk) for key_id in sorted(keys)]


def length_today(conn: Connection, today: date) -> int | None:
    """Return how much of the list leaves go by today; None before the log was begun."""
    state = store_log.head(conn)
    return None if state is None else store_log.list_length(conn, state, today)


def take_leaf(conn: Connection, roster: Roster, raw: bytes, today: date) -> date | None:
    """Let a leaf that a page made wait, in its act's transaction; return the day of its batch.

    None before the log was begun: then nothing is promised. Raises LeafRefused, StoreFailed.
    """
    state = store_log.head(conn)
    if state is None:
        return None
    length = store_log.list_length(conn, state, today)
    if len(raw) != logleaf.length(len(places(roster, length))):
        raise LeafRefused(LEAF_LENGTH)
    _add(conn, raw, today, length, state)
    return today


def _add(conn: Connection, raw: bytes, today: date, length: int, state: store_log.HeadRow) -> None:
    """Let a leaf wait. Raises LeafRefused, StoreFailed."""
    outcome = store_log.add_pending(conn, tlog.leaf_hash(raw), raw, today, length, state)
    if outcome is LeafOutcome.KNOWN:
        raise LeafRefused(LEAF)
    if outcome is LeafOutcome.LATE:
        raise StoreFailed("the day's batch was made already")


def is_known(conn: Connection, raw: bytes) -> bool:
    """Tell whether a leaf waits or is in the log."""
    return store_log.day_of(conn, tlog.leaf_hash(raw)) is not None


def known_leaf(conn: Connection, raw: bytes) -> date | None:
    """Return the day of the leaf of a repeat. None before the log was begun. Raises LeafRefused."""
    if store_log.head(conn) is None:
        return None
    day = store_log.day_of(conn, tlog.leaf_hash(raw))
    if day is None:
        raise LeafRefused(LEAF)
    return day


@dataclass(frozen=True, repr=False)
class PromisedLeaf:
    """A leaf of today that was made for a report which is not stored yet, with the promise that is given once it is.

    `kept`: the promise sealed to the reporter's mailbox; None where nothing can be sealed to it.
    """

    new: NewLeaf
    promise: LogPromise
    kept: bytes | None


def promised_leaf(portal: Portal, by: SealedBy, raw: bytes, mailbox_pk: bytes) -> PromisedLeaf | None:
    """Promise a report's leaf ahead of the transaction that stores both. None before the log was begun."""
    if by.basis.tagged is None:
        return None
    new = NewLeaf(tlog.leaf_hash(raw), raw, len(raw) == leaf_length(by))
    text = plainleaf.logged_text(new.hash, by.basis.day)
    made, kept = LogPromise(new.hash, by.basis.day, portal.signer.sign(text)), None
    # To a key that nothing can be sealed to, nothing is kept: its holder could not come back for it either.
    with suppress(LowOrderKey):
        kept = seal_promise(made, mailbox_pk)
    return PromisedLeaf(new, made, kept)


def leaf_length(by: SealedBy) -> int:
    """Return how long a leaf of the basis' day is."""
    return logleaf.length(len(by.roster.listing.readers(_tagged(by))))


def _tagged(by: SealedBy) -> int:
    return min(by.basis.tagged or 0, len(by.roster.listing))


def own_leaf(
    portal: Portal, by: SealedBy, receipt: Receipt, sealed: tuple[bytes, bytes]
) -> PromisedLeaf | None:
    """Make the leaf of a report that was sent without scripts. `sealed`: its envelope, and the envelope's hash."""
    if by.basis.tagged is None:
        return None
    opening = logleaf.envelope_opening("report", receipt.case_id, *sealed)
    raw = logleaf.make(logleaf.log_key(receipt.root), opening, places(by.roster, _tagged(by)))
    return promised_leaf(portal, by, raw, receipt.mailbox_pk)


# Scripts off: the leaf is made here, in the memory of the request


def take_own(
    conn: Connection, roster: Roster, key: bytes, opening: logleaf.LeafText, today: date
) -> bytes | None:
    """Make an act's leaf and let it wait; return it. None before the log was begun. Raises StoreFailed."""
    state = store_log.head(conn)
    if state is None:
        return None
    length = store_log.list_length(conn, state, today)
    raw = logleaf.make(key, opening, places(roster, length))
    try:
        _add(conn, raw, today, length, state)
    except LeafRefused:
        # A leaf follows from its envelope, which is new here.
        raise StoreFailed("a new envelope's leaf was known") from None
    return raw


def is_made(conn: Connection, roster: Roster, key: bytes, opening: logleaf.LeafText, today: date) -> bool:
    """Tell whether an act's leaf of today waits already. False before the log was begun."""
    length = length_today(conn, today)
    return length is not None and is_known(conn, logleaf.make(key, opening, places(roster, length)))


def promise_again(portal: Portal, roster: Roster, key: bytes, opening: logleaf.LeafText) -> LogPromise | None:
    """Sign the promise of a repeat: its leaf went by the list of its day, which is one of a few."""
    tried: set[frozenset[bytes]] = set()
    with reading(portal.engine) as conn:
        for length in range(len(roster.listing), -1, -1):
            keys = roster.listing.readers(length)
            if keys in tried:
                continue
            tried.add(keys)
            hashed = tlog.leaf_hash(logleaf.make(key, opening, places(roster, length)))
            day = store_log.day_of(conn, hashed)
            if day is not None:
                return promise(portal, hashed, day)
    return None


def newest_key(receipt: Receipt, payloads: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the newest log key of a code that auditors were given; epoch 0 where none was.

    `payloads`: the reporter's own, oldest first.
    """
    return keys_of(receipt, payloads)[-1]


def keys_of(receipt: Receipt, payloads: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Return the log keys of a code that auditors were given, oldest first; at least that of epoch 0."""
    return [logleaf.log_key(receipt.root, epoch) for epoch in range(max(_epochs(receipt, payloads), 1))]


def next_key(receipt: Receipt, payloads: Iterable[Mapping[str, Any]]) -> str:
    """Return the `log_key` of the code's next payload that has one."""
    return b64e(logleaf.log_key(receipt.root, _epochs(receipt, payloads)))


def _epochs(receipt: Receipt, payloads: Iterable[Mapping[str, Any]]) -> int:
    """Return how many log keys of a code auditors were given: its epochs go from 0 on."""
    given = given_keys(payloads)
    return next(epoch for epoch in count() if logleaf.log_key(receipt.root, epoch) not in given)


def given_keys(payloads: Iterable[Mapping[str, Any]]) -> list[bytes]:
    keys: list[bytes] = []
    for payload in payloads:
        try:
            keys.append(b64d(str(payload.get("log_key", ""))))
        except BadData:
            continue
    return [key for key in keys if len(key) == 32]
