"""Comparison of a desk's data with the transparency log (docs/format.md, 5.8). Pure: no network, no disk, no clock.

A leaf that carries this desk's tag says that a report or message is there, also one that was excluded can see. What the
feed shows has to fit it, one to one; what this desk sent has to be in the batch of its day; the list that a day leaf
names has to be one that this desk has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crypto.log_errors import BadLeaf, BadNote, LeafCommitment, LeafForeign, LeafOpening
from crypto.logleaf import Bell, LeafText, Reader, find_bell, length, make, open_leaf
from crypto.plainleaf import Batch, DayLeaf, SiteLeaf, named_list, read_batches, read_site, word_of
from crypto.tlog import leaf_hash


class LogFault(StrEnum):
    """The faults that a desk can find, in the order of the page."""

    FORK = "fork"
    SHRUNK = "shrunk"
    WITHHELD = "withheld"
    ACT_MISSING = "act_missing"
    ACT_WITHHELD = "act_withheld"
    LIST_CHANGED = "list_changed"
    MALFORMED = "malformed"
    EXCHANGED = "exchanged"
    UNFIT = "unfit"
    LEFT_OUT = "left_out"
    SPOILED = "spoiled"
    UNEXPLAINED = "unexplained"
    EARLY = "early"
    STALE = "stale"


RED: Final = frozenset(
    {
        LogFault.FORK,
        LogFault.SHRUNK,
        LogFault.WITHHELD,
        LogFault.ACT_MISSING,
        LogFault.ACT_WITHHELD,
        LogFault.LIST_CHANGED,
        LogFault.MALFORMED,
        LogFault.EXCHANGED,
    }
)
"""Faults that nobody but the server can have made; the others can have an innocent cause too."""
STOPS: Final = frozenset({LogFault.FORK, LogFault.SHRUNK, LogFault.MALFORMED, LogFault.EARLY})
"""Faults of the log itself: a desk that sees one cosigns nothing."""
LATE_DAYS: Final = 2
"""Days that the newest batch may be behind yesterday before it counts as old."""


@dataclass(frozen=True)
class LogAlert:
    """A fault of one day. `day`: of the batch, None where it is the log as a whole; `count`: leaves or envelopes;
    `cases`: ids of the cases that this desk can name.
    """

    fault: LogFault
    day: date | None = None
    count: int = 1
    cases: tuple[bytes, ...] = ()

    @property
    def place(self) -> tuple[int, date, int, tuple[bytes, ...]]:
        """Its place among others: the gravest first; one without a day comes before those of its kind."""
        return list(LogFault).index(self.fault), self.day or date.min, self.count, self.cases


@dataclass(frozen=True)
class LoggedEnvelope:
    """A report or message as the feed shows it. `sha256`: of its sealed bytes, None where the server did not hand them
    out; `log_keys`: those of its case, None where this desk can't open it.
    """

    case_id: bytes
    sha256: bytes | None
    log_keys: tuple[bytes, ...] | None


def check_batch(
    day: DayLeaf,
    hidden: Sequence[bytes],
    envelopes: Sequence[LoggedEnvelope],
    acts: Collection[bytes],
    keys: tuple[bytes, bytes],
    lists: Collection[bytes],
    explained: int = 0,
    readers: Sequence[Sequence[Reader]] = (),
) -> list[LogAlert]:
    """Return what does not fit in the batch of one day, given as its day leaf and its hidden leaves.

    `envelopes`: all reports and messages that the feed shows for the day. `acts`: hashes of the leaves of this desk's
    own acts that the server promised for it. `keys`: this desk's box_sk and box_pk. `lists`: digests of every state of
    the list that this desk knows. `explained`: envelopes of that day that may be gone with deleted cases. `readers`:
    those of every state of the list: a leaf of before this desk's card, or at a guest's desk, has no tag for it.
    """
    alerts = []
    there = {leaf_hash(leaf) for leaf in hidden}
    missing = [act for act in acts if act not in there]
    if missing:
        alerts.append(LogAlert(LogFault.ACT_MISSING, day.day, len(missing)))
    if day.roster not in lists:
        alerts.append(LogAlert(LogFault.LIST_CHANGED, day.day))
    bells = {leaf: bell for leaf in hidden if (bell := find_bell(leaf, *keys)) is not None}
    return alerts + _Fitting(hidden, bells, list(envelopes), day.day, explained, readers).alerts()


@dataclass(frozen=True)
class LoggedCase:
    """A case that this desk can open, with what the feed shows of its auditors' acts.

    `acts`: for each answer the SHA-256 of its envelope, for each status that of its text and both signatures (hex), for
    a deletion that of both its acts.
    `unread`: answers whose bytes are not here yet.
    """

    case_id: bytes
    log_keys: tuple[bytes, ...]
    acts: frozenset[str]
    unread: int = 0


def check_acts(day: date, hidden: Sequence[bytes], cases: Sequence[LoggedCase]) -> list[LogAlert]:
    """Return which cases have an answer, a status or a deletion in the log that the feed does not show so."""
    alerts = []
    for case in cases:
        openings = [opening for leaf in hidden for key in case.log_keys if (opening := _act_of(key, leaf))]
        gone = [opening for opening in openings if opening.fields[_ACT_DIGEST[opening.kind]] not in case.acts]
        count = len(gone) - case.unread
        if count > 0:
            alerts.append(LogAlert(LogFault.ACT_WITHHELD, day, count, (case.case_id,)))
    return alerts


_ACT_DIGEST: Final = {"answer": 1, "status": 4, "deletion": 1}
"""Which line of an opening holds the digest of the act."""


def _act_of(key: bytes, leaf: bytes) -> LeafText | None:
    try:
        opening = open_leaf(key, leaf)
    except BadLeaf:
        return None
    return opening if opening.kind in _ACT_DIGEST else None


@dataclass
class _Fitting:
    """The tags of a day beside the envelopes of that day."""

    hidden: Sequence[bytes]
    bells: dict[bytes, Bell]
    envelopes: list[LoggedEnvelope]
    day: date
    explained: int
    readers: Sequence[Sequence[Reader]] = ()
    faults: dict[LogFault, Counter[bytes]] = field(default_factory=dict)

    def alerts(self) -> list[LogAlert]:
        self._pair()
        for envelope in [envelope for envelope in self.envelopes if envelope.log_keys is not None]:
            self._judge(envelope, envelope.log_keys or ())
        alerts = [
            LogAlert(fault, self.day, cases.total(), tuple(sorted(cases)))
            for fault, cases in self.faults.items()
        ]
        unfit = min(len(self.bells), len(self.envelopes))
        alone = len(self.bells) - unfit
        counts = {
            LogFault.UNFIT: unfit,
            LogFault.WITHHELD: max(0, alone - self.explained),
            LogFault.UNEXPLAINED: min(alone, self.explained),
        }
        return alerts + [LogAlert(fault, self.day, count) for fault, count in counts.items() if count]

    def _pair(self) -> None:
        """Take out what fits: each tag one envelope, each envelope one tag."""
        left = []
        for envelope in self.envelopes:
            sha = envelope.sha256
            fitting = sha and next((leaf for leaf, bell in self.bells.items() if bell.fits(sha)), None)
            if fitting:
                del self.bells[fitting]
            else:
                left.append(envelope)
        self.envelopes = left

    def _judge(self, envelope: LoggedEnvelope, log_keys: Sequence[bytes]) -> None:
        """Say what is wrong with an envelope that opens and that no tag fits, and take out what belongs to it."""
        self.envelopes.remove(envelope)
        if not log_keys:
            return  # its page made no leaf: nothing was promised
        leaf, opening, is_spoiled = self._leaf_of(envelope, log_keys)
        self.bells.pop(leaf, None)
        if not leaf:
            fault = LogFault.LEFT_OUT
        elif is_spoiled or opening is None or opening.fields[1] == (envelope.sha256 or b"").hex():
            if opening is not None and self._is_whole(leaf, opening, log_keys):
                return  # made as it should be, for a list without this desk's card
            fault = LogFault.SPOILED
        else:
            fault = LogFault.EXCHANGED
        self.faults.setdefault(fault, Counter())[envelope.case_id] += 1

    def _is_whole(self, leaf: bytes, opening: LeafText, log_keys: Sequence[bytes]) -> bool:
        """Tell whether a leaf is what its page makes for one of the lists; made anew and compared."""
        fitting = [readers for readers in self.readers if length(len(readers)) == len(leaf)]
        return any(make(key, opening, readers) == leaf for key in log_keys for readers in fitting)

    def _leaf_of(
        self, envelope: LoggedEnvelope, log_keys: Sequence[bytes]
    ) -> tuple[bytes, LeafText | None, bool]:
        """Return the leaf that belongs to an envelope, what it says and whether its sender spoiled it; b"" for none.

        It is the one that names the envelope, else one of its case that names another and has a tag that nothing fits.
        """
        other: tuple[bytes, LeafText | None, bool] = (b"", None, False)
        for leaf in self.hidden:
            for key in log_keys:
                try:
                    opening = open_leaf(key, leaf)
                except LeafForeign:
                    continue
                except (LeafOpening, LeafCommitment):
                    other = leaf, None, True
                    continue
                if opening.kind not in ("report", "message"):
                    continue
                if opening.fields[1] == (envelope.sha256 or b"").hex():
                    return leaf, opening, False
                if leaf in self.bells:
                    other = leaf, opening, False
        return other


def read_log(leaves: Sequence[bytes]) -> tuple[SiteLeaf, list[Batch]]:
    """Return the first leaf of a log and its batches. Raises PlainLeafMalformed, BatchMalformed; BadNote in general."""
    if not leaves:
        raise BadNote
    site = read_site(leaves[0])
    return site, read_batches(leaves, site.hidden)


def list_alerts(batches: Sequence[Batch], lists: Collection[bytes]) -> list[LogAlert]:
    """Return an alert where a `list` leaf outside the days' batches names no list that this desk knows. `lists`: as of
    `check_batch`. Raises PlainLeafMalformed.
    """
    named = [
        named_list(leaf)
        for batch in batches
        if batch.day is None
        for leaf in batch.plain
        if word_of(leaf) == "list"
    ]
    unknown = sum(digest not in lists for digest in named)
    return [LogAlert(LogFault.LIST_CHANGED, None, unknown)] if unknown else []


def gaps(batches: Sequence[Batch]) -> list[date]:
    """Return the days that have a batch before and after them and none of their own."""
    days = [batch.day.day for batch in batches if batch.day is not None]
    return [
        before + timedelta(days=step)
        for before, after in zip(days, days[1:], strict=False)
        for step in range(1, (after - before).days)
    ]


def newest_day(batches: Sequence[Batch]) -> Batch | None:
    """Return the newest batch of a day; None before the first."""
    return next((batch for batch in reversed(batches) if batch.day is not None), None)


def age_alerts(newest: date | None, first: date, today: date) -> list[LogAlert]:
    """Return what is wrong with the day of the newest batch. `first`: the day on which this desk met the log; `today`:
    in Japan. A batch of a day that is not over here was made by a wrong clock, there or here.
    """
    if newest is not None and newest >= today:
        return [LogAlert(LogFault.EARLY, newest)]
    last = newest or first
    if (today - last).days > LATE_DAYS:
        return [LogAlert(LogFault.STALE, last)]
    return []
