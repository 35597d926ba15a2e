"""What auditors write down about a case: kept once, with a name, seen by all, read by nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest

from admin.desk.web import record_forms
from admin.desk.web.context import desk_of
from cases import breach, contacts, playbooks
from cases.records import BadRecord, parse
from crypto import cards as crypto_cards
from crypto import messages
from crypto.envelope import Kind
from crypto.receipt import derive, new_code
from store import db
from store import tables as t
from tests.desk.browser import Browser, Page, by_handles
from tests.desk.test_case import said
from tests.desk.world import PASSPHRASE, CountingTransport, Sent, World


def press(browser: Browser, page: Page, case_id: bytes, act: str, **typed: str) -> Page:
    """Press a button of the case's page with what is in its fields, and follow where it leads."""
    return browser.post(f"cases/{case_id.hex()}/record/{act}", boxes(page) | typed)


def boxes(page: Page) -> dict[str, str]:
    """Return what is in the fields of a case's page, or of the one about its leak."""
    return page.fields("/record/leak" if page.all("h2", id="leak-head") else "/look")


def write(browser: Browser, case_id: bytes, act: str, **typed: str) -> Page:
    return press(browser, browser.case(case_id), case_id, act, **typed)


ACTS: list[tuple[str, dict[str, str], str]] = [
    ("note", {"note": "MARKER-一行目\n二行目"}, "MARKER-一行目"),
    ("task", {"task_text": "MARKER-ログを確保", "task_due": "2027-01-31"}, "2027年1月31日"),
    ("label", {"label": "MARKER-名簿"}, "MARKER-名簿"),
    ("severity", {"severity": "critical"}, "最重要"),
    ("cause", {"cause": "attack"}, "感染した機器を切り離し"),
    ("playbook", {"done_preserve": "1"}, "手順、済み："),
    ("link", {"link_case": "http://127.0.0.1:8001/ja/cases/" + "ab" * 16}, "ABAB-ABAB"),
]


@pytest.mark.parametrize(("act", "typed", "shown"), ACTS)
def test_a_record_is_kept_with_a_name_and_seen_by_colleagues(
    world: World, browser: Browser, act: str, typed: dict[str, str], shown: str
) -> None:
    sent = world.report()
    page = write(browser, sent.case_id, act, **typed)
    assert page.status == 200 and "記録しました。" in page.text and shown in page.text
    other = Browser(world.desk(1)).case(sent.case_id)
    assert shown in other.text and "監査 0（監査部 0）" in said(other)
    assert world.reporter_sees(sent).unchecked == 0
    raw = b"".join(path.read_bytes() for path in world.folder.glob("test.db*"))
    assert b"MARKER" not in raw and "名簿".encode() not in raw


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("note", {"note": " "}),
        ("note", {"note": "長" * 20_001}),
        ("task", {"task_text": ""}),
        ("task", {"task_text": "x", "task_due": "tomorrow"}),
        ("label", {"label": "長" * 41}),
        ("link", {"link_case": "1234"}),
        ("leak", {"aware": "2026-02-30"}),
        ("leak", {"persons": "many"}),
        ("leak", {"final_outline": "長" * 20_001}),
        ("leak", {"final_day": "x"}),
    ],
)
def test_a_slip_is_said_and_nothing_typed_is_lost(
    world: World, browser: Browser, act: str, typed: dict[str, str]
) -> None:
    sent = world.report()
    others = {
        "message": "書きかけの返信",
        "note": "書きかけのメモ",
        "task_text": "書きかけの作業",
        "label": "書きかけ",
    }
    page = write(browser, sent.case_id, act, **others | typed)
    assert page.status == 400 and "まだ何も記録していません。入力した内容はすべて残っています。" in page.text
    values = {one.get("name"): "".join(one.itertext()) for one in page.all("textarea")}
    values |= {one.get("name"): one.get("value") for one in page.all("input")}
    kept = typed if act == "leak" else others | typed
    for name, text in kept.items():
        assert values[name] == text
    assert "まだありません" in browser.case(sent.case_id).text


def test_a_case_is_not_linked_to_itself(world: World, browser: Browser) -> None:
    sent = world.report()
    page = write(browser, sent.case_id, "link", link_case=sent.case_id.hex(), link_as="duplicate")
    assert page.status == 400 and "相手の案件" in page.text


def test_what_stands_in_other_fields_comes_back_after_a_record(world: World, browser: Browser) -> None:
    sent = world.report()
    page = write(browser, sent.case_id, "note", note="残すメモ", message="書きかけの返信", label="書きかけ")
    assert "記録しました。" in page.text and page.fields("/reply")["message"].strip() == "書きかけの返信"
    assert page.fields("/reply")["label"] == "書きかけ" and not page.fields("/reply")["note"].strip()


@pytest.mark.parametrize(
    ("act", "field"), [("note", "note"), ("task", "task_text"), ("leak", "final_outline")]
)
def test_what_was_typed_outlives_the_lock(world: World, browser: Browser, act: str, field: str) -> None:
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}" + ("/leak" if act == "leak" else ""))
    desk_of(browser.app).keyring.lock()
    locked = press(browser, page, sent.case_id, act, **{field: "消えない\n二行目"})
    assert locked.status == 403 and "起きたこと" not in locked.html and "元の欄に戻ります" in locked.text
    back = browser.unlock(PASSPHRASE, locked)
    assert boxes(back)[field].replace("\r", "") == "消えない\n二行目" and "もう一度ボタン" in back.text
    assert "消えない" in press(browser, back, sent.case_id, act).html


def test_one_press_keeps_the_whole_page_about_the_leak_as_one_record(world: World) -> None:
    wire = CountingTransport()
    browser, sent = Browser(world.desk(transport=wire)), world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    wire.requests.clear()
    given = {
        "aware": world.day.isoformat(),
        "persons": "約2,400人",
        "trigger_many": "yes",
        "entrusted": "no",
        "preliminary_outline": "概要",
        "final_cause": "原因",
        "preliminary_day": world.day.isoformat(),
        "persons_plan": "2027-01-31",
        "persons_how": "郵便で",
    }
    page = press(browser, page, sent.case_id, "leak", **given)
    assert page.status == 200 and page.all("h2", id="leak-head") and "記録しました。" in page.text
    assert len([asked for asked in wire.requests if asked.endswith("/envelopes") and "/cases/" in asked]) == 1
    kept = boxes(page)
    assert {name: kept[name] for name in given} == given | {"persons": "2,400"}
    assert "2,400人として記録しています" in page.text
    # Nothing typed over, nothing written.
    again = press(browser, page, sent.case_id, "leak")
    assert "変わったところがないため" in again.text
    assert len([asked for asked in wire.requests if asked.endswith("/envelopes") and "/cases/" in asked]) == 1


def test_a_colleagues_word_on_the_leak_is_not_taken_back_unseen(world: World, browser: Browser) -> None:
    """The page is kept as a whole, and still only what was typed over is written."""
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    other = Browser(world.desk(1))
    write(other, sent.case_id, "leak", trigger_many="yes", aware=world.day.isoformat())
    # Another part: both stand.
    page = press(browser, page, sent.case_id, "leak", preliminary_outline="概要")
    assert page.status == 200 and boxes(page)["trigger_many"] == "yes"
    # The same part: the colleague's word is shown, and what was typed over stays typed.
    stale = browser.get(f"cases/{sent.case_id.hex()}/leak")
    write(other, sent.case_id, "leak", preliminary_cause="同僚の原因", preliminary_outline="同僚の概要")
    held = press(browser, stale, sent.case_id, "leak", preliminary_outline="自分の概要")
    assert held.status == 400 and "別の内容に変えられています" in held.text
    assert (boxes(held)["preliminary_cause"], boxes(held)["preliminary_outline"]) == (
        "同僚の原因",
        "自分の概要",
    )
    done = press(browser, held, sent.case_id, "leak")
    assert done.status == 200
    assert (boxes(done)["preliminary_cause"], boxes(done)["preliminary_outline"]) == (
        "同僚の原因",
        "自分の概要",
    )


def test_the_playbook_is_one_load_and_one_save(world: World) -> None:
    wire = CountingTransport()
    browser, sent = Browser(world.desk(transport=wire)), world.report(cause="attack")
    steps = [item for part in playbooks.for_case("leak", "attack").values() for item in part]
    page = browser.case(sent.case_id)
    wire.requests.clear()
    ticks = {f"done_{item.id}": "1" for item in steps[1:]} | {f"why_{steps[0].id}": "この案件では要りません"}
    done = press(browser, page, sent.case_id, "playbook", **ticks)
    assert len(steps) >= 27 and done.status == 200 and "対応の手順はすべて済みました" in done.text
    assert len([asked for asked in wire.requests if asked.endswith("/envelopes") and "/cases/" in asked]) == 1
    other = Browser(world.desk(1)).case(sent.case_id)
    assert "対応の手順はすべて済みました" in other.text and "この案件では要りません" in other.html
    assert "手順、この案件では不要：" in other.text


def test_a_step_is_done_or_does_not_apply(world: World, browser: Browser) -> None:
    sent = world.report()
    page = write(browser, sent.case_id, "playbook", done_preserve="1", why_preserve="要りません")
    assert page.status == 400 and "済みか、この案件では不要かのどちらか" in page.text
    kept = boxes(page)
    assert (kept["done_preserve"], kept["why_preserve"]) == ("1", "要りません")
    assert "手順、" not in said(browser.case(sent.case_id))


def test_the_playbook_ticks_what_the_case_shows_and_says_from_what(world: World, browser: Browser) -> None:
    sent = world.report()
    assert browser.case(sent.case_id).all("input", id="done_acknowledged")
    browser.reply(sent.case_id, "受け取りました。")
    browser.set_status(sent.case_id, "investigating")
    page = browser.case(sent.case_id)
    assert not page.all("input", id="done_acknowledged") and not page.all("input", id="done_decided")
    assert "案件から分かります：返事を送りました。" in page.text
    no = {f"trigger_{name}": "no" for name in breach.TRIGGER_IDS}
    write(browser, sent.case_id, "leak", **no, entrusted="no")
    page = browser.case(sent.case_id)
    assert "報告の対象ではありません" in page.text and "委託を受けたデータではありません" in page.text
    # Nothing of it was written down: it follows from what is on record.
    assert "手順、" not in said(page)


def test_the_reports_answers_stand_beside_the_items_and_fill_empty_boxes(
    world: World, browser: Browser
) -> None:
    sent = world.report(
        what_happened="名簿が見えました", how_many="約2,400人", personal_data="氏名と住所", who="MARKER-上司"
    )
    path = f"cases/{sent.case_id.hex()}/leak"
    page = browser.get(path)
    assert "名簿が見えました" in page.text and "（2,400と読みました）" in page.text
    assert "MARKER-上司" not in page.html
    page = browser.post(f"{path}/fill", boxes(page) | {"preliminary_data": "氏名"})
    filled = boxes(page)
    assert (
        filled["preliminary_outline"].startswith("名簿が見えました") and filled["preliminary_data"] == "氏名"
    )
    assert filled["preliminary_persons"] == "約2,400人"
    page = press(browser, page, sent.case_id, "leak", final_data="氏名と住所")
    assert "速報から変わりました" in page.text and "速報だけにあります" in page.text
    (text,) = page.all("textarea", id="text_final")
    assert "".join(text.itertext()).startswith("1. 概要\n（未記入）\n\n2. 漏えいした")


def test_what_is_planned_is_a_clock_until_it_is_done(world: World, browser: Browser) -> None:
    sent = world.report()
    write(browser, sent.case_id, "leak", trigger_many="yes", aware=world.day.isoformat())
    early = (world.day - timedelta(days=2)).isoformat()
    before = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True)
    page = write(browser, sent.case_id, "leak", persons_plan=early)
    assert "予定日を2日過ぎています" in page.text
    assert "本人への通知" in browser.get().text
    calendar = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True)
    assert early.replace("-", "") in calendar and early.replace("-", "") not in before
    assert "本人への通知" not in calendar
    assert "予定日を2日過ぎています" in browser.case(sent.case_id).text
    tomorrow = (world.day + timedelta(days=1)).isoformat()
    refused = write(browser, sent.case_id, "leak", persons_done=tomorrow)
    assert refused.status == 400 and "これからの日は、予定の欄に" in refused.text
    page = write(browser, sent.case_id, "leak", persons_done=world.day.isoformat())
    assert "予定日を2日過ぎています" not in page.text and "予定の2日後" in page.text
    page = write(browser, sent.case_id, "plans", follow_up_plan="2027-03-01", follow_up_how="記録を見る")
    assert "是正後のフォローアップ" in page.text and "2027年3月1日" in page.text
    # It counts in a closed case too, beside the two reports to the authority that are owed; nothing else does.
    for status in ("investigating", "corrected", "closed"):
        browser.set_status(sent.case_id, status)
    calendar = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True)
    assert calendar.count("BEGIN:VEVENT") == 3 and "20270301" in calendar
    # The list names what is due first; the look is on the case's page.
    assert "要対応 1" in browser.get().text
    assert "是正後のフォローアップ" in browser.case(sent.case_id).text


def test_who_handles_data_for_another_company_owes_no_report_once_it_was_told(
    world: World, browser: Browser
) -> None:
    sent = world.report()
    facts = {"trigger_many": "yes", "aware": world.day.isoformat(), "entrusted": "yes"}
    page = write(browser, sent.case_id, "leak", **facts)
    assert "委託元への通知" in page.text and "確報" in "".join(page.all("ul", class_="clocks")[0].itertext())
    page = write(browser, sent.case_id, "leak", principal_done=world.day.isoformat())
    assert "ただし書により" in page.text
    assert "確報" not in "".join(page.all("ul", class_="clocks")[0].itertext())


@pytest.mark.parametrize(
    ("path", "button", "field"),
    [
        ("", "record/note", "note"),
        ("/leak", "record/leak", "final_outline"),
        ("/delete", "delete/propose", "delete_reason"),
    ],
)
@pytest.mark.parametrize("how", ["locked", "restarted"])
def test_what_was_typed_comes_back_on_its_own_page(
    world: World, browser: Browser, path: str, button: str, field: str, how: str
) -> None:
    sent = world.report()
    own = f"cases/{sent.case_id.hex()}"
    form = browser.get(own + path).fields(
        {"/delete": "/propose", "/leak": "/record/leak"}.get(path, "/look")
    ) | {field: "消えない文"}
    if how == "locked":
        desk_of(browser.app).keyring.lock()
        back = browser.unlock(PASSPHRASE, browser.post(f"{own}/{button}", form))
    else:
        back = browser.post(f"{own}/{button}", form | {"csrf_token": "x"})
        assert back.status == 400
    assert "消えない文" in {"".join(one.itertext()).strip() for one in back.all("textarea", name=field)}


def test_one_page_keeps_one_record_however_often_it_is_sent(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    for _ in range(3):
        last = press(browser, page, sent.case_id, "note", note="一度だけ")
    assert len(last.all("article", class_="note")) == 1
    # Another record from the same page is not taken for a repeat, and is not lost either.
    other = press(browser, page, sent.case_id, "note", note="別のメモ")
    assert other.status == 400 and other.fields("/look")["note"] == "別のメモ"
    assert len(press(browser, other, sent.case_id, "note").all("article", class_="note")) == 2


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_lost_answer_keeps_the_text_and_the_record_once(world: World, lost: str) -> None:
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    sent = world.report()
    page = browser.case(sent.case_id)

    def fail(request: httpx.Request, *_answer: httpx.Response) -> httpx.Response | None:
        if request.url.path.endswith("/envelopes") and "/cases/" in request.url.path:
            raise httpx.ReadError("lost", request=request)
        return _answer[0] if _answer else None

    hook: Callable[..., httpx.Response] = fail  # type: ignore[assignment]
    keep = transport.after
    if lost == "request":
        transport.before = hook
    else:
        transport.after = hook
    answer = press(browser, page, sent.case_id, "note", note="消えないメモ")
    assert answer.status == 502 and answer.fields("/look")["note"] == "消えないメモ"
    transport.before, transport.after = lambda _request: None, keep
    form = answer.fields("/look") | {"record_id": page.fields("/look")["record_id"]}
    again = browser.post(f"cases/{sent.case_id.hex()}/record/note", form)
    assert again.status == 200 and len(browser.case(sent.case_id).all("article", class_="note")) == 1


def test_owner_is_handed_over_by_a_lead_only(world: World, browser: Browser) -> None:
    sent = world.report()
    second = Browser(world.desk(1))
    own = world.auditors[1].card.person.hex()
    choices = {one.get("value") for one in second.case(sent.case_id).all("option")}
    assert world.auditors[2].card.person.hex() in choices  # for tasks
    assert "監査 1" in said(write(second, sent.case_id, "take", target=own))
    # One that would not count is not sent: it would look as if it were done.
    page = write(second, sent.case_id, "owner", owner=world.auditors[2].card.person.hex())
    assert page.status == 400 and "責任者だけができることです。" in page.text
    assert len(said_of(second, sent)) == 1
    page = write(browser, sent.case_id, "owner", owner=world.auditors[2].card.person.hex())
    assert "監査 2" in "".join(page.all("dl", class_="facts")[0].itertext())


def said_of(browser: Browser, sent: Sent) -> list[str]:
    work = desk_of(browser.app).work()
    opened = work.case(work.refresh(), sent.case_id)
    assert opened is not None and opened.state.ignored == ()
    return [said.record.type for said in opened.said]


@pytest.mark.parametrize("beside", [False, True])
def test_nobody_is_offered_as_the_owner_where_it_would_count(world: World, beside: bool) -> None:
    sent, lead, auditor = world.report(), Browser(world.desk(0)), Browser(world.desk(1))

    def offered(browser: Browser) -> list[str]:
        browser.get()
        page = browser.get(f"cases/{sent.case_id.hex()}{'/preview' if beside else ''}")
        (select,) = page.all("select", name="owner")
        return ["".join(option.itertext()) for option in select]

    assert "なし" in offered(auditor)
    write(lead, sent.case_id, "take", target=world.auditors[0].card.person.hex())
    assert "なし" not in offered(auditor) and "なし" in offered(lead)
    write(auditor, sent.case_id, "take", target=world.auditors[1].card.person.hex())
    assert "なし" in offered(auditor)
    page = auditor.get(f"cases/{sent.case_id.hex()}/preview")
    form = page.fields("/triage")
    write(lead, sent.case_id, "take", target=world.auditors[0].card.person.hex())
    assert auditor.post(f"cases/{sent.case_id.hex()}/triage", form | {"owner": ""}).status == 400
    assert said_of(lead, sent) == ["owner"] * 3


@pytest.mark.parametrize(
    ("act", "who", "typed", "words"),
    [
        ("owner", 0, {"owner": "$2"}, "この人はこの案件の担当から外れています"),
        ("bring_back", 1, {"target": "$2$id"}, "責任者だけができることです"),
        ("bring_back", 0, {"target": "$2" + "ab" * 16}, "担当から外れていないか"),
        ("bring_back", 0, {"target": "$0" + "ab" * 16}, "自分で自分を復帰させることは"),
        ("task_done", 0, {"target": "ab" * 16}, "この作業は案件にありません"),
    ],
)
def test_what_would_not_count_is_not_sent(
    world: World, act: str, who: int, typed: dict[str, str], words: str
) -> None:
    sent, gone = world.report(), Browser(world.desk(2))
    write(gone, sent.case_id, "step_back")
    wire = CountingTransport()
    browser = Browser(world.desk(who, transport=wire))
    page = browser.case(sent.case_id)
    work = desk_of(browser.app).work()
    opened = work.case(work.known(), sent.case_id)
    assert opened is not None
    values = {
        "$0": world.auditors[0].card.person.hex(),
        "$2": world.auditors[2].card.person.hex(),
        "$id": opened.said[0].envelope_id.hex(),
    }
    for name, value in values.items():
        typed = {field: text.replace(name, value) for field, text in typed.items()}
    refused = press(browser, page, sent.case_id, act, **typed)
    assert refused.status == 400 and words in refused.text and "何も記録していません" in refused.text
    assert not [request for request in wire.requests if request.startswith("POST /api/v1/cases/")]


def test_tasks_and_steps_are_done_and_opened_again(world: World, browser: Browser) -> None:
    sent = world.report()
    page = write(browser, sent.case_id, "task", task_text="ログを確保")
    task = next(
        one.get("value") for one in page.all("button") if (one.get("formaction") or "").endswith("/task_done")
    )
    page = write(browser, sent.case_id, "task_done", target=task)
    assert "済み" in "".join(page.all("ul", class_="tasks")[0].itertext())
    page = write(browser, sent.case_id, "task_again", target=task)
    assert page.all("li", class_="is-done") == []
    write(browser, sent.case_id, "playbook", done_preserve="1")
    page = browser.case(sent.case_id)
    assert [
        box.get("id") for box in page.all("input", type="checkbox") if box.get("checked") is not None
    ] == ["done_preserve"]
    page = browser.post(
        f"cases/{sent.case_id.hex()}/record/playbook",
        {name: text for name, text in boxes(page).items() if name != "done_preserve"},
    )
    assert not any(box.get("checked") is not None for box in page.all("input", type="checkbox"))


def test_the_leak_is_asked_about_and_the_terms_follow(world: World, browser: Browser) -> None:
    sent = world.report()
    path = f"cases/{sent.case_id.hex()}/leak"
    page = browser.get(path)
    assert "会社が漏えいを知った日によって決まります" in page.text
    aware = (world.day - timedelta(days=1)).isoformat()
    triggers = {f"trigger_{name}": "no" for name in breach.TRIGGER_IDS}
    page = press(browser, page, sent.case_id, "leak", aware=aware, persons="３，２００人", **triggers)
    assert "本人の数が合っていません" in page.text and "３，２００人" in page.html
    page = press(browser, page, sent.case_id, "leak", persons="３２０人", **triggers)
    assert page.all("h2", id="leak-head") and "報告が必要な漏えいには当たりません" in page.text
    assert "ありません（この回答では報告の必要がありません）。" in page.text
    page = press(browser, page, sent.case_id, "leak", persons="3200", **triggers | {"trigger_many": "yes"})
    assert "委員会への報告と本人への通知が必要です" in page.text and "3,200" in page.html
    page = press(browser, page, sent.case_id, "leak", preliminary_outline="概要です", preliminary_other=" ")
    assert boxes(page)["preliminary_outline"] == "概要です"
    tomorrow = (world.day + timedelta(days=1)).isoformat()
    for name, back in (("aware", aware), ("final_day", "")):
        refused = press(browser, page, sent.case_id, "leak", **{name: tomorrow})
        assert "この日はまだ来ていません" in refused.text and tomorrow in refused.html
        # What was refused stays typed until it is put right.
        page = press(browser, refused, sent.case_id, "leak", **{name: back})
        assert page.status == 200
    page = press(browser, page, sent.case_id, "leak", preliminary_day=world.day.isoformat())
    assert "に済み" in "".join(page.all("ul", class_="clocks")[0].itertext())


def test_days_of_a_report_that_contradict_others_are_not_kept(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/leak")
    # No day is proposed: the auditor who presses the button has said which one.
    assert boxes(page)["preliminary_day"] == boxes(page)["final_day"] == ""

    def day(before: int) -> str:
        return (world.day - timedelta(days=before)).isoformat()

    def refused(act: str, why: str, **typed: str) -> None:
        page = press(browser, browser.get(f"cases/{sent.case_id.hex()}/leak"), sent.case_id, act, **typed)
        shown = [text for name, text in typed.items() if name != "target"]
        assert page.status == 400 and why in page.text and all(text in page.html for text in shown)
        browser.post(f"cases/{sent.case_id.hex()}/draft/discard", boxes(page) | {"discard": "leak"})

    def kept(act: str, **typed: str) -> Page:
        page = press(browser, browser.get(f"cases/{sent.case_id.hex()}/leak"), sent.case_id, act, **typed)
        assert page.status == 200, page.text
        return page

    refused("leak", "会社が漏えいを知った日が、まだ記録されていません", preliminary_day=day(0))
    kept("leak", aware=day(20), trigger_many="yes")
    refused("leak", "知った日より前の日", preliminary_day="2020-01-01")
    refused("leak", "知った日より前の日", final_day=day(21), target="all the same")
    kept("leak", preliminary_outline="概要")
    page = kept("leak", preliminary_day=day(2))
    late = "".join(page.all("ul", class_="clocks")[0].itertext())
    assert "目安" in late and "提出" in late and "（目安の最終日から14日後）" in late and "済み" not in late
    refused("leak", "確報が速報より前の日", final_day=day(3), target="all the same")
    refused("leak", "すでに提出されている", aware=day(1), trigger_many="yes")
    refused("leak", "すでに提出されている", aware="", trigger_many="yes")
    # Taken back, and the order is free again.
    kept("leak", preliminary_day="")
    kept("leak", final_day=day(3), target="all the same")
    refused("leak", "確報が速報より前の日", preliminary_day=day(2))


def test_a_status_signed_before_the_report_came_is_told(world: World, browser: Browser) -> None:
    """The day of receipt is the server's word: later than it was, it would hide that nobody answered in time."""
    sent = world.report()
    browser.set_status(sent.case_id, "investigating")
    assert "日付が食い違っています" not in browser.case(sent.case_id).text
    with db.writing(world.engine) as conn:
        conn.execute(t.envelope.update().values(day=world.day + timedelta(days=3)))
    fresh = Browser(world.desk(1))
    page = fresh.case(sent.case_id)
    assert "日付が食い違っています" in page.text
    assert "days of this case contradict" in Browser(fresh.app, "en").case(sent.case_id).text


def test_an_empty_final_report_is_not_taken_for_a_whole_one(world: World, browser: Browser) -> None:
    sent = world.report()
    where = f"cases/{sent.case_id.hex()}/leak"
    press(browser, browser.get(where), sent.case_id, "leak", aware=world.day.isoformat(), trigger_many="yes")
    page = press(browser, browser.get(where), sent.case_id, "leak", final_outline="概要", final_cause="原因")
    day = {"final_day": world.day.isoformat()}
    page = press(browser, page, sent.case_id, "leak", **day)
    assert page.status == 400 and "9項目のうち7項目が空です" in page.text
    empty = [one.get("href") for one in page.all("a") if (one.get("href") or "").startswith("#final_")]
    wanted = [f"#final_{one}" for one in breach.ITEM_IDS if one not in ("outline", "cause")]
    assert [one for one in empty if one != "#final_day"] == wanted
    page = press(browser, page, sent.case_id, "leak", target="all the same", **day)
    assert page.status == 200 and "9項目のうち7項目が空です" in page.text
    assert "9項目のうち7項目が空です" in browser.case(sent.case_id).text
    every = {f"final_{one}": "x" for one in breach.ITEM_IDS}
    page = press(browser, browser.get(where), sent.case_id, "leak", **every)
    assert "項目が空です" not in page.text and page.status == 200


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_template_comes_into_the_box_and_nothing_is_sent(world: World, browser: Browser, lang: str) -> None:
    sent = world.report()
    browser.language = lang
    form = browser.case(sent.case_id).fields("/reply") | {
        "message": "前書き",
        "template": "received",
        "note": "メモ",
    }
    page = browser.post(f"cases/{sent.case_id.hex()}/template", form)
    text = page.fields("/reply")["message"]
    assert text.strip().startswith("前書き\n\n") and ("読みました" if lang == "ja" else "Thank you") in text
    assert page.fields("/reply")["note"] == "メモ" and len(world.reporter_sees(sent).entries) == 1


def test_who_steps_back_is_out_and_another_lead_brings_them_back(world: World, browser: Browser) -> None:
    sent = world.report()
    second = Browser(world.desk(1))
    write(second, sent.case_id, "note", note="前のメモ")
    page = second.get(f"cases/{sent.case_id.hex()}/step-back")
    second.post(f"cases/{sent.case_id.hex()}/record/step_back", page.fields("/step_back"))
    assert "この案件の担当から外れました。" in second.case(sent.case_id).text
    assert "前のメモ" not in second.case(sent.case_id).text
    assert "起きたこと" not in second.get("").text
    page = write(browser, sent.case_id, "note", note="その後のメモ")
    assert "この案件の担当から外れています" in page.text
    assert "その後のメモ" not in second.case(sent.case_id).text
    # The reporter's later words don't open either: the key has a slot, but this desk does not fetch them.
    (button,) = (
        one
        for one in browser.case(sent.case_id).all("button")
        if (one.get("formaction") or "").endswith("/bring_back")
    )
    third = write(Browser(world.desk(2)), sent.case_id, "bring_back", target=button.get("value"))
    assert third.status == 400 and "責任者だけができることです。" in third.text
    assert "担当から外れました" in second.case(sent.case_id).text
    write(browser, sent.case_id, "bring_back", target=button.get("value"))
    assert "前のメモ" in second.case(sent.case_id).text


def test_nobody_brings_themselves_back(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.get(f"cases/{sent.case_id.hex()}/step-back")
    form = page.fields("/step_back")
    browser.post(f"cases/{sent.case_id.hex()}/record/step_back", form)
    own = world.auditors[0].card.person.hex()
    answer = browser.post(
        f"cases/{sent.case_id.hex()}/record/bring_back",
        {"csrf_token": form["csrf_token"], "record_id": secrets.token_hex(16), "target": own + "ab" * 16},
    )
    assert "この案件の担当から外れました。" in answer.text
    assert "担当から外れています" in Browser(world.desk(1)).case(sent.case_id).text


def test_records_of_an_excluded_person_are_flagged(world: World, browser: Browser) -> None:
    sent = world.report([world.auditors[1].card.person])
    author, envelope_id = world.auditors[1].identity, secrets.token_bytes(16)
    payload = messages.auditor_payload(
        Kind.RECORD,
        author.key_id,
        sent.case_id,
        envelope_id,
        {"record": {"type": "severity", "severity": "low"}},
        [],
        author.sign_seed,
        world.readers(),
    )
    world.store_message(sent, Kind.RECORD, envelope_id, payload)
    page = browser.case(sent.case_id)
    assert "通報者が読ませたくない人に選んだ監査 1（監査部 1）の署名があります。" in page.text
    assert not page.all("span", class_="badge severity-low")


def test_a_lead_is_who_the_first_card_names_and_who_says_so(world: World) -> None:
    assert world.listing.duties[world.auditors[0].card.key_id] == "lead"
    made = world.newcomer(0)
    card = crypto_cards.new_card(
        made.identity.box_pk,
        made.identity.sign_pk,
        made.identity.sign_seed,
        dict(made.card.name),
        dict(made.card.role),
        duty="observer",
    )
    assert crypto_cards.parse_card(card.encode()).duty == "observer"


def test_every_act_of_the_page_makes_a_record_that_can_be_read() -> None:
    today, target = date(2026, 11, 23), "ab" * 16
    written = ("note", "task_text", "label", "iv_who", "ev_what", "ev_source", "ev_place", "conflict_text")
    form = dict.fromkeys(written, "x") | {"link_case": target, "target": target, "ev_day": "2026-11-23"}
    for act in record_forms._ACTS:
        own = {"bring_back": target * 2, "pressure": f"{target}x"}.get(act, target)
        given = form | {"target": own}
        record = record_forms.read(act, given, today)
        assert parse(record.as_json()) == record
    with pytest.raises(KeyError):
        record_forms.read("delete", form, today)
    with pytest.raises(BadRecord):
        record_forms.read("task_done", {}, today)


def test_no_such_act_and_no_such_case(world: World, browser: Browser) -> None:
    sent: Sent = world.report()
    form = browser.case(sent.case_id).fields("/look")
    assert browser.post(f"cases/{sent.case_id.hex()}/record/delete", form).status == 404
    assert browser.post(f"cases/{'ab' * 16}/record/severity", form | {"severity": "low"}).status == 404
    assert browser.get(f"cases/{'ab' * 16}/leak", 404).status == 404


def hrefs(page: Page) -> list[str]:
    return [one.get("href", "") for one in page.all("a")]


def test_the_next_step_is_named_and_leads_to_where_it_is_done(world: World, browser: Browser) -> None:
    sent = world.report(cause="loss")
    page = browser.case(sent.case_id)
    steps = [one for found in playbooks.for_case("leak", "loss").values() for one in found]
    for item in steps[:3]:
        (facts,) = page.all("dl", class_="facts")
        assert item.text["ja"] in "".join(facts.itertext())
        assert [one for one in hrefs(page) if one.startswith("#step-")] == [f"#step-{item.id}"]
        answer = browser.raw(
            "POST",
            f"/ja/cases/{sent.case_id.hex()}/record/playbook",
            data=page.fields("/look") | {f"done_{item.id}": "1"},
        )
        assert answer.status_code == 303 and answer.headers["Location"].endswith("#playbook")
        page = browser.case(sent.case_id)
    # Once in the list of the page's parts, once at the step, once in the playbook.
    assert steps[3].place == "work" and hrefs(page).count("#work") == 2
    # What was done last stays open beside what comes next, and nothing else is open.
    shown = [one.get("open") is not None for one in page.all("details", class_="step")]
    assert shown == [True, False, False, False, False]
    for item in steps[3:]:
        page = write(browser, sent.case_id, "playbook", **{f"done_{item.id}": "1"})
    assert "対応の手順はすべて済みました" in page.text
    assert page.all("details", class_="step")[-1].get("open") is not None


def test_a_template_puts_the_cursor_where_its_text_came(world: World, browser: Browser) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    assert page.all("textarea", name="message")[0].get("autofocus") is None
    page = browser.post(
        f"cases/{sent.case_id.hex()}/template", page.fields("/look") | {"template": "received"}
    )
    assert page.all("textarea", name="message")[0].get("autofocus") is not None


@pytest.mark.parametrize(
    ("written", "desk_in", "first", "shown"),
    [
        ("en", "ja", "en", "通報者のページ：英語"),
        ("ja", "en", "ja", "Reporter’s page: Japanese"),
        ("easy", "en", "ja", "Reporter’s page: Plain Japanese"),
        (None, "en", "en", ""),
        ("fr", "ja", "ja", ""),  # of a page that this site does not have
    ],
)
def test_a_template_comes_in_the_reporters_language_with_the_other_at_hand(
    world: World, browser: Browser, written: str | None, desk_in: str, first: str, shown: str
) -> None:
    sent = world.report(what_happened="x", language=written) if written else world.report(what_happened="x")
    browser.language = desk_in
    page = browser.case(sent.case_id)
    assert shown in page.text and ("’s page:" in page.text or "のページ：" in page.text) == bool(shown)
    (choice,) = page.all("select", name="template_language")
    offered = [one.get("value") for one in choice]
    assert offered == [first, "ja" if first == "en" else "en"]
    assert [("the reporter’s" in "".join(one.itertext())) for one in choice] == [
        desk_in == "en" and bool(shown),
        False,
    ]
    form = page.fields("/reply") | {"template": "received"}
    beginnings = {"ja": "に送っていただいた通報", "en": "We have received and read"}
    for code in offered:
        page = browser.post(f"cases/{sent.case_id.hex()}/template", form | {"template_language": str(code)})
        text = page.fields("/reply")["message"]
        assert [one for one in beginnings if beginnings[one] in text] == [code]
        assert page.fields("/reply")["template_language"] == code
    assert ("plain Japanese" in browser.case(sent.case_id).text) == (written == "easy")


def test_the_language_is_the_one_of_the_last_form(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x", language="ja")
    form = {"what_happened": "more", "exclude": [], "language": "en"}
    world.from_reporter(sent, form)
    assert "通報者のページ：英語" in browser.case(sent.case_id).text
    world.from_reporter(sent, form | {"language": "ja"}, signer=derive(new_code(), world.salt))
    assert "通報者のページ：英語" in browser.case(sent.case_id).text  # unverified


def test_the_preliminary_report_is_copied_into_empty_boxes_only(world: World, browser: Browser) -> None:
    sent = world.report()
    where = f"cases/{sent.case_id.hex()}/leak"
    typed = {
        "preliminary_outline": "速報の概要",
        "preliminary_cause": "速報の原因",
        "final_cause": "確報の原因",
    }
    page = browser.get(where)
    page = browser.post(f"{where}/copy", boxes(page) | typed)
    texts = {one.get("name"): (one.text or "") for one in page.all("textarea")}
    assert texts["final_outline"] == "速報の概要" and texts["final_cause"] == "確報の原因"
    assert texts["preliminary_outline"] == "速報の概要" and texts["final_data"] == ""
    # Nothing was sent by that; what was typed is a draft of this computer.
    assert boxes(browser.get(where))["final_outline"] == "速報の概要" and said_of(browser, sent) == []


def test_where_the_report_of_a_leak_goes_is_said_with_its_day(world: World, browser: Browser) -> None:
    page = browser.get(f"cases/{world.report().case_id.hex()}/leak")
    links = [one.get("href") for one in page.all("a") if (one.get("href") or "").startswith("https://")]
    assert links == [breach.REPORT_SITE, contacts.contact(breach.DELEGATION).url]
    assert "2026年11月23日に確かめました" in page.text


@pytest.mark.parametrize("act", sorted(record_forms._ACTS))
def test_what_no_page_sends_is_answered_calmly(world: World, browser: Browser, act: str) -> None:
    """Fields that somebody made up: a page with what was typed, never a fault of the desk."""
    sent = world.report()
    form = browser.case(sent.case_id).fields("/look")
    junk = dict.fromkeys(record_forms.NAMES, "\u202e☃ x") | {
        "target": "☃",
        "note": "メモ☃",
        "message": "返信☃",
    }
    answer = browser.post(f"cases/{sent.case_id.hex()}/record/{act}", form | junk)
    assert answer.status == 200 or (answer.status == 400 and "☃" in answer.html)


def test_a_long_history_is_folded_and_whole(world: World, browser: Browser) -> None:
    sent = world.report()
    for number in range(16):
        page = write(browser, sent.case_id, "label", label=f"印{number:02}")
    folded, rest = ["".join(one.itertext()) for one in page.all("ol") if "timeline" in one.get("class", "")][
        -2:
    ]
    assert "これより前の7件" in page.text
    assert "通報を受け付けました" in folded and "通報を受け付けました" not in rest
    assert [f"印{number:02}" in folded for number in range(16)] == [number < 6 for number in range(16)]
    assert [f"印{number:02}" in rest for number in range(16)] == [number >= 6 for number in range(16)]


def test_what_else_was_chosen_outlives_keeping_one_thing(world: World, browser: Browser) -> None:
    sent = world.report()
    me = world.auditors[0].card.person.hex()
    page = write(browser, sent.case_id, "owner", owner=me, severity="critical")
    assert page.fields("/look")["severity"] == "critical" and "監査 0" in page.text
    page = press(browser, page, sent.case_id, "severity")
    assert "重さ： 最重要" in page.text


def test_a_case_is_linked_and_found_by_the_number_that_pages_show(world: World, browser: Browser) -> None:
    sent, other = world.report(), world.report(what_happened="もう一つの件")
    number = other.case_id.hex()[:8].upper()
    shown = f"{number[:4]}-{number[4:]}"
    assert shown in browser.case(other.case_id).text
    page = write(browser, sent.case_id, "link", link_case=f" {shown} ")
    assert shown in page.text and by_handles(browser.app, f"/cases/{other.case_id.hex()}") in page.html
    for query in (shown, number.lower(), other.case_id.hex()):
        found = browser.post("search", browser.get("search").fields("/search") | {"words": query})
        assert "もう一つの件" in found.text


def test_closing_names_what_is_still_open(world: World, browser: Browser) -> None:
    sent = world.report()
    write(browser, sent.case_id, "task", task_text="聞き取りをする")
    browser.set_status(sent.case_id, "investigating")
    browser.set_status(sent.case_id, "corrected")
    asked = browser.choose(sent.case_id, "closed")
    assert "まだ済んでいないこと" in asked.text and "聞き取りをする" in asked.text
    assert "委員会への確報" in asked.text and "対応の手順：" in asked.text


def test_a_template_that_nobody_filled_in_is_not_sent(world: World, browser: Browser) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/reply") | {"template": "result"}
    text = browser.post(f"cases/{sent.case_id.hex()}/template", form).fields("/reply")["message"]
    refused = browser.reply(sent.case_id, text)
    assert (
        "まだ書き換えられていない" in refused.text
        and refused.fields("/reply")["message"].strip() == text.strip()
    )
    assert len(world.reporter_sees(sent).entries) == 1
    page = browser.reply(sent.case_id, text.replace("[ここに書いてください]", "[1] 済みです"), refused)
    assert page.status == 200 and len(world.reporter_sees(sent).entries) == 2
