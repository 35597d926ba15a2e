"""Duties until `crypto.cards` tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crypto import cards as crypto_cards
from crypto.cards import Card

LEAD: Final = "lead"
OBSERVER: Final = "observer"


def duties(cards: Sequence[Card]) -> Mapping[bytes, str]:
    """Return duties by key id."""
    theirs: Any = getattr(crypto_cards, "duties", None)
    if theirs is not None:
        return dict(theirs(cards))
    return {card.key_id: LEAD if card is cards[0] else "auditor" for card in cards}


def duty_of(card: Card) -> str:
    """Return a card's own duty."""
    return str(getattr(card, "duty", "auditor"))
