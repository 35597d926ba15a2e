"""Reads the leaves that a desk stores: cosigners, the cards whose tags new leaves have, the newest day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.desk.casework.log_checks import newest_day, read_log
from admin.desk.casework.roster import SiteRoster
from crypto.errors import BadData
from crypto.log_errors import BadLog
from crypto.log_key import chain_of
from crypto.log_mirror import log_fingerprint
from crypto.log_witness import check_witness, read_witness
from crypto.logleaf import Reader
from crypto.note import VerifierKey, read_checkpoint
from crypto.plainleaf import named_list

_NAMING: Final = (b"mybk1/day\n", b"mybk1/list\n")


def cosigners(note: str, leaves: Sequence[bytes], roster: SiteRoster) -> list[VerifierKey]:
    """Return the desks whose cosignature of a checkpoint holds: those whose `witness` leaf is in the log."""
    if not note or not leaves:
        return []
    keys = []
    for leaf in leaves:
        if leaf.startswith(b"mybk1/witness\n"):
            try:
                document = read_witness(leaf.partition(b"\n")[2], roster.salt)
                check_witness(document, roster.salt, roster.by_key[document.key_id].sign_pk)
            except (BadData, KeyError):
                continue
            keys.append(document.vkey)
    try:
        return list(read_checkpoint(note, chain_of(leaves).keys, keys).cosigned)
    except BadLog:
        return []


def readers_of_next(leaves: Sequence[bytes], roster: SiteRoster) -> list[Reader] | None:
    """Return whose tags the leaves of the next batch carry: the readers of the list that the newest leaf names that
    names one. None where this desk does not know that list, or no leaf names any.
    """
    listing, named = roster.listing, _named_list(leaves)
    length = None if named is None else listing.length_of(named)
    if length is None:
        return None
    return [Reader(key_id, roster.by_key[key_id].box_pk) for key_id in listing.readers(length)]


def readers_of_all(roster: SiteRoster) -> list[list[Reader]]:
    """Return whose tags a leaf can carry: the readers of each state of the list, each set once."""
    listing = roster.listing
    sets = {listing.readers(length) for length in range(len(listing) + 1)}
    return [[Reader(key_id, roster.by_key[key_id].box_pk) for key_id in keys] for keys in sets]


def _named_list(leaves: Sequence[bytes]) -> bytes | None:
    """Return the digest of the list in the newest `day` or `list` leaf. Raises PlainLeafMalformed."""
    newest = next((leaf for leaf in reversed(leaves) if leaf.startswith(_NAMING)), None)
    return None if newest is None else named_list(newest)


@dataclass(frozen=True)
class ChangedKey:
    """A planned change of the log's key. `day`: of the batch that has it; fingerprints of both keys."""

    day: date
    old: str
    new: str


def changed_key(leaves: Sequence[bytes]) -> ChangedKey | None:
    """Return the newest change of the log's key that counts; None without one, and for leaves that are no log."""
    try:
        changes = chain_of(leaves).changes
    except BadLog:
        return None
    last = changes[-1].change if changes else None
    return ChangedKey(last.day, log_fingerprint(last.old), log_fingerprint(last.new)) if last else None


def newest_of(leaves: Sequence[bytes]) -> date | None:
    """Return the newest day that has a batch; None before the first, and for leaves that are no log."""
    try:
        _site, batches = read_log(leaves)
    except BadLog:
        return None
    newest = newest_day(batches)
    return newest.day.day if newest and newest.day else None
