"""The tokens in forms: bound, dated, and nothing to anybody else."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

import pytest

from crypto.encoding import b64d, b64e
from crypto.listing import Prefix
from crypto.receipt import from_root
from portal.forms import tokens

KEY, INDEX, TODAY = b"k" * 32, b"i" * 16, date(2026, 11, 23)


def test_form_token_says_day_and_nonce() -> None:
    token = tokens.new_form_token(TODAY)
    text = tokens.write_form_token(KEY, INDEX, token)
    assert tokens.read_form_token(KEY, INDEX, text) == token and len(token.nonce) == 16


@pytest.mark.parametrize(("key", "index"), [(b"x" * 32, INDEX), (KEY, b"x" * 16)])
def test_form_token_is_bound_to_site_and_code(key: bytes, index: bytes) -> None:
    text = tokens.write_form_token(KEY, INDEX, tokens.new_form_token(TODAY))
    with pytest.raises(tokens.BadToken):
        tokens.read_form_token(key, index, text)


@pytest.mark.parametrize("text", ["", ".", "a.b", "W10.x", "\ud800", "é" * 10, "A" * 9999])
def test_what_is_no_form_token(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read_form_token(KEY, INDEX, text)


@pytest.mark.parametrize("packed", [b"", b"x" * 55, b"x" * 57, bytes(56), b"\xff" * 56])
def test_authentic_nonsense_is_no_form_token(packed: bytes) -> None:
    text = b64e(packed + tokens._form_mac(KEY, INDEX, packed))
    with pytest.raises(tokens.BadToken):
        tokens.read_form_token(KEY, INDEX, text)


def test_form_token_can_not_be_changed_in_any_bit() -> None:
    shown = Prefix(3, b"d" * 32)
    raw = b64d(tokens.write_form_token(KEY, INDEX, tokens.new_form_token(TODAY, shown)))
    assert tokens.read_form_token(KEY, INDEX, b64e(raw)).shown == shown
    flipped = [bytearray(raw) for _ in range(8 * len(raw))]
    for bit, changed in enumerate(flipped):
        changed[bit // 8] ^= 1 << bit % 8
    for other in (*map(bytes, flipped), raw[:-1], raw + b"x", raw[1:]):
        with pytest.raises(tokens.BadToken):
            tokens.read_form_token(KEY, INDEX, b64e(other))


@pytest.mark.parametrize(("days", "stale"), [(0, False), (3, False), (4, True), (-1, False), (-2, True)])
def test_form_token_is_good_for_three_days(days: int, stale: bool) -> None:
    assert tokens.FormToken(TODAY, bytes(16)).is_stale(TODAY + timedelta(days=days)) is stale


def test_status_token_holds_the_root_and_shows_nothing() -> None:
    root = secrets.token_bytes(32)
    token = tokens.new_status_token(from_root(root))
    text = tokens.write_status_token(KEY, token, 1000.0)
    assert tokens.read_status_token(KEY, text, 1000.0) == token
    assert text != tokens.write_status_token(KEY, token, 1000.0)
    assert repr(root) not in repr(token) and root.hex() not in repr(token)


@pytest.mark.parametrize(("later", "good"), [(0, True), (900, True), (901, False), (-60, True), (-61, False)])
def test_status_token_dies_idle(later: int, good: bool) -> None:
    text = tokens.write_status_token(KEY, tokens.new_status_token(from_root(bytes(32))), 5000)
    if good:
        assert tokens.read_status_token(KEY, text, 5000 + later).root == bytes(32)
    else:
        with pytest.raises(tokens.ExpiredToken):
            tokens.read_status_token(KEY, text, 5000 + later)


def test_status_token_can_be_neither_changed_nor_taken_elsewhere() -> None:
    text = tokens.write_status_token(KEY, tokens.new_status_token(from_root(bytes(32))), 5000)
    changed = ("B" if text.startswith("A") else "A") + text[1:]
    for other in (text[:-1], text + "A", changed, text.swapcase(), "", "é"):
        with pytest.raises(tokens.BadToken):
            tokens.read_status_token(KEY, other, 5000)
    with pytest.raises(tokens.BadToken):
        tokens.read_status_token(b"x" * 32, text, 5000)
