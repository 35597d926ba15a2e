"""Own keys without a lead's word: two that work, five within a year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.own_keys import own_limit

TODAY = date(2028, 3, 1)


@pytest.mark.parametrize(
    ("ages", "working", "limit"),
    [
        ([], 0, ""),
        ([0], 1, ""),
        ([0, 0], 2, "own_keys"),
        ([900, 800, 0], 2, "own_keys"),
        ([0, 0, 0, 0], 1, ""),
        ([0, 0, 0, 0, 0], 1, "own_cards"),
        ([364, 9, 8, 7, 6], 1, "own_cards"),
        ([365, 9, 8, 7, 6], 1, ""),
        ([365] * 40, 0, ""),
    ],
)
def test_own_limit(ages: list[int], working: int, limit: str) -> None:
    keys = [(TODAY - timedelta(days=age), place < working) for place, age in enumerate(ages)]
    assert own_limit(keys, TODAY) == limit
