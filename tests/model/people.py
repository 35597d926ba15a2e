"""The model's list of auditors (docs/format.md, 1.4 to 1.6), and which rules may be turned off."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

FOUNDER: Final = "L"
HONEST: Final = "B"
"""An auditor who is honest in every configuration; her desk is the one that takes envelopes, or says what is wrong."""
SERVER_KEY: Final = "F1"
"""A key made by the server or by a writer of its database."""

RULES: Final[dict[str, str]] = {
    "own_name": "a key that its own person vouched for keeps the name; a name belongs to one person (F1)",
    "all_names": "the form shows every name that a person's active keys carry (F1)",
    "duty": "an auditor vouches for own keys only (ADR 0009)",
    "readers_signed": "what is signed names its readers and the list; desks compare it with their own (F3)",
    "first_card": "the server's secret names the first card, and no list that begins with another is used (F3)",
    "floor": "no envelope goes by a list that is older than what a desk knew before it came (F3)",
    "form_prefix": "the form carries the list that it showed; who came since is shown first (F4)",
    "record_of_code": "the record of the choice is made with what the code derives (F2)",
    "record_with_form": "the record is written again whenever the choice changes (F2)",
    "stop_without_record": "a missing or broken record: the choice is asked for again (F2)",
    "newest_number": "a record that is older than a number that can be seen: asked for again (F2)",
    "head_by_chain": "the report that heads a case is the one that the record or the code's keys name (F2)",
    "hand_over": "a desk hands over nothing to a key that the reporter excluded (ADR 0009)",
}
"""Each rule that the search can do without."""


@dataclass(frozen=True, order=True)
class Card:
    """A card; `holder`: the human who has the key. The first of a list has no voucher."""

    key: str
    person: str
    name: str
    holder: str
    voucher: str = ""
    is_lead: bool = False


@dataclass(frozen=True, order=True)
class Retire:
    """A retirement that `by` has signed."""

    key: str
    by: str


Document = Card | Retire
Docs = tuple[Document, ...]


def start() -> Docs:
    """Return the list that every configuration begins with: a lead, who came first, and two auditors."""
    return (
        Card("L1", "L", "L", "L", "", True),
        Card("A1", "A", "A", "A", "L1"),
        Card("B1", "B", "B", "B", "L1"),
    )


def rebuilt() -> Docs:
    """Return the same cards with the server's key in front, which vouches for them: no card's own signature covers its
    voucher. People see the founder twice, under one name."""
    first = Card(SERVER_KEY, "L", "L", "server", "", True)
    return (
        first,
        *(Card(one.key, one.person, one.name, one.holder, first.key, one.is_lead) for one in cards(start())),
    )


@cache
def cards(docs: Docs) -> tuple[Card, ...]:
    """Return all cards of a list."""
    return tuple(one for one in docs if isinstance(one, Card))


@cache
def card(docs: Docs, key: str) -> Card | None:
    """Return the card with a key."""
    return next((one for one in cards(docs) if one.key == key), None)


@cache
def readers(docs: Docs) -> frozenset[str]:
    """Return the keys that are sealed to by a list."""
    return frozenset(one.key for one in cards(docs)) - {one.key for one in docs if isinstance(one, Retire)}


@cache
def fits(docs: Docs, new: Document, off: frozenset[str]) -> bool:
    """Tell whether a document may come next (1.4, 1.5)."""
    active = readers(docs)
    if isinstance(new, Retire):
        by = card(docs, new.by)
        return new.key in active and new.by in active and by is not None and (by.is_lead or new.by == new.key)
    voucher = card(docs, new.voucher)
    if card(docs, new.key) or voucher is None or voucher.key not in active:
        return False
    if "duty" not in off and not voucher.is_lead and (new.is_lead or new.person != voucher.person):
        return False
    if "own_name" in off:
        return True
    renamed = new.person == voucher.person and new.name != voucher.name
    taken = any(one.name == new.name and one.person != new.person for one in cards(docs))
    return not renamed and not taken


@cache
def excluded_keys(docs: Docs, exclude: frozenset[str], shown: frozenset[str]) -> frozenset[str]:
    """Return the keys that a choice of persons excludes (1.6). `shown`: the keys shown when the reporter chose."""
    out: set[str] = set()
    persons: set[str] = set()
    for place, one in enumerate(cards(docs)):
        founder_spoke = one.voucher == cards(docs)[0].key and one.key in shown and one.person not in persons
        if one.person in exclude or (place and one.voucher in out and not founder_spoke):
            out.add(one.key)
        persons.add(one.person)
    return frozenset(out)


@cache
def ticked(docs: Docs, human: str, off: frozenset[str]) -> frozenset[str]:
    """Return the persons that a reporter ticks who looks for one name: a human is known by the name, not by a key.

    Those who left can be ticked too.
    """
    listed = list({one.person: one for one in cards(docs)}.values()) if "all_names" in off else cards(docs)
    return frozenset(one.person for one in listed if one.name == human)


def descends(docs: Docs, key: str, roots: Collection[str]) -> bool:
    """Tell whether a key is among some, or one of those vouched for it, directly or through others."""
    one = card(docs, key)
    while one is not None:
        if one.key in roots:
            return True
        one = card(docs, one.voucher)
    return False


def prefixes(docs: Docs) -> Iterator[Docs]:
    """Yield a list and its beginnings that have all of `start`."""
    for length in range(len(docs), len(start()) - 1, -1):
        yield docs[:length]
