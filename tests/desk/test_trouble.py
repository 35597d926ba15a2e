"""The server is away, odd, slow, refuses, or lives on another day: calm pages, nothing lost, nothing trusted."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from admin.desk.local.copy import Cache, file_for
from admin.desk.server.client import DeskError, Server, checked_url
from admin.desk.server.responses import ServerTrouble, Trouble
from admin.desk.web.app import DeskOptions, create_desk
from admin.desk.web.context import desk_of
from admin.desk.web.run import run_desk
from crypto.encoding import b64e
from crypto.identity import new_identity
from tests.desk.browser import Browser
from tests.desk.world import CountingTransport, World, serving
from tests.support.ports import free_port


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def before(_request: httpx.Request) -> httpx.Response:
        raise error

    return before


def tls() -> httpx.ConnectError:
    error = httpx.ConnectError("secret words")
    error.__cause__ = ssl.SSLCertVerificationError("secret words")
    return error


@pytest.mark.parametrize(
    ("before", "title"),
    [
        (raising(httpx.ConnectError("x")), "サーバーにつながりません"),
        (raising(httpx.ReadTimeout("x")), "サーバーから時間内に返事がありませんでした"),
        (raising(tls()), "正しいサーバーであることを確認できませんでした"),
        (raising(httpx.RemoteProtocolError("x")), "サーバーの返事を読み取れませんでした"),
        (lambda _r: httpx.Response(503, json={"error": "store"}), "サーバーが今は処理できません"),
        (lambda _r: httpx.Response(200, text="<html>log in"), "サーバーの返事を読み取れませんでした"),
        (
            lambda _r: httpx.Response(302, headers={"Location": "http://evil.example/"}),
            "サーバーの返事を読み取れませんでした",
        ),
        (lambda _r: httpx.Response(404, text="none"), "サーバーの返事を読み取れませんでした"),
        (lambda _r: httpx.Response(200, json=[]), "サーバーの返事を読み取れませんでした"),
    ],
)
def test_before_and_after_the_first_contact(
    world: World, before: Callable[[httpx.Request], httpx.Response], title: str
) -> None:
    sent = world.report(what_happened="先に取った通報")
    wire = CountingTransport()
    wire.before = before
    browser = Browser(world.desk(transport=wire))
    page = browser.get(status=502)
    assert page.h1 == title and "失われていません" in page.text and "secret words" not in page.html
    wire.before = lambda _request: None
    browser.get()
    wire.before = before
    page = browser.get()
    assert page.h1 == "受信箱" and title in page.text and "先に取った通報" in page.text
    assert title in browser.case(sent.case_id).text and title in browser.get("people").text
    english = Browser(browser.app, "en").get()
    assert "This page shows what was fetched before" in english.text


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"changes": [], "last": 9, "more": 1},
        {"changes": [], "last": 9, "more": True},
        {"changes": None, "last": 9, "more": False},
        {"changes": [5], "last": 9, "more": False},
        {"changes": [{"seq": 1}], "last": 9, "more": False},
        {
            "changes": [
                {
                    "seq": 0,
                    "case": "00" * 16,
                    "day": "2026-01-01",
                    "what": "report",
                    "kind": 1,
                    "envelope": "00" * 16,
                }
            ],
            "last": 9,
            "more": False,
        },
        {
            "changes": [
                {
                    "seq": 1,
                    "case": "00",
                    "day": "2026-01-01",
                    "what": "report",
                    "kind": 1,
                    "envelope": "00" * 16,
                }
            ],
            "last": 9,
            "more": False,
        },
        {
            "changes": [
                {
                    "seq": 1,
                    "case": "00" * 16,
                    "day": "20260101",
                    "what": "report",
                    "kind": 1,
                    "envelope": "00" * 16,
                }
            ],
            "last": 9,
            "more": False,
        },
        {
            "changes": [
                {
                    "seq": 1,
                    "case": "00" * 16,
                    "day": "2026-01-01",
                    "what": "report",
                    "kind": 2,
                    "envelope": "00" * 16,
                }
            ],
            "last": 9,
            "more": False,
        },
        {
            "changes": [
                {
                    "seq": 1,
                    "case": "00" * 16,
                    "day": "2026-01-01",
                    "what": "message",
                    "kind": 9,
                    "envelope": "00" * 16,
                }
            ],
            "last": 9,
            "more": False,
        },
        {
            "changes": [{"seq": 1, "case": "00" * 16, "day": "2026-01-01", "what": "status", "sequence": 0}],
            "last": 9,
            "more": False,
        },
    ],
)
def test_an_odd_feed_is_not_kept(world: World, answer: dict[str, Any]) -> None:
    wire = CountingTransport()
    wire.before = lambda request: httpx.Response(200, json=answer) if "changes" in request.url.path else None
    browser = Browser(world.desk(transport=wire))
    browser.get(status=502)
    wire.before = lambda _request: None
    world.report(what_happened="本物")
    assert "本物" in browser.get().text


@pytest.mark.parametrize("spoil", ["withheld", "other", "cut", "odd", "swapped_then_true"])
def test_sealed_bytes_that_are_not_what_was_asked_for(world: World, spoil: str) -> None:
    sent, other = world.report(what_happened="通報A"), world.report(what_happened="通報B")
    wire = CountingTransport()

    def change(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith("/envelopes"):
            return answer
        found = json.loads(answer.read())
        by_id = {one["id"]: one for one in found["envelopes"]}
        mine = by_id.get(sent.envelope_id.hex())
        if mine is None:
            return httpx.Response(200, json=found)
        if spoil == "withheld":
            found["envelopes"].remove(mine)
        elif spoil == "cut":
            mine["raw"] = mine["raw"][:4000]
        elif spoil == "odd":
            found = {"envelopes": [{"id": mine["id"], "raw": 5, "grants": []}]}
        else:
            mine["raw"] = (
                by_id[other.envelope_id.hex()]["raw"] if other.envelope_id.hex() in by_id else b64e(b"x")
            )
        return httpx.Response(200, json=found)

    wire.after = change
    browser = Browser(world.desk(transport=wire))
    inbox = browser.get().text
    if spoil == "odd":  # then nothing that was asked for with it came either
        assert "通報A" not in inbox and "まだ読み込んでいます" in inbox
        browser.get(f"cases/{sent.case_id.hex()}", status=404)
    else:
        assert "通報A" not in inbox and "この通報を渡していません" in inbox
        page = browser.case(sent.case_id)
        assert (
            "通報B" not in page.html
            and "だれかを読ませたくない人に選んだときには、このようにはなりません" in page.text
        )
    wire.after = lambda _request, answer: answer
    # Once the server hands out the true ones, they are taken.
    assert "通報A" in browser.case(sent.case_id).text and "通報A" in browser.get().text


@pytest.mark.parametrize("days", [-3, 3])
def test_a_wrong_clock_is_named(world: World, days: int) -> None:
    world.desk_day = world.day + timedelta(days=days)
    page = Browser(world.desk()).get(status=502)
    assert page.h1 == "このパソコンの日付が合っていないようです"
    assert (
        f"{world.day.year}年{world.day.month}月{world.day.day}日" in page.text
        and "サーバーの日付" in page.text
    )


def test_a_clock_that_is_a_day_off_reads_but_sets_no_status(world: World) -> None:
    sent = world.report()
    world.desk_day = world.day + timedelta(days=1)
    browser = Browser(world.desk())
    page = browser.set_status(sent.case_id, "investigating")
    assert page.status == 502 and "日付が合っていないようです" in page.text
    assert world.reporter_sees(sent).statuses == []


def test_a_refusal_without_a_reason_is_said_as_such(world: World) -> None:
    wire = CountingTransport()
    wire.before = lambda r: (
        httpx.Response(401, json={"error": "unauthorized"}) if "api" in r.url.path else None
    )
    page = Browser(world.desk(transport=wire)).get(status=502)
    assert page.h1 == "サーバーがこのデスクの署名を受け付けませんでした"


def test_no_redirect_is_followed_and_no_proxy_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def elsewhere(environ: dict[str, Any], start: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start("200 OK", [])
        return [b"{}"]

    with serving(elsewhere) as target:

        def redirecting(_environ: dict[str, Any], start: Any) -> list[bytes]:
            start("307 x", [("Location", f"{target}/caught")])
            return [b""]

        with serving(redirecting) as url:
            monkeypatch.setenv("HTTP_PROXY", target)
            monkeypatch.setenv("ALL_PROXY", target)
            from datetime import date

            server = Server(url, date.today)
            with pytest.raises(ServerTrouble) as caught:
                server.keys()
            assert caught.value.trouble is Trouble.ODD
            server.close()
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "meyasubako.example.jp",
        "ftp://meyasubako.example.jp",
        "http://meyasubako.example.jp",
        "http://127.0.0.1.example.jp",
        "https://",
        "https://user:word@meyasubako.example.jp",
        "https://meyasubako.example.jp/?x=1",
        "https://meyasubako.example.jp:99999",
        "https://[::1",
        "",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(DeskError):
        create_desk(url, b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://a.example/box",
        "http://127.0.0.1:8000",
        "http://localhost:1",
        "http://[::1]:1",
        "http://abc.onion",
    ],
)
def test_an_address_that_can(url: str) -> None:
    assert checked_url(url) == url.rstrip("/")


def test_a_site_below_a_path(world: World) -> None:
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    world.report(what_happened="下の階の通報")

    def nothing(_environ: Any, start: Any) -> list[bytes]:
        start("404 x", [])
        return [b""]

    with serving(DispatcherMiddleware(nothing, {"/box": world.wsgi()})) as url:
        world.url = f"{url}/box/"
        assert "下の階の通報" in Browser(world.desk()).get().text


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_local_copy(world: World, content: bytes) -> None:
    key_id = world.auditors[0].identity.key_id
    path = file_for(world.folder / "desk-0", world.url, key_id)
    path.parent.mkdir()
    path.write_bytes(content)
    page = Browser(world.desk()).get(status=500)
    assert page.h1 == "デスクの手元のデータを使えません" and path.name in page.text
    path.unlink()
    assert Browser(world.desk()).get()


def test_a_local_copy_of_another_version(world: World) -> None:
    import sqlite3

    app = world.desk()
    Browser(app).get()
    desk_of(app).forget()
    path = file_for(world.folder / "desk-0", world.url, world.auditors[0].identity.key_id)
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    assert Browser(world.desk()).get(status=500)


def test_a_second_report_in_a_case_does_not_take_over(world: World, tmp_path: Path) -> None:
    """A server that adds an envelope of kind 1 could bring its own reporter's keys with it."""
    from datetime import date

    from admin.desk.server.responses import Change

    cache = Cache(tmp_path / "c.sqlite3", bytes(32))
    case, first, second = bytes(16), b"1" * 16, b"2" * 16
    day = date(2026, 11, 23)
    cache.add(
        [Change(1, case, day, envelope_id=first, kind=1), Change(2, case, day, envelope_id=second, kind=1)]
    )
    line = cache.case(case)
    assert line is not None and line.report_id == first
    # Told again, nothing changes.
    cache.add([Change(3, case, day, envelope_id=first, kind=2)])
    assert [one.kind for one in cache.envelopes(case)] == [1, 1]
    cache.close()


def test_a_rewritten_history_is_told(world: World) -> None:
    from admin.desk.server.responses import Change

    sent = world.report()
    browser = Browser(world.desk())
    browser.set_status(sent.case_id, "investigating")
    cache = desk_of(browser.app).work().cache
    status = cache.statuses(sent.case_id)[0]
    cache.add(
        [
            Change(
                99,
                sent.case_id,
                world.day,
                sequence=1,
                status="not_investigating",
                author=status.author,
                sig=status.sig,
            )
        ]
    )
    page = browser.case(sent.case_id)
    assert "履歴の同じ位置に違う記録" in page.text and "未確認" in page.text


def test_faults_are_logged_as_a_place(
    world: World,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from admin.desk.web.views import case_page

    sent = world.report()
    browser = Browser(world.desk())
    page = browser.case(sent.case_id)

    def broken(*_args: object) -> None:
        raise RuntimeError("MARKER-5")

    monkeypatch.setattr(case_page, "_excluded", broken)
    with caplog.at_level(logging.DEBUG):
        shown = browser.reply(sent.case_id, " ", page)
    assert shown.status == 500 and shown.h1 == "デスクで不具合が起きました"
    told = capfd.readouterr().err + caplog.text
    assert "unhandled RuntimeError at tests.desk.test_trouble:" in told
    assert "MARKER-5" not in told and sent.case_id.hex() not in told and "Traceback" not in told


def test_a_typed_reply_is_given_back_after_a_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from admin.desk.casework.work import Work

    sent = world.report()
    browser = Browser(world.desk())
    page = browser.case(sent.case_id)

    def broken(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Work, "reply", broken)
    shown = browser.reply(sent.case_id, "書いた返信", page)
    assert shown.status == 500 and "書いた返信" in shown.text


def test_run_desk_serves_until_it_is_ended(world: World) -> None:
    port, links = free_port(), []
    told = threading.Event()

    def announce(url: str) -> None:
        links.append(url)
        told.set()

    identity = world.auditors[0].identity
    options = DeskOptions(cache_dir=world.folder / "run", identity=identity, port=port, announce=announce)
    threading.Thread(target=run_desk, args=(world.url, None, options), daemon=True).start()
    assert told.wait(10)
    with httpx.Client(trust_env=False) as client:
        address, opening, _token = links[0].rpartition("/open/")
        assert address.startswith(f"http://127.0.0.1:{port}/") and opening
        assert client.get(links[0]).status_code == 303
        assert client.get(f"{address}/ja/").status_code == 200
        # Loopback only, and only once.
        with pytest.raises(OSError):
            run_desk(world.url, None, options)
        assert len(links) == 1


def test_a_desk_needs_a_key() -> None:
    with pytest.raises(DeskError):
        create_desk("https://a.example", None)
    app = create_desk("https://a.example", None, DeskOptions(cache_dir=Path("x"), identity=new_identity()))
    desk_of(app).close()


def test_a_desk_without_a_key_file_says_so_once_it_is_locked(world: World) -> None:
    app = create_desk(
        world.url,
        None,
        DeskOptions(cache_dir=world.folder / "d", identity=world.auditors[0].identity, port=free_port()),
    )
    world.apps.append(app)
    browser = Browser(app)
    browser.raw("POST", "/ja/lock", data=browser.get().fields("/lock"))
    page = browser.get(status=403)
    assert "鍵ファイルなしで" in page.text and not page.all("input")


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\xff" * 100])
def test_a_key_file_that_is_none(world: World, content: bytes) -> None:
    app = create_desk(world.url, content, DeskOptions(cache_dir=world.folder / "d", port=free_port()))
    world.apps.append(app)
    page = Browser(app).unlock("x")
    word = (
        "このバージョンのプログラムの鍵ファイルではありません"
        if content == b"{}"
        else "途中で切れているか、壊れている"
    )
    assert page.status == 400 and word in page.text
