"""Sealing, opening, and whatever can be done to an envelope in between."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import choice, errors, listing, messages, seal
from crypto.encoding import canonical_json
from crypto.envelope import Kind, decode
from crypto.identity import Identity, new_identity
from crypto.padding import SIZES
from crypto.payloads import ANSWERS, MEANINGS
from crypto.receipt import derive, new_code
from crypto.seal import Recipient
from crypto.unseal import Opened, open_grant, unseal
from tests.crypto.assemble import assemble, slot, with_payload
from tests.crypto.strategies import SEALING, SLOW, ids, objects, some_text

ANN, BEN, EVE = (new_identity() for _ in range(3))
RECEIPT = derive(new_code(), bytes(16))


def recipients(*who: Identity, out: Identity | None = None) -> list[Recipient]:
    return [Recipient(one.key_id, one.box_pk, one is out) for one in who]


def unsealed(raw: bytes, who: Identity, *grants: bytes) -> Opened:
    return unseal(raw, who.box_sk, who.box_pk, who.key_id, grants)


READERS = listing.readers_field(listing.Prefix(1, bytes(32)), [bytes(16)])


def report(what: str = "名簿", envelope_id: bytes = bytes(16)) -> dict[str, Any]:
    payload = messages.report_payload({"what_happened": what}, [], RECEIPT)
    return messages.sign_reporter(
        Kind.REPORT, {**payload, "readers": READERS, "envelope_id": envelope_id.hex()}, RECEIPT
    )


@SEALING
@given(some_text, ids, st.dictionaries(st.sampled_from(ANSWERS), some_text), st.sets(ids, max_size=5))
def test_a_report_comes_back(
    what: str, envelope_id: bytes, answers: dict[str, str], exclude: set[bytes]
) -> None:
    payload = messages.report_payload({**answers, "what_happened": what}, exclude, RECEIPT)
    payload = messages.sign_reporter(
        Kind.REPORT, {**payload, "readers": READERS, "envelope_id": envelope_id.hex()}, RECEIPT
    )
    sealed = seal.seal(Kind.REPORT, envelope_id, payload, recipients(EVE, ANN, BEN))
    for who in (ANN, BEN, EVE):
        opened = unsealed(sealed.raw, who)
        assert (opened.payload, opened.unusual) == (payload, ())
        assert (opened.kind, opened.envelope_id, opened.content_key) == (
            Kind.REPORT,
            envelope_id,
            sealed.content_key,
        )
    mailbox = unseal(
        sealed.raw,
        RECEIPT.mailbox_sk,
        RECEIPT.mailbox_pk,
        RECEIPT.mailbox_key_id,
        [seal.throwaway_grant(), seal.grant(sealed.content_key, RECEIPT.mailbox_pk)],
    )
    assert mailbox.payload == payload


@SEALING
@given(st.sampled_from(list(Kind)), ids, st.permutations([ANN, BEN, EVE]))
def test_an_envelope_s_bytes_come_back(kind: Kind, envelope_id: bytes, order: list[Identity]) -> None:
    raw = seal.seal(kind, envelope_id, {"a": 1}, recipients(*order)).raw
    found = decode(raw)
    assert found.encode() == raw
    assert [slot.key_id for slot in found.slots] == sorted(one.key_id for one in order)
    assert len(found.ciphertext) - 16 in SIZES


@SEALING
@given(objects)
def test_a_report_that_authenticates_is_always_returned(found: dict[str, Any]) -> None:
    sealed = seal.seal(Kind.REPORT, bytes(16), found, recipients(ANN))
    opened = unsealed(sealed.raw, ANN)
    assert opened.payload == found and opened.unusual


@SEALING
@given(st.binary(max_size=300))
def test_whatever_bytes_a_reporter_sealed_are_returned(raw: bytes) -> None:
    for kind in (Kind.REPORT, Kind.FROM_REPORTER):
        opened = unsealed(with_payload(kind, bytes(16), raw, ANN), ANN)
        assert opened.raw_payload == raw and opened.unusual
    for kind in (Kind.TO_REPORTER, Kind.RECORD):
        with pytest.raises(errors.BadData):
            unsealed(with_payload(kind, bytes(16), raw, ANN), ANN)


@pytest.mark.parametrize(
    ("tail", "size", "fault"),
    [
        (b"", 8192, errors.PaddingMissing),
        (b"\x81", 8192, errors.PaddingMissing),
        (b"\x80", 32768, errors.PaddingNotSmallest),
    ],
)
def test_wrong_padding_costs_a_reporter_nothing(tail: bytes, size: int, fault: type[errors.BadData]) -> None:
    raw = canonical_json(report())
    padded = (raw + tail).ljust(size, b"\0")
    opened = unsealed(assemble(Kind.REPORT, bytes(16), padded, [slot(ANN)]), ANN)
    assert opened.raw_payload == raw + tail.removesuffix(b"\x80") and fault.__name__ in opened.unusual
    assert opened.payload == (report() if fault is errors.PaddingNotSmallest or not tail else {})
    with pytest.raises(fault):
        unsealed(assemble(Kind.RECORD, bytes(16), padded, [slot(ANN)]), ANN)


def test_somebody_excluded_opens_nothing_and_nobody_sees_it() -> None:
    sealed = seal.seal(Kind.REPORT, bytes(16), report(), recipients(ANN, BEN, out=BEN))
    open_for_all = seal.seal(Kind.REPORT, bytes(16), report(), recipients(ANN, BEN))
    assert unsealed(sealed.raw, ANN).payload == report()
    with pytest.raises(errors.CannotOpen):
        unsealed(sealed.raw, BEN)
    assert len(sealed.raw) == len(open_for_all.raw)
    assert [slot.key_id for slot in decode(sealed.raw).slots] == sorted([ANN.key_id, BEN.key_id])


def test_a_throw_away_slot_holds_nothing_of_the_content_key() -> None:
    """Even with every key there is, it opens for nobody."""
    sealed = seal.seal(Kind.REPORT, bytes(16), report(), recipients(ANN, BEN, out=BEN))
    thrown = next(one for one in decode(sealed.raw).slots if one.key_id == BEN.key_id)
    assert all(open_grant(thrown.sealed, one.box_sk, one.box_pk) is None for one in (ANN, BEN, EVE))
    assert len(seal.throwaway_grant()) == len(seal.grant(sealed.content_key, BEN.box_pk)) == 80


def test_reports_of_one_size_class_have_one_length() -> None:
    lengths = {
        len(seal.seal(Kind.REPORT, bytes(16), report("あ" * n), recipients(ANN)).raw) for n in (1, 900, 2500)
    }
    assert len(lengths) == 1


def test_each_sealing_differs() -> None:
    one, other = (seal.seal(Kind.REPORT, bytes(16), report(), recipients(ANN)) for _ in range(2))
    assert one.content_key != other.content_key and decode(one.raw).nonce != decode(other.raw).nonce


def _refusal(raw: bytes) -> type[BaseException] | None:
    """Return the class of what opening raises, if it is no other family than BadData."""
    try:
        unsealed(raw, ANN)
    except errors.BadData as fault:
        return type(fault)
    return None


def _flip(raw: bytes, place: int, bit: int = 0) -> bytes:
    return raw[:place] + bytes([raw[place] ^ (1 << bit)]) + raw[place + 1 :]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_changed_byte_is_noticed(kind: Kind) -> None:
    """Each byte of the header, the nonce and the length; a sample of the ciphertext."""
    raw = seal.seal(kind, bytes(16), report(), recipients(ANN, BEN)).raw
    head = 86 + 2 * 96 + 28
    places = [*range(head + 2), *random.Random(1).sample(range(head, len(raw)), 100), len(raw) - 1]
    for place in places:
        assert _refusal(_flip(raw, place, place % 8)) is not None, place


def test_an_envelope_cut_off_anywhere_is_refused() -> None:
    raw = seal.seal(Kind.REPORT, bytes(16), report(), recipients(ANN, BEN)).raw
    assert {_refusal(raw[:length]) for length in range(len(raw))} == {errors.Truncated}


@SEALING
@given(st.data())
def test_any_mixture_of_envelopes_is_bad_data_or_what_was_sealed(data: st.DataObject) -> None:
    raws = [
        seal.seal(kind, bytes(16), report(), recipients(ANN, BEN)).raw for kind in (Kind.REPORT, Kind.RECORD)
    ]
    first, second = data.draw(st.permutations(raws))
    start, end = sorted((data.draw(st.integers(0, 500)), data.draw(st.integers(0, 500))))
    mixed = first[:start] + second[start:end] + first[end:]
    if mixed not in raws:
        assert _refusal(mixed) is not None


@SEALING
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_bad_data(raw: bytes, magic: bool) -> None:
    assert _refusal(b"MYB1\x01" + raw if magic else raw) is not None


@SEALING
@given(st.lists(st.binary(max_size=120), max_size=3))
def test_any_grants_are_bad_data(grants: list[bytes]) -> None:
    sealed = seal.seal(Kind.REPORT, bytes(16), report(), recipients(BEN))
    with pytest.raises(errors.CannotOpen if grants else errors.NotAddressed):
        unsealed(sealed.raw, ANN, *grants)


@SLOW
@given(st.sets(ids, max_size=64), st.integers(1, 2**32 - 1), ids)
def test_the_exclude_record_comes_back_in_one_size(persons: set[bytes], number: int, case_id: bytes) -> None:
    record = choice.ExcludeRecord(choice.Choice(frozenset(persons), number), bytes([1]) * 32, bytes([2]) * 32)
    raw = choice.seal_record(RECEIPT.root, case_id, record)
    assert len(raw) == choice.RECORD_BYTES == 2418
    assert choice.open_record(RECEIPT.root, case_id, raw) == record


def record(
    *persons: bytes,
    number: int = 1,
    root: bytes = bytes(32),
    case_id: bytes = bytes(16),
    act_pk: bytes = bytes(32),
) -> bytes:
    held = choice.ExcludeRecord(choice.Choice(frozenset(persons), number), act_pk=act_pk)
    return choice.seal_record(root, case_id, held)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: seal.seal(Kind.REPORT, bytes(15), {}, recipients(ANN)),
        lambda: seal.seal(cast(Kind, 5), bytes(16), {}, recipients(ANN)),
        lambda: seal.seal(Kind.REPORT, bytes(16), {}, [Recipient(bytes(15), ANN.box_pk)]),
        lambda: seal.seal(Kind.REPORT, bytes(16), {}, [Recipient(bytes(16), bytes(31))]),
        lambda: seal.seal(Kind.REPORT, bytes(16), {"a": 1.5}, recipients(ANN)),
        lambda: seal.grant(bytes(31), ANN.box_pk),
        lambda: record(bytes(15)),
        lambda: record(*(bytes([n]) * 16 for n in range(65))),
        lambda: record(number=0),
        lambda: record(number=2**32),
        lambda: record(root=bytes(31)),
        lambda: record(case_id=bytes(15)),
        lambda: record(act_pk=bytes(31)),
    ],
)
def test_misuse_is_told_apart_from_bad_data(misuse: Callable[[], object]) -> None:
    with pytest.raises(errors.MisuseError) as caught:
        misuse()
    assert not isinstance(caught.value, errors.BadData)


def test_a_payload_too_large_is_refused_before_anything_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    def sealed_too_early(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(seal, "crypto_box_seal", sealed_too_early)
    with pytest.raises(errors.PayloadTooLarge):
        seal.seal(Kind.REPORT, bytes(16), {"message": "a" * 524288}, recipients(ANN))


def test_a_report_sealed_with_a_plain_number_for_its_kind_has_an_act_key() -> None:
    sealed = seal.seal(1, bytes(16), report(), recipients(ANN))  # type: ignore[arg-type]
    assert decode(sealed.raw).act_pk == seal.act_pk(sealed.content_key)


def test_nothing_sealed_or_opened_shows_itself() -> None:
    sealed = seal.seal(Kind.REPORT, bytes(16), report("極秘"), recipients(ANN))
    opened = unsealed(sealed.raw, ANN)
    for found in (sealed, opened, ANN, RECEIPT):
        text = repr(found)
        assert (
            "極秘" not in text
            and sealed.content_key.hex() not in text
            and repr(sealed.content_key) not in text
        )


def test_no_error_s_text_holds_input() -> None:
    secret = secrets.token_hex(8)
    attempts: list[Callable[[], object]] = [
        lambda: unsealed(secret.encode(), ANN),
        lambda: seal.seal(Kind.REPORT, bytes(16), {secret: 1.5}, recipients(ANN)),
        lambda: unsealed(with_payload(Kind.RECORD, bytes(16), secret.encode(), ANN), ANN),
    ]
    for attempt in attempts:
        with pytest.raises(errors.CryptoError) as caught:
            attempt()
        assert secret not in repr(caught.value) and secret not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("meaning", MEANINGS)
def test_what_a_message_means_does_not_show(meaning: str) -> None:
    """A message that withdraws, corrects or names is as long as an ordinary one, to the byte."""

    def sealed(body: dict[str, Any]) -> bytes:
        payload = messages.reporter_message(body, RECEIPT, [bytes(16)], choice=choice.first_choice([]))
        named = {**payload, "readers": READERS, "envelope_id": bytes(16).hex()}
        signed = messages.sign_reporter(Kind.FROM_REPORTER, named, RECEIPT)
        return seal.seal(Kind.FROM_REPORTER, bytes(16), signed, recipients(ANN, BEN)).raw

    plain, meant = (
        sealed({"message": "取り消します"}),
        sealed({"message": "取り消します", "meaning": meaning}),
    )
    assert len(plain) == len(meant)
    assert unsealed(meant, ANN).payload["meaning"] == meaning and unsealed(meant, ANN).unusual == ()
