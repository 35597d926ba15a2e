"""Two persons delete a case: on record, on the server and on each desk; and the server alone can't pretend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from admin.desk.casework import deletion_proof
from admin.desk.server.responses import Signed
from crypto import messages, seal
from crypto.envelope import decode
from store import db
from store import deletion as store_deletion
from store import feed as store_feed
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import write
from tests.desk.world import CountingTransport, Sent, World


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
        page = desk.get(f"cases/{sent.case_id.hex()}", 410)
        assert "2人の担当者が削除しました" in page.text and "監査 1（監査部 1）" in page.text
    assert "残る通報" in browser.case(other.case_id).text
    # An officer who is asked for it later finds it: in the list of all, and by its number.
    number = f"{sent.case_id.hex()[:4]}-{sent.case_id.hex()[4:8]}".upper()
    asked = browser.get().fields("/search") | {"words": number}
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    searched = [
        browser.post("search", {**asked, "words": words}) for words in (number, wide, sent.case_id.hex())
    ]
    for page in (browser.get("?view=all"), *searched):
        assert "削除した案件" in page.text and f"案件 {number}" in page.text
    assert "削除した案件" not in browser.get().text


@pytest.mark.parametrize("where", ["reply", "record/note", "delete/propose", "record/leak"])
def test_what_was_typed_for_a_case_that_is_gone_is_given_back(
    world: World, browser: Browser, where: str
) -> None:
    sent = world.report()
    third = Browser(world.desk(2))
    form = third.case(sent.case_id).fields("/look") | {
        "message": "書きかけの返信",
        "note": "書きかけのメモ",
        "delete_reason": "書きかけの理由",
        "final_outline": "書きかけの概要",
    }
    act(browser, sent, "propose", delete_reason="理由")
    act(Browser(world.desk(1)), sent, "agree")
    page = third.post(f"cases/{sent.case_id.hex()}/{where}", form)
    assert page.status == 410 and "2人の担当者が削除しました" in page.text
    for name in ("message", "note", "delete_reason", "final_outline"):
        assert form[name] in page.html, name


def test_one_person_cannot(world: World, browser: Browser) -> None:
    sent = world.report()
    act(browser, sent, "propose", delete_reason="理由")
    page = act(browser, sent, "agree")
    assert page.status == 400 and "別の2人が同意する必要があります" in page.text
    assert "起きたこと" in browser.case(sent.case_id).text


def test_only_the_proposal_that_was_shown_is_agreed_to(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    act(browser, sent, "propose", delete_reason="はじめの理由")
    path = f"cases/{sent.case_id.hex()}/delete"
    shown = second.get(path)
    act(browser, sent, "withdraw")
    world.day += timedelta(days=1)
    world.desk_day += timedelta(days=1)
    act(browser, sent, "propose", delete_reason="別の理由")
    page = second.post(f"{path}/agree", shown.fields("/delete/withdraw"))
    assert page.status == 400 and "取り下げられたか" in page.text and "何も削除していません" in page.text
    assert "案件を、サーバーとこのデスクから削除しました。" in act(second, sent, "agree").text


@pytest.mark.parametrize("action", ["propose", "withdraw"])
def test_a_form_that_is_sent_twice_is_done_and_written_down_once(
    world: World, browser: Browser, action: str
) -> None:
    sent = world.report()
    path = f"cases/{sent.case_id.hex()}/delete"
    if action == "withdraw":
        act(browser, sent, "propose", delete_reason="理由")
    form = browser.get(path).fields(f"/delete/{action}") | {"delete_reason": "理由"}
    for _ in range(2):
        assert browser.post(f"{path}/{action}", form).status == 200
    word = {"propose": "削除を提案", "withdraw": "削除の提案を取り下げ"}[action]
    history = "".join(browser.case(sent.case_id).all("ol", class_="timeline history")[0].itertext())
    assert history.count(word) == 1, history


def test_what_the_server_refused_is_not_written_down(world: World) -> None:
    transport = CountingTransport()
    sent, browser = world.report(), Browser(world.desk(0, transport=transport))
    transport.before = lambda request: (
        httpx.Response(409, json={"error": "proposed"}) if request.url.path.endswith("/deletion") else None
    )
    page = act(browser, sent, "propose", delete_reason="わたしの理由")
    assert page.status == 400 and "同僚が削除を提案しました" in page.text and "わたしの理由" in page.html
    assert "削除を提案" not in "".join(
        browser.case(sent.case_id).all("ol", class_="timeline history")[0].itertext()
    )


def test_who_proposes_beside_a_colleague_deletes_nothing(world: World, browser: Browser) -> None:
    sent, second = world.report(), Browser(world.desk(1))
    path = f"cases/{sent.case_id.hex()}/delete"
    form = second.get(path).fields("/delete/propose")
    act(browser, sent, "propose", delete_reason="理由")
    page = second.post(f"{path}/propose", form | {"delete_reason": "わたしの理由"})
    assert page.status == 400 and "同僚が削除を提案しました" in page.text
    assert "起きたこと" in second.case(sent.case_id).text


def test_a_proposal_that_nobody_signed_is_not_shown(world: World, browser: Browser) -> None:
    sent = world.report()
    with db.writing(world.engine) as conn:
        store_feed.take_turn(conn)
        store_deletion.add(
            conn,
            sent.case_id,
            store_deletion.PROPOSED,
            store_deletion.SignedAct(world.day, world.auditors[0].identity.key_id, b"x" * 64, b"y" * 64),
        )
    page = Browser(world.desk(1)).get(f"cases/{sent.case_id.hex()}/delete")
    assert "に提案しました" not in page.text and "同意して" not in page.text


def test_a_case_that_the_server_alone_deleted_is_said_to_be_one(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="隠された通報")
    assert "隠された通報" in browser.case(sent.case_id).text
    keys = [one.identity.key_id for one in world.auditors]
    with db.writing(world.engine) as conn:
        store_feed.take_turn(conn)
        false = [store_deletion.SignedAct(world.day, key_id, b"x" * 64, b"y" * 64) for key_id in keys[:2]]
        store_deletion.add(conn, sent.case_id, store_deletion.PROPOSED, false[0])
        seq = store_deletion.acts(conn, sent.case_id)[-1].seq
        store_deletion.delete_case(conn, sent.case_id, seq, false[1])
    page = browser.get()
    assert "それを示す2人の署名がありません" in page.text and "隠された通報" in page.text
    page = browser.case(sent.case_id)
    assert page.all("p", id="claimed") and "隠された通報" in page.text
    assert "案件を書き出す" in page.text


@pytest.mark.parametrize("read_before", [True, False])
def test_a_case_that_is_gone_leaves_a_desk_that_never_had_its_report(world: World, read_before: bool) -> None:
    """The desk was told of the report, and had no bytes of it when two colleagues deleted the case."""
    transport = CountingTransport()
    sent = world.report()
    third = Browser(world.desk(2, transport=transport))
    transport.before = lambda request: (
        httpx.Response(503) if request.url.path.endswith("/envelopes") else None
    )
    if read_before:
        third.get()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    act(first, sent, "propose", delete_reason="理由")
    act(second, sent, "agree")
    transport.before = lambda _request: None
    page = third.get()
    assert "案件はありません" in page.text or sent.case_id.hex() not in page.html
    assert third.get(f"cases/{sent.case_id.hex()}", 410).status == 410


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
        ("never_had_it", True),
        ("never_had_it_and_one", False),
        ("two_proposals", False),
        ("another_proposal", False),
        ("too_late", False),
        ("before_the_proposal", False),
        ("observer", False),
        ("unsettled", False),
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
    acts = _acts(world, sent)
    case_id = sent.case_id
    if fault in ("one", "never_had_it_and_one"):
        acts = acts[:1]
    if fault == "two_proposals":
        acts[1] = _signed(world, sent, 1, messages.delete_text(sent.case_id, _key(world, 1), world.day))
    if fault == "another_proposal":
        acts = [_acts(world, sent, first=2)[0], acts[1]]
    if fault == "too_late":
        acts = _acts(world, sent, days=31)
    if fault == "before_the_proposal":
        acts = _acts(world, sent, days=-1)
    if fault in ("observer", "unsettled"):
        world.auditors.append(world.newcomer(0, "observer" if fault == "observer" else "auditor"))
        world.enroll(world.auditors[-1].card)
        acts = _acts(world, sent, second=3)
    people = _people(browser)
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
    raw = None if fault.startswith("never_had_it") else row.raw
    assert deletion_proof.is_shown(case_id, acts, raw, people) is shown


def _people(browser: Browser) -> Any:
    from admin.desk.web.context import desk_of

    browser.get()
    with browser.app.app_context():
        return desk_of(browser.app).work().known().roster


def _key(world: World, who: int) -> bytes:
    return world.auditors[who].identity.key_id


def _acts(world: World, sent: Sent, first: int = 0, second: int = 1, days: int = 0) -> list[Signed]:
    """Return a proposal, and what agrees to it so many days later."""
    proposal = _signed(world, sent, first, messages.delete_text(sent.case_id, _key(world, first), world.day))
    day = world.day + timedelta(days=days)
    text = messages.agree_text(sent.case_id, _key(world, second), messages.proposal_hash(proposal.sig), day)
    return [proposal, replace(_signed(world, sent, second, text), day=day)]


def _signed(world: World, sent: Sent, who: int, text: bytes) -> Signed:
    own = world.auditors[who].identity
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
    from admin.desk.web.context import desk_of

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
