"""The inbox: new first, a page at a time, and nothing fetched or opened twice."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from admin.desk.server.responses import Change
from admin.desk.web.context import desk_of
from cases import breach
from crypto import seal
from crypto.envelope import Kind
from crypto.unseal import Opened, unseal
from store import db, tables
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import write
from tests.desk.test_search import search
from tests.desk.world import CountingTransport, World

MANY = 10_000


def rows(page: Page) -> list[str]:
    """Return what each case's row says, its title first."""
    rows = [row for row in page.all("tr") if row.get("data-case")]
    cells = [
        sorted(
            (cell for cell in row if cell.get("class") != "pick"),
            key=lambda cell: "title" not in (cell.get("class") or ""),
        )
        for row in rows
    ]
    return [" ".join(" ".join(" ".join(cell.itertext()) for cell in row).split()) for row in cells]


def test_what_is_due_comes_first_and_the_oldest_of_what_is_due_on_one_day(
    world: World, browser: Browser
) -> None:
    old, handled, new = (world.report(what_happened=text) for text in ("古い", "済んだ", "新しい"))
    browser.set_status(handled.case_id, "investigating")
    for sent in (old, new):
        write(browser, sent.case_id, "leak", aware=world.day.isoformat(), trigger_many="yes")
    no = {f"trigger_{name}": "no" for name in breach.TRIGGER_IDS}
    write(browser, handled.case_id, "leak", **no)
    # The preliminary report of two is due soon, nothing of the third one.
    assert [row.split()[0] for row in rows(browser.get())] == ["古い", "新しい", "済んだ"]
    for sent in (old, new):
        write(browser, sent.case_id, "leak", **no)
    # Nothing is due soon: unanswered ones by their 20 days, the oldest first; what a reporter wrote after them.
    assert [row.split()[0] for row in rows(browser.get())] == ["古い", "新しい", "済んだ"]
    browser.set_status(old.case_id, "investigating")
    assert [row.split()[0] for row in rows(browser.get())][0] == "新しい"
    world.from_reporter(handled, {"message": "続き"})
    assert [row.split()[0] for row in rows(browser.get())] == ["新しい", "済んだ", "古い"]


def test_a_closed_case_comes_back_with_a_message_until_it_is_looked_at(
    world: World, browser: Browser
) -> None:
    closed = world.report(what_happened="済んだ")
    for status in ("not_investigating", "closed"):
        browser.set_status(closed.case_id, status)
    world.report(what_happened="新しい")
    assert [row.split()[0] for row in rows(browser.get())] == ["新しい"]
    assert [row.split()[0] for row in rows(browser.get("?view=closed"))] == ["済んだ"]
    world.from_reporter(closed, {"message": "続き"})
    assert [row.split()[0] for row in rows(browser.get())] == ["新しい", "済んだ"]
    # At a colleague's desk too, who never looked at it.
    assert [row.split()[0] for row in rows(Browser(world.desk(1)).get())] == ["新しい", "済んだ"]
    browser.case(closed.case_id)
    assert [row.split()[0] for row in rows(browser.get())] == ["新しい"]


def test_marks_say_what_this_desk_has_not_looked_at(world: World, browser: Browser) -> None:
    sent = world.report()
    assert "新着" in rows(browser.get())[0].split()
    browser.case(sent.case_id)
    assert "新" not in rows(browser.get())[0]
    browser.set_status(sent.case_id, "investigating")
    assert "新" not in rows(browser.get())[0]
    world.from_reporter(sent, {"message": "続き"})
    assert "新しいメッセージ" in rows(browser.get())[0]
    browser.case(sent.case_id)
    assert "新" not in rows(browser.get())[0]
    # Each desk has marks of its own.
    assert "新着" in rows(Browser(world.desk(1)).get())[0]


def test_an_excerpt_is_short_and_on_one_line(world: World, browser: Browser) -> None:
    world.report(what_happened="あ" * 200)
    world.report(what_happened="一行目\n\n  二行目")
    second, first = rows(browser.get())
    assert first.startswith("一行目 二行目 ") and second.split()[0] == "あ" * 79 + "…"


def test_the_filter_by_status(world: World, browser: Browser) -> None:
    one, _two = world.report(what_happened="調べる"), world.report(what_happened="まだ")
    browser.set_status(one.case_id, "investigating")
    assert [row.split()[0] for row in rows(browser.get("?status=investigating"))] == ["調べる"]
    assert [row.split()[0] for row in rows(browser.get("?status=received"))] == ["まだ"]
    assert "この条件に合う案件はありません" in browser.get("?status=closed").text
    assert len(rows(browser.get("?status=nonsense"))) == 2
    for odd in ("0", "-1", "99999999", "999999999999", "x", "²", ""):
        assert len(rows(browser.get(f"?page={odd}"))) == 2


def test_an_unverified_status_is_marked_and_hides_nothing_from_new(world: World, browser: Browser) -> None:
    """A server that says "closed" of a case that nobody closed."""
    sent = world.report(what_happened="消したい通報")
    browser.get()
    cache = desk_of(browser.app).work().cache
    author = world.auditors[1].identity.key_id
    forged = Change(
        99,
        sent.case_id,
        world.day,
        sequence=1,
        status="closed",
        author=author,
        sig=bytes(64),
        act_sig=bytes(64),
    )
    cache.add([forged])
    for path in ("", "?view=new", "?status=received"):
        (row,) = rows(browser.get(path))
        assert "消したい通報" in row and "状況は未確認" in row
    assert "この条件に合う案件はありません" in browser.get("?status=closed").text
    (row,) = rows(browser.get("?view=due"))
    assert "残り20日" in row


def test_views_and_the_filter_form(world: World, browser: Browser) -> None:
    one, _two = (
        world.report(what_happened="紛失", cause="loss"),
        world.report(what_happened="攻撃", cause="attack"),
    )
    browser.set_status(one.case_id, "investigating")
    write(browser, one.case_id, "leak", **{f"trigger_{name}": "no" for name in breach.TRIGGER_IDS})
    assert [row.split()[0] for row in rows(browser.get("?view=new"))] == ["攻撃"]
    assert [row.split()[0] for row in rows(browser.get("?view=due"))] == ["攻撃"]
    assert "今のところ、該当する案件はありません" in browser.get("?view=mine").text
    form = browser.get().fields("/filter")
    answer = browser.raw("POST", "/ja/filter", data=form | {"cause": "loss", "label": "x" * 99, "odd": "a"})
    assert answer.headers["Location"] == "/ja/?cause=loss"
    nonsense = {"since": "2026-13-99", "severity": "weighty", "owner": "abc", "view": "odd", "sort": "odd"}
    answer = browser.raw("POST", "/ja/filter", data=form | nonsense)
    assert answer.headers["Location"].endswith("/ja/"), "what no list can be asked for is in no address"
    page = browser.post("filter", form | {"cause": "loss"})
    assert [row.split()[0] for row in rows(page)] == ["紛失"]
    for odd in ("?owner=zz", "?label=%00", "?severity=worst", "?cause=x", "?view=all"):
        assert len(rows(browser.get(odd))) == 2


def test_what_no_page_showed_is_read_beside_the_work(world: World) -> None:
    fill(world, 120, 120)
    browser = Browser(world.desk())
    assert "まだ読み込んでいます" in browser.get().text
    desk_of(browser.app).read_on(threading.Event())
    assert "まだ読み込んでいます" not in browser.get().text
    assert desk_of(browser.app).work().cache.count_unread() == 0


def test_days_left_and_days_over(world: World, browser: Browser) -> None:
    world.report(what_happened="期限")
    for days, text in ((0, "残り20日"), (20, "今日"), (23, "3日超過")):
        browser.get()
        world.desk_day = world.day = world.day + timedelta(days=days)
        assert text in rows(browser.get())[0]
        world.desk_day = world.day = world.day - timedelta(days=days)


def test_a_preliminary_report_past_its_days_is_marked_wherever_the_case_is_shown(
    world: World, browser: Browser
) -> None:
    """In the inbox, a search, the head and the calendar, also where an own task is due before it."""
    sent = world.report(what_happened="送信先の誤り")
    aware = (world.day - timedelta(days=17)).isoformat()
    write(browser, sent.case_id, "leak", aware=aware, trigger_many="yes")
    write(browser, sent.case_id, "task", task_text="x", task_due=(world.day - timedelta(days=15)).isoformat())
    past = "目安の日を13日過ぎています"
    for page in (browser.get(), browser.get("?view=due"), search(browser, "送信先")):
        (row,) = rows(page)
        assert "目安を13日超過" in row and "作業： 15日超過" in row
    head = next(one for one in browser.case(sent.case_id).all("dl", class_="facts"))
    assert past in "".join(head.itertext()) and "法律上の期限" not in "".join(head.itertext())
    last = (world.day - timedelta(days=13)).strftime("%Y%m%d")
    calendar = browser.raw("GET", "/ja/lists/due.ics").get_data(as_text=True).replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{last}" in calendar and "過ぎた日付があります" in calendar
    assert "guide +13 d" in Browser(browser.app, "en").get().text


def test_the_day_of_awareness_is_the_first_task_until_it_is_known(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="x")
    due = world.day + timedelta(days=2)
    shown = f"{due.year}年{due.month}月{due.day}日"
    assert "知った日の確認 残り2日" in rows(browser.get())[0]
    page = browser.case(sent.case_id)
    (first, *_others) = [one for section in page.all("ul", class_="tasks") for one in section]
    assert "会社が漏えいを知った日を確かめる" in "".join(first.itertext()) and shown in "".join(
        first.itertext()
    )
    assert page.text.count("このプログラムの提案") == 1
    write(browser, sent.case_id, "leak", aware=world.day.isoformat(), trigger_many="yes")
    assert "知った日の確認" not in rows(browser.get())[0]
    assert not browser.case(sent.case_id).all("ul", class_="tasks")


def test_an_empty_inbox(browser: Browser) -> None:
    assert "開ける通報は、まだありません" in browser.get().text


def fill(world: World, count: int, readable: int) -> None:
    """Put many cases into the store at once; only the newest `readable` ones have their own sealed bytes."""
    raws = []
    for number in range(readable):
        envelope_id = os.urandom(16)
        payload = {"v": 1, "envelope_id": envelope_id.hex(), "what_happened": f"通報 {number}"}
        raws.append((envelope_id, seal.seal(Kind.REPORT, envelope_id, payload, world.slots()).raw))
    filler = raws[0][1]
    ids = [(os.urandom(16), filler) for _ in range(count - readable)] + raws
    cases: list[dict[str, Any]] = []
    changes, envelopes = [], []
    for seq, (envelope_id, raw) in enumerate(ids, 1):
        case_id = os.urandom(16)
        keys = {name: os.urandom(32) for name in ("mailbox_pk", "reporter_sign_pk", "act_pk")}
        cases.append(
            {"case_id": case_id, "mailbox_key_id": case_id, "mailbox_record": b"", "received_day": world.day}
            | keys
        )
        changes.append({"seq": seq, "case_id": case_id})
        envelopes.append(
            {
                "seq": seq,
                "envelope_id": envelope_id,
                "case_id": case_id,
                "kind": 1,
                "day": world.day,
                "raw": raw,
            }
        )
    with db.writing(world.engine) as conn:
        for table, values in (
            (tables.case_file, cases),
            (tables.change, changes),
            (tables.envelope, envelopes),
        ):
            conn.execute(insert(table), values)


def test_ten_thousand_cases_are_fetched_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 2: opening the inbox with 10,000 cases must not fetch them again, also after a restart."""
    opened: list[bytes] = []

    def noting(raw: bytes, *more: Any) -> Opened:
        opened.append(raw[5:21])
        return unseal(raw, *more)

    for module in ("content", "faults"):
        monkeypatch.setattr(f"admin.desk.casework.{module}.unseal", noting)
    fill(world, MANY, 60)
    wire = CountingTransport()
    browser = Browser(world.desk(transport=wire))
    first = browser.get()
    assert len(rows(first)) == 25 and "通報 59" in rows(first)[-1] and "まだ読み込んでいます" in first.text
    assert len([one for one in wire.requests if "/changes" in one]) == MANY // 1000
    # Log and reading journals are asked for once a day, and one of the latter is sent. The list comes once more behind
    # the changes: they may go by a newer one.
    assert len(wire.requests) == MANY // 1000 + 7 and len(opened) == 25

    def again(path: str = "") -> list[str]:
        before = len(wire.requests)
        opened.clear()
        began = time.monotonic()
        browser.get(path)
        assert time.monotonic() - began < 3
        assert len(opened) <= 25
        return [one.split("?")[0] for one in wire.requests[before:]]

    quiet = ["GET /keys.json", "GET /api/v1/changes"]
    assert again() == quiet and again() == quiet
    assert again("?page=2") == [*quiet, "POST /api/v1/envelopes"]
    assert again("?page=2") == quiet
    # A desk that is started again, with the same folder.
    browser = Browser(world.desk(transport=wire))
    assert again() == [*quiet, "GET /log/checkpoint"], (
        "yesterday's batch was not there: asked for again at the start"
    )
    assert again("?page=2") == quiet
    # What is new is all that is fetched.
    sent = world.report(what_happened="いま来た通報")
    # And the list once more behind what is new.
    assert again() == [*quiet, "GET /keys.json", "POST /api/v1/envelopes"] and again() == quiet
    assert wire.requests[-1].endswith(f"after={MANY + 1}&limit=1000")
    assert "いま来た通報" in browser.case(sent.case_id).text


def test_an_interrupted_first_pull_goes_on_where_it_was(world: World) -> None:
    import httpx

    fill(world, 2_500, 3)
    wire = CountingTransport()

    def break_off(request: httpx.Request) -> None:
        if "after=2000" in str(request.url):
            raise httpx.ReadError("cut", request=request)

    wire.before = break_off
    browser = Browser(world.desk(transport=wire))
    assert "サーバーにつながりません" in browser.get(status=200).text
    wire.before = lambda _request: None
    wire.requests.clear()
    browser.get()
    assert desk_of(browser.app).work().cache.cursor() == 2500
    assert [one for one in wire.requests if "changes" in one] == ["GET /api/v1/changes?after=2000&limit=1000"]


def test_a_closed_case_that_owes_a_report_is_among_what_needs_action_and_among_the_closed(
    world: World, browser: Browser
) -> None:
    sent = world.report(what_happened="漏えい")
    browser.set_status(sent.case_id, "investigating")
    write(browser, sent.case_id, "leak", aware=world.day.isoformat(), trigger_many="yes")
    for status in ("corrected", "closed"):
        browser.set_status(sent.case_id, status)
    for view in ("", "?view=due", "?view=closed"):
        (row,) = rows(browser.get(view))
        assert row.startswith("漏えい") and "残り30日" in row, "the final report's days"
