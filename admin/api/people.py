"""Who is enrolled, with which duty, and what auditors do about it. No Flask in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from admin.api.errors import Refused
from crypto import cards as crypto_cards
from crypto.cards import LEAD, OBSERVER, Card, Retirement, duties
from crypto.errors import BadData, NameChanged, NameTaken
from crypto.listing import Listing, fitting
from store import cards as store_cards
from store import feed, grants, numbers
from store.outcome import Outcome


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
            card for card in self.cards if card.key_id in self.active and not self.is_observer(card.key_id)
        ]

    def is_observer(self, key_id: bytes) -> bool:
        """Tell whether this key reads numbers only."""
        return self.duties.get(key_id) == OBSERVER

    def is_lead(self, key_id: bytes) -> bool:
        """Tell whether this key may do what a lead may."""
        return self.duties.get(key_id) == LEAD


def roll(conn: Connection) -> Roll:
    """Read who is enrolled."""
    rows = store_cards.enrolled(conn)
    cards = [crypto_cards.parse_card(row.raw) for row in rows]
    active = frozenset(row.key_id for row in rows if row.retired_day is None)
    since = {row.key_id: row.enrolled_day for row in rows}
    return Roll(cards, active, duties(cards), since, store_cards.last(conn))


def listing_of(conn: Connection) -> Listing:
    """Return the list as it is stored, with what fits at its place."""
    stored = store_cards.documents(store_cards.enrolled(conn))
    return fitting([(one.what, one.raw) for one in stored])[0]


def readers(conn: Connection) -> list[Card]:
    """Return the cards that envelopes are sealed to."""
    return roll(conn).readers()


def add_grants(conn: Connection, granter: bytes, new: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Store grants (envelope id, key id, sealed key). Raises Refused (400 one twice, 404 envelope, 409 recipients)."""
    if len({pair[:2] for pair in new}) != len(new):
        raise Refused(400, "bad_request")
    feed.take_turn(conn)
    may_read = {card.key_id for card in readers(conn)}
    if not {key_id for _envelope_id, key_id, _sealed in new} <= may_read:
        raise Refused(409, "recipients")
    if not grants.put(conn, granter, new):
        raise Refused(404, "not_found")


def enrol(conn: Connection, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Enrol a card that the asker vouches for: STORED or REPEAT.

    Raises Refused (400 card, 403 voucher, 409 exists, duty, name, full).
    """
    try:
        card = crypto_cards.parse_card(raw)
    except BadData:
        raise Refused(400, "card") from None
    feed.take_turn(conn)
    known = roll(conn)
    voucher = known.find(asker)
    try:
        if voucher is None or card.voucher != asker:
            raise Refused(403, "voucher")
        crypto_cards.verify_voucher(card, voucher.sign_pk)
    except BadData:
        raise Refused(403, "voucher") from None
    if known.find(card.key_id) is None:
        try:
            listing_of(conn).check(card)
        except (NameChanged, NameTaken):
            raise Refused(409, "name") from None
        except BadData:
            raise Refused(409, "duty") from None
    outcome = store_cards.enroll(conn, card.key_id, card.person, card.encode(), today)
    if outcome is Outcome.REFUSED:
        raise Refused(409, "full" if known.find(card.key_id) is None else "exists")
    return outcome


def retire(conn: Connection, asker: bytes, raw: bytes, today: date) -> Outcome:
    """Retire a key in the asker's name: STORED or REPEAT.

    Raises Refused (400 retirement or day, 403 duty or signature, 404, 409 last).
    """
    try:
        note = crypto_cards.parse_retirement(raw)
    except BadData:
        raise Refused(400, "retirement") from None
    feed.take_turn(conn)
    known = roll(conn)
    by = known.find(asker)
    if note.by != asker or by is None or not (known.is_lead(asker) or note.key_id == asker):
        raise Refused(403, "duty")
    if known.find(note.key_id) is None:
        raise Refused(404, "not_found")
    try:
        crypto_cards.verify_retirement(note, by.sign_pk)
    except BadData:
        raise Refused(403, "signature") from None
    if note.key_id not in known.active:
        return Outcome.REPEAT
    if note.day != today:
        raise Refused(400, "day")
    _check_not_last(known, note)
    return store_cards.retire(conn, note.key_id, note.encode(), today)


def _check_not_last(known: Roll, note: Retirement) -> None:
    """Somebody has to be left who reads reports, and a lead as long as there is anybody to lead."""
    left = [card.key_id for card in known.readers() if card.key_id != note.key_id]
    if known.is_observer(note.key_id):
        return
    if not left or (known.is_lead(note.key_id) and not any(known.is_lead(key_id) for key_id in left)):
        raise Refused(409, "last")


def put_numbers(conn: Connection, asker: bytes, sealed: Sequence[tuple[bytes, bytes]], today: date) -> None:
    """Store a lead's numbers for observers, in place of all earlier ones. Raises Refused (400, 403 duty, 409
    recipients).
    """
    known = roll(conn)
    if not known.is_lead(asker):
        raise Refused(403, "duty")
    found = dict(sealed)
    if len(found) != len(sealed):
        raise Refused(400, "bad_request")
    if not all(key_id in known.active and known.is_observer(key_id) for key_id in found):
        raise Refused(409, "recipients")
    numbers.put(conn, asker, found, today)
