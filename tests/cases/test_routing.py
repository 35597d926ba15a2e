"""The right channel: worked cases with the article behind each, and what holds for every answer."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import law, routing
from cases.contacts import contact, contacts
from cases.routing import Answers, Channel, RoutingError, answers_from, guidance, limits, route, text
from portal.labels import furigana

CASES = tomllib.loads((Path(__file__).parent / "data" / "worked_cases.toml").read_text("utf-8"))["case"]
RULES = {rule.id: rule for rule in law.law().rules}
SIGN = {"yes": "+", "no": "-", "unknown": "?"}
MARK = {"met": "+", "not_met": "-", "unknown": "?"}
ORDER = (
    "supplier_scope", "former_year", "void_dismissal", "temp_contract", "director_removal", "freelance_contract",
    "protection", "no_damages", "presumption", "criminal", "confidentiality", "search", "obstruction", "system_duty",
    "civil_servants",
)  # fmt: skip
BEFORE, AFTER = date(2026, 11, 30), date(2026, 12, 1)


def signed(channels: tuple[Channel, ...]) -> str:
    return " ".join(one.kind + (SIGN[one.protection.answer] if one.protection else "") for one in channels)


def signs(channel: Channel, names: str) -> str:
    """The conditions of these names with their signs, as the case writes them."""
    status = {one.id: MARK[one.status] for one in channel.conditions}
    return " ".join(name[:-1] + status[name[:-1]] for name in names.split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_case(case: dict[str, Any]) -> None:
    found = guidance(answers_from(case["answers"]), case["day"], case["designated"], contacts())
    channels = by_kind(found.channels)
    assert signed(found.channels) == case["doors"]
    for kind, names in case.get("met", {}).items():
        assert signs(channels[kind], names) == names
    assert [rule.key for rule in found.effects] == [key for key in ORDER if key in case["effects"]]
    assert set(case["effects"]) <= set(ORDER)
    said = {*found.limits, *(note for channel in found.channels for note in channel.notes)}
    assert set(case.get("says", ())) <= said and not set(case.get("never", ())) & said
    for kind, ids in case.get("contacts", {}).items():
        assert list(channels[kind].contact_ids) == ids
    for place, article in case.get("articles", {}).items():
        kind, _, name = place.partition(".")
        (there,) = (one.article["ja"] for one in channels[kind].conditions if one.id == name)
        assert there.removeprefix("公益通報者保護法 ") == article


def test_there_are_enough_worked_cases_and_they_reach_everybody() -> None:
    assert len(CASES) >= 120 and len({case["id"] for case in CASES}) == len(CASES)
    assert {case["answers"].get("who_am_i") for case in CASES} == {None, *routing.WHO}
    assert {case["answers"].get("about") for case in CASES} == {None, *routing.ABOUT}
    assert {case["answers"].get("purpose") for case in CASES} == {None, *routing.PURPOSE}
    assert {word for case in CASES for word in case["answers"].get("triggers", ())} == set(routing.TRIGGERS)
    assert {case["designated"] for case in CASES} == {True, False}
    assert {key for case in CASES for key in case["effects"]} == routing.EFFECTS == set(ORDER)


def test_the_worked_cases_stand_on_both_sides_of_the_change() -> None:
    sides: dict[str, set[bool]] = {}
    for case in CASES:
        sides.setdefault(case["id"].rpartition("_")[0], set()).add(case["day"] >= AFTER)
    both = [name for name, days in sides.items() if days == {True, False}]
    assert len(both) >= 60
    facts = {fact for case in CASES for fact in case["facts"]}
    known = {fact for rule in RULES.values() for fact in rule.facts}
    # Behind sentences only: what may not be shown itself, and who can inform an authority.
    assert facts - known == {"amend_transition", "wpa_other_information"}


def maybe(values: tuple[object, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


ANSWERS = st.builds(
    Answers,
    who_am_i=maybe(routing.WHO),
    about=maybe(routing.ABOUT),
    triggers=st.frozensets(st.sampled_from(routing.TRIGGERS[:-1])) | st.just(frozenset({"none"})),
    to_show=maybe(routing.TO_SHOW),
    purpose=maybe(routing.PURPOSE),
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


def by_kind(channels: tuple[Channel, ...]) -> dict[str, Channel]:
    return {one.kind: one for one in channels}


@given(ANSWERS, DAYS, st.booleans())
def test_there_is_always_a_door_and_the_agency_is_among_them(said: Answers, day: date, line: bool) -> None:
    channels = route(said, day, line, contacts())
    assert len(channels) == len(by_kind(channels)) >= 5
    assert by_kind(channels)["agency"].contact_ids == ("caa_consult_dial",)
    assert {"inside", "authority", "others", "lawyer"} <= set(by_kind(channels))


@given(ANSWERS, DAYS, st.booleans())
def test_danger_puts_emergency_and_police_first(said: Answers, day: date, line: bool) -> None:
    channels = route(said, day, line, contacts())
    if said.in_danger:
        assert [one.kind for one in channels[:2]] == ["emergency", "police"]
        assert channels[0].contact_ids == ("emergency",) and "police_9110" in channels[1].contact_ids
    else:
        assert "emergency" not in by_kind(channels)


@given(ANSWERS, DAYS, st.booleans())
def test_only_checked_doors_are_named(said: Answers, day: date, line: bool) -> None:
    named = [contact(name) for one in route(said, day, line, contacts()) for name in one.contact_ids]
    for found in named:
        assert found.confidence in ("verified_official_text", "partly_verified", "secondary")
        assert "239-743" not in repr(found) and "0120239743" not in repr(found)
        assert found.source_url or found.source_note is not None


@given(ANSWERS, DAYS, st.booleans())
def test_every_condition_stands_on_a_rule_of_the_day(said: Answers, day: date, line: bool) -> None:
    for channel in route(said, day, line, contacts()):
        for one in channel.conditions:
            rule = RULES[one.rule]
            assert rule.holds_on(day) and rule.article == one.article
            assert rule.confidence in law.CONFIDENCES


@given(ANSWERS, DAYS, st.booleans())
def test_officers_never_get_the_name_or_the_20_days(said: Answers, day: date, line: bool) -> None:
    if said.who_am_i not in routing.OFFICERS:
        return
    channels = by_kind(route(said, day, line, contacts()))
    found = {one.id: one.status for one in channels["others"].conditions}
    assert found["gateway_name"] == found["gateway_days"] == "not_met"
    assert "effort" in found and "document" not in {one.id for one in channels["authority"].conditions}
    # Neither danger now nor its absence settles the exception of Art. 6.
    assert found["danger"] == "unknown" and (found["effort"] == "not_met") is (said.told_company == "no")
    assert channels["authority"].protection is not None and channels["authority"].protection.answer != "yes"


@given(ANSWERS, DAYS, st.booleans())
def test_freelancers_are_protected_from_the_day_of_the_change_on(
    said: Answers, day: date, line: bool
) -> None:
    if said.who_am_i != "freelancer":
        return
    for channel in route(said, day, line, contacts()):
        if channel.protection is not None and day < AFTER:
            assert channel.protection.answer == "no"
            assert "who" in {one.id for one in channel.conditions if one.status == "not_met"}
            assert "limit_freelancer" in channel.notes
        if channel.protection is not None and day >= AFTER:
            assert "who" not in channel.protection.missing or "transition" in channel.notes


@given(ANSWERS, DAYS)
def test_a_line_that_is_not_designated_is_outside(said: Answers, day: date) -> None:
    channels = by_kind(route(said, day, False, contacts()))
    inside = channels["inside"]
    assert inside.category == "others" and inside.why == "why_inside_not_designated"
    # As the others outside, and never sure: whether this line is a fitting recipient is open.
    assert [one.id for one in inside.conditions[1:]] == [one.id for one in channels["others"].conditions]
    assert inside.protection is not None and inside.protection.answer != "yes"
    assert "limit_not_designated" in limits(said, day, False)
    if said.told_company == "this_line":
        found = {one.id: one.status for one in channels["others"].conditions}
        assert found["gateway_days"] == "not_met"


@given(ANSWERS, DAYS, st.booleans())
def test_what_was_skipped_is_never_met(said: Answers, day: date, line: bool) -> None:
    channels = by_kind(route(said, day, line, contacts()))
    others = {one.id: one.status for one in channels["others"].conditions}
    if said.to_show is None:
        assert others["grounds"] == "unknown"
    if said.who_am_i is None:
        assert others["who"] == "unknown"
        assert all(one.protection is None or one.protection.answer != "yes" for one in channels.values())
    # Whatever was answered, danger alone opens nothing but 110 and 119.
    assert others["gateway_danger"] == "unknown"
    if said.purpose is None:
        assert others["purpose"] == "unknown"
    if said.about != "concealed_leak" or not said.triggers - {"none"}:
        assert others["reportable"] == "unknown"
    if said.to_show in (None, "hearsay", "nothing"):
        authority = {one.id: one.status for one in channels["authority"].conditions}
        assert authority.get("document") != "met" and authority["grounds"] != "met"


@given(ANSWERS, DAYS, st.booleans())
def test_officers_are_not_told_that_the_20_days_run(said: Answers, day: date, line: bool) -> None:
    found = guidance(said, day, line, contacts())
    words = {*found.limits, *(note for channel in found.channels for note in channel.notes)}
    of_days = {"limit_20_days", "note_20_days_reading", "note_second_limb", "note_superior_inside"}
    if said.who_am_i in routing.OFFICERS:
        assert not words & of_days


@given(ANSWERS, DAYS, st.booleans())
def test_nobody_outside_the_act_is_told_what_would_make_it_certain(
    said: Answers, day: date, line: bool
) -> None:
    channels = by_kind(route(said, day, line, contacts()))
    named = {note for channel in channels.values() for note in channel.notes}
    promises = {"note_document_reasons", "note_grounds", "note_no_waiting", "note_20_days_reading"}
    if said.who_am_i in routing.NOT_COVERED:
        assert not named & {*promises, "note_superior_inside", "note_second_limb"}
        assert channels["authority"].say == "say_authority_information" and "note_can_inform" in named
        assert channels["inside"].why != "why_inside_designated"
    else:
        assert channels["authority"].say != "say_authority_information" and "note_can_inform" not in named


@pytest.mark.parametrize("language", ["ja", "en", "ja_easy"])
def test_plain_japanese_names_the_same_exceptions(language: str) -> None:
    """Each sentence names its exception or caution in every language."""
    named = {
        "limit_director": {"ja": "危険", "en": "danger", "ja_easy": "危ない"},
        "note_director_first": {"ja": "危険", "en": "danger", "ja_easy": "危ない"},
        "limit_proof": {"ja": "名前を出さず", "en": "without your name", "ja_easy": "名前を 出さない"},
        "limit_other": {
            "ja": "取引先の役員",
            "en": "fficers of a supplier",
            "ja_easy": "役員は、その 仕事",
        },
        "limit_documents": {"ja": "弁護士", "en": "lawyer", "ja_easy": "弁護士"},
        "limit_others_data": {"ja": "弁護士", "en": "lawyer", "ja_easy": "弁護士"},
        "limit_not_designated": {"ja": "上司", "en": "superior", "ja_easy": "上司"},
        "clock_passed_without_notice": {
            "ja": "期限",
            "en": "had to answer by then",
            "ja_easy": "しなければ いけない 日が 過ぎた",
        },
        "clock_refused_without_reason": {"ja": "正当な理由", "en": "just cause", "ja_easy": "正しい 理由"},
    }
    for name, words in named.items():
        assert words[language] in furigana.plain(text(name)[language]), name


@given(ANSWERS, DAYS, st.booleans())
def test_a_wrongful_purpose_is_protected_nowhere(said: Answers, day: date, line: bool) -> None:
    found = guidance(said, day, line, contacts())
    legal = [channel for channel in found.channels if channel.protection is not None]
    assert all("purpose" in {one.id for one in channel.conditions} for channel in legal)
    if said.purpose in ("gain", "harm"):
        assert {channel.protection.answer for channel in legal if channel.protection} == {"no"}
        assert found.effects == ()
    assert "limit_purpose" in found.limits


# Written from the facts: whose an effect is, on which side of the change (None: both).
CARRIED: dict[str, tuple[set[str], bool | None]] = {
    "void_dismissal": ({"worker", "temp_worker", "supplier_worker"}, None),
    "presumption": ({"worker", "supplier_worker"}, True),
    "criminal": ({"worker", "supplier_worker"}, True),
    "temp_contract": ({"temp_worker"}, None),
    "supplier_scope": ({"supplier_worker", "supplier_officer"}, None),
    "former_year": ({"former"}, None),
    "director_removal": ({"director", "supplier_officer"}, None),
    "freelance_contract": ({"freelancer", "one_person_company"}, True),
    "civil_servants": ({"civil_servant"}, None),
    "obstruction": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, True),
    "search": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, True),
    "protection": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, None),
    "no_damages": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, None),
    "confidentiality": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, None),
    "system_duty": (set(routing.WHO) - routing.NOT_COVERED - {"civil_servant"}, None),
}


@given(ANSWERS, DAYS, st.booleans())
def test_nobody_is_shown_an_effect_that_the_answers_do_not_carry(
    said: Answers, day: date, line: bool
) -> None:
    found = guidance(said, day, line, contacts())
    for rule in found.effects:
        whose, after = CARRIED[rule.key]
        assert said.who_am_i in whose and rule.holds_on(day)
        assert after is None or (day >= AFTER) is after
        if said.who_am_i in routing.FREELANCERS:
            assert day >= AFTER
        if rule.key in ("presumption", "criminal") and said.told_company != "no":
            assert said.told_day is None or not said.told_day < AFTER <= day
    if all(channel.protection is None or channel.protection.answer == "no" for channel in found.channels):
        assert found.effects == ()
    penalised = {"worker", "supplier_worker"}
    if any("note_retaliation_reportable" in channel.notes for channel in found.channels):
        assert said.who_am_i in penalised and day >= AFTER
        assert said.told_company == "no" or said.told_day is None or not said.told_day < AFTER <= day
    if said.who_am_i is not None and said.who_am_i not in penalised:
        assert "retaliation_reportable" not in {rule.key for rule in found.begins}
    # What is about to begin is not announced to those whose it is not either.
    if said.who_am_i is not None:
        assert all(said.who_am_i in CARRIED[rule.key][0] for rule in found.begins if rule.key in CARRIED)


@given(ANSWERS, DAYS, st.booleans())
def test_nobody_in_a_hurry_is_told_of_a_later_day(said: Answers, day: date, line: bool) -> None:
    ahead = [name for name in guidance(said, day, line, contacts()).limits if name.startswith("ahead_")]
    assert len(ahead) <= 1
    if said.in_danger or "evidence" in said.fears or day >= AFTER:
        assert ahead == []


EVERYBODY = [
    Answers(
        who_am_i=who,
        about=about,
        triggers=frozenset({"many"}),
        to_show="documents",
        give_name=True,
        fears=frozenset({"retaliation"}),
    )
    for who in (None, *routing.WHO)
    for about in ("concealed_leak", "retaliation")
]


def test_from_day_to_day_only_what_changed_in_law_changes() -> None:
    first, last = date(2026, 11, 25), date(2027, 1, 5)
    for said in EVERYBODY:
        before = guidance(said, first, True, contacts())
        for ahead in range(1, (last - first).days + 1):
            day = first + timedelta(days=ahead)
            there = guidance(said, day, True, contacts())
            if day != AFTER:
                assert replace(there, day=before.day) == before, (said, day)
            else:
                check_change(before, there)
            before = there


def check_change(before: routing.Guidance, there: routing.Guidance) -> None:
    """What goes on is still said, what is new is said, and nothing is announced any more."""
    assert {one.kind for one in there.channels} == {one.kind for one in before.channels}
    for old, new in zip(sorted(before.channels, key=str), sorted(there.channels, key=str), strict=False):
        assert [one.id for one in old.conditions] == [
            one.id for one in new.conditions
        ] or old.kind != new.kind
    assert {rule.key for rule in before.effects} <= {rule.key for rule in there.effects}
    assert there.begins == () and not [name for name in there.limits if name.startswith("ahead_")]
    gone = {name for name in before.limits if not name.startswith("ahead_")} - set(there.limits)
    assert gone <= {"limit_freelancer", "limit_one_person"} and set(there.limits) <= set(before.limits)
    for rule in there.effects:
        assert rule.valid_from <= there.day
        assert " will " not in rule.text["en"] and "ようになります" not in rule.text["ja"]


def test_what_is_said_after_the_change_does_not_wait_for_it() -> None:
    told = replace(EVERYBODY[2], told_company="superior", told_day=date(2026, 11, 20))
    for said in (*EVERYBODY, told):
        found = guidance(said, AFTER, False, contacts())
        ids = [
            name
            for channel in found.channels
            for name in (channel.why, channel.say, channel.does_not, *channel.notes)
        ]
        for name in (*ids, *found.limits):
            words = text(name)
            assert not re.search(r"\bwill\b|from 1 December", words["en"], re.IGNORECASE), name
            assert not re.search("12月1日から|11月30日まで|今日の法律", words["ja"]), name


@given(ANSWERS, DAYS, st.booleans())
def test_a_yes_has_no_open_condition_and_a_no_has_one_in_the_way(
    said: Answers, day: date, line: bool
) -> None:
    for channel in route(said, day, line, contacts()):
        if channel.protection is None:
            assert channel.category == "" and channel.conditions == ()
        elif channel.protection.answer == "yes":
            assert channel.protection.missing == ()
        else:
            assert channel.protection.missing and channel.protection.provided == ()


@given(ANSWERS, DAYS, st.booleans())
def test_every_sentence_of_an_answer_is_there(said: Answers, day: date, line: bool) -> None:
    for channel in route(said, day, line, contacts()):
        ids = [channel.why, channel.say, channel.does_not, channel.anonymous, *channel.notes]
        ids += [f"cond_{one.id}" for one in channel.conditions]
        for name in ids:
            assert set(text(name)) >= set(law.DATA_LANGUAGES)
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
        for channel in route(said, day, line, contacts()):
            used |= {channel.why, channel.say, channel.does_not, channel.anonymous, *channel.notes}
            used |= {f"cond_{one.id}" for one in channel.conditions}
    families = {"why", "say", "not", "anon", "cond", "limit", "note", "ahead"}
    there = {name for name in routing.texts() if name.partition("_")[0] in families}
    assert there == used - {"transition"}


def test_plain_japanese_says_every_sentence_of_the_guide() -> None:
    for name, words in routing.texts().items():
        assert (
            words[routing.EASY]
            and words[routing.EASY] != words["ja"]
            or name == "choice_who_am_i_civil_servant"
        )
    for rule in RULES.values():
        if rule.key in routing.EFFECTS:
            assert rule.text[law.EASY]


@pytest.mark.parametrize(
    ("name", "careful"),
    [
        ("protection_yes", ("目的", "purpose", "目的")),
        ("protection_no", ("ほかの法律", "Other law", "ほかの 法律")),
        ("limit_purpose", ("引きかえ", "bargain", "お金を くれたら")),
        ("limit_proof", ("あなたが示す", "you have to show", "あなたが 示します")),
        ("limit_anonymous_authority", ("うわさだけでは", "rumours are not enough", "うわさだけでは")),
        ("note_danger", ("だけでは", "alone does not", "だけでは")),
        ("note_document_reasons", ("名前だけで", "A name alone", "名前を 書いた だけでは")),
        ("ahead_worker", ("待たないで", "Do not wait", "待たないで")),
        ("ahead_freelancer", ("待たないで", "Do not wait", "待たないで")),
        ("ahead_unknown", ("待たないで", "Do not wait", "待たないで")),
        ("limit_20_days", ("相当の理由がなければ", "only with reasonable grounds", "理由が ない ときは")),
    ],
)
def test_the_same_caution_in_each_language(name: str, careful: tuple[str, str, str]) -> None:
    words = text(name)
    for language, part in zip(("ja", "en", routing.EASY), careful, strict=True):
        assert part in furigana.plain(words[language])


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
    assert all(
        "transition" in channel.notes
        for channel in route(said, AFTER, True, contacts())
        if channel.conditions
    )


def test_a_door_past_its_day_is_not_named_but_the_needed_ones_stay() -> None:
    old = tuple(replace(one, valid_to=BEFORE) for one in contacts())
    channels = by_kind(route(Answers(in_danger=True), AFTER, True, old))
    assert channels["agency"].contact_ids == ("caa_consult_dial",)
    assert channels["emergency"].contact_ids == ("emergency",)
    assert channels["authority"].contact_ids == ("ppc_whistleblow",)
    assert channels["lawyer"].contact_ids == ()


def test_the_operators_own_contacts_are_a_door_of_their_own() -> None:
    own = replace(contact("aichi_bar"), id="own_counsel")
    channels = by_kind(route(Answers(), BEFORE, True, (*contacts(), own)))
    assert channels["own"].contact_ids == ("own_counsel",) and channels["own"].protection is None
    assert "own_counsel" not in channels["lawyer"].contact_ids
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
        {"fears": {"name": True}},
        {"triggers": "many"},
        {"triggers": ["moon"]},
        {"triggers": ["none", "many"]},
        {"purpose": "fun"},
        {"give_name": 1},
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
