"""The law by date: sourced, dated, in both languages, and switched at midnight in Japan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from cases import law
from cases.days import today_jst
from cases.law import DATA_LANGUAGES, LawError, Rule, parse_law
from portal.labels import furigana

LAST, FIRST = date(2026, 11, 30), date(2026, 12, 1)
RAW = files("cases.data").joinpath("law.toml").read_text(encoding="utf-8")

# What the confidence table keeps off every page.
NEVER_SHOWN = {"amend_transition", "guideline_20days", "seed_phone"}


@pytest.mark.parametrize("rule", law.law().rules, ids=lambda rule: rule.id)
def test_every_rule_is_sourced_and_dated(rule: Rule) -> None:
    assert rule.facts and not NEVER_SHOWN & set(rule.facts)
    assert rule.source_url or rule.confidence == "secondary"
    assert rule.checked in (date(2026, 11, 23), date(2026, 11, 27)) and rule.review_by > rule.checked
    for words in (rule.article, rule.text, rule.source):
        assert set(words) == {*DATA_LANGUAGES, law.EASY}
        for sentence in words.values():
            assert sentence == sentence.strip() and "\n" not in sentence
    assert not [char for char in rule.text["en"] if ord(char) > 0x2FFF and char not in "イロハニホヘ"]


@pytest.mark.parametrize("rule", law.law().rules, ids=lambda rule: rule.id)
def test_every_rule_is_in_plain_japanese_with_no_other_number(rule: Rule) -> None:
    plain, whole = furigana.plain(rule.text[law.EASY]), rule.text["ja"]
    assert " " in plain and plain.endswith("。") and plain != whole
    assert set(re.findall(r"[0-9][0-9,]*", plain)) <= set(re.findall(r"[0-9][0-9,]*", whole))


@pytest.mark.parametrize("rule", law.law().rules, ids=lambda rule: rule.id)
def test_the_japanese_is_polite_and_calm(rule: Rule) -> None:
    for sentence in re.sub(r"（[^（）]*）", "", rule.text["ja"]).rstrip("。").split("。"):
        assert sentence.endswith(("す", "せん", "とき")), sentence
    assert "!" not in rule.text["ja"] + rule.text["en"] and "！" not in rule.text["ja"]


def test_the_act_changes_on_the_first_of_december() -> None:
    assert [rule.id for rule in law.in_force(LAST) if rule.key == "act"] == ["act_now"]
    assert [rule.id for rule in law.in_force(FIRST) if rule.key == "act"] == ["act_next"]


def test_the_change_is_at_midnight_in_japan() -> None:
    before = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)
    assert law.rule_on("freelance", today_jst(before)) is None
    after = law.rule_on("freelance", today_jst(before + timedelta(seconds=1)))
    assert after is not None and after.id == "freelance_next"


def test_the_article_of_the_20_days_by_date() -> None:
    now, later = law.rule_on("gateway_days", LAST), law.rule_on("gateway_days", FIRST)
    assert now is not None and now.article["ja"].endswith("第3条第3号ホ")
    assert later is not None and later.article["ja"].endswith("第3条第1項第3号ホ")
    assert now.article["en"].endswith("Art. 3(iii)ホ") and later.article["en"].endswith("Art. 3(1)(iii)ホ")


def test_the_count_of_the_20_days_and_the_chain_are_marked_as_our_reading() -> None:
    reading = {rule.key for rule in law.law().rules if rule.reading}
    assert {"days_count", "concealment"} <= reading
    assert reading - {"days_count", "concealment"} == {
        "supplier_scope", "retaliation_reportable", "crime_authority",
        # What is read as going on after the change:
        "confidentiality", "agency_duties", "corrective_notice", "guideline_anonymous",
    }  # fmt: skip


def test_what_is_only_amended_is_not_in_force_before() -> None:
    new = {
        "freelance",
        "freelance_contract",
        "presumption",
        "criminal",
        "obstruction",
        "search",
        "retaliation_reportable",
    }
    assert not new & {rule.key for rule in law.in_force(LAST)}
    assert new <= {rule.key for rule in law.in_force(FIRST)}


def test_nothing_that_goes_on_vanishes_with_the_change() -> None:
    before = {rule.key for rule in law.in_force(LAST)}
    assert before <= {rule.key for rule in law.in_force(FIRST)}
    texts = {rule.key: rule.text["ja"] for rule in law.in_force(FIRST)}
    assert "300人を超える" in texts["system_duty"] and "損害賠償" in texts["no_damages"]
    assert "派遣契約" in texts["temp_contract"] and "解任" in texts["director_removal"]
    assert "漏らしてはなりません" in texts["confidentiality"]


def test_the_amended_text_was_not_read_and_no_rule_says_otherwise() -> None:
    for rule in law.in_force(FIRST):
        if rule.valid_from == FIRST and rule.key != "act":
            assert rule.confidence in ("partly_verified", "secondary"), rule.id
            assert (rule.review_by, rule.review_again) == (FIRST, date(2026, 12, 31)), rule.id
    # Which article holds a company's fine, the sources do not agree on.
    fined = [law.rule_on(key, FIRST) for key in ("criminal", "caa_powers")]
    assert all(rule and not re.search(r"2[1-4]", rule.article["en"]) for rule in fined)


def test_no_rule_in_force_says_that_something_is_still_to_come() -> None:
    for rule in law.in_force(FIRST):
        assert not re.search(r"\bwill\b", rule.text["en"]), rule.id
        assert "ようになります" not in rule.text["ja"] and "書かれます" not in rule.text["ja"], rule.id


def test_whom_presumption_and_penalty_cover_stands_in_their_text() -> None:
    for key in ("presumption", "criminal"):
        rule = law.rule_on(key, FIRST)
        assert rule is not None and "労働者" in rule.text["ja"] and "worker" in rule.text["en"]
        assert "フリーランス" in rule.text["ja"] and "フリーランス" in rule.text[law.EASY]


def test_a_key_has_at_most_one_rule_on_a_day() -> None:
    day = date(2022, 6, 1)
    while day < date(2027, 3, 1):
        keys = [rule.key for rule in law.in_force(day)]
        assert len(keys) == len(set(keys))
        day += timedelta(days=17)


def test_upcoming_names_what_begins_soon() -> None:
    assert law.upcoming(date(2026, 11, 23), 7) == ()
    soon = law.upcoming(date(2026, 11, 23), 8)
    assert {rule.valid_from for rule in soon} == {FIRST} and "freelance_next" in {rule.id for rule in soon}
    assert law.upcoming(FIRST, 365) == ()
    with pytest.raises(ValueError, match="negative"):
        law.upcoming(FIRST, -1)


def test_what_is_announced_is_new_and_not_what_goes_on() -> None:
    announced = {rule.key for rule in law.changes(LAST, 1)}
    assert {
        "act",
        "freelance",
        "presumption",
        "criminal",
        "search",
        "void_dismissal",
        "system_duty",
    } <= announced
    goes_on = {
        "purpose",
        "no_damages",
        "confidentiality",
        "gateway_days",
        "officers_effort",
        "others_grounds",
        "proof",
    }
    assert not announced & goes_on and goes_on <= {rule.key for rule in law.upcoming(LAST, 1)}
    for rule in law.changes(LAST, 1):
        # It is read before the day and after it.
        assert (
            not re.search(r"\bhas applied|\bwill\b", rule.text["en"])
            and "適用されています" not in rule.text["ja"]
        )


def test_an_unknown_key_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        law.rule_on("none", FIRST)


@pytest.mark.parametrize(
    ("first", "last", "spans"),
    [(LAST, FIRST, True), (LAST, LAST, False), (FIRST, FIRST, False), (FIRST, LAST, False)],
)
def test_a_case_that_spans_the_change(first: date, last: date, spans: bool) -> None:
    assert law.spans_change(first, last) is spans


def test_of_the_transition_only_the_lawyer_is_said() -> None:
    words = law.law().transition
    assert "弁護士" in words["ja"] and "ask a lawyer" in words["en"]
    assert law.law().change_day == FIRST


def test_what_is_due_for_review() -> None:
    assert law.due_for_review(date(2026, 11, 23)) == ()
    assert law.due_for_review(LAST) == ()
    due = {rule.id for rule in law.due_for_review(FIRST)}
    # What ended the day before needs no review.
    assert "act_next" in due and "act_now" not in due and "concealment" not in due


def test_a_rule_that_was_read_again_has_its_second_day() -> None:
    rule = law.rule_on("act", FIRST)
    assert rule is not None and rule.next_review == FIRST
    assert replace(rule, checked=FIRST).next_review == date(2026, 12, 31)


def test_no_telephone_number_stands_in_the_law() -> None:
    assert "0120" not in RAW and "239-743" not in RAW


ONE = """
[transition]
day = 2026-12-01
ja = "弁護士に"
en = "ask a lawyer"

[[rule]]
id = "x"
key = "k"
facts = ["f"]
confidence = "partly_verified"
valid_from = 2022-06-01
source_url = ["https://laws.e-gov.go.jp/law/1"]
source_date = 2022-06-01
checked = 2026-11-23
review_by = 2026-12-01
article = { ja = "条", en = "Art." }
text = { ja = "文", en = "text" }
source = { ja = "元", en = "source" }
"""


def test_the_sample_below_is_right() -> None:
    assert parse_law(ONE).rules[0].valid_to is None


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('id = "x"', "", "no usable id"),
        ('key = "k"', "", "no key"),
        ('key = "k"', 'key = "K k"', "no usable key"),
        ('facts = ["f"]', "facts = []", "no fact"),
        ('facts = ["f"]', "facts = [1]", "no usable facts"),
        ("partly_verified", "not_verified", "may not be shown"),
        ("valid_from = 2022-06-01", 'valid_from = "2022-06-01"', "no day"),
        ("valid_from = 2022-06-01", "valid_from = 2022-06-01\nvalid_to = 2022-05-31", "ends before"),
        ("https://laws.e-gov.go.jp/law/1", "https://mirror.example/", "official"),
        ("https://laws.e-gov.go.jp/law/1", "https://[go.jp", "official"),
        ('["https://laws.e-gov.go.jp/law/1"]', "[]", "no official source"),
        ("checked = 2026-11-23", "", "no checked"),
        ("review_by = 2026-12-01", "", "no review_by"),
        ('source = { ja = "元", en = "source" }', "", "no source"),
        (', en = "text"', "", "lacks its text"),
        ('article = { ja = "条"', 'article = { ja = " "', "lacks its article"),
        ('id = "x"', 'id = "x"\nreading = 1', "reading"),
        ('id = "x"', 'id = "x"\nphone = "0"', "not known"),
        ("day = 2026-12-01", "", "no day"),
        ("review_by = 2026-12-01", "review_by = 2026-12-01\nreview_again = 2026-12-01", "too early"),
        ("[[rule]]", "[[rules]]", "list of"),
        ("[[rule]]", "[rule", "not valid TOML"),
    ],
)
def test_a_rule_that_is_broken_does_not_load(old: str, new: str, rule: str) -> None:
    assert old in ONE
    with pytest.raises(LawError, match=rule):
        parse_law(ONE.replace(old, new, 1))


def test_two_rules_of_one_key_may_not_overlap() -> None:
    again = ONE[ONE.index("[[rule]]") :]
    with pytest.raises(LawError, match="same id"):
        parse_law(ONE + again)
    with pytest.raises(LawError, match="overlaps"):
        parse_law(ONE + again.replace('id = "x"', 'id = "y"'))
