"""Recovers a case from a receipt code and a copy of the log (docs/format.md, 5.9). No clock, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from crypto import logleaf, plainleaf, tlog
from crypto.certificate import CertificateFile
from crypto.certificate_check import ShownAct, Verified
from crypto.certificate_verdict import Judged, own_policy
from crypto.cosignatures import cosigned_on, cosigners_of, lacking
from crypto.errors import BadData
from crypto.log_errors import BatchMalformed, CheckpointOrigin, ProofWrong
from crypto.log_key import chain_of
from crypto.logkeys import openings_of
from crypto.logproof import Policy
from crypto.note import LogKeys, SignedCheckpoint
from crypto.plainleaf import Batch, ContinuesLeaf, KeyLeaf, SiteLeaf
from crypto.receipt import derive

NOTICE_DAYS: Final = 20
"""Within so many days of a report in writing a notice of the company is due (docs/format.md, 5.7)."""


@dataclass(frozen=True)
class LogFile:
    """A copy of a log. `leaves`: in order; `note`: its newest checkpoint with signatures."""

    leaves: Sequence[bytes]
    note: str


@dataclass(frozen=True)
class CheckedLog:
    """A copy whose leaves give the root of a signed checkpoint. `lacking`: as in a certificate's verdict."""

    site: SiteLeaf
    policy: Policy
    signed: SignedCheckpoint
    batches: Sequence[Batch]
    lacking: str
    keys: LogKeys
    key_changes: tuple[KeyLeaf, ...]

    @property
    def days(self) -> list[date]:
        """The days that have a batch, in order."""
        return [batch.day.day for batch in self.batches if batch.day]

    def restored(self) -> list[date]:
        """Return the days from which acts may have been lost, as the site itself says in its log."""
        plain = [leaf for batch in self.batches for leaf in batch.plain]
        return sorted(
            plainleaf.read_restored(leaf) for leaf in plain if plainleaf.word_of(leaf) == "restored"
        )

    def continues(self) -> tuple[ContinuesLeaf, ...]:
        """Return which log this one is in place of; a leaf that is none says nothing."""
        plain = [leaf for batch in self.batches for leaf in batch.plain]
        return tuple(plainleaf.continued(plain))

    def day_of(self, hashed: bytes) -> date | None:
        """Return the day of the batch that has a leaf (its hash); None where the log does not have it."""
        for batch in self.batches:
            if batch.day and any(tlog.leaf_hash(leaf) == hashed for leaf in batch.hidden):
                return batch.day.day
        return None


def check_log(copy: LogFile, policy: Policy | None) -> CheckedLog:
    """Return a copy that was checked. `policy`: the verifier's own; None: there is none, and the log's key is taken
    from its own first leaf. Raises PlainLeafMalformed, ProofWrong, BatchMalformed and what `read_checkpoint` raises.
    """
    if not copy.leaves:
        raise BatchMalformed
    site = plainleaf.read_site(copy.leaves[0])
    used = policy or Policy(site.log, {})
    chain = chain_of(copy.leaves)
    keys = chain.keys.trusted_by(used.log)
    signed = used.read_checkpoint(copy.note, keys)
    size = signed.checkpoint.size
    leaves = copy.leaves[:size]
    if (
        len(leaves) < size
        or tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves]) != signed.checkpoint.root
    ):
        raise ProofWrong
    batches = plainleaf.read_batches(leaves, site.hidden)
    changes = tuple(logged.change for logged in chain.changes if logged.change.new in keys.all)
    lacks = lacking(used, [signed]) if policy else "no_policy"
    return CheckedLog(site, used, signed, batches, lacks, keys, changes)


@dataclass(frozen=True)
class BesideCopy:
    """A file's verdict beside a copy of its log. `day`: the batch that has the promised leaf, where any has it;
    `last_day`: to which the copy goes.
    """

    judged: Judged
    day: date | None
    last_day: date | None


def _with_copy(file: CertificateFile, verified: Verified, log: CheckedLog) -> Verified:
    """Return what a file shows when the copy's cosignatures count too: a later checkpoint of the same history signs
    the file's as well. Only where the copy reaches each checkpoint of the file, and for an own policy.
    """
    notes = {shown.proof.checkpoint: shown.checkpoint.size for shown in file.shown}
    if verified.lacking == "no_policy" or max(notes.values()) > log.signed.checkpoint.size:
        return verified
    own = [log.policy.read_checkpoint(note, log.keys) for note in notes]
    everyone = [*own, log.signed]
    later = log.signed.cosigned
    both = [replace(signed, cosigned={**later, **signed.cosigned}) for signed in own]
    acts = tuple(replace(act, cosigned=cosigned_on(log.policy, act.index, everyone)) for act in verified.acts)
    return replace(
        verified,
        lacking=lacking(log.policy, both),
        cosigners=cosigners_of(log.policy, everyone),
        acts=acts,
    )


def beside_copy(file: CertificateFile, judged: Judged, copy: LogFile, policy: str | None) -> BesideCopy:
    """Return a verdict (with what the file shows) after a look at a whole copy of the log: `bad` with `ProofWrong`
    where the copy has another history than the file's checkpoints, else with the copy's cosignatures counted for the
    file, and every `restored` leaf of the copy that matters.

    `policy`: the verifier's own. Raises what `check_log` raises, and CheckpointOrigin for another log's copy.
    """
    log = check_log(copy, own_policy(policy))
    if log.policy.log.name != file.origin or judged.verified is None:
        raise CheckpointOrigin
    hashes = [tlog.leaf_hash(leaf) for leaf in copy.leaves[: log.signed.checkpoint.size]]
    last = log.days[-1] if log.days else None
    for checkpoint in {shown.checkpoint for shown in file.shown}:  # of one size there may be two
        if checkpoint.size <= len(hashes) and tlog.root_of(hashes[: checkpoint.size]) != checkpoint.root:
            return BesideCopy(Judged("bad", "ProofWrong"), None, last)
    promise, verified = file.promise, _with_copy(file, judged.verified, log)
    judged = Judged("open" if verified.lacking else "good", "", verified)
    if promise is None:
        return BesideCopy(judged, None, last)
    there = {day for day in log.restored() if day <= promise.day}
    restored = tuple(sorted({*verified.restored, *there})) if file.kind == "burying" else verified.restored
    beside = replace(judged, verified=replace(verified, restored=restored))
    return BesideCopy(beside, log.day_of(promise.subject), last)


Opened = tuple[logleaf.LeafText, date, int]


def acts_of(root: bytes, batches: Sequence[Batch]) -> list[Opened]:
    """Return what a code's root (32 bytes) opens in a log, also of codes that it replaced: openings, days, indexes."""
    hidden = [
        (leaf, batch.day.day, batch.first + 1 + len(batch.plain) + number)
        for batch in batches
        if batch.day is not None
        for number, leaf in enumerate(batch.hidden)
    ]
    opened = openings_of(root, [leaf for leaf, _, _ in hidden])
    # A leaf that its maker spoiled counts for nothing.
    return [(leaf.says, *hidden[leaf.index][1:]) for leaf in opened if leaf.says]


@dataclass(frozen=True)
class NoticeState:
    """The state of the rule's notice (docs/format.md, 5.7). `state`: `given`, `not_given`, or `waiting` while the copy
    does not reach day 20; "" without a report. `by`: day 20; `missing`: days up to then without a batch in the copy.
    """

    state: str = ""
    by: date | None = None
    missing: tuple[date, ...] = ()


@dataclass(frozen=True)
class CodeSeen:
    """The result of reading a copy with a code."""

    judged: Judged
    last_day: date | None = None
    notice: NoticeState = field(default_factory=NoticeState)

    def fields(self) -> dict[str, object]:
        """Return it as `meyasubako verify --json` prints it."""
        notice = {
            "state": self.notice.state,
            "by": self.notice.by.isoformat() if self.notice.by else None,
            "missing": [day.isoformat() for day in self.notice.missing],
        }
        last = self.last_day.isoformat() if self.last_day else None
        return {**self.judged.fields(), "last_day": last, "notice": notice}


def _notice(acts: Sequence[ShownAct], days: Sequence[date]) -> NoticeState:
    lodged = next((act.day for act in acts if act.kind == "report"), None)
    if lodged is None or not days:
        return NoticeState()
    by = lodged + timedelta(days=NOTICE_DAYS)
    span = [lodged + timedelta(days=number) for number in range(NOTICE_DAYS + 1)]
    missing = tuple(day for day in span if day <= days[-1] and day not in set(days))
    if any(act.is_notice and act.day <= by for act in acts):
        return NoticeState("given", by, missing)
    return NoticeState("not_given" if days[-1] >= by else "waiting", by, missing)


def read_by_code(code: str, copy: LogFile, policy: str | None) -> CodeSeen:
    """Return what a code (as `parse_code` returns it) and a copy of the log show, by this policy's text."""
    try:
        own = own_policy(policy)
    except BadData as fault:
        return CodeSeen(Judged("unreadable", type(fault).__name__))
    try:
        log = check_log(copy, own)
        restored = log.restored()
    except BadData as fault:
        return CodeSeen(Judged("bad", type(fault).__name__))
    receipt = derive(code, log.site.salt)
    opened = acts_of(receipt.root, log.batches)
    days = log.days
    last_day = days[-1] if days else None
    if not opened:
        return CodeSeen(Judged("unreadable", "CodeOpensNothing"), last_day)
    case_id = _case_of(opened, receipt.case_id.hex())
    acts = tuple(
        ShownAct(text.kind, index, day, _shown(text), cosigned_on(log.policy, index, [log.signed]))
        for text, day, index in opened
        if text.case_id == case_id
    )
    verified = Verified(
        kind="code",
        lacking=log.lacking,
        origin=log.policy.log.name,
        log=log.policy.log,
        sizes=(log.signed.checkpoint.size,),
        cosigners=cosigners_of(log.policy, [log.signed]),
        case_id=case_id,
        acts=acts,
        restored=tuple(restored),
        key_changes=log.key_changes,
        continues=log.continues(),
    )
    verdict = "open" if log.lacking else "good"
    return CodeSeen(Judged(verdict, "", verified), last_day, _notice(acts, days))


def _case_of(opened: Sequence[Opened], own: str) -> str:
    """Return the case: the code's own, or the one that it took over (`rekey`)."""
    there = [text for text, _, _ in opened]
    if any(text.case_id == own for text in there):
        return own
    return next((text.case_id for text in there if text.kind == "rekey"), there[0].case_id)


def _shown(text: logleaf.LeafText) -> tuple[str, ...]:
    # What a `rekey` leaf holds is a key: it is shown to nobody.
    return () if text.kind == "rekey" else text.fields[1:]
