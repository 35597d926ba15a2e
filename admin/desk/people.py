"""Who the auditors are: the public list of cards, checked from the first card on, which the desk keeps in
mind (pins).

Rules, in this order:

1. The salt, the site's key and the first card stay what they were at the first contact.
2. Every card is signed by itself, and every later one by a key that was enrolled before it; retirements are
   signed too.
3. A card or a retirement that was there once is there for ever: a list that shrinks hides somebody.
4. Whoever is known as retired brings nobody in any more, whatever day the server gives.

A list that breaks a rule is used for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from cases.days import parse_day
from crypto import cards as crypto_cards
from crypto.cards import Card, Retirement
from crypto.encoding import b64d, canonical_json
from crypto.errors import BadData, MisuseError
from crypto.seal import Recipient


class TrustBroken(Exception):
    """The list of auditors breaks a rule. `reason`: salt, site_key, first_card, chain, shrunk or
    retired_voucher.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class People:
    """A checked list: cards in the order of enrolment, with their days."""

    salt: bytes
    site_pk: bytes
    cards: tuple[Card, ...]
    since: Mapping[bytes, date]
    retirements: tuple[Retirement, ...]

    @cached_property
    def by_key(self) -> Mapping[bytes, Card]:
        """All cards by key id, retired ones too."""
        return {card.key_id: card for card in self.cards}

    @cached_property
    def retired(self) -> Mapping[bytes, date]:
        """The days from which keys are no longer sealed to."""
        return {one.key_id: one.day for one in reversed(self.retirements)}

    @cached_property
    def active(self) -> tuple[Card, ...]:
        """The cards that are sealed to today."""
        return tuple(card for card in self.cards if card.key_id not in self.retired)

    def persons(self, person: bytes) -> Card | None:
        """Return the newest card of a person."""
        return next((card for card in reversed(self.cards) if card.person == person), None)

    @cached_property
    def duties(self) -> Mapping[bytes, str]:
        """What each key may do (format.md, section 1.3)."""
        return crypto_cards.duties(self.cards)

    def duty_of(self, key_id: bytes) -> str:
        """Return what the holder of a key may do: "lead", "auditor" or "observer"."""
        return self.duties.get(key_id, "auditor")

    @cached_property
    def leads(self) -> frozenset[bytes]:
        """The persons who are leads today."""
        return frozenset(card.person for card in self.active if self.duty_of(card.key_id) == "lead")

    def keys_of(self, persons: Collection[bytes]) -> frozenset[bytes]:
        """Return all keys that persons ever had."""
        return frozenset(card.key_id for card in self.cards if card.person in persons)

    def same_hand(self, key_id: bytes) -> frozenset[bytes]:
        """Return a key, those of its person that vouched for it or that it vouched for, and so on.

        `person` in a card is a claim: another key with it, which somebody else vouched for, may be another's.
        """
        found = {key_id}
        for card in (*reversed(self.cards), *self.cards):
            voucher = self.by_key.get(card.voucher or b"")
            if (
                voucher is not None
                and voucher.person == card.person
                and not found.isdisjoint((card.key_id, voucher.key_id))
            ):
                found |= {card.key_id, voucher.key_id}
        return frozenset(found)

    def shut_out(self, exclude: Collection[bytes], at_report: Collection[bytes]) -> frozenset[bytes]:
        """Return the key ids that a reporter's choice of persons shuts out."""
        return crypto_cards.shut_out(self.cards, exclude, at_report) if exclude else frozenset()

    def may_not_read(
        self, exclude: Collection[bytes], stepped_back: Collection[bytes], at_report: Collection[bytes]
    ) -> frozenset[bytes]:
        """Return the key ids that nothing more of a case is sealed to.

        `exclude`: persons whom the reporter shut out; `stepped_back`: persons who gave the case up, and with them
        whom they brought in since the report: a second self must not read on.
        """
        out = self.shut_out(exclude, at_report)
        with_stepped = self.shut_out([*exclude, *stepped_back], at_report)
        return (
            out | self.keys_of(stepped_back) | {key_id for key_id in with_stepped if key_id not in at_report}
        )

    def recipients(self, out: Collection[bytes]) -> list[Recipient]:
        """Return a slot for each active card but observers'; who is shut out gets one that opens for nobody."""
        return [
            Recipient(card.key_id, card.box_pk, card.key_id in out)
            for card in self.active
            if self.duty_of(card.key_id) != "observer"
        ]


def read_people(found: Mapping[str, Any]) -> People:
    """Check a `keys.json`. Raises TrustBroken("chain") for whatever is wrong with it.

    An empty list is fine: a site where nobody is enrolled yet.
    """
    try:
        if found["v"] != 1:
            raise TrustBroken("chain")
        listed = [
            (crypto_cards.parse_card(canonical_json(one["card"])), parse_day(one["day"]))
            for one in found["cards"]
        ]
        retirements = tuple(
            crypto_cards.parse_retirement(canonical_json(one)) for one in found["retirements"]
        )
        cards = tuple(card for card, _day in listed)
        if cards or retirements:
            crypto_cards.verify_chain(cards, retirements, [day for _card, day in listed])
        salt, site_pk = b64d(found["salt"]), b64d(found["site_sign_pk"])
    except (BadData, MisuseError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise TrustBroken("chain") from None
    if len(salt) != 16 or len(site_pk) != 32:
        raise TrustBroken("chain")
    return People(salt, site_pk, cards, {card.key_id: day for card, day in listed}, retirements)


def check_against_known(known: People, new: People) -> None:
    """Compare a new list with the last good one, whose first card is the pinned one. Raises TrustBroken."""
    if new.salt != known.salt:
        raise TrustBroken("salt")
    if new.site_pk != known.site_pk:
        raise TrustBroken("site_key")
    if known.cards and (not new.cards or new.cards[0].encode() != known.cards[0].encode()):
        raise TrustBroken("first_card")
    if not _is_beginning(_encoded(known.cards), _encoded(new.cards)):
        raise TrustBroken("shrunk")
    # A later day would make words of a retired key count that came in between.
    if any(key_id not in new.retired or new.retired[key_id] > day for key_id, day in known.retired.items()):
        raise TrustBroken("shrunk")
    if any(card.voucher in known.retired for card in new.cards[len(known.cards) :]):
        raise TrustBroken("retired_voucher")


def _encoded(cards: Sequence[Card]) -> list[bytes]:
    return [card.encode() for card in cards]


def _is_beginning(short: Sequence[bytes], long: Sequence[bytes]) -> bool:
    return list(long[: len(short)]) == list(short)
