"""Auditors' public cards, the chain of who vouched for whom, retirements (docs/format.md, section 1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, TypeGuard

from nacl import exceptions
from nacl.bindings import crypto_box_seal
from nacl.utils import random

from crypto import errors, roster_errors
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id, id_from_hex, parse_canonical_json
from crypto.messages import sign, verify

VERSION: Final = 1
LANGUAGES: Final = ("ja", "en")
AUDITOR: Final = "auditor"
LEAD: Final = "lead"
OBSERVER: Final = "observer"
GUEST: Final = "guest"
DUTIES: Final = (AUDITOR, LEAD, OBSERVER, GUEST)
"""Roles of a card's holder; a card without one is an auditor's."""
SLOTLESS: Final = frozenset({OBSERVER, GUEST})
"""Duties to which no envelope is sealed: they vouch for nobody, and their words count as unverified."""
MAX_TEXT: Final = 100
"""Characters (code points) of a name or a role."""
_UNSHOWN: Final = re.compile(
    "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f"
    "\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e00ff\\U000e01f0-\\U000e0fff]"
    "|(?<![\\u3400-\\u4dbf\\u4e00-\\u9fff\\U00020000-\\U0003ffff])[\\ufe00-\\ufe0f\\U000e0100-\\U000e01ef]"
)
"""Characters that nobody sees, or that turn the text around them: two names could look the same with them.
Behind a kanji a variation selector is fine: there are names that are written so."""
_SIGNED: Final = frozenset({"v", "person", "name", "role", "box_pk", "sign_pk"})
_MAY: Final = frozenset({"duty"})
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
    duty: str = AUDITOR

    @cached_property
    def key_id(self) -> bytes:
        """The card's key id, 16 bytes."""
        return key_id_of(self.box_pk, self.sign_pk)

    def fields(self) -> dict[str, Any]:
        """Return the fields that the card's own key signs."""
        signed: dict[str, Any] = {
            "v": self.version,
            "person": hex_id(self.person),
            "name": dict(self.name),
            "role": dict(self.role),
            "box_pk": b64e(self.box_pk),
            "sign_pk": b64e(self.sign_pk),
        }
        return signed if self.duty == AUDITOR else signed | {"duty": self.duty}

    def as_json(self) -> dict[str, Any]:
        """Return the whole card as a JSON object."""
        card = {**self.fields(), "sig": b64e(self.sig)}
        if self.voucher is not None and self.voucher_sig is not None:
            card |= {"voucher": hex_id(self.voucher), "voucher_sig": b64e(self.voucher_sig)}
        return card

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
    duty: str = AUDITOR,
) -> Card:
    """Make a card, signed by its own key.

    `name` and `role`: a text for each of LANGUAGES. `person` (16 bytes) is kept when the same human gets
    a new key. `duty`: one of DUTIES. Raises MisuseError, NotNormalized.
    """
    if (
        duty not in DUTIES
        or len(box_pk) != 32
        or len(sign_pk) != 32
        or not (_are_texts(dict(name)) and _are_texts(dict(role)))
    ):
        raise errors.MisuseError
    person = random(16) if person is None else person
    unsigned = Card(person, dict(name), dict(role), box_pk, sign_pk, b"", duty=duty)
    return replace(unsigned, sig=sign(sign_seed, _card_text(unsigned.fields())))


def vouch(card: Card, voucher_key_id: bytes, voucher_sign_seed: bytes) -> Card:
    """Return a card that an enrolled key vouches for."""
    vouched = {**card.fields(), "sig": b64e(card.sig), "voucher": hex_id(voucher_key_id)}
    sig = sign(voucher_sign_seed, _card_text(vouched))
    return replace(card, voucher=voucher_key_id, voucher_sig=sig)


def verify_voucher(card: Card, voucher_sign_pk: bytes) -> None:
    """Raise VoucherMissing or VoucherWrong unless that key vouched for a card."""
    if card.voucher is None or card.voucher_sig is None:
        raise roster_errors.VoucherMissing
    vouched = {**card.fields(), "sig": b64e(card.sig), "voucher": hex_id(card.voucher)}
    try:
        verify(voucher_sign_pk, _card_text(vouched), card.voucher_sig)
    except errors.SignatureWrong:
        raise roster_errors.VoucherWrong from None


def _is_line(text: object) -> bool:
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        return False
    return text == text.strip() and not _UNSHOWN.search(text)


def _are_texts(value: object) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and set(value) == set(LANGUAGES) and all(map(_is_line, value.values()))


def _texts(value: object) -> dict[str, str]:
    if not _are_texts(value):
        raise roster_errors.CardFields
    return value


def _key(value: object, size: int) -> bytes:
    if not isinstance(value, str):
        raise roster_errors.CardFields
    raw = b64d(value)
    if len(raw) != size:
        raise roster_errors.CardFields
    return raw


def parse_card(raw: bytes) -> Card:
    """Return a card whose own signature holds.

    Raises CardVersion, CardFields, CardKeyUnusable (a low-order box_pk would stop intake),
    CardSignatureWrong, or what canonical JSON, base64 and ids raise. `crypto.listing` checks who vouched.
    """
    fields = parse_canonical_json(raw)
    if type(fields.get("v")) is not int or fields["v"] != VERSION:
        raise roster_errors.CardVersion
    vouched = set(fields) & _VOUCHED
    if set(fields) - _VOUCHED - _MAY != _SIGNED | {"sig"} or vouched not in (set(), _VOUCHED):
        raise roster_errors.CardFields
    # One spelling only: who is an auditor says nothing.
    if fields.get("duty", LEAD) not in (LEAD, OBSERVER, GUEST):
        raise roster_errors.CardFields
    card = Card(
        person=id_from_hex(fields["person"]),
        name=_texts(fields["name"]),
        role=_texts(fields["role"]),
        box_pk=_key(fields["box_pk"], 32),
        sign_pk=_key(fields["sign_pk"], 32),
        sig=_key(fields["sig"], 64),
        voucher=id_from_hex(fields["voucher"]) if vouched else None,
        voucher_sig=_key(fields["voucher_sig"], 64) if vouched else None,
        duty=fields.get("duty", AUDITOR),
    )
    _check_card(card)
    return card


def _check_card(card: Card) -> None:
    try:
        crypto_box_seal(b"", card.box_pk)
    except exceptions.CryptoError:
        raise roster_errors.CardKeyUnusable from None
    try:
        verify(card.sign_pk, _card_text(card.fields()), card.sig)
    except errors.SignatureWrong:
        raise roster_errors.CardSignatureWrong from None


def fingerprint(key_id: bytes) -> str:
    """Return a key id as people compare it: eight groups of four hex digits."""
    text = hex_id(key_id)
    return " ".join(text[place : place + 4] for place in range(0, 32, 4))


def new_retirement(key_id: bytes, day: date, by: bytes, by_sign_seed: bytes) -> Retirement:
    """Make a retirement signed by an enrolled key."""
    return Retirement(key_id, day, by, sign(by_sign_seed, _retire_text(key_id, day)))


def parse_retirement(raw: bytes) -> Retirement:
    """Return a retirement; its signature is checked by `crypto.listing`.

    Raises RetirementMalformed for whatever is not as the format says, or what canonical JSON raises.
    """
    fields = parse_canonical_json(raw)
    if set(fields) != {"v", "key_id", "day", "by", "sig"}:
        raise roster_errors.RetirementMalformed
    if type(fields["v"]) is not int or fields["v"] != VERSION:
        raise roster_errors.RetirementMalformed
    try:
        day = date.fromisoformat(fields["day"])
        note = Retirement(
            id_from_hex(fields["key_id"]), day, id_from_hex(fields["by"]), _key(fields["sig"], 64)
        )
    except (ValueError, TypeError, errors.BadData):
        raise roster_errors.RetirementMalformed from None
    if day.isoformat() != fields["day"]:
        raise roster_errors.RetirementMalformed
    return note


def verify_retirement(note: Retirement, by_sign_pk: bytes) -> None:
    """Check that this key has signed the retirement. Raises RetirementWrong."""
    try:
        verify(by_sign_pk, _retire_text(note.key_id, note.day), note.sig)
    except errors.SignatureWrong:
        raise roster_errors.RetirementWrong from None


def excluded_keys(
    cards: Sequence[Card], exclude: Collection[bytes], at_report: Collection[bytes]
) -> frozenset[bytes]:
    """Return the key ids that a report's choice excludes (docs/format.md, section 1.6; ADR 0002).

    `cards`: all ever enrolled, in that order. `exclude`: persons. `at_report`: the key ids that were shown
    when the reporter chose. A card is out with its person, and when the person who vouched for it is out, except
    that the first card's word does not count against a card that the reporter could see and did not choose.
    """
    out: set[bytes] = set()
    persons: set[bytes] = set()
    for card in cards:
        # Of a person's first card only: a second one under a colleague's name nobody could see apart.
        founder_spoke = (
            card.voucher == cards[0].key_id and card.key_id in at_report and card.person not in persons
        )
        if card.person in exclude or (card.voucher in out and not founder_spoke):
            out.add(card.key_id)
        persons.add(card.person)
    return frozenset(out)


def may_not_read(
    cards: Sequence[Card],
    exclude: Collection[bytes],
    off: Collection[bytes],
    at_report: Collection[bytes],
) -> frozenset[bytes]:
    """Return the key ids that nothing more of a case is sealed or granted to (docs/format.md, 2.16).

    `exclude`: persons whom the reporter excluded. `off`: persons who gave the case up or were taken off it, and with
    them whom they brought in since the report: a sock puppet must not read on.
    """
    out = excluded_keys(cards, exclude, at_report) if exclude else frozenset()
    if not off:
        return out
    with_off = excluded_keys(cards, [*exclude, *off], at_report)
    own = {card.key_id for card in cards if card.person in off}
    return out | own | {key_id for key_id in with_off if key_id not in at_report}
