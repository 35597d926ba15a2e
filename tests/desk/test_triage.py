"""Sorting reports from the inbox: beside the list, by keys, and several at once; counted as an officer would count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from crypto.envelope import Kind
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import write
from tests.desk.test_inbox import rows
from tests.desk.test_search import search
from tests.desk.world import CountingTransport, Sent, World, serving_desk
from tests.support.browser import findings, overflow, page_of


def handle(browser: Browser, sent: Sent) -> str:
    return desk_of(browser.app).handles.of(sent.case_id)


def bulk(browser: Browser, act: str, sent: list[Sent], **more: str) -> Page:
    """Choose cases in the list, and go through the page that asks."""
    chosen: dict[str, Any] = {"act": act, "case": [handle(browser, one) for one in sent]}
    form = browser.get().fields("/bulk") | chosen
    asked = browser.post("bulk", form)
    return browser.post("bulk/do", asked.fields("/bulk/do") | form | more)


def test_one_press_writes_one_record_and_sets_the_status(world: World) -> None:
    sent, wire = world.report(what_happened="紛失"), CountingTransport()
    browser = Browser(world.desk(transport=wire))
    browser.get()
    page = browser.get(f"cases/{sent.case_id.hex()}/preview")
    form = page.fields("/triage")
    me = world.auditors[0].card.person.hex()
    wire.requests.clear()
    page = browser.post(
        f"cases/{sent.case_id.hex()}/triage",
        form | {"owner": me, "severity": "high", "label": "名簿", "status": "investigating"},
    )
    sends = [request for request in wire.requests if request.startswith("POST /api/v1/cases/")]
    assert [send.rsplit("/", 1)[1] for send in sends] == ["envelopes", "status"]
    (row,) = rows(browser.get())
    assert all(text in row for text in ("名簿", "高", "調査中", world.auditors[0].card.name["ja"]))
    shown = browser.case(sent.case_id).text
    assert shown.count("ラベルをつけました：") == 1 and "主担当" in shown
    # The same page once more writes and sets nothing again.
    wire.requests.clear()
    browser.post(f"cases/{sent.case_id.hex()}/triage", form | {"owner": me, "severity": "high"})
    assert not [request for request in wire.requests if request.startswith("POST /api/v1/cases/")]


def test_a_preview_is_not_a_look_and_shows_nothing_of_what_is_shut(world: World) -> None:
    accused = world.auditors[1].card.person
    shut, own = world.report([accused], what_happened="秘密"), world.report(what_happened="読める")
    browser = Browser(world.desk(1))
    browser.get()
    assert browser.get(f"cases/{own.case_id.hex()}/preview").status == 200
    assert "新着" in rows(browser.get())[0]
    assert browser.get(f"cases/{shut.case_id.hex()}/preview", 404).status == 404
    assert browser.raw("POST", f"/ja/cases/{handle(browser, shut)}/triage").status_code in (400, 403, 404)


@pytest.mark.parametrize(
    ("field", "value"), [("label", "x" * 41), ("severity", "worst"), ("owner", "taro"), ("status", "closed")]
)
def test_what_can_not_be_written_down_is_told(world: World, browser: Browser, field: str, value: str) -> None:
    sent = world.report(what_happened="x")
    browser.get()
    form = browser.get(f"cases/{sent.case_id.hex()}/preview").fields("/triage")
    assert browser.post(f"cases/{sent.case_id.hex()}/triage", form | {field: value}).status == 400


def test_ten_duplicates_in_one_go(world: World, browser: Browser) -> None:
    head, *rest = [world.report(what_happened=f"同じ話 {number}") for number in range(11)]
    browser.get()
    shown = f"{head.case_id.hex()[:4]}-{head.case_id.hex()[4:8]}"
    page = bulk(browser, "duplicate", [head, *rest], head=shown)
    assert "11件のうち11件" in page.text
    work = desk_of(browser.app).work()
    for sent in rest:
        opened = work.case(work.refresh(), sent.case_id)
        assert opened is not None and opened.state.duplicates == {head.case_id}
    assert "（重複）" in browser.case(rest[0].case_id).text


def test_several_at_once_and_what_can_not_be_done(world: World, browser: Browser) -> None:
    one, two, handled = (world.report(what_happened=text) for text in ("一", "二", "三"))
    browser.get()
    browser.set_status(handled.case_id, "investigating")
    page = bulk(browser, "not_investigating", [one, two, handled], reason="いたずらと見られるため")
    assert "3件のうち2件" in page.text and "今の状況からは" in page.text
    assert "いたずらと見られるため" in browser.case(one.case_id).text
    # Nothing that was written down reaches a reporter but the status.
    seen = world.reporter_sees(one)
    assert [status.status for status in seen.statuses] == ["not_investigating"]
    assert Kind.TO_REPORTER not in {envelope.kind for envelope in seen.stored.envelopes}
    for act, field, value in (
        ("severity", "severity", "low"),
        ("category", "category", "accounting"),
        ("label", "label", "済"),
        ("owner", "owner", ""),
    ):
        assert "2件のうち2件" in bulk(browser, act, [one, two], **{field: value}).text
    assert all("済" in row and "低" in row for row in rows(browser.get("?severity=low&category=accounting")))
    assert len(rows(browser.get("?category=accounting"))) == 2


def test_several_at_once_need_what_the_act_needs(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="一")
    browser.get()
    for act, more in (
        ("not_investigating", {}),
        ("duplicate", {"head": "nonsense"}),
        ("label", {"label": ""}),
        ("severity", {"severity": "worst"}),
        ("category", {"category": ""}),
        ("owner", {"owner": "x"}),
    ):
        page = bulk(browser, act, [sent], **more)
        assert page.status == 400 and "何も記録していません" in page.text, act
    assert "選ばれていません" in browser.post("bulk", browser.get().fields("/bulk")).text
    assert browser.post("bulk/do", browser.get().fields("/bulk") | {"act": "nonsense"}).status == 200


def test_an_owner_that_does_not_count_is_not_told_as_done(world: World) -> None:
    sent = world.report(what_happened="一")
    lead, auditor = Browser(world.desk(0)), Browser(world.desk(2))
    lead.get()
    write(lead, sent.case_id, "owner", owner=world.auditors[1].card.person.hex())
    page = bulk(auditor, "owner", [sent], owner="")
    assert "1件のうち0件" in page.text and "責任者だけができる" in page.text
    assert "1件のうち1件" in bulk(lead, "owner", [sent], owner="").text


@pytest.mark.parametrize("how", ["reporter", "colleague", "status"])
def test_what_others_did_meanwhile_is_left_out_and_named(world: World, browser: Browser, how: str) -> None:
    sent, other = world.report(what_happened="一"), world.report(what_happened="二")
    browser.get()
    chosen: dict[str, Any] = {"act": "severity", "case": [handle(browser, one) for one in (sent, other)]}
    form = browser.get().fields("/bulk") | chosen
    second = Browser(world.desk(1))
    second.get()
    if how == "reporter":
        world.from_reporter(sent, {"message": "続報です"}, [sent.envelope_id])
    elif how == "colleague":
        write(second, sent.case_id, "severity", severity="critical")
    else:
        second.set_status(sent.case_id, "investigating")
    # What one does oneself is no surprise.
    write(browser, other.case_id, "severity", severity="medium")
    asked = browser.post("bulk", form)
    page = browser.post("bulk/do", asked.fields("/bulk/do") | form | {"severity": "low"})
    assert "2件のうち1件" in page.text and "一覧を表示した後" in page.text
    assert (severity_of(browser, sent), severity_of(browser, other)) == (
        "critical" if how == "colleague" else "",
        "low",
    )
    again = browser.post("bulk/do", page.fields("/bulk/do") | {"case": handle(browser, sent)})
    assert "1件のうち1件" in again.text and severity_of(browser, sent) == "low"


def severity_of(browser: Browser, sent: Sent) -> str:
    work = desk_of(browser.app).work()
    opened = work.case(work.refresh(), sent.case_id)
    assert opened is not None
    return opened.state.severity


def test_not_investigated_sent_twice_is_done_twice(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="一")
    browser.get()
    form = browser.get().fields("/bulk") | {"act": "not_investigating", "case": handle(browser, sent)}
    asked = browser.post("bulk", form).fields("/bulk/do") | form | {"reason": "いたずら"}
    for _ in range(2):
        assert "1件のうち1件" in browser.post("bulk/do", asked).text


def test_sent_twice_is_written_once(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="一")
    browser.get()
    form = browser.get().fields("/bulk") | {"act": "label", "case": handle(browser, sent)}
    asked = browser.post("bulk", form).fields("/bulk/do") | form | {"label": "名簿"}
    for _ in range(2):
        assert "1件のうち1件" in browser.post("bulk/do", asked).text
    work = desk_of(browser.app).work()
    opened = work.case(work.refresh(), sent.case_id)
    assert opened is not None and len(opened.said) == 1


def test_a_view_is_kept_under_a_name_and_sealed(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="紛失", cause="loss")
    world.report(what_happened="攻撃", cause="attack")
    browser.get()
    write(browser, sent.case_id, "severity", severity="high")
    form = browser.get("?severity=high&sort=received").fields("/filter")
    page = browser.post("views", form | {"name": "  重い もの "})
    assert [row.split()[0] for row in rows(page)] == ["紛失"]
    link = next(one for one in page.all("a") if one.text == "重い もの")
    assert link.get("href").endswith("?severity=high&sort=received")
    raw = b"".join(path.read_bytes() for path in (world.folder / "desk-0").iterdir())
    assert "重い もの".encode() not in raw
    assert "重い もの" in Browser(world.desk()).get().text
    browser = Browser(world.desk())
    browser.post("views/remove", browser.get().fields("/filter") | {"remove": "重い もの"})
    assert "重い もの" not in browser.get().text


def test_columns_sort_both_ways(world: World, browser: Browser) -> None:
    first, second = world.report(what_happened="一"), world.report(what_happened="二")
    browser.get()
    for sent, days, severity in ((first, 3, "low"), (second, 9, "critical")):
        aware = (world.day - timedelta(days=days)).isoformat()
        write(browser, sent.case_id, "leak", aware=aware, trigger_many="yes")
        write(browser, sent.case_id, "severity", severity=severity)
    for column in ("preliminary", "final", "severity"):
        up = [row.split()[0] for row in rows(browser.get(f"?sort={column}"))]
        down = [row.split()[0] for row in rows(browser.get(f"?sort={column}&down=1"))]
        assert up == ["二", "一"] and down == up[::-1], column
    head = next(th for th in browser.get("?sort=final").all("th") if th.get("aria-sort"))
    assert head.get("aria-sort") == "ascending" and "down=1" in head[0].get("href")
    assert len(rows(browser.get("?sort=nonsense&down=1&since=x&until=2999-99-99"))) == 2


def test_a_deletion_that_waits_for_a_second_person_is_told_to_that_person_alone(world: World) -> None:
    sent = world.report(what_happened="消したい")
    world.desk_day = world.day = world.day + timedelta(days=31)
    lead, second = Browser(world.desk(0)), Browser(world.desk(1))
    lead.get()
    form = lead.get(f"cases/{sent.case_id.hex()}/delete").fields("/delete/propose")
    lead.post(f"cases/{sent.case_id.hex()}/delete/propose", form | {"delete_reason": "保存期間"})
    assert "同意が必要：1件" in second.get().text and "同意が必要" not in lead.get().text


def test_a_title_takes_the_place_of_the_reports_beginning(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="長い書き出し")
    browser.get()
    write(browser, sent.case_id, "title", title="名簿の件")
    (row,) = rows(browser.get())
    assert row.startswith("名簿の件") and "長い書き出し" not in row
    assert len(rows(search(browser, "名簿の件"))) == 1


def test_a_triage_by_keys_alone(world: World, chromium_browser: Chromium) -> None:
    """Take, severity, next status, written down: one page load and five keys."""
    for number in range(3):
        world.report(what_happened=f"通報 {number}")
    app = world.desk()
    size = {"viewport": {"width": 1440, "height": 900}}
    with serving_desk(app) as address, page_of(chromium_browser, **size) as page:
        page.goto(new_link(app))
        page.goto(f"{address}/ja/")
        loads: list[str] = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        page.keyboard.press("j")
        page.wait_for_selector("#preview form")
        for key in ("a", "3", "e"):
            page.keyboard.press(key)
        assert page.is_visible("#preview .unsaved") and findings(page) == [] and overflow(page) <= 0
        page.keyboard.press("Enter")
        page.wait_for_selector("#preview .done")
        row = page.locator("table.cases tbody tr").first
        assert "調査中" in row.inner_text() and "高" in row.inner_text() and not loads
        page.keyboard.press("x")
        assert page.is_visible(".bulk") and page.locator(".pick input:checked").count() == 1
        page.keyboard.press("?")
        assert page.is_visible("#keys") and findings(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "words"
        # 18 rows have room on a screen.
        box = row.bounding_box()
        assert box is not None and box["y"] + 18 * box["height"] <= 900
        # A list without a case has the keys too, and the sheet of keys closes.
        page.goto(f"{address}/ja/?view=closed")
        page.keyboard.press("a")
        page.keyboard.press("?")
        page.click("#keys button")
        assert page.is_hidden("#keys") and page.locator("table.cases").count() == 0
