"""Authorship in a case: who may answer, and the verified author of an answer, record or status (format.md, 2.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from admin.desk.casework.case_entries import StatusEntry
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import CaseLine, EnvelopeLine, StatusLine
from cases import roles
from cases.status import RECEIVED, IllegalTransition, check_transition
from crypto import messages
from crypto.cards import Card
from crypto.encoding import hex_id, id_from_hex
from crypto.envelope import Kind, decode
from crypto.errors import BadData, MisuseError
from crypto.listing import signed_keys
from crypto.unseal import Opened


@dataclass(frozen=True, repr=False)
class Authors:
    """The basis on which authors in a case are checked: its report, the list of auditors, whom the reporter excluded.

    `own`: ids of the envelopes that are the reporter's.
    """

    case_id: bytes
    report: Opened
    act_pk: bytes
    own: frozenset[bytes]
    at_report: frozenset[bytes]
    roster: SiteRoster
    out: frozenset[bytes] = frozenset()
    guests: frozenset[bytes] = frozenset()
    """Guests' keys that the case was given to, at any time."""

    def may_note(self, author: object, day: date) -> Card | None:
        """Return the card of a guest whose records are looked at here."""
        try:
            key_id = id_from_hex(str(author))
        except BadData:
            return None
        is_out = key_id in self.out or day > self.roster.retired.get(key_id, day)
        return self.roster.by_key.get(key_id) if key_id in self.guests and not is_out else None

    def may_speak(self, author: object, day: date) -> Card | None:
        """Return the card of an auditor who is allowed a word here on a day."""
        try:
            key_id = author if isinstance(author, bytes) else id_from_hex(str(author))
        except BadData:
            return None
        card = self.roster.by_key.get(key_id)
        if card is None or key_id in self.out or day > self.roster.retired.get(key_id, day):
            return None
        return card if roles.reads_reports(self.roster.role_of(key_id)) else None


def authors_of(
    line: CaseLine, report: Opened, raw: bytes, own: frozenset[bytes], roster: SiteRoster
) -> Authors:
    """Return who may speak in a case whose report (`raw`: its bytes) opened; `own`: what the reporter signed."""
    envelope = decode(raw)
    slots = frozenset(slot.key_id for slot in envelope.slots)
    # What was shown is what the reporter signed; a report that nobody signed shows nothing about it.
    signed = signed_keys(report.payload) if report.envelope_id in own else None
    return Authors(
        case_id=line.case_id,
        report=report,
        act_pk=envelope.act_pk,  # opening compared it with the one that the content key gives
        own=own,
        at_report=slots if signed is None else signed,
        roster=roster,
    )


def is_in_place(opened: Opened, case_id: bytes) -> bool:
    """Tell whether an envelope says that it belongs to this case."""
    ids = (opened.payload.get("case_id"), opened.payload.get("envelope_id"))
    return ids == (hex_id(case_id), hex_id(opened.envelope_id))


def auditor_of(line: EnvelopeLine, opened: Opened, raw: bytes, authors: Authors) -> Card | None:
    """Return the auditor whose word this is, or None when it can't be anybody's."""
    author = opened.payload.get("author")
    card = authors.may_speak(author, line.day)
    if card is None and opened.kind == Kind.RECORD:
        card = authors.may_note(author, line.day)
    if card is None or line.act_sig is None or not is_in_place(opened, authors.case_id):
        return None
    try:
        messages.verify_auditor(opened.kind, opened.payload, card.sign_pk)
        messages.verify(authors.act_pk, messages.act_text(authors.case_id, raw), line.act_sig)
    except (BadData, MisuseError):
        return None
    return card


def excluded_author_of(opened: Opened, authors: Authors) -> Card | None:
    """Return the auditor who signed this although the reporter excluded that person."""
    if opened.kind not in (Kind.TO_REPORTER, Kind.RECORD):
        return None
    try:
        card = authors.roster.by_key.get(id_from_hex(str(opened.payload.get("author"))))
        if card is None or card.key_id not in authors.out:
            return None
        messages.verify_auditor(opened.kind, opened.payload, card.sign_pk)
    except (BadData, MisuseError):
        return None
    return card


def history_of(
    lines: Sequence[StatusLine], authors: Authors, left: Mapping[bytes, date]
) -> tuple[StatusEntry, ...]:
    """Return the statuses in their order. `left`: persons who stepped back, and when: later ones are unverified."""
    entries: list[StatusEntry] = []
    for line in _latest(lines):
        before = entries[-1] if entries else None
        author = _status_author(line, authors) if _may_follow(before, line) else None
        if author is not None and line.day > left.get(author.person, line.day):
            author = None
        entries.append(
            StatusEntry(line.sequence, line.status, line.day, author, author is not None, line.seq)
        )
    return tuple(entries)


def claims_of(lines: Sequence[StatusLine], roster: SiteRoster) -> tuple[StatusEntry, ...]:
    """Return statuses of a case whose report can't be opened: nothing shows whether they may be believed."""
    return tuple(
        StatusEntry(line.sequence, line.status, line.day, roster.by_key.get(line.author), False, line.seq)
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


def _status_author(line: StatusLine, authors: Authors) -> Card | None:
    card = authors.may_speak(line.author, line.day)
    if card is None:
        return None
    try:
        text = messages.status_text(authors.case_id, line.sequence, line.author, line.status, line.day)
        messages.verify(card.sign_pk, text, line.sig)
        messages.verify(authors.act_pk, text, line.act_sig)
    except (BadData, ValueError, OverflowError):
        return None
    return card


def is_rewritten(lines: Sequence[StatusLine]) -> bool:
    """Tell whether the server gave two statuses for one place in the history."""
    return len({line.sequence for line in lines}) != len(lines)
