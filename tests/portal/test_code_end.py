"""The receipt without scripts: the browser itself compares the end of the code."""

from __future__ import annotations

import re

import pytest

from crypto.key_errors import BadReceiptCode
from crypto.receipt import ALPHABET, format_code, new_code, parse_code
from portal.pages.code_end import GROUP, end_pattern

CODE = "K7Q29M4XTB8V3HNE0R1W"


@pytest.mark.parametrize(
    "typed",
    [
        "0R1W",
        "0r1w",
        "OriW",
        "oRlw",
        "０Ｒ１Ｗ",
        "ｏｒｌｗ",
        "0 R-1 w ",
        "3HNE-0R1W",
        format_code(CODE),
        CODE.lower(),
    ],
)
def test_the_end_fits_as_people_type_it(typed: str) -> None:
    assert re.fullmatch(end_pattern(CODE), typed)


@pytest.mark.parametrize("typed", ["", "R1W", "0R1", "0R1V", "W1R0", "0R1WX", "K7Q2", "3HNE"])
def test_nothing_else_fits(typed: str) -> None:
    assert not re.fullmatch(end_pattern(CODE), typed)


def test_every_symbol_fits_in_each_spelling_that_the_code_is_read_in() -> None:
    for symbol in ALPHABET:
        pattern = end_pattern("0" * 16 + symbol * GROUP)
        spellings = [
            chr(at) for at in [*range(0x21, 0x7F), *range(0xFF01, 0xFF5F)] if _reads_as(chr(at), symbol)
        ]
        assert len(spellings) >= 2
        for spelling in spellings:
            assert re.fullmatch(pattern, spelling * GROUP), spelling


def _reads_as(spelling: str, symbol: str) -> bool:
    code = new_code()
    while symbol not in code:
        code = new_code()
    try:
        return parse_code(code.replace(symbol, spelling, 1)) == code
    except BadReceiptCode:
        return False
