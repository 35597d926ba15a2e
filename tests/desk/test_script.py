"""The desk's script in Chromium: searching as one types, and a page that goes blank once the desk is locked."""

from __future__ import annotations

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from admin.desk.keys import IDLE
from admin.desk.web.app import new_link
from tests.desk.browser import Browser, by_handles
from tests.desk.case_forms import write
from tests.desk.world import PASSPHRASE, World, serving_desk
from tests.support.browser import findings, overflow, page_of, until

SMALL = {"viewport": {"width": 320, "height": 640}}


def look_again(page: Page) -> None:
    """Have the page ask whether it may still be shown, as it does four times a minute."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_searching_as_one_types(world: World, chromium_browser: Chromium) -> None:
    world.report(what_happened="顧客名簿の漏洩")
    world.report(what_happened="別の件")
    app = world.desk()
    with serving_desk(app) as address, page_of(chromium_browser, **SMALL) as page:
        page.goto(new_link(app))
        before = page.url
        page.locator("#words").press_sequentially("漏洩")
        page.wait_for_selector("#found mark")
        assert page.locator("#found tbody tr").count() == 1 and not page.is_visible("#list")
        assert page.url == before and page.evaluate("history.length") <= 3
        assert findings(page) == [] and overflow(page) <= 0
        page.locator("#words").press("Enter")
        page.wait_for_selector("#found mark")
        assert page.url == before
        page.fill("#words", "")
        page.wait_for_selector("#list", state="visible")
        assert page.locator("#list tr.fresh").count() == 2
        page.goto(f"{address}/ja/search")
        assert findings(page) == [] and overflow(page) <= 0


def test_a_page_goes_blank_when_the_desk_is_locked(world: World, chromium_browser: Chromium) -> None:
    sent = world.report(what_happened="MARKER-OPEN")
    app = world.desk()
    with serving_desk(app) as address, page_of(chromium_browser, **SMALL) as page:
        page.goto(new_link(app))
        page.goto(by_handles(app, f"{address}/ja/cases/{sent.case_id.hex()}"))
        assert "MARKER-OPEN" in page.content()
        world.now += IDLE
        look_again(page)
        page.wait_for_selector("#passphrase")
        assert "MARKER-OPEN" not in page.content()
        page.go_back()
        page.wait_for_selector("#passphrase")
        assert "MARKER-OPEN" not in page.content()


def test_what_was_typed_stays_and_nothing_else(world: World, chromium_browser: Chromium) -> None:
    sent = world.report(what_happened="MARKER-OPEN")
    app = world.desk()
    with serving_desk(app) as address, page_of(chromium_browser, **SMALL) as page:
        page.goto(new_link(app))
        page.goto(by_handles(app, f"{address}/ja/cases/{sent.case_id.hex()}"))
        page.fill("#message", "書きかけの返信")
        world.now += IDLE
        look_again(page)
        page.wait_for_selector("h1:text('デスクはロックされています')")
        assert "MARKER-OPEN" not in page.content() and page.input_value("#message") == "書きかけの返信"
        assert findings(page) == [] and overflow(page) <= 0
        page.locator("main form button").press("Enter")
        page.fill("#passphrase", PASSPHRASE)
        page.press("#passphrase", "Enter")
        page.wait_for_selector("form[action$='/reply']")
        assert page.input_value("#message") == "書きかけの返信"
    assert len(world.reporter_sees(sent).entries) == 1


def test_the_text_for_the_authority_is_copied_and_said_so(world: World, chromium_browser: Chromium) -> None:
    sent, app = world.report(), world.desk()
    write(Browser(app), sent.case_id, "leak", final_outline="名簿が見えた")
    granted = {"permissions": ["clipboard-read", "clipboard-write"]}
    with serving_desk(app) as address, page_of(chromium_browser, **SMALL, **granted) as page:
        page.goto(new_link(app))
        page.goto(by_handles(app, f"{address}/ja/cases/{sent.case_id.hex()}/leak"))
        page.click("[data-copy=text_final]")
        until(page, "document.getElementById('text_final-said').textContent !== ''")
        assert page.inner_text("#text_final-said") == "コピーしました。"
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("1. 概要\n名簿が見えた\n\n2. ") and copied.endswith("（未記入）")
        # Where the browser does not allow it, the text is selected.
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
        page.click("[data-copy=text_final]")
        until(page, "document.getElementById('text_final-said').textContent.includes('キーボード')")
        assert page.evaluate("getSelection().toString() || document.activeElement.id") in (
            "text_final",
            copied,
        )
        assert findings(page) == [] and overflow(page) <= 0
