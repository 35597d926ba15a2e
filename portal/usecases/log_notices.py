"""Notices about the log on pages: its witnesses, a changed policy, a restore. No Flask
in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from crypto import logbatch, note
from crypto.errors import BadData
from crypto.log_errors import BadLog
from crypto.log_key import KeyChain, begun, chain_of_stored
from crypto.log_policy import SHOWN_DAYS, LoggedPolicy, outside, read_policy_leaf
from crypto.log_witness import read_witness
from crypto.plainleaf import ContinuesLeaf, continued, read_restored
from portal.context import Portal
from store import log as store_log
from store import log_documents
from store.db import StoreFailed, reading
from store.log import HeadRow, LogState

NOTICE_SECONDS: Final = 30.0


@dataclass(frozen=True)
class LogNotices:
    """The notices that every page about the log shows for 90 days.

    `restored`: the day from which reports, messages and answers may have been lost when an older copy of the database
    was put back; who sent something from that day on should send it again. `policy_changed`: the day whose batch has a
    changed policy (whose cosignatures count). `continues`: the day whose batch says that this log is in place of
    another one that could not go on.
    """

    restored: date | None = None
    policy_changed: date | None = None
    continues: date | None = None


@dataclass(frozen=True)
class SeenBy:
    """Who cosigned the newest checkpoint. `desks`: how many auditors' desks; `witnesses`: names of those outside the
    company that did; `named`: how many outside the policy names (0: the log has no outside witness); `has_quorum`:
    whether those are enough by the policy, True where it asks for none; `size`: leaves of the checkpoint.
    """

    desks: int
    witnesses: tuple[str, ...]
    named: int
    has_quorum: bool
    size: int


class NoticesMemory:
    """The notices of pages, asked of the database at most every half minute: the form is looked at often.

    One request at a time asks, and a database that fails is asked again after half a minute: while it hangs, all other
    pages that need nothing of it come at once, with what was known last.
    """

    def __init__(self) -> None:
        self._kept: LogNotices | None = None
        self._asked: tuple[float, date] | None = None

    @property
    def last(self) -> LogNotices:
        """The notices that were shown last, or none."""
        return self._kept or LogNotices()

    def of(self, portal: Portal) -> LogNotices:
        """Return what pages tell now; what was known last, or nothing, while the database fails."""
        now, today = portal.now(), portal.today()
        asked = self._asked
        is_recent = asked is not None and asked[1] == today and 0 <= now - asked[0] < NOTICE_SECONDS
        if not is_recent or self._kept is None:
            # Before the answer: other requests do not wait for it.
            self._asked = now, today
            with suppress(StoreFailed):
                self._kept = notices(portal, today)
        return self.last


def notices(portal: Portal, today: date) -> LogNotices:
    """Return what pages tell on a day. Raises StoreFailed."""
    with reading(portal.engine) as conn:
        rows = log_documents.documents(conn)
    recent = [row for row in rows if row.day is None or row.day >= today - timedelta(days=SHOWN_DAYS)]
    restored = [read_restored(row.raw) for row in recent if row.word == "restored"]
    changed = [row.day for row in recent if row.word == "policy" and row.day is not None]
    continues = [row.day for row in recent if row.word == "continues" and row.day is not None]
    dates = [max(days, default=None) for days in (changed, continues)]
    return LogNotices(min(restored, default=None), *dates)


def continued_logs(portal: Portal) -> list[ContinuesLeaf]:
    """Return which logs this one is in place of; none while the database fails."""
    try:
        with reading(portal.engine) as conn:
            rows = log_documents.documents(conn)
    except StoreFailed:
        return []
    return continued(row.raw for row in rows if row.word == "continues" and row.index is not None)


def policy_in_force(conn: Connection) -> LoggedPolicy | None:
    """Return the policy that counts; None before the log was begun."""
    rows = [row for row in log_documents.documents(conn) if row.in_force and row.index is not None]
    return read_policy_leaf(rows[-1].raw, rows[-1].index or 0, rows[-1].day) if rows else None


def policy_witnesses(conn: Connection) -> list[note.VerifierKey]:
    """Return the witnesses of the policy that counts and of changes in the log that don't yet."""
    rows = log_documents.documents(conn)
    counting = max((row.index or 0 for row in rows if row.in_force), default=0)
    keys: dict[note.VerifierKey, None] = {}
    for row in rows:
        if row.word == "policy" and row.index is not None and row.index >= counting:
            policy = read_policy_leaf(row.raw, row.index, row.day).policy
            keys |= dict.fromkeys(policy.witnesses.values())
    return list(keys)


def desk_keys(portal: Portal, conn: Connection) -> list[note.VerifierKey]:
    """Return the cosigning keys of the desks whose cards are not retired."""
    roster, salt = portal.roster(conn), portal.salt()
    return [
        read_witness(raw, salt).vkey for key_id, raw in store_log.witnesses(conn) if roster.is_active(key_id)
    ]


def log_chain(portal: Portal, conn: Connection) -> KeyChain:
    """Return the keys of this site's log."""
    first = logbatch.log_verifier(portal.salt(), portal.secrets.sign_seed)
    rows = log_documents.documents(conn)
    stored = [(row.index, row.raw) for row in rows if row.word == "key" and row.index is not None]
    return chain_of_stored(first, portal.salt(), stored)


def known_chain(portal: Portal) -> KeyChain:
    """Return the keys of this site's log, only the first one while the database fails."""
    try:
        with reading(portal.engine) as conn:
            return log_chain(portal, conn)
    except StoreFailed:
        return begun(logbatch.log_verifier(portal.salt(), portal.secrets.sign_seed))


def known_cosigners(portal: Portal, conn: Connection) -> list[note.VerifierKey]:
    """Return everybody whose cosignature this site takes: desks, and the witnesses of the policy."""
    named = policy_witnesses(conn)
    taken = {key.pk for key in named}
    return [*named, *(key for key in desk_keys(portal, conn) if key.pk not in taken)]


def seen_by(portal: Portal) -> SeenBy | None:
    """Return who cosigned the newest checkpoint; None before the log was begun. Raises StoreFailed."""
    with reading(portal.engine) as conn:
        return _seen_by(portal, conn, store_log.head(conn))


@dataclass(frozen=True)
class Signers:
    """Who cosigned. `seen`: the newest checkpoint; `size`: leaves of the largest one that anybody known cosigned."""

    seen: SeenBy | None
    size: int


def signers(portal: Portal, log: LogState) -> Signers:
    """Return who cosigned, checked anew where something has changed, and after half a minute at the latest.

    Raises StoreFailed.
    """
    head = log.head
    state = (portal.today(), head.size, head.published, head.note, log.signers)
    made: Signers = portal.log_signers.get(state, portal.now(), lambda: _signers(portal))
    return made


def _signers(portal: Portal) -> Signers:
    with reading(portal.engine) as conn:
        return Signers(_seen_by(portal, conn, store_log.head(conn)), cosigned_size(portal, conn))


def _seen_by(portal: Portal, conn: Connection, head: HeadRow | None) -> SeenBy | None:
    policy = policy_in_force(conn)
    lines = store_log.cosignatures(conn, head.published) if head else []
    desks, keys = desk_keys(portal, conn), log_chain(portal, conn).keys
    if head is None or policy is None or not head.note:
        return None
    signed = _cosigned(head.note, lines, keys, [*policy.policy.witnesses.values(), *desks])
    others = outside(policy.policy)
    names = tuple(sorted(key.name for key in others if key in signed))
    return SeenBy(
        sum(key in signed for key in desks),
        names,
        len(others),
        policy.policy.has_quorum(signed),
        head.published,
    )


def cosigned_size(portal: Portal, conn: Connection) -> int:
    """Return the leaves of the largest published checkpoint that a desk or a named witness cosigned; 0 for none."""
    log, policy = log_chain(portal, conn).keys, policy_in_force(conn)
    named = policy.policy.witnesses.values() if policy else ()
    known = {key.name: key for key in [*named, *desk_keys(portal, conn)]}
    largest = 0
    for name, size in store_log.newest_sizes(conn):
        signed, key = store_log.checkpoint(conn, size), known.get(name)
        if size > largest and signed and key:
            is_signed = _cosigned(signed, [store_log.cosignature(conn, name, size)], log, [key])
            largest = size if is_signed else largest
    return largest


def _cosigned(
    signed: str, lines: Sequence[str], log: note.LogKeys, keys: Sequence[note.VerifierKey]
) -> list[note.VerifierKey]:
    try:
        whole = note.with_lines(signed, [note.read_line(line) for line in lines])
        return list(note.read_checkpoint(whole, log, list(dict.fromkeys(keys))).cosigned)
    except (BadLog, BadData):
        return []
