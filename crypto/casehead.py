"""A stored case as its reporter's page reads it: its report, the excluded persons, and whether anything may
be sent (docs/format.md, section 2.9). Pure: the twin of portal/scripts/format/casehead.ts, with one set of vectors.

The server keeps all of this and may be the adversary: a missing, damaged or old part stops the page, and never counts
as "nobody excluded".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from crypto import access as accesses
from crypto import choice as records
from crypto import messages
from crypto.access import Access
from crypto.cards import SLOTLESS, Card, may_not_read
from crypto.casechanges import changes_of, still_on
from crypto.choice import Choice, ExcludeRecord
from crypto.encoding import hex_id, id_from_hex
from crypto.envelope import Kind, decode, envelope_hash
from crypto.errors import BadData
from crypto.listing import signed_keys
from crypto.payloads import MAX_CHOICE, MAX_EXCLUDED, is_choice
from crypto.receipt import Receipt
from crypto.reporter_keys import Chain, ReporterKeys
from crypto.unseal import Opened, unseal


class Stop(Enum):
    """Why nothing may be sent."""

    MISSING = "missing"
    BROKEN = "broken"
    OLD = "old"
    NO_REPORT = "no_report"


@dataclass(frozen=True, repr=False)
class StoredEnvelope:
    """An envelope of the case, in the order of the feed; `grants`: to the mailbox. No records (kind 4)."""

    envelope_id: bytes
    raw: bytes
    grants: Sequence[bytes] = ()
    act_sig: bytes | None = None


@dataclass(frozen=True, repr=False)
class CaseHead:
    """The conclusions from a stored case.

    `opened`: by envelope id, in the order of the feed. `own`: the reporter's, by id. `answers`: the signers' key ids
    by envelope id, excluded or not; what a person wrote who was off by then is none. `report_id`: of the report that
    heads the case. `report_hash`, `act_pk`: 32 bytes, UNKNOWN where no report heads it. `at_report`: the key ids that
    this report signs as shown, or its slots where it can't be opened. `trusted`: who may speak but for the choice;
    `excluded_keys`: key ids that the choice excludes; `out`: these, and those that are off the case. `known`: the known
    choice with its newest number. `access`: who was taken off, and to whom the case was given.
    """

    opened: Mapping[bytes, Opened]
    own: frozenset[bytes]
    answers: Mapping[bytes, bytes]
    report_id: bytes | None
    report_hash: bytes
    act_pk: bytes
    at_report: frozenset[bytes]
    trusted: frozenset[bytes]
    out: frozenset[bytes]
    known: Choice
    stop: Stop | None
    access: Access = accesses.NOTHING
    excluded_keys: frozenset[bytes] = frozenset()

    @property
    def asks(self) -> bool:
        """Tell whether the reporter is to choose again: then something can be sent."""
        return self.stop in (Stop.MISSING, Stop.BROKEN, Stop.OLD)

    def next_choice(self, chosen: Collection[bytes] = ()) -> Choice:
        """Return the choice of the next envelope, with the persons who were chosen now besides.

        Raises ChoiceFull when these are too many.
        """
        persons = self.known.persons.union(chosen)
        if len(persons) > MAX_EXCLUDED:
            raise ChoiceFull
        return Choice(persons, min(self.known.number + 1, MAX_CHOICE))

    def record(self, choice: Choice) -> ExcludeRecord:
        """Return the record that goes with a choice."""
        return ExcludeRecord(choice, self.report_hash, self.act_pk, self.access.off)


class ChoiceFull(Exception):
    """More persons are excluded than an envelope can name."""


def head_of(
    case_id: bytes,
    record: bytes,
    envelopes: Sequence[StoredEnvelope],
    cards: Sequence[Card],
    receipt: Receipt,
    *,
    retired: Mapping[bytes, int],
) -> CaseHead:
    """Judge a stored case. Never raises for what is in it.

    `cards`: all that were ever enrolled, in order, checked; `retired`: by key id the place of each retirement.
    """
    held = _record(record, case_id, receipt)
    opened = {
        stored.envelope_id: message for stored in envelopes if (message := _open(stored, case_id, receipt))
    }
    holder = ReporterKeys(receipt.mailbox_pk, receipt.sign_pk)
    named = _named_keys(opened)
    reports = [opened[key] for key, keys in named.items() if _leads_to(keys, opened, holder)]
    head = _head(held, envelopes, reports)
    own = _own(head, reports, named, opened, holder)
    report_hash, act_pk = _named(head, held)
    at_report = _at_report(head, opened, own) if head else frozenset()
    trusted = _trusted(cards, at_report)
    signed = _answers(envelopes, opened, {card.key_id: card for card in cards}, trusted, act_pk)
    changes = changes_of(
        _rows(envelopes), opened, _excluded(own, opened), held.choice.persons if held else frozenset(), signed
    )
    access = accesses.fold(case_id, cards, at_report, changes, held.off if held else {}, retired=retired)
    answers = still_on(signed, {card.key_id: card for card in cards}, access)
    known = _known(
        held,
        [opened[envelope_id] for envelope_id in own],
        [opened[envelope_id] for envelope_id in answers],
        sum(_is(Kind.FROM_REPORTER, stored) for stored in envelopes),
    )
    return CaseHead(
        opened=opened,
        own=own,
        answers=answers,
        report_id=head.envelope_id if head else None,
        report_hash=report_hash,
        act_pk=act_pk,
        at_report=at_report,
        trusted=trusted,
        out=may_not_read(cards, known.persons, access.off.keys(), at_report),
        known=known,
        stop=_stop(record, held, known, head is not None),
        access=access,
        excluded_keys=may_not_read(cards, known.persons, (), at_report),
    )


def _named(head: StoredEnvelope | None, held: ExcludeRecord | None) -> tuple[bytes, bytes]:
    """Return hash and act key of the report that heads the case, or that the record names; UNKNOWN for neither."""
    if head is not None:
        return envelope_hash(head.raw), decode(head.raw).act_pk
    return (held.report_hash, held.act_pk) if held else (records.UNKNOWN, records.UNKNOWN)


def _at_report(
    head: StoredEnvelope, opened: Mapping[bytes, Opened], own: Collection[bytes]
) -> frozenset[bytes]:
    """Return the key ids that were shown when the report was written.

    What was shown is what the reporter signed; the header is anybody's who had the envelope.
    """
    signed = signed_keys(opened[head.envelope_id].payload) if head.envelope_id in own else None
    return signed or frozenset(slot.key_id for slot in decode(head.raw).slots)


def _known(
    held: ExcludeRecord | None, own: Sequence[Opened], answers: Sequence[Opened], messages_sent: int
) -> Choice:
    """Return the known choice: the persons that the record or the reporter's envelopes name, and the newest number.

    `messages_sent`: the case's envelopes of kind 2. Each brought a record along: one with a smaller number is older
    than an envelope that is there.
    """
    numbers = [_number(message) for message in (*own, *answers)]
    persons = _persons(own)
    if held is not None:
        numbers.append(held.choice.number)
        persons |= held.choice.persons
    return Choice(persons, max([*numbers, records.FIRST + messages_sent]))


def _record(raw: bytes, case_id: bytes, receipt: Receipt) -> ExcludeRecord | None:
    try:
        return records.open_record(receipt.root, case_id, raw)
    except BadData:
        return None


def _stop(raw: bytes, held: ExcludeRecord | None, known: Choice, has_head: bool) -> Stop | None:
    if not raw:
        return Stop.MISSING
    if held is None:
        return Stop.BROKEN
    if held.choice != known:
        return Stop.OLD
    return None if has_head or held.report_hash == records.UNKNOWN else Stop.NO_REPORT


def _open(stored: StoredEnvelope, case_id: bytes, receipt: Receipt) -> Opened | None:
    keys = receipt.mailbox_sk, receipt.mailbox_pk, receipt.mailbox_key_id
    try:
        message = unseal(stored.raw, *keys, stored.grants)
    except BadData:
        return None
    # An envelope that was moved here from another case, or copied under another id, is none of this case.
    of_case = message.payload.get("case_id") == hex_id(case_id)
    return message if of_case and message.envelope_id == stored.envelope_id else None


def _named_keys(opened: Mapping[bytes, Opened]) -> dict[bytes, ReporterKeys | None]:
    """Return the keys of each report that opens, by envelope id; None for one that is unverified.

    Each report's signature is checked here, once.
    """
    reports = {key: message for key, message in opened.items() if message.kind == Kind.REPORT}
    return {key: Chain(report.payload).current for key, report in reports.items()}


def _leads_to(keys: ReporterKeys | None, opened: Mapping[bytes, Opened], holder: ReporterKeys) -> bool:
    """Tell whether a report's keys, or those that they were given up for one after the other, are the holder's."""
    chain = Chain.of(keys)
    for message in opened.values():
        if message.kind == Kind.FROM_REPORTER:
            chain.accept(message.payload)
    return chain.current == holder


def _head(
    held: ExcludeRecord | None, envelopes: Sequence[StoredEnvelope], reports: Sequence[Opened]
) -> StoredEnvelope | None:
    """Return the report that heads the case: the one that the record names, else the first that is the holder's."""
    ids = {report.envelope_id for report in reports[:1]}
    for stored in envelopes:
        if held is None:
            if stored.envelope_id in ids:
                return stored
        elif envelope_hash(stored.raw) == held.report_hash and _is(Kind.REPORT, stored):
            return stored
    return None


def _is(kind: Kind, stored: StoredEnvelope) -> bool:
    try:
        return decode(stored.raw).kind is kind
    except BadData:
        return False


def _own(
    head: StoredEnvelope | None,
    reports: Sequence[Opened],
    named: Mapping[bytes, ReporterKeys | None],
    opened: Mapping[bytes, Opened],
    holder: ReporterKeys,
) -> frozenset[bytes]:
    """Return the ids of what the code's holder wrote. `named`: the keys of each report that opens, by envelope id.

    Where no report opens any more (after forgetting), what the present key signed is still its holder's.
    """
    ids = {report.envelope_id for report in reports}
    chain = Chain.of(named[head.envelope_id] if head is not None and head.envelope_id in ids else holder)
    later = [message for message in opened.values() if message.kind == Kind.FROM_REPORTER]
    return frozenset(ids.union(message.envelope_id for message in later if chain.accept(message.payload)))


def _trusted(cards: Sequence[Card], at_report: Collection[bytes]) -> frozenset[bytes]:
    """Return who may speak, but for the choice: the report has a slot for them, or such a one vouched for them."""
    key_ids: set[bytes] = set()
    for card in cards:
        if card.key_id in at_report or card.voucher in key_ids:
            key_ids.add(card.key_id)
    return frozenset(card.key_id for card in cards if card.key_id in key_ids and card.duty not in SLOTLESS)


def _answers(
    envelopes: Sequence[StoredEnvelope],
    opened: Mapping[bytes, Opened],
    cards: Mapping[bytes, Card],
    trusted: Collection[bytes],
    act_pk: bytes,
) -> dict[bytes, bytes]:
    """Return who signed which answer, with the key that only readers of the report have."""
    authors: dict[bytes, bytes] = {}
    for stored in envelopes:
        answer = opened.get(stored.envelope_id)
        if answer is None or answer.kind != Kind.TO_REPORTER or act_pk == records.UNKNOWN:
            continue
        try:
            author = id_from_hex(str(answer.payload.get("author")))
            if author not in trusted:
                continue
            messages.verify_auditor(answer.kind, answer.payload, cards[author].sign_pk)
            act = messages.act_text(id_from_hex(str(answer.payload.get("case_id"))), stored.raw)
            messages.verify(act_pk, act, stored.act_sig or b"")
        except BadData:
            continue
        authors[stored.envelope_id] = author
    return authors


def _rows(envelopes: Iterable[StoredEnvelope]) -> list[tuple[bytes, bool]]:
    """Return each envelope's id, and whether it is an answer."""
    return [(stored.envelope_id, _is(Kind.TO_REPORTER, stored)) for stored in envelopes]


def _excluded(own: Iterable[bytes], opened: Mapping[bytes, Opened]) -> dict[bytes, frozenset[bytes]]:
    """Return the persons that each of the reporter's envelopes names."""
    return {envelope_id: _persons([opened[envelope_id]]) for envelope_id in own}


def _persons(own: Iterable[Opened]) -> frozenset[bytes]:
    persons: set[bytes] = set()
    for message in own:
        listed: Any = message.payload.get("exclude")
        for person in listed if isinstance(listed, list) else ():
            try:
                persons.add(id_from_hex(person))
            except (BadData, TypeError):
                continue
    return frozenset(persons)


def _number(message: Opened) -> int:
    number: Any = message.payload.get("choice")
    return int(number) if is_choice(number) else 0
