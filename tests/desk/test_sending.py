"""What is typed is never lost and never sent twice."""

from __future__ import annotations

import httpx
import pytest

from cases.replies import has_brackets
from tests.desk.browser import Browser
from tests.desk.world import CountingTransport, World

TEXT = "長い時間をかけて書いた返信 MARKER-1"


def kept(page: object) -> str:
    return str(page.fields("/reply")["message"]).strip()  # type: ignore[attr-defined]


@pytest.fixture
def wire() -> CountingTransport:
    return CountingTransport()


def replies(world: World, sent: object) -> list[str]:
    return [one.message for one in world.reporter_sees(sent).entries[1:]]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "  \n", "あ" * 100_001, "読めない\ufffd文字"])
def test_what_cannot_be_sent_comes_back(world: World, browser: Browser, text: str) -> None:
    sent = world.report()
    page = browser.reply(sent.case_id, text)
    assert page.status == 400 and page.html.count('class="errors"') == 1
    assert page.fields("/reply")["message"].lstrip("\n") == text.lstrip("\n")
    assert page.all("title")[0].text.startswith("エラー：")
    assert replies(world, sent) == []


def test_the_same_form_twice_is_one_reply(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    for _ in range(3):
        assert browser.reply(sent.case_id, TEXT, page).status == 200
    assert replies(world, sent) == [TEXT]
    assert browser.reply(sent.case_id, TEXT).status == 200
    assert replies(world, sent) == [TEXT, TEXT]


def test_the_same_form_with_another_text_is_not_taken_for_sent(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    browser.reply(sent.case_id, TEXT, page)
    changed = browser.reply(sent.case_id, TEXT + "、改", page)
    assert changed.status == 400 and "以前の文章はすでに送られて" in changed.text
    assert kept(changed) == TEXT + "、改" and replies(world, sent) == [TEXT]
    assert browser.reply(sent.case_id, TEXT + "、改", changed).status == 200
    assert replies(world, sent) == [TEXT, TEXT + "、改"]


def lose_answer(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    if request.method == "POST" and request.url.path.endswith("/envelopes") and "/cases/" in request.url.path:
        answer.read()
        raise httpx.ReadTimeout("lost", request=request)
    return answer


def test_a_lost_answer_is_sent_again_once(world: World, wire: CountingTransport) -> None:
    browser = Browser(world.desk(transport=wire))
    sent = world.report()
    page = browser.case(sent.case_id)
    wire.after = lose_answer
    lost = browser.reply(sent.case_id, TEXT, page)
    assert lost.status == 502 and "二重に送られることはありません" in lost.text and kept(lost) == TEXT
    wire.after = lambda _request, answer: answer
    assert browser.reply(sent.case_id, kept(lost), lost).status == 200
    assert replies(world, sent) == [TEXT]


def test_a_lost_answer_and_a_changed_text(world: World, wire: CountingTransport) -> None:
    """The server has the first version and calls the second one a repeat: the desk must not say that it was
    sent.
    """
    browser = Browser(world.desk(transport=wire))
    sent = world.report()
    page = browser.case(sent.case_id)
    wire.after = lose_answer
    lost = browser.reply(sent.case_id, TEXT, page)
    wire.after = lambda _request, answer: answer
    changed = browser.reply(sent.case_id, TEXT + "、改", lost)
    assert changed.status == 400 and kept(changed) == TEXT + "、改"
    assert TEXT in changed.text and replies(world, sent) == [TEXT]


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("down", request=request)


def test_a_server_that_is_down(world: World, wire: CountingTransport) -> None:
    browser = Browser(world.desk(transport=wire))
    sent = world.report(what_happened="先に取っておいた通報")
    page = browser.case(sent.case_id)
    wire.before = down
    failed = browser.reply(sent.case_id, TEXT, page)
    assert failed.status == 502 and kept(failed) == TEXT and "サーバーにつながりません" in failed.text
    assert "先に取っておいた通報" in failed.text
    status = browser.set_status(sent.case_id, "investigating", page)
    assert status.status == 502 and "二重に変更されることはありません" in status.text
    wire.before = lambda _request: None
    assert browser.reply(sent.case_id, kept(failed), failed).status == 200
    assert replies(world, sent) == [TEXT]


def test_who_was_enrolled_meanwhile_gets_a_slot(world: World, wire: CountingTransport) -> None:
    browser = Browser(world.desk(transport=wire))
    sent = world.report()
    page = browser.case(sent.case_id)
    newcomer = world.newcomer(0)

    def enroll_late(request: httpx.Request) -> None:
        if request.url.path.endswith("/envelopes") and "/cases/" in request.url.path:
            wire.before = lambda _request: None
            world.enroll(newcomer.card)

    wire.before = enroll_late
    assert browser.reply(sent.case_id, TEXT, page).status == 200
    world.auditors.append(newcomer)
    assert replies(world, sent) == [TEXT]
    page = Browser(world.desk(3)).case(sent.case_id)
    # Opened, but without the report nothing shows whose word it is.
    assert TEXT in page.html and "未確認" in page.text and "確認できません" in page.text


def test_the_same_status_twice_is_one(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    for _ in range(2):
        assert "状況を変更しました" in browser.set_status(sent.case_id, "investigating", page).text
    assert len(world.reporter_sees(sent).statuses) == 1


def test_a_colleague_was_faster(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    Browser(world.desk(1)).set_status(sent.case_id, "not_investigating")
    late = browser.set_status(sent.case_id, "investigating", page)
    assert late.status == 400 and "別の担当者が状況を変更" in late.text
    assert late.choices() == ["closed"] and "監査 1" in late.text
    assert [one.status for one in world.reporter_sees(sent).statuses] == ["not_investigating"]


def test_a_colleague_is_faster_by_a_moment(world: World, wire: CountingTransport) -> None:
    browser = Browser(world.desk(transport=wire))
    colleague = Browser(world.desk(1))
    sent = world.report()
    page = browser.case(sent.case_id)

    def overtake(request: httpx.Request) -> None:
        if request.url.path.endswith("/status"):
            wire.before = lambda _request: None
            colleague.set_status(sent.case_id, "not_investigating")

    wire.before = overtake
    late = browser.set_status(sent.case_id, "investigating", page)
    assert late.status == 400 and late.choices() == ["closed"]


@pytest.mark.parametrize("form", [{}, {"status": ""}, {"status": "received"}, {"status": "nonsense"}])
def test_no_choice_is_no_status(world: World, browser: Browser, form: dict[str, str]) -> None:
    sent = world.report()
    hidden = browser.case(sent.case_id).fields("/status")
    page = browser.post(f"cases/{sent.case_id.hex()}/status", hidden | form)
    assert page.status == 400 and world.reporter_sees(sent).statuses == []


def test_a_status_that_may_not_follow(world: World, browser: Browser) -> None:
    sent = world.report()
    assert browser.set_status(sent.case_id, "closed").status == 400
    assert world.reporter_sees(sent).statuses == []


def test_a_reply_that_is_being_written_is_not_lost_by_setting_a_status(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    fields = page.fields("/status") | {"status": "investigating", "message": "書きかけの返事"}
    answer = browser.post(f"cases/{sent.case_id.hex()}/status", fields)
    assert answer.status == 200 and "調査中" in answer.text
    assert answer.fields("/reply")["message"] == "書きかけの返事"
    assert [one.status for one in world.reporter_sees(sent).statuses] == ["investigating"]
    assert len(world.reporter_sees(sent).entries) == 1


@pytest.mark.parametrize("status", ["not_investigating", "no_fault", "closed"])
def test_what_ends_a_case_is_asked_for_once_more(world: World, browser: Browser, status: str) -> None:
    sent = world.report()
    before = {"closed": ["investigating", "no_fault"], "no_fault": ["investigating"]}.get(status, [])
    if before:
        for one in before:
            # Going on is not asked for twice; what ends it is.
            page = browser.choose(sent.case_id, one)
            if one == "no_fault":
                page = browser.post(f"cases/{sent.case_id.hex()}/status", page.fields("/status"))
            assert "状況を変更しました" in page.text
    asked = browser.choose(sent.case_id, status, message=TEXT)
    assert "表示され" in asked.text and "まだ何も変更していません" in asked.text
    assert [one.status for one in world.reporter_sees(sent).statuses] == before
    path = f"cases/{sent.case_id.hex()}/status"
    back = browser.post(path, asked.fields("/status") | {"back": "1"})
    assert kept(back) == TEXT and back.choices()
    assert [one.status for one in world.reporter_sees(sent).statuses] == before
    done = browser.post(path, asked.fields("/status") | {"reason": "対象ではない"})
    assert "状況を変更しました" in done.text and kept(done) == TEXT
    assert [one.status for one in world.reporter_sees(sent).statuses] == [*before, status]
    assert replies(world, sent) == []


def test_a_status_of_ones_own_other_window_is_not_somebody_elses(world: World, browser: Browser) -> None:
    sent = world.report()
    stale = browser.case(sent.case_id)
    browser.set_status(sent.case_id, "not_investigating")
    answer = browser.choose(sent.case_id, "investigating", stale, TEXT)
    assert answer.status == 400 and "別のウィンドウでご自身が" in answer.text and kept(answer) == TEXT
    assert [one.status for one in world.reporter_sees(sent).statuses] == ["not_investigating"]


def test_a_status_from_an_earlier_run_of_the_desk_says_so_of_the_status(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/status") | {"csrf_token": "x", "status": "investigating"}
    for message in ("", TEXT):
        answer = browser.post(f"cases/{sent.case_id.hex()}/status", form | {"message": message})
        assert answer.status == 400 and "状況は変更されていません" in answer.text
        assert kept(answer) == message and "返事は送っていません" not in answer.text


def test_a_note_that_is_being_written_outlives_a_reply_and_a_confirmation(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/reply") | {"message": TEXT, "note": "書きかけの\nメモ"}
    page = browser.post(f"cases/{sent.case_id.hex()}/reply", form)
    assert "返事を送りました" in page.text and kept(page) == "" and replies(world, sent) == [TEXT]
    assert page.fields("/reply")["note"] == "書きかけの\nメモ"
    path = f"cases/{sent.case_id.hex()}/status"
    asked = browser.post(
        path, page.fields("/status") | {"status": "not_investigating", "note": "書きかけの\nメモ"}
    )
    done = browser.post(path, asked.fields("/status") | {"reason": "対象ではない"})
    assert "状況を変更しました" in done.text and done.fields("/reply")["note"] == "書きかけの\nメモ"


def test_square_brackets_of_full_width_are_asked_about_once(world: World, browser: Browser) -> None:
    report = world.report()
    text = "［部署名］に確かめます。"
    form = browser.case(report.case_id).fields("/reply") | {"message": text}
    asked = browser.post(f"cases/{report.case_id.hex()}/reply", form)
    assert asked.status == 400 and "もう一度送ってください" in asked.text
    # Another text with brackets is asked about, too; the same one goes out.
    other = asked.fields("/reply") | {"message": text.replace("部署", "会社")}
    again = browser.post(f"cases/{report.case_id.hex()}/reply", other)
    assert again.status == 400 and "もう一度送ってください" in again.text
    sent = browser.post(f"cases/{report.case_id.hex()}/reply", asked.fields("/reply") | {"message": text})
    assert sent.status == 200 and "送りました" in sent.text


@pytest.mark.parametrize(
    ("text", "asks"), [("［　］", True), ("a［b］", True), ("[b]", False), ("［b", False), ("【b】", False)]
)
def test_what_counts_as_square_brackets(text: str, asks: bool) -> None:
    assert has_brackets(text) is asks
