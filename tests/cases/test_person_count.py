"""A number of persons as a reporter writes it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import person_count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", None),
        ("　 ", None),
        ("0", 0),
        ("2400", 2400),
        ("2,400", 2400),
        ("約2,400人", 2400),
        ("２，４００名", 2400),
        ("およそ２４００人分", 2400),
        ("2、400 件", 2400),
        ("3200人以上", 3200),
        ("1万人", 10_000),
        ("1万2千人", 12_000),
        ("1万2,400人", 12_400),
        ("2.4万件", 24_000),
        ("二千四百人", 2400),
        ("十五人", 15),
        ("二四〇〇名", 2400),
        ("3億1万5", 300_010_005),
        ("about 2,400 people", 2400),
        ("approx. 150 customers", 150),
        ("約1,000人ほど", 1000),
    ],
)
def test_what_people_write_is_read(text: str, number: int | None) -> None:
    assert person_count.read(text) == number


@pytest.mark.parametrize(
    "text",
    ["many", "約", "人", "2,4", "2,4000", "12,34,567", "100〜200人", "100-200", "1.5人", "-3", "1e3", "2400?", "万",
     "数百人", "2400人と3社", "٣٢٠٠", "1" * 41, "千千", "1,000,00"],
)  # fmt: skip
def test_what_is_no_one_number_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"number"):
        person_count.read(text)


@given(st.integers(0, 10**10), st.sampled_from(["{}", "約{}人", "{:,}", "およそ{:,}名", "about {:,} people"]))
def test_every_number_comes_back(number: int, form: str) -> None:
    assert person_count.read(form.format(number)) == number


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert (person_count.read(text) or 0) >= 0
