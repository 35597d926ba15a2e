"""Furigana in what the page's scripts say: plain Japanese, with a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from portal.labels.i18n import BARE
from tests.browser.scripted import go_on, open_case
from tests.support.browser import page_of, until
from tests.support.site import Site

WRITTEN = "漢字《かんじ》<ruby>漢<rt>かん</rt></ruby>"
PHONE = {"width": 320, "height": 740}
UNREAD = """() => {
    const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), unread = [];
    while (walk.nextNode()) {
        const { parentElement: around, textContent: text } = walk.currentNode;
        if (!around.closest("ruby, .words, template, textarea") && /\\p{Script=Han}/u.test(text)) unread.push(text);
    }
    return unread;
}"""
"""Texts on the page with kanji that have no reading, without what its reporter wrote."""


@pytest.mark.parametrize("prefix", ["easy", BARE])
def test_scripts_show_furigana_and_what_is_written_as_it_is(
    browser: Browser, site: Site, prefix: str
) -> None:
    with page_of(browser, viewport=PHONE) as page:
        page.goto(f"{site.base}/{prefix}/report")
        page.locator(".moves .button:not(.second)").click()
        problem = page.locator("#sealed-notice")
        assert (problem.locator("rt").count() > 0) is (prefix == "easy")
        assert page.title() == "エラー： 何が ありましたか – 試験の目安箱"
        page.fill("#what_happened", WRITTEN)
        page.locator(".moves button", has_text="これだけ").click()
        page.locator("#review dl").wait_for()
        page.click("#review button[aria-label*='近いですか']")
        page.check("#cause-attack")
        go_on(page)
        assert page.locator("#review dd.words").first.inner_text() == WRITTEN
        shown = page.evaluate("document.body.innerHTML")
        assert shown.count("《") == 1 and "《" not in page.evaluate("document.title")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        # In the switch's language what is written stays, and the readings come or go.
        other = BARE if prefix == "easy" else "easy"
        page.locator(f"nav.languages button[formaction='/{other}/report']").click()
        page.wait_for_url(f"**/{other}/report")
        until(
            page, "has => document.querySelectorAll('#review dt rt').length > 0 === has", arg=other == "easy"
        )
        assert page.locator("#review dd.words").first.inner_text() == WRITTEN
        if other != "easy":
            return
        # Each of the program's words has its readings: choices, days, and what is put into a sentence.
        page.locator("#review dd", has_text="外").first.wait_for()
        assert unread(page, site) == []
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        assert unread(page, site) == []
        page.locator(".hint rt", has_text="がつ").first.wait_for()
        open_case(page, site, code, "easy")
        page.locator("[data-where]").wait_for()
        assert unread(page, site) == []


def unread(page: Page, site: Site) -> list[str]:
    names = {name for auditor in site.auditors for name in (auditor.card.name["ja"], auditor.card.role["ja"])}
    return [text for text in page.evaluate(UNREAD) if not any(name in text for name in names)]
