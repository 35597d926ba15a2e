"""The reporter's choice on a page: the excluded persons, and the persons to choose from. No Flask here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from crypto.cards import Card
from crypto.casehead import Stop
from crypto.encoding import id_from_hex
from crypto.errors import BadId
from crypto.roster import Roster
from portal.usecases.conversation import Conversation
from portal.usecases.submit import Ticked

AGAIN: Final = "choose_again"
"""Field of a form that asks for the whole choice: that it was looked at."""
FIELD: Final = "exclude"


@dataclass(frozen=True)
class ChoosablePerson:
    """A person to choose. `fixed`: excluded before, which no choice revokes."""

    person: str
    card: Card
    ticked: bool
    fixed: bool


@dataclass(frozen=True)
class ChoiceView:
    """The choice, as a page shows it. `out`: one card for each person who will not be able to read what is sent now;
    `offered` is empty unless the choice has to be made again (`asks`), or who reads the case was changed; `unlisted`:
    persons (hex) who were ticked and are not on this list, which the form carries along unseen. `no_report`: nothing
    can be sent with this code any more.
    """

    out: tuple[Card, ...]
    offered: tuple[ChoosablePerson, ...]
    unlisted: tuple[str, ...]
    asks: bool
    no_report: bool


def view(case: Conversation, roster: Roster, ticked: Collection[bytes] = ()) -> ChoiceView:
    """Return what a case's pages show. `ticked`: persons (16 bytes) who were ticked on the page before."""
    known = case.head.known.persons
    reading = roster.sealed_to
    given = frozenset(case.head.access.given)
    persons = _persons(
        card
        for card in roster.cards
        if card.key_id in reading | given or card.person in known | case.head.access.off.keys()
    )
    able = {card.person for card in (*roster.readers, *roster.guests) if card.key_id not in case.head.out}
    offered = [
        ChoosablePerson(person.hex(), card, person in known or person in ticked, person in known)
        for person, card in persons.items()
    ]
    return ChoiceView(
        out=tuple(card for person, card in persons.items() if person not in able),
        offered=tuple(offered) if case.head.asks or case.head.access.counted else (),
        unlisted=tuple(person.hex() for person in ticked if person not in roster.persons),
        asks=case.head.asks,
        no_report=case.head.stop is Stop.NO_REPORT,
    )


def _persons(cards: Iterable[Card]) -> Mapping[bytes, Card]:
    return {card.person: card for card in cards}


def ticked_in(chosen: Iterable[str], again: str) -> Ticked:
    """Return what a form chose: ids of persons as they came, what is no id left out.

    A person whom this list does not have stays chosen: the page may have come from a process that knows more of the
    list than this one was given, and a tick that is lost here would be lost for good.
    """
    return Ticked([person for text in dict.fromkeys(chosen) if (person := _person(text))], again == "yes")


def _person(text: str) -> bytes | None:
    try:
        return id_from_hex(text)
    except BadId:
        return None
