"""Bytes as text, canonical JSON, padding."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.encoding import (
    b64d,
    b64e,
    canonical_json,
    hex_id,
    id_from_hex,
    normalize_text,
    parse_canonical_json,
)
from crypto.padding import SIZES, pad, unpad
from tests.crypto.strategies import PLAIN, ids, objects


@PLAIN
@given(st.binary(max_size=100))
def test_b64_comes_back(raw: bytes) -> None:
    assert b64d(b64e(raw)) == raw


@PLAIN
@given(st.text(st.sampled_from("AQgwZz019-_+/= \n"), max_size=12))
def test_b64_has_one_spelling(text: str) -> None:
    with contextlib.suppress(errors.BadBase64):
        assert b64e(b64d(text)) == text


@PLAIN
@given(ids)
def test_an_id_comes_back(raw: bytes) -> None:
    assert id_from_hex(hex_id(raw)) == raw


@PLAIN
@given(objects)
def test_canonical_json_comes_back(found: dict[str, Any]) -> None:
    raw = canonical_json(found)
    assert parse_canonical_json(raw) == found
    assert json.loads(raw) == found


@PLAIN
@given(objects)
def test_canonical_json_does_not_depend_on_the_order(found: dict[str, Any]) -> None:
    assert canonical_json(dict(reversed(found.items()))) == canonical_json(found)


@PLAIN
@given(st.binary(max_size=60) | objects.map(lambda found: json.dumps(found).encode()))
def test_any_bytes_are_canonical_or_bad_data(raw: bytes) -> None:
    with contextlib.suppress(errors.BadData):
        assert canonical_json(parse_canonical_json(raw)) == raw


@pytest.mark.parametrize("depth", [17, 500, 5_000, 250_000])
def test_no_depth_exhausts_the_stack(depth: int) -> None:
    with pytest.raises(errors.NestedTooDeep):
        parse_canonical_json(b'{"a":' * depth + b"1" + b"}" * depth)


@pytest.mark.parametrize(
    "found",
    [
        {"a": 1.5},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": "\ud800"},
        {"\udfff": 1},
        {1: "a"},
        {"a": {None: 1}},
        {"a": b"bytes"},
        {"a": {1, 2}},
    ],
)
def test_what_canonical_json_cannot_hold_is_misuse(found: Any) -> None:
    with pytest.raises(errors.MisuseError) as caught:
        canonical_json(found)
    assert type(caught.value) is errors.MisuseError


def test_a_list_that_holds_itself_is_misuse() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(errors.MisuseError):
        canonical_json({"a": endless})


@PLAIN
@given(st.text(max_size=100))
def test_normalized_text_can_be_written(text: str) -> None:
    try:
        canonical_json({"a": normalize_text(text)})
    except errors.MisuseError:
        assert any("\ud800" <= symbol <= "\udfff" for symbol in text)


MARKS = "\u0316\u0323\u0301\u0307\u0345\u0f71\u0f72\u0f73\u0344\u3099"


@PLAIN
@given(
    st.text(st.sampled_from("aeéか가각\u1100\u1161\u11a8\u212b\ufa19\u0958\U0001d160" + MARKS), max_size=40)
)
def test_normalized_text_is_unicode_s_normal_form(text: str) -> None:
    assert normalize_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.timeout(100)
@pytest.mark.parametrize("text", ["\u0f73" * 400_000, "a" + "\u0345" * 200_000 + "\u0301" * 200_000])
def test_marks_in_a_long_row_hold_nobody_up(text: str) -> None:
    """Seconds; as Python does it, many minutes, in which no other thread runs."""
    assert unicodedata.is_normalized("NFC", normalize_text(text))


@PLAIN
@given(st.binary(max_size=300).map(lambda raw: raw + b"\x80\0\0") | st.integers(0, SIZES[-1] - 1).map(bytes))
def test_padding_comes_back(raw: bytes) -> None:
    padded = pad(raw)
    assert len(padded) in SIZES and unpad(padded) == raw


@PLAIN
@given(st.integers(0, 9000), st.binary(max_size=4))
def test_any_bytes_are_padding_or_bad_data(zeros: int, head: bytes) -> None:
    raw = head + bytes(zeros)
    with contextlib.suppress(errors.BadData):
        assert pad(unpad(raw)) == raw
