"""Checks certificates and proofs of burying (docs/format.md, 5.9). Pure: no clock, no network."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from crypto import log_errors, logleaf, plainleaf
from crypto.certificate import CertificateFile, ShownContent, ShownLeaf
from crypto.cosignatures import Cosigner, cosigned_on, cosigners_of, lacking
from crypto.encoding import b64d
from crypto.envelope import Kind, envelope_hash
from crypto.log_key import KeyChain, chain_of_shown, is_key_leaf
from crypto.logproof import Policy
from crypto.messages import receipt_text, verify, verify_auditor, verify_reporter
from crypto.note import SignedCheckpoint, VerifierKey
from crypto.plainleaf import ContinuesLeaf, DayLeaf, KeyLeaf, LoggedCard, SiteLeaf
from crypto.tlog import check_inclusion, leaf_hash
from crypto.unseal import open_with_key

COSIGN_DAYS: Final = 10
"""A batch counts under the rule when it was cosigned by this many days after its own."""
_BESIDE_RUN: Final = ("restored", "key")
"""Leaves from elsewhere in the log that a proof of burying may have."""
_KINDS: Final[Mapping[Kind, str]] = {
    Kind.REPORT: "report",
    Kind.FROM_REPORTER: "message",
    Kind.TO_REPORTER: "answer",
}


@dataclass(frozen=True)
class ShownAct:
    """An act, its kind's fields behind the case id, and the day of its batch. `cosigned`: the day of the earliest
    cosignature that counts under the rule; None where the file has none.
    """

    kind: str
    index: int
    day: date
    fields: tuple[str, ...]
    cosigned: date | None = None

    @property
    def is_in_time(self) -> bool:
        """Tell whether its batch counts under the rule by what the file shows."""
        return self.cosigned is not None and self.cosigned <= self.day + timedelta(days=COSIGN_DAYS)

    @property
    def is_notice(self) -> bool:
        """Tell whether it is a notice of the company (docs/format.md, 5.7)."""
        return self.kind == "answer" or (self.kind == "status" and self.fields[1] == "investigating")


@dataclass(frozen=True)
class CheckedContent:
    """An envelope that was opened. `is_signed`: its signature was checked; False: it could not be."""

    kind: str
    is_signed: bool
    payload: Mapping[str, object]


@dataclass(frozen=True)
class Verified:
    """The verdict on a file in which nothing is wrong. `lacking`: "" for the verdict good; `no_policy`, `no_witness`,
    `quorum` for open. `missing_day`: of a proof of burying: the log has no batch of the promised day at all.
    """

    kind: str
    lacking: str
    origin: str
    log: VerifierKey
    sizes: tuple[int, ...]
    cosigners: tuple[Cosigner, ...]
    case_id: str = ""
    acts: tuple[ShownAct, ...] = ()
    promised: date | None = None
    receipt: date | None = None
    contents: tuple[CheckedContent, ...] = ()
    missing_day: bool = False
    restored: tuple[date, ...] = ()
    key_changes: tuple[KeyLeaf, ...] = ()
    continues: tuple[ContinuesLeaf, ...] = ()


def chain_in_file(file: CertificateFile, policy: Policy) -> KeyChain:
    """Return the keys of the log that the `key` leaves of a file give to a verifier with this policy."""
    changes = [(shown.proof.index, shown.leaf) for shown in file.shown if is_key_leaf(shown.leaf)]
    return chain_of_shown(policy.log, bytes.fromhex(file.origin.partition("/")[2]), changes)


class _Checker:
    """One file against one policy. Each method is a step of docs/format.md, 5.9, and raises its classes."""

    def __init__(self, certificate: CertificateFile, policy: Policy) -> None:
        self.file, self.policy = certificate, policy
        self.signed: dict[str, SignedCheckpoint] = {}
        self.days: list[tuple[ShownLeaf, DayLeaf]] = []
        self.cards: dict[str, LoggedCard] = {}
        self.restored: list[date] = []
        self.openings: list[tuple[logleaf.LeafText, DayLeaf, ShownLeaf]] = []
        self.site: SiteLeaf
        self.chain: KeyChain

    def proofs(self) -> None:
        if self.policy.log.name != self.file.origin:
            raise log_errors.CheckpointOrigin
        self.chain = chain_in_file(self.file, self.policy)
        for shown in self.file.shown:
            note = shown.proof.checkpoint
            if note not in self.signed:
                self.signed[note] = self.policy.read_checkpoint(note, self.chain.keys)
            size, root = shown.checkpoint.size, shown.checkpoint.root
            check_inclusion(leaf_hash(shown.leaf), shown.proof.index, size, shown.proof.hashes, root)

    def plain(self) -> None:
        first = self.file.shown[0]
        if first.proof.index or plainleaf.word_of(first.leaf) != "site":
            raise log_errors.CertificateSite
        self.site = plainleaf.read_site(first.leaf)
        rule = sha256(self.file.rule.encode()).digest()
        if plainleaf.origin_of(self.site.salt) != self.file.origin or self.site.rule != rule:
            raise log_errors.CertificateSite
        for shown in self.file.shown:
            word = plainleaf.word_of(shown.leaf) if shown.is_plain else ""
            if word == "card":
                card = plainleaf.read_card_leaf(shown.leaf)
                self.cards[card.key_id.hex()] = card
            elif word == "restored":
                self.restored.append(plainleaf.read_restored(shown.leaf))
            elif word == "day":
                day = plainleaf.read_day(shown.leaf)
                if day.first != shown.proof.index or (self.days and day.day <= self.days[-1][1].day):
                    raise log_errors.BatchMalformed
                self.days.append((shown, day))

    def opened(self) -> None:
        case_id = ""
        for shown in self.file.shown:
            if not shown.is_opened:
                continue
            opening = logleaf.check_opening(shown.leaf, shown.blinding, shown.opening)
            if opening.kind == "rekey":
                raise log_errors.CertificateSecret
            index = shown.proof.index
            day = next((day for _, day in self.days if day.first + day.plain < index < day.end), None)
            if day is None:
                raise log_errors.CertificateDay
            case_id = case_id or opening.case_id
            if opening.case_id != case_id:
                raise log_errors.CertificateCases
            self.openings.append((opening, day, shown))

    def promise(self) -> None:
        promise = self.file.promise
        if promise is not None:
            text = plainleaf.logged_text(promise.subject, promise.day)
            verify(self.site.site_pk, text, promise.sig)
            if self.file.kind == "certificate" and not any(
                leaf_hash(shown.leaf) == promise.subject and day.day == promise.day
                for _, day, shown in self.openings
            ):
                raise log_errors.PromiseUnfit
        receipt = self.file.receipt
        if receipt is not None:
            verify(self.site.site_pk, receipt_text(receipt.subject, receipt.day), receipt.sig)
            said = receipt.subject.hex()
            if not any(
                opening.kind in logleaf.WITH_TAGS and opening.fields[2] == said
                for opening, _, _ in self.openings
            ):
                raise log_errors.ReceiptUnfit

    def content(self, content: ShownContent) -> CheckedContent:
        kind, payload = open_with_key(content.envelope, content.key)
        digest, word = sha256(content.envelope).hexdigest(), _KINDS.get(kind, "")
        fields = next(
            (
                opening.fields
                for opening, _, _ in self.openings
                if opening.kind == word and opening.fields[1] == digest
            ),
            None,
        )
        if fields is None or payload["case_id"] != fields[0]:
            raise log_errors.ContentUnfit
        last = payload["author"] if word == "answer" else envelope_hash(content.envelope).hex()
        if not hmac.compare_digest(str(last), fields[2]):
            raise log_errors.ContentUnfit
        if word == "report":
            verify_reporter(kind, payload, b64d(payload["reporter_sign_pk"]))
            return CheckedContent(word, True, payload)
        card = self.cards.get(fields[2]) if word == "answer" else None
        if card is not None:
            verify_auditor(kind, payload, card.sign_pk)
        return CheckedContent(word, card is not None, payload)

    def buried(self) -> bool:
        """Return whether the log has no batch of the promised day at all."""
        promise = self.file.promise
        if len(self.signed) != 1:
            raise log_errors.BuryingCheckpoint
        run, first, following = self._run()
        if promise is None or not first.day <= promise.day < following.day:
            raise log_errors.BuryingDay
        if any(leaf_hash(shown.leaf) == promise.subject for shown in run):
            raise log_errors.BuryingFalse
        return first.day != promise.day

    def _run(self) -> tuple[list[ShownLeaf], DayLeaf, DayLeaf]:
        if len(self.days) != 2:
            raise log_errors.BuryingGap
        (start, first), (end, following) = self.days
        shown = self.file.shown
        at, last = shown.index(start), shown.index(end)
        run = list(shown[at : last + 1])
        others = [*shown[1:at], *shown[last + 1 :]]
        if any(not leaf.is_plain or plainleaf.word_of(leaf.leaf) not in _BESIDE_RUN for leaf in others):
            raise log_errors.BuryingGap
        if [leaf.proof.index for leaf in run] != list(range(first.first, following.first + 1)):
            raise log_errors.BuryingGap
        hidden = range(first.first + 1 + first.plain, first.end)
        if first.end > following.first or first.hidden < self.site.hidden or first.hidden % self.site.hidden:
            raise log_errors.BuryingGap
        if any(leaf.is_plain == (leaf.proof.index in hidden) for leaf in run):
            raise log_errors.BuryingGap
        return run, first, following


def check_certificate(certificate: CertificateFile, policy: Policy | None) -> Verified:
    """Return what a file shows to a verifier with this policy; None: to one without.

    Raises the classes of docs/format.md, 5.9, steps 3 to 8: then the file is bad.
    """
    used = policy or certificate.own_policy
    checker = _Checker(certificate, used)
    checker.proofs()
    checker.plain()
    if certificate.kind == "certificate":
        checker.opened()
    checker.promise()
    contents = tuple(checker.content(content) for content in certificate.content)
    missing_day = checker.buried() if certificate.kind == "burying" else False
    checkpoints = list(checker.signed.values())
    acts = tuple(
        ShownAct(
            opening.kind,
            shown.proof.index,
            day.day,
            opening.fields[1:],
            cosigned_on(used, shown.proof.index, checkpoints),
        )
        for opening, day, shown in checker.openings
    )
    promise = certificate.promise
    return Verified(
        kind=certificate.kind,
        lacking=lacking(used, checkpoints) if policy else "no_policy",
        origin=certificate.origin,
        log=used.log,
        sizes=tuple(sorted({signed.checkpoint.size for signed in checkpoints})),
        cosigners=cosigners_of(used, checkpoints),
        case_id=checker.openings[0][0].case_id if checker.openings else "",
        acts=acts,
        promised=promise.day if promise else None,
        receipt=certificate.receipt.day if certificate.receipt else None,
        contents=contents,
        missing_day=missing_day,
        restored=tuple(sorted(day for day in checker.restored if promise and day <= promise.day)),
        key_changes=tuple(logged.change for logged in checker.chain.changes),
    )
