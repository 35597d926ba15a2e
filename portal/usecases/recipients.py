"""The roster as the reporter's pages use it: persons on the form, and the slots of what a reporter writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crypto import cards as crypto_cards
from crypto.cards import Card
from crypto.roster import Roster
from crypto.seal import Recipient


class NobodyLeft(Exception):
    """Every active auditor is excluded: there is no recipient."""


@dataclass(frozen=True)
class CarriedName:
    """A name and a role as active keys of one person carry them. `keys`: their key ids in hex, a space between."""

    card: Card
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
    introducers: tuple[Card | None, ...]


def offered(roster: Roster, chosen: Collection[str] = ()) -> list[Offered]:
    """Return the persons for the form: who reads today, and who was chosen (in hex) and has left since."""
    by_person: dict[bytes, list[Card]] = {}
    for card in roster.cards:
        by_person.setdefault(card.person, []).append(card)
    reading = {card.person for card in roster.readers}
    return [
        _offered(roster, person, cards)
        for person, cards in by_person.items()
        if person in reading or person.hex() in chosen
    ]


def _offered(roster: Roster, person: bytes, cards: Sequence[Card]) -> Offered:
    carried: dict[tuple[str, ...], list[Card]] = {}
    for card in [card for card in cards if card in roster.readers] or [cards[-1]]:
        carried.setdefault(_texts(card), []).append(card)
    names = [dict(of[0].name) for of in carried.values()]
    former: list[Mapping[str, str]] = []
    for card in cards:
        if dict(card.name) not in [*names, *former]:
            former.append(dict(card.name))
    return Offered(
        person,
        tuple(CarriedName(of[0], " ".join(card.key_id.hex() for card in of)) for of in carried.values()),
        tuple(former),
        any(roster.same_name(of[0]) for of in carried.values()),
        roster.introducers_of(person),
    )


def _texts(card: Card) -> tuple[str, ...]:
    return tuple(texts[lang] for texts in (card.name, card.role) for lang in crypto_cards.LANGUAGES)


def to_seal(
    roster: Roster,
    exclude: Collection[bytes],
    at_report: Collection[bytes] | None = None,
    off: Collection[bytes] = (),
) -> list[Recipient]:
    """Return a slot for each reader of today, marked where it must not open.

    `exclude`: persons; `at_report`: as of `Roster.excluded_keys`; `off`: persons who were taken off the case.

    Raises NobodyLeft when none of them would open.
    """
    out = roster.excluded_keys(exclude, at_report)
    if off and at_report is not None:
        out = roster.may_not_read(exclude, off, at_report)
    slots = roster.slots(out)
    if all(slot.excluded for slot in slots):
        raise NobodyLeft
    return slots
