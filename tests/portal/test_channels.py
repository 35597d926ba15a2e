"""The way outside as people meet it: channels in order, conditions with articles, nothing kept of the answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from cases import routing
from cases.contacts import contacts
from cases.days import JST
from cases.law import EASY, law, rule_on
from portal.labels import furigana
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World, make_world

PHONE = re.compile(r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])|0570-\d{6}|#9110")
TELLING = {
    "who_am_i": "worker",
    "about": "concealed_leak",
    "to_show": "documents",
    "told_company": "this_line",
    "told_day": "2026-10-20",
    "notice_of_investigation": "no",
    "fears": ["name", "evidence"],
}


def ask(client: CheckedClient, answers: Mapping[str, str | Sequence[str]]) -> Page:
    """Send the questions' form; skipped ones as browsers send them."""
    skipped = {name: "" for name in routing.QUESTIONS if name != "fears"}
    return client.post("outside", pairs({**skipped, **answers}))


def pairs(answers: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
    """Return a form's fields, one pair for each of several answers to one question."""
    many = {name: [given] if isinstance(given, str) else given for name, given in answers.items()}
    return [(name, value) for name, values in many.items() for value in values]


def kinds(page: Page) -> list[str]:
    """Return the channels in the page's order."""
    return [str(one.get("id")).removeprefix("door-") for one in page.all("li", **{"class": "door"})]


def of_doors(page: Page) -> str:
    """Return what the channels themselves say."""
    return " ".join("".join(one.itertext()) for one in page.all("li", **{"class": "door"}))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_without_an_answer_there_are_doors_and_questions(world: World, language: str) -> None:
    page = world.client(language).get("outside")
    assert kinds(page)[-1] == "others" and {"agency", "authority", "inside", "lawyer"} <= set(kinds(page))
    shown = {one.get("name") for one in page.all("input")}
    assert shown >= set(routing.QUESTIONS)
    assert page.all("form", action=f"/{language}/outside", method="post")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_answers_give_their_doors_in_order(world: World, language: str) -> None:
    page = ask(world.client(language), TELLING)
    assert page.status == 200
    answers = routing.answers_from(
        {**TELLING, "told_day": date(2026, 10, 20), "notice_of_investigation": False}
    )
    expected = routing.route(answers, world.day, True, contacts())
    assert kinds(page) == [channel.kind for channel in expected]
    for channel in expected:
        for one in channel.conditions:
            assert routing.text(f"cond_{one.id}")[language] in page.text
            assert one.article[language] in page.text
    # What was answered is still in the form, to be changed.
    assert page.all("input", id="who_am_i-worker", checked="") and page.all(
        "input", id="fears-name", checked=""
    )
    assert page.all("input", name="told_day", value="2026-10-20")


def test_danger_puts_the_emergency_numbers_first(client: CheckedClient) -> None:
    page = ask(client, {"in_danger": "yes"})
    assert kinds(page)[:2] == ["emergency", "police"]
    assert [one.get("href") for one in page.all("a", **{"class": "tel"})][:3] == [
        "tel:110",
        "tel:119",
        "tel:%239110",
    ]


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_in_danger_two_buttons_come_before_everything(world: World, language: str) -> None:
    page = ask(world.client(language), {"in_danger": "yes"})
    main = page.all("main")[0]
    links = [one for one in main.iter() if one.tag.endswith("a")]
    assert [(one.get("href"), one.get("class")) for one in links[:2]] == [
        ("tel:110", "button"),
        ("tel:119", "button"),
    ]
    # The warning of the company's telephones must not keep anybody from calling.
    assert page.html.index("tel:119") < page.html.index('class="warn brief"')
    words = {
        "ja": "どの電話からでもかまいません", "en": "You can use any telephone", "easy": "どの 電話でも いいです",
    }  # fmt: skip
    assert words[language] in page.text
    # A frightened person does not look for a question first: the buttons are above each page of the guide.
    calm = world.client(language).get("outside")
    assert words[language] in calm.text
    assert [one.get("href") for one in calm.all("a", **{"class": "button"})][:2] == ["tel:110", "tel:119"]


@pytest.mark.parametrize("answers", [{}, {"in_danger": "no"}])
def test_the_emergency_numbers_stand_above_all_doors(client: CheckedClient, answers: dict[str, str]) -> None:
    page = ask(client, answers) if answers else client.get("outside")
    assert "emergency" not in kinds(page)
    numbers = [link.get("href") for link in page.all("a") if (link.get("href") or "").startswith("tel:")]
    assert numbers[:2] == ["tel:110", "tel:119"] and numbers.count("tel:110") == 1


def test_a_line_that_is_not_designated_says_so(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    site = replace(world.settings.site, designated=False)
    world.app.extensions["meyasubako"].settings = replace(world.settings, site=site)
    page = world.client("en").get("outside")
    assert "This line was not designated by the company beforehand" in page.text
    assert routing.text("limit_not_designated")["en"] in page.text


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"told_day": "2026-02-30"}, True),
        ({"told_day": "昨日"}, True),
        ({"told_day": " 2026-11-01 "}, False),
        ({"told_day": "2026-11-23"}, False),  # today
        ({"told_day": "2026-11-24"}, True),
        ({"who_am_i": "king"}, True),
        ({"in_danger": "maybe"}, True),
        ({"fears": ["name", "ghosts"]}, True),
        ({"who_am_i": ["worker", "director"]}, True),
        ({"who_am_i": "king", "triggers": ["none", "many"], "told_day": "2026-02-30"}, True),
        ({"weather": "rain"}, False),
        ({}, False),
    ],
)
def test_what_cannot_be_read_is_left_out_and_named(
    client: CheckedClient, answers: Mapping[str, str | Sequence[str]], wrong: bool
) -> None:
    page = client.post("outside", pairs(answers))
    assert page.status == (400 if wrong else 200)
    assert "agency" in kinds(page)
    # Each is named by its own question, and nothing is said of another.
    boxes = page.all("div", **{"class": "errors"})
    named = [one.get("href") for box in boxes for one in box.iter() if one.get("href")]
    assert named == ([f"#{name}" for name in routing.QUESTIONS if name in answers] if wrong else [])
    assert ("まだ来ていない日" in page.text) is (wrong and "told_day" in answers)


def test_nothing_of_the_answers_is_kept(
    world: World, client: CheckedClient, caplog: pytest.LogCaptureFixture
) -> None:
    statements: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with caplog.at_level(logging.DEBUG):
        page = ask(client, {**TELLING, "told_day": "2026-10-21"})
    assert not statements and "2026-10-21" not in caplog.text and "worker" not in caplog.text
    assert not page.response.headers.getlist("Set-Cookie")
    forms = [one for one in page.all("form") if one.get("action") == "/ja/outside"]
    assert [one.get("method") for one in forms] == ["post", "post"]
    kept = {
        key: value for key, value in vars(world.app.extensions["meyasubako"]).items() if key != "settings"
    }
    assert "2026-10-21" not in repr(kept)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_page_to_keep_names_no_company(world: World, language: str) -> None:
    page = world.client(language).get("outside/all")
    for name in (world.settings.site.name_ja, world.settings.site.name_en):
        assert name not in page.html
    # The one script and the one link of the site are the quick exit's.
    assert not page.all("form") and len(page.all("script")) <= 1
    links = [link.get("href") or "" for link in page.all("a")]
    assert [link for link in links if not link.startswith(("https://", "tel:"))] == [f"/{language}/exit"]
    for rule in law().rules:
        if rule.holds_on(world.day):
            assert " ".join(rule.text[language].split()) in page.text
    for one in contacts():
        assert one.name[language] in page.text and (not one.url or one.url in page.html)


@pytest.mark.parametrize("path", ["outside", "outside/all", "outside/sheet"])
def test_no_number_and_no_link_that_is_not_in_the_data(client: CheckedClient, path: str) -> None:
    page = client.get(path)
    known = {number for one in contacts() for number in one.phone}
    assert set(PHONE.findall(page.html)) <= known | {""}
    urls = {one.url for one in contacts()} | {url for one in contacts() for url in one.source_url}
    urls |= {url for rule in law().rules for url in rule.source_url}
    assert {link.get("href") for link in page.all("a") if (link.get("href") or "").startswith("http")} <= urls
    assert "0120-239-743" not in page.html


def test_the_change_of_the_law_is_announced_and_then_in_force(world: World) -> None:
    freelancer = {
        "who_am_i": "freelancer",
        "about": "concealed_leak",
        "to_show": "documents",
        "told_company": "no",
    }
    world.day = date(2026, 11, 30)
    before = ask(world.client("en"), freelancer)
    assert "The law changes on December 1, 2026" in before.text
    assert routing.text("limit_freelancer")["en"] in before.text
    world.day = date(2026, 12, 1)
    after = ask(world.client("en"), freelancer)
    assert "The law changes on" not in after.all("h2")[0].itertext()
    assert routing.text("limit_freelancer")["en"] not in after.text
    assert "Art. 3(1)(ii)" in of_doors(after) and "Art. 3(1)(ii)" not in of_doors(before)


LEAK = {"about": "concealed_leak", "triggers": ["many"], "to_show": "documents", "give_name": "yes"}


def said(key: str, name: str) -> str:
    return furigana.plain(routing.text(name)[key])


def said_of(effect: str, day: date, language: str) -> str:
    rule = rule_on(effect, day)
    assert rule is not None
    words = furigana.plain(rule.text[EASY]) if language == "easy" else rule.text[language]
    return " ".join(words.split())


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_each_person_reads_the_effects_of_their_own(world: World, language: str) -> None:
    world.day = date(2026, 12, 1)
    client = world.client(language)
    for who, own, not_own in (
        ("worker", "presumption", "temp_contract"),
        ("temp_worker", "temp_contract", "presumption"),
        ("freelancer", "freelance_contract", "criminal"),
        ("director", "director_removal", "void_dismissal"),
        ("customer", None, "protection"),
    ):
        page = ask(client, {**LEAK, "who_am_i": who})
        assert own is None or said_of(own, world.day, language) in page.text
        # The rules with their sources are in the page as well: no effect of others in either.
        assert said_of(not_own, world.day, language) not in page.text
    assert said_of("no_damages", world.day, language) in ask(client, {**LEAK, "who_am_i": "worker"}).text


@pytest.mark.parametrize(("language", "key"), [("ja", "ja"), ("en", "en"), ("easy", EASY)])
def test_the_purpose_is_said_before_the_conditions_are_met(world: World, language: str, key: str) -> None:
    client = world.client(language)
    met = ask(client, {**LEAK, "who_am_i": "worker"})
    assert said(key, "protection_yes") in met.text and said(key, "limit_purpose") in met.text
    bargain = ask(client, {**LEAK, "who_am_i": "worker", "purpose": "gain"})
    assert said(key, "protection_yes") not in bargain.text
    assert said(key, "protection_no") in bargain.text


@pytest.mark.parametrize(("language", "key"), [("ja", "ja"), ("en", "en"), ("easy", EASY)])
def test_until_the_change_who_is_in_no_hurry_reads_of_it(world: World, language: str, key: str) -> None:
    client = world.client(language)
    ahead = said(key, "ahead_worker")
    for day, answers, is_said in (
        (date(2026, 11, 30), {}, True),
        (date(2026, 11, 30), {"in_danger": "yes"}, False),
        (date(2026, 11, 30), {"fears": ["evidence"]}, False),
        (date(2026, 12, 1), {}, False),
    ):
        world.day = day
        assert (ahead in ask(client, {**LEAK, "who_am_i": "worker", **answers}).text) is is_said


@pytest.mark.parametrize("path", ["outside", "outside/all"])
def test_after_the_change_no_page_waits_for_it(world: World, path: str) -> None:
    for day in (date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 5)):
        world.day = day
        english = world.client("en").get(path).text
        assert not re.search(r"\bwill\b|From 1 December|until 30 November", english)
        for language in ("ja", "easy"):
            words = world.client(language).get(path).text
            assert not re.search("12月1日から(?!の)", words)
            assert "11月30日まで" not in words


def test_from_day_to_day_the_page_changes_with_the_law_only(world: World) -> None:
    client = world.client("en")
    answers = {**LEAK, "who_am_i": "worker"}
    pages: dict[date, str] = {}
    for day in (
        date(2026, 11, 25),
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 12, 31),
        date(2027, 1, 5),
    ):
        world.day = day
        pages[day] = of_doors(ask(client, answers))
    before, after = list(pages.values())[:2], list(pages.values())[2:]
    assert len(set(before)) == len(set(after)) == 1 and before[0] != after[0]


def test_none_of_these_with_others_is_left_out_and_named(client: CheckedClient) -> None:
    page = client.post("outside", pairs({"triggers": ["none", "many"], "who_am_i": "worker"}))
    assert page.status == 400 and page.all("a", href="#triggers")
    assert page.all("input", id="who_am_i-worker", checked="")


def test_a_contact_of_two_doors_stands_on_the_page_once(client: CheckedClient) -> None:
    page = ask(client, {"who_am_i": "worker", "about": "crime"})
    ids = [one.get("id") for one in page.all("h4")]
    assert ids.count("contact-police_9110") == 1 and page.all("a", href="#contact-police_9110")


def test_open_now_in_japans_time(world: World) -> None:
    for moment, words in (
        (datetime(2026, 11, 24, 10, 0, tzinfo=JST), "Open at this moment"),
        (
            datetime(2026, 11, 24, 13, 0, tzinfo=JST),
            "Closed at this moment (Japan time). Opens next: November 24, 2026, 13:30",
        ),
        (datetime(2026, 11, 23, 10, 0, tzinfo=JST), "Opens next: November 24, 2026, 09:30"),
    ):
        world.now = moment.timestamp()
        page = world.client("en").get("outside")
        (line,) = [
            one
            for one in page.all("div", **{"class": "contact"})
            if one[0].get("id") == "contact-caa_consult_dial"
        ]
        assert words in " ".join("".join(line.itertext()).split())


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_a_question_carries_the_answers_before_it_in_the_form_alone(world: World, language: str) -> None:
    """Also those that have no page of their own; what could not be read is not carried on."""
    answers = {"in_danger": "no", "fears": ["name", "evidence"], "who_am_i": "king", "step": "2"}
    page = world.client(language).post("outside", pairs(answers))
    hidden = [(field.get("name"), field.get("value")) for field in page.all("input", type="hidden")]
    assert [pair for pair in hidden if pair[0] in routing.QUESTIONS] == [
        ("fears", "name"),
        ("fears", "evidence"),
        ("in_danger", "no"),
    ]
    asked = [
        field for field in page.all("input", type="radio") if (field.get("id") or "").startswith("step-")
    ]
    assert {field.get("name") for field in asked} == {"about"}
    assert not [field for field in asked if field.get("checked") is not None]
    assert any(field.get("value") == "" for field in asked)


@pytest.mark.parametrize("step", ["result", "9", "-1", "x", ""])
def test_any_other_step_is_the_result(client: CheckedClient, step: str) -> None:
    page = client.post("outside", pairs({"who_am_i": "customer", "step": step}))
    assert page.status == 200 and page.all("section", id="recommended")
    # A customer is not told to speak of a workplace.
    assert routing.text("say_agency_customer")["ja"] in page.text
    assert routing.text("say_agency")["ja"] not in page.text


def test_with_the_subject_known_one_press_leads_to_its_places(client: CheckedClient) -> None:
    page = client.get("outside")
    assert [button.get("value") for button in page.all("button", name="about")] == [*routing.ABOUT]
    for about, first in (("harassment", "総合労働相談コーナー"), ("accounting", "公益通報者保護制度相談")):
        page = client.post("outside", [("about", about)])
        (place,) = page.all("section", id="recommended")
        assert first in "".join(place.itertext()) and "どの個人情報のことか" not in page.text
