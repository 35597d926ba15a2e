"""Auditors' public cards, the chain of who vouched for whom, retirements (docs/format.md, section 1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import crypto_box_seal
from nacl.utils import random

from crypto import errors
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id, id_from_hex, parse_canonical_json
from crypto.messages import sign, verify

VERSION: Final = 1
LANGUAGES: Final = ("ja", "en")
MAX_TEXT: Final = 100
_SIGNED: Final = frozenset({"v", "person", "name", "role", "box_pk", "sign_pk"})
_VOUCHED: Final = frozenset({"voucher", "voucher_sig"})


def key_id_of(box_pk: bytes, sign_pk: bytes) -> bytes:
    """Return the key id (16 bytes) of a pair of public keys."""
    return b2(16, box_pk + sign_pk, person="mybk1-keyid")


@dataclass(frozen=True)
class Card:
    """One public card. `sig` is the card's own signature, `voucher_sig` that of a key enrolled before."""

    person: bytes
    name: Mapping[str, str]
    role: Mapping[str, str]
    box_pk: bytes
    sign_pk: bytes
    sig: bytes
    voucher: bytes | None = None
    voucher_sig: bytes | None = None
    version: int = VERSION

    @property
    def key_id(self) -> bytes:
        """The card's key id, 16 bytes."""
        return key_id_of(self.box_pk, self.sign_pk)

    def fields(self) -> dict[str, Any]:
        """Return the fields that the card's own key signs."""
        return {
            "v": self.version,
            "person": hex_id(self.person),
            "name": dict(self.name),
            "role": dict(self.role),
            "box_pk": b64e(self.box_pk),
            "sign_pk": b64e(self.sign_pk),
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole card as a JSON object."""
        found = {**self.fields(), "sig": b64e(self.sig)}
        if self.voucher is not None and self.voucher_sig is not None:
            found |= {"voucher": hex_id(self.voucher), "voucher_sig": b64e(self.voucher_sig)}
        return found

    def encode(self) -> bytes:
        """Return the card's canonical JSON."""
        return canonical_json(self.as_json())


@dataclass(frozen=True)
class Retirement:
    """A key that is no longer sealed to: which, from which day, who says so."""

    key_id: bytes
    day: date
    by: bytes
    sig: bytes

    def encode(self) -> bytes:
        """Return the retirement's canonical JSON."""
        return canonical_json(
            {
                "v": VERSION,
                "key_id": hex_id(self.key_id),
                "day": self.day.isoformat(),
                "by": hex_id(self.by),
                "sig": b64e(self.sig),
            }
        )


def _card_text(fields: Mapping[str, Any]) -> bytes:
    return b"mybk1/card\n" + canonical_json(fields)


def _retire_text(key_id: bytes, day: date) -> bytes:
    return b"mybk1/retire\n" + key_id + day.isoformat().encode()


def new_card(
    box_pk: bytes,
    sign_pk: bytes,
    sign_seed: bytes,
    name: Mapping[str, str],
    role: Mapping[str, str],
    person: bytes | None = None,
) -> Card:
    """Make a card, signed by its own key. `person` (16 bytes) is kept when the same human gets a new key."""
    for texts in (name, role):
        if set(texts) != set(LANGUAGES) or not all(0 < len(text.strip()) <= MAX_TEXT for text in texts.values()):
            raise errors.MisuseError
    unsigned = Card(person or random(16), dict(name), dict(role), box_pk, sign_pk, b"")
    return replace(unsigned, sig=sign(sign_seed, _card_text(unsigned.fields())))


def vouch(card: Card, voucher_key_id: bytes, voucher_sign_seed: bytes) -> Card:
    """Return a card that an enrolled key vouches for."""
    vouched = {**card.fields(), "sig": b64e(card.sig), "voucher": hex_id(voucher_key_id)}
    sig = sign(voucher_sign_seed, _card_text(vouched))
    return replace(card, voucher=voucher_key_id, voucher_sig=sig)


def verify_voucher(card: Card, voucher_sign_pk: bytes) -> None:
    """Raise VoucherMissing or VoucherWrong unless that key vouched for a card."""
    if card.voucher is None or card.voucher_sig is None:
        raise errors.VoucherMissing
    vouched = {**card.fields(), "sig": b64e(card.sig), "voucher": hex_id(card.voucher)}
    try:
        verify(voucher_sign_pk, _card_text(vouched), card.voucher_sig)
    except errors.SignatureWrong:
        raise errors.VoucherWrong from None


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or set(found) != set(LANGUAGES):
        raise errors.CardFields
    if not all(isinstance(text, str) and 0 < len(text.strip()) <= MAX_TEXT for text in found.values()):
        raise errors.CardFields
    return found


def _key(found: object, size: int) -> bytes:
    if not isinstance(found, str):
        raise errors.CardFields
    raw = b64d(found)
    if len(raw) != size:
        raise errors.CardFields
    return raw


def parse_card(raw: bytes) -> Card:
    """Return a card whose own signature holds.

    Raises CardVersion, CardFields, CardKeyUnusable (a low-order box_pk would stop intake), CardSignatureWrong, or what
    canonical JSON, base64 and ids raise. Who vouched is checked by `verify_chain`.
    """
    found = parse_canonical_json(raw)
    if found.get("v") != VERSION or isinstance(found.get("v"), bool):
        raise errors.CardVersion
    vouched = set(found) & _VOUCHED
    if set(found) - _VOUCHED != _SIGNED | {"sig"} or vouched not in (set(), _VOUCHED):
        raise errors.CardFields
    card = Card(
        person=id_from_hex(found["person"]),
        name=_texts(found["name"]),
        role=_texts(found["role"]),
        box_pk=_key(found["box_pk"], 32),
        sign_pk=_key(found["sign_pk"], 32),
        sig=_key(found["sig"], 64),
        voucher=id_from_hex(found["voucher"]) if vouched else None,
        voucher_sig=_key(found["voucher_sig"], 64) if vouched else None,
    )
    try:
        crypto_box_seal(b"", card.box_pk)
    except exceptions.CryptoError:
        raise errors.CardKeyUnusable from None
    try:
        verify(card.sign_pk, _card_text(card.fields()), card.sig)
    except errors.SignatureWrong:
        raise errors.CardSignatureWrong from None
    return card


def fingerprint(key_id: bytes) -> str:
    """Return a key id as people compare it: eight groups of four hex digits."""
    text = hex_id(key_id)
    return " ".join(text[place : place + 4] for place in range(0, 32, 4))


def new_retirement(key_id: bytes, day: date, by: bytes, by_sign_seed: bytes) -> Retirement:
    """Make a retirement signed by an enrolled key."""
    return Retirement(key_id, day, by, sign(by_sign_seed, _retire_text(key_id, day)))


def parse_retirement(raw: bytes) -> Retirement:
    """Return a retirement; its signature is checked by `verify_chain`. Raises RetirementMalformed and below."""
    found = parse_canonical_json(raw)
    if set(found) != {"v", "key_id", "day", "by", "sig"} or found["v"] != VERSION:
        raise errors.RetirementMalformed
    try:
        day = date.fromisoformat(found["day"])
    except (ValueError, TypeError):
        raise errors.RetirementMalformed from None
    if day.isoformat() != found["day"]:
        raise errors.RetirementMalformed
    return Retirement(id_from_hex(found["key_id"]), day, id_from_hex(found["by"]), _key(found["sig"], 64))


def verify_chain(cards: Sequence[Card], retirements: Sequence[Retirement] = ()) -> None:
    """Check cards in the order of enrolment: the first stands alone, each later one is vouched for by one before it.

    Raises ChainEmpty, CardRepeated, VoucherMissing, VoucherUnknown, VoucherWrong, RetirementUnknown, RetirementWrong.
    """
    if not cards:
        raise errors.ChainEmpty
    known: dict[bytes, Card] = {}
    for card in cards:
        if card.key_id in known:
            raise errors.CardRepeated
        if known:
            if card.voucher is None:
                raise errors.VoucherMissing
            if card.voucher not in known:
                raise errors.VoucherUnknown
            verify_voucher(card, known[card.voucher].sign_pk)
        known[card.key_id] = card
    for retirement in retirements:
        if retirement.key_id not in known or retirement.by not in known:
            raise errors.RetirementUnknown
        try:
            verify(known[retirement.by].sign_pk, _retire_text(retirement.key_id, retirement.day), retirement.sig)
        except errors.SignatureWrong:
            raise errors.RetirementWrong from None


def shut_out(cards: Sequence[Card], exclude: Collection[bytes], at_report: Collection[bytes]) -> frozenset[bytes]:
    """Return the key ids that a report's choice shuts out (ADR 0002).

    `cards` stand in the order of enrolment; `exclude` are persons; `at_report` the key ids enrolled when the reporter
    chose. A card is out with its person, and when whoever vouched for it is out, except that the first card's word does
    not count against a card that the reporter could see and did not choose.
    """
    out: set[bytes] = set()
    for place, card in enumerate(cards):
        founder_spoke = bool(place) and card.voucher == cards[0].key_id and card.key_id in at_report
        if card.person in exclude or (card.voucher in out and not founder_spoke):
            out.add(card.key_id)
    return frozenset(out)
