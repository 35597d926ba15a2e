"""Fetching: the roster, changes, sealed bytes. No Flask in here.

Requests are few by design: opening the inbox asks for the cards once, for what is new since the last time
once (once more for every thousand changes), and for the sealed bytes of the reports on the page that were
never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from admin.desk.casework.addressed import FLOORS, read_floors, with_floor, written_floors
from admin.desk.casework.grants import Grants
from admin.desk.casework.register import Register
from admin.desk.casework.roster import SiteRoster, TrustBroken, checked_against, read_roster
from admin.desk.casework.situation import NotEnrolled, Retired, Situation
from admin.desk.local.copy import Cache
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.responses import SealedBytes, ServerTrouble, Trouble, year_total
from admin.desk.server.session import BATCH, AuditorSession
from cases import roles
from cases.days import format_day
from cases.deadlines import Promises
from cases.totals import YearTotal
from crypto.encoding import canonical_json
from crypto.identity import Identity
from crypto.listing import Floor


@dataclass(repr=False)
class Sync:
    """The desk's way to the server. `today`: the day in Japan."""

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]
    _register_told: tuple[int, bytes] | None = field(default=None, init=False)
    """Number and hash of the newest record of the register, as the server said last."""
    register_fault: str = field(default="", init=False)
    """The fault of the server's register when it was asked last."""

    def refresh(self) -> Situation:
        """Fetch the cards and what is new.

        Where the server can't be asked, what was fetched before has to do; without any, raises ServerTrouble. A page
        that is not to wait (`Server.limit`) goes on with it as soon as the server is slow.
        Raises TrustBroken, NotEnrolled, Retired, CacheUnusable: then nothing may be sent.
        """
        if self.server.limit is None or self._known() is None or self.cache.cursor() == 0:
            with self.server.within(None), self.cache.pulling:
                return self._refresh()
        silence = self.server.silence()
        if silence is None and self.cache.pulling.acquire(timeout=self.server.limit):
            try:
                return self._refresh()
            finally:
                self.cache.pulling.release()
        return self._as_before(silence or ServerTrouble(Trouble.SLOW))

    def _refresh(self) -> Situation:
        try:
            current = self._meet(self._known())
            self._check_own(current)
            acted: tuple[bytes, ...] | None = None
            rewound, floor = False, Floor(current.in_log, len(current.listing))
            role = current.role_of(self.identity.key_id)
            if roles.reads_reports(role) or roles.reads_given_cases(role):
                before = self.cache.cursor()
                rewound = self._pull(current.salt, roles.reads_given_cases(role))
                reached = self.cache.cursor()
                if reached != before:
                    # What came may go by a list that is newer than the one that was asked for first.
                    current = self._meet(current)
                if roles.reads_reports(role):
                    # A guest's changes come when the case was given, and not when they were made.
                    self._note_floor(floor, reached, rewound)
                acted = self._bury(current)
            self._learn(current.salt)
            if roles.reads_reports(current.role_of(self.identity.key_id)):
                self._exchange_readings(Situation(current))
                self._exchange_register(Situation(current))
            self._look_at_log(Situation(current, rewound=rewound))
        except ServerTrouble as trouble:
            self.server.note(trouble)
            return self._as_before(trouble)
        self.server.note(None)
        return Situation(current, rewound=rewound, acted=acted)

    def _as_before(self, trouble: ServerTrouble) -> Situation:
        known = self._known()
        if known is None or self.cache.cursor() == 0:
            raise trouble  # nothing was fetched yet that could be shown instead
        self._check_own(known)
        return Situation(known, trouble)

    def _note_floor(self, floor: Floor, reached: int, rewound: bool) -> None:
        """Note what was known of the list ahead of what comes behind the feed's present end (format.md, 2.5)."""
        kept_before = self._floors()
        new = with_floor([] if rewound else kept_before, reached, floor)
        if new != kept_before:
            self.cache.put({FLOORS: written_floors(new)})

    def _floors(self) -> list[tuple[int, Floor]]:
        return read_floors(self.cache.get(FLOORS))

    def _learn(self, salt: bytes) -> None:
        """Fetch what the operator has set, once a day. It is the server's word: no clock of the law hangs on it."""
        kept, today = json.loads(self.cache.get("site") or b"{}"), format_day(self.today())
        if kept.get("asked") == today:
            return
        facts = self.session(salt).site()
        promises = asdict(facts.promises)
        received = [
            {"year": format_day(year.first), "received": year.received, "deleted": year.deleted}
            for year in facts.received
        ]
        new = {"asked": today, "designated": facts.designated, "promises": promises, "received": received}
        self.cache.put({"site": canonical_json(new)})
        if kept and kept.get("promises") != promises:
            self.cache.summaries_are_stale()

    def known(self) -> Situation:
        """Return the desk's situation without asking the server. Raises what `refresh` raises."""
        known = self._known()
        if known is None:
            return self.refresh()
        self._check_own(known)
        return Situation(known)

    def promises(self) -> Promises:
        """Return what the site promises, as far as this desk knows."""
        kept = json.loads(self.cache.get("site") or b"{}").get("promises", {})
        return Promises(
            **{name: kept[name] for name in Promises.__dataclass_fields__ if type(kept.get(name)) is int}
        )

    def received_by_year(self) -> tuple[YearTotal, ...]:
        """Return how many reports the site received in past years, as the server said last."""
        kept = json.loads(self.cache.get("site") or b"{}").get("received", ())
        return tuple(year_total(row) for row in kept)

    def kept_roster(self) -> SiteRoster | None:
        """Return the list of auditors that this desk has checked last, without asking the server; None before that."""
        return self._known()

    def _known(self) -> SiteRoster | None:
        kept = self.cache.get("keys")
        document = json.loads(kept) if kept is not None else None
        if document is not None and "list" not in document:
            raise TrustBroken("old_copy")
        return read_roster(document) if document is not None else None

    def _meet(self, known: SiteRoster | None) -> SiteRoster:
        """Fetch the list of auditors and compare it with what this desk knows; keep it when it is good."""
        answer = self.server.keys()
        current = read_roster(answer)
        if known is not None:
            current = checked_against(known, current)
        if current.cards and current != known and not current.unproved:
            self.cache.put({"keys": _kept(answer)})
        return current

    def _check_own(self, current: SiteRoster) -> None:
        if self.identity.key_id not in current.by_key:
            raise NotEnrolled
        if self.identity.key_id in current.retired:
            raise Retired

    def _pull(self, salt: bytes, is_guest: bool = False) -> bool:
        """Fetch what is new. Returns whether the server's history had become shorter (restored from a backup, or
        somebody wrote into it): then what comes under the old numbers would never be asked for. To a guest what came
        before is shown once it was given: it is fetched from the beginning then."""
        more, rewound = True, False
        told = self.grants.told if is_guest else 0
        while more:
            cursor = self.cache.cursor()
            feed = self.session(salt).changes(cursor)
            if is_guest and feed.granted > told:
                told = feed.granted
                self.cache.rewind()
                continue
            if feed.last < cursor and not rewound:
                self.cache.rewind()
                more = rewound = True
                continue
            self.cache.add(feed.changes)
            more = feed.more
        self.grants.note(feed.granted)
        self._register_told = feed.register
        return rewound

    @property
    def grants(self) -> Grants:
        """What colleagues granted to this key."""
        return Grants(self.identity, self.cache)

    def _person(self, situation: Situation) -> bytes:
        card = situation.roster.by_key.get(self.identity.key_id)
        return card.person if card else b""

    def _sealed(self, situation: Situation, ids: Sequence[bytes]) -> dict[bytes, SealedBytes]:
        """Return sealed bytes, fetching those that are not here; what the server withholds is missing."""
        return self._asked(situation, ids)[0]

    def _asked(self, situation: Situation, ids: Sequence[bytes]) -> tuple[dict[bytes, SealedBytes], bool]:
        """Return the same, and whether the server could be asked for all that is missing."""
        kept = self.cache.sealed(ids)
        missing = [envelope_id for envelope_id in ids if envelope_id not in kept]
        if situation.trouble or not missing:
            return kept, not missing
        try:
            for fetched in self._fetch(situation, missing):
                kept |= {envelope.envelope_id: envelope for envelope in fetched}
        except ServerTrouble:  # shown as not fetched; the next visit tries again
            return kept, False
        return kept, True

    def session(self, salt: bytes) -> AuditorSession:
        """Return what this auditor asks of a site with this salt, each request signed."""
        return AuditorSession(self.server, self.identity, salt)

    def _fetch(self, situation: Situation, missing: Sequence[bytes]) -> Iterator[list[SealedBytes]]:
        """Fetch and keep envelopes that are not here, some at a time. Raises ServerTrouble."""
        for start in range(0, len(missing), BATCH):
            fetched = self.session(situation.roster.salt).envelopes(missing[start : start + BATCH])
            self.cache.add_sealed(fetched)
            yield fetched

    def _bury(self, current: SiteRoster) -> tuple[bytes, ...]:
        """Forget what was deleted; what shows a deletion can be checked only where cases are opened. Return the other
        cases of which the feed says something about deleting them."""
        raise NotImplementedError

    def _exchange_readings(self, situation: Situation) -> None:
        """Fetch and send reading journals, where that is due."""
        raise NotImplementedError

    def _exchange_register(self, situation: Situation) -> None:
        """Fetch what is new of the register, where that is due."""
        register, told = self.register, self._register_told
        is_due, self.register_fault = register.look(situation.roster, told)
        if told is not None and is_due:
            with suppress(ServerTrouble, ServerRefusal):  # it is not worth a page: the next visit tries again
                register.exchange(situation, told)
            self.register_fault = register.fault

    @property
    def register(self) -> Register:
        """The register: records that belong to no case."""
        return Register(self.identity, self.cache, self.server, self.today, self.refresh)

    def _look_at_log(self, situation: Situation) -> None:
        """Compare the log with what was fetched, where that is due."""
        raise NotImplementedError


def _kept(answer: dict[str, Any]) -> bytes:
    """Return what is kept of a checked list: the fields that were checked, nothing else that the server sent."""
    kept = {name: answer[name] for name in ("v", "salt", "site_sign_pk", "list")}
    if "log" in answer:
        kept["log"] = {name: answer["log"][name] for name in ("vkey", "listed") if name in answer["log"]}
    return canonical_json(kept)
