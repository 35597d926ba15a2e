"""One auditor at work: own keys, the local copy, the server. No Flask in here.

Requests are few by design: opening the inbox asks for the cards once, for what is new since the last time
once (once more for every thousand changes), and for the sealed bytes of the reports on the page that were
never fetched.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from admin.desk.casework import downloads, opened_case, people, summarize
from admin.desk.casework.addressed import with_floor
from admin.desk.casework.attachments import File
from admin.desk.casework.deletion import Deletions
from admin.desk.casework.downloads import Progress
from admin.desk.casework.opened_case import CaseFile
from admin.desk.casework.people import People
from admin.desk.casework.sending import Sending
from admin.desk.casework.situation import NotEnrolled, Retired, Situation
from admin.desk.casework.summarize import CaseSummary
from admin.desk.local.copy import Cache, CaseLine, EnvelopeLine, Wanted, left_name
from admin.desk.local.search import Hit, document
from admin.desk.server.client import BATCH, Server
from admin.desk.server.responses import SealedBytes, ServerTrouble
from cases import roles
from cases.days import format_day
from cases.deadlines import Promises
from cases.records import Record
from crypto.encoding import canonical_json
from crypto.envelope import Kind
from crypto.identity import Identity

PAGE: Final = 25
_NUMBER: Final = re.compile("([0-9a-f]{4})-?([0-9a-f]{4})([0-9a-f]{24})?")
_HALF: Final = re.compile("-?([0-9a-f]{4})-?")
AT_ONCE: Final = 200
"""Cases that are read together; while a page is made, no more than BATCH that it does not show."""
_GRANTED: Final = "granted"
"""What is kept under this name: up to which number this desk has what colleagues granted to its key."""
_TOLD: Final = "granted_told"
"""And under this: the newest such number, as the server last said."""
_FLOORS: Final = "floors"
"""And under this: how long the list was when the feed had been fetched up to a place (`addressed.Floors`)."""


@dataclass(frozen=True, repr=False)
class InboxLine:
    """One case in the inbox. `summary`: None while it was not read yet. `hit`: what a search found in it."""

    case: CaseLine
    summary: CaseSummary | None
    hit: Hit | None = None


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


@dataclass(frozen=True, repr=False)
class Found:
    """What a search found. `more`: there is more than is shown; `is_complete`: all texts were there to be searched."""

    lines: tuple[InboxLine, ...]
    more: bool
    is_complete: bool


@dataclass(repr=False)
class Work:
    """Everything that an unlocked desk needs. `today`: the day in Japan."""

    identity: Identity
    cache: Cache
    server: Server
    today: Callable[[], date]

    def refresh(self) -> Situation:
        """Fetch the cards and what is new.

        Where the server can't be asked, what was fetched before has to do; without any, raises ServerTrouble.
        Raises TrustBroken, NotEnrolled, Retired, CacheUnusable: then nothing may be sent.
        """
        with self.cache.pulling:
            try:
                current = self._meet(self._known())
                self._check_own(current)
                rewound, length = False, len(current.listing)
                if roles.reads_reports(current.role_of(self.identity.key_id)):
                    before = self.cache.cursor()
                    rewound = self._pull(current.salt)
                    if self.cache.cursor() != before:
                        # What came may go by a list that is newer than the one that was asked for first.
                        current = self._meet(current)
                    self._note_floor(length, rewound)
                    self.deletions.bury(current)
                self._learn(current.salt)
            except ServerTrouble as trouble:
                known = self._known()
                if known is None or self.cache.cursor() == 0:
                    raise  # nothing was fetched yet that could be shown instead
                self._check_own(known)
                return Situation(known, trouble)
            return Situation(current, rewound=rewound)

    def _note_floor(self, length: int, rewound: bool) -> None:
        """Note how long the list was ahead of what comes behind the feed's present end (format.md, 2.5)."""
        known = [] if rewound else self._floors()
        new = with_floor(known, self.cache.cursor(), length)
        if new != self._floors():
            self.cache.put({_FLOORS: json.dumps(new).encode()})

    def _floors(self) -> list[tuple[int, int]]:
        kept = json.loads(self.cache.get(_FLOORS) or b"[]")
        return [(cursor, length) for cursor, length in kept]

    def _learn(self, salt: bytes) -> None:
        """Fetch what the operator has set, once a day. It is the server's word: no clock of the law hangs on it."""
        kept, today = json.loads(self.cache.get("site") or b"{}"), format_day(self.today())
        if kept.get("asked") == today:
            return
        facts = self.server.site(self.identity, salt)
        promises = asdict(facts.promises)
        new = {"asked": today, "designated": facts.designated, "promises": promises}
        self.cache.put({"site": canonical_json(new)})
        if kept and kept.get("promises") != promises:
            self.cache.summaries_are_stale()

    def known(self) -> Situation:
        """Return where the desk stands without asking the server. Raises what `refresh` raises."""
        known = self._known()
        if known is None:
            return self.refresh()
        self._check_own(known)
        return Situation(known)

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
        lines = tuple(InboxLine(case, summary) for case, summary in self.cache.lines(*place))
        me = self._person(situation)
        views = {view: self.cache.count(Wanted(view=view, me=me)) for view in ("new", "due", "mine", "")}
        return Inbox(lines, wanted, views, total, page, pages, self.cache.count_unread())

    def search(self, query: str) -> Found:
        """Return the cases in which all words of a query stand, as inbox lines. Raises CacheUnusable, Locked."""
        words = self.cache.words
        numbered = self.numbered(query)
        if numbered:
            named = tuple(InboxLine(case, summary) for case, summary in self.cache.with_summaries(numbered))
            return Found(named, False, True)
        hits, more = words.search(query)
        by_id = {hit.case_id: hit for hit in hits}
        half = _HALF.fullmatch(unicodedata.normalize("NFKC", query[:80]).strip().lower())
        halves = self.cache.numbered_in_part(bytes.fromhex(half[1])) if half else []
        lines = self.cache.with_summaries(list(dict.fromkeys([*halves, *by_id])))
        is_complete = words.is_complete and not self.cache.count_unread()
        shown = tuple(InboxLine(case, summary, by_id.get(case.case_id)) for case, summary in lines)
        return Found(shown, more, is_complete)

    def numbered(self, text: str) -> list[bytes]:
        """Return the cases with a number as pages show it (like 59D3-4D46), or the whole one; none for other words."""
        match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text[:80]).strip().lower())
        return self.cache.numbered(bytes.fromhex("".join(match.groups("")))) if match else []

    def summaries(self) -> Sequence[CaseSummary]:
        """Return the summary of every case that was read. Raises CacheUnusable, Locked."""
        return self.cache.summaries()

    def promises(self) -> Promises:
        """Return what the site promises, as far as this desk knows."""
        kept = json.loads(self.cache.get("site") or b"{}").get("promises", {})
        return Promises(
            **{name: kept[name] for name in Promises.__dataclass_fields__ if type(kept.get(name)) is int}
        )

    def read(
        self,
        situation: Situation,
        cases: Sequence[CaseLine],
        sealed: Mapping[bytes, SealedBytes] | None = None,
    ) -> None:
        """Fetch the envelopes of cases (or take them from `sealed`), open and check them, and keep a summary and the
        text of each.

        Raises CacheUnusable, Locked.
        """
        lefts = self.cache.left()
        envelopes = {
            case.case_id: self.cache.envelopes(case.case_id)[lefts.get(case.case_id, 0) :] for case in cases
        }
        if sealed is None:
            sealed, asked = self._asked(
                situation, [envelope.envelope_id for of in envelopes.values() for envelope in of]
            )
            if not asked:
                # Whether these are for this key will be seen when the server can be asked again.
                cases = [
                    case
                    for case in cases
                    if all(envelope.envelope_id in sealed for envelope in envelopes[case.case_id])
                ]
        promises, today = self.promises(), self.today()
        summaries, documents = [], []
        for case in cases:
            since = case.case_id in lefts
            left = since and self._stays_left(situation, case.case_id, envelopes[case.case_id], sealed)
            if since and not left:
                # Brought back just now: what was let go of is fetched again.
                envelopes[case.case_id] = self.cache.envelopes(case.case_id)
                sealed = {
                    **sealed,
                    **self._sealed(situation, [envelope.envelope_id for envelope in envelopes[case.case_id]]),
                }
            opened = (
                CaseFile(case, None, left=True)
                if left
                else self._open(situation, case, envelopes[case.case_id], sealed)
            )
            fetched = case.report_id is not None and case.report_id in sealed
            summaries.append(summarize.summarize(opened, fetched, promises, today))
            documents.append((case.case_id, case.last_seq, document(summarize.texts(opened))))
        self.cache.put_summaries(summaries, [document for document in documents if document[2]])

    def read_some(self) -> bool:
        """Read some of the cases that were not read yet; False when there are none or the server can't be asked.

        Raises ServerTrouble, CacheUnusable, Locked.
        """
        known = self._known()
        waiting = self.cache.unread(AT_ONCE) if known is not None else []
        if known is not None and not waiting:
            return self.take_grants(Situation(known))
        if known is None:
            return False
        ids = [envelope.envelope_id for case in waiting for envelope in self.cache.wanted(case.case_id)]
        sealed = self.cache.sealed(ids)
        for fetched in self._fetch(
            Situation(known), [envelope_id for envelope_id in ids if envelope_id not in sealed]
        ):
            sealed |= {envelope.envelope_id: envelope for envelope in fetched}
        self.read(Situation(known), waiting, sealed)
        return True

    def catch_up(self, situation: Situation) -> None:
        """Read what is new while a page is made, where it is little; else it is read beside the work."""
        waiting = self.cache.unread(BATCH + 1)
        if waiting and len(waiting) <= BATCH:
            self.read(situation, waiting)
        if len(waiting) <= BATCH and not situation.trouble:
            with suppress(ServerTrouble):  # beside the work it goes on
                self.take_grants(situation)

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

    def _person(self, situation: Situation) -> bytes:
        card = situation.people.by_key.get(self.identity.key_id)
        return card.person if card else b""

    def _open(
        self,
        situation: Situation,
        case: CaseLine,
        envelopes: Sequence[EnvelopeLine],
        sealed: Mapping[bytes, SealedBytes],
    ) -> CaseFile:
        statuses = self.cache.statuses(case.case_id)
        opened = opened_case.open_case(
            case, envelopes, sealed, statuses, situation.people, self.identity, self._floors()
        )
        back = opened.state.step_backs.get(self._person(situation))
        if back is not None and back.author in situation.people.same_holder(self.identity.key_id):
            self.leave(case.case_id)  # with another copy of this desk, or before this one was set up anew
            return CaseFile(case, None, left=True)
        return opened

    def case(self, situation: Situation, case_id: bytes) -> CaseFile | None:
        """Open a case; None when there is none that this desk shows. Raises CacheUnusable."""
        line = self.cache.case(case_id)
        if line is None:
            return None
        self.catch_up(situation)
        envelopes = self.cache.wanted(case_id)
        sealed = self._sealed(situation, [envelope.envelope_id for envelope in envelopes])
        if self._stays_left(situation, case_id, envelopes, sealed):
            return CaseFile(line, None, left=True)
        envelopes = self.cache.envelopes(case_id)
        sealed = self._sealed(situation, [envelope.envelope_id for envelope in envelopes])
        case = self._open(situation, line, envelopes, sealed)
        if not case.left and (case.is_open or all(envelope.envelope_id in sealed for envelope in envelopes)):
            self._keep(case, sealed)
        return case if case.is_open or self.cache.is_shown(case_id) else None

    def _keep(self, case: CaseFile, sealed: Mapping[bytes, SealedBytes]) -> None:
        """Keep the summary of a case that was opened, where it is another one than before."""
        line = case.line
        new = summarize.summarize(case, line.report_id in sealed, self.promises(), self.today())
        ((_line, known),) = self.cache.with_summaries([line.case_id])
        if known is None or summarize.encode(known) != summarize.encode(new):
            text = document(summarize.texts(case))
            self.cache.put_summaries([new], [(line.case_id, line.last_seq, text)] if text else [])

    def leave(self, case_id: bytes) -> None:
        """Forget what was open of a case after stepping back from it. Raises CacheUnusable, Locked."""
        line = self.cache.case(case_id)
        if line is not None:
            self.cache.put({left_name(case_id): str(len(self.cache.envelopes(case_id))).encode()})
            bare = summarize.summarize(CaseFile(line, None, left=True), True, self.promises(), self.today())
            self.cache.forget_text(bare)

    def has_left(self, case_id: bytes) -> bool:
        """Tell whether this auditor gave the own access to a case up. Raises CacheUnusable."""
        return bool(self.cache.get(left_name(case_id)))

    def _stays_left(
        self,
        situation: Situation,
        case_id: bytes,
        envelopes: Sequence[EnvelopeLine],
        sealed: Mapping[bytes, SealedBytes],
    ) -> bool:
        """Tell whether a case is still closed to this auditor, who stepped back from it; `envelopes`: those since.

        One of the records that came since may bring the auditor back.
        """
        if not self.has_left(case_id):
            return False
        own = situation.people.by_key[self.identity.key_id].person
        later = [envelope for envelope in envelopes if envelope.kind == Kind.RECORD]
        opened = (
            opened_case.open_one(envelope, sealed.get(envelope.envelope_id), self.identity)
            for envelope in later
        )
        records = [opened_case.record_of(content) for content in opened if content is not None]
        if any(
            record and record.type == "bring_back" and record["person"] == own.hex() for record in records
        ):
            self.cache.put({left_name(case_id): b""})
            return False
        return True

    def mark_seen(self, case: CaseFile) -> None:
        """Note that this case was looked at. Raises CacheUnusable."""
        self.cache.mark_seen(case.line.case_id, case.line.last_seq)

    @property
    def deletions(self) -> Deletions:
        """What this auditor does about deleting cases."""
        return Deletions(self.identity, self.cache, self.server, self.today, self._from_copy)

    @property
    def _sending(self) -> Sending:
        return Sending(self.identity, self.server, self.today, self._again)

    def _again(self, case_id: bytes) -> tuple[Situation, CaseFile | None]:
        now = self.refresh()
        return now, self.case(now, case_id)

    def set_status(self, situation: Situation, case: CaseFile, sequence: int, status: str) -> None:
        """Sign and send a status. Raises StatusMovedOn, CannotReply, ServerTrouble, Refused."""
        self._sending.set_status(situation, case, sequence, status)

    def reply(self, situation: Situation, case: CaseFile, envelope_id: bytes, text: str) -> None:
        """Sign, seal and send an answer to the reporter, once for each `envelope_id`.

        Raises CannotReply, OtherReplySent, ServerTrouble, Refused, PayloadTooLarge.
        """
        self._sending.once(situation, case, envelope_id, Kind.TO_REPORTER, {"message": text})

    def fetch_file(self, situation: Situation, file: File) -> Progress:
        """Fetch a part of a file's object. Raises ServerTrouble, CacheUnusable, Withheld, Damaged."""
        if situation.trouble and not downloads.progress(self.cache, file).is_whole:
            raise situation.trouble
        return downloads.fetch(self.server, self.cache, self.identity, situation.people.salt, file)

    def add_record(self, situation: Situation, case: CaseFile, envelope_id: bytes, record: Record) -> None:
        """Sign, seal and send a record for the auditors, once for each `envelope_id`.

        Raises CannotReply, OtherReplySent, ServerTrouble, Refused, PayloadTooLarge.
        """
        self._sending.once(situation, case, envelope_id, Kind.RECORD, {"record": record.as_json()})

    def kept_people(self) -> People | None:
        """Return the list of auditors that this desk has checked last, without asking the server; None before that."""
        return self._known()

    def _known(self) -> People | None:
        kept = self.cache.get("keys")
        document = json.loads(kept) if kept is not None else None
        if document is not None and "list" not in document:
            raise people.TrustBroken("old_copy")
        return people.read_people(document) if document is not None else None

    def _meet(self, known: People | None) -> People:
        """Fetch the list of auditors and compare it with what this desk knows; keep it when it is good."""
        answer = self.server.keys()
        current = people.read_people(answer)
        if known is not None:
            people.check_against_known(known, current)
        if current.cards and current != known:
            self.cache.put({"keys": _kept(answer)})
        return current

    def _check_own(self, current: People) -> None:
        if self.identity.key_id not in current.by_key:
            raise NotEnrolled
        if self.identity.key_id in current.retired:
            raise Retired

    def _pull(self, salt: bytes) -> bool:
        """Fetch what is new. Returns whether the server's history had become shorter (restored from a backup, or
        somebody wrote into it): then what comes under the old numbers would never be asked for."""
        more, rewound = True, False
        while more:
            feed = self.server.changes(self.identity, salt, self.cache.cursor())
            if feed.last < self.cache.cursor() and not rewound:
                self.cache.rewind()
                more = rewound = True
                continue
            self.cache.add(feed.changes)
            more = feed.more
        self._note_granted(feed.granted)
        return rewound

    def _note_granted(self, told: int) -> None:
        """Keep how often something was granted to this key, as the server says."""
        kept = self.cache.get(_GRANTED)
        # At the first contact everything is about to be fetched, with its grants; a server that was put back has
        # forgotten some numbers, and gives them out again.
        has = told if kept is None else int(kept) if told >= int(kept) else 0
        values = {_GRANTED: str(has).encode(), _TOLD: str(told).encode()}
        if any(self.cache.get(name) != value for name, value in values.items()):
            self.cache.put(values)

    def take_grants(self, situation: Situation) -> bool:
        """Fetch some of what colleagues granted to this key; False when all was.

        A desk asks for all grants to its key alike, and for no envelope again: what it asks for never follows from what
        it can't open, or the server would learn who was shut out of which case; and a colleague who grants something
        costs it no more than that. Raises ServerTrouble, CacheUnusable, Locked.
        """
        has, told = (int(self.cache.get(name) or 0) for name in (_GRANTED, _TOLD))
        if has >= told or situation.trouble:
            return False
        granted = self.server.granted(self.identity, situation.people.salt, has)
        touched = self._use_grants(granted.grants)
        self.cache.put({_GRANTED: str(granted.upto).encode()})
        lines = [line for case_id in touched if (line := self.cache.case(case_id)) is not None]
        if lines:
            self.read(situation, lines)
        return granted.more

    def _use_grants(self, grants: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """Keep the grants that open what is here and did not open; return the cases of these envelopes.

        What is not here is fetched with its grants. A throw-away is not kept: any number of them may come.
        """
        ids = list(dict.fromkeys(envelope_id for envelope_id, _sealed in grants))
        here, touched = self.cache.sealed(ids), set()
        for case_id, line in self.cache.places([envelope_id for envelope_id in ids if envelope_id in here]):
            kept = here[line.envelope_id]
            if opened_case.open_one(line, kept, self.identity) is not None:
                continue
            for sealed in (sealed for envelope_id, sealed in grants if envelope_id == line.envelope_id):
                with_it = replace(kept, grants=(sealed,))
                if opened_case.open_one(line, with_it, self.identity) is not None:
                    self.cache.add_sealed([with_it])
                    touched.add(case_id)
        return touched

    def _from_copy(self, line: CaseLine, people: People) -> CaseFile:
        envelopes = self.cache.envelopes(line.case_id)
        sealed = self.cache.sealed([envelope.envelope_id for envelope in envelopes])
        return self._open(Situation(people), line, envelopes, sealed)

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

    def _fetch(self, situation: Situation, missing: Sequence[bytes]) -> Iterator[list[SealedBytes]]:
        """Fetch and keep envelopes that are not here, some at a time. Raises ServerTrouble."""
        for start in range(0, len(missing), BATCH):
            fetched = self.server.envelopes(
                self.identity, situation.people.salt, missing[start : start + BATCH]
            )
            self.cache.add_sealed(fetched)
            yield fetched


def new_envelope_id() -> bytes:
    """Return a random envelope id; a reply form carries one, so that sending it twice stores it once."""
    return secrets.token_bytes(16)


def _kept(answer: dict[str, Any]) -> bytes:
    """Return what is kept of a checked list: the fields that were checked, nothing else that the server sent."""
    return canonical_json({name: answer[name] for name in ("v", "salt", "site_sign_pk", "list")})
