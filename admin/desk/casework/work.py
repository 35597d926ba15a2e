"""One auditor at work: inbox, search, and what is sent. No Flask in here.

Three layers, each with a file: `sync` fetches, `case_reader` opens, and this one lists, searches and sends.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from admin.desk.casework import access, downloads
from admin.desk.casework.access import AccessProposal
from admin.desk.casework.attachments import File
from admin.desk.casework.case_reader import CaseReader
from admin.desk.casework.downloads import Progress
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.sending import Decision, Sending
from admin.desk.casework.situation import AccessRefused, Situation
from admin.desk.casework.summarize import CaseSummary
from admin.desk.local import places
from admin.desk.local.copy import CaseLine, Wanted
from admin.desk.local.search import Hit
from admin.desk.local.summary import UNCHECKED
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.server.session import BATCH
from cases.records import Record, make
from crypto.envelope import Kind

PAGE: Final = 25
_NUMBER: Final = re.compile("([0-9a-f]{4})-?([0-9a-f]{4})([0-9a-f]{24})?")


def _number_in(text: str) -> bytes:
    """Return the bytes with which the id of a case begins whose number a text is; nothing for another text."""
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text[:80]).strip().lower())
    return bytes.fromhex("".join(match.groups(""))) if match else b""


@dataclass(frozen=True, repr=False)
class InboxLine:
    """One case in the inbox. `summary`: None while it was not read yet. `hit`: what a search found in it. `is_drafted`:
    something is typed in it and not sent.
    """

    case: CaseLine
    summary: CaseSummary | None
    hit: Hit | None = None
    is_drafted: bool = False


@dataclass(frozen=True, repr=False)
class Inbox:
    """One page of the inbox; `total` counts the cases that are wanted, `views` those of each view, `unread` those that
    were not read yet: they count as new.
    """

    lines: tuple[InboxLine, ...]
    wanted: Wanted
    views: dict[str, int]
    total: int
    page: int
    pages: int
    unread: int

    @property
    def is_unchecked(self) -> bool:
        """Tell whether the signature of a report on this page was not checked yet."""
        return any(line.summary is not None and line.summary.signature == UNCHECKED for line in self.lines)


@dataclass(frozen=True, repr=False)
class SearchResult:
    """Results of a search. `more`: there is more than is shown; `is_complete`: all texts were there to be searched."""

    lines: tuple[InboxLine, ...]
    more: bool
    is_complete: bool


@dataclass(repr=False)
class Work(CaseReader):
    """Everything that an unlocked desk does for its auditor."""

    def inbox(self, situation: Situation, wanted: Wanted, page: int) -> Inbox:
        """Return a page of the inbox; what it shows is fetched and read first. Raises CacheUnusable, Locked."""
        self.catch_up(situation)
        self._read_first(situation, self.cache.count(wanted) < page * PAGE)
        total = self.cache.count(wanted)
        pages = max(1, -(-total // PAGE))
        page = min(max(page, 1), pages)
        place = wanted, PAGE, (page - 1) * PAGE
        if self._read_again(situation, self.cache.lines(*place)):
            total = self.cache.count(wanted)
        on_page = self.cache.lines(*place)
        drafted = self.cache.drafted([case.case_id for case, _summary in on_page])
        lines = tuple(
            InboxLine(case, summary, is_drafted=case.case_id in drafted) for case, summary in on_page
        )
        me = self._person(situation)
        views = self.cache.view_counts(me)
        return Inbox(lines, wanted, views, total, page, pages, self.cache.count_unread())

    def search(self, query: str, wanted: Wanted | None = None) -> SearchResult:
        """Return the cases in which all words of a query stand, and those that it names by a part of the number, a day
        or an owner; with `wanted` only what the list shows. Raises CacheUnusable, Locked.
        """
        words = self.cache.search_index
        hits, more = words.search(query)
        by_id = {hit.case_id: hit for hit in hits}
        named = places.named_in(query, self.today(), self._names())
        ids = [*self.numbered(query), *(self.cache.named(named) if named else ()), *by_id]
        ids = list(dict.fromkeys(ids))
        if wanted is not None:
            ids = self.cache.among(wanted, ids)
        lines = self.cache.with_summaries(ids)
        is_complete = words.is_complete and not self.cache.count_unread()
        drafted = self.cache.drafted(ids)
        shown = tuple(
            InboxLine(case, summary, by_id.get(case.case_id), case.case_id in drafted)
            for case, summary in lines
        )
        return SearchResult(shown, more, is_complete)

    def _names(self) -> list[tuple[bytes, str]]:
        roster = self.kept_roster()
        cards = roster.by_key.values() if roster is not None else ()
        return [(card.person, name) for card in cards for name in card.name.values()]

    def numbered(self, text: str) -> list[bytes]:
        """Return the cases with a number as pages show it (like 59D3-4D46), or the whole one; none for other words."""
        start = _number_in(text)
        return self.cache.numbered(start) if start else []

    def deleted(self, text: str) -> list[tuple[bytes, date]]:
        """Return the deleted cases with such a number, each with the day of its deletion."""
        start = _number_in(text)
        return [case for case in self.deletions.cases() if start and case[0].startswith(start)]

    def summaries(self) -> Sequence[CaseSummary]:
        """Return the summary of every case that was read, each with its report's signature checked: what leaves the
        desk follows from them. Raises CacheUnusable, Locked.
        """
        self.check_reports(all_of_them=True)
        return self.cache.summaries()

    def _read_first(self, situation: Situation, some_are_missing: bool) -> None:
        """Read what a page of the inbox needs where much was not read, for that is not shown: what is newer than all
        that was read, and a page more if `some_are_missing`. The rest is read beside the work.
        """
        if self.cache.count_unread() > BATCH:
            newest = self.cache.newest_read()
            part = [line for line in self.cache.unread(PAGE) if some_are_missing or line.last_seq > newest]
            self.read(situation, part)

    def _read_again(self, situation: Situation, lines: Sequence[tuple[CaseLine, CaseSummary | None]]) -> bool:
        """Read the cases of a page that were not read up to now, or not to be had before."""
        waiting = [
            case
            for case, summary in lines
            if summary is None or summary.last_seq < case.last_seq or not summary.fetched
        ]
        if waiting:
            self.read(situation, waiting)
        return bool(waiting)

    @property
    def _sending(self) -> Sending:
        return Sending(self.identity, self.server, self.today, self._again, self.log_acts)

    def _again(self, case_id: bytes) -> tuple[Situation, OpenedCase | None]:
        now = self.refresh()
        return now, self.case(now, case_id)

    def set_status(self, situation: Situation, case: OpenedCase, sequence: int, status: str) -> None:
        """Sign and send a status. Raises StatusMovedOn, CannotReply, ServerTrouble, ServerRefusal."""
        self._sending.set_status(situation, case, sequence, status)

    def decide(
        self,
        situation: Situation,
        case: OpenedCase,
        status: tuple[int, str],
        reply: tuple[bytes, str] | None = None,
        reason: tuple[bytes, str] | None = None,
    ) -> None:
        """Send a status (sequence and word) with an answer to the reporter and a reason for the auditors (envelope id
        and text each), once: the server takes all of it or nothing.

        Raises StatusMovedOn, DecisionParted, CannotReply, ChoiceWithheld, OtherReplySent, ServerTrouble, ServerRefusal,
        PayloadTooLarge.
        """
        sequence, word = status
        envelopes: list[tuple[bytes, Kind, Mapping[str, Any]]] = []
        if reply is not None:
            envelopes.append((reply[0], Kind.TO_REPORTER, {"message": reply[1]}))
        if reason is not None:
            record = make("decision", sequence=sequence, reason=reason[1])
            envelopes.append((reason[0], Kind.RECORD, {"record": record.as_json()}))
        if envelopes:
            self._sending.decide(situation, case, Decision(sequence, word, tuple(envelopes)))
        else:
            self._sending.set_status(situation, case, sequence, word)

    def reply(self, situation: Situation, case: OpenedCase, envelope_id: bytes, text: str) -> None:
        """Sign, seal and send an answer to the reporter, once for each `envelope_id`.

        Raises CannotReply, OtherReplySent, ServerTrouble, ServerRefusal, PayloadTooLarge.
        """
        self._sending.once(situation, case, envelope_id, Kind.TO_REPORTER, {"message": text})

    def propose_access(
        self,
        situation: Situation,
        case: OpenedCase,
        envelope_id: bytes,
        what: str,
        target: bytes,
        reason: str,
    ) -> None:
        """Propose to take a person off a case, or to give it to a key (`crypto.access`).

        Raises AccessRefused, BadRecord, and what `add_record` raises.
        """
        change = access.new_change(case, situation.roster, what, target, self.identity)
        why = access.why_no_proposal(case, situation.roster, change)
        if why:
            raise AccessRefused(why)
        fields = {name: value for name, value in change.fields().items() if name != "proposer"}
        record = make("access", **fields, reason=reason)
        self.add_record(situation, case, envelope_id, record)

    def agree_access(
        self, situation: Situation, case: OpenedCase, envelope_id: bytes, proposal: AccessProposal, text: str
    ) -> None:
        """Agree to a change of who reads a case; `text`: what the reporter reads of it. Then what is new is granted.

        Raises AccessRefused, and what `reply` raises.
        """
        why = access.why_not(case, situation.roster, proposal.change, self.identity.key_id)
        if why:
            raise AccessRefused(why)
        body = {"message": text, "access": proposal.change.fields()}
        self._sending.once(situation, case, envelope_id, Kind.TO_REPORTER, body)
        now, latest = self._again(case.line.case_id)
        if latest is not None and latest.is_open:
            with suppress(ServerTrouble, ServerRefusal):  # the next look tries again
                session = self.session(now.roster.salt)
                self.giving.give(session, latest, now.roster)
                if proposal.is_removal:
                    self.giving.tell(session, latest, now.roster, proposal.person)

    def fetch_file(self, situation: Situation, file: File) -> Progress:
        """Fetch a part of a file's object. Raises ServerTrouble, CacheUnusable, Withheld, Damaged."""
        if situation.trouble and not downloads.progress(self.cache, file).is_whole:
            raise situation.trouble
        return downloads.fetch(self.session(situation.roster.salt), self.cache, file)

    def add_record(self, situation: Situation, case: OpenedCase, envelope_id: bytes, record: Record) -> None:
        """Sign, seal and send a record for the auditors, once for each `envelope_id`.

        Raises CannotReply, DoesNotCount, OtherReplySent, ServerTrouble, ServerRefusal, PayloadTooLarge.
        """
        self._sending.once(situation, case, envelope_id, Kind.RECORD, {"record": record.as_json()})


def new_envelope_id() -> bytes:
    """Return a random envelope id; a reply form carries one, so that sending it twice stores it once."""
    return secrets.token_bytes(16)
