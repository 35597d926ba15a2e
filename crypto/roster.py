"""The auditors' roster: who they are, what each may do, and to whom envelopes are sealed (docs/format.md, 1.3 to 1.6).

One class for the reporter's site, for the desks' API and for the desk. A roster begins with its first card (trust on
first use: desks pin it, the server's secret file names it) and only grows. Rules, in this order:

1. What does not fit at its place (`crypto.listing`) is no part of a roster: such a key is sealed nothing and may do
   nothing. The first card is a lead's, and never an observer's.
2. `active` is enrolled and not retired; `readers` are the active ones that are no observers and no guests.
3. A person is what a card claims; keys are told apart by their key ids.

All of it is public.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from crypto import cards as crypto_cards
from crypto.cards import AUDITOR, GUEST, LEAD, OBSERVER, Card
from crypto.listing import Listing, Prefix, addressed, fitting
from crypto.seal import Recipient


class StoredDocument(Protocol):
    """A document of the list as a server stores it, at a place of its own.

    `what`: "card" or "retirement"; `raw`: canonical JSON; `day`: when it came.
    """

    @property
    def place(self) -> int: ...

    @property
    def what(self) -> str: ...

    @property
    def raw(self) -> bytes: ...

    @property
    def day(self) -> date: ...


@dataclass(frozen=True)
class Roster:
    """A checked list, with the day on which each of its documents came, as the server says.

    `last`: the place of the newest document that was stored when it was read, whether or not it fits; 0 where nothing
    is stored. `logged`: how many of its documents are in the
    log, None where there is no log yet. Methods that take `key_id`, `person` or `persons` take 16 bytes each.
    """

    listing: Listing = field(default_factory=Listing)
    days: tuple[date, ...] = ()
    last: int = 0
    logged: int | None = None

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards ever enrolled, in that order: each is vouched for by an earlier one."""
        return self.listing.cards

    @property
    def by_key(self) -> Mapping[bytes, Card]:
        """All cards by key id, retired ones too."""
        return self.listing.by_key

    @property
    def in_log(self) -> int:
        """How many documents envelopes go by: those in the log, all of them where there is no log."""
        whole = len(self.listing)
        return whole if self.logged is None else min(self.logged, whole)

    @property
    def prefix(self) -> Prefix | None:
        """The prefix of the list that envelopes name; None while there is none or the list could not be read."""
        return self.listing.prefix(self.in_log) if self.in_log else None

    @cached_property
    def sealed_to(self) -> frozenset[bytes]:
        """The key ids that envelopes are sealed to today: of cards in the log that are not retired."""
        return self.listing.sealed_to(self.in_log)

    @cached_property
    def since(self) -> Mapping[bytes, date]:
        """The day on which each key was enrolled."""
        return {
            document.key_id: day
            for document, day in zip(self.listing.documents, self.days, strict=True)
            if isinstance(document, Card)
        }

    @cached_property
    def retired(self) -> Mapping[bytes, date]:
        """The days from which keys are no longer sealed to."""
        return {key_id: note.day for key_id, note in self.listing.retired.items()}

    @cached_property
    def active(self) -> tuple[Card, ...]:
        """The cards that are not retired, observers' and guests' too."""
        return tuple(card for card in self.cards if card.key_id not in self.listing.retired)

    @cached_property
    def readers(self) -> tuple[Card, ...]:
        """The cards that envelopes are sealed to today."""
        return tuple(card for card in self.cards if card.key_id in self.sealed_to)

    @cached_property
    def waiting(self) -> tuple[Card, ...]:
        """The active cards that are not in the log yet: nothing is sealed to them before that."""
        known = {document.key_id for document in self.listing.documents[: self.in_log]}
        return tuple(card for card in self.active if card.key_id not in known)

    @cached_property
    def observers(self) -> tuple[Card, ...]:
        """The active cards that get statistics only; without those that wait for the log."""
        watching = (card for card in self.active if self.role_of(card.key_id) == OBSERVER)
        return tuple(card for card in watching if card not in self.waiting)

    @cached_property
    def guests(self) -> tuple[Card, ...]:
        """The active cards that read single cases, which two persons gave them (section 2.16); without those that wait
        for the log.
        """
        reading = (card for card in self.active if self.role_of(card.key_id) == GUEST)
        return tuple(card for card in reading if card not in self.waiting)

    @cached_property
    def former(self) -> tuple[Card, ...]:
        """The retired cards."""
        return tuple(card for card in self.cards if card.key_id in self.listing.retired)

    @cached_property
    def persons(self) -> frozenset[bytes]:
        """All persons ever enrolled: whom a reporter may exclude."""
        return frozenset(card.person for card in self.cards)

    @cached_property
    def leads(self) -> frozenset[bytes]:
        """The persons who are leads today."""
        return frozenset(card.person for card in self.active if self.role_of(card.key_id) == LEAD)

    def role_of(self, key_id: bytes) -> str:
        """Return what a key may do, one of `crypto.cards.DUTIES`; an auditor's for a key that is not here."""
        return self.listing.duties.get(key_id, AUDITOR)

    def is_active(self, key_id: bytes) -> bool:
        """Tell whether a key is enrolled and not retired."""
        return key_id in self.by_key and key_id not in self.listing.retired

    def keys_of(self, person: bytes) -> dict[bytes, date]:
        """Return all keys that a person ever had, with the day on which each was enrolled."""
        return {card.key_id: self.since[card.key_id] for card in self.cards if card.person == person}

    def newest_of(self, person: bytes) -> Card | None:
        """Return the newest card of a person; None for one who is not here."""
        return next((card for card in reversed(self.cards) if card.person == person), None)

    def voucher_of(self, card: Card) -> Card | None:
        """Return who vouched for a card; None for the first one, which the operator entered."""
        return self.by_key.get(card.voucher) if card.voucher else None

    def introducers_of(self, person: bytes) -> tuple[Card | None, ...]:
        """Return who vouched for a person's keys, each person once; None: the operator.

        Where a second key came under a colleague's name, it shows that another person vouched for it (ADR 0002).
        """
        introducers: dict[bytes | None, Card | None] = {}
        for card in self.cards:
            voucher = self.voucher_of(card)
            if card.person == person and (voucher is None or voucher.person != person):
                introducers[voucher.person if voucher else None] = voucher
        return tuple(introducers.values())

    def same_name(self, card: Card) -> tuple[Card, ...]:
        """Return cards of other persons that carry a name of this one (section 1.4)."""
        return self.listing.same_name(card)

    def other_names(self, card: Card) -> tuple[Mapping[str, str], ...]:
        """Return the other names (language to text) that the keys of a card's person carry or carried."""
        names: list[Mapping[str, str]] = [dict(card.name)]
        for other in self.cards:
            if other.person == card.person and dict(other.name) not in names:
                names.append(dict(other.name))
        return tuple(names[1:])

    def same_holder(self, key_id: bytes) -> frozenset[bytes]:
        """Return a key, those of its person that vouched for it or that it vouched for, and so on.

        `person` in a card is a claim: another key with it, which another person vouched for, may be another's.
        """
        held = {key_id}
        for card in (*reversed(self.cards), *self.cards):
            voucher = self.voucher_of(card)
            if (
                voucher is not None
                and voucher.person == card.person
                and not held.isdisjoint((card.key_id, voucher.key_id))
            ):
                held |= {card.key_id, voucher.key_id}
        return frozenset(held)

    def newcomers(self, shown: Prefix | None) -> tuple[Card, ...]:
        """Return who reads today and was not on the list that was shown."""
        if shown is not None and self.listing.starts_with(shown):
            before = self.listing.readers(shown.length)
            return tuple(card for card in self.readers if card.key_id not in before)
        return self.readers

    def continues(self, known: Roster) -> bool:
        """Tell whether this roster begins with the whole of one that was known before."""
        return self.listing.starts_with(known.listing.prefix())

    def excluded_keys(
        self, exclude: Collection[bytes], at_report: Collection[bytes] | None = None
    ) -> frozenset[bytes]:
        """Return the key ids that must not read what a reporter writes who excluded these persons (section 1.6).

        `at_report`: key ids that were shown when the reporter chose; None means now.
        """
        if not exclude:
            return frozenset()
        shown = self.sealed_to if at_report is None else at_report
        return crypto_cards.excluded_keys(self.cards, exclude, shown)

    def may_not_read(
        self, exclude: Collection[bytes], recused: Collection[bytes], at_report: Collection[bytes]
    ) -> frozenset[bytes]:
        """Return the key ids that nothing more of a case is sealed to.

        `exclude`: persons whom the reporter excluded; `recused`: persons who gave the case up or were taken off it.
        """
        return crypto_cards.may_not_read(self.cards, exclude, recused, at_report)

    def slots(self, out: Collection[bytes]) -> list[Recipient]:
        """Return a slot for each reader of today; for the key ids in `out` one that nobody can open."""
        return [Recipient(card.key_id, card.box_pk, card.key_id in out) for card in self.readers]

    def addressed(self, payload: Mapping[str, Any], slots: Sequence[Recipient]) -> dict[str, Any]:
        """Return an unsigned payload that names its readers: this list, and these slots (section 2.5)."""
        return addressed(payload, self.listing.prefix(self.in_log), [slot.key_id for slot in slots])


def fitting_roster(
    stored: Sequence[StoredDocument], first_card: bytes | None, logged: int | None = None
) -> Roster:
    """Return the roster of what is stored, in the order of the list; what does not fit at its place is left out.

    `first_card`: the key id (16 bytes) that it begins with; None: no auditor is enrolled, and nothing fits. `logged`:
    as of `Roster`.
    """
    last = stored[-1].place if stored else 0
    if first_card is None:
        return Roster(last=last, logged=logged)
    listing, kept = fitting([(document.what, document.raw) for document in stored], first_card)
    return Roster(listing, tuple(stored[place].day for place in kept), last, logged)


class RosterMemory:
    """Remembers the roster that a server checked last: checks signatures only when what is stored has changed, and
    never goes back behind it.
    """

    def __init__(self) -> None:
        self._state: tuple[tuple[StoredDocument, ...], bytes | None, Roster] = ((), None, Roster())

    def update(
        self, stored: Sequence[StoredDocument], first_card: bytes | None, logged: int | None = None
    ) -> Roster:
        """Return the roster of what is stored now; arguments as of `fitting_roster`.

        What does not begin with the roster that was checked last (a retirement or a card is gone from the database) is
        not used: the last one is.
        """
        documents = tuple(stored)
        known_documents, known_first, known = self._state
        if documents == known_documents and first_card == known_first:
            if logged != known.logged:
                known = replace(known, logged=logged)
                self._state = (documents, first_card, known)
            return known
        checked = fitting_roster(documents, first_card, logged)
        if known.listing.documents and not checked.continues(known):
            checked = replace(known, last=checked.last, logged=logged)
        self._state = (documents, first_card, checked)
        return checked

    def latest(self) -> Roster:
        """Return the roster as it was last read; for a page that is shown while the database is away."""
        return self._state[2]
