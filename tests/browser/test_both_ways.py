"""A case has the same parts and the same sentences with scripts on and off, after the same report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.scripted import newest, open_case, payloads, send_report
from tests.support.browser import page_of
from tests.support.site import Site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with scripts."""
    with page_of(browser) as opened:
        yield opened


def parts(page: Page) -> dict[str, list[str]]:
    """Return what a page offers: headings, folded parts, terms, fields, buttons, links, in its order.

    Of the log's part only its name: checking it is what a browser can do and the server can only say.
    """
    read = """kind => [...document.querySelectorAll(`main ${kind}`)]
        .filter(part => !part.closest("[hidden], #log-part > :not(summary)")).map(part => {
            const copy = part.cloneNode(true);
            copy.querySelectorAll("rt, rp").forEach(reading => reading.remove());
            return copy.textContent.trim().replace(/\\s+/g, " ");
        })"""
    kinds = ("h2", "h3", "summary", "dt", "dd", "label", "legend", "button", "a", "p.hint")
    return {kind: page.evaluate(read, kind) for kind in kinds}


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_a_case_offers_the_same_with_scripts_and_without(
    browser: Browser, site: Site, page: Page, language: str
) -> None:
    code = send_report(page, site, "同じように見える", language)
    page.fill("#last-four", code[-4:])
    open_case(page, site, code, language)
    page.locator("#clock").wait_for(state="attached")
    page.locator("[data-where]").wait_for()
    scripted, title = parts(page), page.title()
    with page_of(browser, java_script_enabled=False) as plain:
        plain.goto(f"{site.base}/{language}/status")
        plain.fill("#code", code)
        plain.click("#code-form button")
        plain.locator("article").first.wait_for()
        unscripted = parts(plain)
        assert plain.title() == title
    different = {
        kind: (scripted[kind], unscripted[kind]) for kind in scripted if scripted[kind] != unscripted[kind]
    }
    assert different == {}


def test_news_are_looked_for_and_what_was_begun_stays(site: Site, page: Page) -> None:
    code = send_report(page, site, "知らせを待つ")
    page.fill("#last-four", code[-4:])
    open_case(page, site, code)
    page.fill("#message", "書きかけ")
    page.set_input_files("#files", payloads({"memo.txt": b"memo"}))
    page.locator("#write .files li .words", has_text="memo.txt").wait_for()
    page.evaluate("document.getElementById('refresh').dataset.old = 'yes'")
    page.click("#refresh button")
    page.locator("#refresh:not([data-old])").wait_for()
    page.locator("#write .files li .words", has_text="memo.txt").wait_for()
    assert page.input_value("#message") == "書きかけ"


def test_what_was_sent_has_the_focus_and_says_so(site: Site, page: Page) -> None:
    code = send_report(page, site, "最初の通報")
    page.fill("#last-four", code[-4:])
    open_case(page, site, code)
    page.fill("#message", "続きの文章")
    page.click("#write button:not([type=button])")
    page.locator(".done").wait_for()
    focused = "document.activeElement.matches('article.own') && document.activeElement.textContent"
    assert "続きの文章" in page.evaluate(focused)
    assert page.locator("article.own + .done").count() == 1
    assert page.input_value("#message") == "" and newest(site).payload["message"] == "続きの文章"
