"""Judgements of a witness that stores all leaves of a log (docs/format.md, 5.10). Pure: days are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from crypto.cards import LEAD, fingerprint
from crypto.errors import BadData
from crypto.log_errors import BadLog, CheckpointMalformed, PlainLeafMalformed
from crypto.log_key import chain_of, known_keys
from crypto.log_policy import EIGHTH_DAY, LoggedPolicy, check_change, logged_policies, named_policy
from crypto.note import Note, SignedCheckpoint, VerifierKey, read_checkpoint, read_note
from crypto.plainleaf import Batch, LoggedCard, SiteLeaf, read_batches, read_card_leaf, read_site, word_of
from crypto.tlog import Frontier, leaf_hash

LATE_DAYS = 2
"""Days that the newest batch may be old: more, and nothing was new for two days."""
_LONGEST_SIZE = 9


class LogForked(BadLog):
    """Two checkpoints of this log can't both be true."""


class LogOlder(BadLog):
    """A checkpoint is smaller than one that is kept."""


class LogUnproven(BadLog):
    """Leaves don't give the root of their checkpoint: nothing follows but that this is no log to cosign."""


def log_fingerprint(key: VerifierKey) -> str:
    """Return a log's key as people compare it: eight groups of four hex digits, of the SHA-256 of its text."""
    return fingerprint(sha256(key.text().encode()).digest()[:16])


def claimed_size(note: str) -> int:
    """Return the size that a checkpoint claims; nothing is checked yet. Raises NoteMalformed, CheckpointMalformed."""
    lines = read_note(note).text.split("\n")
    if len(lines) < 2 or not lines[1].isascii() or not lines[1].isdigit() or len(lines[1]) > _LONGEST_SIZE:
        raise CheckpointMalformed
    return int(lines[1])


def without_cosignatures(note: str) -> str:
    """Return a checkpoint with its log's own lines alone: those under its origin's name. Raises NoteMalformed."""
    read = read_note(note)
    origin = read.text.partition("\n")[0]
    return Note(read.text, tuple(line for line in read.lines if line.name == origin)).encode()


def extend(
    note: str, log: VerifierKey, kept: Sequence[bytes], new: Sequence[bytes], keys: Sequence[VerifierKey] = ()
) -> SignedCheckpoint:
    """Return a checkpoint that extends the kept leaves by new ones. `log`: a key of the log, from which its `key`
    leaves lead to the others; `keys`: of witnesses, whose lines are checked too.

    Raises what `read_checkpoint` raises; LogOlder, LogForked (the same size, another root), and LogUnproven, where the
    caller has to ask for all leaves to know whether it is a fork.
    """
    signed = read_checkpoint(note, known_keys([*kept, *new], log), keys)
    read = signed.checkpoint
    if read.size < len(kept):
        raise LogOlder
    if read.size != len(kept) + len(new) or Frontier(map(leaf_hash, [*kept, *new])).root != read.root:
        raise LogForked if kept and read.size == len(kept) else LogUnproven
    return signed


def check_other(note: str, log: VerifierKey, theirs: Sequence[bytes]) -> None:
    """Raise LogForked where a checkpoint that did not extend the kept leaves has a history of its own, LogUnproven
    where `theirs` (all leaves that the site hands out) don't give its root.
    """
    read = read_checkpoint(note, known_keys(theirs, log)).checkpoint
    is_theirs = read.size == len(theirs) and Frontier(map(leaf_hash, theirs)).root == read.root
    raise LogForked if is_theirs else LogUnproven


@dataclass(frozen=True)
class MirrorFault:
    """A fault of a log as a whole. `code`: malformed, gap, early, policy, key, stale; `day`: where
    it is one's.
    """

    code: str
    day: date | None = None


def judge_leaves(
    leaves: Sequence[bytes], log: VerifierKey, rule: str, met: date, today: date
) -> list[MirrorFault]:
    """Return what is wrong with the leaves of a log. `rule`: the text that the site shows; `met`: the day on which the
    witness met the log; `today`: in Japan.
    """
    try:
        site = read_site(leaves[0] if leaves else b"")
        batches = read_batches(leaves, site.hidden)
        chain = chain_of(leaves)
    except BadLog:
        return [MirrorFault("malformed")]
    if log not in chain.keys.all:
        return [MirrorFault("malformed")]
    days = [batch.day.day for batch in batches if batch.day is not None]
    faults = [MirrorFault("key", day_at(batches, index)) for index, _class in chain.faults]
    faults += [
        MirrorFault("gap", before) for before, after in _pairs(days) if after - before != timedelta(days=1)
    ]
    if days and days[-1] >= today:
        faults.append(MirrorFault("early", days[-1]))
    if (today - (days[-1] if days else met)).days > LATE_DAYS:
        faults.append(MirrorFault("stale", days[-1] if days else None))
    return faults + _policy_faults(site, batches, rule)


def day_at(batches: Sequence[Batch], index: int) -> date | None:
    """Return the day of the batch that has the leaf at an index; None where it is in no day's batch."""
    days = [batch.day for batch in batches if batch.day is not None]
    return next((day.day for day in days if day.first <= index < day.end), None)


def _pairs(days: Sequence[date]) -> list[tuple[date, date]]:
    return list(zip(days, days[1:], strict=False))


def _policy_faults(site: SiteLeaf, batches: Sequence[Batch], rule: str) -> list[MirrorFault]:
    """Return the days whose leaf names a policy that can't count by then, or another rule than the first leaf."""
    if sha256(rule.encode()).digest() != site.rule:
        return [MirrorFault("rule")]
    policies = logged_policies(batches)
    cards = _cards(batches)
    faults = [
        MirrorFault("policy", policy.day)
        for policy in policies
        if policy.change is not None and not _is_by_lead(policy, cards, site.salt)
    ]
    for batch in batches:
        if batch.day is None:
            continue
        named = named_policy(policies, batch.day.rules, rule)
        is_early = named is not None and named.day is not None and batch.day.day < named.day + EIGHTH_DAY
        if named is None or is_early:
            faults.append(MirrorFault("policy", batch.day.day))
    return faults


def _cards(batches: Sequence[Batch]) -> dict[bytes, LoggedCard]:
    cards: dict[bytes, LoggedCard] = {}
    for batch in batches:
        for leaf in batch.plain:
            if word_of(leaf) == "card":
                try:
                    card = read_card_leaf(leaf)
                except PlainLeafMalformed:
                    continue
                cards.setdefault(card.key_id, card)
    return cards


def _is_by_lead(policy: LoggedPolicy, cards: dict[bytes, LoggedCard], salt: bytes) -> bool:
    change = policy.change
    card = cards.get(change.key_id) if change else None
    if change is None or card is None:
        return False
    first = next(iter(cards.values()))
    if card.duty != LEAD and card is not first:  # the first card is a lead's, whatever it says
        return False
    try:
        check_change(change, salt, card.sign_pk)
    except BadData:
        return False
    return True


def newest_release(leaves: Sequence[bytes]) -> bytes | None:
    """Return the document of the newest `release` leaf; None where there is none."""
    head = b"mybk1/release\n"
    return next((leaf[len(head) :] for leaf in reversed(leaves) if leaf.startswith(head)), None)
