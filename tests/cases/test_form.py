"""The form's rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.form import (
    CAUSES,
    MAX_TEXT,
    PROBLEM_CODES,
    REPORT_FIELDS,
    Problem,
    clean,
    clean_text,
    validate,
    validate_message,
)

ANN, BEN = "a1" * 16, "b2" * 16
PERSONS = {ANN, BEN}


def test_the_fields_are_those_of_the_form() -> None:
    assert REPORT_FIELDS == (
        "what_happened", "when", "noticed", "where", "who", "personal_data", "how_many", "cause",
        "how_often", "witnesses", "wishes", "amount", "books", "gain", "rule", "danger", "why",
        "concealment", "concealed_by", "told_whom", "evidence",
    )  # fmt: skip
    assert CAUSES == ("loss", "misconfiguration", "attack", "insider", "unknown")


@pytest.mark.parametrize("cause", ["", *CAUSES])
def test_one_answer_is_enough(cause: str) -> None:
    assert validate({"what_happened": "名簿がなくなりました。", "cause": cause}, [], PERSONS) == []


@pytest.mark.parametrize("blank", ["", " ", "\r\n\t", "　　", "\x00\x1b"])
def test_what_happened_is_required(blank: str) -> None:
    assert validate({"what_happened": blank}, [], PERSONS) == [Problem("what_happened", "required")]
    assert validate({}, [], PERSONS) == [Problem("what_happened", "required")]


def test_all_answers_together_have_one_limit() -> None:
    half = "あ" * (MAX_TEXT // 2)
    assert validate({"what_happened": half, "evidence": half}, [], PERSONS) == []
    too_much = {"what_happened": half, "evidence": half + "い"}
    assert validate(too_much, [], PERSONS) == [Problem("evidence", "too_long")]


def test_a_line_break_counts_once_however_it_is_sent() -> None:
    assert validate({"what_happened": "a" + "\r\n" * (MAX_TEXT - 1)}, [], PERSONS) == []
    assert validate({"what_happened": "a" + "\r\n" * MAX_TEXT}, [], PERSONS) == [
        Problem("what_happened", "too_long")
    ]


@pytest.mark.parametrize("cause", ["Loss", "loss ", "fire", "loss\nattack"])
def test_a_cause_is_one_of_the_choices(cause: str) -> None:
    assert validate({"what_happened": "x", "cause": cause}, [], PERSONS) == [Problem("cause", "not_a_choice")]


@pytest.mark.parametrize("field", REPORT_FIELDS)
@pytest.mark.parametrize("damage", ["\ufffd", chr(0xD800)])
def test_bytes_that_were_no_text_are_told(field: str, damage: str) -> None:
    answers = {"what_happened": "x"} | {field: f"名簿{damage}"}
    # A choice cannot be written again.
    code = "not_a_choice" if field == "cause" else "unreadable"
    assert validate(answers, [], PERSONS) == [Problem(field, code)]


def test_a_field_that_is_none_of_ours_is_told_without_repeating_it() -> None:
    assert validate({"what_happened": "x", "<script>": "y"}, [], PERSONS) == [Problem("", "unknown_field")]


@pytest.mark.parametrize(
    ("exclude", "code"),
    [
        ([ANN.upper()], "bad_id"),
        ([ANN[:-1]], "bad_id"),
        ([ANN + "\n"], "bad_id"),
        ([""], "bad_id"),
        (["../" + "a" * 29], "bad_id"),
        ([ANN, "c3" * 16], "unknown_person"),
        ([ANN, BEN], "nobody_left"),
        ([BEN, ANN, ANN], "nobody_left"),
    ],
)
def test_a_wrong_choice_of_readers_is_told(exclude: list[str], code: str) -> None:
    assert validate({"what_happened": "x"}, exclude, PERSONS) == [Problem("exclude", code)]


@pytest.mark.parametrize("exclude", [[], [ANN], [BEN, BEN]])
def test_some_readers_may_be_excluded(exclude: list[str]) -> None:
    assert validate({"what_happened": "x"}, exclude, PERSONS) == []


def test_problems_come_in_the_order_of_the_page() -> None:
    answers = {"cause": "fire", "who": "\ufffd", "zzz": ""}
    problems = validate(answers, ["x"], PERSONS)
    assert [problem.field for problem in problems] == ["", "what_happened", "who", "cause", "exclude"]
    assert {problem.code for problem in problems} <= set(PROBLEM_CODES)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一行目\r\n二行目\r三行目\n", "一行目\n二行目\n三行目\n"),
        ("word\vword\fpage\x85line", "word\nword\npage\nline"),
        ("a\x00b\x1bc\x7fd\x9fe\x08f", "abcdef"),
        ("a\tb", "a\tb"),
        ("👩‍👧 が\u3099 ｶﾞ", "👩‍👧 が\u3099 ｶﾞ"),
    ],
)
def test_line_breaks_become_one_and_control_characters_go(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not any(ord(char) < 32 and char not in "\t\n" for char in once)


def test_clean_keeps_order_and_leaves_out_what_is_empty() -> None:
    typed = {"evidence": "mail\r\n", "where": "　", "what_happened": "x", "other": "y", "who": ""}
    assert clean(typed) == {"what_happened": "x", "evidence": "mail\n"}
    assert list(clean(typed)) == ["what_happened", "evidence"]


@given(
    st.dictionaries(st.sampled_from(REPORT_FIELDS) | st.text(), st.text()), st.lists(st.text() | st.just(ANN))
)
def test_nothing_that_can_be_sent_breaks_the_check(answers: dict[str, str], exclude: list[str]) -> None:
    for problem in validate(answers, exclude, PERSONS):
        assert problem.code in PROBLEM_CODES
        assert problem.field in ("", "exclude", *REPORT_FIELDS)


@given(st.dictionaries(st.sampled_from(REPORT_FIELDS), st.text()))
def test_cleaned_answers_are_as_right_or_wrong_as_typed_ones(answers: dict[str, str]) -> None:
    assert validate(answers, [], PERSONS) == validate(clean(answers), [], PERSONS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("はい", []),
        ("", ["required"]),
        (" 　\r\n", ["required"]),
        ("あ" * MAX_TEXT, []),
        ("あ" * (MAX_TEXT + 1), ["too_long"]),
        ("x\ufffd", ["unreadable"]),
    ],
)
def test_a_message_has_rules_too(text: str, codes: list[str]) -> None:
    assert validate_message(text) == [Problem("message", code) for code in codes]
