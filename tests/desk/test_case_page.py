"""The form of a case's page: its head, its parts, and the two boxes that must not be taken for each other."""

from __future__ import annotations

from playwright.sync_api import Browser as Chromium

from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from tests.desk.browser import HTML, Browser, Page, by_handles
from tests.desk.test_search import search
from tests.desk.world import CountingTransport, Sent, World, serving_desk
from tests.support.browser import findings, overflow, page_of


def beside(browser: Browser, page: Page) -> tuple[str | None, str | None]:
    """Return the handles of the cases that a page's head leads back and on to."""
    (walk,) = page.all("nav", class_="walk")
    ways = {way.get("aria-keyshortcuts"): way.get("href") or way.get("value") for way in walk}
    before, after = ways.get("k"), ways.get("j")
    return before and before[-32:], after and after[-32:]


def handle(browser: Browser, sent: Sent) -> str:
    return desk_of(browser.app).handles.of(sent.case_id)


def test_a_case_leads_to_the_one_before_and_after_it_in_its_list(world: World, browser: Browser) -> None:
    first, second, third = (
        world.report(what_happened=text) for text in ("一つ目の紛失", "二つ目", "三つ目の紛失")
    )
    assert beside(browser, browser.case(second.case_id)) == (None, None)  # opened from no list
    browser.get()
    assert beside(browser, browser.case(first.case_id)) == (None, handle(browser, second))
    assert beside(browser, browser.case(second.case_id)) == (handle(browser, first), handle(browser, third))
    search(browser, "紛失")
    assert handle(browser, second) not in beside(browser, browser.case(first.case_id))
    assert beside(browser, browser.case(second.case_id)) == (handle(browser, first), handle(browser, third))
    desk_of(browser.app).forget()
    assert beside(browser, browser.case(second.case_id)) == (None, None)


def test_the_server_is_asked_the_same_whether_a_case_was_opened_from_a_list(world: World) -> None:
    sent, asked = [world.report() for _ in range(3)], []
    for from_list in (True, False):
        wire = CountingTransport()
        browser = Browser(world.desk(transport=wire))
        browser.get()
        if not from_list:
            desk_of(browser.app).trail.forget()
        wire.requests.clear()
        assert any(beside(browser, browser.case(sent[1].case_id))) == from_list
        asked.append([request.partition("?")[0] for request in wire.requests])
    assert asked[0] == asked[1]


def test_a_new_message_is_marked_where_it_is_and_the_head_leads_to_it(world: World, browser: Browser) -> None:
    sent = world.report()
    world.from_reporter(sent, {"message": "古いもの"}, [sent.envelope_id])
    browser.case(sent.case_id)
    for text in ("新しいもの", "もう一つ"):
        world.from_reporter(sent, {"message": text}, [sent.envelope_id])
    page = browser.case(sent.case_id)
    (link,) = page.all("a", class_="mark-new")
    assert "新しいメッセージ 2件" in "".join(link.itertext())
    marked = [one for one in page.all("article") if "unread" in one.get("class")]
    texts = ["".join(one.itertext()) for one in marked]
    assert len(texts) == 2 and "新しいもの" in texts[0] and "もう一つ" in texts[1]
    assert link.get("href") == "#" + marked[0].find(f".//{HTML}h3").get("id")
    # Looked at, it is not new any more; what a colleague writes is marked and is no message of the reporter.
    colleague = Browser(world.desk(1))
    colleague.reply(sent.case_id, "返事")
    page = browser.case(sent.case_id)
    assert not page.all("a", class_="mark-new")
    assert ["返事" in "".join(one.itertext()) for one in page.all("article", class_="ours unread")] == [True]


def test_a_note_does_not_go_out_with_a_reply_nor_a_reply_with_a_note(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    both = page.fields("/reply") | {"message": "MARKER-返事", "note": "MARKER-メモ"}
    browser.post(f"cases/{sent.case_id.hex()}/record/note", both)
    assert len(world.reporter_sees(sent).entries) == 1
    page = browser.case(sent.case_id)
    assert page.fields("/reply")["message"].strip() == "MARKER-返事" and not page.fields("/reply")["note"]
    browser.post(f"cases/{sent.case_id.hex()}/reply", page.fields("/reply") | {"note": "MARKER-二つ目"})
    seen = [entry.message for entry in world.reporter_sees(sent).entries]
    assert seen[1:] == ["MARKER-返事"]
    assert browser.case(sent.case_id).fields("/reply")["note"] == "MARKER-二つ目"


BARS = """() => [...document.querySelectorAll('.track progress')].map(bar => {
  const {left, width} = bar.getBoundingClientRect(); return `${left} ${width}`; })"""
ROW = """row => { const [box, title] = ['.pick input', 'a.excerpt'].map(
  part => row.querySelector(part).getBoundingClientRect()); return box.right <= title.left && box.top <= title.bottom
    && title.top <= box.bottom; }"""


def test_a_case_in_a_browser(world: World, chromium_browser: Chromium) -> None:
    """An answer from a template takes three clicks, in the reporter's language; what is typed in another part stays."""
    sent, following = world.report(what_happened="x", language="en"), world.report(what_happened="y")
    app, clicks = world.desk(), 0
    size = {"viewport": {"width": 1440, "height": 900}}
    with serving_desk(app) as address, page_of(chromium_browser, **size) as page:
        page.goto(new_link(app))
        page.goto(f"{address}/ja/")
        page.goto(by_handles(app, f"{address}/ja/cases/{sent.case_id.hex()}"))
        page.fill("#note", "メモの途中")
        for part in ("investigation", "history", "conversation"):
            page.click(f".tabs a[href='#part-{part}']")
            page.locator(f"#part-{part}").wait_for()
            assert [
                one for one in ("conversation", "investigation", "history") if page.is_visible(f"#part-{one}")
            ] == [part]
            assert findings(page) == [] and overflow(page) <= 0
        for button in (
            ".case-head a[href='#reply']",
            "button[name='template'][value='received']",
            "form[action$='/reply'] button:not([formaction])",
        ):
            page.click(button)
            clicks += 1
        page.wait_for_selector("p.done")
        assert clicks <= 3
        (answer,) = [entry.message for entry in world.reporter_sees(sent).entries if entry.author]
        assert answer.startswith("We have received and read")
        assert page.input_value("#note") == "メモの途中"
        page.set_viewport_size({"width": 390, "height": 844})
        page.click(".tabs a[href='#part-investigation']")
        assert len(set(page.evaluate(BARS))) == 1 and overflow(page) <= 0 and findings(page) == []
        page.locator("body").press("j")
        page.wait_for_url(f"**/{desk_of(app).handles.of(following.case_id)}")
        page.goto(f"{address}/ja/")
        assert all(page.locator("tr[data-case]").nth(place).evaluate(ROW) for place in range(2))
