"""Identities, key files, cards, chains, who is excluded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cards, errors, key_errors, keyfile, keysheet, listing, roster_errors
from crypto.cards import Card
from crypto.encoding import b64e, canonical_json
from crypto.identity import Identity, from_seed, new_identity
from crypto.receipt import ALPHABET
from tests.crypto.strategies import PLAIN, SEALING, SLOW, identities, ids, names, seeds

CHEAP_OPS, CHEAP_MEM = 1, 8 * 1024 * 1024
ANN, BEN = new_identity(), new_identity()


def card_of(who: Identity, name: str = "佐藤", person: bytes | None = None, en: str = "Sato") -> Card:
    texts = {"ja": name, "en": en}
    return cards.new_card(who.box_pk, who.sign_pk, who.sign_seed, texts, texts, person)


@SLOW
@given(seeds, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_key_file_comes_back(seed: bytes, passphrase: str) -> None:
    raw = keyfile.lock(seed, passphrase, CHEAP_OPS, CHEAP_MEM)
    assert keyfile.unlock(raw, passphrase) == seed
    assert seed.hex().encode() not in raw
    with pytest.raises(key_errors.WrongPassphrase):
        keyfile.unlock(raw, passphrase + "x")


def test_a_key_file_has_moderate_costs_unless_told_otherwise() -> None:
    found = json.loads(keyfile.lock(bytes(32), "ひらけ"))
    assert (found["ops"], found["mem"]) == (3, 256 * 1024 * 1024)


@pytest.mark.parametrize(
    ("seed", "passphrase", "ops", "mem"),
    [
        (bytes(31), "x", CHEAP_OPS, CHEAP_MEM),
        (bytes(32), "", CHEAP_OPS, CHEAP_MEM),
        (bytes(32), "\ud800", CHEAP_OPS, CHEAP_MEM),
        (bytes(32), "x", 0, CHEAP_MEM),
        (bytes(32), "x", 17, CHEAP_MEM),
        (bytes(32), "x", CHEAP_OPS, CHEAP_MEM - 1),
        (bytes(32), "x", CHEAP_OPS, 2**31),
    ],
)
def test_a_key_file_that_nobody_should_have_is_not_made(
    seed: bytes, passphrase: str, ops: int, mem: int
) -> None:
    with pytest.raises(errors.MisuseError):
        keyfile.lock(seed, passphrase, ops, mem)


def test_a_passphrase_that_cannot_be_typed_is_a_wrong_one() -> None:
    raw = keyfile.lock(bytes(32), "x", CHEAP_OPS, CHEAP_MEM)
    with pytest.raises(key_errors.WrongPassphrase):
        keyfile.unlock(raw, "\ud800")


def test_too_little_memory_is_not_called_a_wrong_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    from nacl import exceptions

    raw = keyfile.lock(bytes(32), "x", CHEAP_OPS, CHEAP_MEM)

    def no_memory(*_: object) -> bytes:
        raise exceptions.RuntimeError

    monkeypatch.setattr(keyfile, "crypto_pwhash_alg", no_memory)
    with pytest.raises(key_errors.KeyFileParameters):
        keyfile.unlock(raw, "x")


def test_every_changed_byte_of_a_key_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id is replaced: what is tried here is the reading, 280 times."""
    monkeypatch.setattr(keyfile, "crypto_pwhash_alg", lambda *_: bytes(32))
    raw = keyfile.lock(bytes(32), "x", CHEAP_OPS, CHEAP_MEM)
    assert keyfile.unlock(raw, "x") == bytes(32)
    for place in range(len(raw)):
        for changed in (raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :], raw[:place]):
            with pytest.raises(errors.BadData):
                keyfile.unlock(changed, "x")


@SEALING
@given(identities, names, ids, identities)
def test_a_card_comes_back(who: Identity, name: str, person: bytes, by: Identity) -> None:
    card = card_of(who, name, person)
    assert cards.parse_card(card.encode()) == card
    later = cards.vouch(card, by.key_id, by.sign_seed)
    assert cards.parse_card(later.encode()) == later
    cards.verify_voucher(later, by.sign_pk)
    assert card.key_id == who.key_id and len(cards.fingerprint(card.key_id)) == 39


def test_every_changed_byte_of_a_card_is_noticed() -> None:
    """A changed card is bad data, or (the voucher's part) no longer vouched for."""
    raw = cards.vouch(card_of(BEN), ANN.key_id, ANN.sign_seed).encode()
    for place in range(len(raw)):
        with pytest.raises(errors.BadData):
            changed = cards.parse_card(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
            cards.verify_voucher(changed, ANN.sign_pk)


@PLAIN
@given(
    st.binary(max_size=80)
    | st.dictionaries(st.sampled_from(["v", "sig", "name"]), st.integers(0, 2)).map(canonical_json)
)
def test_any_bytes_are_no_card(raw: bytes) -> None:
    for read in (cards.parse_card, cards.parse_retirement, lambda raw: keyfile.unlock(raw, "x")):
        with pytest.raises(errors.BadData):
            read(raw)


@pytest.mark.parametrize(
    "name", ["", " 佐藤", "佐藤\n", "あ" * 101, "佐\u202e藤", "\u3164", "佐\ufe0f\ufe0f藤"]
)
def test_a_card_that_would_be_refused_is_not_made(name: str) -> None:
    with pytest.raises(errors.MisuseError):
        card_of(ANN, name)


def test_a_card_without_a_voucher_has_none() -> None:
    with pytest.raises(roster_errors.VoucherMissing):
        cards.verify_voucher(card_of(ANN), BEN.sign_pk)


def test_a_new_person_is_random_and_a_known_one_is_kept() -> None:
    assert card_of(ANN).person != card_of(ANN).person
    assert card_of(ANN, person=bytes(16)).person == bytes(16)


def test_a_retirement_comes_back() -> None:
    note = cards.new_retirement(BEN.key_id, date(2026, 11, 23), ANN.key_id, ANN.sign_seed)
    assert cards.parse_retirement(note.encode()) == note


@st.composite
def chains(draw: st.DrawFn) -> list[Card]:
    """Cards in order, each vouched for by one before; persons may have several. Signatures are left out."""
    made: list[Card] = []
    for number in range(draw(st.integers(1, 8))):
        who = _MANY[number]
        card = replace(_CARDS[number], person=bytes([draw(st.integers(0, 4))]) * 16)
        if made:
            card = replace(card, voucher=draw(st.sampled_from(made)).key_id, voucher_sig=bytes(64))
        assert card.key_id == who.key_id
        made.append(card)
    return made


_MANY = [from_seed(bytes([number]) * 32) for number in range(8)]
_CARDS = [card_of(one) for one in _MANY]


@PLAIN
@given(chains(), st.sets(st.integers(0, 4)), st.data())
def test_who_is_excluded(chain: Sequence[Card], persons: set[int], data: st.DataObject) -> None:
    exclude = [bytes([number]) * 16 for number in persons]
    seen = data.draw(st.sets(st.sampled_from([card.key_id for card in chain])))
    out = cards.excluded_keys(chain, exclude, seen)
    for card in chain:
        if card.person in exclude:
            assert card.key_id in out
        elif card.key_id in out:
            assert card.voucher in out
        elif card.voucher in out:
            assert card.voucher == chain[0].key_id and card.key_id in seen
    assert cards.excluded_keys(chain, [], seen) == frozenset()
    # Choosing more persons never readmits anybody; having been seen never excludes anybody.
    assert out <= cards.excluded_keys(chain, [*exclude, bytes([0]) * 16], seen)
    assert cards.excluded_keys(chain, exclude, [card.key_id for card in chain]) <= out


def test_the_founder_can_be_excluded_and_somebody_is_left() -> None:
    founder, second = card_of(ANN, person=bytes(16)), card_of(BEN, "鈴木", en="Suzuki")
    chain = [founder, cards.vouch(second, ANN.key_id, ANN.sign_seed)]
    listing.verify_list(chain)
    assert cards.excluded_keys(chain, [bytes(16)], [ANN.key_id, BEN.key_id]) == {ANN.key_id}
    assert cards.excluded_keys(chain, [bytes(16)], [ANN.key_id]) == {ANN.key_id, BEN.key_id}


def test_an_identity_shows_nothing_of_itself() -> None:
    assert ANN.seed.hex() not in repr(ANN) and "seed" not in repr(ANN)
    with pytest.raises(errors.MisuseError):
        from_seed(bytes(31))


SHEET = keysheet.groups(keyfile.lock(bytes(32), "x", CHEAP_OPS, CHEAP_MEM))


@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=24, max_size=24),
    st.binary(min_size=48, max_size=48),
)
def test_a_sheet_restores_any_key_file(salt: bytes, nonce: bytes, sealed: bytes) -> None:
    raw = canonical_json(
        {"v": 1, "kdf": "argon2id13", "ops": 3, "mem": keyfile.MEM}
        | {"salt": b64e(salt), "nonce": b64e(nonce), "sealed": b64e(sealed)}
    )
    assert keysheet.restore(" ".join(keysheet.groups(raw))) == raw == keysheet.restore(raw.decode())


@given(st.integers(0, 199), st.integers(1, 31))
def test_every_single_slip_names_its_group(place: int, by: int) -> None:
    symbols = "".join(SHEET)
    wrong = ALPHABET[(ALPHABET.index(symbols[place]) + by) % 32]
    with pytest.raises(key_errors.SheetGroups) as caught:
        keysheet.restore(symbols[:place] + wrong + symbols[place + 1 :])
    assert caught.value.groups == (place // 5 + 1,)


@given(st.text())
def test_whatever_is_typed_is_a_sheet_or_refused(text: str) -> None:
    with pytest.raises(errors.BadData):
        keysheet.restore(text)
