"""Brings a log up to a copy of it, after an older database or a whole older machine was put back (docs/format.md, 5.6).

The leaves are opaque and their root is signed by this log's key, so the source of the copy needs no trust. What this
machine published in the meantime and no witness cosigned is dropped, and its leaves wait for the next batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine

from admin.log_condition import holds
from admin.log_signing import chain_in
from admin.logbook import roster_of
from cases.log_rule import log_rule
from crypto import logbatch, logleaf, note, plainleaf, tlog
from crypto.code_reading import LogFile
from crypto.errors import BadData
from crypto.log_errors import BadLog
from crypto.log_key import known_keys
from crypto.log_mirror import without_cosignatures
from crypto.log_policy import logged_policies, named_policy, outside
from crypto.log_witness import read_witness
from crypto.roster import Roster
from store import log as store_log
from store import log_documents, log_tail
from store import site as store_site
from store.config.log_head import head_path, read_head_file, write_head_file
from store.config.secrets import load_secrets
from store.db import writing
from store.log import HeadRow
from store.log_documents import DocumentRow

TOLD = frozenset({"policy", "restored", "key", "continues"})


class CatchUpFault(Enum):
    """Why a copy is not taken over; nothing was changed."""

    BUSY = "busy"
    NO_LOG = "no_log"
    """The database has no log to go on with."""
    STRANGE = "strange"
    """The copy's checkpoint is not signed by this log's key, or its leaves do not give the root."""
    SHORT = "short"
    """This machine signed more than the copy and the database have."""
    COSIGNED = "cosigned"
    """Both histories are cosigned by witnesses of the policy: no way leads on but a new log."""


class CatchUpRefused(Exception):
    """A copy was not taken over: `fault` says why."""

    def __init__(self, fault: CatchUpFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass
class CaughtUp:
    """The result. `added`, `dropped`: leaves; `again`: dropped or late leaves that wait for the next batch; `lost`:
    leaves that no batch can take any more; `since`: the day from which acts may be lost, None where none can be;
    `cards`: key ids that are in the log and not in the database.
    """

    added: int = 0
    dropped: int = 0
    again: int = 0
    lost: int = 0
    since: date | None = None
    cards: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class _Both:
    """Both histories. `same`: how many leaves they have in common; `read`: the copy's checkpoint."""

    head: HeadRow
    own: Sequence[bytes]
    copy: Sequence[bytes]
    read: note.Checkpoint
    same: int

    @property
    def is_behind(self) -> bool:
        """Whether the copy has something that is not here."""
        return self.same < len(self.copy)


def catch_up(engine: Engine, secret_file: Path, copy: LogFile) -> CaughtUp:
    """Take the missing leaves over; the next run of the keeper goes on from there.

    Raises CatchUpRefused, StoreFailed, SecretFileError, OSError, LogHeadDamaged.
    """
    known = read_head_file(head_path(secret_file))
    with writing(engine) as conn:
        if not store_log.take_batch_turn(conn):
            raise CatchUpRefused(CatchUpFault.BUSY)
        own, salt = load_secrets(secret_file), store_site.get(conn).salt
        log = logbatch.log_verifier(salt, own.sign_seed)
        both = _compared(conn, copy, log)
        _check_head(conn, both, known)
        done = CaughtUp()
        if both.is_behind:
            _check_dropped(conn, both, log, salt)
            done = _take_over(conn, both, roster_of(conn, secret_file), without_cosignatures(copy.note))
        hashes = store_log.hashes(conn, 2**62)
        keys = chain_in(conn, own).keys
        held = [kept for kept, _size, signed in log_documents.evidence(conn) if holds(signed, keys, hashes)]
        log_documents.explain(conn, held)
        size, root = len(hashes), tlog.root_of(hashes)
    write_head_file(head_path(secret_file), size, root)
    return done


def _compared(conn: Connection, copy: LogFile, log: note.VerifierKey) -> _Both:
    head = store_log.head(conn)
    if head is None:
        raise CatchUpRefused(CatchUpFault.NO_LOG)
    own = store_log.leaves(conn, 0, head.size)
    try:
        read = note.read_checkpoint(copy.note, known_keys(copy.leaves, log)).checkpoint
    except BadLog:
        raise CatchUpRefused(CatchUpFault.STRANGE) from None
    leaves = copy.leaves[: read.size]
    if len(leaves) != read.size or tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves]) != read.root:
        raise CatchUpRefused(CatchUpFault.STRANGE)
    pairs = zip(own, leaves, strict=False)
    same = next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(own), len(leaves)))
    return _Both(head, own, leaves, read, same)


def _check_head(conn: Connection, both: _Both, known: tuple[int, bytes] | None) -> None:
    """Raise CatchUpRefused where this machine signed something that neither history has."""
    if known is None:
        return
    size, root = known
    for leaves in (both.copy, both.own):
        if size <= len(leaves) and tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves[:size]]) == root:
            return
    text = note.Checkpoint(both.read.origin, size, root).text()
    hashed = sha256(text.encode()).digest()
    if hashed not in {kept for kept, _size, _note in log_documents.evidence(conn, with_explained=True)}:
        raise CatchUpRefused(CatchUpFault.SHORT)


def _check_dropped(conn: Connection, both: _Both, log: note.VerifierKey, salt: bytes) -> None:
    """Raise CatchUpRefused where a witness of the policy cosigned what would be dropped: where it names none outside,
    any desk.
    """
    batches = plainleaf.read_batches(both.copy, both.head.hidden)
    policies = logged_policies(batches)
    keys = [key for policy in policies for key in outside(policy.policy)]
    if not keys:
        keys = [read_witness(raw, salt).vkey for _key_id, raw in store_log.witnesses(conn)]
    notes = dict(log_tail.checkpoints_behind(conn, both.same))
    if both.head.published > both.same:
        notes.setdefault(both.head.published, both.head.note)
    for size, line in log_tail.cosignatures_behind(conn, both.same):
        if size not in notes:
            continue
        try:
            whole = note.with_lines(notes[size], [note.read_line(line)])
            cosigned = note.read_checkpoint(
                whole, known_keys(both.own, log), list(dict.fromkeys(keys))
            ).cosigned
        except (BadLog, BadData):
            continue
        if cosigned and len(both.own) > both.same:
            raise CatchUpRefused(CatchUpFault.COSIGNED)


def _take_over(conn: Connection, both: _Both, roster: Roster, signed: str) -> CaughtUp:
    """Put the copy's leaves in place of what is behind the common ones."""
    batches = plainleaf.read_batches(both.copy, both.head.hidden)
    days = [batch.day for batch in batches if batch.day is not None]
    newest = days[-1].day if days else both.head.day
    apart = next((day.day for day in days if day.end > both.same), None)
    since = apart or (newest or date.min) + timedelta(days=1)
    for size, dropped in log_tail.checkpoints_behind(conn, both.same):
        text = note.read_note(dropped).text
        log_documents.keep_evidence(conn, sha256(text.encode()).digest(), size, dropped, explained=True)
    new = replace(
        both.head,
        size=both.read.size,
        root=both.read.root,
        day=newest,
        list_length=_listed(both.copy, roster),
        published=both.read.size,
        note=signed,
        release=next(
            (sha256(leaf).digest() for leaf in reversed(both.copy) if leaf.startswith(b"mybk1/release\n")),
            None,
        ),
    )
    witnesses = {raw: _day_of(batches, "witness", raw) for _key_id, raw in store_log.witnesses(conn)}
    tail = log_tail.LogTail(
        both.same,
        [(tlog.leaf_hash(leaf), leaf) for leaf in both.copy[both.same :]],
        [(day.day, day.first, day.end) for day in days if day.end > both.same],
        _documents(batches),
        witnesses,
    )
    if not log_tail.replace_tail(conn, both.head, new, tail):
        raise CatchUpRefused(CatchUpFault.BUSY)
    done = CaughtUp(len(both.copy) - both.same, len(both.own) - both.same, since=since)
    done.cards = _unknown_cards(both.copy, roster)
    _wait_again(conn, both, roster, newest, done)
    leaf = plainleaf.restored_leaf(since)
    log_documents.wait_again(conn, tlog.leaf_hash(leaf), "restored", leaf)
    return done


def _listed(leaves: Sequence[bytes], roster: Roster) -> int:
    """Return how many documents of the list are in the log, in the order of the list."""
    there = [leaf for leaf in leaves if leaf.startswith((b"mybk1/card\n", b"mybk1/retirement\n"))]
    own = logbatch.list_leaves(roster.listing.documents)
    pairs = zip(there, own, strict=False)
    return next((at for at, (theirs, mine) in enumerate(pairs) if theirs != mine), min(len(there), len(own)))


def _unknown_cards(leaves: Sequence[bytes], roster: Roster) -> list[bytes]:
    cards = [plainleaf.read_card_leaf(leaf) for leaf in leaves if leaf.startswith(b"mybk1/card\n")]
    return [card.key_id for card in cards if card.key_id not in roster.by_key]


def _day_of(batches: Sequence[plainleaf.Batch], word: str, document: bytes) -> date | None:
    leaf = plainleaf.document_leaf(word, document)
    return next((batch.day.day for batch in batches if batch.day is not None and leaf in batch.plain), None)


def _documents(batches: Sequence[plainleaf.Batch]) -> list[DocumentRow]:
    """Return the plain leaves that people are told of. What counts is the policy that the newest day leaf names, and
    those before it.
    """
    policies = logged_policies(batches)
    rules = [batch.day.rules for batch in batches if batch.day is not None]
    named = named_policy(policies, rules[-1] if rules else None, log_rule())
    rows: dict[bytes, DocumentRow] = {}
    for batch in batches:
        first = batch.first + (batch.day is not None)
        for at, leaf in enumerate(batch.plain):
            word = plainleaf.word_of(leaf)
            if word in TOLD:
                counts = word == "policy" and named is not None and first + at <= named.index
                day = batch.day.day if batch.day else None
                hashed = tlog.leaf_hash(leaf)
                rows[hashed] = DocumentRow(hashed, word, leaf, first + at, day, counts)
    return list(rows.values())


def _wait_again(conn: Connection, both: _Both, roster: Roster, newest: date | None, done: CaughtUp) -> None:
    """Let the hidden leaves of dropped batches, and those that wait for a day which has its batch, wait for the first
    day that has none. All of one day have one length; another one is given up.
    """
    open_day = (newest or date.min) + timedelta(days=1)
    there = {tlog.leaf_hash(leaf) for leaf in both.copy}
    dropped: list[tuple[bytes, bytes, date]] = []
    if both.same < len(both.own):
        for batch in plainleaf.read_batches(both.own, both.head.hidden):
            if batch.day is not None and batch.day.end > both.same:
                day = max(batch.day.day, open_day)
                dropped += [(tlog.leaf_hash(leaf), leaf, day) for leaf in batch.hidden]
    sizes = {day: size for _hash, day, _length, size in log_tail.waiting_days(conn) if day >= open_day}
    for hashed, day, _length, size in log_tail.waiting_days(conn):
        if day < open_day:
            if sizes.setdefault(open_day, size) == size:
                log_tail.put_off(conn, hashed, open_day)
                done.again += 1
            else:
                log_tail.give_up(conn, hashed)
                done.lost += 1
    for hashed, leaf, day in dropped:
        length = _length_of(len(logleaf.tags_of(leaf)), roster)
        if hashed in there:
            continue
        if length is None or sizes.setdefault(day, len(leaf)) != len(leaf):
            done.lost += 1
            continue
        log_tail.let_wait(conn, hashed, leaf, day, length)
        done.again += 1


def _length_of(tags: int, roster: Roster) -> int | None:
    """Return a length of the list with so many readers, the newest one; None where there is none."""
    lengths = range(len(roster.listing), -1, -1)
    return next((length for length in lengths if len(roster.listing.readers(length)) == tags), None)
