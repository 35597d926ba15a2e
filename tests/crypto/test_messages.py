"""Signed words and acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import form
from crypto import errors, listing, messages, payloads
from crypto.choice import Choice, first_choice
from crypto.envelope import Kind
from crypto.identity import new_identity
from crypto.receipt import derive, new_code
from tests.crypto.strategies import PLAIN, SEALING, ids, objects, seeds, some_text

ANN, BEN = new_identity(), new_identity()
RECEIPT = derive(new_code(), bytes(16))
DAY = date(2026, 11, 23)
READERS = listing.readers_field(listing.Prefix(1, bytes(32)), [ANN.key_id])


@SEALING
@given(some_text, ids, st.lists(ids, max_size=20), st.sets(ids, max_size=64))
def test_a_reporter_s_message_holds(
    text: str, envelope_id: bytes, seen: list[bytes], out: set[bytes]
) -> None:
    payload = messages.reporter_message({"message": text}, RECEIPT, seen, choice=Choice(frozenset(out), 7))
    signed = messages.sign_reporter(
        Kind.FROM_REPORTER, {**payload, "readers": READERS, "envelope_id": envelope_id.hex()}, RECEIPT
    )
    messages.verify_reporter(Kind.FROM_REPORTER, signed, RECEIPT.sign_pk)
    assert payloads.faults(Kind.FROM_REPORTER, signed, envelope_id) == []
    assert set(signed["seen"]) == {one.hex() for one in seen[-16:]}
    assert set(signed["exclude"]) == {one.hex() for one in out} and signed["choice"] == 7


@SEALING
@given(some_text, ids, ids, st.lists(ids, max_size=20), objects)
def test_an_auditor_s_words_hold_for_their_kind_only(
    text: str, case_id: bytes, envelope_id: bytes, seen: list[bytes], record: dict[str, Any]
) -> None:
    bodies: dict[Kind, dict[str, Any]] = {
        Kind.TO_REPORTER: {"message": text},
        Kind.RECORD: {"record": record},
    }
    for kind, body in bodies.items():
        choice = 3 if kind is Kind.TO_REPORTER else 0
        signed = messages.auditor_payload(
            kind, ANN.key_id, case_id, envelope_id, body, seen, ANN.sign_seed, READERS, choice
        )
        messages.verify_auditor(kind, signed, ANN.sign_pk)
        assert payloads.faults(kind, signed, envelope_id) == []
        other = Kind.RECORD if kind is Kind.TO_REPORTER else Kind.TO_REPORTER
        for wrong_kind, wrong_pk in ((other, ANN.sign_pk), (kind, BEN.sign_pk)):
            with pytest.raises(errors.SignatureWrong):
                messages.verify_auditor(wrong_kind, signed, wrong_pk)


@PLAIN
@given(objects, st.none() | st.text(max_size=90) | st.integers() | st.lists(st.integers()))
def test_whatever_is_no_signed_message_is_bad_data(payload: dict[str, Any], sig: object) -> None:
    if sig is not None:
        payload = {**payload, "sig": sig}
    with pytest.raises((errors.SignatureWrong, errors.SignatureMissing)):
        messages.verify_reporter(Kind.FROM_REPORTER, payload, RECEIPT.sign_pk)


@pytest.mark.parametrize("value", [1.5, "\ud800", "か\u3099", {1: 2}, 2**60])
def test_what_cannot_be_written_cannot_have_been_signed(value: Any) -> None:
    payload = {"envelope_id": "00" * 16, "case_id": "00" * 16, "sig": "AA", "message": value}
    with pytest.raises(errors.SignatureWrong):
        messages.verify_reporter(Kind.FROM_REPORTER, payload, RECEIPT.sign_pk)


@PLAIN
@given(seeds, st.binary(max_size=100), st.binary(max_size=100))
def test_a_signature_is_good_for_one_text(seed: bytes, text: bytes, other: bytes) -> None:
    sig = messages.sign(ANN.sign_seed, text)
    messages.verify(ANN.sign_pk, text, sig)
    if text != other:
        with pytest.raises(errors.SignatureWrong):
            messages.verify(ANN.sign_pk, other, sig)
    if seed != ANN.sign_seed:
        with pytest.raises(errors.SignatureWrong):
            messages.verify(ANN.sign_pk, text, messages.sign(seed, text))


@PLAIN
@given(st.binary(max_size=70), st.binary(max_size=40))
def test_any_bytes_are_no_signature(sig: bytes, pk: bytes) -> None:
    with pytest.raises(errors.SignatureWrong):
        messages.verify(pk, b"text", sig)


@SEALING
@given(some_text, ids, ids, st.lists(ids, max_size=3))
def test_the_same_form_has_one_id(text: str, nonce: bytes, envelope_id: bytes, seen: list[bytes]) -> None:
    payload = messages.reporter_message({"message": text}, RECEIPT, [], choice=first_choice([]))
    first = messages.repeat_id(nonce, payload, RECEIPT.root)
    later = messages.reporter_message({"message": text}, RECEIPT, seen, choice=Choice(frozenset(), 9))
    signed = messages.sign_reporter(Kind.FROM_REPORTER, {**later, "envelope_id": envelope_id.hex()}, RECEIPT)
    assert messages.repeat_id(nonce, signed, RECEIPT.root) == first
    assert messages.repeat_id(nonce, {**signed, "message": text + "。"}, RECEIPT.root) != first


def test_texts_that_are_signed_never_begin_alike() -> None:
    texts = [
        messages.status_text(bytes(16), 1, bytes(16), "closed", DAY),
        messages.act_text(bytes(16), b"raw"),
        messages.receipt_text(bytes(32), DAY),
        messages.state_text(bytes(16), DAY, ["closed"]),
        messages.taken_text(bytes(16), bytes(32), bytes(32)),
        messages.delete_text(bytes(16), bytes(16), DAY),
        messages.keep_text(bytes(16), bytes(16), DAY),
        messages.agree_text(bytes(16), bytes(16), bytes(32), DAY),
        messages.request_text(bytes(16), "GET", "/", b"", DAY, bytes(16)),
    ]
    assert len({text.split(b"\n")[0] for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: messages.sign(bytes(31), b""),
        lambda: messages.sign_reporter(Kind.FROM_REPORTER, {"message": "x"}, RECEIPT),
        lambda: messages.auditor_payload(
            Kind.TO_REPORTER, bytes(16), bytes(16), bytes(16), {}, [], ANN.sign_seed, READERS
        ),
        lambda: messages.auditor_payload(
            Kind.RECORD, bytes(16), bytes(16), bytes(16), {}, [], ANN.sign_seed, READERS, 1
        ),
        lambda: messages.taken_text(bytes(16), bytes(31), bytes(32)),
        lambda: messages.auditor_payload(
            Kind.REPORT, bytes(16), bytes(16), bytes(16), {}, [], ANN.sign_seed, READERS
        ),
        lambda: messages.act_text(bytes(15), b""),
        lambda: messages.delete_text(bytes(15), bytes(16), DAY),
        lambda: messages.delete_text(bytes(16), bytes(15), DAY),
        lambda: messages.keep_text(bytes(17), bytes(16), DAY),
        lambda: messages.agree_text(bytes(16), bytes(16), bytes(31), DAY),
        lambda: messages.receipt_text(bytes(16), DAY),
        lambda: messages.status_text(bytes(16), -1, bytes(16), "closed", DAY),
        lambda: messages.status_text(bytes(16), 1, bytes(16), "状態", DAY),
        lambda: messages.status_text(bytes(16), 1, bytes(17), "closed", DAY),
        lambda: messages.request_text(bytes(15), "GET", "/", b"", DAY, bytes(16)),
        lambda: messages.request_text(bytes(16), "GET\n", "/", b"", DAY, bytes(16)),
        lambda: messages.request_text(bytes(16), "", "/", b"", DAY, bytes(16)),
        lambda: messages.request_text(bytes(16), "GET", "/\ud800", b"", DAY, bytes(16)),
    ],
)
def test_misuse(misuse: Callable[[], object]) -> None:
    with pytest.raises(errors.MisuseError):
        misuse()


def test_the_format_s_answers_are_the_form_s() -> None:
    """`crypto` may not import `cases`: here both can be seen."""
    assert set(payloads.ANSWERS) == set(form.REPORT_FIELDS)
