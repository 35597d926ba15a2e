"""Finds a reporter's messages in the log on the server, for pages without scripts. No Flask in here.

The code is in the request, and the log keys that follow from it; nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Final, Literal

from cases.days import format_day
from crypto import logbatch, logleaf, note, tlog
from crypto.encoding import b64e
from crypto.envelope import Kind
from crypto.errors import BadData, CryptoError
from crypto.log_errors import BadLog
from crypto.logpromise import LogPromise, open_promise
from crypto.plainleaf import day_of_batch
from crypto.receipt import Receipt
from portal.context import Portal
from portal.usecases import log_notices
from portal.usecases.conversation import Conversation
from portal.usecases.log_leaves import given_keys
from store import cases as store_cases
from store import log as store_log
from store.db import StoreFailed, reading

STALE_DAYS: Final = 2
_GRACE: Final = 600
_PORTION: Final = 4096
"""Leaves in memory at once."""
Where = Literal["in", "uncosigned", "waiting", "late", "missing", "unpromised"]
"""As in portal/scripts/log/acts.ts."""


@dataclass(frozen=True)
class LoggedLetter:
    """Where a letter is. `day`: whose batch has it, or has to; `by`: the day on which that batch comes."""

    where: Where
    day: date
    promise: LogPromise | None

    @property
    def by(self) -> date:
        """The day at whose 03:00 the batch is due."""
        return self.day + timedelta(days=1)

    @property
    def shown_promise(self) -> Mapping[str, str]:
        """The promise as text, for those who keep it; empty without one."""
        if self.promise is None:
            return {}
        day, signature = format_day(self.promise.day), b64e(self.promise.signature)
        return {"leaf": self.promise.leaf.hex(), "day": day, "signature": signature}


@dataclass(frozen=True)
class CaseLog:
    """The entries of the log about a case. `letters`: by envelope id; `stale`: the newest day where that is too old.

    `is_broken`: the stored leaves do not give the root of the newest checkpoint; then there are no letters.
    """

    letters: Mapping[bytes, LoggedLetter]
    seen: log_notices.SeenBy | None
    stale: date | None
    note: str
    is_broken: bool = False

    @property
    def is_missing(self) -> bool:
        """Tell whether something was promised and left out."""
        return any(letter.where == "missing" for letter in self.letters.values())


def newest_note(portal: Portal) -> str:
    """Return the newest checkpoint with all cosignatures; "" where there is none, or it can't be read just now.

    It is public, the same for everybody, and half a minute old at most: every report that is taken shows it.
    """
    try:
        return portal.log_note.get(portal.today(), portal.now(), lambda: _newest_note(portal))
    except StoreFailed:
        return ""


def _newest_note(portal: Portal) -> str:
    with reading(portal.engine) as conn:
        head = store_log.head(conn)
        lines = store_log.cosignatures(conn, head.published) if head else []
    if head is None or not head.note:
        return ""
    return note.with_lines(head.note, [note.read_line(line) for line in lines])


def of_case(portal: Portal, case: Conversation, receipt: Receipt) -> CaseLog | None:
    """Return where each letter of the reporter's is; None before the log was begun. Raises StoreFailed."""
    payloads = [opened.payload for key, opened in case.head.opened.items() if key in case.head.own]
    keys = [logleaf.log_key(receipt.root, epoch) for epoch in range(len(payloads) + 1)]
    keys += [key for key in given_keys(payloads) if key not in keys]
    now = int(portal.now())
    letters: dict[bytes, LoggedLetter] = {}
    log = case.stored.log
    if log is None:
        return None
    head = log.head
    # Hashing everything takes 5 microseconds a leaf: not for each look.
    state = (head.size, head.root, head.note)
    if not portal.log_fits.get(state, portal.now(), partial(_fits, portal, head)):
        return CaseLog({}, None, None, newest_note(portal), is_broken=True)
    batches = {day: (first, end) for day, first, end in log.batches if end <= head.published}
    signers = log_notices.signers(portal, log)
    look = _Look(portal, batches, keys, signers.size, day_of_batch(now - _GRACE))
    for row in case.stored.envelopes:
        if row.envelope_id in case.head.own:
            promise = _promise(row, receipt, portal.sign_pk())
            letters[row.envelope_id] = look.letter(row, promise)
    stale = head.day is not None and (logbatch.day_in_japan(now) - head.day).days > STALE_DAYS
    return CaseLog(letters, signers.seen, head.day if stale else None, newest_note(portal))


def _fits(portal: Portal, head: store_log.HeadRow) -> bool:
    """Tell whether the leaves themselves, not their stored hashes, give the root that the log's key signed."""
    if not head.note:
        return True
    hashes: list[bytes] = []
    # Leaves are only ever added: those of a head are the same later.
    with reading(portal.engine) as conn:
        try:
            signed = note.read_checkpoint(head.note, log_notices.log_chain(portal, conn).keys).checkpoint
        except (BadLog, BadData):
            return False
        for first in range(0, signed.size, _PORTION):
            hashes += map(tlog.leaf_hash, store_log.leaves(conn, first, min(first + _PORTION, signed.size)))
    return len(hashes) == signed.size and tlog.root_of(hashes) == signed.root


def _promise(row: store_cases.EnvelopeRow, receipt: Receipt, site_pk: bytes) -> LogPromise | None:
    if row.promise is None:
        return None
    try:
        return open_promise(row.promise, receipt.mailbox_pk, receipt.mailbox_sk, site_pk)
    except BadData:
        return None


@dataclass(frozen=True)
class _Look:
    portal: Portal
    batches: Mapping[date, tuple[int, int]]
    keys: list[bytes]
    cosigned: int
    due: date

    def letter(self, row: store_cases.EnvelopeRow, promise: LogPromise | None) -> LoggedLetter:
        day = promise.day if promise else row.day
        there = self.batches.get(day)
        if there is None:
            return LoggedLetter("late" if day <= self.due else "waiting", day, promise)
        with reading(self.portal.engine) as conn:
            leaves = store_log.leaves(conn, *there)
        is_it = (lambda leaf: tlog.leaf_hash(leaf) == promise.leaf) if promise else self._names(row)
        if any(map(is_it, leaves)):
            return LoggedLetter("in" if there[1] <= self.cosigned else "uncosigned", day, promise)
        return LoggedLetter("missing" if promise else "unpromised", day, promise)

    def _names(self, row: store_cases.EnvelopeRow) -> Callable[[bytes], bool]:
        digest = sha256(row.raw).hexdigest()
        kind = "report" if row.kind == Kind.REPORT else "message"

        def names(leaf: bytes) -> bool:
            for key in self.keys:
                try:
                    opening = logleaf.open_leaf(key, leaf)
                except CryptoError:
                    continue
                return opening.kind == kind and opening.fields[1] == digest
            return False

        return names
