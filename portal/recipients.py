"""Who can read reports: the enrolled cards, checked once for each state of the list. All of it is public."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from crypto import cards as crypto_cards
from crypto.errors import BadData
from crypto.seal import Recipient
from store import cards as store_cards


class NobodyLeft(Exception):
    """Everybody who could read is shut out: there is nobody to seal to."""


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
class Recipients:
    """Everybody who was ever enrolled, in that order (each one vouched for by somebody before)."""

    readers: tuple[Reader, ...] = ()

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
        """The person ids (32 hex digits) that a reporter may shut out; of those who left, too."""
        return frozenset(reader.card.person.hex() for reader in self.readers)

    @cached_property
    def cards(self) -> tuple[crypto_cards.Card, ...]:
        """All cards in the order of enrolment."""
        return tuple(reader.card for reader in self.readers)

    @cached_property
    def duties(self) -> dict[bytes, str]:
        """What each key may do."""
        return crypto_cards.duties(self.cards)

    def voucher_of(self, reader: Reader) -> Reader | None:
        """Return who introduced this reader; None for the first one, whom the operator entered."""
        return self.by_key.get(reader.card.voucher) if reader.card.voucher else None

    def introducers_of(self, person: bytes) -> list[Reader | None]:
        """Return everybody who introduced a person by one of their keys; None: whoever runs the site.

        Where a second key came under a colleague's name, a reporter sees that somebody else brought it in (ADR 0002).
        """
        found: dict[bytes | None, Reader | None] = {}
        for reader in self.readers:
            voucher = self.voucher_of(reader)
            if reader.card.person == person and (voucher is None or voucher.card.person != person):
                found[voucher.card.person if voucher else None] = voucher
        return list(found.values())

    def shut_out(
        self, exclude: Collection[bytes], at_report: Collection[bytes] | None = None
    ) -> frozenset[bytes]:
        """Return the key ids that must not read what a reporter writes who excluded these persons.

        `at_report`: key ids that were enrolled when the reporter chose; None means now.
        """
        if not exclude:
            return frozenset()
        there = [reader.card.key_id for reader in self.active] if at_report is None else at_report
        return frozenset(crypto_cards.shut_out(self.cards, exclude, there))

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


class RecipientsCache:
    """Remembers the checked list for as long as the stored one stays the same."""

    def __init__(self) -> None:
        self._state: tuple[tuple[store_cards.CardRow, ...], Recipients] = ((), Recipients())

    def load(self, conn: Connection) -> Recipients:
        """Return the list as it is stored now; signatures are checked only when it has changed."""
        rows = tuple(store_cards.enrolled(conn))
        known, recipients = self._state
        if rows != known:
            recipients = _checked(rows)
            self._state = (rows, recipients)
        return recipients

    def last(self) -> Recipients:
        """Return the list as it was last read; for a page that is shown while the database is away."""
        return self._state[1]


def _checked(rows: Sequence[store_cards.CardRow]) -> Recipients:
    """Keep the cards that the chain of vouchers leads to.

    One that somebody only wrote into the database is sealed nothing, and stops nobody's report.
    """
    known: dict[bytes, Reader] = {}
    for row in rows:
        try:
            card = crypto_cards.parse_card(row.raw)
            if known:
                crypto_cards.verify_voucher(card, known[card.voucher or b""].card.sign_pk)
                crypto_cards.check_duty(card, [reader.card for reader in known.values()])
        except (BadData, KeyError):
            continue
        known[card.key_id] = Reader(card, row.enrolled_day, row.retired_day, row.retirement)
    return Recipients(
        tuple(_vouched_in_time([_with_signed_retirement(one, known) for one in known.values()]))
    )


def _vouched_in_time(readers: Sequence[Reader]) -> Iterator[Reader]:
    """Leave out whom a key brought in after its retirement, and whom those brought in."""
    kept: dict[bytes, Reader] = {}
    for reader in readers:
        voucher = kept.get(reader.card.voucher or b"")
        late = voucher is not None and voucher.retired is not None and reader.enrolled > voucher.retired
        if reader.card.voucher is None or (voucher is not None and not late):
            kept[reader.card.key_id] = reader
            yield reader


def _with_signed_retirement(reader: Reader, known: Mapping[bytes, Reader]) -> Reader:
    """Leave out a retirement that no enrolled key has signed.

    Whoever writes into the database could otherwise retire all auditors but the accused one for a day.
    """
    if reader.retired is None and reader.retirement is None:
        return reader
    try:
        note = crypto_cards.parse_retirement(reader.retirement or b"")
        crypto_cards.verify_retirement(note, known[note.by].card.sign_pk)
        duty = crypto_cards.duties([one.card for one in known.values()])
        if note.by != note.key_id and duty[note.by] != crypto_cards.LEAD:
            return replace(reader, retired=None, retirement=None)
    except (BadData, KeyError):
        return replace(reader, retired=None, retirement=None)
    if note.key_id != reader.card.key_id:
        return replace(reader, retired=None, retirement=None)
    return replace(reader, retired=note.day)
