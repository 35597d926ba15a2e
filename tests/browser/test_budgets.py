"""One round trip: what a cheap phone has to load before the first pages can be read and used."""

from __future__ import annotations

import gzip
import http.client
import re

import pytest
from playwright.sync_api import Browser, Page

from portal import bundle
from portal.labels.i18n import LANGUAGES
from tests.support.browser import page_of
from tests.support.site import Site

FIRST_WINDOW = 14_600
"""Bytes: ten segments of 1,460, what a server may send before it hears from the browser again."""

SCRIPTS = {"": 800, "report": 32_900, "status": 38_000}
"""Bytes of scripts, as served (Brotli), that a page loads before a file is chosen; what cleans files comes then."""

PAGES = ("", "report")
SCREENS = {"": 1.5, "report/start": 1.0, "safety": 3.0, "keys": 2.5}
JOURNEY = {"check": 2.5, "receipt": 2.5, "case": 3.5}
"""Of a phone of 360 by 740 CSS pixels: how many of them a page may take, with scripts and without."""
PHONE = {"width": 360, "height": 740}
FURIGANA = 1.25
"""How much higher a page may be whose lines have readings above them."""

HEIGHT = """() => {
    const people = [...document.querySelectorAll("section.contact[aria-labelledby^=key-]")];
    const bottom = (part) => (part ? part.getBoundingClientRect().bottom : 0);
    return document.documentElement.scrollHeight - Math.max(0, bottom(people.at(-1)) - bottom(people[1]));
}"""
"""A page's height with two auditors on it: other tests of this site enrol many more."""

SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
SCRIPT = re.compile(r'<script type="module" src="([^"]+)"')


def fetch(site: Site, path: str) -> tuple[int, int, bytes]:
    """Fetch as a browser does; return the bytes of the headers and of the body, and the body unpacked."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, path
        head = len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(f"{k}: {v}\r\n") for k, v in answer.getheaders())
        # What Brotli packed is the build's own file, and is not unpacked here.
        packed = answer.headers["Content-Encoding"]
        assert packed == ("br" if path.startswith("/static/") else "gzip"), path
        return head, len(body), gzip.decompress(body) if packed == "gzip" else b""
    finally:
        connection.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_and_its_style_come_in_the_first_window(site: Site, name: str, language: str) -> None:
    *page, raw = fetch(site, f"/{language}/{name}")
    (path,) = SHEET.findall(raw.decode())
    *sheet, _ = fetch(site, path)
    assert sum(page) + sum(sheet) <= FIRST_WINDOW


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_of_a_page_stay_small(site: Site, name: str) -> None:
    assert bundle.read(), "the scripts have not been built: make scripts"
    raw = fetch(site, f"/ja/{name}")[2]
    found = SCRIPT.findall(raw.decode())
    assert found and sum(fetch(site, path)[1] for path in found) <= SCRIPTS[name]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_two_requests_are_enough_to_read_and_use_a_page(
    browser: Browser, site: Site, name: str, language: str
) -> None:
    with page_of(browser) as page:
        asked = _asked(page)
        # Whatever is more than the page and its style sheet never arrives, as on a line that broke.
        page.route(lambda url: not url.endswith((f"/{language}/{name}", ".css")), lambda route: route.abort())
        page.goto(f"{site.base}/{language}/{name}")
        assert page.inner_text("h1") and page.evaluate("document.styleSheets[0].cssRules.length") > 20
        if name == "report":
            page.fill("[name=what_happened]", "x")
            assert page.locator("#step-send button").first.is_visible()
        others = [path for path in asked if not path.startswith("/static/built/")]
        assert others[:2] == [f"/{language}/{name}", "/static/site.css"] and len(others) == 2


def room(screens: float, language: str) -> float:
    """Return how many screens a page may take in a language."""
    return screens * (FURIGANA if language == "easy" else 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_short_on_a_phone(browser: Browser, site: Site, language: str) -> None:
    with page_of(browser, viewport=PHONE) as page:
        for name, most in SCREENS.items():
            page.goto(f"{site.base}/{language}/{name}")
            height = page.evaluate(HEIGHT)
            assert height <= room(most, language) * PHONE["height"], (name, height)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_short_report_stays_short_on_a_phone(
    browser: Browser, site: Site, language: str, has_scripts: bool
) -> None:
    with page_of(browser, viewport=PHONE) as page:
        if not has_scripts:
            page.route("**/static/built/*", lambda route: route.abort())
        page.on("dialog", lambda dialog: dialog.accept())
        heights: dict[str, float] = {}

        def measure(name: str, part: str) -> None:
            page.locator(part).first.wait_for()
            page.wait_for_load_state("load")
            heights[name] = page.evaluate("document.documentElement.scrollHeight") / PHONE["height"]

        page.goto(f"{site.base}/{language}/report")
        if has_scripts:
            page.locator(".moves").wait_for()
        page.fill("#what_happened", "x" * 40)
        page.locator(".moves .button:not(.second)" if has_scripts else "#step-send .button").first.click()
        for _ in range(5 * has_scripts):
            page.locator(".moves .button:not(.second)").click()
        measure("check", ".answers dd")
        page.click("main form button[type=submit].button:visible")
        measure("receipt", ".receipt .code")
        code = page.inner_text(".receipt .code")
        page.fill("#last-four", code[-4:])
        page.goto(f"{site.base}/{language}/status")
        if has_scripts:
            page.locator("#way[data-way=browser]").wait_for()
        page.fill("#code", code)
        page.click("#code-form button")
        measure("case", "article")
        assert {
            name: height for name, height in heights.items() if height > room(JOURNEY[name], language)
        } == {}


@pytest.mark.parametrize("size", [PHONE, {"width": 320, "height": 256}])
def test_the_bar_stays_and_covers_nothing(browser: Browser, site: Site, size: dict[str, int]) -> None:
    with page_of(browser, viewport=size) as page:
        page.goto(f"{site.base}/ja/safety#sees")
        bar = page.locator("header").bounding_box()
        heading = page.locator("#sees").bounding_box()
        assert bar and heading and bar["y"] == 0 and heading["y"] >= bar["height"]
        assert bar["height"] <= size["height"] / 5
        assert page.locator("header .exit").is_visible()
        # Opaque: what is scrolled below it can't be read through it.
        colour = page.locator("header").evaluate("e => getComputedStyle(e).backgroundColor")
        assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", colour)


def _asked(page: Page) -> list[str]:
    found: list[str] = []

    def note(url: str) -> None:
        if url.startswith("http"):
            found.append("/" + url.split("/", 3)[3])

    page.on("request", lambda request: note(request.url))
    return found
