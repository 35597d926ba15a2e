"""Roster actions: enrolment, retirement, grants and statistics for observers. No Flask in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from sqlalchemy import Connection, Engine

from admin.api.refusals import ApiRefusal
from cases import roles
from crypto import cards as crypto_cards
from crypto.cards import Card
from crypto.errors import BadText
from crypto.listing import Listing
from crypto.roster import Roster
from crypto.roster_errors import (
    BadCard,
    BadRetirement,
    BadRoster,
    BadVoucher,
    NameChanged,
    NameTaken,
    VoucherWrong,
)
from store import cards as store_cards
from store import feed, grants, statistics
from store.db import reading, writing
from store.outcome import Outcome

_TRIES: Final = 5
"""How often a card is checked anew because the list has changed meanwhile."""


Load = Callable[[Connection], Roster]
"""Reads the roster as of a transaction (`admin.api.context.Api.roster`)."""


def add_grants(
    conn: Connection, load: Load, granter: bytes, new: Sequence[tuple[bytes, bytes, bytes]]
) -> None:
    """Store grants (envelope id, key id, sealed key).

    Raises ApiRefusal (400 one twice, 404 envelope, 409 recipients).
    """
    if len({pair[:2] for pair in new}) != len(new):
        raise ApiRefusal(400, "bad_request")
    feed.take_turn(conn)
    roster = load(conn)
    may_read = {card.key_id for card in (*roster.readers, *roster.guests)}
    if not {key_id for _envelope_id, key_id, _sealed in new} <= may_read:
        raise ApiRefusal(409, "recipients")
    if not grants.put(conn, granter, new):
        raise ApiRefusal(404, "not_found")


def enrol(engine: Engine, load: Load, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Enrol a card that the asker vouches for: STORED or REPEAT.

    What is cheap is asked first, and the new card alone is verified, by a list that was checked before; the writers'
    turn is taken only to store it. Raises ApiRefusal (400 card, 403 voucher, 409 exists, full, own_keys,
    own_cards, duty, name).
    """
    try:
        card = crypto_cards.parse_card(raw)
    except (BadText, BadCard):
        raise ApiRefusal(400, "card") from None
    for _ in range(_TRIES):
        with reading(engine) as conn:
            roster, there = load(conn), store_cards.by_key(conn, card.key_id)
        if card.voucher != asker or asker not in roster.by_key:
            raise ApiRefusal(403, "voucher")
        if there is not None:
            return _again(there, card, roster.by_key[asker])
        _check_limits(roster, card, asker, today)
        _check_new(roster.listing, card)
        with suppress(store_cards.ListChanged), writing(engine) as conn:
            store_cards.check_last(conn, roster.last, roster.logged)
            outcome = store_cards.enroll(conn, card.key_id, card.person, card.encode(), today)
            if outcome is Outcome.REFUSED:
                raise ApiRefusal(409, "full")
            return outcome
    raise ApiRefusal(409, "exists")  # others enrol and retire without end: the asker may try again


def _again(there: store_cards.CardRow, card: Card, voucher: Card) -> Outcome:
    """Return REPEAT for a card that is enrolled. Raises ApiRefusal (403 voucher, 409 exists)."""
    try:
        crypto_cards.verify_voucher(card, voucher.sign_pk)
    except BadVoucher:
        raise ApiRefusal(403, "voucher") from None
    if there.raw != card.encode():
        raise ApiRefusal(409, "exists")
    return Outcome.REPEAT


def _check_limits(roster: Roster, card: Card, asker: bytes, today: date) -> None:
    """Raise ApiRefusal (409 duty, full, own_keys, own_cards) by what costs next to nothing to ask."""
    try:
        roster.listing.check_duty(card)
    except BadRoster:
        raise ApiRefusal(409, "duty") from None
    if len(roster.active) >= store_cards.MAX_ACTIVE:
        raise ApiRefusal(409, "full")
    keys = [(day, roster.is_active(key_id)) for key_id, day in roster.keys_of(card.person).items()]
    limit = roles.vouching_limit(roster.role_of(asker), keys, today)
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
    except BadRoster:
        raise ApiRefusal(409, "duty") from None


def retire(conn: Connection, load: Load, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Retire a key in the asker's name: STORED or REPEAT.

    Raises ApiRefusal (400 retirement or day, 403 duty or signature, 404, 409 last).
    """
    try:
        note = crypto_cards.parse_retirement(raw)
    except (BadText, BadRetirement):
        raise ApiRefusal(400, "retirement") from None
    feed.take_turn(conn)
    roster = load(conn)
    by = roster.by_key.get(asker)
    if note.by != asker or by is None or not roles.may_retire(roster.role_of(asker), note.key_id == asker):
        raise ApiRefusal(403, "duty")
    if note.key_id not in roster.by_key:
        raise ApiRefusal(404, "not_found")
    try:
        crypto_cards.verify_retirement(note, by.sign_pk)
    except BadRetirement:
        raise ApiRefusal(403, "signature") from None
    if note.key_id in roster.retired:
        return Outcome.REPEAT
    if note.day != today:
        raise ApiRefusal(400, "day")
    left = [roster.role_of(card.key_id) for card in roster.active if card.key_id != note.key_id]
    if roles.is_last(roster.role_of(note.key_id), left):
        raise ApiRefusal(409, "last")
    return store_cards.retire(conn, note.key_id, note.encode(), today)


def put_statistics(
    conn: Connection, load: Load, asker: bytes, sealed: Sequence[tuple[bytes, bytes]], today: date
) -> None:
    """Store a lead's statistics for observers, in place of all earlier ones. Raises ApiRefusal (400, 403 duty, 409
    recipients).
    """
    roster = load(conn)
    if not roles.may_send_statistics(roster.role_of(asker)):
        raise ApiRefusal(403, "duty")
    by_key_id = dict(sealed)
    if len(by_key_id) != len(sealed):
        raise ApiRefusal(400, "bad_request")
    if not by_key_id.keys() <= {card.key_id for card in roster.observers}:
        raise ApiRefusal(409, "recipients")
    statistics.put(conn, asker, by_key_id, today)
