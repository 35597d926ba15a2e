"""The desk as a witness of the log: it fetches, compares and cosigns (docs/format.md, 5.8). No Flask in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Final

from admin.desk.casework import log_state
from admin.desk.casework.log_checks import (
    STOPS,
    LogAlert,
    LogFault,
    LoggedEnvelope,
    age_alerts,
    check_acts,
    check_batch,
    gaps,
    list_alerts,
    newest_day,
    read_log,
)
from admin.desk.casework.log_leaves import ChangedKey, changed_key, cosigners, newest_of, readers_of_all
from admin.desk.casework.log_proof import proof_of_burying
from admin.desk.casework.log_state import KeptLog
from admin.desk.casework.logged_cases import LoggedCases
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.local.copy import Cache
from admin.desk.server import log_files
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.responses import SealedBytes, ServerTrouble
from admin.desk.server.session import AuditorSession
from cases.log_rule import log_rule
from crypto.identity import Identity
from crypto.log_errors import BadLog, BadNote
from crypto.log_key import chain_of
from crypto.log_mirror import (
    LogForked,
    LogOlder,
    LogUnproven,
    check_other,
    claimed_size,
    day_at,
    extend,
    without_cosignatures,
)
from crypto.log_witness import make_witness, witness_name, witness_seed
from crypto.note import cosign, read_note, with_lines
from crypto.plainleaf import Batch, ContinuesLeaf, continued
from crypto.tlog import leaf_hash

_JAPAN: Final = timezone(timedelta(hours=9))
LOG_SILENCE: Final = 900.0
"""Seconds after which a log that was behind is asked for again."""

Fetch = Callable[[Situation, Sequence[bytes]], tuple[Mapping[bytes, SealedBytes], bool]]


@dataclass(frozen=True)
class LogPage:
    """The data of the desk's page about the log. `newest`: the newest day; `desks`: how many desks cosigned it;
    `changed`: the newest change of the log's key; `continues`: logs that this one is in place of.
    """

    state: KeptLog
    newest: date | None
    desks: int
    changed: ChangedKey | None = None
    continues: tuple[ContinuesLeaf, ...] = ()


@dataclass(repr=False)
class LogWatch:
    """One auditor's desk in front of one site's log. `fetch`: returns sealed bytes and whether all could be asked for.

    `today`: the day in Japan.
    """

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]
    fetch: Fetch

    @property
    def cases(self) -> LoggedCases:
        """What the copy says of the cases beside the log."""
        return LoggedCases(self.identity, self.cache)

    def is_due(self) -> bool:
        """Tell whether the log is to be asked for: once a day, and again where yesterday's batch was not there."""
        state = log_state.load(self.cache)
        if state.asked != self.today():
            return True
        if not self.server.log_is_due():
            return False
        return state.newest is None or state.newest < self.today() - timedelta(days=1)

    def look(self, situation: Situation) -> None:
        """Fetch what is new, compare it, keep what was found, cosign what fits.

        Raises ServerTrouble, CacheUnusable, Locked: then nothing changed.
        """
        state = log_state.load(self.cache)
        self.server.log_was_asked(LOG_SILENCE)
        note = log_files.checkpoint(self.server)
        state = replace(state, asked=self.today())
        if note is None:
            gone = [LogAlert(LogFault.SHRUNK)] if state.size else []
            log_state.save(self.cache, replace(state, alerts=_merged(state.alerts, gone)))
            return
        state = replace(state, first_day=state.first_day or self.today())
        kept = log_state.leaves(self.cache)
        try:
            state, new = self._extended(state, kept, note, situation.roster)
        except LogForked:
            log_state.save(self.cache, _forked(state, note))
            self._tell(state.note)
            return
        except BadLog:
            log_state.save(
                self.cache, replace(state, alerts=_merged(state.alerts, [LogAlert(LogFault.MALFORMED)]))
            )
            return
        state = self._compared(situation, state, [*kept, *new])
        log_state.save(self.cache, state, new)
        with suppress(ServerTrouble, ServerRefusal):  # a checkpoint that is not cosigned today is tomorrow
            self._cosign(state, situation.roster)

    def _extended(
        self, state: KeptLog, kept: Sequence[bytes], note: str, roster: SiteRoster
    ) -> tuple[KeptLog, list[bytes]]:
        """Return the state with a newer checkpoint, and the leaves that it has more.

        Raises LogForked; BadLog where it is no checkpoint of this log or its leaves don't give its root.
        """
        size = claimed_size(note)
        new = log_files.leaves(self.server, len(kept), size, len(kept)) if size > len(kept) else []
        site, _batches = read_log([*kept, *new][:1])
        if site.salt != roster.salt or site.site_pk != roster.site_pk:
            raise BadNote
        try:
            read = extend(note, site.log, kept, new).checkpoint
        except LogOlder:
            self._tell(state.note)
            return replace(state, alerts=_merged(state.alerts, [LogAlert(LogFault.SHRUNK)])), []
        except LogUnproven:
            check_other(note, site.log, log_files.leaves(self.server, 0, size, len(kept)) if kept else [])
            raise
        alerts = tuple(alert for alert in state.alerts if alert.fault is not LogFault.SHRUNK)
        return replace(state, note=note, size=read.size, alerts=alerts), new

    def _tell(self, note: str) -> None:
        """Hand in the kept checkpoint: a server that was put back to an older state learns of it, and stops."""
        with suppress(ServerTrouble, BadLog):
            log_files.tell_checkpoint(self.server, without_cosignatures(note))

    def _compared(self, situation: Situation, state: KeptLog, leaves: Sequence[bytes]) -> KeptLog:
        """Return the state after each batch that is new, or did not fit, was compared with the feed."""
        lists = _lists_of(situation.roster)
        try:
            _site, batches = read_log(leaves)
            of_list = list_alerts(batches, lists)
            faults = chain_of(leaves).faults
        except BadLog:
            return replace(state, alerts=_merged(state.alerts, [LogAlert(LogFault.MALFORMED)]))
        batch = newest_day(batches)
        newest = batch.day.day if batch and batch.day else None
        first = state.first_day or self.today()
        alerts = [alert for alert in state.alerts if alert.fault in (LogFault.FORK, LogFault.SHRUNK)]
        alerts += of_list + [LogAlert(LogFault.MALFORMED, day) for day in gaps(batches)]
        alerts += [LogAlert(LogFault.MALFORMED, day_at(batches, index)) for index, _class in faults]
        alerts += age_alerts(newest, first, self.today())
        again = {alert.day for alert in state.alerts}
        acts, checked, cases = list(state.acts), state.checked, self.cases.open_cases()
        for batch in batches:
            is_new = batch.first >= state.checked
            if batch.day is None or not (is_new or batch.day.day in again):
                continue
            compared = self._day(situation, batch, state, is_new)
            if compared is not None and batch.day is not None:
                compared += check_acts(batch.day.day, batch.hidden, cases)
            if compared is None:
                break  # what belongs to it could not be fetched: another time
            alerts += compared
            if is_new:
                checked = batch.day.end
            there = {leaf_hash(leaf) for leaf in batch.hidden}
            acts = [act for act in acts if act.day != batch.day.day or act.leaf not in there]
        agreed = state.agreed if alerts or checked < len(leaves) else self.today()
        alerts = list(_merged(alerts, ()))
        return replace(
            state, alerts=tuple(alerts), acts=tuple(acts), checked=checked, agreed=agreed, newest=newest
        )

    def _day(self, situation: Situation, batch: Batch, state: KeptLog, is_new: bool) -> list[LogAlert] | None:
        """Return what does not fit in one day's batch; None where the envelopes of that day can't be asked for."""
        if batch.day is None:
            return []
        day = batch.day.day
        sent = self.cache.sent_by_reporters(day)
        sealed, asked = self.fetch(situation, [line.envelope_id for _case, line in sent])
        if not asked:
            return None
        keys: dict[bytes, tuple[bytes, ...] | None] = {}
        envelopes = []
        for case_id, line in sent:
            if case_id not in keys:
                keys[case_id] = self.cases.log_keys(case_id)
            raw = sealed.get(line.envelope_id)
            digest = sha256(raw.raw).digest() if raw else None
            envelopes.append(LoggedEnvelope(case_id, digest, keys[case_id]))
        lists = _lists_of(situation.roster)
        # Before this desk met the log it may be that what is gone was deleted as the rules have it.
        is_old = is_new and state.first_day is not None and day < state.first_day
        explained = len(self.cache.deleted_ids()) if is_old or not is_new else 0
        acts = [act.leaf for act in state.acts if act.day == day]
        own = self.identity.box_sk, self.identity.box_pk
        readers = readers_of_all(situation.roster)
        return check_batch(batch.day, batch.hidden, envelopes, acts, own, lists, explained, readers)

    def _cosign(self, state: KeptLog, roster: SiteRoster) -> None:
        if state.fork or any(alert.fault in STOPS for alert in state.alerts) or state.cosigned == state.size:
            return
        own = self.identity
        document = make_witness(roster.salt, own.key_id, own.seed, own.sign_seed)
        if document.encode() not in log_files.witnesses(self.server):
            AuditorSession(self.server, own, roster.salt).add_witness(document.encode())
        time = _cosigning_time(state.newest, self.today())
        name = witness_name(roster.salt, own.key_id)
        line = cosign(read_note(state.note).text, name, witness_seed(own.seed), time)
        if log_files.cosign(self.server, line.text()):
            note = with_lines(state.note, [line])
            log_state.save(self.cache, replace(state, note=note, cosigned=state.size))

    def state(self) -> KeptLog:
        """Return what is known of the log, without asking the server. Raises CacheUnusable, Locked."""
        return log_state.load(self.cache)

    def copy(self) -> tuple[str, list[bytes]]:
        """Return the newest checkpoint and all leaves, for a server that lost its own. Raises CacheUnusable, Locked."""
        return log_state.load(self.cache).note, log_state.leaves(self.cache)

    def proof(self, leaf: bytes) -> bytes | None:
        """Return the proof that an own act was left out, by its leaf's hash; None where there is none (yet).

        Raises CacheUnusable, Locked.
        """
        state = log_state.load(self.cache)
        act = next((act for act in state.acts if act.leaf == leaf), None)
        if act is None or not state.missing(act):
            return None
        with suppress(BadLog):
            return proof_of_burying(act, state.note, log_state.leaves(self.cache), log_rule())
        return None

    def page(self, roster: SiteRoster) -> LogPage:
        """Return what is shown about the log, without asking the server."""
        state = log_state.load(self.cache)
        leaves = log_state.leaves(self.cache)
        desks = len(cosigners(state.note, leaves, roster))
        return LogPage(state, newest_of(leaves), desks, changed_key(leaves), tuple(continued(leaves)))


def _lists_of(roster: SiteRoster) -> set[bytes]:
    """Return the digests of every state of the list that this desk knows."""
    listing = roster.listing
    return {listing.prefix(length).digest for length in range(len(listing) + 1)}


def _forked(state: KeptLog, note: str) -> KeptLog:
    return replace(
        state, fork=state.fork or (state.note, note), alerts=_merged(state.alerts, [LogAlert(LogFault.FORK)])
    )


def _merged(alerts: Sequence[LogAlert], new: Sequence[LogAlert]) -> tuple[LogAlert, ...]:
    return tuple(sorted({*alerts, *new}, key=lambda alert: alert.place))


def _cosigning_time(newest: date | None, today: date) -> int:
    """Return a cosignature's time: 03:00 of Japan after the newest batch's day, or of yesterday if that is later.

    A true time would tell when this auditor works.
    """
    day = max(today - timedelta(days=1), newest + timedelta(days=1) if newest else date.min)
    return int(datetime(day.year, day.month, day.day, 3, tzinfo=_JAPAN).timestamp())
