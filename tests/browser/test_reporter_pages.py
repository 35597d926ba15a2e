"""The reporter's pages as people meet them: axe, narrow and zoomed windows, keyboard only, scripts and images off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.portal.pages import PAGES as ALL_PAGES
from tests.support.browser import findings, overflow, unfold
from tests.support.browser import page_of as any_page_of
from tests.support.reporter import CODE
from tests.support.site import Site, break_record, delete_case

LANGUAGES = ("ja", "en", "easy")
LOOKS = (("ja", "light"), ("en", "light"), ("easy", "light"), ("ja", "dark"))
"""Each language once; the colours are of one style sheet for all of them."""
PAGES = (*ALL_PAGES, "no-such-page")
SUBMIT = "main form button[type=submit]:not([name=check]), main form button:not([type])"
TEXT = "顧客名簿が流出しましたが、上司は「報告しない」と言いました。"


@contextmanager
def page_of(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a page that the site's scripts don't reach: this file is about the way without them."""
    with any_page_of(browser, **options) as page:
        page.route("**/static/built/*", lambda route: route.abort())
        yield page


def send_by_key(page: Page) -> None:
    """Press Enter and wait for the page that answers."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def send_report(page: Page, site: Site, language: str) -> str:
    """Send a report through the form as a person would; return the code that is shown."""
    page.goto(f"{site.base}/{language}/report")
    page.fill("[name=what_happened]", TEXT)
    with page.expect_navigation():
        page.click(SUBMIT)
    found = CODE.search(page.inner_text("main"))
    assert found
    return found.group(0)


def look_up(page: Page, site: Site, language: str, code: str) -> None:
    """Type a code on the status page and send it."""
    page.goto(f"{site.base}/{language}/status")
    page.fill("[name=code]", code)
    send_by_key(page)


def _receipt(page: Page, site: Site, language: str) -> None:
    send_report(page, site, language)


def _status(page: Page, site: Site, language: str) -> None:
    look_up(page, site, language, send_report(page, site, language))
    assert TEXT in page.inner_text("main")


def _empty_report(page: Page, site: Site, language: str) -> None:
    page.goto(f"{site.base}/{language}/report")
    page.evaluate("document.querySelectorAll('[required]').forEach(e => e.removeAttribute('required'))")
    with page.expect_navigation():
        page.click(SUBMIT)
    assert page.locator("a[href='#what_happened']").count() == 1


def _slip(page: Page, site: Site, language: str) -> None:
    look_up(page, site, language, "K7Q2-9M4X-TB8V-3HNE-5RW1")
    assert re.search("lang=", page.content())


def _channels(page: Page, site: Site, language: str) -> None:
    page.goto(f"{site.base}/{language}/outside")
    page.click("#questions summary")
    page.check("#who_am_i-worker")
    page.check("#to_show-documents")
    page.check("#in_danger-yes")
    with page.expect_navigation():
        page.click("#questions button[type=submit]")
    assert page.locator("li.door").first.get_attribute("id") == "door-emergency"
    for summary in page.locator("main summary").all():
        summary.click()


def _deleted(page: Page, site: Site, language: str) -> None:
    code = send_report(page, site, language)
    look_up(page, site, language, code)
    delete_case(site, code)
    page.fill("[name=message]", TEXT)
    with page.expect_navigation():
        page.locator("form:has([name=message]) button[type=submit]").first.click()
    assert page.locator("h1").count() == 1 and page.locator("textarea").input_value() == TEXT


def _choice_asked(page: Page, site: Site, language: str) -> None:
    code = send_report(page, site, language)
    break_record(site, code)
    look_up(page, site, language, code)
    page.fill("[name=message]", TEXT)
    with page.expect_navigation():
        page.locator("form:has([name=message]) button[type=submit]").first.click()
    assert page.locator("fieldset#choice").count() == 1 and page.locator("textarea").input_value() == TEXT


def _choice_asked_for_a_new_code(page: Page, site: Site, language: str) -> None:
    _choice_asked(page, site, language)
    unfold(page, "form[action$='/new-code']")
    with page.expect_navigation():
        page.locator("form[action$='/new-code'] button").click()
    assert page.locator("fieldset#choice").count() == 1


STATES: dict[str, Callable[[Page, Site, str], None]] = {
    "receipt": _receipt,
    "status-open": _status,
    "report-errors": _empty_report,
    "code-slip": _slip,
    "doors": _channels,
    "deleted": _deleted,
    "choice-asked": _choice_asked,
    "choice-asked-new-code": _choice_asked_for_a_new_code,
}


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, site: Site, language: str, scheme: str
) -> None:
    # Scripts of the page are off by its own policy; axe is brought in from outside, past that policy.
    with page_of(
        browser, viewport={"width": 320, "height": 640}, color_scheme=scheme, bypass_csp=True
    ) as page:
        for name in PAGES:
            page.goto(f"{site.base}/{language}/{name}")
            assert findings(page) == [], name
            assert overflow(page) <= 0, name
        for name, reach in STATES.items():
            reach(page, site, language)
            assert findings(page) == [], name
            assert overflow(page) <= 0, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_400_percent_nothing_is_cut_off(browser: Browser, site: Site, language: str) -> None:
    """A window of 1280 CSS pixels at 400 % is one of 320 with a device ratio of 4."""
    options = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}
    with page_of(browser, **options) as page:
        for name in PAGES:
            page.goto(f"{site.base}/{language}/{name}")
            assert overflow(page) <= 0, name


def test_forced_colours_keep_every_page_usable(browser: Browser, site: Site) -> None:
    with page_of(browser, forced_colors="active", bypass_csp=True) as page:
        for name in PAGES:
            page.goto(f"{site.base}/ja/{name}")
            assert findings(page) == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_by_keyboard_with_scripts_and_images_off(
    browser: Browser, site: Site, language: str
) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        page.route("**/*.{png,jpg,svg,ico,webp}", lambda route: route.abort())
        page.goto(f"{site.base}/{language}/report")
        _tab_to(page, "what_happened")
        page.keyboard.type(TEXT)
        _change_language_and_back(page, language)
        assert page.input_value("#what_happened") == TEXT
        # Enter in a box checks the answers: the buttons of the languages are before it.
        _tab_to(page, "noticed")
        send_by_key(page)
        assert TEXT in page.inner_text("dl.answers") and page.url.endswith(f"/{language}/report")
        _change_language_and_back(page, language)
        assert TEXT in page.inner_text("dl.answers")
        _tab_to_submit(page)
        send_by_key(page)
        found = CODE.search(page.inner_text("main"))
        assert found
        page.goto(f"{site.base}/{language}/status")
        _tab_to(page, "code")
        page.keyboard.type(found.group(0).replace("-", " ").lower())
        send_by_key(page)
        assert TEXT in page.inner_text("main")
        _tab_to(page, "message")
        page.keyboard.type("続きがあります。")
        _change_language_and_back(page, language)
        assert page.input_value("#message") == "続きがあります。"
        _tab_to_submit(page)
        send_by_key(page)
        assert "続きがあります。" in page.inner_text("main")
        assert found.group(0) not in page.content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doors_by_keyboard_without_scripts(browser: Browser, site: Site, language: str) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        page.goto(f"{site.base}/{language}/outside")
        for question in ("in_danger", "who_am_i", "about", "told_company"):
            # A group of radio buttons is one stop; nothing is chosen yet.
            _tab_to(page, question)
            page.keyboard.press("Space")
            _tab_to_submit(page)
            send_by_key(page)
        assert page.locator("li.door").first.get_attribute("id") == "door-emergency"
        assert page.url.endswith("/outside")


def test_the_end_of_the_code_is_asked_for_and_never_sent(browser: Browser, site: Site) -> None:
    """Without scripts the browser compares it: the form goes on only with the right end, and its address has none."""
    with page_of(browser, java_script_enabled=False) as page:
        code = send_report(page, site, "ja")
        asked: list[tuple[str, str | None]] = []
        page.on("request", lambda request: asked.append((request.url, request.post_data)))
        receipt = page.url
        page.fill("#last-four", "0000" if code[-4:] != "0000" else "1111")
        page.keyboard.press("Enter")
        assert page.locator("#last-four:invalid").count() == 1 and page.url == receipt
        assert not page.locator(".proven").is_visible() and asked == []
        page.fill("#last-four", code[-4:].lower())
        assert page.locator(".proven").is_visible()
        send_by_key(page)
        assert page.url.removesuffix("?").endswith("/ja/status")
        assert not [said for said in asked if code[-4:] in f"{said}".upper()]


def _change_language_and_back(page: Page, language: str) -> None:
    for to in ("en" if language != "en" else "ja", language):
        with page.expect_navigation():
            page.click(f".languages button[formaction^='/{to}/']")
        assert f"/{to}/" in page.url and "?" not in page.url


def _focused(page: Page) -> dict[str, str]:
    handle = page.locator(":focus")
    if handle.count() == 0:
        return {"name": "", "type": "", "tag": ""}
    return {
        "name": handle.get_attribute("name") or "",
        "type": handle.get_attribute("type") or "",
        "tag": str(handle.first.element_handle().get_property("tagName").json_value()),
    }


def _tab_until(page: Page, wanted: Callable[[dict[str, str]], bool]) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted(_focused(page)):
            return
    raise AssertionError("the keyboard does not get there")


def _tab_to(page: Page, name: str) -> None:
    _tab_until(page, lambda focus: focus["name"] == name)


def _tab_to_submit(page: Page) -> None:
    _tab_until(page, lambda focus: focus["tag"] == "BUTTON" and focus["name"] not in ("check", "change"))


def test_nothing_is_asked_of_anybody_else_and_no_cookie_is_kept(browser: Browser, site: Site) -> None:
    with page_of(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in PAGES:
            page.goto(f"{site.base}/ja/{name}")
        _status(page, site, "ja")
        assert asked and all(url.startswith(site.base) for url in asked)
        assert page.context.cookies() == []
        assert not any(CODE.search(url) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_site_that_is_away_is_like_the_others(browser: Browser, scheme: str) -> None:
    away = Path(__file__).parents[2] / "deploy" / "nginx" / "meyasubako-unavailable.html"
    with page_of(browser, viewport={"width": 320, "height": 800}, color_scheme=scheme) as page:
        page.goto(away.as_uri())
        assert findings(page) == [] and overflow(page) == 0
        assert page.locator("h1, h2").all_inner_texts() == [
            "ただいまつながりません",
            "Not reachable just now",
        ]
