"""Two persons delete a case: on record, on the server and on each desk; and the server alone can't pretend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from admin.desk import deletion
from admin.desk.answers import Signed
from crypto import messages, seal
from crypto.envelope import decode
from store import db
from store import feed as store_feed
from tests.desk.browser import Browser, Page
from tests.desk.test_records import write
from tests.desk.world import Sent, World


def act(browser: Browser, sent: Sent, action: str, **typed: str) -> Page:
    page = browser.get(f"cases/{sent.case_id.hex()}/delete")
    form = next(
        page.fields(f"/delete/{name}") for name in ("propose", "withdraw") if f"/delete/{name}" in page.html
    )
    return browser.post(f"cases/{sent.case_id.hex()}/delete/{action}", form | typed)


def test_two_persons_delete_a_case_everywhere(world: World, browser: Browser) -> None:
    entry = world.attach(b"%PDF-1.7 x")
    sent, other = (
        world.report((), [entry], what_happened="消える通報"),
        world.report(what_happened="残る通報"),
    )
    third = Browser(world.desk(2))
    assert "消える通報" in third.get().text
    page = act(browser, sent, "propose", delete_reason="保存期間が過ぎました。")
    assert "監査 0（監査部 0）が" in page.text and "保存期間が過ぎました。" in page.text
    assert "同意して" not in page.text  # the same person can't
    assert "消える通報" in browser.case(sent.case_id).text
    second = Browser(world.desk(1))
    done = act(second, sent, "agree")
    assert "案件を、サーバーとこのデスクから削除しました。" in done.text and "残る通報" in done.text
    for desk in (second, browser, third):
        assert "消える通報" not in desk.get().text and "残る通報" in desk.get().text
        assert desk.get(f"cases/{sent.case_id.hex()}", 404).status == 404
    assert "残る通報" in browser.case(other.case_id).text


def test_one_person_cannot(world: World, browser: Browser) -> None:
    sent = world.report()
    act(browser, sent, "propose", delete_reason="理由")
    page = act(browser, sent, "agree")
    assert page.status in (200, 400) and "起きたこと" in browser.case(sent.case_id).text


def test_a_proposal_needs_a_reason_and_can_be_withdrawn(world: World, browser: Browser) -> None:
    sent = world.report()
    page = act(browser, sent, "propose", delete_reason=" ")
    assert page.status == 400 and "理由を書いてください" in page.text
    act(browser, sent, "propose", delete_reason="理由")
    page = act(Browser(world.desk(1)), sent, "withdraw")
    assert "削除を提案する" in page.text
    assert "削除の提案を取り下げ" in browser.case(sent.case_id).text


def test_an_old_proposal_is_over(world: World, browser: Browser) -> None:
    sent = world.report()
    act(browser, sent, "propose", delete_reason="理由")
    world.day += timedelta(days=31)
    world.desk_day += timedelta(days=31)
    assert "削除を提案する" in Browser(world.desk(1)).get(f"cases/{sent.case_id.hex()}/delete").text


def test_the_page_says_whether_the_term_runs(world: World, browser: Browser) -> None:
    sent = world.report()
    assert "まだ始まっていません" in browser.get(f"cases/{sent.case_id.hex()}/delete").text


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ("none", True),
        ("one", False),
        ("same_person", False),
        ("unknown", False),
        ("other_case", False),
        ("other_day", False),
        ("no_act", False),
    ],
)
def test_the_servers_word_alone_deletes_nothing(world: World, fault: str, shown: bool) -> None:
    sent = world.report()
    browser = Browser(world.desk())
    people = _people(browser)
    acts = [_signed(world, sent, who) for who in (0, 1)]
    case_id = sent.case_id
    if fault == "one":
        acts = acts[:1]
    if fault == "same_person":
        acts = [acts[0], acts[0]]
    if fault == "unknown":
        acts[1] = replace(acts[1], author=bytes(16))
    if fault == "other_case":
        case_id = bytes(16)
    if fault == "other_day":
        acts[1] = replace(acts[1], day=world.day - timedelta(days=1))
    if fault == "no_act":
        acts[1] = replace(acts[1], act_sig=acts[1].sig)
    with db.reading(world.engine) as conn:
        [row] = store_feed.envelopes(conn, [sent.envelope_id], bytes(16))
    assert decode(row.raw).act_pk
    assert deletion.is_shown(case_id, acts, row.raw, people) is shown


def _people(browser: Browser) -> Any:
    from admin.desk.context import desk_of

    browser.get()
    with browser.app.app_context():
        return desk_of(browser.app).work().known().people


def _signed(world: World, sent: Sent, who: int) -> Signed:
    own = world.auditors[who].identity
    text = messages.delete_text(sent.case_id, world.day)
    return Signed(
        own.key_id,
        world.day,
        messages.sign(own.sign_seed, text),
        messages.sign(seal.act_seed(sent.content_key), text),
    )


def test_a_history_that_became_shorter_is_said_and_fetched_again(world: World, browser: Browser) -> None:
    sent = world.report()
    write(browser, sent.case_id, "note", note="メモ")
    browser.get()
    # Somebody writes a place far ahead into the feed, waits until it is fetched, and takes it out again.
    from admin.desk.context import desk_of

    with browser.app.app_context():
        cache = desk_of(browser.app).work().cache
    cache._do(
        "add", [{"seq": 10**9, "case_id": cache_id(sent), "day": world.day.isoformat(), "what": "status"}]
    )
    later = world.report(what_happened="後から来た通報")
    page = browser.get()
    assert "サーバーの履歴が" in page.text and "後から来た通報" in page.text
    assert "サーバーの履歴が" not in browser.get().text
    assert "後から来た通報" in browser.case(later.case_id).text


def cache_id(sent: Sent) -> str:
    from crypto.encoding import b64e

    return b64e(sent.case_id)
