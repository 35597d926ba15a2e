"""Receipt codes: written, read with slips, derived from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors, key_errors
from crypto.receipt import ALPHABET, Receipt, derive, format_code, from_root, index_of, new_code, parse_code
from tests.crypto.strategies import PLAIN

SALT = bytes(16)
codes = st.builds(lambda _seed: new_code(), st.integers())
FULL_WIDTH = {ord(symbol): chr(ord(symbol) + 0xFEE0) for symbol in ALPHABET + "-"}


@PLAIN
@given(codes)
def test_a_code_comes_back_however_it_is_typed(code: str) -> None:
    shown = format_code(code)
    assert len(shown) == 24
    for typed in (shown, code, shown.lower(), shown.translate(FULL_WIDTH), f" {shown} ".replace("-", " ")):
        assert parse_code(typed) == code
    assert parse_code(code.replace("0", "o").replace("1", "l")) == code


@PLAIN
@given(codes, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(code: str, place: int, symbol: str) -> None:
    typed = code[:place] + symbol + code[place + 1 :]
    if typed != code:
        with pytest.raises(key_errors.CodeCheck):
            parse_code(typed)


@PLAIN
@given(codes, st.integers(0, 18))
def test_two_neighbours_changed_are_noticed_unless_they_are_0_and_z(code: str, place: int) -> None:
    first, second = code[place], code[place + 1]
    typed = code[:place] + second + first + code[place + 2 :]
    if first != second and {first, second} != {"0", "Z"}:
        with pytest.raises(key_errors.CodeCheck):
            parse_code(typed)


@PLAIN
@given(st.text(max_size=60))
def test_any_text_is_a_code_or_a_slip(text: str) -> None:
    try:
        code = parse_code(text)
    except (key_errors.CodeSymbol, key_errors.CodeLength, key_errors.CodeCheck):
        return
    assert parse_code(code) == code


def test_codes_use_every_symbol_and_none_comes_twice() -> None:
    made = [new_code() for _ in range(500)]
    assert len(set(made)) == 500
    assert set("".join(made)) == set(ALPHABET)


@pytest.mark.parametrize(
    "code", ["", "K7Q2-9M4X-TB8V-3HNE-5RW0", "K7Q29M4XTB8V3HNE5RW1", "k7q29m4xtb8v3hne5rw0"]
)
def test_only_a_code_that_was_parsed_derives(code: str) -> None:
    with pytest.raises(errors.MisuseError):
        derive(code, SALT)


def test_a_root_gives_what_its_code_gives() -> None:
    found = derive(new_code(), SALT)
    assert from_root(found.root) == found
    assert index_of(found.lookup_id) == found.index


def test_two_codes_share_nothing() -> None:
    one, other = (vars(derive(new_code(), SALT)) for _ in range(2))
    assert all(one[name] != other[name] for name in one)


def test_a_receipt_shows_nothing_of_itself() -> None:
    found = derive(new_code(), SALT)
    assert isinstance(found, Receipt)
    assert found.root.hex() not in repr(found) and "root" not in repr(found)
