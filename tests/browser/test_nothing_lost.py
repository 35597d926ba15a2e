"""What was typed, and the code that is shown once, are still there or were asked about: whatever is pressed."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from portal import bundle
from tests.browser.scripted import STEPS, go_on, newest, open_case, open_form, send_report
from tests.browser.test_scripts_readers import count_envelopes
from tests.support.browser import findings, overflow, page_of, until
from tests.support.reporter import CODE
from tests.support.site import Site, make_site, running

TEXT = "名簿が流出し、隠されています。"


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    assert bundle.read(), "the scripts have to be built: make test builds them"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser, viewport={"width": 360, "height": 740}) as found:
        yield found


class Asked:
    """The browser's own questions before a page is left: each is answered by staying."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("dialog", self._stay)

    def _stay(self, dialog: Dialog) -> None:
        assert dialog.type == "beforeunload"
        self.count += 1
        dialog.dismiss()


def begin(page: Page, site: Site, step: int = 0) -> None:
    """Open the form, write, and go to a step."""
    open_form(page, site)
    page.click("#what_happened")
    page.fill("#what_happened", TEXT)
    go_on(page, step)
    at_step(page, step)


def at_step(page: Page, step: int) -> None:
    until(
        page,
        "step => [...document.querySelectorAll('.step')].every((one, at) => one.hidden === (at !== step))",
        arg=step,
    )


def reload(page: Page) -> None:
    """Press the browser's button; where somebody stays no page comes."""
    page.evaluate("setTimeout(() => location.reload())")


@pytest.mark.parametrize("step", range(STEPS))
def test_each_step_asks_before_the_page_is_left(site: Site, page: Page, step: int) -> None:
    """Reload and links; the text is there after each."""
    begin(page, site, step)
    asked = Asked(page)
    with page.expect_event("dialog"):
        reload(page)
    for link in ("header a.name", "footer a[href$='/keys']"):
        page.click(link)
        box = page.locator("dialog.leaving")
        box.wait_for()
        assert "消えます" in box.inner_text()
        box.locator(".button").first.click()
        box.wait_for(state="detached")
    at_step(page, step)
    assert asked.count == 1 and page.input_value("#what_happened") == TEXT and page.url.endswith("/ja/report")


def test_the_language_changes_with_what_is_written(site: Site, page: Page) -> None:
    """In memory: no request has a word of it. Where the other page can't be had, the change is asked about."""
    asked, bodies = Asked(page), list[str]()
    page.on("request", lambda request: bodies.append(f"{request.url} {request.post_data or ''}"))
    begin(page, site, 2)
    page.fill("#personal_data", "氏名と住所")
    page.check("#cause-insider")
    go_on(page, 2)
    page.set_input_files("#files", {"name": "a.txt", "mimeType": "", "buffer": b"proof"})
    go_on(page)
    page.check("#exclude-2")
    page.click(".languages button[lang=en]")
    page.get_by_role("heading", name="Who must not read it").wait_for()
    at_step(page, 5)
    assert page.url.endswith("/en/report") and page.is_checked("#exclude-2") and asked.count == 0
    assert page.locator("html").get_attribute("lang") == "en"
    go_on(page)
    page.locator("#review dd :is(p, div).words", has_text="a.txt").wait_for()
    review = page.inner_text("#review")
    assert TEXT in review and "氏名と住所" in review and "Taken on purpose" in review
    assert not any(TEXT in one for one in bodies)
    page.go_back()
    at_step(page, 5)
    page.route("**/ja/report", lambda route: route.abort())
    page.click(".languages button[lang=ja] >> nth=0")
    page.locator("dialog.leaving .button").first.click()
    go_on(page)
    page.click("#form button[type=submit]")
    page.locator(".receipt .code").wait_for()
    payload = newest(site).payload
    assert (payload["language"], payload["cause"]) == ("en", "insider")
    assert payload["exclude"] == [site.auditors[1].card.person.hex()] and len(payload["files"]) == 1


def test_steps_are_places_in_the_history(site: Site, page: Page) -> None:
    begin(page, site, 1)
    page.fill("#where", "倉庫")
    go_on(page, STEPS - 2)
    for step in reversed(range(STEPS - 1)):
        page.go_back()
        at_step(page, step)
    assert page.input_value("#what_happened") == TEXT and page.input_value("#where") == "倉庫"
    for step in range(1, STEPS):
        page.go_forward()
        at_step(page, step)
    page.locator("#review dd", has_text="倉庫").wait_for()
    held = page.evaluate(
        "JSON.stringify([history.state, location.href, {...localStorage}, {...sessionStorage}])"
    )
    assert TEXT not in held and "倉庫" not in held


def test_leaving_is_possible_and_the_quick_exit_asks_nothing(site: Site, page: Page) -> None:
    begin(page, site)
    page.click("footer a[href$='/keys']")
    with page.expect_navigation(url=re.compile("/keys$")):
        page.locator("dialog.leaving .second").click()
    begin(page, site, 2)
    asked = Asked(page)
    page.click("a.exit >> nth=0")
    page.wait_for_url(lambda url: "/report" not in url)
    assert asked.count == 0


def test_an_empty_form_asks_nothing(site: Site, page: Page) -> None:
    open_form(page, site)
    page.click("#what_happened")
    asked = Asked(page)
    with page.expect_navigation():
        page.click(".languages button >> nth=0")
    assert asked.count == 0 and page.url.endswith("/en/report")


def test_every_answer_can_be_changed_from_the_page_that_checks(site: Site, page: Page) -> None:
    """Also what is empty; and it comes back there. Nothing is written twice."""
    begin(page, site)
    page.get_by_role("button", name="これだけで送る").click()
    rows = page.locator("#review .answers > div")
    # In the same words as without scripts; nobody chosen means that everybody reads.
    names = "、".join(f"{auditor.card.role['ja']} {auditor.card.name['ja']}" for auditor in site.auditors)
    rows.last.get_by_text(f"読める人：{names}").wait_for()
    assert "この通報を読ませたくない人はいますか" in rows.last.inner_text()
    assert rows.count() == 15 and page.locator("#review .empty").count() == 13
    for at in range(15):
        rows.nth(at).locator("button").click()
        assert page.locator("#review").is_hidden()
        page.get_by_role("button", name="確認に戻る").click()
        page.locator("#review").wait_for()
    page.get_by_role("button", name="変更: どこで").click()
    assert page.evaluate("document.activeElement.id") == "where"
    page.fill("#where", "三階")
    page.get_by_role("button", name="確認に戻る").click()
    page.locator("#review dd.words", has_text="三階").wait_for()


def test_a_tick_says_at_once_who_can_read_and_who_can_not(site: Site, page: Page) -> None:
    begin(page, site, 5)
    names = [f"{one.card.role['ja']} {one.card.name['ja']}" for one in site.auditors]
    page.check("#exclude-2")
    said = page.locator("#who-reads")
    said.get_by_text(f"読めない人：{names[1]}").wait_for()
    assert f"読める人：{names[0]}" in said.inner_text()
    for box in page.locator("input[name=exclude]").all():
        box.check()
    said.get_by_text("読む人がいなくなります").wait_for()
    assert said.locator("a[href$='/outside']").count() == 1


def test_the_server_is_not_told_by_a_request_that_somebody_is_ticked(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, site, 5)
    page.check("#exclude-2")
    page.locator("#who-reads:not([hidden])").wait_for()
    assert sum(url.endswith("/keys.json") for url in asked) == 1
    asked.clear()
    page.uncheck("#exclude-2")
    go_on(page)
    page.locator("#review dl").wait_for()
    assert asked == []


def test_an_error_is_said_in_one_way(browser: Browser, site: Site) -> None:
    """Summary with a link, the words at the field, the title; all of it goes once it is put right."""
    with page_of(browser, viewport={"width": 320, "height": 640}, bypass_csp=True) as page:
        open_form(page, site)
        go_on(page)
        field = page.locator("#what_happened")
        assert page.title().startswith("エラー：") and field.get_attribute("aria-invalid") == "true"
        assert "what_happened-error" in (field.get_attribute("aria-describedby") or "").split()
        assert "エラー：" in page.inner_text("#what_happened-error")
        page.focus("#sealed-notice")
        page.click("#sealed-notice a")
        assert page.evaluate("document.activeElement.id") == "what_happened"
        assert findings(page) == [] and overflow(page) <= 0
        page.fill("#what_happened", TEXT)
        go_on(page)
        assert page.locator(".wrong, .errors, [aria-invalid]").count() == 0
        assert not page.title().startswith("エラー：")


def test_sending_says_so_at_once_and_can_be_stopped(site: Site, page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/sealed/report", lambda route: waiting.append(route))
    begin(page, site)
    page.get_by_role("button", name="これだけで送る").click()
    page.click("#form button[type=submit]")
    box = page.locator(".sending")
    box.wait_for()
    assert page.get_attribute("#form", "aria-busy") == "true" and "閉じないで" in box.inner_text()
    asked = Asked(page)
    with page.expect_event("dialog"):
        reload(page)
    assert asked.count == 1 and page.locator("#form button[type=submit]").is_hidden()
    box.get_by_role("button").click()
    page.locator("#sealed-notice").wait_for()
    assert (
        "やめました" in page.inner_text("#sealed-notice") and page.get_attribute("#form", "aria-busy") is None
    )
    page.unroute("**/sealed/report")
    page.get_by_role("button", name="もう一度送る").click()
    page.locator(".receipt .code").wait_for()


def test_after_a_lost_connection_sending_again_is_the_button(site: Site, page: Page) -> None:
    page.route("**/sealed/report", lambda route: route.abort(), times=1)
    begin(page, site, STEPS - 1)
    page.click("#form button[type=submit]")
    notice = page.locator("#sealed-notice")
    notice.wait_for()
    assert "残っています" in notice.inner_text() and notice.locator("button").count() == 0
    page.get_by_role("button", name="もう一度送る").click()
    page.locator(".receipt .code").wait_for()


def to_receipt(page: Page, site: Site) -> str:
    code = send_report(page, site, TEXT)
    assert page.title().startswith("通報を受け付けました") and CODE.fullmatch(code)
    return code


def test_the_receipt_asks_until_the_code_is_shown_to_be_kept(site: Site, page: Page) -> None:
    code = to_receipt(page, site)
    assert page.locator(".receipt .code span").count() == 5
    again = date.fromisoformat(page.locator(".proof dd").nth(1).text_content() or "") + timedelta(7)
    assert f"{again.year}年{again.month}月{again.day}日" in page.inner_text("main")
    assert page.locator(".languages, footer").filter(visible=True).count() == 0
    asked = Asked(page)
    for times in (1, 2):
        page.go_back()
        page.locator("dialog.leaving").wait_for()
        page.locator("dialog.leaving .button").first.click()
        assert page.inner_text(".receipt .code") == code
        with page.expect_event("dialog"):
            reload(page)
        assert asked.count == times
    page.click("main a[href$='/outside'] >> nth=0")
    page.locator("dialog.leaving .button").first.click()
    page.fill("#last-four", "0000" if code[-4:] != "0000" else "1111")
    page.click("#prove button")
    assert "上に表示されています" in page.inner_text("#sealed-notice") and page.url.endswith("/report")
    # As an input method for Japanese writes it.
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code[-4:].lower())
    page.fill("#last-four", wide)
    assert "合っています" in page.inner_text("#proven")
    page.go_back()
    assert page.inner_text(".receipt .code") == code and page.locator("dialog").count() == 0
    with page.expect_navigation(url=re.compile("/status")):
        page.click("#prove button")
    assert asked.count == 2


def test_copying_is_confirmed(browser: Browser, site: Site) -> None:
    with page_of(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        code = to_receipt(page, site)
        page.get_by_role("button", name="コードをコピー").click()
        page.locator("#copied", has_text="コピーしました").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == code


def test_what_is_printed_has_the_number_and_no_word_that_tells(site: Site, page: Page) -> None:
    code = to_receipt(page, site)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.inner_text("body").split() == ["控え番号", code]
    assert page.title() == "控え番号"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.title().startswith("通報を受け付けました")


def test_two_tabs_are_two_reports(browser: Browser, site: Site, page: Page) -> None:
    with page_of(browser) as other:
        begin(page, site, STEPS - 1)
        begin(other, site, STEPS - 1)
        codes = set()
        for one in (page, other):
            one.click("#form button[type=submit]")
            codes.add(one.locator(".receipt .code").inner_text())
        assert len(codes) == 2
        open_case(other, site, codes.pop())


def test_a_conversion_moves_and_leaves_nothing(site: Site, page: Page) -> None:
    """Enter takes a conversion, Esc gives it up; the step and the text stay."""
    begin(page, site, 1)
    page.focus("#where")
    keyboard = page.context.new_cdp_session(page)
    for key in ("Enter", "Escape", "Escape", "Escape"):
        keyboard.send("Input.imeSetComposition", {"text": "倉庫", "selectionStart": 0, "selectionEnd": 2})
        page.keyboard.press(key)
    keyboard.send("Input.insertText", {"text": "倉庫"})
    page.keyboard.press("Enter")
    at_step(page, 1)
    assert "倉庫" in page.input_value("#where") and page.input_value("#what_happened") == TEXT


def test_a_server_that_dies_while_it_is_sent_to_loses_nothing(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Killed before the answer; sent again after its start: one report, under the code that is shown then."""
    site = make_site(tmp_path_factory.mktemp("dies") / "site", server="workers = 1")
    with running(site), page_of(browser) as page:
        begin(page, site, STEPS - 1)

        def killed(route: Route) -> None:
            process = site.process
            assert process is not None
            for pid in (process.pid, *site.workers()):
                os.kill(pid, signal.SIGKILL)
            process.wait()
            route.continue_()

        page.route("**/sealed/report", killed, times=1)
        page.click("#form button[type=submit]")
        page.locator("#sealed-notice").wait_for()
        assert page.input_value("#what_happened") == TEXT and "残っています" in page.inner_text(
            "#sealed-notice"
        )
        site.start()
        page.get_by_role("button", name="もう一度送る").click()
        code = page.locator(".receipt .code").inner_text()
        assert count_envelopes(site) == 1
        open_case(page, site, code)
        assert TEXT in page.inner_text("main")


# --- the page of a case


def test_an_idle_case_warns_and_gives_back_what_was_begun(site: Site, page: Page) -> None:
    """Two minutes before; then only the code opens it, and another code does not get the text."""
    other, code = send_report(page, site, "別の通報"), send_report(page, site, TEXT)
    page.clock.install()
    open_case(page, site, code)
    page.click("#message")
    page.fill("#message", "書きかけの続き")
    page.click("#meaning summary")
    page.check("#meaning-withdraw")
    page.clock.fast_forward(13 * 60 * 1000 + 1000)
    page.get_by_role("button", name="続ける").click()
    page.clock.fast_forward(12 * 60 * 1000)
    assert page.locator("#idle").count() == 0 and TEXT in page.inner_text("main")
    page.clock.fast_forward(2 * 60 * 1000)
    page.locator("#idle").wait_for()
    page.clock.fast_forward(2 * 60 * 1000)
    page.locator("#code").wait_for()
    for secret in (TEXT, "書きかけの続き", code):
        assert secret not in page.content()
    asked = Asked(page)
    with page.expect_event("dialog"):
        reload(page)
    for typed, text in ((other, ""), (code, "書きかけの続き")):
        page.fill("#code", typed)
        page.click("#code-form button")
        page.locator("article").first.wait_for()
        assert page.input_value("#message") == text
        assert page.is_checked("#meaning-withdraw") == bool(text)
        if not text:
            page.clock.fast_forward(13 * 60 * 1000 + 1000)
            page.get_by_role("button", name="今すぐ閉じる").click()
            page.locator("#code").wait_for()
    assert asked.count == 1


def test_a_message_that_was_begun_is_asked_about(site: Site, page: Page) -> None:
    open_case(page, site, send_report(page, site, TEXT))
    page.click("#message")
    page.fill("#message", "書きかけ")
    asked = Asked(page)
    with page.expect_event("dialog"):
        reload(page)
    page.click("footer a[href$='/keys']")
    page.locator("dialog.leaving .button").first.click()
    assert asked.count == 1 and page.input_value("#message") == "書きかけ"
    page.fill("#message", "")
    page.click("#write button:not([type])")
    assert page.title().startswith("エラー：") and page.locator("#message-error").count() == 1


# --- without scripts


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    with page_of(browser, java_script_enabled=False, viewport={"width": 320, "height": 640}) as found:
        yield found


def test_without_scripts_all_answers_are_checked_and_each_can_be_changed(site: Site, plain: Page) -> None:
    plain.goto(f"{site.base}/ja/report")
    plain.fill("#what_happened", f"{TEXT}\n二行目")
    plain.check("#exclude-2")
    plain.set_input_files("#files", {"name": "a.txt", "mimeType": "", "buffer": b"x"})
    plain.click("button[name=check] >> nth=-1")
    text = plain.inner_text("main")
    assert "二行目" in text and "a.txt" in text and "未記入" in text
    # Going back in the browser would show an empty form.
    assert "それぞれの「変更」を押してください" in text
    names = [f"{one.card.role['ja']} {one.card.name['ja']}" for one in site.auditors]
    assert f"読める人：{names[0]}" in text and f"読めない人：{names[1]}" in text
    plain.click("button[name=change][value=where]")
    assert plain.url.endswith("/ja/report#where") and plain.input_value("#what_happened") == f"{TEXT}\n二行目"
    assert plain.is_checked("#exclude-2") and plain.locator(".files").inner_text().startswith("a.txt")
    plain.fill("#where", "三階")
    plain.click("button[name=check] >> nth=-1")
    assert "三階" in plain.inner_text("main") and "a.txt" in plain.inner_text("main")
    plain.click("main button[type=submit]:not([name])")
    code = plain.inner_text(".receipt .code")
    assert CODE.fullmatch(code)
    # The server's answer can be sent again: the same receipt, and nothing is stored twice.
    plain.reload()
    assert plain.inner_text(".receipt .code") == code and "すでに受け付けています" in plain.inner_text("main")
