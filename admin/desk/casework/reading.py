"""Reading journals at the desk: own readings, the journal to send, the journals of others (docs/format.md, 2.13).

Whatever was read, a desk asks for the journals of all and sends one of its own, once on each day on which it fetches.
No Flask in here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.timeline import CaseReading
from admin.desk.local.copy import Cache
from admin.desk.server.client import Server, ServerRefusal
from admin.desk.server.session import AuditorSession
from cases import roles
from cases.days import format_day, parse_day
from crypto.encoding import b64d, b64e, canonical_json, hex_id
from crypto.errors import BadData
from crypto.identity import Identity
from crypto.reading import (
    MARKS,
    ReadingJournal,
    check_journal,
    make_journal,
    read_journal,
    reading_key,
    reading_mark,
)

_DAY: Final = "readings_day"
"""Stored under this name: the day on which journals were exchanged last."""
_PLACE: Final = "readings_place"
"""And under this: up to which place the journals of all are here."""
_UNSENT: Final = "readings_unsent"
"""And under this: this desk's marks that no journal of its own has, each with its day."""
_KEPT: Final = "reading:"
"""Names of journals begin with this."""


@dataclass(frozen=True, repr=False)
class ReadingJournals:
    """Everything that a desk does about reading. `today`: the day in Japan."""

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]

    def note(self, case: OpenedCase) -> None:
        """Note that this auditor opened a case today. Raises CacheUnusable, Locked."""
        if case.content_key is None:
            return
        today = self.today()
        mark = reading_mark(reading_key(case.content_key), self.identity.key_id, today)
        unsent = self._unsent()
        if mark not in unsent:
            self._keep_unsent({**unsent, mark: today})

    def is_due(self) -> bool:
        """Tell whether journals were not exchanged yet today."""
        return self.cache.get(_DAY) != self._today()

    def exchange(self, situation: Situation) -> None:
        """Fetch the journals of all, and send today's. Raises ServerTrouble, CacheUnusable, Locked."""
        session = AuditorSession(self.server, self.identity, situation.roster.salt)
        self._fetch(session, situation.roster)
        own = self._journals().get(self.identity.key_id, [])
        said = _marks(own)
        unsent = {mark: day for mark, day in self._unsent().items() if mark not in said}
        if all(journal.day != self.today() for journal in own):
            earlier = sorted((day, mark) for mark, day in unsent.items() if day < self.today())
            number = max((journal.number for journal in own), default=0) + 1
            self._send(session, situation.roster, number, [mark for _day, mark in earlier[:MARKS]])
        self._keep_unsent(unsent)  # what was sent is taken off when it comes back with the others'
        self.cache.put({_DAY: self._today()})

    def _send(self, session: AuditorSession, roster: SiteRoster, number: int, marks: list[bytes]) -> None:
        own = self.identity
        journal = make_journal(roster.salt, own.key_id, number, self.today(), marks, own.sign_seed)
        try:
            session.add_reading(journal.encode())
        except ServerRefusal:
            return  # another desk with this key was first today: the marks go with a later journal

    def _fetch(self, session: AuditorSession, roster: SiteRoster) -> None:
        place, more = int(self.cache.get(_PLACE) or 0), True
        while more:
            page = session.readings(place)
            if page.last < place:
                place = 0  # a server that was put back hands places out again
                continue
            kept = {}
            for raw in page.journals:
                journal = _believed(raw, roster)
                name = _name(journal) if journal else ""
                # What came first stays: nobody takes back what they said.
                if journal and self.cache.get(name) is None:
                    kept[name] = raw
            place, more = page.upto, page.more
            self.cache.put({**kept, _PLACE: str(place).encode()})

    def of_case(self, roster: SiteRoster, case: OpenedCase) -> tuple[CaseReading, ...]:
        """Return who opened a case on which days, as far as journals that are here say so, and what this desk noted.

        Raises CacheUnusable, Locked.
        """
        if case.content_key is None:
            return ()
        key = reading_key(case.content_key)
        said = {
            author: {mark for journal in sent for mark in journal.marks}
            for author, sent in self._journals().items()
        }
        said.setdefault(self.identity.key_id, set()).update(self._unsent())
        first = min(case.line.received_day, self.today())
        days = [first + timedelta(days=number) for number in range((self.today() - first).days + 1)]
        read = {
            CaseReading(day, roster.by_key[author].person)
            for author, marks in said.items()
            if author in roster.by_key
            for day in days
            if reading_mark(key, author, day) in marks
        }
        return tuple(sorted(read, key=lambda reading: (reading.day, reading.person)))

    def missing_from(self, roster: SiteRoster) -> tuple[bytes, ...]:
        """Return the persons of whose journals one is not here, although a later one is.

        Raises CacheUnusable, Locked.
        """
        persons = {
            roster.by_key[author].person: None
            for author, sent in self._journals().items()
            if author in roster.by_key and len(sent) != max(journal.number for journal in sent)
        }
        return tuple(persons)

    def _journals(self) -> dict[bytes, list[ReadingJournal]]:
        """Return the journals that are here, by their authors."""
        kept: dict[bytes, list[ReadingJournal]] = {}
        for journal in map(read_journal, self.cache.parts(_KEPT)):
            kept.setdefault(journal.author, []).append(journal)
        return kept

    def _unsent(self) -> dict[bytes, date]:
        kept = json.loads(self.cache.get(_UNSENT) or b"{}")
        return {b64d(mark): parse_day(day) for mark, day in kept.items()}

    def _keep_unsent(self, unsent: dict[bytes, date]) -> None:
        new = canonical_json({b64e(mark): format_day(day) for mark, day in unsent.items()})
        if new != (self.cache.get(_UNSENT) or b"{}"):
            self.cache.put({_UNSENT: new})

    def _today(self) -> bytes:
        return format_day(self.today()).encode()


def _believed(raw: bytes, roster: SiteRoster) -> ReadingJournal | None:
    """Return a journal of somebody on the list who reads reports; None for anything else."""
    try:
        journal = read_journal(raw)
        card = roster.by_key.get(journal.author)
        if card is None or not roles.reads_reports(roster.role_of(card.key_id)):
            return None
        check_journal(journal, roster.salt, card.sign_pk)
    except BadData:
        return None
    return journal


def _marks(journals: Sequence[ReadingJournal]) -> set[bytes]:
    return {mark for journal in journals for mark in journal.marks}


def _name(journal: ReadingJournal) -> str:
    return f"{_KEPT}{hex_id(journal.author)}:{journal.number:010}"
