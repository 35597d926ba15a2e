"""The one strict reader of requests and answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import wire
from crypto.encoding import MAX_NUMBER, b64e, hex_id
from crypto.wire import Malformed
from tests.crypto.strategies import SLOW

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts, max_size=3),
    max_leaves=8,
)
READERS: list[Callable[[object], object]] = [
    lambda value: wire.fields(value, "a", "b"),
    wire.text,
    wire.identifier,
    lambda value: wire.identifiers(value, 2),
    wire.octets,
    lambda value: wire.octets(value, 16),
    wire.number,
    wire.flag,
    lambda value: wire.items(value, 2),
]


@SLOW
@given(anything)
def test_whatever_comes_is_read_or_malformed(value: object) -> None:
    for read in READERS:
        try:
            read(value)
        except Malformed:
            continue


@SLOW
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_bytes_come_are_an_object_or_malformed(raw: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(wire.read_object(raw), dict)


@given(st.binary(max_size=40), st.binary(min_size=16, max_size=16), st.integers(0, MAX_NUMBER))
def test_what_is_written_is_read(raw: bytes, identifier: bytes, number: int) -> None:
    body = json.dumps({"raw": b64e(raw), "id": hex_id(identifier), "number": number, "is": True}, indent=1)
    read = wire.fields(wire.read_object(body.encode()), "id", "raw", "number", "is")
    assert wire.identifier(read[0]) == identifier and wire.octets(read[1], len(raw)) == raw
    assert wire.number(read[2]) == number and wire.flag(read[3])
    with pytest.raises(Malformed):
        wire.octets(read[1], len(raw) + 1)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda value: wire.fields(value, "a"), {}),
        (lambda value: wire.fields(value, "a"), {"a": 1, "b": 2}),
        (lambda value: wire.fields(value, "a"), [["a", 1]]),
        (wire.text, b"a"),
        (wire.identifier, "AB" * 16),
        (wire.identifier, "ab" * 15),
        (lambda value: wire.identifiers(value, 2), ["ab" * 16, "ab" * 16]),
        (lambda value: wire.identifiers(value, 1), ["ab" * 16, "cd" * 16]),
        (wire.octets, "YQ=="),
        (wire.octets, "a"),
        (lambda value: wire.octets(value, 2), "YQ"),
        (wire.number, True),
        (wire.number, -1),
        (wire.number, MAX_NUMBER + 1),
        (wire.number, 1.0),
        (lambda value: wire.number(value, 1, 9), 10),
        (wire.flag, 1),
        (wire.items, ()),
        (lambda value: wire.items(value, 1), [1, 2]),
    ],
)
def test_what_is_not_exactly_so_is_malformed(read: Callable[[Any], object], value: object) -> None:
    with pytest.raises(Malformed):
        read(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b'"a"', b'{"a":1,"a":1}', b'{"a":1.0}', b'{"a":NaN}', b'{"a":1e2}', b"\xff",
        b'{"a":"\\ud800"}', b'{"a":9007199254740992}', b"[" * 100_000, b'{"a":' * 17 + b"1" + b"}" * 17,
        b'{"a":1} x', "\ufeff{}".encode(), '{"a":"か\u3099"}'.encode(), b'{"a":"\\r"}',
    ],
)  # fmt: skip
def test_an_object_that_canonical_json_can_not_hold_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        wire.read_object(raw)


def test_an_object_may_be_spelt_as_browsers_spell_it() -> None:
    assert wire.read_object(b' { "b" : "\\u3042", "a" : 1 } ') == {"a": 1, "b": "あ"}


class Row(NamedTuple):
    sequence: int = 1
    status: str = "investigating"
    day: date = date(2026, 11, 27)
    author: bytes = bytes(16)
    sig: bytes = bytes(64)
    act_sig: bytes = bytes(64)


def test_a_status_is_told_with_all_that_checks_it() -> None:
    read = wire.fields(wire.status_fields(Row()), "sequence", "status", "day", "author", "sig", "act_sig")
    assert read[:4] == [1, "investigating", "2026-11-27", "0" * 32]
    assert [wire.octets(text, 64) for text in read[4:]] == [bytes(64)] * 2
