"""Who read which case: told by days to those who can open it, and by nothing that a server or anybody else can see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import delete

from admin.desk.web.context import desk_of
from crypto.reading import JOURNAL_BYTES, MARKS, make_journal, read_journal, reading_key, reading_mark
from store import db, readings, tables
from tests.desk.browser import Browser, Page
from tests.desk.world import CountingTransport, World


def tomorrow(world: World, days: int = 1) -> None:
    world.day += timedelta(days=days)
    world.desk_day += timedelta(days=days)


def history(page: Page) -> str:
    return " ".join("".join(page.all("ol", class_="timeline history")[0].itertext()).split())


def stored(world: World) -> list[readings.ReadingRow]:
    with db.reading(world.engine) as conn:
        return readings.after(conn, 0)[0]


def test_a_colleague_sees_on_which_day_a_case_was_opened(world: World) -> None:
    sent, other = world.report(), world.report()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    first.case(sent.case_id)
    first.case(sent.case_id)
    assert "この案件を開きました 監査 0" in history(first.case(sent.case_id))
    assert "監査 0" not in history(second.case(sent.case_id))  # what the desk sends comes on a later day
    tomorrow(world)
    first.get()
    told = history(second.case(sent.case_id))
    day = world.day - timedelta(days=1)
    read = f"{day.year}年{day.month}月{day.day}日 この案件を開きました 監査 0"
    assert told.count(read) == 1 and read not in history(second.case(other.case_id))
    tomorrow(world)
    second.get()
    assert "この案件を開きました 監査 1" in history(first.case(sent.case_id))


def test_the_preview_counts_as_reading_and_the_list_does_not(world: World) -> None:
    shown, listed = world.report(), world.report()
    browser = Browser(world.desk(0))
    browser.get()
    assert browser.raw("GET", f"/ja/cases/{shown.case_id.hex()}/preview").status_code == 200
    tomorrow(world)
    browser.get()
    (row,) = [row for row in stored(world) if row.seq == max(row.seq for row in stored(world))]
    key_id, day = world.auditors[0].card.key_id, world.day - timedelta(days=1)
    marks = read_journal(row.raw).marks
    found = [reading_mark(reading_key(sent.content_key), key_id, day) in marks for sent in (shown, listed)]
    assert found == [True, False]


def sends(world: World, act: Callable[[Browser], Any]) -> list[tuple[str, int]]:
    """Return what a desk asks for on two days, with the length of each body; `act` is done on the first."""
    asked: list[tuple[str, int]] = []
    transport = CountingTransport()
    browser = Browser(world.desk(0, transport=transport))
    browser.get()
    act(browser)

    def note(request: httpx.Request) -> None:
        asked.append((f"{request.method} {request.url.path}", len(request.content)))

    tomorrow(world)
    transport.before = note
    browser.get()
    return [one for one in asked if "log" not in one[0]]


def test_a_desk_that_read_everything_sends_what_one_sends_that_read_nothing(world: World) -> None:
    reports = [world.report() for _ in range(MARKS + 3)]
    unread = sends(world, lambda _browser: None)

    def all_of_them(browser: Browser) -> None:
        for sent in reports:
            browser.case(sent.case_id)

    read = sends(world, all_of_them)
    assert ("POST /api/v1/readings" in dict(read)) and read == unread
    assert {len(row.raw) for row in stored(world)} == {JOURNAL_BYTES}


def test_an_excluded_auditor_learns_nothing_and_sends_the_same(world: World) -> None:
    out = world.report([world.auditors[1].card.person])
    reader, excluded = Browser(world.desk(0)), Browser(world.desk(1))
    reader.case(out.case_id)
    tomorrow(world)
    reader.get()
    excluded.get()
    work = desk_of(excluded.app).work()
    assert len(work.cache.parts("reading:")) == 2  # what everybody gets
    excluded.get(f"cases/{out.case_id.hex()}", status=404)
    # What they hold says nothing by anything that they have: no journal of one day shares a mark with another.
    marks = [mark for raw in work.cache.parts("reading:") for mark in read_journal(raw).marks]
    assert len(marks) == len(set(marks))


def test_more_than_a_journal_holds_goes_with_the_next_day(world: World) -> None:
    reports = [world.report() for _ in range(MARKS + 2)]
    browser = Browser(world.desk(0))
    for sent in reports:
        browser.case(sent.case_id)
    day, key_id = world.day, world.auditors[0].card.key_id
    marks = {reading_mark(reading_key(sent.content_key), key_id, day) for sent in reports}

    def told() -> int:
        return len(marks & {mark for row in stored(world) for mark in read_journal(row.raw).marks})

    counts = [told()]
    for _ in range(2):
        tomorrow(world)
        browser.get()
        counts.append(told())
    assert counts == [0, MARKS, MARKS + 2]


def test_a_day_without_the_desk_is_caught_up_with(world: World) -> None:
    sent = world.report()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    first.case(sent.case_id)
    read_on = world.day
    tomorrow(world, 5)
    first.get()
    told = history(second.case(sent.case_id))
    assert f"{read_on.year}年{read_on.month}月{read_on.day}日 この案件を開きました 監査 0" in told


def lose(world: World, number: int) -> None:
    with db.writing(world.engine) as conn:
        conn.execute(delete(tables.reading_journal).where(tables.reading_journal.c.number == number))


def test_a_journal_that_the_server_keeps_back_is_told(world: World) -> None:
    sent = world.report()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    first.case(sent.case_id)
    for _ in range(2):
        tomorrow(world)
        first.get()
    lose(world, 2)
    page = second.case(sent.case_id)
    assert "監査 0（監査部 0）の閲覧の記録の一部が、このデスクに届いていません" in page.text


def test_what_was_read_is_sent_until_it_is_there(world: World) -> None:
    """A server that lost the newest journal, before its author's desk saw it among the others'."""
    sent = world.report()
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    first.case(sent.case_id)
    tomorrow(world)
    first.get()
    lose(world, 2)
    tomorrow(world)
    first.get()
    page = second.case(sent.case_id)
    assert "この案件を開きました 監査 0" in history(page) and "届いていません" not in page.text


def test_a_forged_journal_says_nothing(world: World) -> None:
    """A server with a colleague's help, who can make the marks: the signature is the author's."""
    sent = world.report()
    accused, helper = world.auditors[1].card.key_id, world.auditors[2].identity
    mark = reading_mark(reading_key(sent.content_key), accused, world.day)
    raw = make_journal(world.salt, accused, 1, world.day, [mark], helper.sign_seed).encode()
    with db.writing(world.engine) as conn:
        readings.add(conn, world.auditors[1].card.key_id, 1, world.day, raw)
    tomorrow(world)
    assert "監査 1" not in history(Browser(world.desk(0)).case(sent.case_id))


def test_a_server_without_journals_does_not_stop_the_desk(world: World) -> None:
    sent, transport = world.report(), CountingTransport()
    transport.before = lambda request: (
        httpx.Response(404, json={"error": "not_found"}) if request.url.path.endswith("/readings") else None
    )
    page = Browser(world.desk(0, transport=transport)).case(sent.case_id)
    assert page.status == 200 and "通報を受け付けました" in history(page)
    assert "サーバー" not in page.all("main")[0].findtext("h2", "")


def test_two_desks_with_one_key_lose_nothing_of_what_was_read(world: World) -> None:
    """Only one of them can send a day's journal; the other's marks go with a later one of its own."""
    one, two = world.report(), world.report()
    here = Browser(world.desk(0))
    here.case(one.case_id)
    tomorrow(world)
    here.get()
    there = Browser(world.desk(0, copy="-2"))
    there.case(two.case_id)
    read_on, key_id = world.day, world.auditors[0].card.key_id
    tomorrow(world)
    here.get()
    there.get()
    mark = reading_mark(reading_key(two.content_key), key_id, read_on)
    assert not any(mark in read_journal(row.raw).marks for row in stored(world))
    tomorrow(world)
    there.get()
    assert any(mark in read_journal(row.raw).marks for row in stored(world))
    assert [read_journal(row.raw).number for row in stored(world)] == [1, 2, 3, 4]


def test_the_history_is_narrowed_without_scripts_and_keeps_what_is_typed(world: World) -> None:
    sent = world.report()
    browser, second = Browser(world.desk(0)), Browser(world.desk(1))
    second.post(
        f"cases/{sent.case_id.hex()}/record/note",
        second.case(sent.case_id).fields("/look") | {"note": "二人目のメモ"},
    )
    form = browser.case(sent.case_id).fields("/look") | {"message": "書きかけの回答"}
    page = browser.post(f"cases/{sent.case_id.hex()}/look", form | {"history_kind": "notes"})
    told = history(page)
    assert "二人目のメモ" in told and "受け付けました" not in told
    assert page.fields("/look")["message"].strip() == "書きかけの回答"
    assert page.fields("/look")["history_kind"] == "notes"
    page = browser.post(f"cases/{sent.case_id.hex()}/look", form | {"history_who": "reporter"})
    assert "受け付けました" in history(page) and "二人目のメモ" not in history(page)
    page = browser.post(f"cases/{sent.case_id.hex()}/look", form | {"history_kind": "☃", "history_who": "☃"})
    assert "二人目のメモ" in history(page) and "受け付けました" in history(page)
