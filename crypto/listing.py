"""The list of who can read reports: cards and retirements in one numbered sequence (docs/format.md, 1.4, 1.5, 2.5).

What is allowed is decided by the place in the sequence, never by a day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nacl.bindings import crypto_hash_sha256

from crypto import cards, errors, roster_errors
from crypto.cards import LEAD, SLOTLESS, Card, Retirement
from crypto.encoding import b64d, b64e, hex_id, id_from_hex
from crypto.payloads import is_readers

Document = Card | Retirement
DIGEST_BYTES: Final = 32
_SPACE: Final = re.compile(r"\s+")


def _sha256(data: bytes) -> bytes:
    return bytes(crypto_hash_sha256(data))


def fold(text: str) -> str:
    """Return a name or a role as two are compared: NFKC, lower case, without white space (section 1.3)."""
    lower = unicodedata.normalize("NFKC", text).lower()
    return _SPACE.sub("", unicodedata.normalize("NFKC", lower))


def pairs(card: Card) -> frozenset[tuple[str, str]]:
    """Return the folded name and role of a card, in each language."""
    return frozenset((fold(card.name[lang]), fold(card.role[lang])) for lang in cards.LANGUAGES)


@dataclass(frozen=True)
class Prefix:
    """The first `length` documents of a list; `digest`: SHA-256 over the SHA-256 of each (32 bytes)."""

    length: int
    digest: bytes


class Listing:
    """A list, each document of which was checked by those before it. It only grows: use it as a value once it is
    handed on.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        """Raise what `check` raises for the first document that does not fit."""
        self.documents: list[Document] = []
        self.by_key: dict[bytes, Card] = {}
        """All cards by key id, in the order of the list."""
        self.duties: dict[bytes, str] = {}
        """The role of each key."""
        self.retired: dict[bytes, Retirement] = {}
        """The retirements by the key id that they retire."""
        self._retired_at: dict[bytes, int] = {}
        self._hashes = b""
        self._digests = [_sha256(b"")]
        self._readers: list[frozenset[bytes]] = [frozenset()]
        self._owners: dict[tuple[str, str], bytes] = {}
        for document in documents:
            self.add(document)

    def __len__(self) -> int:
        return len(self.documents)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listing) and self.prefix() == other.prefix()

    def __hash__(self) -> int:
        return hash(self.prefix())

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards ever enrolled, in that order."""
        return tuple(self.by_key.values())

    def prefix(self, length: int | None = None) -> Prefix:
        """Return what names the first `length` documents (all of them)."""
        place = len(self) if length is None else length
        return Prefix(place, self._digests[place])

    def readers(self, length: int | None = None) -> frozenset[bytes]:
        """Return the key ids that are sealed to by the first `length` documents (all of them)."""
        return self._readers[len(self) if length is None else length]

    def sealed_to(self, logged: int) -> frozenset[bytes]:
        """Return the key ids that are sealed to: readers of the first `logged` documents, which are in the log, without
        those that anything in the whole list retires (section 1.4).
        """
        return self.readers(logged) - self.retired.keys()

    @property
    def retired_at(self) -> Mapping[bytes, int]:
        """The place of each retirement, by the key id that it retires."""
        return self._retired_at

    def retired_by(self, length: int) -> frozenset[bytes]:
        """Return the key ids that the first `length` documents retire."""
        return frozenset(key_id for key_id, place in self._retired_at.items() if place <= length)

    def length_of(self, digest: bytes) -> int | None:
        """Return how long the prefix with a digest is; None where no prefix of this list has it."""
        return next((length for length, known in enumerate(self._digests) if known == digest), None)

    def starts_with(self, prefix: Prefix) -> bool:
        """Tell whether this list begins with that prefix."""
        return 0 <= prefix.length <= len(self) and self._digests[prefix.length] == prefix.digest

    def add(self, document: Document) -> None:
        """Put a document at the end. Raises what `check` raises; then the list is as it was."""
        self.check(document)
        readers = self.readers()
        if isinstance(document, Card):
            key_id = document.key_id
            duty = document.duty if self.documents else LEAD
            self.by_key[key_id], self.duties[key_id] = document, duty
            for pair in pairs(document):
                self._owners.setdefault(pair, document.person)
            readers = readers if duty in SLOTLESS else readers | {key_id}
        else:
            self.retired[document.key_id] = document
            self._retired_at[document.key_id] = len(self.documents) + 1
            readers = readers - {document.key_id}
        self._hashes += _sha256(document.encode())
        self.documents.append(document)
        self._digests.append(_sha256(self._hashes))
        self._readers.append(readers)

    def check(self, document: Document) -> None:
        """Check a document as the next one; it is one that `parse_card` or `parse_retirement` returned.

        Raises ChainEmpty, FirstCardVouched, CardRepeated, VoucherMissing, VoucherUnknown, VoucherRetired, VoucherWrong,
        DutyWrong, NameChanged, NameTaken; RetirementUnknown, RetirementRepeated, SignerRetired, RetirementWrong.
        """
        if isinstance(document, Retirement):
            self._check_retirement(document)
        elif self.documents:
            self._check_card(document)
        elif document.voucher is not None:
            raise roster_errors.FirstCardVouched
        elif document.duty in SLOTLESS:
            raise roster_errors.DutyWrong

    def _check_card(self, card: Card) -> None:
        if card.key_id in self.by_key:
            raise roster_errors.CardRepeated
        if card.voucher is None:
            raise roster_errors.VoucherMissing
        if card.voucher not in self.by_key:
            raise roster_errors.VoucherUnknown
        if card.voucher in self.retired:
            raise roster_errors.VoucherRetired
        voucher = self.by_key[card.voucher]
        cards.verify_voucher(card, voucher.sign_pk)
        self.check_duty(card)
        if card.person == voucher.person and (card.name, card.role) != (voucher.name, voucher.role):
            raise roster_errors.NameChanged
        if any(self._owners.get(pair, card.person) != card.person for pair in pairs(card)):
            raise roster_errors.NameTaken

    def check_duty(self, card: Card) -> None:
        """Raise DutyWrong unless the card's voucher, who is on the list, may vouch for this duty and person.

        Raises VoucherMissing for a card without a voucher.
        """
        if card.voucher is None:
            raise roster_errors.VoucherMissing
        duty, voucher = self.duties[card.voucher], self.by_key[card.voucher]
        if duty != LEAD and (duty in SLOTLESS or card.duty == LEAD or card.person != voucher.person):
            raise roster_errors.DutyWrong

    def _check_retirement(self, note: Retirement) -> None:
        if not self.documents:
            raise roster_errors.ChainEmpty
        if note.key_id not in self.by_key or note.by not in self.by_key:
            raise roster_errors.RetirementUnknown
        if note.key_id in self.retired:
            raise roster_errors.RetirementRepeated
        if note.by in self.retired:
            raise roster_errors.SignerRetired
        cards.verify_retirement(note, self.by_key[note.by].sign_pk)
        if note.by != note.key_id and self.duties[note.by] != LEAD:
            raise roster_errors.DutyWrong

    def same_name(self, card: Card) -> tuple[Card, ...]:
        """Return cards of other persons that carry a name of this card, whatever their role (section 1.4)."""
        names = {fold(name) for name in card.name.values()}
        return tuple(
            other
            for other in self.by_key.values()
            if other.person != card.person and not names.isdisjoint(map(fold, other.name.values()))
        )


def verify_list(documents: Iterable[Document]) -> Listing:
    """Return a whole list, checked. Raises ChainEmpty for none, and what `Listing.check` raises."""
    listing = Listing(documents)
    if not listing.documents:
        raise roster_errors.ChainEmpty
    return listing


def parse_document(entry: Mapping[str, Any], raw: bytes) -> Document:
    """Return the card or the retirement of an entry of `/keys.json` (8.1). Raises what reading one raises."""
    return cards.parse_card(raw) if "card" in entry else cards.parse_retirement(raw)


def fitting(
    stored: Iterable[tuple[str, bytes]], first_card: bytes | None = None
) -> tuple[Listing, tuple[int, ...]]:
    """Return the documents that fit at their place, and where they stand among `stored`; the others are left out.

    `stored`: pairs of "card" or "retirement" and its bytes, in the order of the list. `first_card`: the key id that
    the list has to begin with, where that is known.
    """
    listing, kept = Listing(), list[int]()
    for place, (what, raw) in enumerate(stored):
        try:
            document = parse_document({what: raw}, raw)
            if not listing.documents and first_card not in (None, document.key_id):
                continue
            listing.add(document)
        except errors.BadData:
            continue
        kept.append(place)
    return listing, tuple(kept)


# To whom an envelope was sealed (section 2.5)


@dataclass(frozen=True)
class Floor:
    """The known part of the list before an envelope came. `logged`: its documents in the log; `length`: all of them."""

    logged: int = 0
    length: int = 0


NOTHING: Final = Floor()
"""The floor of one who knew nothing of the list."""


def readers_field(prefix: Prefix, keys: Iterable[bytes]) -> dict[str, Any]:
    """Return the payload's `readers`. `keys`: the key ids of the envelope's slots."""
    listed = sorted(hex_id(key_id) for key_id in keys)
    return {"length": prefix.length, "digest": b64e(prefix.digest), "keys": listed}


def addressed(payload: Mapping[str, Any], prefix: Prefix, keys: Iterable[bytes]) -> dict[str, Any]:
    """Return an unsigned payload that names its readers. `keys`: the key ids of the envelope's slots."""
    return {**payload, "readers": readers_field(prefix, keys)}


def signed_keys(payload: Mapping[str, Any]) -> frozenset[bytes] | None:
    """Return the key ids of the slots as the payload names them; None where it does not."""
    readers = payload.get("readers")
    return frozenset(map(id_from_hex, readers["keys"])) if is_readers(readers) else None


def signed_length(payload: Mapping[str, Any]) -> int:
    """Return by how long a list the payload says that it was sealed; 0 where it does not say."""
    readers = payload.get("readers")
    return int(readers["length"]) if is_readers(readers) else 0


def check_exchanged(payload: Mapping[str, Any], slots: Collection[bytes]) -> None:
    """Raise SlotsExchanged unless the header's slots are those that the (verified) payload names.

    A payload without a well-formed `readers` names none: nothing is compared.
    """
    signed = signed_keys(payload)
    if signed is not None and signed != frozenset(slots):
        raise roster_errors.SlotsExchanged


def check_readers(
    known: Listing,
    slots: Collection[bytes],
    payload: Mapping[str, Any] | None = None,
    own: bytes | None = None,
    floor: Floor = NOTHING,
) -> None:
    """Ask to whom an envelope was sealed (section 2.5).

    `slots`: the key ids in its header. `payload`: where it was opened and its signature holds. `own`: the key id that
    asks. `floor`: what was known of the list before the envelope came.

    Raises SlotsExchanged, SlotUnknown, SlotMissing, SlotsUnfit, ListLonger, ListOther.
    """
    there = frozenset(slots)
    if payload is not None:
        check_exchanged(payload, there)
    if not there <= known.by_key.keys():
        raise roster_errors.SlotUnknown
    if not _fits(known, there, floor):
        raise _gap(there, own, own is not None and _fits(known, there | {own}, floor))
    readers = payload.get("readers") if payload is not None else None
    if not is_readers(readers):
        return
    prefix = Prefix(readers["length"], b64d(readers["digest"]))
    if prefix.length > len(known):
        raise roster_errors.ListLonger
    if not known.starts_with(prefix):
        raise roster_errors.ListOther
    then = known.readers(prefix.length)
    if not _is_sealed_by(known, there, then):
        raise _gap(there, own, own in then)


def _is_sealed_by(known: Listing, slots: frozenset[bytes], readers: frozenset[bytes]) -> bool:
    """Tell whether slots are the readers of a prefix, but for some that were retired since."""
    return slots <= readers and readers - slots <= known.retired.keys()


def _fits(known: Listing, slots: frozenset[bytes], floor: Floor) -> bool:
    """Tell whether slots are the readers at a place of the list that can have been the one to go by."""
    return slots.isdisjoint(known.retired_by(floor.length)) and any(
        _is_sealed_by(known, slots, known.readers(place))
        for place in range(max(floor.logged, 1), len(known) + 1)
    )


def _gap(there: frozenset[bytes], own: bytes | None, has_place: bool) -> errors.BadData:
    return roster_errors.SlotMissing() if has_place and own not in there else roster_errors.SlotsUnfit()
