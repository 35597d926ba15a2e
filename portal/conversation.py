"""A case as its reporter reads it, and what the reporter adds to it. No Flask in here.

The mailbox's secret key is in the `Receipt` that a request brings; it is used for that request and kept
nowhere. What can't be checked is counted, never shown: the server could write anything into its own database,
but it can't sign for an auditor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from cases.form import REPORT_FIELDS
from crypto import messages, seal
from crypto.encoding import hex_id, id_from_hex
from crypto.envelope import Kind, decode
from crypto.errors import BadData
from crypto.keychain import Chain, ReporterKeys
from crypto.payloads import is_file
from crypto.receipt import Receipt
from crypto.unseal import Opened, unseal
from portal.recipients import Reader, Recipients
from store import cases as store_cases
from store import intake as store_intake


@dataclass(frozen=True, repr=False)
class CaseFile:
    """What is stored of a case, still sealed. `grants`: keys that the mailbox can open, by envelope id."""

    case: store_cases.CaseRow
    envelopes: Sequence[store_cases.EnvelopeRow]
    statuses: Sequence[store_cases.StatusRow]
    grants: Mapping[bytes, Sequence[bytes]]


@dataclass(frozen=True, repr=False)
class Entry:
    """One contribution, a `message` or a form's `answers`. `author`: an auditor; None for the reporter.

    `files`: the entries of what came with it (format.md, 4.2). `new_code`: here the reporter took a new code.
    """

    envelope_id: bytes
    day: date
    author: Reader | None
    message: str
    answers: Mapping[str, str]
    files: Sequence[Mapping[str, Any]] = ()
    new_code: bool = False


@dataclass(frozen=True)
class StatusEntry:
    """A status whose signature was checked."""

    status: str
    day: date
    author: Reader


@dataclass(frozen=True, repr=False)
class Conversation:
    """A case, opened.

    `unchecked`: how many entries and statuses are not shown because they could not be checked.
    `exclude`: persons (16 bytes) whom the reporter shut out, ever.
    `at_report`: key ids that the report has slots for.
    """

    file: CaseFile
    entries: Sequence[Entry]
    statuses: Sequence[StatusEntry]
    unchecked: int
    exclude: frozenset[bytes]
    at_report: frozenset[bytes]

    @property
    def case_id(self) -> bytes:
        return self.file.case.case_id

    def row(self, envelope_id: bytes) -> store_cases.EnvelopeRow | None:
        """Return the stored envelope with this id, if this case has it."""
        return next((row for row in self.file.envelopes if row.envelope_id == envelope_id), None)

    def seen(self) -> list[bytes]:
        """Return the envelopes' ids, oldest first; of records between auditors a reporter knows nothing."""
        return [row.envelope_id for row in self.file.envelopes if row.kind != Kind.RECORD]


class CaseDeleted(Exception):
    """The code's case was deleted by two persons on `day`: nothing of it is left."""

    def __init__(self, day: date) -> None:
        super().__init__("the case was deleted")
        self.day = day


def load(conn: Connection, receipt: Receipt) -> CaseFile | None:
    """Read the case that a code belongs to; None when there is none, or the code was given up. Raises CaseDeleted."""
    code = store_intake.lookup(conn, receipt.index)
    if code is None or code.ended_day is not None:
        return None
    case = store_cases.get(conn, code.case_id)
    if case is None:
        return None
    if case.deleted_day is not None:
        raise CaseDeleted(case.deleted_day)
    return CaseFile(
        case,
        store_cases.envelopes(conn, code.case_id),
        store_cases.statuses(conn, code.case_id),
        store_cases.grants_for(conn, code.case_id, receipt.mailbox_key_id),
    )


def open_case(file: CaseFile, readers: Recipients, receipt: Receipt) -> Conversation:
    """Open what the mailbox can open and keep what its author signed."""
    opened = {row.envelope_id: _open(row, file, receipt) for row in file.envelopes if row.kind != Kind.RECORD}
    own = _own([found for found in opened.values() if found is not None], receipt)
    exclude = _excluded(file, own.values(), receipt)
    at_report, act_pk = _report_header(file)
    authors = _authors(readers, exclude, at_report)

    entries: list[Entry] = []
    for row in file.envelopes:
        if row.envelope_id in own:
            entries.append(_entry(row, own[row.envelope_id], None))
        elif found := opened.get(row.envelope_id):
            author = _signed_by(row, found, authors, act_pk)
            entries += [_entry(row, found, author)] if author else []
    statuses = _statuses(file, authors, act_pk)
    shown, there = len(entries) + len(statuses), len(opened) + len(file.statuses)
    return Conversation(file, entries, statuses, there - shown, exclude, at_report)


def _open(row: store_cases.EnvelopeRow, file: CaseFile, receipt: Receipt) -> Opened | None:
    try:
        found = unseal(
            row.raw,
            receipt.mailbox_sk,
            receipt.mailbox_pk,
            receipt.mailbox_key_id,
            file.grants.get(row.envelope_id, ()),
        )
    except BadData:
        return None
    # An envelope that was moved here from another case, or copied under another id, is none of this case.
    of_case = found.payload.get("case_id") == hex_id(file.case.case_id)
    return found if of_case and found.envelope_id == row.envelope_id else None


def _own(opened: Sequence[Opened], receipt: Receipt) -> dict[bytes, Opened]:
    """Return what the code's holder wrote, by envelope id; `opened` is in the order of the feed.

    The report names the holder's keys, or keys that were given up, one after the other, for the holder's.
    Where the report can't be opened any more, only the holder's own key counts.
    """
    report = next((found for found in opened if found.kind == Kind.REPORT), None)
    later = [found for found in opened if found.kind == Kind.FROM_REPORTER]
    holder = ReporterKeys(receipt.mailbox_pk, receipt.sign_pk)
    if report is not None:
        chain = Chain(report.payload)
        accepted = [found for found in later if chain.accept(found.payload)]
        if chain.current == holder:
            return {found.envelope_id: found for found in (report, *accepted)}
    chain = Chain.of(holder)
    return {found.envelope_id: found for found in later if chain.accept(found.payload)}


def _report_header(file: CaseFile) -> tuple[frozenset[bytes], bytes]:
    """Return the key ids that the report has slots for, and its public key of acts."""
    try:
        report = decode(file.envelopes[0].raw)
    except (BadData, IndexError):
        return frozenset(), b""
    return frozenset(slot.key_id for slot in report.slots), report.act_pk


def _excluded(file: CaseFile, own: Iterable[Opened], receipt: Receipt) -> frozenset[bytes]:
    """Collect everybody whom the reporter ever shut out: mailbox record, report, changed forms."""
    found: set[bytes] = set()
    try:
        found.update(seal.open_exclude(file.case.mailbox_record, receipt.mailbox_sk, receipt.mailbox_pk))
        for opened in own:
            found.update(id_from_hex(person) for person in opened.payload.get("exclude", ()))
    except (BadData, TypeError):
        # The report itself names them as well. What is broken here was not written by this site.
        pass
    return frozenset(found)


def _authors(
    readers: Recipients, exclude: frozenset[bytes], at_report: frozenset[bytes]
) -> dict[bytes, Reader]:
    """Return who may speak in this case: the report was sealed to them, or such a one vouched for them."""
    trusted: dict[bytes, Reader] = {}
    for reader in readers.readers:
        if reader.card.key_id in at_report or reader.card.voucher in trusted:
            trusted[reader.card.key_id] = reader
    out = readers.shut_out(exclude, at_report)
    return {key_id: reader for key_id, reader in trusted.items() if key_id not in out and not reader.watches}


def _signed_by(
    row: store_cases.EnvelopeRow, found: Opened, authors: Mapping[bytes, Reader], act_pk: bytes
) -> Reader | None:
    """Return the auditor who wrote this, if that one signed it, and with the key that only readers have."""
    try:
        author = authors.get(id_from_hex(str(found.payload.get("author"))))
        if author is None or found.kind != Kind.TO_REPORTER:
            return None
        messages.verify_auditor(found.kind, found.payload, author.card.sign_pk)
        act = messages.act_text(id_from_hex(str(found.payload.get("case_id"))), row.raw)
        messages.verify(act_pk, act, row.act_sig or b"")
    except BadData:
        return None
    return author


def _entry(row: store_cases.EnvelopeRow, found: Opened, author: Reader | None) -> Entry:
    answers = {name: str(found.payload[name]) for name in REPORT_FIELDS if name in found.payload}
    listed = found.payload.get("files") if author is None else ()
    return Entry(
        row.envelope_id,
        row.day,
        author,
        str(found.payload.get("message", "")),
        answers if author is None else {},
        [one for one in listed if is_file(one)] if isinstance(listed, list) else (),
        new_code=found.kind == Kind.FROM_REPORTER and "reporter_sign_pk" in found.payload,
    )


def _statuses(file: CaseFile, authors: Mapping[bytes, Reader], act_pk: bytes) -> list[StatusEntry]:
    found: list[StatusEntry] = []
    for row in file.statuses:
        author = authors.get(row.author)
        text = messages.status_text(file.case.case_id, row.sequence, row.status, row.day)
        try:
            if author is not None:
                messages.verify(author.card.sign_pk, text, row.sig)
                messages.verify(act_pk, text, row.act_sig)
                found.append(StatusEntry(row.status, row.day, author))
        except BadData:
            continue
    return found
