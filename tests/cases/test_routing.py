"""The right door: worked cases with the article behind each, and what holds for every answer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import law, routing
from cases.contacts import contact, contacts
from cases.routing import Answers, Condition, Door, RoutingError, answers_from, limits, route, text

CASES = tomllib.loads((Path(__file__).parent / "data" / "worked_cases.toml").read_text("utf-8"))["case"]
RULES = {rule.id: rule for rule in law.law().rules}
SIGN = {"yes": "+", "no": "-", "unknown": "?"}
BEFORE, AFTER = date(2026, 11, 30), date(2026, 12, 1)


def signed(doors: tuple[Door, ...]) -> str:
    return " ".join(one.kind + (SIGN[one.protection.answer] if one.protection else "") for one in doors)


def deciding(door: Door) -> Iterator[Condition]:
    """The conditions that are met, of a "yes"; those in the way, of the rest."""
    assert door.protection is not None
    for one in door.conditions:
        if door.protection.answer == "yes":
            if one.status == "met" or one.id in door.protection.provided:
                yield one
        elif one.id in door.protection.missing:
            yield one


def article(one: Condition) -> str:
    return one.article["ja"].removeprefix("公益通報者保護法 ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_case(case: dict[str, Any]) -> None:
    doors = route(answers_from(case["answers"]), case["day"], case["designated"], contacts())
    assert signed(doors) == case["doors"]
    legal = {one.kind: list(deciding(one)) for one in doors if one.protection is not None}
    assert {kind: list(dict.fromkeys(map(article, found))) for kind, found in legal.items()} == case[
        "articles"
    ]
    behind = {fact for found in legal.values() for one in found for fact in RULES[one.rule].facts}
    assert sorted(behind) == case["facts"]


def test_there_are_enough_worked_cases_and_they_reach_everybody() -> None:
    assert len(CASES) >= 60 and len({case["id"] for case in CASES}) == len(CASES)
    assert {case["answers"].get("who_am_i") for case in CASES} == {None, *routing.WHO}
    assert {case["answers"].get("about") for case in CASES} == {None, *routing.ABOUT}
    assert {case["designated"] for case in CASES} == {True, False}
    assert any(case["day"] < AFTER for case in CASES) and any(case["day"] >= AFTER for case in CASES)


def maybe(values: tuple[object, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


ANSWERS = st.builds(
    Answers,
    who_am_i=maybe(routing.WHO),
    about=maybe(routing.ABOUT),
    to_show=maybe(routing.TO_SHOW),
    give_name=maybe((True, False)),
    told_company=maybe(routing.TOLD),
    told_day=st.none() | st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    told_in_writing=maybe((True, False)),
    notice_of_investigation=maybe((True, False)),
    fears=st.frozensets(st.sampled_from(routing.FEARS)),
    asked_to_keep_silent=maybe((True, False)),
    in_danger=maybe((True, False)),
)
DAYS = st.dates(date(2026, 6, 1), date(2028, 12, 31))


def by_kind(doors: tuple[Door, ...]) -> dict[str, Door]:
    return {one.kind: one for one in doors}


@given(ANSWERS, DAYS, st.booleans())
def test_there_is_always_a_door_and_the_agency_is_among_them(said: Answers, day: date, line: bool) -> None:
    doors = route(said, day, line, contacts())
    assert len(doors) == len(by_kind(doors)) >= 5
    assert by_kind(doors)["agency"].contact_ids == ("caa_consult_dial",)
    assert {"inside", "authority", "others", "lawyer"} <= set(by_kind(doors))


@given(ANSWERS, DAYS, st.booleans())
def test_danger_puts_emergency_and_police_first(said: Answers, day: date, line: bool) -> None:
    doors = route(said, day, line, contacts())
    if said.in_danger:
        assert [one.kind for one in doors[:2]] == ["emergency", "police"]
        assert doors[0].contact_ids == ("emergency",) and "police_9110" in doors[1].contact_ids
    else:
        assert "emergency" not in by_kind(doors)


@given(ANSWERS, DAYS, st.booleans())
def test_only_checked_doors_are_named(said: Answers, day: date, line: bool) -> None:
    named = [contact(name) for one in route(said, day, line, contacts()) for name in one.contact_ids]
    for found in named:
        assert found.confidence in ("verified_official_text", "partly_verified", "secondary")
        assert "239-743" not in repr(found) and "0120239743" not in repr(found)
        assert found.source_url or found.source_note is not None


@given(ANSWERS, DAYS, st.booleans())
def test_every_condition_stands_on_a_rule_of_the_day(said: Answers, day: date, line: bool) -> None:
    for door in route(said, day, line, contacts()):
        for one in door.conditions:
            rule = RULES[one.rule]
            assert rule.holds_on(day) and rule.article == one.article
            assert rule.confidence in law.CONFIDENCES


@given(ANSWERS, DAYS, st.booleans())
def test_directors_never_get_the_name_or_the_20_days(said: Answers, day: date, line: bool) -> None:
    if said.who_am_i != "director":
        return
    doors = by_kind(route(said, day, line, contacts()))
    found = {one.id: one.status for one in doors["others"].conditions}
    assert found["gateway_name"] == found["gateway_days"] == "not_met"
    assert "effort" in found and "document" not in {one.id for one in doors["authority"].conditions}
    if said.told_company == "no" and said.in_danger is False:
        assert doors["authority"].protection == routing.Protection("no", protection_missing(doors))


def protection_missing(doors: dict[str, Door]) -> tuple[str, ...]:
    return tuple(one.id for one in doors["authority"].conditions if one.status == "not_met")


@given(ANSWERS, DAYS, st.booleans())
def test_freelancers_are_protected_from_the_day_of_the_change_on(
    said: Answers, day: date, line: bool
) -> None:
    if said.who_am_i != "freelancer":
        return
    for door in route(said, day, line, contacts()):
        if door.protection is not None and day < AFTER:
            assert door.protection.answer == "no" and "who" in door.protection.missing
            assert "limit_freelancer" in door.notes
        if door.protection is not None and day >= AFTER:
            assert "who" not in door.protection.missing or "transition" in door.notes


@given(ANSWERS, DAYS)
def test_a_line_that_is_not_designated_is_outside(said: Answers, day: date) -> None:
    doors = by_kind(route(said, day, False, contacts()))
    inside = doors["inside"]
    assert inside.category == "others" and inside.why == "why_inside_not_designated"
    # As the others outside, and never sure: whether this line is a fitting recipient is open.
    assert [one.id for one in inside.conditions[1:]] == [one.id for one in doors["others"].conditions]
    assert inside.protection is not None and inside.protection.answer != "yes"
    assert "limit_not_designated" in limits(said, day, False)
    if said.told_company == "this_line":
        found = {one.id: one.status for one in doors["others"].conditions}
        assert found["gateway_days"] == "not_met"


@given(ANSWERS, DAYS, st.booleans())
def test_what_was_skipped_is_never_met(said: Answers, day: date, line: bool) -> None:
    doors = by_kind(route(said, day, line, contacts()))
    others = {one.id: one.status for one in doors["others"].conditions}
    if said.to_show is None:
        assert others["grounds"] == "unknown"
    if said.who_am_i is None:
        assert others["who"] == "unknown"
        assert all(one.protection is None or one.protection.answer != "yes" for one in doors.values())
    if said.in_danger is None:
        assert others["gateway_danger"] != "met"


@given(ANSWERS, DAYS, st.booleans())
def test_a_yes_has_no_open_condition_and_a_no_has_one_in_the_way(
    said: Answers, day: date, line: bool
) -> None:
    for door in route(said, day, line, contacts()):
        if door.protection is None:
            assert door.category == "" and door.conditions == ()
        elif door.protection.answer == "yes":
            assert door.protection.missing == ()
        else:
            assert door.protection.missing and door.protection.provided == ()


@given(ANSWERS, DAYS, st.booleans())
def test_every_sentence_of_an_answer_is_there(said: Answers, day: date, line: bool) -> None:
    for door in route(said, day, line, contacts()):
        ids = [door.why, door.say, door.does_not, door.anonymous, *door.notes]
        ids += [f"cond_{one.id}" for one in door.conditions]
        for name in ids:
            assert set(text(name)) >= set(law.LANGUAGES)
    for name in limits(said, day, line):
        assert text(name)["ja"] and text(name)["en"]


def test_every_question_and_choice_has_its_words() -> None:
    for name in routing.QUESTIONS:
        assert text(f"question_{name}")["ja"]
        for choice in routing.choices(name):
            assert text(f"choice_{name}_{choice}")["en"]
    assert routing.choices("in_danger") == () and routing.choices("fears") == routing.FEARS


def test_the_sentences_are_calm_and_hold_no_number() -> None:
    for name, words in routing.texts().items():
        for sentence in words.values():
            assert "!" not in sentence and "！" not in sentence and "\n" not in sentence, name
            assert not re.search(r"0[0-9]{1,3}-[0-9]{2,4}-[0-9]{3,4}|#9110", sentence), name
        assert not [c for c in words["en"] if ord(c) > 0x2FFF and c not in "イロハニホヘ号"], name


def test_no_sentence_is_left_over() -> None:
    used = {"why_own", "say_own", "not_own", "anon_own"}  # named when the operator has own contacts
    for case in CASES:
        said, day, line = answers_from(case["answers"]), case["day"], case["designated"]
        used |= set(limits(said, day, line))
        for door in route(said, day, line, contacts()):
            used |= {door.why, door.say, door.does_not, door.anonymous, *door.notes}
            used |= {f"cond_{one.id}" for one in door.conditions}
    families = {"why", "say", "not", "anon", "cond", "limit", "note"}
    there = {name for name in routing.texts() if name.partition("_")[0] in families}
    assert there == used - {"transition"}


@pytest.mark.parametrize(
    ("given_name", "shown", "expected"),
    [(None, None, True), (False, "documents", True), (True, "documents", False)],
)
def test_the_limits_say_where_the_law_protects_less(
    given_name: bool | None, shown: str | None, expected: bool
) -> None:
    found = limits(Answers(give_name=given_name, to_show=shown), BEFORE, True)
    assert ("limit_anonymous_authority" in found) is expected
    assert found[0] == "limit_not_advice" and "limit_documents" in found
    assert ("limit_belief_only" in found) is (shown is None)


def test_a_case_that_spans_the_change_is_sent_to_a_lawyer() -> None:
    said = Answers(told_company="this_line", told_day=BEFORE)
    assert "transition" in limits(said, AFTER, True) and "transition" not in limits(said, BEFORE, True)
    assert "弁護士" in text("transition")["ja"]
    assert all("transition" in door.notes for door in route(said, AFTER, True, contacts()) if door.conditions)


def test_a_door_past_its_day_is_not_named_but_the_needed_ones_stay() -> None:
    from dataclasses import replace

    old = tuple(replace(one, valid_to=BEFORE) for one in contacts())
    doors = by_kind(route(Answers(in_danger=True), AFTER, True, old))
    assert doors["agency"].contact_ids == ("caa_consult_dial",)
    assert doors["emergency"].contact_ids == ("emergency",)
    assert doors["authority"].contact_ids == ("ppc_whistleblow",)
    assert doors["lawyer"].contact_ids == ()


def test_the_operators_own_contacts_are_a_door_of_their_own() -> None:
    from dataclasses import replace

    own = replace(contact("aichi_bar"), id="own_counsel")
    doors = by_kind(route(Answers(), BEFORE, True, (*contacts(), own)))
    assert doors["own"].contact_ids == ("own_counsel",) and doors["own"].protection is None
    assert "own_counsel" not in doors["lawyer"].contact_ids
    assert "own" not in by_kind(route(Answers(), BEFORE, True, contacts()))


@pytest.mark.parametrize(
    "given_answers",
    [
        {"who_am_i": "king"},
        {"about": ""},
        {"give_name": "yes"},
        {"told_day": "2026-11-01"},
        {"fears": "name"},
        {"fears": ["dark"]},
        {"fears": 3},
        {"shoe_size": 42},
    ],
)
def test_other_answers_are_refused_without_being_quoted(given_answers: dict[str, Any]) -> None:
    with pytest.raises(RoutingError) as refused:
        answers_from(given_answers)
    assert "king" not in str(refused.value) and "42" not in str(refused.value)


def test_a_day_without_law_and_missing_doors_are_refused() -> None:
    with pytest.raises(RoutingError, match="law of that day"):
        route(Answers(), routing.FIRST_DAY - timedelta(days=1), True, contacts())
    assert route(Answers(about="concealed_leak"), routing.FIRST_DAY, True, contacts())
    with pytest.raises(RoutingError, match="always needed"):
        route(Answers(), BEFORE, True, contacts()[1:])


@pytest.mark.parametrize(
    "broken", ["x = 3", '[x]\nja = "あ"', '[x]\nja = "あ"\nen = " "', "[x", '[x]\nja="a"\nen="a"\nfr="a"']
)
def test_texts_that_are_not_whole_do_not_load(broken: str) -> None:
    with pytest.raises(RoutingError):
        routing.parse_texts(broken)
