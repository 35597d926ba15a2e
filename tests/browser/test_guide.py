"""The guide outside on a phone: a question a page, a short answer, and one sheet of paper to keep."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import findings, overflow, page_of
from tests.support.site import Site

SCREEN = 740
WORKER = ("step-no", "step-worker", "step-concealed_leak", "step-superior")
CUSTOMER = ("step-no", "step-customer", "step-concealed_leak", "step-unknown")
DANGER = ("step-yes", "step-unknown", "step-unknown", "step-unknown")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser, viewport={"width": 360, "height": SCREEN}) as opened:
        yield opened


def screens(page: Page) -> float:
    """Return how many phone screens the page takes."""
    height: float = page.evaluate("document.documentElement.scrollHeight")
    return height / SCREEN


def room(language: str) -> float:
    """Return how much higher a page may be whose lines have readings above them."""
    return 1.25 if language == "easy" else 1


def go_to(page: Page, step: str) -> None:
    """Press the button of a step and wait for its page."""
    with page.expect_navigation():
        page.click(f"main button[value='{step}']")


WITHOUT_FURIGANA = """of => { const copy = of.cloneNode(true);
copy.querySelectorAll("rt").forEach(part => part.remove()); return copy.textContent.trim(); }"""


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("answers", [WORKER, CUSTOMER, DANGER], ids=["worker", "customer", "danger"])
def test_four_questions_and_an_answer_of_three_screens(
    site: Site, page: Page, language: str, answers: tuple[str, ...]
) -> None:
    page.goto(f"{site.base}/{language}/outside")
    for number, answer in enumerate(answers):
        assert page.locator(".call .button").first.bounding_box()["y"] < SCREEN / 2  # type: ignore[index]
        assert page.locator("main fieldset:visible input:checked").count() == 0
        heading = page.locator("fieldset:visible > legend > h1")
        question = heading.evaluate(WITHOUT_FURIGANA)
        assert page.title().startswith(question) and page.locator("h1").count() == 1
        assert screens(page) <= 2 * room(language), screens(page)
        page.click(f"#{answer}")
        go_to(page, str(number + 1) if number < 3 else "result")
    assert page.url.endswith(f"/{language}/outside")
    assert page.locator("#recommended").count() == 1
    assert page.locator(".mine li:visible button").count() == len(answers)
    assert screens(page) <= 3 * room(language), screens(page)
    assert overflow(page) == 0 and not findings(page)


def test_back_keeps_the_answers_and_nothing_is_in_the_address(site: Site, page: Page) -> None:
    page.goto(f"{site.base}/en/outside")
    page.click("#step-no")
    go_to(page, "1")
    page.click("fieldset summary")
    page.click("#step-director")
    go_to(page, "2")
    go_to(page, "1")
    assert page.is_checked("#step-director")
    go_to(page, "0")
    assert page.is_checked("#step-no") and page.url.endswith("/en/outside")


def test_each_answer_is_changed_from_the_result(site: Site, page: Page) -> None:
    page.goto(f"{site.base}/en/outside")
    for number, answer in enumerate(WORKER):
        page.click(f"#{answer}")
        go_to(page, str(number + 1) if number < 3 else "result")
    assert "A superior, an officer or the like" in page.locator(".mine li").nth(3).inner_text()
    go_to(page, "3")
    assert page.is_checked("#step-superior")
    page.click("#step-no")
    go_to(page, "result")
    assert page.locator(".mine li").nth(3).inner_text().startswith("Told the company: No")
    assert page.url.endswith("/en/outside")


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_the_sheet_is_one_page_of_a4(site: Site, page: Page, language: str) -> None:
    page.goto(f"{site.base}/{language}/outside/sheet")
    printed = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"})
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert page.locator("main dt").count() == 5
