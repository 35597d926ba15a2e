"""A search by a part of the number, a day, a month or a person, and inside what the list shows."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.local.places import QueryPlaces, days_of, named_in
from tests.desk.browser import Browser
from tests.desk.case_forms import write
from tests.desk.test_inbox import rows
from tests.desk.test_search import search
from tests.desk.world import World

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-27", ("2026-11-27", "2026-11-27")),
        ("2026/1/5", ("2026-01-05", "2026-01-05")),
        ("2026年11月27日", ("2026-11-27", "2026-11-27")),
        ("11/27", ("2026-11-27", "2026-11-27")),
        ("11月28日", ("2025-11-28", "2025-11-28")),
        ("2月29日", ("2024-02-29", "2024-02-29")),
        ("2026年2月", ("2026-02-01", "2026-02-28")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("12月", ("2025-12-01", "2025-12-31")),
        ("11月", ("2026-11-01", "2026-11-30")),
        ("13月", ("", "")),
        ("2/30", ("", "")),
        ("0/1", ("", "")),
        ("1/0", ("", "")),
        ("0000-01-01", ("", "")),
        ("名簿", ("", "")),
        ("", ("", "")),
    ],
)
def test_days_as_people_write_them(text: str, days: tuple[str, str]) -> None:
    assert days_of(text, TODAY) == days


@given(st.text(max_size=20))
def test_any_text_names_something_or_nothing(text: str) -> None:
    assert isinstance(named_in(text, TODAY, [(b"a" * 16, "佐藤")]), QueryPlaces)


@pytest.mark.parametrize(
    ("query", "part"),
    [("5B80", "5b80"), ("b80-e2", "b80e2"), ("ｅ２３８", "e238"), ("fade", ""), ("名簿", "")],
)
def test_a_part_of_a_number_has_a_digit(query: str, part: str) -> None:
    assert named_in(query, TODAY, []).part == part


def test_a_case_is_found_by_its_number_its_day_and_its_owner(world: World, browser: Browser) -> None:
    sent, other = world.report(what_happened="紛失"), world.report(what_happened="攻撃")
    browser.get()
    card = world.auditors[1].card
    write(browser, sent.case_id, "owner", owner=card.person.hex())
    number = f"{sent.case_id.hex()[:4]}-{sent.case_id.hex()[4:8]}"
    for query in (number[3:7], number[2:6], card.name["ja"], card.name["en"].upper()):
        shown = [row.split()[0] for row in rows(search(browser, query))]
        assert "紛失" in shown, query
    assert "攻撃" not in [row.split()[0] for row in rows(search(browser, card.name["ja"]))]
    day = f"{world.day.month}月{world.day.day}日"
    assert sorted(row.split()[0] for row in rows(search(browser, day))) == ["攻撃", "紛失"]
    assert other.case_id.hex() not in search(browser, day).html


def test_a_search_stays_in_what_the_list_shows(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="名簿の紛失", cause="loss")
    world.report(what_happened="名簿への攻撃", cause="attack")
    browser.get()
    write(browser, sent.case_id, "severity", severity="high")
    page = browser.get("?severity=high")
    found = browser.post("search", page.fields("/search") | {"words": "名簿"})
    assert [row.split()[0] for row in rows(found)] == ["名簿の紛失"]
    assert len(rows(search(browser, "名簿"))) == 2


def test_who_is_excluded_finds_nothing_by_day_or_number(world: World) -> None:
    sent = world.report([world.auditors[1].card.person], what_happened="秘密")
    browser = Browser(world.desk(1))
    browser.get()
    for query in (sent.case_id.hex()[:4] + "0", sent.case_id.hex()[:3], f"{world.day.month}月"):
        assert rows(search(browser, query)) == []
