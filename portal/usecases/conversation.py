"""A case as its reporter reads it, and what the reporter adds to it. No Flask in here.

The mailbox's secret key is in the `Receipt` that a request brings; it is used for that request and kept
nowhere. What can't be verified is counted, never shown: the server could write anything into its own database,
but it can't sign for an auditor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cases.form import FORM_ORDER
from crypto import messages
from crypto.access import OFF, person_of
from crypto.cards import Card
from crypto.casehead import CaseHead, Stop, StoredEnvelope, head_of
from crypto.envelope import Kind, decode
from crypto.errors import BadData, BadSignature, MisuseError
from crypto.intake import Intake, claims_intake, read_intake
from crypto.listing import check_exchanged, check_readers
from crypto.payloads import is_file, meaning_of
from crypto.receipt import Receipt
from crypto.roster import Roster
from crypto.roster_errors import BadReaders
from crypto.treated import Treated, treated_as
from crypto.unseal import Opened
from store import cases as store_cases
from store.code_page import CodePage
from store.log import LogState


@dataclass(frozen=True, repr=False)
class StoredCase:
    """The stored rows of a case, still sealed. `grants`: keys that the mailbox can open, by envelope id; `log`: the
    public log's state at that time.
    """

    case: store_cases.CaseRow
    envelopes: Sequence[store_cases.EnvelopeRow]
    statuses: Sequence[store_cases.StatusRow]
    grants: Mapping[bytes, Sequence[bytes]]
    log: LogState | None = None


@dataclass(frozen=True)
class ReadersChange:
    """A person was taken off the case (`is_off`), or the case was given to somebody. `counts`: by the rules of
    format.md, 2.16. `card`: of that person; None where no card is known.
    """

    is_off: bool
    counts: bool
    person: bytes
    card: Card | None


@dataclass(frozen=True, repr=False)
class Contribution:
    """One contribution, a `message` or a form's `answers` (its `category` with them). `author`: an auditor; None for
    the reporter.

    `files`: the entries of what came with it (format.md, 4.2). `new_code`: here the reporter took a new code.
    `fault`: what does not fit about whom it was sealed to (format.md, 2.5); "" for nothing.
    """

    envelope_id: bytes
    day: date
    author: Card | None
    message: str
    answers: Mapping[str, str]
    files: Sequence[Mapping[str, Any]] = ()
    new_code: bool = False
    fault: str = ""
    meaning: str = ""
    """The meaning that the reporter gave the message (`crypto.payloads.MEANINGS`); "" for an ordinary one."""
    treated: str = ""
    """Of an answer: what the auditors treat the report as (`crypto.payloads.TREATED`); "" where it does not say."""
    change: ReadersChange | None = None
    """Of an answer: what it changes about who reads the case."""


@dataclass(frozen=True)
class VerifiedStatus:
    """A status whose signature was checked."""

    status: str
    day: date
    author: Card


@dataclass(frozen=True)
class WrittenFor:
    """A report that an auditor wrote down for its reporter, or that says so: then `author` and `said` are None."""

    author: Card | None = None
    said: Intake | None = None


@dataclass(frozen=True, repr=False)
class Conversation:
    """A case, opened.

    `roster`: the one that it was opened with. `head`: what follows from it about the report, the choice, and whether
    anything may be sent. `unchecked`: how many entries and statuses are not shown because they could not be checked.
    """

    stored: StoredCase
    roster: Roster
    head: CaseHead
    entries: Sequence[Contribution]
    statuses: Sequence[VerifiedStatus]
    unchecked: int
    written: WrittenFor | None = None
    """Who wrote the report down; None for the reporter's own."""

    @property
    def first_code(self) -> frozenset[bytes]:
        """The reporter's messages (envelope ids) under the first code of a report that was written down: its author may
        know that code. Empty for every other report."""
        if self.written is None:
            return frozenset()
        own = [entry for entry in self.entries if entry.author is None]
        taken = next((at for at, entry in enumerate(own) if entry.new_code), len(own))
        return frozenset(entry.envelope_id for entry in own[1:taken])

    @property
    def treated(self) -> Treated | None:
        """The category that the auditors treat the report as; None where no answer names it."""
        return treated_as((entry.treated, entry.day) for entry in self.entries)

    @property
    def subjects(self) -> frozenset[str]:
        """The categories that the reporter ever chose, and the one that the auditors treat the report as."""
        chosen = {entry.answers.get("category", "") for entry in self.entries}
        return frozenset(chosen | {self.treated.category if self.treated else ""}) - {""}

    @property
    def has_new_code(self) -> bool:
        """Tell whether the first code was given up for another one."""
        return any(entry.new_code for entry in self.entries)

    @property
    def exclude(self) -> frozenset[bytes]:
        """The excluded persons (16 bytes each), as far as that is known."""
        return self.head.known.persons

    @property
    def at_report(self) -> frozenset[bytes]:
        """The key ids that the report has slots for."""
        return self.head.at_report

    @property
    def case_id(self) -> bytes:
        return self.stored.case.case_id

    def row(self, envelope_id: bytes) -> store_cases.EnvelopeRow | None:
        """Return the stored envelope with this id, if this case has it."""
        return next((row for row in self.stored.envelopes if row.envelope_id == envelope_id), None)

    def seen(self) -> list[bytes]:
        """Return the envelopes' ids, oldest first; of records between auditors a reporter knows nothing."""
        return [row.envelope_id for row in self.stored.envelopes if row.kind != Kind.RECORD]


class CaseDeleted(Exception):
    """The code's case was deleted by two persons on `day`: nothing of it is left."""

    def __init__(self, day: date) -> None:
        super().__init__("the case was deleted")
        self.day = day


def stored_in(page: CodePage) -> StoredCase | None:
    """Return the case that a code belongs to; None when there is none, or the code was given up. Raises CaseDeleted."""
    whole = page.whole
    if whole is None:
        return None
    if whole.case.deleted_day is not None:
        raise CaseDeleted(whole.case.deleted_day)
    return StoredCase(whole.case, whole.envelopes, whole.statuses, whole.grants, page.log)


def open_case(stored: StoredCase, roster: Roster, receipt: Receipt) -> Conversation:
    """Open what the mailbox can open and keep what its author signed."""
    sealed = [
        StoredEnvelope(row.envelope_id, row.raw, stored.grants.get(row.envelope_id, ()), row.act_sig)
        for row in stored.envelopes
        if row.kind != Kind.RECORD
    ]
    retired = roster.listing.retired_at
    head = head_of(
        stored.case.case_id, stored.case.mailbox_record, sealed, roster.cards, receipt, retired=retired
    )
    authors = {key_id: roster.by_key[key_id] for key_id in head.trusted - head.excluded_keys}
    changes = _changes(head, roster)

    entries: list[Contribution] = []
    for row in stored.envelopes:
        if row.envelope_id in head.own:
            entries.append(_entry(row, head.opened[row.envelope_id], None, roster))
        elif author := authors.get(head.answers.get(row.envelope_id, b"")):
            entry = _entry(row, head.opened[row.envelope_id], author, roster)
            entries.append(replace(entry, change=changes.get(row.envelope_id)))
    days = {row.envelope_id: row.day for row in stored.envelopes}
    statuses = _statuses(
        stored, authors, head, {change.person: days[at] for at, change in changes.items() if change.counts}
    )
    shown, there = len(entries) + len(statuses), len(sealed) + len(stored.statuses)
    return Conversation(stored, roster, head, entries, statuses, there - shown, _written(head, roster))


def _changes(head: CaseHead, roster: Roster) -> dict[bytes, ReadersChange]:
    """Return what answers change about who reads the case, by envelope id."""
    by_key = roster.by_key
    all_signed = [(signed, True) for signed in head.access.counted]
    all_signed += [(signed, False) for signed, _why in head.access.refused]
    changes = {}
    for signed, counts in all_signed:
        person, is_off = person_of(signed.change, by_key), signed.change.what == OFF
        card = roster.newest_of(person) if is_off else by_key.get(signed.change.target)
        changes[signed.envelope_id] = ReadersChange(is_off, counts, person, card)
    return changes


def _written(head: CaseHead, roster: Roster) -> WrittenFor | None:
    """Return who wrote the report down that heads the case."""
    if head.report_id is None or head.report_id not in head.own:
        return None
    payload = head.opened[head.report_id].payload
    if not claims_intake(payload):
        return None
    try:
        said = read_intake(payload, {card.key_id: card.sign_pk for card in roster.cards})
    except (BadData, MisuseError):
        return WrittenFor()
    return WrittenFor(roster.by_key[said.author], said) if said else None


class ChoiceNeeded(Exception):
    """The exclusions can't be verified: nothing was sent, and the reporter has to choose again."""

    def __init__(self, case: Conversation) -> None:
        super().__init__("the choice is not known")
        self.case = case


class ReportGone(Exception):
    """The report that heads the case is not there any more: nothing was sent, and nothing more can be."""


def check_choice(case: Conversation, chosen_again: bool) -> None:
    """Refuse to go on with a case whose choice is not known. `chosen_again`: the reporter has just been asked.

    Raises ChoiceNeeded, ReportGone.
    """
    if case.head.stop is Stop.NO_REPORT:
        raise ReportGone
    if case.head.asks and not chosen_again:
        raise ChoiceNeeded(case)


def _fault(row: store_cases.EnvelopeRow, opened: Opened, roster: Roster) -> str:
    """Return what does not fit about whom an envelope was sealed to."""
    slots = {slot.key_id for slot in decode(row.raw).slots}
    try:
        if opened.kind == Kind.REPORT:
            check_readers(roster.listing, slots, opened.payload)
        else:
            check_exchanged(opened.payload, slots)
    except BadReaders as fault:
        return type(fault).__name__
    return ""


def _entry(row: store_cases.EnvelopeRow, opened: Opened, author: Card | None, roster: Roster) -> Contribution:
    answers = {name: str(opened.payload[name]) for name in FORM_ORDER if name in opened.payload}
    listed = opened.payload.get("files") if author is None else ()
    return Contribution(
        row.envelope_id,
        row.day,
        author,
        str(opened.payload.get("message", "")),
        answers if author is None else {},
        [entry for entry in listed if is_file(entry)] if isinstance(listed, list) else (),
        new_code=opened.kind == Kind.FROM_REPORTER and "reporter_sign_pk" in opened.payload,
        fault=_fault(row, opened, roster),
        meaning=meaning_of(opened.payload) if author is None else "",
        treated="" if author is None else str(opened.payload.get("category", "")),
    )


def _statuses(
    stored: StoredCase, authors: Mapping[bytes, Card], head: CaseHead, days: Mapping[bytes, date]
) -> list[VerifiedStatus]:
    """Return the statuses that hold. `days`: of the last change about a person: one who is off set none since."""
    statuses: list[VerifiedStatus] = []
    for row in stored.statuses:
        author = authors.get(row.author)
        text = messages.status_text(stored.case.case_id, row.sequence, row.author, row.status, row.day)
        try:
            is_late = author is not None and author.person in head.access.off
            if is_late and author is not None and row.day > days.get(author.person, row.day):
                continue
            if author is not None:
                messages.verify(author.sign_pk, text, row.sig)
                messages.verify(head.act_pk, text, row.act_sig)
                statuses.append(VerifiedStatus(row.status, row.day, author))
        except BadSignature:
            continue
    return statuses
