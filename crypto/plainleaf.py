"""Plain leaves of the transparency log, and how batches are read (docs/format.md, 5.3).

A plain leaf names nobody: keys and hashes only. Days are given by the caller; nothing here asks a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from crypto.cards import DUTIES, Card
from crypto.encoding import hex_id
from crypto.errors import MisuseError
from crypto.log_errors import BadNote, BatchMalformed, PlainLeafMalformed
from crypto.note import ED25519, VerifierKey, number, read_key

MARK: Final = b"mybk1/"
"""Begins a plain leaf. A hidden leaf begins with a digest: no leaf is both but with a chance of 2^-48."""
HIDDEN_A_DAY: Final = (16, 64)
"""How many hidden leaves a day may have, or a multiple of it; chosen once, when a site is set up."""
SHA: Final = re.compile(r"[0-9a-f]{64}\Z")
_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
_ORIGIN: Final = re.compile(r"meyasubako/[0-9a-f]{32}\Z")
_SIG: Final = re.compile(r"[0-9a-f]{128}\Z")
_WORD: Final = re.compile(rb"mybk1/([a-z]{1,32})\n")
_FIRST_DAY: Final = date(2000, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)


def origin_of(salt: bytes) -> str:
    """Return a log's origin: from the site's salt (16 bytes), so that it names nobody (ADR 0031)."""
    return f"meyasubako/{hex_id(salt)}"


def _leaf(word: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (f"mybk1/{word}", *lines)).encode("ascii")


def _lines(leaf: bytes, word: str, count: int) -> list[str]:
    try:
        lines = leaf.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise PlainLeafMalformed from None
    if len(lines) != count + 2 or lines[0] != f"mybk1/{word}" or lines[-1]:
        raise PlainLeafMalformed
    return lines[1:-1]


def _digest(text: str) -> bytes:
    if not SHA.match(text):
        raise PlainLeafMalformed
    return bytes.fromhex(text)


def _id(text: str) -> bytes:
    if not _ID.match(text):
        raise PlainLeafMalformed
    return bytes.fromhex(text)


def _count(text: str) -> int:
    value = number(text)
    if value is None:
        raise PlainLeafMalformed
    return value


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PlainLeafMalformed from None
    if day.isoformat() != text or not _FIRST_DAY <= day <= _LAST_DAY:
        raise PlainLeafMalformed
    return day


def read_log_day(raw: bytes) -> date | None:
    """Return the day that ASCII bytes name; None for anything else."""
    try:
        return _day(raw.decode("ascii"))
    except (UnicodeDecodeError, PlainLeafMalformed):
        return None


@dataclass(frozen=True)
class SiteLeaf:
    """The first leaf of a log. `salt`: 16 bytes; `site_pk`: the site's key, 32; `hidden`: N; `rule`: SHA-256."""

    salt: bytes
    log: VerifierKey
    site_pk: bytes
    hidden: int
    rule: bytes

    def encode(self) -> bytes:
        """Return the leaf's bytes."""
        keys = (self.log.text(), self.site_pk.hex())
        return _leaf(
            "site", hex_id(self.salt), origin_of(self.salt), *keys, str(self.hidden), self.rule.hex()
        )


def read_site(leaf: bytes) -> SiteLeaf:
    """Return the `site` leaf. Raises PlainLeafMalformed, also where origin, salt and the log key's name differ."""
    salt, origin, vkey, site_pk, hidden, rule = _lines(leaf, "site", 6)
    try:
        log = read_key(vkey)
    except BadNote:
        raise PlainLeafMalformed from None
    read = SiteLeaf(_id(salt), log, _digest(site_pk), _count(hidden), _digest(rule))
    if origin != origin_of(read.salt) or log.name != origin or log.key_type != ED25519:
        raise PlainLeafMalformed
    if read.hidden not in HIDDEN_A_DAY:
        raise PlainLeafMalformed
    return read


@dataclass(frozen=True)
class DayLeaf:
    """The first leaf of a batch. `first`: its own index; `plain` and `hidden`: how many leaves of each kind stand
    behind it; `roster`: the digest (1.4) of the list at the batch; `rules`: SHA-256 of policy and rule.
    """

    day: date
    first: int
    plain: int
    hidden: int
    roster: bytes
    rules: bytes

    def encode(self) -> bytes:
        """Return the leaf's bytes."""
        counts = (str(self.first), str(self.plain), str(self.hidden))
        return _leaf("day", self.day.isoformat(), *counts, self.roster.hex(), self.rules.hex())

    @property
    def end(self) -> int:
        """The index behind the batch."""
        return self.first + 1 + self.plain + self.hidden


def read_day(leaf: bytes) -> DayLeaf:
    """Return a `day` leaf. Raises PlainLeafMalformed."""
    day, first, plain, hidden, roster, rules = _lines(leaf, "day", 6)
    counts = (_count(first), _count(plain), _count(hidden))
    return DayLeaf(_day(day), *counts, _digest(roster), _digest(rules))


def rules_hash(policy: str, rule: str) -> bytes:
    """Return the SHA-256 of a policy's text and the rule's text, one behind the other."""
    return sha256(policy.encode() + rule.encode()).digest()


def card_leaf(card: Card) -> bytes:
    """Return the `card` leaf: keys, duty and the hash of the document, never a name."""
    document = sha256(card.encode()).hexdigest()
    return _leaf("card", hex_id(card.key_id), card.box_pk.hex(), card.sign_pk.hex(), card.duty, document)


@dataclass(frozen=True)
class LoggedCard:
    """The fields of a `card` leaf; `document`: SHA-256 of the card's canonical JSON."""

    key_id: bytes
    box_pk: bytes
    sign_pk: bytes
    duty: str
    document: bytes


def read_card_leaf(leaf: bytes) -> LoggedCard:
    """Return what a `card` leaf says. Raises PlainLeafMalformed."""
    key_id, box_pk, sign_pk, duty, document = _lines(leaf, "card", 5)
    if duty not in DUTIES:
        raise PlainLeafMalformed
    return LoggedCard(_id(key_id), _digest(box_pk), _digest(sign_pk), duty, _digest(document))


def restored_leaf(day: date) -> bytes:
    """Return the leaf that says that an older database was put back. `day`: acts from it on may have been lost."""
    return _leaf("restored", day.isoformat())


def read_restored(leaf: bytes) -> date:
    """Return the day from which acts may have been lost. Raises PlainLeafMalformed."""
    return _day(_lines(leaf, "restored", 1)[0])


@dataclass(frozen=True)
class KeyLeaf:
    """A planned change of the log's key. `day`: of the batch that has it; signatures: 64 bytes, by the old key and by
    the new one.
    """

    day: date
    old: VerifierKey
    new: VerifierKey
    old_sig: bytes = b""
    new_sig: bytes = b""

    def encode(self) -> bytes:
        """Return the leaf's bytes."""
        signatures = (self.old_sig.hex(), self.new_sig.hex())
        return _leaf("key", self.day.isoformat(), self.old.text(), self.new.text(), *signatures)


def read_key_leaf(leaf: bytes) -> KeyLeaf:
    """Return what a `key` leaf says; nobody has checked its signatures yet. Raises PlainLeafMalformed."""
    day, old, new, old_sig, new_sig = _lines(leaf, "key", 5)
    if not _SIG.match(old_sig) or not _SIG.match(new_sig):
        raise PlainLeafMalformed
    try:
        keys = (read_key(old), read_key(new))
    except BadNote:
        raise PlainLeafMalformed from None
    if keys[0].name != keys[1].name or any(key.key_type != ED25519 for key in keys):
        raise PlainLeafMalformed
    return KeyLeaf(_day(day), *keys, bytes.fromhex(old_sig), bytes.fromhex(new_sig))


@dataclass(frozen=True)
class ContinuesLeaf:
    """A log in place of another one that can't go on. `origin`, `size`, `root` (32 bytes): the newest state of the old
    log; `sig`: 64 bytes by the old log's site key, empty where that is lost.
    """

    origin: str
    size: int
    root: bytes
    sig: bytes = b""

    def encode(self) -> bytes:
        """Return the leaf's bytes."""
        return _leaf("continues", self.origin, str(self.size), self.root.hex(), self.sig.hex() or "-")

    def signed_text(self, salt: bytes) -> bytes:
        """Return what the old site's key signs. `salt`: the new site's, 16 bytes."""
        old = bytes.fromhex(self.origin.partition("/")[2])
        return b"mybk1/continues\n" + old + self.size.to_bytes(8, "big") + self.root + salt


def read_continues(leaf: bytes) -> ContinuesLeaf:
    """Return what a `continues` leaf says; nobody has checked its signature. Raises PlainLeafMalformed."""
    origin, size, root, sig = _lines(leaf, "continues", 4)
    if not _ORIGIN.match(origin) or (sig != "-" and not _SIG.match(sig)):
        raise PlainLeafMalformed
    return ContinuesLeaf(origin, _count(size), _digest(root), b"" if sig == "-" else bytes.fromhex(sig))


def continued(plain: Iterable[bytes]) -> list[ContinuesLeaf]:
    """Return what the `continues` leaves among some leaves say; one that is none says nothing."""
    read = []
    for leaf in plain:
        if leaf.startswith(b"mybk1/continues\n"):
            try:
                read.append(read_continues(leaf))
            except PlainLeafMalformed:
                continue
    return read


def list_leaf(roster: bytes) -> bytes:
    """Return the `list` leaf: the digest (32 bytes) of the list whose cards are before it."""
    return _leaf("list", roster.hex())


def named_list(leaf: bytes) -> bytes:
    """Return the digest (32 bytes) of the list that a `day` or a `list` leaf names. Raises PlainLeafMalformed."""
    if word_of(leaf) == "list":
        return _digest(*_lines(leaf, "list", 1))
    return read_day(leaf).roster


def document_leaf(word: str, document: bytes) -> bytes:
    """Return a plain leaf that holds a document behind its first line: `retirement`, `policy`, `release` and others.

    Raises MisuseError for a word that is none.
    """
    leaf = f"mybk1/{word}\n".encode("ascii") + document
    if not _WORD.match(leaf) or word in ("site", "day", "card", "list", "key", "continues"):
        raise MisuseError
    return leaf


def word_of(leaf: bytes) -> str:
    """Return the word of a plain leaf's first line, also of one that this version does not know; "" for a hidden one.

    Raises PlainLeafMalformed where a leaf begins as a plain one and has no word.
    """
    if not leaf.startswith(MARK):
        return ""
    match = _WORD.match(leaf)
    if match is None:
        raise PlainLeafMalformed
    return match.group(1).decode("ascii")


@dataclass(frozen=True)
class Batch:
    """One batch as it is in the log: the day leaf (None: a batch of plain leaves only), plain and hidden leaves."""

    first: int
    day: DayLeaf | None
    plain: tuple[bytes, ...]
    hidden: tuple[bytes, ...] = ()


def read_batches(leaves: Sequence[bytes], hidden: int, first: int = 0) -> list[Batch]:
    """Return the batches of a piece of the log that begins and ends with one. `hidden`: N; `first`: the first index.

    Raises BatchMalformed where a day leaf's own index or numbers are not what is there, hidden leaves are no
    multiple of N or differ in length, or days do not rise; PlainLeafMalformed.
    """
    batches: list[Batch] = []
    at, last_day = 0, None
    while at < len(leaves):
        word = word_of(leaves[at])
        if not word:
            raise BatchMalformed
        if word != "day":
            end = at
            while end < len(leaves) and word_of(leaves[end]) not in ("", "day"):
                end += 1
            batches.append(Batch(first + at, None, tuple(leaves[at:end])))
            at = end
            continue
        day, batch = _day_batch(leaves, at, first, hidden)
        if last_day is not None and day.day <= last_day:
            raise BatchMalformed
        last_day = day.day
        batches.append(batch)
        at = day.end - first
    return batches


def _day_batch(leaves: Sequence[bytes], at: int, first: int, least: int) -> tuple[DayLeaf, Batch]:
    day = read_day(leaves[at])
    middle, end = at + 1 + day.plain, day.end - first
    if day.first != first + at or end > len(leaves) or day.hidden < least or day.hidden % least:
        raise BatchMalformed
    plain, hidden = tuple(leaves[at + 1 : middle]), tuple(leaves[middle:end])
    if any(word_of(leaf) in ("", "day") for leaf in plain) or any(word_of(leaf) for leaf in hidden):
        raise BatchMalformed
    if len({len(leaf) for leaf in hidden}) != 1:
        raise BatchMalformed
    return day, Batch(day.first, day, plain, hidden)


def batch_size(acts: int, least: int) -> int:
    """Return how many hidden leaves a batch with so many acts has: the smallest multiple of N that holds them."""
    return max(1, -(-acts // least)) * least


def day_of_batch(seconds: int) -> date:
    """Return the newest day whose batch is due at a time (seconds since 1970): the day before the last 03:00 of Japan.

    Batches are made at 03:00, so that nothing about an act shows in when its batch came.
    """
    return date(1970, 1, 1) + timedelta(days=(seconds + 6 * 3600) // 86400 - 1)


def logged_text(hash_of_leaf: bytes, day: date) -> bytes:
    """Return what the site signs with each accepted act: its promise that the leaf will be in this day's batch."""
    if len(hash_of_leaf) != 32:
        raise MisuseError
    return b"mybk1/logged\n" + hash_of_leaf + day.isoformat().encode("ascii")
