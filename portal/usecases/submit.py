"""Takes a form or a message: seals it in memory, stores it in one transaction. No Flask in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection

from crypto import logleaf, messages, seal, tlog
from crypto.choice import FIRST, Choice, ExcludeRecord, first_choice, seal_record
from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.listing import Prefix
from crypto.logpromise import LogPromise
from crypto.receipt import Receipt
from crypto.roster import Roster
from portal.context import Portal, SealedBy
from portal.uploads.receive import Uploaded, remove
from portal.usecases import conversation, log_leaves
from portal.usecases.conversation import CaseDeleted, Conversation, StoredCase
from portal.usecases.look_up import IntakeState, look
from portal.usecases.recipients import NobodyLeft, to_seal
from store import cases as store_cases
from store import reports as store_intake
from store.cards import ListChanged, check_last
from store.db import StoreFailed, try_writing, writing
from store.outcome import Outcome

TRIES: Final = 5
"""How often something is sealed anew because the list, the case or its choice changed while it was stored."""


class Kept(Enum):
    """The outcome of a submission."""

    NEW = "new"
    REPEAT = "repeat"
    """The same report was there already; nothing was stored."""
    MESSAGE = "message"
    """The code has a report with another text: this one was kept as a message beside it."""
    MESSAGE_REPEAT = "message_repeat"


class FilesGone(Exception):
    """A file of the form is not here any more, or belongs to what was sent before. Nothing was stored."""


class ReadersGrew(Exception):
    """An auditor was enrolled whom the page did not show: it has to be shown again. Nothing was stored.

    `case`: the case as it is now, where there is one.
    """

    def __init__(self, case: Conversation | None = None) -> None:
        super().__init__("somebody was enrolled")
        self.case = case


class CodeUnusable(Exception):
    """The form's code was given up for another one: the form needs a new one."""


class CaseFull(CodeUnusable):
    """The case of the form's code takes no more of its reporter: what else there is needs a new report."""


@dataclass(frozen=True, repr=False)
class Submission:
    """A form that was found in order. `answers`: without empty ones; `exclude`: persons, 16 bytes each.

    `files`: those that wait, uploaded with this form or with one before it. `shown`: the list of readers that the form
    showed. `language`: its page's, a word of `crypto.payloads.PAGE_LANGUAGES`. `chosen_again`: the form asked for the
    whole choice, with all that is known.
    """

    receipt: Receipt
    nonce: bytes
    answers: Mapping[str, str]
    exclude: Sequence[bytes]
    files: Sequence[Uploaded] = ()
    shown: Prefix | None = None
    language: str = "ja"
    chosen_again: bool = False

    @property
    def words(self) -> dict[str, str]:
        """The answers with the language of their page, as a payload holds them."""
        return {**self.answers, "language": self.language}


@dataclass(frozen=True, repr=False)
class Ticked:
    """Persons (16 bytes each) whom a form excludes. `again`: it asked for the whole choice, with all that is known."""

    persons: Sequence[bytes] = ()
    again: bool = False


@dataclass(frozen=True, repr=False)
class Addition:
    """A message of a code's holder: `body` as `messages.reporter_message` takes it; `shown`: the list of
    readers when the page was shown.
    """

    receipt: Receipt
    nonce: bytes
    body: Mapping[str, Any]
    ticked: Ticked
    files: Sequence[Uploaded] = ()
    shown: Prefix | None = None


@dataclass(frozen=True)
class Certificate:
    """The site's signed word that it accepted an envelope (format.md, section 2). All of it is public."""

    envelope_hash: bytes
    day: date
    signature: bytes
    site_pk: bytes
    promise: LogPromise | None = None
    """The promise for the envelope's leaf; none where the log was not begun, or an older page made no leaf."""


@dataclass(frozen=True)
class Accepted:
    """The outcome of a submission, and the certificate of what is stored."""

    kept: Kept
    certificate: Certificate


def submit(portal: Portal, state: IntakeState, sent: Submission, today: date) -> Accepted:
    """Keep a form: as a report, or beside the report that its code has already.

    Raises NobodyLeft, ChoiceNeeded, ReportGone, ChoiceFull, CaseDeleted, CodeUnusable, FilesGone, ReadersGrew,
    StoreFailed. When it returns, what was sent is on disk.
    """
    changed = False
    for _ in range(TRIES):
        if state.stored is not None:
            return _keep_beside(portal, state, state.stored, sent, today)
        try:
            accepted, changed = _keep_report(portal, state.by, sent), False
            if accepted is not None:
                return accepted
        except ListChanged:
            changed = True
        # The same form came in twice at once and the other one was faster, or the list changed: look again.
        state = look(portal, sent.receipt)
    raise StoreFailed("the list changes all the time") if changed else CodeUnusable


def submit_unread(portal: Portal, sent: Submission) -> Accepted | None:
    """Keep a form without files as a new report by the list that this process knows, without a look at the database
    first: a form's code has no case, nearly always. None where nothing was stored and the long way has to decide: the
    list is another one by now, or the code has a case.

    Raises CodeUnusable, StoreFailed.
    """
    by = portal.known_sealed_by(portal.today())
    with suppress(ListChanged, NobodyLeft, ReadersGrew):
        return _keep_report(portal, by, sent) if by is not None else None
    return None


@contextmanager
def writing_by(portal: Portal, roster: Roster) -> Iterator[Connection]:
    """Give a transaction in which the list of readers is still the one that was sealed by. Raises ListChanged."""
    with writing(portal.engine) as conn:
        check_last(conn, roster.last, roster.logged)
        yield conn


def check_shown(roster: Roster, shown: Prefix | None, case: Conversation | None = None) -> None:
    """Raise ReadersGrew when an active auditor was not shown: an auditor who was not shown was not chosen against."""
    if roster.newcomers(shown):
        raise ReadersGrew(case)


def _keep_report(portal: Portal, by: SealedBy, sent: Submission) -> Accepted | None:
    roster, today = by.roster, by.basis.day
    check_shown(roster, sent.shown)
    receipt, slots = sent.receipt, to_seal(roster, sent.exclude)
    payload, envelope_id = _report_payload(sent)
    signed = messages.sign_reporter(Kind.REPORT, roster.addressed(payload, slots), receipt)
    sealed = seal.seal(Kind.REPORT, envelope_id, signed, slots)
    hashed = envelope_hash(sealed.raw)
    record = ExcludeRecord(first_choice(sent.exclude), hashed, sealed.act_pk)
    leaf = log_leaves.own_leaf(portal, by, receipt, (sealed.raw, hashed))
    report = store_intake.NewReport(
        index=receipt.index,
        case_id=receipt.case_id,
        mailbox_pk=receipt.mailbox_pk,
        mailbox_key_id=receipt.mailbox_key_id,
        reporter_sign_pk=receipt.sign_pk,
        act_pk=sealed.act_pk,
        mailbox_record=seal_record(receipt.root, receipt.case_id, record),
        envelope_id=envelope_id,
        raw=sealed.raw,
        day=today,
        mailbox_grant=seal.grant(sealed.content_key, receipt.mailbox_pk),
        promise=leaf.kept if leaf else None,
    )
    named = _claim(portal, sent.files, today)
    try:
        with writing(portal.engine) as conn:
            outcome = store_intake.add_report(conn, report, named, by.basis, leaf.new if leaf else None)
    except store_intake.LeafUnfit as unfit:
        # A leaf follows from its envelope, which is new here, and from the list.
        raise StoreFailed(f"a new report's leaf could not be taken ({unfit.outcome.value})") from None
    if outcome is Outcome.OBJECTS:
        raise FilesGone
    if outcome is Outcome.STORED:
        remove(portal.objects, sent.files)
        promise = leaf.promise if leaf else None
        return Accepted(Kept.NEW, replace(certify(portal, hashed, today), promise=promise))
    if outcome is Outcome.REFUSED:
        raise CodeUnusable
    return None


def _claim(portal: Portal, files: Sequence[Uploaded], today: date) -> list[bytes]:
    """Return the ids of files that are here and stay until an envelope names them. Raises FilesGone."""
    named = [file.object_id for file in files]
    if named and not portal.objects.claim(named, today):
        raise FilesGone
    return named


def _report_payload(sent: Submission) -> tuple[dict[str, Any], bytes]:
    files = [file.entry() for file in sent.files]
    payload = messages.report_payload(sent.words, sent.exclude, sent.receipt, files=files)
    payload |= {"log_key": b64e(logleaf.log_key(sent.receipt.root))}
    envelope_id = messages.repeat_id(sent.nonce, payload, sent.receipt.root)
    return {**payload, "envelope_id": hex_id(envelope_id)}, envelope_id


def _keep_beside(
    portal: Portal, state: IntakeState, stored: StoredCase, sent: Submission, today: date
) -> Accepted:
    case = conversation.open_case(stored, state.roster, sent.receipt)
    there = case.row(_report_payload(sent)[1])
    if there is not None:
        remove(portal.objects, sent.files)
        return Accepted(Kept.REPEAT, _certify_again(portal, case, sent.receipt, there))
    ticked = Ticked(sent.exclude, sent.chosen_again)
    addition = Addition(sent.receipt, sent.nonce, sent.words, ticked, sent.files, sent.shown)
    return add_message(portal, state.roster, case, addition, today)


def add_message(
    portal: Portal, roster: Roster, case: Conversation, addition: Addition, today: date
) -> Accepted:
    """Keep what the reporter adds to a case, sealed to all who may read it, and to the reporter's mailbox.

    Raises ChoiceNeeded, ReportGone, ChoiceFull, NobodyLeft, CaseDeleted, CaseFull, CodeUnusable, FilesGone,
    ReadersGrew, StoreFailed; then nothing was stored.
    """
    for _ in range(TRIES):
        with suppress(ListChanged):
            accepted = _add(portal, roster, case, addition, today)
            if accepted is not None:
                return accepted
        # Another page of the same code wrote a newer choice in between, or the list changed: decide again.
        state = look(portal, addition.receipt)
        if state.stored is None:
            raise CodeUnusable
        roster = state.roster
        case = conversation.open_case(state.stored, roster, addition.receipt)
    raise StoreFailed("a case changed again and again")


def _add(
    portal: Portal, roster: Roster, case: Conversation, addition: Addition, today: date
) -> Accepted | None:
    receipt, files, ticked = addition.receipt, addition.files, addition.ticked
    payload, envelope_id = _message_payload(case, addition)
    there = case.row(envelope_id)
    if there is not None:
        remove(portal.objects, files)
        return Accepted(Kept.MESSAGE_REPEAT, _certify_again(portal, case, receipt, there))
    conversation.check_choice(case, ticked.again)
    check_shown(roster, addition.shown, case)
    choice = case.head.next_choice(ticked.persons)
    slots = to_seal(roster, choice.persons, case.at_report, case.head.access.off)
    known = own_payloads(case)
    if "what_happened" in payload and choice.persons - case.head.known.persons:
        payload = {**payload, "log_key": log_leaves.next_key(receipt, known)}
    named_payload = roster.addressed({**payload, **choice.fields()}, slots)
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named_payload, receipt)
    sealed = seal.seal(Kind.FROM_REPORTER, envelope_id, signed, slots)
    mailbox = receipt.mailbox_key_id
    own_grant = (mailbox, mailbox, seal.grant(sealed.content_key, receipt.mailbox_pk))
    record = store_intake.NewRecord(
        case.stored.case.mailbox_record, seal_record(receipt.root, case.case_id, case.head.record(choice))
    )
    named = _claim(portal, files, today)
    new = store_intake.NewMessage(
        case.case_id,
        envelope_id,
        Kind.FROM_REPORTER,
        sealed.raw,
        today,
        [own_grant],
        objects=named,
        record=record,
    )
    key, leaf = log_leaves.newest_key(receipt, [*known, payload]), None
    with writing_by(portal, roster) as conn:
        outcome = store_intake.add_message(conn, new)
        if outcome is Outcome.STORED:
            opening = _opening("message", case.case_id, sealed.raw)
            leaf = log_leaves.take_own(conn, roster, key, opening, today)
            log_leaves.keep_promise(portal, conn, (envelope_id, receipt.mailbox_pk), leaf, today)
    if outcome is Outcome.CHOICE:
        return None
    _check(outcome, today)
    remove(portal.objects, files)
    if outcome is Outcome.REPEAT:
        # The same message came in twice at once; what counts is what the faster one stored.
        return Accepted(Kept.MESSAGE_REPEAT, _certify_stored(portal, receipt, envelope_id))
    return Accepted(Kept.MESSAGE, _promised(portal, certify(portal, envelope_hash(sealed.raw), today), leaf))


def _message_payload(case: Conversation, addition: Addition) -> tuple[dict[str, Any], bytes]:
    """Return a message without its choice, which is not known yet, and its id, for which only the ticks count."""
    ticked = Choice(frozenset(addition.ticked.persons), FIRST)
    payload = messages.reporter_message(
        addition.body,
        addition.receipt,
        case.seen(),
        case.case_id,
        files=[file.entry() for file in addition.files],
        choice=ticked,
    )
    envelope_id = messages.repeat_id(addition.nonce, payload, addition.receipt.root)
    return {**payload, "envelope_id": hex_id(envelope_id)}, envelope_id


def _check(outcome: Outcome, today: date) -> None:
    if outcome is Outcome.OBJECTS:
        raise FilesGone
    if outcome is Outcome.FULL:
        raise CaseFull
    if outcome is Outcome.DELETED:
        raise CaseDeleted(today)
    if outcome is Outcome.REFUSED:
        raise StoreFailed("a message was refused")


def _certify_stored(portal: Portal, receipt: Receipt, envelope_id: bytes) -> Certificate:
    stored = look(portal, receipt).stored
    rows = [row for row in stored.envelopes if row.envelope_id == envelope_id] if stored else []
    if not rows:
        raise StoreFailed("a stored message was not found")
    return certify(portal, envelope_hash(rows[0].raw), rows[0].day)


def _opening(kind: str, case_id: bytes, raw: bytes) -> logleaf.LeafText:
    return logleaf.envelope_opening(kind, case_id, raw, envelope_hash(raw))


def own_payloads(case: Conversation) -> list[Mapping[str, Any]]:
    """Return the reporter's payloads that the code opens, oldest first."""
    return [opened.payload for key, opened in case.head.opened.items() if key in case.head.own]


def _promised(portal: Portal, certificate: Certificate, leaf: bytes | None) -> Certificate:
    hashed = None if leaf is None else tlog.leaf_hash(leaf)
    return replace(certificate, promise=log_leaves.promise(portal, hashed, certificate.day))


def _certify_again(
    portal: Portal, case: Conversation, receipt: Receipt, there: store_cases.EnvelopeRow
) -> Certificate:
    """Sign the receipt of a repeat, with the promise that its first sending had. Raises StoreFailed."""
    try_writing(portal.engine)  # a crash can have left a row that is seen and not kept (db.writing)
    kind = "report" if there.kind == Kind.REPORT else "message"
    opening = _opening(kind, case.case_id, there.raw)
    key = log_leaves.newest_key(receipt, own_payloads(case))
    again = log_leaves.promise_again(portal, case.roster, key, opening)
    return replace(certify(portal, envelope_hash(there.raw), there.day), promise=again)


def certify(portal: Portal, hashed: bytes, day: date) -> Certificate:
    """Sign the receipt of an envelope that is stored. `hashed`: the envelope's hash, 32 bytes."""
    signature = portal.signer.sign(messages.receipt_text(hashed, day))
    return Certificate(hashed, day, signature, portal.sign_pk())
