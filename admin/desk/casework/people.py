"""Who the auditors are: the public list of cards, checked from the first card on, which the desk keeps in
mind (pins).

Rules, in this order:

1. The salt, the site's key and the first card stay what they were at the first contact.
2. Every card is signed by itself, and every later one by a key that was enrolled before it and not retired at its
   place; retirements are signed too (`crypto.listing`).
3. The list begins with the one that was there before: one that shrinks or changes hides somebody.

A list that breaks a rule is used for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from cases import roles
from cases.days import parse_day
from crypto import cards as crypto_cards
from crypto.cards import Card
from crypto.encoding import b64d, canonical_json
from crypto.errors import BadData, MisuseError
from crypto.listing import Document, Listing, parse_document
from crypto.seal import Recipient


class TrustBroken(Exception):
    """The list of auditors breaks a rule. `reason`: salt, site_key, first_card, chain, shrunk or old_copy (this
    desk's copy is of a version before).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class People:
    """A checked list: cards and retirements in one sequence. `since`: the day of each card, as the server says."""

    salt: bytes
    site_pk: bytes
    listing: Listing
    since: Mapping[bytes, date]

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """All cards in the order of enrolment."""
        return self.listing.cards

    @property
    def by_key(self) -> Mapping[bytes, Card]:
        """All cards by key id, retired ones too."""
        return self.listing.by_key

    @cached_property
    def retired(self) -> Mapping[bytes, date]:
        """The days from which keys are no longer sealed to."""
        return {key_id: note.day for key_id, note in self.listing.retired.items()}

    @cached_property
    def active(self) -> tuple[Card, ...]:
        """The cards that are sealed to today."""
        return tuple(card for card in self.cards if card.key_id not in self.retired)

    def persons(self, person: bytes) -> Card | None:
        """Return the newest card of a person."""
        return next((card for card in reversed(self.cards) if card.person == person), None)

    @property
    def duties(self) -> Mapping[bytes, str]:
        """What each key may do (format.md, section 1.3)."""
        return self.listing.duties

    def duty_of(self, key_id: bytes) -> str:
        """Return one of `cases.roles.Role`; an auditor's for a key that is not here."""
        return self.duties.get(key_id, roles.Role.AUDITOR)

    @cached_property
    def leads(self) -> frozenset[bytes]:
        """The persons who are leads today."""
        return frozenset(card.person for card in self.active if self.duty_of(card.key_id) == roles.Role.LEAD)

    def keys_of(self, persons: Collection[bytes]) -> frozenset[bytes]:
        """Return all keys that persons ever had."""
        return frozenset(card.key_id for card in self.cards if card.person in persons)

    def same_hand(self, key_id: bytes) -> frozenset[bytes]:
        """Return a key, those of its person that vouched for it or that it vouched for, and so on.

        `person` in a card is a claim: another key with it, which somebody else vouched for, may be another's.
        """
        held = {key_id}
        for card in (*reversed(self.cards), *self.cards):
            voucher = self.by_key.get(card.voucher or b"")
            if (
                voucher is not None
                and voucher.person == card.person
                and not held.isdisjoint((card.key_id, voucher.key_id))
            ):
                held |= {card.key_id, voucher.key_id}
        return frozenset(held)

    def same_name(self, card: Card) -> tuple[Card, ...]:
        """Return cards of other persons that carry a name of this one (format.md, section 1.4)."""
        return self.listing.same_name(card)

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
            if roles.reads_reports(self.duty_of(card.key_id))
        ]


def read_people(answer: Mapping[str, Any]) -> People:
    """Check a `keys.json`. Raises TrustBroken("chain") for whatever is wrong with it.

    An empty list is fine: a site where nobody is enrolled yet.
    """
    try:
        if answer["v"] != 1:
            raise TrustBroken("chain")
        documents = [(_document(entry), parse_day(entry["day"])) for entry in answer["list"]]
        listing = Listing(document for document, _day in documents)
        salt, site_pk = b64d(answer["salt"]), b64d(answer["site_sign_pk"])
    except (BadData, MisuseError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise TrustBroken("chain") from None
    if len(salt) != 16 or len(site_pk) != 32:
        raise TrustBroken("chain")
    since = {card.key_id: day for card, day in documents if isinstance(card, Card)}
    return People(salt, site_pk, listing, since)


def _document(document: Mapping[str, Any]) -> Document:
    (what,) = document.keys() - {"day"}
    if what not in ("card", "retirement"):
        raise ValueError
    return parse_document(document, canonical_json(document[what]))


def check_against_known(known: People, new: People) -> None:
    """Compare a new list with the last good one, whose first card is the pinned one. Raises TrustBroken."""
    if new.salt != known.salt:
        raise TrustBroken("salt")
    if new.site_pk != known.site_pk:
        raise TrustBroken("site_key")
    if known.cards and (not new.cards or new.cards[0].encode() != known.cards[0].encode()):
        raise TrustBroken("first_card")
    if not new.listing.starts_with(known.listing.prefix()):
        raise TrustBroken("shrunk")
