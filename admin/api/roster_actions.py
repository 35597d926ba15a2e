"""Roster actions: enrolment, retirement, grants and statistics for observers. No Flask in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, Engine

from admin.api.refusals import ApiRefusal
from cases import roles
from crypto import cards as crypto_cards
from crypto.cards import Card, duties
from crypto.errors import BadData, NameChanged, NameTaken, VoucherWrong
from crypto.listing import Listing, fitting
from store import cards as store_cards
from store import feed, grants, statistics
from store.db import reading, writing
from store.outcome import Outcome

_TRIES: Final = 5
"""How often a card is checked anew because the list has changed meanwhile."""


@dataclass(frozen=True)
class Roll:
    """All cards ever enrolled, in that order; the key ids of those that are not retired; duties by key id.

    `since`: the day on which each key was enrolled; `last`: the place of the newest card or retirement.
    """

    cards: Sequence[Card]
    active: frozenset[bytes]
    duties: Mapping[bytes, str]
    since: Mapping[bytes, date]
    last: int

    def find(self, key_id: bytes) -> Card | None:
        """Return the card with this key id, retired or not."""
        return next((card for card in self.cards if card.key_id == key_id), None)

    def readers(self) -> list[Card]:
        """Return the cards that envelopes are sealed to."""
        return [
            card
            for card in self.cards
            if card.key_id in self.active and roles.reads_reports(self.role_of(card.key_id))
        ]

    def role_of(self, key_id: bytes) -> str:
        """Return one of `cases.roles.Role`; an auditor's for a key that is not here."""
        return self.duties.get(key_id, roles.Role.AUDITOR)

    def keys_of(self, person: bytes) -> dict[bytes, date]:
        """Return all keys that a person ever had, with the day on which each was enrolled."""
        return {card.key_id: self.since[card.key_id] for card in self.cards if card.person == person}


def roll(conn: Connection) -> Roll:
    """Read who is enrolled."""
    return _roll(store_cards.enrolled(conn), store_cards.last(conn))


def _roll(rows: Sequence[store_cards.CardRow], last: int) -> Roll:
    cards = [_card(row.raw) for row in rows]
    active = frozenset(row.key_id for row in rows if row.retired_day is None)
    since = {row.key_id: row.enrolled_day for row in rows}
    return Roll(cards, active, duties(cards), since, last)


def _listing(rows: Sequence[store_cards.CardRow]) -> Listing:
    return _checked(tuple((document.what, document.raw) for document in store_cards.documents(rows)))


# All of it is public. Whatever an auditor sends, each state of the list is verified once.
_checked = lru_cache(maxsize=4)(lambda stored: fitting(stored)[0])
_card = lru_cache(maxsize=1024)(crypto_cards.parse_card)


def readers(conn: Connection) -> list[Card]:
    """Return the cards that envelopes are sealed to."""
    return roll(conn).readers()


def add_grants(conn: Connection, granter: bytes, new: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Store grants (envelope id, key id, sealed key).

    Raises ApiRefusal (400 one twice, 404 envelope, 409 recipients).
    """
    if len({pair[:2] for pair in new}) != len(new):
        raise ApiRefusal(400, "bad_request")
    feed.take_turn(conn)
    may_read = {card.key_id for card in readers(conn)}
    if not {key_id for _envelope_id, key_id, _sealed in new} <= may_read:
        raise ApiRefusal(409, "recipients")
    if not grants.put(conn, granter, new):
        raise ApiRefusal(404, "not_found")


def enrol(engine: Engine, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Enrol a card that the asker vouches for: STORED or REPEAT.

    What is cheap is asked first, and the new card alone is verified, by a list that was checked before; the writers'
    turn is taken only to store it. Raises ApiRefusal (400 card, 403 voucher, 409 exists, full, own_keys,
    own_cards, duty, name).
    """
    try:
        card = _card(raw)
    except BadData:
        raise ApiRefusal(400, "card") from None
    for _ in range(_TRIES):
        with reading(engine) as conn:
            rows, last = store_cards.enrolled(conn), store_cards.last(conn)
        known, listing = _roll(rows, last), _listing(rows)
        if card.voucher != asker or asker not in listing.by_key:
            raise ApiRefusal(403, "voucher")
        there = next((row for row in rows if row.key_id == card.key_id), None)
        if there is not None:
            return _again(there, card, listing.by_key[asker])
        _check_limits(known, listing, card, asker, today)
        _check_new(listing, card)
        with suppress(store_cards.ListChanged), writing(engine) as conn:
            store_cards.check_last(conn, known.last)
            outcome = store_cards.enroll(conn, card.key_id, card.person, card.encode(), today)
            if outcome is Outcome.REFUSED:
                raise ApiRefusal(409, "full")
            return outcome
    raise ApiRefusal(409, "exists")  # others enrol and retire without end: the asker may try again


def _again(there: store_cards.CardRow, card: Card, voucher: Card) -> Outcome:
    """Return REPEAT for a card that is enrolled. Raises ApiRefusal (403 voucher, 409 exists)."""
    try:
        crypto_cards.verify_voucher(card, voucher.sign_pk)
    except BadData:
        raise ApiRefusal(403, "voucher") from None
    if there.raw != card.encode():
        raise ApiRefusal(409, "exists")
    return Outcome.REPEAT


def _check_limits(known: Roll, listing: Listing, card: Card, asker: bytes, today: date) -> None:
    """Raise ApiRefusal (409 duty, full, own_keys, own_cards) by what costs next to nothing to ask."""
    try:
        listing.check_duty(card)
    except BadData:
        raise ApiRefusal(409, "duty") from None
    if len(known.active) >= store_cards.MAX_ACTIVE:
        raise ApiRefusal(409, "full")
    keys = [(day, key_id in known.active) for key_id, day in known.keys_of(card.person).items()]
    limit = roles.vouching_limit(known.role_of(asker), keys, today)
    if limit:
        raise ApiRefusal(409, limit)


def _check_new(listing: Listing, card: Card) -> None:
    """Verify the new card by the list. Raises ApiRefusal (403 voucher, 409 name, duty)."""
    try:
        listing.check(card)
    except VoucherWrong:
        raise ApiRefusal(403, "voucher") from None
    except (NameChanged, NameTaken):
        raise ApiRefusal(409, "name") from None
    except BadData:
        raise ApiRefusal(409, "duty") from None


def retire(conn: Connection, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Retire a key in the asker's name: STORED or REPEAT.

    Raises ApiRefusal (400 retirement or day, 403 duty or signature, 404, 409 last).
    """
    try:
        note = crypto_cards.parse_retirement(raw)
    except BadData:
        raise ApiRefusal(400, "retirement") from None
    feed.take_turn(conn)
    known = roll(conn)
    by = known.find(asker)
    if note.by != asker or by is None or not roles.may_retire(known.role_of(asker), note.key_id == asker):
        raise ApiRefusal(403, "duty")
    if known.find(note.key_id) is None:
        raise ApiRefusal(404, "not_found")
    try:
        crypto_cards.verify_retirement(note, by.sign_pk)
    except BadData:
        raise ApiRefusal(403, "signature") from None
    if note.key_id not in known.active:
        return Outcome.REPEAT
    if note.day != today:
        raise ApiRefusal(400, "day")
    left = [known.role_of(key_id) for key_id in known.active - {note.key_id}]
    if roles.is_last(known.role_of(note.key_id), left):
        raise ApiRefusal(409, "last")
    return store_cards.retire(conn, note.key_id, note.encode(), today)


def put_numbers(conn: Connection, asker: bytes, sealed: Sequence[tuple[bytes, bytes]], today: date) -> None:
    """Store a lead's numbers for observers, in place of all earlier ones. Raises ApiRefusal (400, 403 duty, 409
    recipients).
    """
    known = roll(conn)
    if not roles.may_send_statistics(known.role_of(asker)):
        raise ApiRefusal(403, "duty")
    by_key_id = dict(sealed)
    if len(by_key_id) != len(sealed):
        raise ApiRefusal(400, "bad_request")
    if not all(
        key_id in known.active and roles.reads_statistics_only(known.role_of(key_id)) for key_id in by_key_id
    ):
        raise ApiRefusal(409, "recipients")
    statistics.put(conn, asker, by_key_id, today)
