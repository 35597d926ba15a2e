"""With scripts on, a reporter comes back: the case, its messages, the choice of readers, leaving it."""

from __future__ import annotations

import re
import secrets
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page

from crypto.choice import RECORD_BYTES, ExcludeRecord, first_choice, seal_record
from crypto.errors import CannotOpen
from portal.pages import record
from store import db
from store import tables as t
from store.config.secrets import load_secrets
from tests.browser.scripted import check_step, go_on, newest, open_case, open_form, put_record, send_report
from tests.portal.desk import Desk
from tests.support.browser import page_of, unfold
from tests.support.reporter import inputs
from tests.support.site import Site, today


def test_the_record_of_a_case(site: Site, page: Page) -> None:
    """Saved by the browser alone: days and fingerprints, and the words only when they are wanted."""
    words = "記録に残す言葉"
    code = send_report(page, site, words)
    fingerprint = page.locator(".proof dd").first.text_content()
    assert fingerprint is not None and len(fingerprint) == 64
    open_case(page, site, code)
    for with_words in (False, True):
        page.eval_on_selector("details:has(#record)", "part => (part.open = true)")
        page.set_checked("#with_text", with_words)
        with page.expect_download() as saved:
            page.click("#record button")
        raw = saved.value.path().read_bytes()
        text = raw.decode("utf-8-sig")
        assert raw.startswith(b"\xef\xbb\xbf")
        assert fingerprint in text and "通報を受け付けました" in text and "<script" not in text
        assert (words in text) is with_words and code not in text
        # It lies among other files: neither its name nor its title tells, and what it is to be kept from comes first.
        assert saved.value.suggested_filename == record.FILE_NAME and "<title>メモ</title>" in text
        assert 'lang="ja"' in text and 'name="viewport"' in text
        assert 0 < text.index("会社の端末には置かないで") < text.index("<time")
    assert fingerprint not in page.inner_text("main")


def test_a_message_that_waits_with_the_code_comes_along(site: Site, page: Page) -> None:
    """A page without scripts that died keeps the message beside the field for the code."""
    code = send_report(page, site, "一通目")
    late = site.reporter().post("status", [("token", "gone"), ("message", "書きかけの続き")])
    assert inputs(late.text)["message"] == "書きかけの続き"
    page.route("**/ja/status", lambda route: route.fulfill(body=late.text, content_type="text/html"))
    open_case(page, site, code)
    assert page.input_value("#write textarea") == "書きかけの続き"


def test_a_code_that_was_replaced_elsewhere_is_said_so(site: Site, page: Page) -> None:
    """Sending from a page that stayed open can never succeed: "later" would be no help."""
    code = send_report(page, site, "流出が隠されています")
    open_case(page, site, code)
    with page.context.new_page() as other:
        open_case(other, site, code)
        unfold(other, "#replace-now")
        other.click("#replace-now")
        other.check("#written")
        other.click("#replace button:not(.second)")
        other.locator("section.receipt").wait_for()
    page.fill("#message", "続きです")
    page.click("#write button")
    page.get_by_text("新しいコードに取り替えられ").first.wait_for()
    assert page.input_value("#message") == "続きです"


def test_a_withdrawal_is_read_first_and_looks_like_any_message(site: Site, page: Page) -> None:
    """Sealed with the message: the two requests have the same length and address."""
    code = send_report(page, site, "名簿の紛失")
    open_case(page, site, code)
    asked: list[tuple[str, int]] = []
    page.on(
        "request",
        lambda sent: asked.append((sent.url, len(sent.post_data or ""))) if "/message" in sent.url else None,
    )
    assert page.locator("input[name=meaning]:checked").count() == 0 and page.is_hidden("#meaning-withdraw")
    page.fill("#message", "一つ目の文章")
    page.click("#write button:not([type])")
    page.locator(".done").wait_for()
    page.fill("#message", "二つ目の文章")
    page.click("#meaning summary")
    page.check("#meaning-withdraw")
    page.click("#write button:not([type])")
    page.locator("#error-summary, .errors").first.wait_for()
    assert len(asked) == 1 and page.input_value("#message") == "二つ目の文章"
    page.check("#meaning-read")
    page.click("#write button:not([type])")
    page.locator("article p.small", has_text="通報を取り下げました").wait_for()
    assert newest(site).payload["meaning"] == "withdraw" and not newest(site).unusual
    assert len(asked) == 2 and asked[0] == asked[1]


def test_a_change_that_was_thought_better_of_changes_nothing(site: Site, page: Page) -> None:
    code = send_report(page, site, "このままにします")
    open_case(page, site, code)
    for name in ("replace", "forget"):
        unfold(page, f"#{name}-now")
        page.click(f"#{name}-now")
        assert page.evaluate("document.activeElement.type") == "checkbox"
        page.click(f"#{name}-not")
        assert page.evaluate("document.activeElement.id") == f"{name}-now"
        assert page.is_visible(f"#{name}-now") and page.is_hidden(f"#{name}")
    open_case(page, site, code)
    assert "このままにします" in page.inner_text("main")


def test_new_answers_are_told_first(site: Site, page: Page) -> None:
    """New is what came after the reporter's own last message; the page leads to the first of it."""
    code = send_report(page, site, "返事を待ちます")
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        case_id = conn.execute(t.envelope.select().order_by(t.envelope.c.seq.desc())).first()
    assert case_id is not None
    first_card = load_secrets(site.settings.server.secret_file).first_card
    world = SimpleNamespace(engine=engine, day=today(), secrets=SimpleNamespace(first_card=first_card))
    desk = Desk(cast(Any, world), site.auditors[0], case_id.case_id, newest(site).content_key)
    for words in ("一つ目の返事", "二つ目の返事"):
        desk.say(words)
    engine.dispose()
    open_case(page, site, code)
    assert "2件" in page.inner_text("#news") and page.locator("article .new").count() == 2
    page.click("#news a")
    assert "一つ目の返事" in page.inner_text("article:target")
    page.fill("#message", "読みました")
    page.click("#write button:not([type])")
    page.locator(".done").wait_for()
    assert page.is_hidden("#news") and page.locator(".new").count() == 0


def test_who_was_excluded_is_said_on_the_receipt_and_with_the_case(site: Site, page: Page) -> None:
    open_form(page, site)
    page.fill("#what_happened", "あの人には見せません")
    go_on(page, 5)
    page.check("#exclude-2")
    role = site.auditors[1].card.role["ja"]
    go_on(page)
    page.click("#form button[type=submit]")
    code = page.locator(".receipt .code").inner_text()
    assert role in page.inner_text(".note")
    open_case(page, site, code)
    # Beside the button that sends: who will not be able to read it.
    assert role in page.inner_text("#write #out-list") and page.is_hidden("#out-none")
    open_case(page, site, send_report(page, site, "だれでも読めます"))
    assert page.is_hidden("#out-some") and page.is_visible("#write #out-none")


def test_a_choice_that_can_not_be_told_is_asked_for_again(browser: Browser, site: Site) -> None:
    """The record breaks while the page is open: nothing is sent, the text stays, and whom it knows of stays ticked."""
    out = site.auditors[1].card
    with page_of(browser, viewport={"width": 320, "height": 640}, bypass_csp=True) as page:
        open_form(page, site)
        page.fill("#what_happened", "あの人には見せません")
        go_on(page, 5)
        page.check("#exclude-2")
        go_on(page)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        open_case(page, site, code)
        assert page.is_hidden("#choice") and page.is_hidden("#no-report")
        put_record(site, code, lambda _: bytes(RECORD_BYTES))
        words = "この文は残る " + secrets.token_hex(8)
        before = newest(site).envelope_id
        page.fill("#message", words)
        page.click("#write button:not([type])")
        tick = page.locator(f"#choose-{out.person.hex()}")
        tick.wait_for()
        assert tick.is_checked() and tick.is_disabled() and page.input_value("#message") == words
        assert newest(site).envelope_id == before
        check_step(page)
        # A reporter who overlooks the question has not answered "nobody".
        page.click("#write button:not([type])")
        page.locator("#sealed-notice").wait_for()
        assert newest(site).envelope_id == before and page.input_value("#message") == words
        page.check("#choose-done")
        page.click("#write button:not([type])")
        page.locator("article", has_text=words).wait_for()
        assert page.is_hidden("#choice") and out.name["ja"] in page.inner_text("#out-list")
        with pytest.raises(CannotOpen):
            newest(site, 1)
        # A record that names another report than the one that is here: nothing more can be sent.
        other = ExcludeRecord(first_choice([]), report_hash=bytes([1]) * 32)
        put_record(site, code, lambda own: seal_record(own.root, own.case_id, other))
        open_case(page, site, code)
        # Its number is old besides: that is asked first, and made good; the report stays away.
        page.fill("#message", "もう一度")
        page.check("#choose-done")
        page.click("#write button:not([type])")
        page.locator("#no-report:not([hidden])").wait_for()
        assert page.is_hidden("#write") and page.is_hidden("#changes")
        check_step(page)


def test_leaving_an_open_case(site: Site, page: Page) -> None:
    open_case(page, site, send_report(page, site, "閉じて離れます"))
    with page.expect_navigation(url=re.compile("/exit$")):
        page.locator("main a[href$='/exit']").click()
    page.go_back()
    assert "閉じて離れます" not in page.inner_text("body")


def test_an_open_case_goes_blank_after_fifteen_idle_minutes(site: Site, page: Page) -> None:
    code = send_report(page, site, "しばらく離れます")
    page.clock.install()
    open_case(page, site, code)
    page.clock.fast_forward(14 * 60 * 1000)
    assert "しばらく離れます" in page.inner_text("main")
    with page.expect_navigation():
        page.clock.fast_forward(2 * 60 * 1000)
    assert page.locator("#code").input_value() == "" and "しばらく離れます" not in page.content()
