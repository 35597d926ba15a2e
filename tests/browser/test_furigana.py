"""Furigana in what the page's scripts say: plain Japanese, with a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from portal.labels.i18n import BARE
from tests.support.browser import page_of, until
from tests.support.site import Site

WRITTEN = "漢字《かんじ》<ruby>漢<rt>かん</rt></ruby>"
PHONE = {"width": 320, "height": 740}


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
        assert page.locator("#review dd.words").first.inner_text() == WRITTEN
        shown = page.evaluate("document.body.innerHTML")
        assert shown.count("《") == 1 and "《" not in page.evaluate("document.title")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        # In the switch's language what is written stays, and the readings come or go.
        other = BARE if prefix == "easy" else "easy"
        page.locator(f"nav.languages a[href='/{other}/report']").click()
        page.wait_for_url(f"**/{other}/report")
        until(
            page, "has => document.querySelectorAll('#review dt rt').length > 0 === has", arg=other == "easy"
        )
        assert page.locator("#review dd.words").first.inner_text() == WRITTEN
