"""Keeps the transparency log: makes the batch of each day at 03:00 of Japan, signs it and publishes it.

The server does this by itself, in each of its workers and on each of its machines; the database's head, which grows in
place of the old one only, makes sure that it happens once. The order (docs/format.md, 5.6): commit, sign, `log-head`
synced, publish. A signature is deterministic: after a crash the same note is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from admin.log_condition import LogCondition, holds, judge_head
from admin.log_policies import policy_of_next
from admin.log_signing import chain_in, lacks_key, signing_seeds
from cases.log_rule import log_rule
from crypto import logbatch, note, tlog
from crypto.plainleaf import document_leaf, read_key_leaf
from crypto.roster import Roster, fitting_roster
from store import cards as store_cards
from store import log as store_log
from store import log_documents
from store import site as store_site
from store.config.log_head import head_path, read_head_file, write_head_file
from store.config.secrets import load_secrets
from store.db import StoreFailed, reading, writing
from store.log import HeadRow

MOST_DAYS: Final = 7
"""Missed days that get their batches without being asked: a clock that jumped makes more."""


@dataclass(frozen=True)
class LogRun:
    """The result of one run: the days whose batches it made, and the log's condition."""

    state: LogCondition
    made: tuple[date, ...] = ()


@dataclass(frozen=True, repr=False)
class LogKeeper:
    """Makes batches. `release`: the leaf of what pages are served, where this process knows it. `step`: called with the
    name of each step that is done, so that a trial can stop there.
    """

    engine: Engine
    secret_file: Path
    release: bytes | None = None
    step: Callable[[str], None] = lambda _name: None

    def run(self, seconds: int, most: int = MOST_DAYS) -> LogRun:
        """Make what is due at a time (seconds since 1970), at most so many days' batches.

        Raises StoreFailed, NoSite, SecretFileError, OSError, LogHeadDamaged.
        """
        head = self._begun(seconds)
        if self._has_other(head):
            return LogRun(LogCondition.OTHER)
        done = head.day or logbatch.day_in_japan(seconds) - timedelta(days=1)
        if logbatch.is_clock_behind(done, seconds):
            return LogRun(LogCondition.CLOCK)
        missing = logbatch.missing_days(done, seconds)
        if not missing and head.published == head.size and not self._has_founders(head):
            return LogRun(self._unchanged(head))
        state = self.may_go_on(head)
        if state is not LogCondition.CURRENT:
            return LogRun(state)
        if head.published != head.size:
            self._publish()
        if not missing and self._has_founders(head):
            self._add_founders()  # in the same run: a report that came before them would have no tags
        if len(missing) > most:
            return LogRun(LogCondition.MANY)
        made: list[date] = []
        for day in missing:
            if not self._make(day):
                return LogRun(LogCondition.BUSY, tuple(made))
            made.append(day)
        return LogRun(LogCondition.CURRENT, tuple(made))

    def _begun(self, seconds: int) -> HeadRow:
        """Return the head of a log that has its first leaves and its first day."""
        with reading(self.engine) as conn:
            head = store_log.head(conn)
        if head is not None and head.day is not None:
            return head
        yesterday = logbatch.day_in_japan(seconds) - timedelta(days=1)
        with writing(self.engine) as conn:
            begin_log(conn, self.secret_file)
            store_log.set_first_day(conn, yesterday)
            begun = store_log.head(conn)
        if begun is None:
            raise StoreFailed("the log was not begun")
        return begun

    def _has_other(self, head: HeadRow) -> bool:
        """Tell whether a checkpoint of this log's key is known that its leaves don't lead to."""
        with reading(self.engine) as conn:
            kept = log_documents.evidence(conn)
            hashes = store_log.hashes(conn, head.size) if kept else []
            keys = chain_in(conn, load_secrets(self.secret_file)).keys
        held = [hashed for hashed, _size, signed in kept if holds(signed, keys, hashes)]
        if held:
            with writing(self.engine) as conn:
                log_documents.explain(conn, held)
        return len(held) < len(kept)

    def _known(self) -> tuple[int, bytes] | None:
        return read_head_file(head_path(self.secret_file))

    def _unchanged(self, head: HeadRow) -> LogCondition:
        """Return the state where nothing is due, by the head alone: hashing everything is for when something is."""
        known = self._known()
        if known is not None and known[0] > head.size:
            return LogCondition.AHEAD
        if known is None or known[0] < head.size:
            self._publish()  # another machine made the batch; this one notes it
        return LogCondition.CURRENT

    def may_go_on(self, head: HeadRow) -> LogCondition:
        """Return CURRENT where the next batch may be made, else why not; everything is hashed anew.

        Raises StoreFailed, OSError, LogHeadDamaged.
        """
        if self._has_other(head):
            return LogCondition.OTHER
        with reading(self.engine) as conn:
            now = store_log.head(conn) or head
            if lacks_key(conn, load_secrets(self.secret_file), now.day):
                return LogCondition.KEY
            raws = store_log.leaves(conn, 0, now.size)
        return judge_head(now, [tlog.leaf_hash(raw) for raw in raws], self._known())

    def _roster(self, conn: Connection) -> Roster:
        return roster_of(conn, self.secret_file)

    def enter_now(self) -> bool:
        """Put cards into the log that may not wait for the next batch; tell whether the whole list is in it now.

        Raises as `run` does.
        """
        with reading(self.engine) as conn:
            head = store_log.head(conn)
        if head is None:
            return True  # what a log begins with is the whole list
        if self._has_founders(head) and self.may_go_on(head) is LogCondition.CURRENT:
            self._add_founders()
        with reading(self.engine) as conn:
            return not self._roster(conn).waiting

    def _has_founders(self, head: HeadRow) -> bool:
        with reading(self.engine) as conn:
            return self._needs_founders(conn, head, self._roster(conn))

    def _needs_founders(self, conn: Connection, head: HeadRow, roster: Roster) -> bool:
        """Tell whether cards have to be in the log at once: no report was taken yet and no day has a batch, or nobody
        in the log reads any more, so that no report could be taken. Leaves that wait keep the tags of the list as it
        was.
        """
        if len(roster.listing) <= head.list_length:
            return False
        if roster.sealed_to:
            return not store_log.batches(conn) and not store_log.waiting(conn)
        return bool(roster.listing.readers())

    def _add_founders(self) -> None:
        with writing(self.engine) as conn:
            if not store_log.take_batch_turn(conn):
                return
            head, roster = store_log.head(conn), self._roster(conn)
            if head is None or not self._needs_founders(conn, head, roster):
                return
            new_documents = roster.listing.documents[head.list_length :]
            plain = logbatch.plain_batch(new_documents, roster.listing.prefix().digest)
            rows, new = _grown(conn, head, plain, list_length=len(roster.listing))
            store_log.grow(conn, head, new, rows, None)
        self._publish()

    def _make(self, day: date) -> bool:
        """Make one day's batch; False when another server was faster or is at it."""
        with writing(self.engine) as conn:
            if not store_log.take_batch_turn(conn):
                return False
            head = store_log.head(conn)
            if head is None or head.day is None or head.day >= day:
                return False
            leaves, new = self._batch(conn, head, day)
            self.step("planned")
            if not store_log.grow(conn, head, new, leaves, day):
                return False
            self.step("written")
        self.step("committed")
        self._publish()
        return True

    def _batch(self, conn: Connection, head: HeadRow, day: date) -> tuple[list[tuple[bytes, bytes]], HeadRow]:
        roster = self._roster(conn)
        waits = store_log.pending(conn, day)
        length = waits[0][2] if waits else head.list_length
        plain = logbatch.list_leaves(roster.listing.documents[head.list_length :])
        plain += [document_leaf("witness", raw) for raw in store_log.new_witnesses(conn)]
        release = None if self.release is None else sha256(self.release).digest()
        if self.release is not None and release != head.release:
            plain.append(self.release)
        waiting = [row for row in log_documents.documents(conn) if row.index is None]
        plain += [row.raw for row in waiting if row.word != "key" or read_key_leaf(row.raw).day == day]
        batch = logbatch.NewBatch(
            day=day,
            first=head.size,
            plain=plain,
            acts=[raw for _, raw, _ in waits],
            tags=len(roster.listing.readers(min(length, len(roster.listing)))),
            roster=roster.listing.prefix().digest,
            policy=policy_of_next(conn, day),
            rule=log_rule(),
        )
        rows, new = _grown(conn, head, batch.leaves(head.hidden), list_length=len(roster.listing))
        return rows, replace(new, day=day, release=release or head.release)

    def _publish(self) -> None:
        """Sign the log as it is in the database, note it beside the secret file, and publish it."""
        with reading(self.engine) as conn:
            head, own = store_log.head(conn), load_secrets(self.secret_file)
            chain = chain_in(conn, own)
        if head is None:
            return
        checkpoint = note.Checkpoint(chain.keys.newest.name, head.size, head.root)
        signed = note.sign_checkpoint(checkpoint, *signing_seeds(chain, own, head.size, head.day))
        self.step("signed")
        write_head_file(head_path(self.secret_file), head.size, head.root)
        self.step("noted")
        if head.published != head.size:
            with writing(self.engine) as conn:
                store_log.publish(conn, head.size, signed)
        self.step("published")


def roster_of(conn: Connection, secret_file: Path) -> Roster:
    """Return the roster as the server uses it. Raises SecretFileError."""
    first_card = load_secrets(secret_file).first_card
    documents = store_cards.documents(store_cards.enrolled(conn))
    return fitting_roster(documents, first_card, store_log.listed(conn))


def _grown(
    conn: Connection, head: HeadRow, leaves: Sequence[bytes], list_length: int
) -> tuple[list[tuple[bytes, bytes]], HeadRow]:
    """Return rows (hash, bytes) of new leaves, and the head behind them."""
    rows = [(tlog.leaf_hash(leaf), leaf) for leaf in leaves]
    hashes = [*store_log.hashes(conn, head.size), *(hashed for hashed, _ in rows)]
    new = replace(head, size=len(hashes), root=tlog.root_of(hashes), list_length=list_length)
    return rows, new


def begin_log(
    conn: Connection,
    secret_file: Path,
    hidden: int = logbatch.DEFAULT_HIDDEN,
    witnesses: Sequence[note.VerifierKey] = (),
) -> None:
    """Give a site's log its first leaves, where it has none. `hidden`: N, 16 or 64; `witnesses`: those outside.

    Raises SecretFileError, NoSite, PolicyMalformed.
    """
    if store_log.head(conn) is not None:
        return
    roster = roster_of(conn, secret_file)
    salt, seed = store_site.get(conn).salt, load_secrets(secret_file).sign_seed
    leaves = logbatch.founding_leaves(salt, seed, hidden, log_rule(), witnesses)
    leaves += logbatch.plain_batch(roster.listing.documents, roster.listing.prefix().digest)
    rows = [(tlog.leaf_hash(leaf), leaf) for leaf in leaves]
    root = tlog.root_of([hashed for hashed, _ in rows])
    store_log.begin(conn, HeadRow(len(rows), root, hidden, None, len(roster.listing)), rows)
