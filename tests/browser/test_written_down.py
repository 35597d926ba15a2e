"""A report that an auditor wrote down, opened in the reporter's browser: the same words as without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from store import db
from tests.support.browser import findings, overflow, page_of
from tests.support.site import Site, today
from tests.support.written import write_down

KNOWS = "あなたのコードを知っている可能性があります"
OWN = "あなた自身の言葉ではありません"


def written(site: Site, channel: str, is_true: bool = True) -> str:
    engine, author = db.make_engine(site.settings.store.url), site.auditors[0]
    day = today() - timedelta(days=3)
    try:
        return write_down(engine, author.card.key_id, author.identity, today(), day, channel, is_true)
    finally:
        engine.dispose()


def look(page: Page, site: Site, code: str) -> str:
    page.goto(f"{site.base}/ja/status")
    page.locator("[data-way=browser]").wait_for()
    page.fill("#code", code)
    page.click("#code-form button")
    page.locator("#entries article").first.wait_for()
    page.locator("#law > *").first.wait_for(state="attached")
    return page.inner_text("main")


@pytest.mark.parametrize("channel", ["telephone", "letter"])
def test_the_first_look_says_who_wrote_it_down_and_asks_for_a_new_code(
    browser: Browser, site: Site, channel: str
) -> None:
    code = written(site, channel)
    with page_of(browser) as page:
        text = look(page, site, code)
        name = site.auditors[0].card.name["ja"]
        assert KNOWS in text and OWN in text and name in text
        assert findings(page) == [] and overflow(page) == 0
        law = page.locator("#law").text_content() or ""
        assert ("電話や面談では始まりません" in law) == (channel == "telephone")
        assert page.locator("#law progress").count() == (channel != "telephone")
        page.click("#written-for button")
        page.check("#replace input[type=checkbox]")
        page.click("#replace .button:not(.second)")
        page.locator("#written-for").wait_for(state="detached")
        assert KNOWS not in page.inner_text("main") and OWN in page.inner_text("main")
        assert "新しいコードに替えました" in page.inner_text("#entries")
    with page_of(browser) as late:
        # The one who kept the first code.
        late.goto(f"{site.base}/ja/status")
        late.locator("[data-way=browser]").wait_for()
        late.fill("#code", code)
        late.click("#code-form button")
        late.locator(".errors").wait_for()
        assert "MARKER" not in late.inner_text("main")


def test_a_false_word_of_an_auditor_is_said(browser: Browser, site: Site) -> None:
    with page_of(browser) as page:
        text = look(page, site, written(site, "talk", is_true=False))
        assert (
            text.count("署名で確かめられません") == 2 and KNOWS not in text and "書きとりました" not in text
        )
