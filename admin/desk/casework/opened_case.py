"""A case, opened: who said what, as far as it can be checked. No Flask, no network, no disk in here.

Whose words (format.md, section 2):

- The report carries the keys of its reporter and is signed with one of them. It is the first envelope of kind 1 of
  its case; another one is nobody's.
- A reporter's later message counts when the key that is current at its place in the feed signed it: the report's,
  or the one that it was given up for.
- An auditor's message, record or status counts when a card of the checked list signed it, when that key is
  not shut out by the reporter, and when the report's act key signed it too (its author had opened the
  report).

What fails is kept and marked, never shown as anybody's word.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from admin.desk.casework.addressed import Floors, floor_of, list_fault
from admin.desk.casework.attachments import File, files_of, find
from admin.desk.casework.people import People
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from admin.desk.local.summary import SHUT
from admin.desk.server.responses import SealedBytes
from cases import roles
from cases.case_state import AuthoredRecord, CaseState, fold
from cases.form import REPORT_FIELDS
from cases.records import BadRecord, Record
from cases.records import parse as parse_record
from cases.status import RECEIVED, IllegalTransition, Step, check_transition
from crypto import messages
from crypto.cards import Card
from crypto.choice import FIRST
from crypto.encoding import hex_id, id_from_hex
from crypto.envelope import Kind, decode, envelope_hash
from crypto.errors import BadData, CannotOpen, MisuseError, NotAddressed
from crypto.identity import Identity
from crypto.listing import signed_keys
from crypto.payloads import LANGUAGES, is_choice, meaning_of
from crypto.reporter_keys import Chain
from crypto.unseal import Opened, unseal

_FRAME: Final = frozenset(
    {
        "v",
        "case_id",
        "envelope_id",
        "mailbox_pk",
        "reporter_sign_pk",
        "exclude",
        "choice",
        "new_sig",
        "files",
        "seen",
        "sig",
        "author",
        "readers",
        "language",
    }
)
"""Fields of a payload that are not its author's words."""

_NAMED: Final = _FRAME | {"message", "record", *REPORT_FIELDS}


@dataclass(frozen=True, repr=False)
class Entry:
    """One envelope of the conversation.

    `author`: an auditor's card, or None for the reporter; only where `verified`. `opened` is False for what
    can't be opened; then there are no words. `answers`: a form's fields in its order; `others`: fields that
    this desk does not know; `raw`: the payload as it is, where it is no form at all. `unusual`: what is not
    as the format says. `gap`: it names an earlier envelope that the server never showed. `odd_files`: it names
    files in a way that this desk does not know. `new_code`: the reporter gave the code up for a new one. `record`: what
    a kind 4 says, as far as it can be read. `excluded`: an auditor whom the reporter shut out has signed this; it
    counts for nothing.
    """

    envelope_id: bytes
    kind: int
    day: date
    opened: bool = False
    verified: bool = False
    author: Card | None = None
    message: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    raw: str = ""
    unusual: tuple[str, ...] = ()
    gap: bool = False
    files: tuple[File, ...] = ()
    odd_files: bool = False
    new_code: bool = False
    record: Record | None = None
    excluded: Card | None = None
    left: Card | None = None
    """An auditor who stepped back from the case before has signed this; it counts for nothing."""
    language: str = ""
    """Of a form: its page's, a word of `crypto.payloads.LANGUAGES`; empty: not said."""
    list_fault: str = ""
    """What does not fit about whom it was sealed to (format.md, 2.5); "" for nothing."""
    meaning: str = ""
    """Of a reporter's message: what it says that it is (`crypto.payloads.MEANINGS`); "" for an ordinary one."""


@dataclass(frozen=True)
class StatusEntry:
    """A status of the history; `verified`: both signatures hold and it may follow the one before it."""

    sequence: int
    status: str
    day: date
    author: Card | None
    verified: bool


@dataclass(frozen=True, repr=False)
class CaseFile:
    """A case as this desk can read it. Without `content_key` the report could not be opened: nothing can be
    done in it.

    `exclude`: persons whom the reporter shut out, ever. `mailbox_pk`: from what the reporter signed alone; None when
    the report names none or is not signed. `report_hash`: the envelope hash that the reporter's receipt names.
    `rewritten`: the server gave two statuses for one place in the history.
    """

    line: CaseLine
    report: Entry | None
    entries: tuple[Entry, ...] = ()
    statuses: tuple[StatusEntry, ...] = ()
    rewritten: bool = False
    exclude: frozenset[bytes] = frozenset()
    at_report: frozenset[bytes] = frozenset()
    seen: tuple[bytes, ...] = ()
    content_key: bytes | None = field(default=None)
    mailbox_pk: bytes | None = None
    choice: int = FIRST
    """The newest number of the reporter's choice that this desk was given."""
    choice_named_by: tuple[Card, ...] = ()
    """Colleagues whose answers name a newer one: the server keeps something of the reporter's from this desk, or what
    they name is not true."""
    report_hash: bytes = b""
    said: tuple[AuthoredRecord, ...] = ()
    left: bool = False
    """This auditor stepped back from the case."""
    fault: str = ""
    """Why the report does not open here (`fault_of`); empty where it does."""
    report_fault: str = ""
    """What does not fit about whom a report that can't be opened was sealed to (`Entry.list_fault`)."""

    @property
    def list_faults(self) -> tuple[str, ...]:
        """What does not fit about whom the envelopes of the case were sealed to, the report's first, each once."""
        faults = [entry.list_fault for entry in (self.report, *self.entries) if entry is not None]
        return tuple(dict.fromkeys(fault for fault in (self.report_fault, *faults) if fault))

    @property
    def choice_withheld(self) -> bool:
        """Tell whether somebody names a newer choice of the reporter than this desk was given: nothing may be sent."""
        return bool(self.choice_named_by)

    @cached_property
    def state(self) -> CaseState:
        """What the auditors' records say together."""
        given = dict(self.report.answers).get("cause", "") if self.report else ""
        return fold(self.said, given)

    @property
    def language(self) -> str:
        """The language of the page that the reporter last used a form on (a word of `crypto.payloads.LANGUAGES`);
        empty: not said."""
        own = [entry for entry in self.entries if entry.verified and entry.kind == Kind.FROM_REPORTER]
        forms = [form for form in (self.report, *own) if form is not None and form.language]
        return forms[-1].language if forms else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The statuses that can be believed, as the clocks need them."""
        return tuple(Step(status.status, status.day) for status in self.statuses if status.verified)

    @property
    def days_contradict(self) -> bool:
        """Tell whether signed days contradict the server's: a status before the report came, or before the one that
        it follows."""
        days = [self.line.received_day, *(status.day for status in self.statuses if status.verified)]
        return days != sorted(days)

    @property
    def answered(self) -> date | None:
        """The day of the first message to the reporter."""
        days = [entry.day for entry in self.entries if entry.kind == Kind.TO_REPORTER and entry.verified]
        return min(days, default=None)

    @property
    def is_open(self) -> bool:
        """Tell whether the report could be opened."""
        return self.content_key is not None

    @property
    def is_shut(self) -> bool:
        """Tell whether nothing of this case is shown here: it is whole, and not for this key."""
        return self.fault == SHUT

    @property
    def files(self) -> list[File]:
        """The files that the reporter's words name."""
        own = [entry for entry in self.entries if entry.verified and entry.author is None]
        # A report that nobody signed is shown, so that none is lost; so are its files.
        named = [self.report, *own] if self.report else own
        return [file for entry in named for file in entry.files]

    @property
    def foreign(self) -> tuple[Entry, ...]:
        """What came under the reporter's name and is signed with other keys than the report's."""
        return tuple(
            entry
            for entry in self.entries
            if entry.kind == Kind.FROM_REPORTER and entry.opened and not entry.verified
        )

    @property
    def status(self) -> str:
        """Return the last status that the server has: the next one has to follow it."""
        return self.statuses[-1].status if self.statuses else RECEIVED

    @property
    def status_is_verified(self) -> bool:
        """Tell whether that status can be believed."""
        return not self.statuses or self.statuses[-1].verified

    @property
    def next_sequence(self) -> int:
        """Return the sequence of the next status."""
        return self.statuses[-1].sequence + 1 if self.statuses else 1

    def file(self, object_id: bytes) -> File | None:
        """Return a file that the reporter's words name."""
        return find(self.files, object_id)

    def entry(self, envelope_id: bytes) -> Entry | None:
        """Return the entry of an envelope."""
        return next((entry for entry in self.entries if entry.envelope_id == envelope_id), None)


def open_one(line: EnvelopeLine, sealed: SealedBytes | None, identity: Identity) -> Opened | None:
    """Open an envelope that has to be what the feed says; None when it can't be (nobody can tell why)."""
    if sealed is None:
        return None
    try:
        opened = unseal(sealed.raw, identity.box_sk, identity.box_pk, identity.key_id, sealed.grants)
    except BadData:
        return None
    return opened if (opened.envelope_id, int(opened.kind)) == (line.envelope_id, line.kind) else None


BEFORE: Final = "before"
"""The fault of an envelope that came before this key was enrolled."""


LIST: Final = "list"
"""The fault of an envelope that was locked for others than the list of auditors says."""


def fault_of(
    line: EnvelopeLine, sealed: SealedBytes | None, people: People, identity: Identity, floors: Floors = ()
) -> str:
    """Return why an envelope does not open here; empty when it does.

    SHUT; BEFORE: it came before this key was enrolled, and no grant opens; `withheld`: the server did not hand it out;
    `no_slot`: it has none for this key, which was on the list; LIST: its slots don't fit the list in another way (2.5);
    `damaged`: it is not what was sealed, or not what the feed says. Of SHUT nobody can tell whether the reporter shut
    this key out, and nothing of it is shown.
    """
    if sealed is None:
        return "withheld"
    try:
        opened = unseal(sealed.raw, identity.box_sk, identity.box_pk, identity.key_id, sealed.grants)
    except (CannotOpen, NotAddressed):
        fault = list_fault(people, sealed.raw, None, identity.key_id, floor_of(floors, line.seq))
        if fault:
            return "no_slot" if fault == "SlotMissing" else LIST
        own = identity.key_id in {slot.key_id for slot in decode(sealed.raw).slots}
        return SHUT if own else BEFORE
    except BadData:
        return "damaged"
    return "" if (opened.envelope_id, int(opened.kind)) == (line.envelope_id, line.kind) else "damaged"


def _fault_of_case(
    line: CaseLine,
    envelopes: Sequence[EnvelopeLine],
    sealed: Mapping[bytes, SealedBytes],
    people: People,
    identity: Identity,
    floors: Floors,
) -> str:
    """Return why a case's report does not open; SHUT only where nothing of the case shows a fault or opens."""
    faults = {
        envelope.envelope_id: fault_of(envelope, sealed.get(envelope.envelope_id), people, identity, floors)
        for envelope in envelopes
    }
    first = faults.pop(line.report_id, "withheld") if line.report_id else "withheld"
    later = next((fault for fault in faults.values() if fault not in ("", SHUT, BEFORE)), "")
    if first not in (SHUT, BEFORE):
        return first
    if "" in faults.values():
        # A reader of a part of a case was not shut out of it: the report was exchanged, or not handed over yet.
        return later or (BEFORE if first == BEFORE else "damaged")
    return later or SHUT


def excerpt(opened: Opened, length: int) -> str:
    """Return the beginning of a report on one line."""
    text = show(opened.payload["what_happened"]) if "what_happened" in opened.payload else _raw(opened)
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1].rstrip() + "…"


def show(value: object) -> str:
    """Return what a payload holds as text that can be shown, whatever it is."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, repr=False)
class _Room:
    """What decides who may speak in a case: its report, the list of auditors, whom the reporter shut out.

    `own`: ids of the envelopes that are the reporter's.
    """

    case_id: bytes
    report: Opened
    act_pk: bytes
    own: frozenset[bytes]
    at_report: frozenset[bytes]
    people: People
    out: frozenset[bytes] = frozenset()

    def may_speak(self, author: object, day: date) -> Card | None:
        """Return the card of an auditor who is allowed a word here on a day."""
        try:
            key_id = author if isinstance(author, bytes) else id_from_hex(str(author))
        except BadData:
            return None
        card = self.people.by_key.get(key_id)
        if card is None or key_id in self.out or day > self.people.retired.get(key_id, day):
            return None
        return card if roles.reads_reports(self.people.role_of(key_id)) else None


def open_case(
    line: CaseLine,
    envelopes: Sequence[EnvelopeLine],
    sealed: Mapping[bytes, SealedBytes],
    statuses: Sequence[StatusLine],
    people: People,
    identity: Identity,
    floors: Floors = (),
) -> CaseFile:
    """Open and check a whole case. Never raises for what is in it. `floors`: how long the list was, and when."""

    def with_fault(entry: Entry) -> Entry:
        there = sealed.get(entry.envelope_id)
        if there is None:
            return entry
        content = opened[entry.envelope_id] if entry.verified else None
        floor = floor_of(floors, places[entry.envelope_id])
        payload = content.payload if content is not None else None
        return replace(entry, list_fault=list_fault(people, there.raw, payload, identity.key_id, floor))

    places = {envelope.envelope_id: envelope.seq for envelope in envelopes}
    opened = {
        envelope.envelope_id: open_one(envelope, sealed.get(envelope.envelope_id), identity)
        for envelope in envelopes
    }
    report = opened.get(line.report_id) if line.report_id else None
    if report is None:
        later = [envelope for envelope in envelopes if envelope.envelope_id != line.report_id]
        unchecked = tuple(with_fault(_words(envelope, opened[envelope.envelope_id])) for envelope in later)
        of_report = [
            with_fault(_words(envelope, None))
            for envelope in envelopes
            if envelope.envelope_id == line.report_id
        ]
        return CaseFile(
            line,
            None,
            unchecked,
            _claims(statuses, people),
            _is_rewritten(statuses),
            fault=_fault_of_case(line, envelopes, sealed, people, identity, floors),
            report_fault=of_report[0].list_fault if of_report else "",
        )
    # A report that was moved here from another case is shown, but its keys are not this case's.
    chain = Chain(report.payload if _is_in_place(report, line.case_id) else {})
    own = _reporters(chain, report, [opened[envelope.envelope_id] for envelope in envelopes], line.case_id)
    room = _room(line, report, sealed[report.envelope_id].raw, own, people)
    exclude = frozenset(
        person
        for content in opened.values()
        # Whom a report names that nobody signed is shut out all the same: that can only keep words from somebody.
        if content and (content is report or content.envelope_id in own)
        for person in _excluded(content)
    )
    if exclude:
        room = replace(room, out=people.shut_out(exclude, room.at_report))
    known = {hex_id(envelope.envelope_id) for envelope in envelopes}
    entries = [
        _entry(envelope, opened[envelope.envelope_id], sealed.get(envelope.envelope_id), room, known)
        for envelope in envelopes
    ]
    choice = max(
        [FIRST, *(_choice(content) for content in opened.values() if content and content.envelope_id in own)]
    )
    said = _said(entries, people)
    backs = fold(said).step_backs if said else {}
    entries = [with_fault(entry) for entry in (_without_left(entries, backs) if backs else entries)]
    return CaseFile(
        line=line,
        report=next(entry for entry in entries if entry.envelope_id == line.report_id),
        entries=tuple(entry for entry in entries if entry.envelope_id != line.report_id),
        statuses=_history(statuses, room, {person: recusal.day for person, recusal in backs.items()}),
        rewritten=_is_rewritten(statuses),
        exclude=exclude,
        at_report=room.at_report,
        # Of records among auditors the reporter knows nothing; naming them would look like a gap.
        seen=tuple(envelope.envelope_id for envelope in envelopes if envelope.kind != Kind.RECORD),
        content_key=report.content_key,
        mailbox_pk=chain.current.mailbox_pk if chain.current else None,
        choice=choice,
        choice_named_by=_named_by(entries, opened, choice),
        report_hash=envelope_hash(sealed[report.envelope_id].raw),
        said=said,
    )


def _without_left(entries: Sequence[Entry], backs: Mapping[bytes, AuthoredRecord]) -> list[Entry]:
    """Take answers for nobody's that somebody signed after stepping back; their records don't count anyway."""
    gone: set[bytes] = set()
    believed: list[Entry] = []
    ids = {recusal.envelope_id: person for person, recusal in backs.items()}
    for entry in entries:
        if entry.envelope_id in ids:
            gone.add(ids[entry.envelope_id])
        author = entry.author
        if author is not None and author.person in gone and entry.kind == Kind.TO_REPORTER:
            entry = replace(entry, verified=False, author=None, left=author)
        believed.append(entry)
    return believed


def _said(entries: Sequence[Entry], people: People) -> tuple[AuthoredRecord, ...]:
    return tuple(
        AuthoredRecord(
            entry.envelope_id,
            entry.author.key_id,
            entry.author.person,
            people.role_of(entry.author.key_id),
            entry.day,
            entry.record,
        )
        for entry in entries
        if entry.kind == Kind.RECORD and entry.verified and entry.author and entry.record
    )


def _room(line: CaseLine, report: Opened, raw: bytes, own: frozenset[bytes], people: People) -> _Room:
    envelope = decode(raw)
    slots = frozenset(slot.key_id for slot in envelope.slots)
    # What was shown is what the reporter signed; a report that nobody signed shows nothing about it.
    signed = signed_keys(report.payload) if report.envelope_id in own else None
    return _Room(
        case_id=line.case_id,
        report=report,
        act_pk=envelope.act_pk,  # opening compared it with the one that the content key gives
        own=own,
        at_report=slots if signed is None else signed,
        people=people,
    )


def _is_in_place(opened: Opened, case_id: bytes) -> bool:
    ids = (opened.payload.get("case_id"), opened.payload.get("envelope_id"))
    return ids == (hex_id(case_id), hex_id(opened.envelope_id))


def _reporters(
    chain: Chain, report: Opened, opened: Sequence[Opened | None], case_id: bytes
) -> frozenset[bytes]:
    """Return the ids of the envelopes that are the reporter's; `opened` is in the order of the feed."""
    if chain.current is None:
        return frozenset()
    later = [
        message
        for message in opened
        if message and message.kind == Kind.FROM_REPORTER and _is_in_place(message, case_id)
    ]
    return frozenset(
        {report.envelope_id, *(message.envelope_id for message in later if chain.accept(message.payload))}
    )


def _excluded(opened: Opened) -> list[bytes]:
    persons = opened.payload.get("exclude", [])
    kept = []
    for person in persons if isinstance(persons, list) else []:
        try:
            kept.append(id_from_hex(person))
        except BadData:
            continue
    return kept


def _choice(opened: Opened | None) -> int:
    number: Any = opened.payload.get("choice") if opened else None
    return int(number) if is_choice(number) else 0


def _named_by(
    entries: Sequence[Entry], opened: Mapping[bytes, Opened | None], choice: int
) -> tuple[Card, ...]:
    """Return the authors of answers that name a newer choice, each once."""
    answers = [
        answer for answer in entries if answer.kind == Kind.TO_REPORTER and answer.verified and answer.author
    ]
    named = [answer.author for answer in answers if _choice(opened[answer.envelope_id]) > choice]
    return tuple({card.key_id: card for card in named if card}.values())


def _auditor(line: EnvelopeLine, opened: Opened, raw: bytes, room: _Room) -> Card | None:
    """Return the auditor whose word this is, or None when it can't be anybody's."""
    card = room.may_speak(opened.payload.get("author"), line.day)
    if card is None or line.act_sig is None or not _is_in_place(opened, room.case_id):
        return None
    try:
        messages.verify_auditor(opened.kind, opened.payload, card.sign_pk)
        messages.verify(room.act_pk, messages.act_text(room.case_id, raw), line.act_sig)
    except (BadData, MisuseError):
        return None
    return card


def _entry(
    line: EnvelopeLine, opened: Opened | None, sealed: SealedBytes | None, room: _Room, known: Collection[str]
) -> Entry:
    entry = _words(line, opened)
    if opened is None or sealed is None:
        return entry
    author = (
        _auditor(line, opened, sealed.raw, room) if opened.kind in (Kind.TO_REPORTER, Kind.RECORD) else None
    )
    verified = author is not None or opened.envelope_id in room.own
    entry = replace(entry, excluded=None if verified else _excluded_author(opened, room))
    seen = opened.payload.get("seen")
    gap = (
        verified
        and isinstance(seen, list)
        and any(envelope_id not in known for envelope_id in map(str, seen))
    )
    return replace(entry, verified=verified, author=author, gap=gap, unusual=_unusual(opened, room))


def _excluded_author(opened: Opened, room: _Room) -> Card | None:
    """Return the auditor who signed this although the reporter shut that person out."""
    if opened.kind not in (Kind.TO_REPORTER, Kind.RECORD):
        return None
    try:
        card = room.people.by_key.get(id_from_hex(str(opened.payload.get("author"))))
        if card is None or card.key_id not in room.out:
            return None
        messages.verify_auditor(opened.kind, opened.payload, card.sign_pk)
    except (BadData, MisuseError):
        return None
    return card


def record_of(opened: Opened) -> Record | None:
    """Return what a record says; None for what is none, or not as the format says."""
    if opened.kind != Kind.RECORD:
        return None
    try:
        return parse_record(opened.payload.get("record"))
    except BadRecord:
        return None


def _words(line: EnvelopeLine, opened: Opened | None) -> Entry:
    """Return what an envelope says, as nobody's word yet."""
    if opened is None:
        return Entry(line.envelope_id, line.kind, line.day)
    answers = tuple((name, show(opened.payload[name])) for name in REPORT_FIELDS if name in opened.payload)
    meaning = meaning_of(opened.payload) if opened.kind == Kind.FROM_REPORTER else ""
    named = _NAMED | {"meaning"} if meaning else _NAMED
    others = tuple((show(name), show(value)) for name, value in opened.payload.items() if name not in named)
    message = show(opened.payload["message"]) if "message" in opened.payload else None
    is_new_code = (
        opened.kind == Kind.FROM_REPORTER and message is None and "reporter_sign_pk" in opened.payload
    )
    files, record = files_of(opened.payload), record_of(opened)
    language = opened.payload.get("language")
    said = message is not None or answers or others or files or is_new_code or record
    return Entry(
        envelope_id=line.envelope_id,
        kind=line.kind,
        day=line.day,
        opened=True,
        message=message,
        answers=answers,
        others=others,
        raw="" if said else _raw(opened),
        unusual=opened.unusual,
        files=files,
        odd_files=_counts_more(opened.payload.get("files", []), files),
        new_code=is_new_code,
        record=record,
        language=language if isinstance(language, str) and language in LANGUAGES else "",
        meaning=meaning,
    )


def _counts_more(listed: object, files: Sequence[File]) -> bool:
    return not isinstance(listed, list) or len(listed) != len(files)


def _unusual(opened: Opened, room: _Room) -> tuple[str, ...]:
    moved = "case_id" in opened.payload and opened.payload["case_id"] != hex_id(room.case_id)
    return (*opened.unusual, "CaseIdMismatch") if moved else opened.unusual


def _history(lines: Sequence[StatusLine], room: _Room, left: Mapping[bytes, date]) -> tuple[StatusEntry, ...]:
    """Return the statuses in their order. `left`: persons who stepped back, and when: later ones are nobody's."""
    entries: list[StatusEntry] = []
    for line in _latest(lines):
        before = entries[-1] if entries else None
        author = _status_author(line, room) if _may_follow(before, line) else None
        if author is not None and line.day > left.get(author.person, line.day):
            author = None
        entries.append(StatusEntry(line.sequence, line.status, line.day, author, author is not None))
    return tuple(entries)


def _claims(lines: Sequence[StatusLine], people: People) -> tuple[StatusEntry, ...]:
    """Return statuses of a case whose report can't be opened: nothing shows whether they may be believed."""
    return tuple(
        StatusEntry(line.sequence, line.status, line.day, people.by_key.get(line.author), False)
        for line in _latest(lines)
    )


def _latest(lines: Sequence[StatusLine]) -> list[StatusLine]:
    """Return one status for each sequence: where the server gave two, the one that it gave last."""
    return list({line.sequence: line for line in lines}.values())


def _may_follow(before: StatusEntry | None, line: StatusLine) -> bool:
    old, sequence = (before.status, before.sequence) if before else (RECEIVED, 0)
    try:
        check_transition(old, line.status)
    except IllegalTransition:
        return False
    return line.sequence == sequence + 1


def _status_author(line: StatusLine, room: _Room) -> Card | None:
    card = room.may_speak(line.author, line.day)
    if card is None:
        return None
    try:
        text = messages.status_text(room.case_id, line.sequence, line.author, line.status, line.day)
        messages.verify(card.sign_pk, text, line.sig)
        messages.verify(room.act_pk, text, line.act_sig)
    except (BadData, ValueError, OverflowError):
        return None
    return card


def _is_rewritten(lines: Sequence[StatusLine]) -> bool:
    return len({line.sequence for line in lines}) != len(lines)


def _raw(opened: Opened) -> str:
    return show(opened.raw_payload.decode("utf-8", "replace"))
