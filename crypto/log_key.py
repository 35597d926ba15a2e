"""A planned change of the log's key (docs/format.md, 5.3): a `key` leaf that the old key and the new one signed.

A reader who knows one key of a log knows the others from its `key` leaves. Days are given; nothing here asks a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from crypto.errors import BadData
from crypto.log_errors import BadLog, KeyChangeWrong, PlainLeafMalformed
from crypto.messages import public_key, sign, verify
from crypto.note import ED25519, LogKeys, VerifierKey, verifier_key
from crypto.plainleaf import KeyLeaf, origin_of, read_day, read_key_leaf, read_site

OVERLAP: Final = timedelta(days=60)
"""For so long checkpoints have the old key's line, too, and there is no other change."""
_KEY: Final = b"mybk1/key\n"
_DAY: Final = b"mybk1/day\n"


def is_key_leaf(leaf: bytes) -> bool:
    """Tell whether a leaf begins as one about the log's key."""
    return leaf.startswith(_KEY)


def _signed(salt: bytes, change: KeyLeaf) -> bytes:
    return b"mybk1/logkey\n" + salt + change.day.isoformat().encode("ascii") + change.old.pk + change.new.pk


def make_key_leaf(salt: bytes, day: date, old_seed: bytes, new_seed: bytes) -> bytes:
    """Return the leaf of a change. `salt`: the site's, 16 bytes; `day`: of the batch that will have it; seeds: of the
    log's Ed25519 keys, 32 bytes each.
    """
    old, new = (verifier_key(origin_of(salt), ED25519, public_key(seed)) for seed in (old_seed, new_seed))
    unsigned = KeyLeaf(day, old, new)
    text = _signed(salt, unsigned)
    return replace(unsigned, old_sig=sign(old_seed, text), new_sig=sign(new_seed, text)).encode()


def check_key_leaf(leaf: bytes, salt: bytes) -> KeyLeaf:
    """Return a change that both keys signed. Raises PlainLeafMalformed, SignatureWrong, and KeyChangeWrong for one of
    another log.
    """
    change = read_key_leaf(leaf)
    if change.old.name != origin_of(salt):
        raise KeyChangeWrong
    text = _signed(salt, change)
    verify(change.old.pk, text, change.old_sig)
    verify(change.new.pk, text, change.new_sig)
    return change


@dataclass(frozen=True)
class LoggedChange:
    """A change that counts: the index of its leaf, and what it says."""

    index: int
    change: KeyLeaf


@dataclass(frozen=True)
class KeyChain:
    """A log's keys as its leaves give them. `faults`: index and class of each `key` leaf that changes nothing."""

    keys: LogKeys
    changes: tuple[LoggedChange, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()

    def after(self, leaf: bytes, index: int, salt: bytes, batch: date | None = None) -> KeyChain:
        """Return the chain with one `key` leaf more. `batch`: the day of its batch, where it is known."""
        try:
            change = check_key_leaf(leaf, salt)
            self._check(change, batch)
        except BadData as fault:
            return replace(self, faults=(*self.faults, (index, type(fault).__name__)))
        keys = LogKeys((*self.keys.keys, (index + 1, change.new)))
        return replace(self, keys=keys, changes=(*self.changes, LoggedChange(index, change)))

    def _check(self, change: KeyLeaf, batch: date | None) -> None:
        is_early = bool(self.changes) and change.day < self.changes[-1].change.day + OVERLAP
        is_next = change.old == self.keys.newest and change.new not in self.keys.all
        if is_early or not is_next or (batch is not None and batch != change.day):
            raise KeyChangeWrong


def begun(first: VerifierKey) -> KeyChain:
    """Return the chain of a log that has only its first key."""
    return KeyChain(LogKeys(((0, first),)))


def chain_of(leaves: Sequence[bytes]) -> KeyChain:
    """Return the keys of a log from all its leaves. A `key` leaf counts only among the plain leaves behind the `day`
    leaf of the day that it names. Raises PlainLeafMalformed where the first leaf is no `site` leaf.
    """
    site = read_site(leaves[0] if leaves else b"")
    chain, day = begun(site.log), None
    for index, leaf in enumerate(leaves):
        if leaf.startswith(_DAY):
            try:
                day = read_day(leaf)
            except PlainLeafMalformed:
                day = None
        elif leaf.startswith(_KEY):
            if day is None or not day.first < index <= day.first + day.plain:
                fault = (index, KeyChangeWrong.__name__)
                chain = replace(chain, faults=(*chain.faults, fault))
            else:
                chain = chain.after(leaf, index, site.salt, day.day)
    return chain


def known_keys(leaves: Sequence[bytes], pinned: VerifierKey) -> LogKeys:
    """Return the keys of a log to a reader who pinned one of them: that one alone where the leaves lead nowhere."""
    try:
        return chain_of(leaves).keys.trusted_by(pinned)
    except BadLog:
        return LogKeys(((0, pinned),))


def chain_of_shown(pinned: VerifierKey, salt: bytes, shown: Iterable[tuple[int, bytes]]) -> KeyChain:
    """Return the keys that single `key` leaves (index and bytes, in order) give to a reader who pinned one of them."""
    given = list(shown)
    starts = [pinned]
    for _index, leaf in given:
        try:
            starts.append(read_key_leaf(leaf).old)
        except PlainLeafMalformed:
            continue
    for start in starts:
        chain = begun(start)
        for index, leaf in given:
            chain = chain.after(leaf, index, salt)
        if pinned in chain.keys.all and chain.changes:
            return chain
    return begun(pinned)


def chain_of_stored(first: VerifierKey, salt: bytes, stored: Iterable[tuple[int, bytes]]) -> KeyChain:
    """Return the keys of a log from its first one and its `key` leaves (index and bytes, in order)."""
    chain = begun(first)
    for index, leaf in stored:
        chain = chain.after(leaf, index, salt)
    return chain


def has_two_lines(chain: KeyChain, day: date | None) -> bool:
    """Tell whether a checkpoint whose newest batch is of this day has the line of the key before, too."""
    return bool(chain.changes) and day is not None and day < chain.changes[-1].change.day + OVERLAP
