"""Buttons of a case's page in a test: its fields, a press with them."""

from __future__ import annotations

from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page
from tests.desk.world import Sent


def press(browser: Browser, page: Page, case_id: bytes, act: str, **typed: str) -> Page:
    """Press a button of the case's page with what is in its fields, and follow where it leads."""
    return browser.post(f"cases/{case_id.hex()}/record/{act}", boxes(page) | typed)


def boxes(page: Page) -> dict[str, str]:
    """Return what is in the fields of a case's page, or of the one about its leak."""
    return page.fields("/record/leak" if page.all("h2", id="leak-head") else "/look")


def write(browser: Browser, case_id: bytes, act: str, **typed: str) -> Page:
    return press(browser, browser.case(case_id), case_id, act, **typed)


def said_of(browser: Browser, sent: Sent) -> list[str]:
    work = desk_of(browser.app).work()
    opened = work.case(work.refresh(), sent.case_id)
    assert opened is not None and opened.state.ignored == ()
    return [said.record.type for said in opened.said]


def hrefs(page: Page) -> list[str]:
    return [one.get("href", "") for one in page.all("a")]
