"""The reporter's files at the desk, from the real server to the saved bytes: exactly what was sealed, or nothing."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Tab

from admin.desk.casework import downloads as desk_files
from admin.desk.casework.attachments import files_of, safe_name
from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from crypto.attachment import FRAME, object_length
from crypto.encoding import b64e
from crypto.errors import Truncated
from crypto.receipt import derive, new_code
from store.objects import MAX_PIECE
from tests.desk.browser import Browser, Page, by_handles
from tests.desk.world import CountingTransport, Sent, World, serving, serving_desk
from tests.support import leaks
from tests.support.browser import findings, overflow, page_of

THREE_MB = 3_000_000
ENDS = re.compile(r"attachment; filename\*=UTF-8''([!#$&+.^_`|~0-9A-Za-z%-]+)\Z")
Entry = Mapping[str, Any]


def place(sent: Sent, entry: Entry, end: str = "") -> str:
    return f"cases/{sent.case_id.hex()}/files/{entry['object']}{end}"


def save(browser: Browser, sent: Sent, entry: Entry) -> tuple[str, bytes]:
    """Save a file that was fetched; return its name and its bytes."""
    answer = browser.raw("GET", f"/{browser.language}/{place(sent, entry, '/save')}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers.getlist("Content-Type") == ["application/octet-stream"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(entry["size"])
    [disposition] = answer.headers.getlist("Content-Disposition")
    name = ENDS.match(disposition)
    assert name, disposition
    return unquote(name[1]), answer.data


def fetch_and_save(browser: Browser, sent: Sent, entry: Entry) -> tuple[str, bytes]:
    assert browser.get(place(sent, entry)).all("a", download="")
    return save(browser, sent, entry)


def lines_of(page: Page) -> list[str]:
    """Return what the case's page says of each file."""
    lists = page.all("ul", class_="files")
    return [" ".join(" ".join(line.itertext()).split()) for one in lists for line in one]


def test_a_case_lists_its_files_those_of_later_messages_too(world: World) -> None:
    listed = [
        world.attach(b"x" * 1234, "請求書\u202excod.exe", "removed", ["author", "place"]),
        world.attach(bytes(THREE_MB), "録音.mp4", "not"),
    ]
    sent = world.report(files=listed, what_happened="添付のとおりです")
    later = world.attach(b"later", "後から.pdf")
    world.from_reporter(sent, {"message": "もう一つあります"}, files=[later])
    app = world.desk()
    page = Browser(app).case(sent.case_id)
    first, second, third = lines_of(page)
    assert first.startswith("請求書xcod.exe.unsafe 1.2 kB 通報者を守るため、送る前に情報を取り除いて")
    assert first.endswith("取り除いたもの： 作成者、場所")
    assert (
        second.startswith("録音.mp4 3.0 MB だれが、いつ、どこで作ったか") and "取り除いたもの" not in second
    )
    assert third.startswith("後から.pdf 5 B ")
    english = lines_of(Browser(app, "en").case(sent.case_id))
    assert english[0].endswith(
        "It was cleaned before it was sent, to protect the reporter. Taken out: author, place"
    )
    for entry in (*listed, later):
        assert page.all("button", value=by_handles(app, f"/ja/{place(sent, entry)}"))
    assert fetch_and_save(Browser(app), sent, later) == ("後から.pdf", b"later")


def test_a_message_of_files_only_shows_no_keys(world: World, browser: Browser) -> None:
    sent = world.report()
    entry = world.attach(b"x")
    world.from_reporter(sent, {}, files=[entry])
    page = browser.case(sent.case_id)
    assert len(lines_of(page)) == 1 and entry["key"] not in page.html and entry["hash"] not in page.html


@pytest.mark.parametrize("size", [0, 1, FRAME - 8, FRAME - 7, MAX_PIECE, THREE_MB])
def test_what_is_saved_is_what_was_sealed(world: World, browser: Browser, size: int) -> None:
    data = secrets.token_bytes(size)
    entry = world.attach(data, "記録 100%'\"; x=.pdf")
    sent = world.report(files=[entry])
    name, saved = fetch_and_save(browser, sent, entry)
    assert saved == data and name == "記録 100_'_; x=.pdf"
    # Nothing stays: anyone who wants it again fetches it again.
    assert desk_of(browser.app).work().cache.object_length(bytes.fromhex(entry["object"])) == 0
    again = browser.raw("GET", f"/ja/{place(sent, entry, '/save')}")
    assert again.status_code == 303 and again.headers["Location"] == by_handles(
        browser.app, f"/ja/{place(sent, entry)}"
    )
    assert fetch_and_save(browser, sent, entry) == (name, data)


@pytest.mark.parametrize(
    "name", ["setup.exe", "page.html", "報告\u202efdp.exe", "報告.pdf\u200b.lnk ", "x.DOCM."]
)
def test_what_runs_is_saved_under_another_ending(world: World, browser: Browser, name: str) -> None:
    entry = world.attach(b"MZ<script>", name)
    sent = world.report(files=[entry])
    page = browser.get(place(sent, entry))
    assert "別の拡張子" in page.text
    saved, data = save(browser, sent, entry)
    assert saved.endswith(".unsafe") and saved.isprintable() and data == b"MZ<script>" and saved in page.text
    harmless = world.attach(b"x", "報告.pdf")
    other = world.report(files=[harmless])
    assert "別の拡張子" not in browser.get(place(other, harmless)).text


def test_fetching_shows_how_far_it_is_and_goes_on_after_an_interruption(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_files, "FETCH_SECONDS", 0.0)
    data = secrets.token_bytes(THREE_MB)
    entry = world.attach(data)
    sent, total = world.report(files=[entry]), object_length(THREE_MB)
    wire = CountingTransport()
    with ExitStack() as running:
        world.url = running.enter_context(serving(world.wsgi()))
        browser = Browser(world.desk(transport=wire))
        page = browser.get(place(sent, entry))
        [bar] = page.all("progress")
        assert (bar.get("value"), bar.get("max")) == (str(MAX_PIECE), str(total))
        assert "4.2 MB のうち 1.0 MB" in page.text
        [refresh] = [one for one in page.all("meta") if one.get("http-equiv") == "refresh"]
        assert refresh.get("content") == "0"
        asked = len(wire.requests)
        paused = browser.get(place(sent, entry, "?pause"))
        assert paused.h1 == "取り寄せを一時停止しています" and paused.all("progress")[0].get("value") == str(
            MAX_PIECE
        )
        assert not [one for one in paused.all("meta") if one.get("http-equiv")]
        assert not [one for one in wire.requests[asked:] if "objects" in one]
    away = browser.get(place(sent, entry), status=502)
    assert "サーバーにつながりません" in away.text and "失われていません" in away.text
    assert away.all("progress")[0].get("value") == str(MAX_PIECE)
    assert browser.raw("GET", f"/ja/{place(sent, entry, '/save')}").status_code == 303
    with serving(world.wsgi(), urlsplit(world.url).port or 0):
        # A restart of the desk keeps what was fetched too.
        again, pages = Browser(world.desk(transport=wire)), 1
        wire.requests.clear()
        while not (page := again.get(place(sent, entry))).all("a", download=""):
            pages += 1
        offsets = [one.partition("offset=")[2] for one in wire.requests if "objects" in one]
        assert offsets == [str(MAX_PIECE * number) for number in range(1, 5)] and pages == 4
        assert save(again, sent, entry)[1] == data


def test_a_file_that_is_here_is_saved_without_the_server(world: World) -> None:
    entry = world.attach(b"here")
    sent = world.report(files=[entry])
    with ExitStack() as running:
        world.url = running.enter_context(serving(world.wsgi()))
        browser = Browser(world.desk())
        browser.get(place(sent, entry))
    assert fetch_and_save(browser, sent, entry)[1] == b"here"


Spoil = Callable[[httpx.Response, bytes], httpx.Response]


def given(answer: httpx.Response, raw: bytes, total: int | None = None) -> httpx.Response:
    length = answer.headers["Meyasubako-Length"] if total is None else str(total)
    return httpx.Response(200, content=raw, headers={"Meyasubako-Length": length})


def one_bit(answer: httpx.Response, _other: bytes) -> httpx.Response:
    raw = bytearray(answer.read())
    raw[-1] ^= 1
    return given(answer, bytes(raw))


def cut(answer: httpx.Response, _other: bytes) -> httpx.Response:
    raw = answer.read()[: object_length(1)]
    return given(answer, raw, len(raw))


def ends_early(answer: httpx.Response, _other: bytes) -> httpx.Response:
    return given(answer, b"")


def padded(answer: httpx.Response, _other: bytes) -> httpx.Response:
    return given(answer, answer.read() + b"\0")


def without_end(answer: httpx.Response, _other: bytes) -> httpx.Response:
    return given(answer, answer.read(), 2**60)


def another(answer: httpx.Response, other: bytes) -> httpx.Response:
    return given(answer, other)


def nothing(_answer: httpx.Response, _other: bytes) -> httpx.Response:
    return httpx.Response(404, json={"error": "not_found"})


DAMAGED = ("通報者が送ったファイルではありません", "This is not the file that the reporter sent")
WITHHELD = ("サーバーにこのファイルがありません", "The server does not have this file")


@pytest.mark.parametrize(
    ("spoil", "titles"),
    [
        (one_bit, DAMAGED),
        (cut, DAMAGED),
        (padded, DAMAGED),
        (without_end, DAMAGED),
        (another, DAMAGED),
        (ends_early, WITHHELD),
        (nothing, WITHHELD),
    ],
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_the_server_spoils_is_not_saved(
    world: World, lang: str, spoil: Spoil, titles: tuple[str, str]
) -> None:
    data = b"MARKER" + secrets.token_bytes(100_000)
    entry, other = world.attach(data), world.attach(secrets.token_bytes(len(data)))
    sent = world.report(files=[entry, other])
    other_raw, _total = world.objects.read(bytes.fromhex(other["object"]), 0)
    wire = CountingTransport()
    browser = Browser(world.desk(transport=wire), lang)
    wire.after = lambda request, answer: (
        spoil(answer, other_raw) if entry["object"] in request.url.path else answer
    )
    for _ in range(2):
        page = browser.get(place(sent, entry), status=502)
        assert page.h1 == titles[lang == "en"] and "資料.pdf" in page.text
        assert (
            not page.all("a", download="") and not page.all("progress") and not page.all("meta", content="0")
        )
        assert browser.raw("GET", f"/{lang}/{place(sent, entry, '/save')}").status_code == 303
    wire.after = lambda _request, answer: answer
    assert fetch_and_save(browser, sent, entry) == ("資料.pdf", data)


def test_what_changes_on_the_disk_after_it_was_checked_is_not_saved(world: World, browser: Browser) -> None:
    entry = world.attach(b"true")
    sent = world.report(files=[entry])
    browser.get(place(sent, entry))
    path = desk_of(browser.app).work().cache.path
    desk_of(browser.app).forget()
    with closing(sqlite3.connect(path)) as db, db:
        [(raw,)] = db.execute("SELECT raw FROM piece").fetchall()
        db.execute("UPDATE piece SET raw = ?", (raw[:-1] + bytes([raw[-1] ^ 1]),))
    # It no longer opens, so it counts as not fetched.
    assert browser.raw("GET", f"/ja/{place(sent, entry, '/save')}").status_code == 303
    assert fetch_and_save(browser, sent, entry)[1] == b"true"


def test_a_file_that_goes_away_while_it_is_saved_ends_in_an_error(world: World, browser: Browser) -> None:
    entry = world.attach(bytes(THREE_MB))
    sent = world.report(files=[entry])
    browser.get(place(sent, entry))
    cache = desk_of(browser.app).work().cache
    [wanted] = files_of({"files": [entry]})
    desk_files.verify(cache, wanted)
    begun = desk_files.contents(cache, wanted)
    assert len(next(begun)) > 0
    cache.drop_object(wanted.object_id)
    with pytest.raises(Truncated):
        list(begun)


@pytest.mark.parametrize(
    ("lang", "title"), [("ja", "違うもの"), ("en", "not the file that the message describes")]
)
@pytest.mark.parametrize("wrong", ["hash", "size"])
def test_a_file_that_is_not_its_entrys_is_not_saved(world: World, wrong: str, lang: str, title: str) -> None:
    true, other = world.attach(b"one"), world.attach(b"other")
    # Sizes that share one length of the object: a server can't tell that they differ.
    sent = world.report(files=[{**true, wrong: other[wrong]}])
    page = Browser(world.desk(), lang).get(place(sent, true), status=502)
    assert title in page.h1 and not page.all("a", download="")


def test_odd_answers_are_trouble_and_lose_nothing(world: World) -> None:
    entry = world.attach(b"x")
    sent, wire = world.report(files=[entry]), CountingTransport()
    browser = Browser(world.desk(transport=wire))
    for odd in (
        httpx.Response(200, content=b"x"),
        httpx.Response(200, content=b"x", headers={"Meyasubako-Length": "many"}),
        httpx.Response(200, content=b"x", headers={"Meyasubako-Length": "-1"}),
        httpx.Response(302, headers={"Location": "/elsewhere"}),
        httpx.Response(400, json={"error": "bad_request"}),
    ):
        wire.before = lambda request, odd=odd: odd if "objects" in request.url.path else None  # type: ignore[misc]
        page = browser.get(place(sent, entry), status=502)
        assert (
            "サーバーの返事を読み取れませんでした" in page.text
            and page.all("progress")[0].get("value") == "0"
        )
    wire.before = lambda _request: None
    assert fetch_and_save(browser, sent, entry)[1] == b"x"


def test_files_that_nobody_verified_named_are_not_fetched(world: World) -> None:
    entry, own = world.attach(b"x", "偽.pdf"), world.attach(b"y")
    sent, other = world.report(), world.report(files=[own])
    world.from_reporter(sent, {"message": "偽物"}, signer=derive(new_code(), world.salt), files=[entry])
    wire = CountingTransport()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    assert "偽物" in page.text and lines_of(page) == [] and entry["object"] not in page.html
    for named in (entry, own, {"object": secrets.token_hex(16)}, {"object": "x"}):
        for end in ("", "/save", "?pause"):
            browser.get(place(sent, named, end), status=404)
    assert not [one for one in wire.requests if "objects" in one]
    assert fetch_and_save(browser, other, own)[1] == b"y"


def test_who_is_excluded_gets_no_file(world: World) -> None:
    entry = world.attach(b"x", "MARKER-1.pdf")
    sent = world.report([world.auditors[1].card.person], files=[entry])
    excluded = Browser(world.desk(1))
    assert "MARKER-1" not in excluded.get(f"cases/{sent.case_id.hex()}", status=404).html
    for end in ("", "/save", "?pause"):
        assert "MARKER-1" not in excluded.get(place(sent, entry, end), status=404).html
    assert fetch_and_save(Browser(world.desk()), sent, entry)[1] == b"x"


def test_a_locked_desk_hands_out_nothing(world: World) -> None:
    entry = world.attach(b"MARKER")
    sent = world.report(files=[entry])
    app = world.desk()
    browser = Browser(app)
    browser.get(place(sent, entry))
    desk_of(app).keyring.lock()
    for end in ("", "/save"):
        assert "資料.pdf" not in browser.get(place(sent, entry, end), status=403).html
    stranger = Browser(app, enter=False)
    assert stranger.raw("GET", f"/ja/{place(sent, entry, '/save')}").status_code == 403


def test_nothing_of_a_file_lies_in_the_desks_folder(world: World) -> None:
    marker, name = f"目印-{secrets.token_hex(8)}", f"名前-{secrets.token_hex(8)}"
    data = (marker.encode() + b"\n") * (THREE_MB // len(marker))
    entry = world.attach(data, f"{name}.txt")
    sent = world.report(files=[entry])
    browser, folder = Browser(world.desk()), world.folder / "desk-0"
    browser.get(place(sent, entry))
    fetched = sum(path.stat().st_size for path in leaks.files_under([folder]))
    assert fetched > len(data)
    markers = [marker, name, entry["key"], entry["hash"]]
    assert leaks.find(markers, [folder]) == []
    assert save(browser, sent, entry)[1] == data
    assert leaks.find(markers, [folder]) == []
    # What would have been kept in the open is found, in the same file and among as much else.
    desk_of(browser.app).forget()
    with closing(sqlite3.connect(next(folder.glob("desk-*.sqlite3")))) as db, db:
        db.execute("INSERT INTO piece VALUES (x'00', 0, ?)", (data,))
        db.execute("INSERT INTO piece VALUES (x'01', 0, ?)", (" ".join(markers[1:]),))
    assert {hit[1] for hit in leaks.find(markers, [folder])} == set(markers)


@pytest.mark.parametrize(("lang", "width"), [("ja", 320), ("en", 1280)])
def test_in_a_real_browser(
    world: World,
    chromium_browser: Chromium,
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    width: int,
) -> None:
    monkeypatch.setattr(desk_files, "FETCH_SECONDS", 0.0)
    data = secrets.token_bytes(THREE_MB)
    entry = world.attach(data, "長い名前" * 16 + ".exe", "partly", ["author", "time"])
    gone, wrong = world.attach(b"x"), world.attach(b"x")
    sent = world.report(files=[entry, gone, {**wrong, "hash": b64e(bytes(32))}])
    wire = CountingTransport()
    wire.before = lambda request: (
        httpx.Response(404, json={"error": "not_found"}) if gone["object"] in request.url.path else None
    )
    app = world.desk(transport=wire)
    with (
        serving_desk(app) as address,
        page_of(chromium_browser, viewport={"width": width, "height": 640}, accept_downloads=True) as tab,
    ):
        tab.goto(new_link(app))
        looks_well(tab, by_handles(app, f"{address}/{lang}/cases/{sent.case_id.hex()}"))
        for other in (gone, wrong):
            looks_well(tab, by_handles(app, f"{address}/{lang}/{place(sent, other)}"))
        looks_well(tab, by_handles(app, f"{address}/{lang}/{place(sent, entry, '?pause')}"))
        # By itself from the first piece to the last.
        tab.locator("main a.button").press("Enter")
        tab.wait_for_selector("a[download]")
        assert sum(entry["object"] in one for one in wire.requests) == 5
        assert findings(tab) == [] and overflow(tab) <= 0
        with tab.expect_download() as waiting:
            tab.locator("a[download]").press("Enter")
        assert waiting.value.suggested_filename == safe_name(entry["name"])
        assert waiting.value.path().read_bytes() == data


def looks_well(tab: Tab, url: str) -> None:
    tab.goto(url)
    assert findings(tab) == [] and overflow(tab) <= 0, url
