"""Re-wraps content keys of earlier envelopes for a newly enrolled key.

For every envelope in the server's feed one grant is sent. Where this desk can open the envelope and the colleague may
see its case, it holds the envelope's key; everywhere else it is a throw-away that looks the same. So the server learns
neither who was excluded from a case, nor who stepped back, nor which cases are closed to this desk.

A run goes through the feed from its beginning up to where it ended when the run was begun (what comes later is
sealed to the new key anyway), in steps; its place is kept after each request that the server took.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from admin.desk.casework import content, opening
from admin.desk.casework.addressed import FLOORS, read_floors
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.copy import Cache, EnvelopeLine
from admin.desk.server.client import Server
from admin.desk.server.responses import Change
from admin.desk.server.session import BATCH, GRANTS_AT_ONCE, AuditorSession
from cases.status import CLOSED
from crypto import seal
from crypto.cards import Card
from crypto.encoding import canonical_json, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity

STEP: Final = 2 * GRANTS_AT_ONCE
"""Envelopes of one step: a page of it is there within seconds, and an interruption costs no more than one."""

Grant = tuple[bytes, bytes, bytes]
"""Envelope id, key id, sealed key."""


@dataclass(frozen=True)
class HandoverProgress:
    """How far a run is. `after` and `last` are places in the feed; `closed`: closed cases too.

    `given` counts envelopes with a real grant, `others` those with a throw-away; of these, `unread` are in cases that
    this desk could not read whole: a colleague's desk may be able to.
    """

    after: int
    last: int
    closed: bool = False
    given: int = 0
    others: int = 0
    unread: int = 0

    @property
    def is_done(self) -> bool:
        """Tell whether all was gone through."""
        return self.after >= self.last

    def encode(self) -> bytes:
        """Return what is kept of a run."""
        return canonical_json(self.__dict__)


@dataclass(frozen=True, repr=False)
class Handover:
    """Everything that a run needs: own keys, the server, the local copy, the checked list, whom it is for."""

    identity: Identity
    server: Server
    cache: Cache
    roster: SiteRoster
    newcomer: Card

    @property
    def session(self) -> AuditorSession:
        """This auditor's session with the server."""
        return AuditorSession(self.server, self.identity, self.roster.salt)

    @property
    def _name(self) -> str:
        return f"grants:{hex_id(self.newcomer.key_id)}"

    def run(self) -> HandoverProgress | None:
        """Return how far the run for this key is; None when none was begun here."""
        kept = self.cache.get(self._name)
        return HandoverProgress(**json.loads(kept)) if kept is not None else None

    def begin(self, closed: bool) -> HandoverProgress:
        """Begin a run, from the beginning of the feed to what is known now. An earlier run's grants are replaced."""
        return self._keep(HandoverProgress(0, self.cache.cursor(), closed))

    def step(self, run: HandoverProgress) -> HandoverProgress:
        """Go on; the place is kept after each request. Raises ServerTrouble, ServerRefusal, CacheUnusable."""
        feed = self.session.changes(run.after)
        changes, more = feed.changes, feed.more
        within = [change for change in changes if change.seq <= run.last]
        envelopes = [change for change in within if change.envelope_id is not None][:STEP]
        cases = HandoverCases(self, run.closed)
        for start in range(0, len(envelopes), GRANTS_AT_ONCE):
            part = envelopes[start : start + GRANTS_AT_ONCE]
            cases.fetch({change.case_id for change in part})
            made = [cases.grant(change) for change in part]
            self.session.add_grants([grant for grant, _why in made])
            words = [why for _one, why in made]
            run = self._keep(
                replace(
                    run,
                    after=part[-1].seq,
                    given=run.given + words.count("given"),
                    others=run.others + len(words) - words.count("given"),
                    unread=run.unread + words.count("unread"),
                )
            )
        if len(envelopes) < STEP:
            # Behind the last envelope there may be statuses, or nothing any more.
            end = within[-1].seq if more and within and len(within) == len(changes) else run.last
            run = self._keep(replace(run, after=max(run.after, end)))
        return run

    def _keep(self, run: HandoverProgress) -> HandoverProgress:
        self.cache.put({self._name: run.encode()})
        return run


class HandoverCases:
    """The cases of one step, each opened once."""

    def __init__(self, granting: Handover, closed: bool) -> None:
        self._of = granting
        self._closed = closed
        self._known: dict[bytes, str] = {}

    def fetch(self, case_ids: Collection[bytes]) -> None:
        """Fetch what is not here of some cases. All are treated alike, and nothing is asked for twice: the server must
        not learn from a desk's requests which cases it can't open.
        """
        of, ids = (
            self._of,
            [envelope.envelope_id for case_id in case_ids for envelope in self._of.cache.wanted(case_id)],
        )
        there = of.cache.sealed(ids)
        missing = [envelope_id for envelope_id in ids if envelope_id not in there]
        for start in range(0, len(missing), BATCH):
            of.cache.add_sealed(of.session.envelopes(missing[start : start + BATCH]))

    def open(self, case_id: bytes) -> OpenedCase | None:
        """Open a case from what is here; None when there is none."""
        of = self._of
        line, envelopes = of.cache.case(case_id), of.cache.envelopes(case_id)
        if line is None:
            return None
        sealed = of.cache.sealed([envelope.envelope_id for envelope in envelopes])
        statuses = of.cache.statuses(case_id)
        floors = read_floors(of.cache.get(FLOORS))
        return opening.open_case(line, envelopes, sealed, statuses, of.roster, of.identity, floors)

    def grant(self, change: Change) -> tuple[Grant, str]:
        """Return an envelope's grant and how it came about: given, kept (not to be given), unread."""
        if change.envelope_id is None:
            raise ValueError("a grant is for an envelope")
        newcomer = self._of.newcomer
        why = self._verdict(change.case_id)
        key = self._content_key(change) if why == "given" else None
        if why == "given" and key is None:
            why = "unread"
        sealed = seal.throwaway_grant() if key is None else seal.grant(key, newcomer.box_pk)
        return (change.envelope_id, newcomer.key_id, sealed), why

    def _verdict(self, case_id: bytes) -> str:
        if case_id not in self._known:
            case = self.open(case_id)
            self._known[case_id] = verdict(case, self._of.newcomer, self._of.roster, self._closed)
        return self._known[case_id]

    def _content_key(self, change: Change) -> bytes | None:
        if change.envelope_id is None:
            return None
        sealed = self._of.cache.sealed([change.envelope_id]).get(change.envelope_id)
        line = EnvelopeLine(change.envelope_id, change.kind or 0, change.day, None)
        opened = content.open_one(line, sealed, self._of.identity)
        # The server says in which case it lies; what is sealed in it says whether that is true. A message of a case
        # that the newcomer may not see could be handed over as one of another case.
        in_place = opened is not None and opened.payload.get("case_id") == hex_id(change.case_id)
        return opened.content_key if opened is not None and in_place else None


def verdict(case: OpenedCase | None, newcomer: Card, roster: SiteRoster, closed: bool) -> str:
    """Tell whether a colleague's new key gets a case: given, kept, or unread.

    A case that this desk can't read whole is not given: what is missing may say that the colleague is excluded.
    """
    if case is None or not case.is_open or not is_whole(case):
        return "unread"
    if newcomer.key_id in case.out(roster):
        return "kept"
    return "kept" if case.status == CLOSED and not closed else "given"


def is_whole(case: OpenedCase) -> bool:
    """Tell whether this desk reads all of a case that says who may read it."""
    # The reporter's words name who is excluded, the auditors' records who stepped back.
    telling = [entry for entry in case.entries if entry.kind in (Kind.FROM_REPORTER, Kind.RECORD)]
    return all(entry.opened for entry in telling) and not (
        case.choice_withheld or any(entry.gap for entry in case.entries)
    )
