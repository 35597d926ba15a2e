"""The guide for the officer: one sheet, in both languages, with every rule's article and source."""

from __future__ import annotations

import io
import re
from pathlib import Path

import httpx
import pikepdf
import pytest
from playwright.sync_api import Browser as Chromium

from admin.desk.web.app import new_link
from cases import law, officer_guide
from cases.retention import PROPOSAL_DAYS
from tests.desk.browser import Browser
from tests.desk.world import CountingTransport, World, serving_desk
from tests.support.browser import page_of

DOCS = Path(__file__).parents[2] / "docs"
STEPS = ("day_1", "decide", "report", "answer", "close", "hand_over", "delete")
TEXT = Path(officer_guide.__file__).parent.joinpath("data", "officer_guide.toml").read_text(encoding="utf-8")


def test_every_step_is_there_in_both_languages_and_rests_on_what_was_checked() -> None:
    steps = officer_guide.steps()
    assert tuple(step.id for step in steps) == STEPS
    for step in steps:
        assert len(step.items) >= 2
        for item in step.items:
            assert re.search("[ぁ-んァ-ヶ一-龠]", item.text["ja"])
            assert not re.search("[ぁ-んァ-ヶ一-龠]", item.text["en"])
            # The law's own words are below the guide, out of law.toml.
            assert not re.search("第[0-9]+条|Art\\.", item.text["ja"] + item.text["en"])
    assert {rule.key for rule in law.law().rules} >= set(officer_guide.sources())
    [two] = [item for step in steps for item in step.items if item.id == "two"]
    assert f"{PROPOSAL_DAYS}日以内" in two.text["ja"] and f"{PROPOSAL_DAYS} days" in two.text["en"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (TEXT.replace('source = "confidentiality"', 'source = "nothing"', 1), "no rule nothing"),
        (TEXT.replace('step = "day_1"', 'step = "day_2"', 1), "no step day_2"),
        (TEXT.replace('id = "conflict"', 'id = "owner"', 1), "twice"),
        (TEXT.replace('en = "Delete"', 'en = ""', 1), "en is empty"),
    ],
)
def test_a_slip_in_the_data_is_named(wrong: str, said: str) -> None:
    assert wrong != TEXT
    with pytest.raises(officer_guide.OfficerGuideError, match=said):
        officer_guide.parse(wrong)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_and_the_document_say_all_of_it(world: World, lang: str) -> None:
    page = Browser(world.desk(), lang).get("guide")
    document = (DOCS / ("officer-guide.ja.md" if lang == "ja" else "officer-guide.md")).read_text("utf-8")
    for step in officer_guide.steps():
        assert step.title[lang] in page.text and f"## {step.title[lang]}" in document
        for item in step.items:
            assert item.text[lang] in page.text and item.text[lang] in document
    for key in officer_guide.sources():
        rule = law.rule_on(key, world.desk_day)
        assert rule and rule.text[lang] in page.text and rule.article[lang] in page.text
    assert any(link.get("href", "").endswith(f"/{lang}/guide") for link in page.all("a"))


def test_it_is_there_without_the_server(world: World) -> None:
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))

    def away(_request: httpx.Request) -> None:
        raise httpx.ConnectError("away")

    transport.before = away
    assert "1日目：受け取る" in browser.get("guide").text


@pytest.mark.parametrize("path", ["guide", "people/key/sheet"])
def test_what_is_made_for_paper_prints_on_one_sheet(
    world: World, chromium_browser: Chromium, path: str
) -> None:
    app = world.desk()
    with serving_desk(app) as address, page_of(chromium_browser) as page:
        page.goto(new_link(app))
        for lang in ("ja", "en"):
            page.goto(f"{address}/{lang}/{path}")
            made = page.pdf(prefer_css_page_size=True)
            with pikepdf.open(io.BytesIO(made)) as document:
                assert len(document.pages) == 1, lang
