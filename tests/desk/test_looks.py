"""The desk in a real browser: axe finds nothing, nothing is wider than a small phone, keys are enough."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from admin.desk import new_link
from crypto.receipt import derive, new_code
from tests.desk.world import PASSPHRASE, World, serving_desk
from tests.support.browser import findings, overflow, page_of

SIZES = {"phone": {"width": 320, "height": 640}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture
def browser(chromium_browser: Chromium) -> Chromium:
    return chromium_browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_page(world: World, browser: Chromium, lang: str, size: str, scheme: str) -> None:
    accused = world.auditors[1].card.person
    sent = world.report(
        [accused], what_happened="x" * 300, cause="loss", evidence="https://intra.example/" + "y" * 200
    )
    closed = world.report([world.auditors[0].card.person])
    world.from_reporter(sent, {"message": "偽"}, signer=derive(new_code(), world.salt))
    world.from_reporter(sent, {"what_happened": "変更"}, [bytes(16)])
    app = world.desk()
    context: dict[str, Any] = {"viewport": SIZES[size], "color_scheme": scheme}
    with serving_desk(app) as address, page_of(browser, **context) as page:
        base = f"{address}/{lang}/"
        visit(page, base)
        page.goto(new_link(app))
        for path in (
            "",
            "?status=closed",
            "people",
            f"cases/{sent.case_id.hex()}",
            f"cases/{closed.case_id.hex()}",
            "none",
        ):
            visit(page, base + path)
        page.goto(f"{base}cases/{sent.case_id.hex()}")
        page.locator("form[action$='/reply'] button:not([formaction])").press("Enter")
        check(page)
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
        page.locator("ul.cases").wait_for()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    check(page)


def check(page: Page) -> None:
    assert findings(page) == [] and overflow(page) <= 0, page.url
