"""What the quick exit leaves in the history: an empty first page at most, whatever was on the page before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import bundle
from tests.browser.scripted import go_on, open_case, open_form, send_report
from tests.support.browser import page_of
from tests.support.reporter import CODE
from tests.support.site import Site, make_site, running

TEXT = "名簿が流出し、隠されています。"
PAGES = ("", "report", "status", "keys", "safety", "outside", "outside/all", "outside/sheet", "no-such-page")
STATES = ("step", "changed", "in_page", "receipt", "case", "answers")


class _Weather(BaseHTTPRequestHandler):
    """The neutral place: a page of another origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(b"<!doctype html><title>weather</title><h1>weather</h1>")

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture(scope="module")
def weather() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Weather)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def exit_site(tmp_path_factory: pytest.TempPathFactory, weather: str) -> Iterator[Site]:
    assert bundle.read(), "the scripts have to be built: make test builds them"
    made = make_site(tmp_path_factory.mktemp("exit") / "site")
    text = made.config.read_text(encoding="utf-8")
    made.config.write_text(text.replace("[site]\n", f'[site]\nexit_url = "{weather}"\n', 1), encoding="utf-8")
    with running(made) as site:
        yield site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser, viewport={"width": 360, "height": 740}) as opened:
        yield opened


def press(page: Page, way: str, weather: str) -> None:
    """Leave by the button or by a key three times; nothing asks."""
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.message}"))
    if way == "click":
        page.click("a.exit >> nth=0")
    else:
        for _ in range(3):
            page.keyboard.press(way)
    page.wait_for_url(weather)


def look_through_history(page: Page, site: Site, language: str, weather: str) -> None:
    """Go back to the first entry and forward to the last: none has more than a page that anybody can open."""
    places = page.evaluate("history.length")
    for move in ("back", "forward"):
        for _ in range(places):
            (page.go_back if move == "back" else page.go_forward)()
            if page.url in (weather, "about:blank"):
                continue
            body = page.inner_text("body")
            assert TEXT not in body and not CODE.search(body), (move, page.url)
            assert page.locator("h1:visible").count() == 1
            assert page.evaluate("[...document.querySelectorAll('textarea')].every(one => !one.value)")
            assert page.locator(".receipt:visible, .answers dd:visible, #review dd:visible").count() == 0
    assert page.url == weather, "nothing is ahead of the neutral place"
    page.go_back()
    assert page.url == f"{site.base}/{language}/"


@pytest.mark.parametrize(
    ("path", "way"), [*((path, "click") for path in PAGES), ("outside/all", "Shift"), ("report", "Escape")]
)
def test_each_page_is_left(exit_site: Site, page: Page, weather: str, path: str, way: str) -> None:
    page.goto(f"{exit_site.base}/en/{path}")
    press(page, way, weather)
    look_through_history(page, exit_site, "en", weather)


@pytest.mark.parametrize("state", STATES)
def test_no_step_no_code_and_no_case_stays_behind(
    exit_site: Site, page: Page, weather: str, state: str
) -> None:
    if state in ("receipt", "case"):
        # A case is opened in another window than the one that sent the report, as days later.
        sender = page.context.new_page() if state == "case" else page
        code = send_report(sender, exit_site, TEXT)
        if state == "case":
            sender.close(run_before_unload=False)
            open_case(page, exit_site, code)
    elif state == "answers":
        page.goto(f"{exit_site.base}/ja/outside")
        with page.expect_navigation():
            page.click("main form button[type=submit] >> nth=0")
    else:
        open_form(page, exit_site)
        page.fill("#what_happened", TEXT)
        go_on(page, 3)
        if state == "changed":
            page.go_back()
            go_on(page, 1)
        if state == "in_page":
            page.evaluate("location.hash = 'main'")
    press(page, "click", weather)
    look_through_history(page, exit_site, "ja", weather)


def test_the_counter_is_seen_and_other_keys_begin_anew(exit_site: Site, page: Page) -> None:
    open_form(page, exit_site)
    page.focus("#what_happened")
    counter = page.locator(".presses")
    for key, words in (
        ("Shift", "1 / 3"),
        ("Shift", "2 / 3"),
        ("A", ""),
        ("Escape", "1 / 3"),
        ("Shift", "1 / 3"),
    ):
        page.keyboard.press(key)
        expect(counter).to_contain_text(words) if words else expect(counter).to_be_empty()
    assert counter.get_attribute("role") == "status"
    page.keyboard.type("ABC")
    expect(counter).to_be_empty()
    assert page.url.endswith("/report")
