"""A server that does not answer holds no page: the copy is shown, and the fetching goes on beside it."""

from __future__ import annotations

import threading

import httpx
import pytest

from admin.desk.server.client import PAGE_SECONDS, SILENCE
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser
from tests.desk.test_inbox import rows
from tests.desk.world import CountingTransport, World


class Frozen(CountingTransport):
    """A wire to a server that answers, or stops answering; `waits`: the seconds that each request would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.is_frozen = False
        self.waits: list[float] = []
        self.before = self._look

    def _look(self, request: httpx.Request) -> None:
        if self.is_frozen:
            self.waits.append(request.extensions["timeout"]["read"])
            raise httpx.ReadTimeout("frozen", request=request)


@pytest.fixture
def wire() -> Frozen:
    return Frozen()


def test_pages_show_the_copy_at_once_and_do_not_ask_again_and_again(world: World, wire: Frozen) -> None:
    sent = world.report(what_happened="通報A")
    browser = Browser(world.desk(transport=wire))
    browser.get()
    browser.case(sent.case_id)
    wire.is_frozen = True
    desk_of(browser.app).server._now = lambda: world.now
    page = browser.get()
    assert len(rows(page)) == 1 and wire.waits == [PAGE_SECONDS]
    assert "1分以内" in page.text or "分前" in page.text
    assert "取り込みを続けます" in page.text
    # Nothing is asked for some seconds; then one page waits once.
    for path in ("", "statistics", "people"):
        browser.get(path)
    assert "通報A" in browser.case(sent.case_id).text and wire.waits == [PAGE_SECONDS]
    world.now += SILENCE + 1
    browser.get()
    assert wire.waits == [PAGE_SECONDS] * 2


def test_what_is_sent_waits_as_long_as_it_takes(world: World, wire: Frozen) -> None:
    sent = world.report(what_happened="通報A")
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    wire.is_frozen = True
    shown = browser.reply(sent.case_id, "返信", page)
    assert "返信" in shown.text and wire.waits and min(wire.waits) > PAGE_SECONDS


def test_what_a_page_went_on_without_is_fetched_beside_it(world: World, wire: Frozen) -> None:
    world.report(what_happened="通報A")
    browser = Browser(world.desk(transport=wire))
    browser.get()
    desk = desk_of(browser.app)
    desk.server._now = lambda: world.now
    world.report(what_happened="通報B")
    wire.is_frozen = True
    assert "通報B" not in browser.get().text
    wire.is_frozen = False
    desk.read_on(threading.Event())
    assert desk.work().cache.cursor() == 1, "not before the silence has ended"
    world.now += SILENCE + 1
    desk.read_on(threading.Event())
    assert desk.work().cache.cursor() == 2 and "通報B" in browser.get().text


def test_a_page_does_not_wait_for_another_one_that_fetches(world: World, wire: Frozen) -> None:
    world.report(what_happened="通報A")
    browser = Browser(world.desk(transport=wire))
    browser.get()
    work = desk_of(browser.app).work()
    work.server.limit = 0.01
    with work.cache.pulling:
        situation = work.refresh()
    work.server.limit = None
    assert situation.trouble is not None


def test_the_first_contact_waits(world: World, wire: Frozen) -> None:
    wire.is_frozen = True
    browser = Browser(world.desk(transport=wire))
    assert browser.get(status=502).status == 502
    assert min(wire.waits) > PAGE_SECONDS
