"""A status and the reply that belongs to it: one press, one act, both or neither; the text is never lost."""

from __future__ import annotations

import httpx
import pytest

from tests.desk.browser import Browser, Page
from tests.desk.test_case import said
from tests.desk.world import CountingTransport, Sent, World

TEXT = "調査を始めました。MARKER-2"


@pytest.fixture
def wire() -> CountingTransport:
    return CountingTransport()


def seen(world: World, sent: Sent) -> tuple[list[str], list[str | None]]:
    """Return the statuses and the answers that the reporter reads."""
    file = world.reporter_sees(sent)
    return [step.status for step in file.statuses], [entry.message for entry in file.entries[1:]]


def together(
    browser: Browser, sent: Sent, status: str, page: Page | None = None, text: str = TEXT, **more: str
) -> Page:
    form = (page or browser.case(sent.case_id)).fields("/reply")
    return browser.post(
        f"cases/{sent.case_id.hex()}/reply", form | {"message": text, "with_status": status, **more}
    )


def kept(page: Page) -> str:
    return page.fields("/reply")["message"].strip()


def test_one_press_sets_the_status_and_sends_the_reply(world: World, wire: CountingTransport) -> None:
    browser, sent = Browser(world.desk(transport=wire)), world.report()
    page = browser.case(sent.case_id)
    wire.requests.clear()
    done = together(browser, sent, "investigating", page)
    assert done.status == 200 and "状況を変更し、返事を送りました" in done.text
    assert seen(world, sent) == (["investigating"], [TEXT])
    sent_to = [asked for asked in wire.requests if asked.startswith("POST") and "/cases/" in asked]
    assert [asked.rsplit("/", 1)[1] for asked in sent_to] == ["decision"]
    # The same page again, also from before: nothing is set or sent twice.
    assert together(browser, sent, "investigating", page).status == 200
    assert seen(world, sent) == (["investigating"], [TEXT])


def test_a_colleague_was_faster_and_neither_goes_out(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    Browser(world.desk(1)).set_status(sent.case_id, "not_investigating")
    late = together(browser, sent, "investigating", page)
    assert late.status == 400 and kept(late) == TEXT and "返事も送っていません" in late.text
    assert seen(world, sent) == (["not_investigating"], [])


def test_a_colleague_is_faster_by_a_moment(world: World, wire: CountingTransport) -> None:
    browser, colleague = Browser(world.desk(transport=wire)), Browser(world.desk(1))
    sent = world.report()
    page = browser.case(sent.case_id)

    def overtake(request: httpx.Request) -> None:
        if request.url.path.endswith("/decision"):
            wire.before = lambda _request: None
            colleague.set_status(sent.case_id, "not_investigating")

    wire.before = overtake
    late = together(browser, sent, "investigating", page)
    assert late.status == 400 and kept(late) == TEXT
    assert seen(world, sent) == (["not_investigating"], [])


def lose(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    if request.url.path.endswith("/decision"):
        answer.read()
        raise httpx.ReadTimeout("lost", request=request)
    return answer


def test_a_lost_answer_is_sent_again_once(world: World, wire: CountingTransport) -> None:
    browser, sent = Browser(world.desk(transport=wire)), world.report()
    wire.after = lose
    lost = together(browser, sent, "investigating")
    assert lost.status == 502 and kept(lost) == TEXT and "どちらも届いていない" in lost.text
    wire.after = lambda _request, answer: answer
    again = together(browser, sent, "investigating", lost, sequence="1")
    assert again.status == 200 and seen(world, sent) == (["investigating"], [TEXT])


def test_somebody_enrolled_meanwhile_gets_a_slot(world: World, wire: CountingTransport) -> None:
    browser, sent, newcomer = Browser(world.desk(transport=wire)), world.report(), world.newcomer(0)

    def enroll_late(request: httpx.Request) -> None:
        if request.url.path.endswith("/decision"):
            wire.before = lambda _request: None
            world.enroll(newcomer.card)

    wire.before = enroll_late
    assert together(browser, sent, "investigating").status == 200
    assert seen(world, sent) == (["investigating"], [TEXT])


@pytest.mark.parametrize(
    "text", ["", "あ" * 100_001, "読めない\ufffd文字", "理由：[ここに理由を書いてください]"]
)
def test_a_reply_that_cannot_go_out_holds_the_status_back(world: World, browser: Browser, text: str) -> None:
    sent = world.report()
    page = together(browser, sent, "investigating", text=text)
    assert page.status == 400 and seen(world, sent) == ([], [])
    assert page.fields("/reply")["with_status"] == "investigating"


def test_what_was_written_meanwhile_is_seen_before_anything_goes_out(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    world.from_reporter(sent, {"message": "追加です"})
    held = together(browser, sent, "investigating", page)
    assert held.status == 400 and "追加です" in held.text and seen(world, sent)[0] == []
    assert together(browser, sent, "investigating", held).status == 200


def test_not_investigating_asks_for_a_reason_and_keeps_it_with_the_status(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    asked = together(browser, sent, "not_investigating")
    assert "まだ何も変更せず、何も送っていません" in asked.text and seen(world, sent) == ([], [])
    path = f"cases/{sent.case_id.hex()}/status"
    without = browser.post(path, asked.fields("/status") | {"reason": " "})
    assert without.status == 400 and "理由を書いてください" in without.text and seen(world, sent) == ([], [])
    back = browser.post(path, without.fields("/status") | {"back": "1"})
    assert kept(back) == TEXT and back.fields("/reply")["with_status"] == "not_investigating"
    done = browser.post(path, without.fields("/status") | {"reason": "社外の\n出来事"})
    assert done.status == 200 and seen(world, sent) == (["not_investigating"], [TEXT])
    other = Browser(world.desk(1)).case(sent.case_id)
    assert "状況の理由：" in said(other) and "社外の" in said(other)
    assert "社外の" not in str(world.reporter_sees(sent))


def test_the_reason_is_there_with_a_status_alone_too(world: World, browser: Browser) -> None:
    sent = world.report()
    browser.set_status(sent.case_id, "not_investigating")
    opened = Browser(world.desk(1)).case(sent.case_id)
    assert "状況の理由： 理由" in said(opened) and seen(world, sent) == (["not_investigating"], [])


def test_no_such_status(world: World, browser: Browser) -> None:
    sent = world.report()
    page = together(browser, sent, "nonsense")
    assert page.status == 400 and kept(page) == TEXT and seen(world, sent) == ([], [])
