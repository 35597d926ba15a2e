"""What a report is about, asked with scripts: the form's questions follow it, the case shows it back."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Browser, Page

from store import db
from tests.browser.scripted import STEPS, go_on, newest, open_case, open_form
from tests.portal.conftest import World
from tests.portal.desk import Desk
from tests.support.browser import findings, overflow, page_of
from tests.support.site import Site, delete_case, make_site, running, today

DATA = 2
"""Steps from the first to the one with the questions for one subject."""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that asks what a report is about."""
    made = make_site(tmp_path_factory.mktemp("category") / "site", server="workers = 1")
    text = made.config.read_text(encoding="utf-8")
    made.config.write_text(text.replace("[site]\n", "[site]\nask_category = true\n", 1), encoding="utf-8")
    with running(made) as site:
        yield site


def places(page: Page) -> list[str]:
    shown = page.locator("[data-about]:visible")
    return [shown.nth(place).get_attribute("data-about") or "" for place in range(shown.count())]


def tell(site: Site, code: str, category: str) -> None:
    """Answer the newest report, and say what it is treated as."""
    engine, opened = db.make_engine(site.settings.store.url), newest(site)
    card = site.auditors[0].card
    world = SimpleNamespace(engine=engine, secrets=SimpleNamespace(first_card=card.key_id), day=today())
    case_id = bytes.fromhex(opened.payload["case_id"])
    try:
        Desk(cast(World, world), site.auditors[0], case_id, opened.content_key).say("x", category=category)
    finally:
        engine.dispose()


def test_the_questions_follow_the_subject_and_nothing_that_was_typed_is_lost(
    browser: Browser, asking: Site
) -> None:
    with page_of(browser, viewport={"width": 320, "height": 640}) as page:
        open_form(page, asking)
        page.fill("#what_happened", "怒鳴られています")
        # With the subject left open, no subject's own questions are among those to look over.
        page.get_by_role("button", name="これだけで送る").click()
        page.locator("#review dl").wait_for()
        terms = page.locator("#review dt").all_inner_texts()
        assert (
            terms[:3] == ["何が起きましたか", "何についての通報ですか", "いつ起きましたか"]
            and len(terms) == 9
        )
        page.go_back()
        page.check("#category-harassment")
        go_on(page, DATA)
        assert (
            page.is_visible("#how_often") and page.is_hidden("#personal_data") and page.is_hidden("#amount")
        )
        assert page.is_hidden("#why")
        assert findings(page) == [] and not overflow(page)
        page.fill("#how_often", "毎週です")
        go_on(page, STEPS - 1 - DATA)
        review = page.locator("#review")
        review.locator("dl").wait_for()
        said = review.inner_text()
        assert "ハラスメント" in said and "毎週です" in said and "見た人" in said and "何人分" not in said
        assert "会社はいつ" not in said and "隠されて" not in said
        page.locator("#review div", has_text="何についての").locator("button").click()
        page.check("#category-accounting")
        page.locator(".moves .button:not(.second)").click()
        page.locator("#review dl", has_text="金額").wait_for()
        said = page.locator("#review").inner_text()
        # What was typed stays in sight, and is sent.
        assert "毎週です" in said and "金額" in said and "何人分" not in said
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        payload = newest(asking).payload
        assert (payload["category"], payload["how_often"]) == ("accounting", "毎週です")
        open_case(page, asking, code)
        assert "会計・お金の不正" in page.inner_text("#entries")
        assert places(page) == ["accounting other"] and page.is_hidden("#treated")
        tell(asking, code, "harassment")
        page.click("#refresh button")
        page.locator("#treated:has-text('ハラスメント')").wait_for()
        assert places(page) == ["harassment", "accounting other"]
        assert findings(page) == [] and not overflow(page)


def test_a_case_about_harassment_names_the_desk_outside_and_tells_the_server_nothing(
    browser: Browser, asking: Site
) -> None:
    with page_of(browser) as page:
        open_form(page, asking)
        page.fill("#what_happened", "怒鳴られています")
        page.check("#category-harassment")
        go_on(page, STEPS - 1)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
        open_case(page, asking, code)
        page.locator("[data-about=harassment]").wait_for()
        assert "総合労働相談コーナー" in page.inner_text("[data-about=harassment]")
        assert findings(page) == [] and not any("harassment" in each for each in sent)


def test_a_case_that_was_deleted_under_an_open_page_is_called_deleted(browser: Browser, asking: Site) -> None:
    with page_of(browser) as page:
        open_form(page, asking)
        page.fill("#what_happened", "消される件")
        go_on(page, STEPS - 1)
        page.click("#form button[type=submit]")
        code = page.locator(".receipt .code").inner_text()
        open_case(page, asking, code)
        delete_case(asking, code)
        page.fill("#message", "まだ言いたいこと")
        page.click("#write button:not([type])")
        notice = page.locator("#sealed-notice")
        notice.locator("p").wait_for()
        said = notice.inner_text()
        assert "削除されました" in said and "もう一度お試し" not in said
        assert page.input_value("#message") == "まだ言いたいこと"
