"""Access per case: removals of auditors and gifts to others (docs/format.md, section 2.16). Pure: the twin of
portal/scripts/format/access.ts, with one set of vectors.

A change is signed by two persons who could read the report when it came, one of them a lead; where too few of these are
left, by two who read the case now. It is part of an answer to the reporter, so that desks and the reporter's page judge
the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import access_errors, errors
from crypto.cards import LEAD, OBSERVER, SLOTLESS, Card, may_not_read
from crypto.encoding import b64d, b64e, hex_id, id_from_hex
from crypto.messages import sign, verify

OFF: Final = "off"
GIVEN: Final = "given"
MOST_AHEAD: Final = 1000
"""How far above the last number about a person the next one may be: the server can withhold some, and two who collude
must not take the last number that there is.
"""


@dataclass(frozen=True)
class AccessChange:
    """One change, as its proposer signed it. `target`: a person for OFF, a key id for GIVEN (16 bytes)."""

    what: str
    target: bytes
    number: int
    proposer: bytes
    sig: bytes

    def fields(self) -> dict[str, Any]:
        """Return the payload's `access`."""
        return {
            "what": self.what,
            "target": hex_id(self.target),
            "number": self.number,
            "proposer": hex_id(self.proposer),
            "sig": b64e(self.sig),
        }


@dataclass(frozen=True)
class SignedChange:
    """A change in an answer whose signatures hold.

    `author`: the answer's, the second of the two; `slots`, `length`: the key ids that its payload names as readers, and
    by how long a list; `exclude`: persons whom the reporter had excluded before it.
    """

    envelope_id: bytes
    change: AccessChange
    author: bytes
    slots: frozenset[bytes]
    exclude: frozenset[bytes] = frozenset()
    length: int = 0


@dataclass(frozen=True)
class Access:
    """The result of a case's changes of access.

    `off`: persons who were taken off, with the number of that change; `given`: key ids that the case was given to;
    `numbers`: of each person the last change that counted; `counted`: these changes, in order; `refused`: the others,
    each with the name of its error.
    """

    off: Mapping[bytes, int] = field(default_factory=dict)
    given: tuple[bytes, ...] = ()
    numbers: Mapping[bytes, int] = field(default_factory=dict)
    counted: tuple[SignedChange, ...] = ()
    refused: tuple[tuple[SignedChange, str], ...] = ()

    def next_number(self, person: bytes) -> int:
        """Return the number of the next change about a person (16 bytes)."""
        return self.numbers.get(person, 0) + 1


NOTHING: Final = Access()
"""A case whose readers nobody changed."""


def access_text(case_id: bytes, change: AccessChange) -> bytes:
    """Return what the proposer signs."""
    what = {OFF: b"\x01", GIVEN: b"\x02"}.get(change.what)
    ids = (case_id, change.proposer, change.target)
    if what is None or any(len(part) != 16 for part in ids) or not 0 < change.number < 2**32:
        raise errors.MisuseError
    return (
        b"mybk1/access\n"
        + case_id
        + change.proposer
        + what
        + change.target
        + change.number.to_bytes(4, "big")
    )


def propose(
    case_id: bytes, what: str, target: bytes, number: int, proposer: bytes, sign_seed: bytes
) -> AccessChange:
    """Return a change that its proposer signed. Raises MisuseError."""
    unsigned = AccessChange(what, target, number, proposer, b"")
    return AccessChange(what, target, number, proposer, sign(sign_seed, access_text(case_id, unsigned)))


def change_of(payload: Mapping[str, Any]) -> AccessChange | None:
    """Return the change in a well-formed answer's payload; None where there is none."""
    said = payload.get("access")
    if not isinstance(said, dict):
        return None
    return AccessChange(
        said["what"],
        id_from_hex(said["target"]),
        said["number"],
        id_from_hex(said["proposer"]),
        b64d(said["sig"]),
    )


def first_readers(cards: Sequence[Card], at_report: Collection[bytes]) -> frozenset[bytes]:
    """Return the key ids that could read the report when it came: it names them, or such a key of the same person
    vouched for them. `cards`: all ever enrolled, in order.

    `person` in a card is a claim: a key that another person brought in may be that other's.
    """
    keys: dict[bytes, bytes] = {}
    for card in cards:
        if card.key_id in at_report or (card.voucher in keys and keys[card.voucher] == card.person):
            keys[card.key_id] = card.person
    return frozenset(card.key_id for card in cards if card.key_id in keys and card.duty not in SLOTLESS)


def is_lead(card: Card, cards: Sequence[Card]) -> bool:
    """Tell whether a card is a lead's; the first of a list is one without saying so."""
    return card.duty == LEAD or card is cards[0]


def deciders(
    cards: Sequence[Card],
    at_report: Collection[bytes],
    gone: Collection[bytes],
    retired: Mapping[bytes, int],
    length: int,
) -> frozenset[bytes]:
    """Return the key ids that may be one of the two: the first readers; where of these fewer than two persons, or no
    lead, are left, each auditor. `gone`: key ids that the case is not for. `retired`: the place of each retirement in
    the list; `length`: how long the list is that decides.

    A lead alone can retire every other reader: what two later readers can do then, that lead could do before.
    """
    first = first_readers(cards, at_report) - frozenset(gone)
    left = [card for card in cards if card.key_id in first and retired.get(card.key_id, length + 1) > length]
    if len({card.person for card in left}) > 1 and any(is_lead(card, cards) for card in left):
        return first
    return frozenset(card.key_id for card in cards if card.duty not in SLOTLESS) - frozenset(gone)


def fold(
    case_id: bytes,
    cards: Sequence[Card],
    at_report: Collection[bytes],
    changes: Sequence[SignedChange],
    known: Mapping[bytes, int] = NOTHING.off,
    *,
    retired: Mapping[bytes, int],
) -> Access:
    """Return what changes come to, given in the order of the feed.

    `known`: persons who are off by the reporter's own record, with the number of that change. `retired`: by key id the
    place of each retirement in the list. Changes about one person are taken in the order of their numbers.
    """
    state = _Fold(case_id, cards, at_report, known, retired)
    for signed in _in_order(changes, state.by_key):
        try:
            state.check(signed)
        except errors.BadData as error:
            state.refused.append((signed, type(error).__name__))
            continue
        state.take(signed)
    return state.access()


def person_of(change: AccessChange, by_key: Mapping[bytes, Card]) -> bytes:
    """Return the person whom a change is about; the target itself where no card has that key id."""
    if change.what == OFF or change.target not in by_key:
        return change.target
    return by_key[change.target].person


def _in_order(changes: Sequence[SignedChange], by_key: Mapping[bytes, Card]) -> list[SignedChange]:
    """Put changes about one person, at the places where such ones stand, into the order of their numbers: the server
    can show a later one first."""
    waiting: dict[bytes, list[SignedChange]] = {}
    for signed in sorted(changes, key=lambda signed: signed.change.number):
        waiting.setdefault(person_of(signed.change, by_key), []).append(signed)
    return [waiting[person_of(signed.change, by_key)].pop(0) for signed in changes]


class _Fold:
    """The state while it grows."""

    def __init__(
        self,
        case_id: bytes,
        cards: Sequence[Card],
        at_report: Collection[bytes],
        known: Mapping[bytes, int],
        retired: Mapping[bytes, int],
    ) -> None:
        self.case_id, self.cards, self.at_report = case_id, cards, at_report
        self.by_key = {card.key_id: card for card in cards}
        self.retired = retired
        self.known = dict(known)
        self.off = dict(known)
        self.given: dict[bytes, None] = {}
        self.numbers: dict[bytes, int] = {}
        self.counted: list[SignedChange] = []
        self.refused: list[tuple[SignedChange, str]] = []

    def check(self, signed: SignedChange) -> None:
        """Raise why a change does not count, the first fault that holds."""
        change = signed.change
        person = person_of(change, self.by_key)
        self._check_number(change, person)
        gone = may_not_read(self.cards, signed.exclude, self.off.keys(), self.at_report)
        may = deciders(self.cards, self.at_report, gone, self.retired, signed.length) & signed.slots
        if change.proposer not in may or signed.author not in may:
            raise access_errors.AccessNoReader
        both = [self.by_key[change.proposer], self.by_key[signed.author]]
        if both[0].person == both[1].person:
            raise access_errors.AccessAlone
        verify(both[0].sign_pk, access_text(self.case_id, change), change.sig)
        if not any(is_lead(card, self.cards) for card in both):
            raise access_errors.AccessNoLead
        self._check_target(signed, person, {card.person for card in both})

    def _check_number(self, change: AccessChange, person: bytes) -> None:
        held = self.known.get(person, 0)
        again = change.number == held and change.what == OFF
        if change.number <= self.numbers.get(person, 0) or (change.number <= held and not again):
            raise access_errors.AccessOld
        if change.number > max(self.numbers.get(person, 0), held) + MOST_AHEAD:
            raise access_errors.AccessAhead

    def _check_target(self, signed: SignedChange, person: bytes, both: Collection[bytes]) -> None:
        change = signed.change
        if change.what == OFF:
            if person in both:
                raise access_errors.AccessOwn
            if not any(card.person == person for card in self.cards):
                raise access_errors.AccessUnknown
            return
        card = self.by_key.get(change.target)
        if card is None or card.duty == OBSERVER:
            raise access_errors.AccessUnknown
        others = self.off.keys() - {person}
        if change.target in may_not_read(self.cards, signed.exclude, others, self.at_report):
            raise access_errors.AccessExcluded

    def take(self, signed: SignedChange) -> None:
        """Let a change count."""
        change, person = signed.change, person_of(signed.change, self.by_key)
        self.numbers[person] = change.number
        self.counted.append(signed)
        if change.what == OFF:
            self.off[person] = change.number
            for key_id in [key_id for key_id in self.given if self.by_key[key_id].person == person]:
                del self.given[key_id]
        else:
            self.off.pop(person, None)
            self.given[change.target] = None

    def access(self) -> Access:
        """Return the end state."""
        numbers = {**self.known, **self.numbers}
        return Access(
            self.off,
            tuple(self.given),
            numbers,
            tuple(self.counted),
            tuple(self.refused),
        )
