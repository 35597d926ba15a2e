"""The desk's jobs in a real browser, by keys: axe finds nothing on the way (all pages: test_pages.py)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from admin.desk.casework.log_checks import RED, LogFault
from admin.desk.web.app import new_link
from crypto import keyfile
from crypto.payloads import MEANINGS
from crypto.receipt import derive, new_code
from tests.browser.log_screenshots import alerts_of, show
from tests.desk.browser import by_handles
from tests.desk.world import PASSPHRASE, World, serving_desk
from tests.support.browser import findings, overflow, page_of

SIZES = {"phone": {"width": 320, "height": 640}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture
def browser(chromium_browser: Chromium) -> Chromium:
    return chromium_browser


LOOKS = [("ja", "phone", "light"), ("en", "desktop", "dark")]
"""Each language, size and look once; test_pages.py has all pages."""


@pytest.mark.parametrize(("lang", "size", "scheme"), LOOKS)
def test_answering_and_the_lock(world: World, browser: Chromium, lang: str, size: str, scheme: str) -> None:
    accused = world.auditors[1].card.person
    sent = world.report(
        [accused], what_happened="x" * 300, cause="loss", evidence="https://intra.example/" + "y" * 200
    )
    world.from_reporter(sent, {"message": "偽"}, signer=derive(new_code(), world.salt))
    world.from_reporter(sent, {"what_happened": "変更"}, [bytes(16)])
    for meaning in MEANINGS:
        world.from_reporter(sent, {"message": "続き", "meaning": meaning}, [sent.envelope_id])
    app = world.desk()
    context: dict[str, Any] = {"viewport": SIZES[size], "color_scheme": scheme}
    with serving_desk(app) as address, page_of(browser, **context) as page:
        base = f"{address}/{lang}/"
        visit(page, base)
        page.goto(new_link(app))
        visit(page, f"{base}none")
        page.goto(by_handles(app, f"{base}cases/{sent.case_id.hex()}"))
        page.locator("form[action$='/reply'] button:not([formaction])").press("Enter")
        check(page)
        page.locator(".case-head a[href='#reply']").press("Enter")
        if size == "desktop":  # the head stays in sight and covers nothing that is gone to
            top = "element => element.getBoundingClientRect().top"
            bottom = page.locator(".case-head").evaluate("element => element.getBoundingClientRect().bottom")
            assert (
                page.locator(".case-head").evaluate(top) == 0
                and page.locator("h2#reply").evaluate(top) >= bottom
            )
        page.fill("#message", "返信")
        page.locator("form[action$='/reply'] button:not([formaction])").press("Enter")
        check(page)
        assert page.locator("p.done").count() == 1
        page.locator("#status-not_investigating").press("Space")
        page.locator("button[formaction$='/status']").press("Enter")
        check(page)
        page.locator("button[name='back']").press("Enter")
        page.locator("#status-investigating").press("Space")
        page.locator("button[formaction$='/status']").press("Enter")
        check(page)
        page.locator("button.lock").press("Enter")
        check(page)
        page.fill("#passphrase", "x")
        page.press("#passphrase", "Enter")
        check(page)
        page.fill("#passphrase", PASSPHRASE)
        page.press("#passphrase", "Enter")
        # Unlocking leads back to the case.
        page.locator(".case-head").wait_for()


@pytest.mark.parametrize(("lang", "size", "scheme"), LOOKS)
def test_pages_about_people_and_keys(
    world: World, browser: Chromium, tmp_path: Path, lang: str, size: str, scheme: str
) -> None:
    world.report()
    newcomer = world.newcomer(0)
    card = tmp_path / "hanako.card"
    card.write_bytes(newcomer.card.encode() + b"\n")
    app, key_id = world.desk(), newcomer.card.key_id.hex()
    context: dict[str, Any] = {"viewport": SIZES[size], "color_scheme": scheme}
    with serving_desk(app) as address, page_of(browser, **context) as page:
        base = f"{address}/{lang}/people"
        page.goto(new_link(app))
        page.goto(f"{base}/{world.auditors[1].card.key_id.hex()}/retire")
        press(page, "main form button")
        page.goto(f"{base}/join")
        press(page, "main form button")
        page.set_input_files("#file", card)
        press(page, "main form button")
        press(page, "main form button")
        page.locator("#compared").press("Space")
        press(page, "main form button")
        assert page.url == f"{base}/{key_id}/grants"
        page.locator("main form button").press("Enter")
        page.wait_for_selector("meta[http-equiv=refresh]", state="detached")
        check(page)
        page.goto(f"{base}/key/passphrase")
        check(page)  # a desk that does not know its key file's place names the command instead


def test_the_sheets_qr_code_is_black_on_white_on_a_dark_page_too(world: World, browser: Chromium) -> None:
    """As it is drawn, read by a program that knows nothing of the one that made it."""
    app = world.desk()
    with serving_desk(app) as address, page_of(browser, color_scheme="dark") as page:
        page.goto(new_link(app))
        page.goto(f"{address}/ja/people/key/sheet")
        picture = Image.open(io.BytesIO(page.locator(".qr-box").screenshot()))
        (found,) = zxingcpp.read_barcodes(picture)
        raw = keyfile.check(found.bytes)
        assert keyfile.unlock(raw, PASSPHRASE) == world.auditors[0].identity.seed
        assert (
            page.locator(".sheet").evaluate("one => getComputedStyle(one).backgroundColor")
            == "rgb(255, 255, 255)"
        )


def press(page: Page, selector: str) -> None:
    page.locator(selector).first.press("Enter")
    check(page)


def visit(page: Page, url: str) -> None:
    page.goto(url)
    check(page)


def check(page: Page) -> None:
    assert findings(page) == [] and overflow(page) <= 0, page.url


@pytest.mark.parametrize(("lang", "size", "scheme"), LOOKS)
def test_everything_that_a_desk_can_say_about_the_log(
    world: World, browser: Chromium, lang: str, size: str, scheme: str
) -> None:
    sent, app = world.report(), world.desk()
    context: dict[str, Any] = {"viewport": SIZES[size], "color_scheme": scheme}
    with serving_desk(app) as address, page_of(browser, **context) as page:
        page.goto(new_link(app))
        visit(page, f"{address}/{lang}/")
        show(app, alerts_of(world, sent.case_id))
        visit(page, f"{address}/{lang}/log")
        assert page.locator("main section h2").count() == len(LogFault)
        colours = [section.get_attribute("class") or "" for section in page.locator("main section").all()]
        assert colours == sorted(colours, reverse=True), "what only the server can have done comes first"
        visit(page, f"{address}/{lang}/")
        assert page.locator("div.warn a[href$='/log']").count() == len(RED)
