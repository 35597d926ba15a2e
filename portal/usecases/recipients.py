"""Who can read reports: the enrolled cards, checked once for each state of the list. All of it is public."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from crypto import cards as crypto_cards
from crypto.listing import Listing, Prefix, addressed, fitting
from crypto.seal import Recipient
from store import cards as store_cards


class NobodyLeft(Exception):
    """Every active auditor is excluded: there is no recipient."""


@dataclass(frozen=True)
class Reader:
    """One enrolled card with its days. A reader who has retired gets nothing new."""

    card: crypto_cards.Card
    enrolled: date
    retired: date | None
    retirement: bytes | None

    @property
    def active(self) -> bool:
        """Whether reports are sealed to this card today: enrolled, not retired, no observer's."""
        return self.retired is None and not self.watches

    @property
    def watches(self) -> bool:
        """Whether this card's holder sees numbers only."""
        return self.card.duty == crypto_cards.OBSERVER


@dataclass(frozen=True)
class CarriedName:
    """A name and a role as active keys of one person carry them. `keys`: their key ids in hex, a space between."""

    reader: Reader
    keys: str


@dataclass(frozen=True)
class Offered:
    """One person on the report form.

    `names`: all that the person's active keys carry (of a retired person: the last ones). `former`: names (language to
    text) that no such key carries any more. `shared`: whether another person has one of the names.
    """

    person: bytes
    names: tuple[CarriedName, ...]
    former: tuple[Mapping[str, str], ...]
    shared: bool
    introducers: tuple[Reader | None, ...]


@dataclass(frozen=True)
class Recipients:
    """Every card that was ever enrolled, in that order (each vouched for by an earlier one).

    `listing`: the same with the retirements, as one list; `days`: when each document of it came. `last`: the place of
    the newest row in the database that was looked at.
    """

    readers: tuple[Reader, ...] = ()
    listing: Listing = field(default_factory=Listing)
    days: tuple[date, ...] = ()
    last: int = 0

    def __hash__(self) -> int:
        return hash((self.listing, self.days))

    @property
    def prefix(self) -> Prefix | None:
        """What names the whole list; None while it is empty or could not be read."""
        return self.listing.prefix() if self.readers else None

    def newcomers(self, shown: Prefix | None) -> tuple[Reader, ...]:
        """Return who reads today and was not on the list that was shown."""
        if shown is not None and self.listing.starts_with(shown):
            before = self.listing.readers(shown.length)
            return tuple(reader for reader in self.active if reader.card.key_id not in before)
        return self.active

    def offered(self, chosen: Collection[str] = ()) -> list[Offered]:
        """Return the persons for the form: who reads today, and who was chosen and has left since."""
        by_person: dict[bytes, list[Reader]] = {}
        for reader in self.readers:
            by_person.setdefault(reader.card.person, []).append(reader)
        return [
            self._offered(person, keys)
            for person, keys in by_person.items()
            if any(reader.active for reader in keys) or person.hex() in chosen
        ]

    def _offered(self, person: bytes, keys: Sequence[Reader]) -> Offered:
        active = [reader for reader in keys if reader.active] or [keys[-1]]
        carried: dict[tuple[str, ...], list[Reader]] = {}
        for reader in active:
            carried.setdefault(_words(reader.card), []).append(reader)
        names = [dict(of[0].card.name) for of in carried.values()]
        former: list[Mapping[str, str]] = []
        for reader in keys:
            if dict(reader.card.name) not in [*names, *former]:
                former.append(dict(reader.card.name))
        return Offered(
            person,
            tuple(
                CarriedName(of[0], " ".join(reader.card.key_id.hex() for reader in of))
                for of in carried.values()
            ),
            tuple(former),
            any(self.listing.same_name(of[0].card) for of in carried.values()),
            tuple(self.introducers_of(person)),
        )

    def former_of(self, reader: Reader) -> tuple[Mapping[str, str], ...]:
        """Return the other names that the person's keys carry or carried."""
        names: list[Mapping[str, str]] = [dict(reader.card.name)]
        for other in self.readers:
            if other.card.person == reader.card.person and dict(other.card.name) not in names:
                names.append(dict(other.card.name))
        return tuple(names[1:])

    def shares_name(self, reader: Reader) -> tuple[Reader, ...]:
        """Return other persons' cards that carry a name of this one."""
        return tuple(self.by_key[card.key_id] for card in self.listing.same_name(reader.card))

    @cached_property
    def active(self) -> tuple[Reader, ...]:
        """Those that reports are sealed to today."""
        return tuple(reader for reader in self.readers if reader.active)

    @cached_property
    def by_key(self) -> dict[bytes, Reader]:
        """All of them by key id."""
        return {reader.card.key_id: reader for reader in self.readers}

    @cached_property
    def persons(self) -> frozenset[str]:
        """The person ids (32 hex digits) that a reporter may exclude; retired persons included."""
        return frozenset(reader.card.person.hex() for reader in self.readers)

    @cached_property
    def cards(self) -> tuple[crypto_cards.Card, ...]:
        """All cards in the order of enrolment."""
        return tuple(reader.card for reader in self.readers)

    @property
    def duties(self) -> Mapping[bytes, str]:
        """What each key may do."""
        return self.listing.duties

    def voucher_of(self, reader: Reader) -> Reader | None:
        """Return who introduced this reader; None for the first one, whom the operator entered."""
        return self.by_key.get(reader.card.voucher) if reader.card.voucher else None

    def introducers_of(self, person: bytes) -> list[Reader | None]:
        """Return the vouchers of a person's keys; None: the operator.

        Where a second key came under a colleague's name, a reporter sees that another person vouched for it (ADR 0002).
        """
        introducers: dict[bytes | None, Reader | None] = {}
        for reader in self.readers:
            voucher = self.voucher_of(reader)
            if reader.card.person == person and (voucher is None or voucher.card.person != person):
                introducers[voucher.card.person if voucher else None] = voucher
        return list(introducers.values())

    def shut_out(
        self, exclude: Collection[bytes], at_report: Collection[bytes] | None = None
    ) -> frozenset[bytes]:
        """Return the key ids that must not read what a reporter writes who excluded these persons.

        `at_report`: key ids that were shown when the reporter chose; None means now.
        """
        if not exclude:
            return frozenset()
        there = [reader.card.key_id for reader in self.active] if at_report is None else at_report
        return frozenset(crypto_cards.shut_out(self.cards, exclude, there))

    def addressed(self, payload: Mapping[str, Any], slots: Sequence[Recipient]) -> dict[str, Any]:
        """Return an unsigned payload that names its readers: this list, and these slots."""
        return addressed(payload, self.listing.prefix(), _keys(slots))

    def to_seal(
        self, exclude: Collection[bytes], at_report: Collection[bytes] | None = None
    ) -> list[Recipient]:
        """Return a slot for everyone who is enrolled today, marked where it must not open.

        Raises NobodyLeft when none of them would open.
        """
        out = self.shut_out(exclude, at_report)
        slots = [
            Recipient(reader.card.key_id, reader.card.box_pk, shut_out=reader.card.key_id in out)
            for reader in self.active
        ]
        if all(slot.shut_out for slot in slots):
            raise NobodyLeft
        return slots


def _keys(slots: Sequence[Recipient]) -> list[bytes]:
    return [slot.key_id for slot in slots]


class RecipientsCache:
    """Remembers the checked list for as long as the stored one stays the same, and never goes back behind it."""

    def __init__(self) -> None:
        self._state: tuple[tuple[store_cards.CardRow, ...], bytes | None, Recipients] = (
            (),
            None,
            Recipients(),
        )

    def load(self, conn: Connection, first_card: bytes | None) -> Recipients:
        """Return the list as it is stored now; signatures are checked only when it has changed.

        `first_card`: the key id that it has to begin with. A stored list that does not begin with the one that was
        checked last (a retirement or a card is gone from the database) is not used: the last one is.
        """
        rows = tuple(store_cards.enrolled(conn))
        known_rows, known_first, known = self._state
        if rows == known_rows and first_card == known_first:
            return known
        checked = _checked(rows, first_card)
        if known.prefix is not None and not checked.listing.starts_with(known.prefix):
            checked = replace(known, last=checked.last)
        self._state = (rows, first_card, checked)
        return checked

    def last(self) -> Recipients:
        """Return the list as it was last read; for a page that is shown while the database is away."""
        return self._state[2]


def _checked(rows: Sequence[store_cards.CardRow], first_card: bytes | None) -> Recipients:
    """Keep the documents that fit at their place of the list, which begins with the first card.

    A document that was only written into the database is ignored: nothing is sealed to it, and no report fails.
    """
    if first_card is None:
        return Recipients()
    stored = store_cards.documents(rows)
    listing, kept = fitting([(document.what, document.raw) for document in stored], first_card)
    days = tuple(stored[place].day for place in kept)
    came = {
        document.key_id: day
        for document, day in zip(listing.documents, days, strict=True)
        if isinstance(document, crypto_cards.Card)
    }
    readers = [
        Reader(card, came[key_id], note.day if note else None, note.encode() if note else None)
        for key_id, card in listing.by_key.items()
        for note in [listing.retired.get(key_id)]
    ]
    return Recipients(tuple(readers), listing, days, stored[-1].place if stored else 0)


def _words(card: crypto_cards.Card) -> tuple[str, ...]:
    return tuple(texts[lang] for texts in (card.name, card.role) for lang in crypto_cards.LANGUAGES)
