"""Notices about late and new: counts alone, only where they are wanted, and nothing more asked of the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser as Chromium

from admin.desk.web.app import new_link
from tests.desk.browser import Browser
from tests.desk.world import CountingTransport, World, serving_desk
from tests.support.browser import findings, page_of, until

RECORDER = """
window.told = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, options) { window.told.push([title, options.body]); }
};
"""
"""Writes down what the page tells the computer to show: a browser without a screen shows none."""


def state(browser: Browser) -> Any:
    return browser.raw("GET", "/ja/locked").get_json()


def turn(browser: Browser, on: str) -> None:
    browser.post("notices", browser.get().fields("/notices") | {"on": on})


def test_a_rise_is_told_once_and_only_where_it_is_wanted(world: World) -> None:
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    sent = world.report(what_happened="MARKER-NOTICE")
    turn(browser, "1")
    assert state(browser) == {
        "locked": False,
        "count": 1,
        "notice": "",
    }  # what the inbox shows needs no notice
    world.report(what_happened="MARKER-NOTICE")
    browser.case(sent.case_id)
    asked = len(transport.requests)
    assert state(browser) == {
        "locked": False,
        "count": 1,
        "notice": "",
    }  # one more, and one that was looked at
    world.from_reporter(sent, {"message": "MARKER-NOTICE"})
    browser.get(f"cases/{world.report().case_id.hex()}", status=200)
    told = state(browser)
    assert told == {"locked": False, "count": 2, "notice": "新しい通報やメッセージのある案件：2件。"}
    assert state(browser)["notice"] == "" and len(transport.requests) > asked
    turn(browser, "")
    world.report()
    browser.case(sent.case_id)
    assert state(browser)["notice"] == ""


def test_what_becomes_late_is_told_without_asking_the_server(world: World) -> None:
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    sent = world.report()
    browser.case(sent.case_id)
    turn(browser, "1")
    asked = list(transport.requests)
    world.desk_day += timedelta(days=40)
    assert state(browser)["notice"] == "期限を過ぎた案件：1件。"
    assert transport.requests == asked


def test_a_locked_desk_tells_nothing(world: World) -> None:
    world.report()
    browser = Browser(world.desk())
    turn(browser, "1")
    assert browser.raw("POST", "/ja/lock", data=browser.get().fields("/lock")).status_code == 303
    assert state(browser) == {"locked": True, "count": 0, "notice": ""}


def test_in_a_browser(world: World, chromium_browser: Chromium) -> None:
    sent, app = world.report(what_happened="MARKER-NOTICE"), world.desk()
    with serving_desk(app) as address, page_of(chromium_browser) as page:
        page.add_init_script(RECORDER)
        page.goto(new_link(app))
        page.goto(f"{address}/ja/")
        until(page, "document.title.startsWith('(1) ')")
        page.get_by_role("button", name="お知らせを出す").click()
        page.get_by_role("button", name="お知らせをやめる").wait_for()
        assert findings(page) == []
        world.report()
        second = Browser(app)
        second.get(f"cases/{sent.case_id.hex()}")
        world.report()
        second.get(f"cases/{sent.case_id.hex()}")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        until(page, "told.length === 1")
        ((title, body),) = page.evaluate("told")
        assert (title, body) == ("目安箱デスク", "新しい通報やメッセージのある案件：2件。")
        until(page, "document.title.startsWith('(2) ')")
