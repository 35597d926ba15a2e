"""The whole job: a report is opened, given a status, answered; the reporter reads it."""

from __future__ import annotations

from tests.desk.browser import Browser
from tests.desk.world import World


def test_from_the_inbox_to_the_answer_and_back(world: World, browser: Browser) -> None:
    sent = world.report(
        what_happened="名簿が社外に送られました。\n二行目", who="営業部", cause="misconfiguration"
    )
    inbox = browser.get()
    assert "名簿が社外に送られました。 二行目" in inbox.text and "新着" in inbox.text
    page = browser.case(sent.case_id)
    for words in ("何が起きたか", "営業部", "設定の誤り・誤送信", "回答なし"):
        assert words in page.text
    assert page.choices() == ["investigating", "not_investigating"]
    page = browser.set_status(sent.case_id, "investigating")
    assert "状況を変更しました" in page.text and page.choices() == ["corrected", "no_fault"]
    page = browser.reply(sent.case_id, "知らせてくださり、ありがとうございます。\r\n調べます。")
    assert "返事を送りました" in page.text and "調べます。" in page.text

    seen = world.reporter_sees(sent)
    assert [one.message for one in seen.entries[1:]] == [
        "知らせてくださり、ありがとうございます。\n調べます。"
    ]
    assert seen.entries[1].author is not None and seen.entries[1].author == world.auditors[0].card
    assert [one.status for one in seen.statuses] == ["investigating"] and seen.unchecked == 0

    world.from_reporter(sent, {"message": "続報です。"}, [one.envelope_id for one in seen.stored.envelopes])
    inbox = browser.get()
    marks = [mark.text for mark in inbox.all("span", class_="mark-new")]
    assert marks == ["新しいメッセージ"]
    page = browser.case(sent.case_id)
    assert "続報です。" in page.text and "未確認" not in page.text and "欠けている" not in page.text
    assert "新しいメッセージ" not in browser.get().text
