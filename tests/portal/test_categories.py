"""The form asks what a report is about where the operator wants it to; the answer goes sealed, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from cases.form import CATEGORY, FORM_ORDER, OWN_FIELDS, fields_for, subjects_of
from portal.labels import site
from portal.labels.problems import NOT_A_CHOICE
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import Desk, envelopes, open_as

CATEGORIES = {
    "leak": "個人データの漏えい",
    "harassment": "ハラスメント",
    "accounting": "会計・お金の不正",
    "other": "そのほか",
}
LABELS = {
    "noticed": "会社はいつ気づき",
    "how_many": "何人分",
    "why": "なぜ起きたと",
    "concealment": "隠されている場合",
    "concealed_by": "だれが隠して",
    "how_often": "何回くらい",
    "witnesses": "見た人、聞いた人",
    "amount": "金額はどのくらい",
    "gain": "だれが得を",
    "rule": "どの決まりや法律",
    "danger": "あいそうな人はいますか",
}
"""What stands in the form's questions that are not asked for every subject."""


@pytest.fixture
def asking(world: World) -> World:
    """A site that asks."""
    here = world.app.extensions["meyasubako"]
    here.settings = replace(world.settings, site=replace(world.settings.site, ask_category=True))
    return world


def newest(world: World) -> dict[str, object]:
    return dict(open_as(world.auditors[0], envelopes(world)[-1][1].raw).payload)


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("word", site.CATEGORIES)
def test_what_was_chosen_is_sealed(asking: World, language: str, word: str) -> None:
    client = asking.client(language)
    page = client.get("report")
    assert len(page.all("input", name="category")) == len(site.CATEGORIES) and page.ticked("category") == []
    client.report(what_happened="起きたこと", category=word)
    assert newest(asking)["category"] == word


def test_nothing_chosen_says_nothing(asking: World) -> None:
    asking.client("ja").report(what_happened="起きたこと")
    assert "category" not in newest(asking)


def test_without_the_setting_it_is_not_asked_and_not_sealed(world: World, client: CheckedClient) -> None:
    assert client.get("report").all("input", name="category") == []
    client.report(what_happened="起きたこと", category="harassment")
    assert "category" not in newest(world)


@pytest.mark.parametrize("word", ["not_a_report", "gossip"])
def test_another_word_is_refused_and_nothing_is_lost(asking: World, word: str) -> None:
    client = asking.client("ja")
    page = client.get("report")
    answer = client.post(
        "report", [*page.fields.items(), ("what_happened", "起きたこと"), ("category", word)]
    )
    assert answer.status == 400 and "起きたこと" in answer.html and word not in answer.html
    assert "何についての通報かの選択が" in answer.text and "原因の選択が" not in answer.text
    assert envelopes(asking) == []


def test_each_question_with_choices_says_in_its_own_words_that_it_was_none_of_them(asking: World) -> None:
    radios = {str(one.get("name")) for one in asking.client().get("report").all("input", type="radio")}
    assert radios == site.CHOICES.keys() == NOT_A_CHOICE.keys()
    for name in radios:
        answer = asking.client("en").report(None, (), **{"what_happened": "x", name: "\ufffdzzz"})
        said = [text for text in NOT_A_CHOICE.values() if text in answer.text]
        assert answer.status == 400 and said == [NOT_A_CHOICE[name]]
        assert answer.title.startswith("Error") and "damaged" not in answer.text


def test_what_is_not_asked_cannot_be_wrong(world: World) -> None:
    assert world.client().report(what_happened="起きたこと", category="gossip").status == 200
    assert "category" not in newest(world)


def test_it_stands_where_all_is_checked_and_comes_back(asking: World) -> None:
    client = asking.client("ja")
    sent = [*client.form().items(), ("what_happened", "起きたこと"), ("category", "accounting")]
    checked = client.post("report", [*sent, ("check", "yes")])
    assert checked.status == 200 and checked.fields["category"] == "accounting"
    assert "会計・お金の不正" in checked.text and "ハラスメント" not in checked.text
    back = client.post("report", [*checked.fields.items(), ("change", "category")])
    assert back.ticked("category") == ["accounting"]


def questions_on(page: Page) -> list[str]:
    """Return the questions of a form, or of a list of answers, in their order on the page."""
    named = {text.label: name for name, text in [*site.QUESTIONS.items(), (CATEGORY, site.CATEGORY)]}
    words = [" ".join("".join(one.itertext()).split()) for one in page.tree.iter() if is_question(one)]
    return [named[text] for word in words if (text := word.removesuffix(" (required)")) in named]


def is_question(element: ElementTree.Element) -> bool:
    return str(element.tag).rpartition("}")[2] in ("label", "legend", "dt")


def test_the_form_the_check_and_the_case_have_one_order(asking: World) -> None:
    client = asking.client("en")
    page = client.get("report")
    assert questions_on(page) == list(FORM_ORDER)
    answers = dict.fromkeys(FORM_ORDER, "x") | {"cause": "loss", CATEGORY: "leak"}
    checked = client.post("report", [*client.form().items(), *answers.items(), ("check", "yes")])
    assert questions_on(checked) == list(FORM_ORDER)
    code = client.report(None, (), **answers).code
    case = client.look(code)
    assert questions_on(case) == list(FORM_ORDER)
    token = case.fields["token"]
    record = client.raw("POST", "/en/record", data={"token": token, "with_text": "yes"})
    html = record.get_data(as_text=True)
    assert record.status_code == 200 and site.CATEGORY.label in html and site.CATEGORIES["leak"] in html


def test_with_the_subject_left_open_only_what_all_are_asked_or_what_was_answered_is_checked(
    asking: World,
) -> None:
    page = asking.client("en")
    sent = [*page.form().items(), ("what_happened", "x"), ("check", "yes")]
    checked = page.post("report", sent)
    assert questions_on(checked) == [name for name in FORM_ORDER if not subjects_of(name)]
    assert "how_many" in questions_on(page.post("report", [*sent, ("how_many", "12")]))


def test_a_site_that_asks_for_several_subjects_says_so_at_its_door(asking: World) -> None:
    for language, wide, narrow in (
        ("ja", "ハラスメント", "会社が隠している個人情報の漏えいを"),
        ("en", "harassment", "Report a hidden leak"),
    ):
        page = asking.client(language).get("")
        heading = "".join(page.all("h1")[0].itertext())
        assert (
            wide in page.text
            and narrow not in page.text
            and "漏えい" not in heading
            and "leak" not in heading
        )
    assert "いやがらせ" in asking.client("easy").get("").text


@pytest.mark.parametrize("about", OWN_FIELDS)
def test_each_subject_has_its_own_questions_and_the_case_shows_it(asking: World, about: str) -> None:
    client, own = asking.client("ja"), OWN_FIELDS[about]
    page = client.get("report")
    fields = [str(field.get("name")) for field in [*page.all("textarea"), *page.all("input")]]
    assert {name for names in OWN_FIELDS.values() for name in names} <= set(fields)
    given = {name: f"答え {name}" for name in own if name != "cause"}
    answers = {"what_happened": "起きたこと", "category": about, **given}
    checked = client.post("report", [*client.form().items(), *answers.items(), ("check", "yes")])
    assert checked.status == 200
    asked = {text for name, text in LABELS.items() if name in fields_for(about)}
    assert all(text in checked.text for text in asked)
    assert not any(text in checked.text for text in set(LABELS.values()) - asked)
    code = client.report(None, (), **answers).code
    assert {name: newest(asking)[name] for name in answers} == answers
    case = client.post("status", [("code", code)])
    assert all(text in case.text for text in (*given.values(), CATEGORIES[about]))
    assert ("総合労働相談コーナー" in case.text) == (about == "harassment")


def test_the_auditors_word_is_shown_with_its_day_and_takes_no_place_away(asking: World) -> None:
    client = asking.client("ja")
    code = client.report(what_happened="起きたこと", category="leak").code
    desk = Desk.of(asking, asking.auditors[0])

    def look() -> tuple[str, set[str]]:
        page = client.post("status", [("code", code)])
        places = {str(part.get("data-about")) for part in page.all("section") if part.get("data-about")}
        return page.text, places

    text, places = look()
    assert "として扱っています" not in text and places == {"leak"}
    desk.say("受け付けました。")
    desk.say("ハラスメントとして調べます。", category="harassment")
    desk.say("続けています。", category="harassment")
    text, places = look()
    assert "「ハラスメント・いじめ」として扱っています（2026年11月23日から）" in text
    assert places == {"leak", "harassment"}
    desk.say("偽の言葉", sign_seed=asking.auditors[1].identity.sign_seed, category="other")
    assert look()[1] == places
    desk.say("通報ではないと考えます。", category="not_a_report")
    text, places = look()
    assert "「通報には当たらないもの」として扱っています" in text and places == {"leak"}


def test_a_subject_of_its_own_stays_in_the_form_where_it_is_asked_no_more(client: CheckedClient) -> None:
    """Nothing that came with a form is lost when it comes back."""
    back = client.report(what_happened=" ", witnesses="同じ課の人")
    assert back.status == 400 and back.fields["witnesses"] == "同じ課の人" and "amount" not in back.fields
