"""Reports by telephone, letter or talk, sealed and sent like every report (docs/format.md, 2.14). No Flask in here.

The request that brings it is not signed and carries what a reporter's page would send. The receipt code is an argument:
nothing in here keeps it, and nothing that is kept or sent holds it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from admin.desk.casework.log_state import PromisedAct
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.work import Work
from admin.desk.server.client import ServerRefusal
from admin.desk.server.report_post import ReportAnswer, post_object, post_report
from admin.desk.server.responses import ServerTrouble, Trouble
from crypto import attachment, logleaf, messages, seal
from crypto.choice import ExcludeRecord, first_choice, seal_record
from crypto.encoding import b64e, hex_id, id_from_hex
from crypto.envelope import Kind, envelope_hash
from crypto.errors import BadSignature
from crypto.intake import Intake, with_intake
from crypto.receipt import Receipt, derive, new_code
from crypto.tlog import leaf_hash

_LEAF_REFUSALS: Final = ("leaf", "leaf_length")
_THERE: Final = ("case_exists", "code_ended")
REPORT: Final = "report"
"""The purpose of a stored promise for a report's leaf."""


class NobodyElse(Exception):
    """After leaving these persons out nobody but the author could read it: a second person has to."""


class SentBefore(Exception):
    """It is on the site already, under the code that was shown then. `case_id`: of that report."""

    def __init__(self, case_id: bytes) -> None:
        super().__init__("the report was sent before")
        self.case_id = case_id


@dataclass(frozen=True, repr=False)
class SealedScan:
    """A scan that the auditor attaches: its entry (docs/format.md, 4.2), which has the key, and the object of it."""

    entry: Mapping[str, Any]
    sealed: bytes

    @property
    def object_id(self) -> bytes:
        """The id of the object."""
        return id_from_hex(self.entry["object"])


def seal_scan(data: bytes, name: str, media_type: str, told: Collection[str]) -> SealedScan:
    """Return a scan, made anew before, as a sealed object. `told`: what was left behind. Raises MisuseError."""
    key, digest = attachment.new_key(), attachment.FileHash()
    digest.update(data)
    sealer = attachment.Sealer(key)
    sealed = sealer.header + sealer.update(data) + sealer.finish()
    object_id, cleaned = secrets.token_bytes(16), "removed" if told else "nothing"
    entry = attachment.entry(object_id, key, digest.digest(), len(data), name, media_type, cleaned, told)
    return SealedScan(entry, sealed)


@dataclass(frozen=True, repr=False)
class WrittenReport:
    """A report as an auditor wrote it. `answers`: the form's, without empty ones; `language`: the person's, a word of
    `crypto.payloads.PAGE_LANGUAGES`; `out`: persons (16 bytes each) whom the caller named as concerned; `category`:
    what it is about, a word of `crypto.payloads.CATEGORIES` or ""; `envelope_id`: what it is sent under, so that it is
    sent once.
    """

    answers: Mapping[str, str]
    language: str
    channel: str
    day: date
    out: frozenset[bytes]
    envelope_id: bytes
    category: str = ""
    scans: tuple[SealedScan, ...] = ()

    @property
    def about(self) -> dict[str, str]:
        """The category, as a payload holds it; empty where none was chosen."""
        return {"category": self.category} if self.category else {}


@dataclass(frozen=True)
class SentReport:
    """`hash`: of the envelope that the site has. `promised`: whether it promised the log's leaf, where there is a
    log.
    """

    case_id: bytes
    hash: bytes
    promised: bool


def readers_left(roster: SiteRoster, out: frozenset[bytes], own: bytes) -> int:
    """Return how many persons beside the author (key id) could read it, these persons left out."""
    author = roster.by_key[own].person
    excluded = roster.excluded_keys(out)
    return len({card.person for card in roster.readers if card.key_id not in excluded} - {author})


def check_readers(roster: SiteRoster, out: frozenset[bytes], own: bytes) -> None:
    """Raise NobodyElse unless the author can read it and, where persons are left out, somebody else can, too."""
    author = roster.by_key[own]
    if own not in roster.sealed_to or author.person in out or own in roster.excluded_keys(out):
        raise NobodyElse
    if out and not readers_left(roster, out, own):
        raise NobodyElse


def send(work: Work, situation: Situation, written: WrittenReport, code: str) -> SentReport:
    """Sign, seal and send what was written down. `code`: the receipt code that the person was given; "" for none, then
    one is made here and thrown away.

    Raises NobodyElse, SentBefore, PayloadTooLarge, ServerTrouble, ServerRefusal.
    """
    own, roster = work.identity, situation.roster
    check_readers(roster, written.out, own.key_id)
    given = "given" if code else "none"
    receipt = derive(code or new_code(), roster.salt)
    intake = Intake(written.channel, written.day, given, own.key_id)
    slots = roster.slots(roster.excluded_keys(written.out))
    payload = messages.report_payload(
        {**written.answers, "language": written.language, **written.about},
        written.out,
        receipt,
        [scan.entry for scan in written.scans],
    ) | {
        "log_key": b64e(logleaf.log_key(receipt.root)),
        "envelope_id": hex_id(written.envelope_id),
    }
    named = with_intake(roster.addressed(payload, slots), intake, own.sign_seed)
    signed = messages.sign_reporter(Kind.REPORT, named, receipt)
    sealed = seal.seal(Kind.REPORT, written.envelope_id, signed, slots)
    body = _body(receipt, sealed, written.out) | {
        "objects": [hex_id(scan.object_id) for scan in written.scans]
    }
    for scan in written.scans:
        post_object(work.server, scan.object_id, scan.sealed)
    accepted, leaf = _post(work, situation, receipt, body, sealed.raw, written.envelope_id)
    _check(roster, accepted)
    promised = leaf is None or _keep(work, roster, receipt.case_id, accepted, leaf)
    return SentReport(receipt.case_id, accepted.hash, promised)


def _body(receipt: Receipt, sealed: seal.Sealed, out: frozenset[bytes]) -> dict[str, Any]:
    record = ExcludeRecord(first_choice(out), envelope_hash(sealed.raw), seal.act_pk(sealed.content_key))
    return {
        "index": hex_id(receipt.index),
        "case": hex_id(receipt.case_id),
        "mailbox_pk": b64e(receipt.mailbox_pk),
        "reporter_sign_pk": b64e(receipt.sign_pk),
        "mailbox_record": b64e(seal_record(receipt.root, receipt.case_id, record)),
        "envelope": b64e(sealed.raw),
        "grant": b64e(seal.grant(sealed.content_key, receipt.mailbox_pk)),
        "objects": [],
    }


def _post(
    work: Work,
    situation: Situation,
    receipt: Receipt,
    body: Mapping[str, Any],
    raw: bytes,
    envelope_id: bytes,
) -> tuple[ReportAnswer, bytes | None]:
    """Send a report with its leaf; return what the site answered, and the leaf that it took.

    A leaf that was made for an older list is made anew once. A repeat was sealed anew, so its leaf is another one: then
    it is asked for without, and the first one's promise was kept, or is shown as missing by the log.
    """
    opening = logleaf.envelope_opening(REPORT, receipt.case_id, raw, envelope_hash(raw))
    key, server = logleaf.log_key(receipt.root), work.server
    leaf = work.log_acts.leaf_by(situation.roster, key, opening)
    for _ in range(2):
        sent = body if leaf is None else {**body, "leaf": b64e(leaf)}
        try:
            return post_report(server, sent), leaf
        except ServerRefusal as refused:
            if refused.code in _THERE:
                raise _sent_before(work, envelope_id, refused) from None
            if leaf is None or refused.code not in _LEAF_REFUSALS:
                raise
            if refused.code == "leaf":
                return post_report(server, body), None
            work.look_at_log(situation)
            leaf = work.log_acts.leaf_by(situation.roster, key, opening)
    raise ServerTrouble(Trouble.ODD)


def _sent_before(work: Work, envelope_id: bytes, refused: ServerRefusal) -> Exception:
    work.refresh()
    there = work.cache.places([envelope_id])
    return SentBefore(there[0][0]) if there else refused


def _check(roster: SiteRoster, accepted: ReportAnswer) -> None:
    """Make sure that the site signed what it says. Raises ServerTrouble."""
    try:
        text = messages.receipt_text(accepted.hash, accepted.day)
        messages.verify(roster.site_pk, text, accepted.signature)
    except BadSignature:
        raise ServerTrouble(Trouble.ODD) from None


def _keep(work: Work, roster: SiteRoster, case_id: bytes, accepted: ReportAnswer, leaf: bytes) -> bool:
    """Keep the promise for the leaf that was sent; False where there is none that holds."""
    promise = accepted.promise
    if promise is None or promise.leaf != leaf_hash(leaf):
        return False
    return work.log_acts.promised(
        roster, leaf, PromisedAct(promise.leaf, promise.day, REPORT, case_id), promise.sig
    )
