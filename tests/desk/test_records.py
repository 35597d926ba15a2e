"""What auditors write down about a case: kept once, with a name, seen by all, read by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest

from admin.desk.web import record_forms
from admin.desk.web.context import desk_of
from cases import breach, playbooks
from cases.records import BadRecord, parse
from tests.desk.browser import Browser, by_handles
from tests.desk.case_forms import boxes, hrefs, press, write
from tests.desk.test_case import said
from tests.desk.world import PASSPHRASE, CountingTransport, Sent, World

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


def test_the_playbook_is_one_load_and_one_save(world: World) -> None:
    wire = CountingTransport()
    browser, sent = Browser(world.desk(transport=wire)), world.report(cause="attack")
    steps = [item for part in playbooks.for_case(["leak"], "attack").values() for item in part]
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


def test_the_next_step_is_named_and_leads_to_where_it_is_done(world: World, browser: Browser) -> None:
    sent = world.report(cause="loss")
    page = browser.case(sent.case_id)
    steps = [one for found in playbooks.for_case(["leak"], "loss").values() for one in found]
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
