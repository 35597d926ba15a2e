"""Opens and checks a whole case: report, chain of the reporter's keys, exclusions, entries, statuses.

No Flask, no network, no disk in here. Whose words (format.md, section 2):

- The report carries the keys of its reporter and is signed with one of them. It is the first envelope of kind 1 of
  its case; another one is unverified.
- A reporter's later message counts when the key that is current at its place in the feed signed it: the report's,
  or the one that it was given up for.
- An auditor's message, record or status counts when a card of the checked list signed it, when that key is
  not excluded by the reporter, and when the report's act key signed it too (its author had opened the
  report).

What fails is kept and marked as unverified.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from admin.desk.casework.access import access_of, unheard_of, without_gone
from admin.desk.casework.addressed import Floors, floor_of, list_fault
from admin.desk.casework.authors import (
    Authors,
    auditor_of,
    authors_of,
    claims_of,
    excluded_author_of,
    history_of,
    is_in_place,
    is_rewritten,
)
from admin.desk.casework.case_entries import Entry, WrittenDown
from admin.desk.casework.content import entry_of, open_one
from admin.desk.casework.faults import BEFORE, fault_of, fault_of_case
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from admin.desk.local.summary import SHUT
from admin.desk.server.responses import SealedBytes
from cases import roles
from cases.case_fold import each, fold
from cases.case_state import AuthoredRecord
from crypto.access import Access
from crypto.cards import Card
from crypto.choice import FIRST
from crypto.encoding import hex_id, id_from_hex
from crypto.envelope import Kind, envelope_hash
from crypto.errors import BadData, MisuseError
from crypto.identity import Identity
from crypto.intake import claims_intake, read_intake
from crypto.listing import Floor
from crypto.payloads import is_choice
from crypto.reporter_keys import Chain
from crypto.unseal import Opened


def open_case(
    line: CaseLine,
    envelopes: Sequence[EnvelopeLine],
    sealed: Mapping[bytes, SealedBytes],
    statuses: Sequence[StatusLine],
    roster: SiteRoster,
    identity: Identity,
    floors: Floors = (),
) -> OpenedCase:
    """Open and check a whole case. Never raises for what is in it. `floors`: how long the list was, and when."""
    opening = _Opening(line, envelopes, sealed, statuses, roster, identity, floors)
    return opening.without_report() if opening.report is None else opening.with_report(opening.report)


@dataclass(frozen=True, repr=False)
class _Opening:
    """A case while it is opened; each step is a property or method of its own."""

    line: CaseLine
    envelopes: Sequence[EnvelopeLine]
    sealed: Mapping[bytes, SealedBytes]
    statuses: Sequence[StatusLine]
    roster: SiteRoster
    identity: Identity
    floors: Floors

    @cached_property
    def opened(self) -> Mapping[bytes, Opened | None]:
        """The envelopes in the order of the feed, opened where they open."""
        return {
            envelope.envelope_id: open_one(envelope, self.sealed.get(envelope.envelope_id), self.identity)
            for envelope in self.envelopes
        }

    @cached_property
    def _places(self) -> Mapping[bytes, int]:
        return {envelope.envelope_id: envelope.seq for envelope in self.envelopes}

    @property
    def report(self) -> Opened | None:
        """The report; None where it does not open."""
        return self.opened.get(self.line.report_id) if self.line.report_id else None

    def without_report(self) -> OpenedCase:
        """Return a case whose report does not open: nothing in it can be checked."""
        later = [envelope for envelope in self.envelopes if envelope.envelope_id != self.line.report_id]
        of_report = [envelope for envelope in self.envelopes if envelope.envelope_id == self.line.report_id]
        own = [self._with_list_fault(entry_of(envelope, None)) for envelope in of_report]
        return OpenedCase(
            self.line,
            None,
            tuple(
                self._with_list_fault(entry_of(envelope, self.opened[envelope.envelope_id]))
                for envelope in later
            ),
            claims_of(self.statuses, self.roster),
            is_rewritten(self.statuses),
            fault=fault_of_case(
                self.line, self.envelopes, self.sealed, self.roster, self.identity, self.floors
            ),
            report_fault=own[0].list_fault if own else "",
        )

    def with_report(self, report: Opened) -> OpenedCase:
        """Return a case whose report opens: keys, exclusions, entries, statuses, each from what is verified before."""
        # A report that was moved here from another case is shown, but its keys are not this case's.
        chain = Chain(report.payload if is_in_place(report, self.line.case_id) else {})
        own = _reporters(chain, report, list(self.opened.values()), self.line.case_id)
        raw = self.sealed[report.envelope_id].raw
        exclude = self._excluded(report, own)
        authors = authors_of(self.line, report, raw, own, self.roster)
        access = access_of(self.envelopes, self.opened, self.sealed, authors, _excluded, self._is_late)
        authors = replace(
            authors,
            out=self.roster.excluded_keys(exclude, authors.at_report) if exclude else frozenset(),
            guests=frozenset(signed.change.target for signed in access.counted),
        )
        checked = self._entries(authors)
        if access.counted:
            checked = without_gone(checked, access, self.roster)
        choice = max(
            [FIRST, *(_choice(self.opened[envelope_id]) for envelope_id in self.opened if envelope_id in own)]
        )
        said = _said(checked, self.roster)
        backs = fold(said).step_backs if said else {}
        entries = [
            self._with_list_fault(entry) for entry in (_without_left(checked, backs) if backs else checked)
        ]
        shown = tuple(
            self._kept_from_own(entry) for entry in entries if entry.envelope_id != self.line.report_id
        )
        return OpenedCase(
            line=self.line,
            report=next(entry for entry in entries if entry.envelope_id == self.line.report_id),
            entries=shown,
            moved=self._moved({entry.envelope_id for entry in shown if entry.kept_from_own}),
            statuses=history_of(self.statuses, authors, self._gone_since(access, backs)),
            rewritten=is_rewritten(self.statuses),
            exclude=exclude,
            at_report=authors.at_report,
            # Of records among auditors the reporter knows nothing; naming them would look like a gap.
            seen=tuple(envelope.envelope_id for envelope in self.envelopes if envelope.kind != Kind.RECORD),
            content_key=report.content_key,
            mailbox_pk=chain.current.mailbox_pk if chain.current else None,
            choice=choice,
            choice_named_by=_named_by(entries, self.opened, choice),
            report_hash=envelope_hash(raw),
            said=said,
            written_down=self._written_down(report),
            access=access,
            unheard=unheard_of(self.envelopes, self.opened, own, access),
        )

    def _is_late(self, line: EnvelopeLine) -> bool:
        """Tell whether an envelope that is here goes by a list before the one that this desk knew before it came."""
        floor = floor_of(self.floors, line.seq)
        raw, own = self.sealed[line.envelope_id].raw, self.identity.key_id
        content = self.opened[line.envelope_id]
        faults = [
            list_fault(self.roster, raw, content.payload if content else None, own, at)
            for at in (floor, Floor())
        ]
        return faults[0] != faults[1]

    def _kept_from_own(self, entry: Entry) -> Entry:
        """Mark a record that its author kept from this desk's key. One that is damaged, or was not handed out, is shown
        as such."""
        if entry.kind != Kind.RECORD or entry.opened:
            return entry
        line = next(line for line in self.envelopes if line.envelope_id == entry.envelope_id)
        there = self.sealed.get(entry.envelope_id)
        fault = fault_of(line, there, self.roster, self.identity, self.floors)
        # A guest has no slot: what is not granted to it is not for it, or not yet.
        is_guest = roles.reads_given_cases(self.roster.role_of(self.identity.key_id))
        return replace(entry, kept_from_own=fault == SHUT or (fault == BEFORE and is_guest))

    def _moved(self, kept: Collection[bytes]) -> int | None:
        """Return `OpenedCase.moved`. `kept`: the records that were kept from this key."""
        places = {line.seq: line.envelope_id in kept for line in self.envelopes}
        if not places.get(self.line.last_seq):
            return None
        others = [place for place, is_kept in places.items() if not is_kept]
        return max([*others, *(line.seq for line in self.statuses)])

    def _gone_since(self, access: Access, backs: Mapping[bytes, AuthoredRecord]) -> dict[bytes, date]:
        """Return the persons who stepped back or were taken off, each with the day: later statuses are unverified."""
        days = {envelope.envelope_id: envelope.day for envelope in self.envelopes}
        off = {
            signed.change.target: days[signed.envelope_id]
            for signed in access.counted
            if signed.change.target in access.off
        }
        return {**off, **{person: recusal.day for person, recusal in backs.items()}}

    def _written_down(self, report: Opened) -> WrittenDown | None:
        if not claims_intake(report.payload):
            return None
        cards = self.roster.by_key
        try:
            said = read_intake(report.payload, {key_id: card.sign_pk for key_id, card in cards.items()})
        except (BadData, MisuseError):
            return WrittenDown()
        return WrittenDown(cards[said.author], said, frozenset(_excluded(report))) if said else None

    def _excluded(self, report: Opened, own: frozenset[bytes]) -> frozenset[bytes]:
        return frozenset(
            person
            for content in self.opened.values()
            # Whom an unsigned report names is excluded all the same: that can only keep words from somebody.
            if content and (content is report or content.envelope_id in own)
            for person in _excluded(content)
        )

    def _entries(self, authors: Authors) -> list[Entry]:
        known = {hex_id(envelope.envelope_id) for envelope in self.envelopes}
        return [
            _entry(
                envelope,
                self.opened[envelope.envelope_id],
                self.sealed.get(envelope.envelope_id),
                authors,
                known,
            )
            for envelope in self.envelopes
        ]

    def _with_list_fault(self, entry: Entry) -> Entry:
        there = self.sealed.get(entry.envelope_id)
        if there is None:
            return entry
        content = self.opened[entry.envelope_id] if entry.verified else None
        floor = floor_of(self.floors, self._places[entry.envelope_id])
        payload = content.payload if content is not None else None
        return replace(
            entry, list_fault=list_fault(self.roster, there.raw, payload, self.identity.key_id, floor)
        )


def _without_left(entries: Sequence[Entry], backs: Mapping[bytes, AuthoredRecord]) -> list[Entry]:
    """Take as unverified the answers that somebody signed after stepping back; their records don't count anyway."""
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


def _said(entries: Sequence[Entry], roster: SiteRoster) -> tuple[AuthoredRecord, ...]:
    written = (
        AuthoredRecord(
            entry.envelope_id,
            entry.author.key_id,
            entry.author.person,
            roster.role_of(entry.author.key_id),
            entry.day,
            entry.record,
        )
        for entry in entries
        if entry.kind == Kind.RECORD and entry.verified and entry.author and entry.record
    )
    return tuple(part for whole in written for part in each(whole))


def _reporters(
    chain: Chain, report: Opened, opened: Sequence[Opened | None], case_id: bytes
) -> frozenset[bytes]:
    """Return the ids of the envelopes that are the reporter's; `opened` is in the order of the feed."""
    if chain.current is None:
        return frozenset()
    later = [
        message
        for message in opened
        if message and message.kind == Kind.FROM_REPORTER and is_in_place(message, case_id)
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


def _entry(
    line: EnvelopeLine,
    opened: Opened | None,
    sealed: SealedBytes | None,
    authors: Authors,
    known: Collection[str],
) -> Entry:
    entry = entry_of(line, opened)
    if opened is None or sealed is None:
        return entry
    author = (
        auditor_of(line, opened, sealed.raw, authors)
        if opened.kind in (Kind.TO_REPORTER, Kind.RECORD)
        else None
    )
    verified = author is not None or opened.envelope_id in authors.own
    entry = replace(entry, excluded=None if verified else excluded_author_of(opened, authors))
    seen = opened.payload.get("seen")
    gap = (
        verified
        and isinstance(seen, list)
        and any(envelope_id not in known for envelope_id in map(str, seen))
    )
    return replace(entry, verified=verified, author=author, gap=gap, unusual=_unusual(opened, authors))


def _unusual(opened: Opened, authors: Authors) -> tuple[str, ...]:
    moved = "case_id" in opened.payload and opened.payload["case_id"] != hex_id(authors.case_id)
    return (*opened.unusual, "CaseIdMismatch") if moved else opened.unusual
