"""The report form with scripts on: keyboard, errors of input, limits, a failed sealing, a lost answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, Route

from tests.browser.scripted import STEPS, go_on, newest, open_case, open_form, tab_to
from tests.support.reporter import CODE
from tests.support.site import Site


def test_a_report_by_keyboard(site: Site, page: Page) -> None:
    open_form(page, site)
    page.focus("#what_happened")
    page.keyboard.type("キーボードだけで")
    for _ in range(STEPS - 1):
        tab_to(page, "次へ")
        page.keyboard.press("Enter")
    tab_to(page, "通報を送る")
    page.keyboard.press("Enter")
    page.locator(".receipt .code").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"


def test_what_is_missing_or_too_much_is_said_where_it_is(site: Site, page: Page) -> None:
    open_form(page, site, "en")
    go_on(page)
    assert "Please write what happened" in page.inner_text("#sealed-notice")
    assert page.evaluate("document.activeElement.id") == "what_happened"
    page.fill("#what_happened", "x" * 100_001)
    go_on(page)
    assert "up to 100,000 characters; there are 100,001 now" in page.inner_text("#sealed-notice")
    page.fill("#what_happened", "x")
    go_on(page, 4)
    many: list[FilePayload] = [{"name": f"{n}", "mimeType": "", "buffer": b"x"} for n in range(21)]
    page.set_input_files("#files", many)
    go_on(page)
    assert "more files" in page.inner_text("#sealed-notice")
    page.locator("#step-files .files button").last.click()
    go_on(page)
    for box in page.locator("input[name=exclude]").all():
        box.check()
    go_on(page)
    notice = page.locator("#sealed-notice")
    assert "nobody could read" in notice.inner_text() and notice.locator("a[href$='/outside']").count() == 1


def test_when_sealing_fails_the_way_without_scripts_is_offered_with_the_text(site: Site, page: Page) -> None:
    page.route("**/sealed/report", lambda route: route.fulfill(status=400, json={"error": "envelope"}))
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.locator("summary").click()
    assert page.inner_text("#form button[type=submit]") == "もう一度送る"
    with page.expect_navigation():
        notice.locator("button").click()
    assert CODE.search(page.inner_text("main")) and newest(site).payload["what_happened"] == "残る文"


@pytest.mark.parametrize(
    ("url", "status", "word"),
    [
        ("**/sealed/report", 503, "store_failed"),
        ("**/sealed/report", 413, "too_large"),
        ("**/sealed/report", 409, "code_ended"),
        ("**/sealed/piece", 503, "files_full"),
        ("**/sealed/piece", 413, "too_large"),
        ("**/keys.json", 0, ""),
    ],
)
def test_what_the_way_without_scripts_would_not_cure_does_not_offer_it(
    site: Site, page: Page, url: str, status: int, word: str
) -> None:
    def answer(route: Route) -> None:
        if status:
            route.fulfill(status=status, json={"error": word})
        else:
            route.abort()

    page.route(url, answer)
    open_form(page, site)
    page.fill("#what_happened", "残る文")
    page.set_input_files("#files", {"name": "a.txt", "mimeType": "", "buffer": b"x"})
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.locator("a[href$='/outside']").wait_for()
    assert notice.locator("button").count() == 0
    assert page.input_value("#what_happened") == "残る文" and "残って" in notice.inner_text()


def test_both_ways_count_the_same_and_say_so_at_the_step(site: Site, page: Page) -> None:
    """All answers together, in code points, as the server does; nothing is sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    open_form(page, site)
    page.fill("#what_happened", "𠮷" * 50_000)
    go_on(page, 2)
    page.fill("#personal_data", "𠮷" * 50_001)
    go_on(page)
    notice = page.locator("#sealed-notice")
    assert "100,001字" in notice.inner_text() and notice.locator("button").count() == 0
    assert page.evaluate("document.activeElement.id") == "personal_data" and sent == []
    page.fill("#personal_data", "𠮷" * 50_000)
    go_on(page, STEPS - 3)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    open_case(page, site, code)
    sent.clear()
    page.fill("#message", "𠮷" * 100_001)
    page.click("#write button:not([type])")
    assert "100,001字" in page.inner_text("#sealed-notice") and sent == []


def test_a_text_that_grows_in_normal_form_is_too_long(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "\ufb2c" * 100_000)
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.get_by_text("10万字まで").wait_for()
    assert notice.locator("button").count() == 0


def test_a_conversion_that_is_undone_does_not_leave(site: Site, page: Page) -> None:
    """Esc undoes a conversion while Japanese is typed; it is no wish to leave."""
    open_form(page, site)
    page.evaluate("addEventListener('keydown', e => (window.seen ??= []).push([e.key, e.isComposing]))")
    page.fill("#what_happened", "書きかけ")
    page.focus("#what_happened")
    keyboard = page.context.new_cdp_session(page)
    for text in ("ろうえい", "漏えい", "漏洩"):
        keyboard.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": len(text)}
        )
        page.keyboard.press("Escape")
    assert page.evaluate("seen.filter(([key, composing]) => key === 'Escape' && composing).length") == 3
    # And Esc right behind the composition, as some browsers tell it.
    keyboard.send("Input.insertText", {"text": "漏えい"})
    for _ in range(3):
        page.keyboard.press("Escape")
    assert page.url.endswith("/report") and page.input_value("#what_happened").startswith("書きかけ")


def test_a_text_changed_after_a_lost_answer_goes_beside_the_first(site: Site, page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()  # it arrives, and its answer gets lost
        route.abort()

    page.route("**/sealed/report", lose, times=1)
    open_form(page, site)
    page.fill("#what_happened", "はじめの文")
    go_on(page, STEPS - 1)
    page.click("#form button[type=submit]")
    page.locator("#sealed-notice a").wait_for()
    page.locator("#review .change button").first.click()
    page.fill("#what_happened", "変えた文")
    go_on(page)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    open_case(page, site, code)
    assert "はじめの文" in page.inner_text("main") and "変えた文" in page.inner_text("main")
