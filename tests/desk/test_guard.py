"""The desk admits only a browser with a fresh one-time link, under the desk's own name, from the desk's own pages."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

from admin.desk.keys import IDLE
from admin.desk.server.client import DeskError
from admin.desk.web import guard
from admin.desk.web.app import DeskOptions, create_desk, new_link
from admin.desk.web.context import desk_of
from tests.desk.browser import Browser, Page, by_handles
from tests.desk.world import PASSPHRASE, World, serving_desk
from tests.support.browser import page_of

MARK = "返信の下書き MARKER-3"


def test_a_link_is_good_once(world: World) -> None:
    app = world.desk()
    path = urlsplit(new_link(app)).path
    first, second = Browser(app, enter=False), Browser(app, enter=False)
    answer = first.raw("GET", path)
    assert answer.status_code == 303 and answer.headers["Location"] == "/"
    assert second.raw("GET", path).status_code == 403
    assert first.get().h1 == "受信箱"
    # Anyone who is in already just gets on.
    assert first.raw("GET", path).status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(119.0, 303), (120.0, 403), (121.0, 403)])
def test_a_link_is_good_for_two_minutes(world: World, seconds: float, status: int) -> None:
    app = world.desk()
    path = urlsplit(new_link(app)).path
    world.now += seconds
    assert Browser(app, enter=False).raw("GET", path).status_code == status


def test_looking_at_a_link_does_not_use_it_up(world: World) -> None:
    app = world.desk()
    path = urlsplit(new_link(app)).path
    browser = Browser(app, enter=False)
    assert browser.raw("HEAD", path).status_code == 403
    assert browser.raw("GET", path).status_code == 303


def test_an_invented_link_is_no_good(world: World) -> None:
    browser = Browser(world.desk(), enter=False)
    for token in ("x", "a" * 43, "%00", "..%2f"):
        assert browser.raw("GET", f"/open/{token}").status_code in (403, 404)


@pytest.mark.parametrize("path", ["", "people", "cases/" + "0" * 32, "none", "/", "/none"])
def test_without_a_session_there_is_nothing_but_a_calm_page(world: World, path: str) -> None:
    sent = world.report(what_happened="MARKER-9")
    browser = Browser(world.desk(), enter=False)
    page = browser.get(path, status=403)
    assert page.h1 == "デスクはアイコンから開いてください"
    assert not page.all("input") and not page.all("form")  # no page without a session asks for a passphrase
    assert sent.case_id.hex() not in page.html and world.url not in page.html
    assert len(world.printed) == 1
    assert browser.raw("GET", urlsplit(world.printed[0]).path).status_code == 303


def test_links_are_printed_rarely_and_for_people_only(world: World) -> None:
    browser = Browser(world.desk(), enter=False)
    for _ in range(5):
        browser.get(status=403)
    assert len(world.printed) == 1
    world.now += 11
    browser.raw("GET", "/ja/", headers={"Sec-Fetch-Dest": "image"})
    assert len(world.printed) == 1
    browser.get(status=403)
    assert len(world.printed) == 2 and world.printed[0] != world.printed[1]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "evil.example:{port}", ""]
)
def test_another_name_gets_nothing(world: World, host: str) -> None:
    """DNS rebinding: a foreign name that was made to lead to this port."""
    browser = Browser(world.desk())
    named = host.replace("{port}", str(desk_of(browser.app).port))
    for path in ("/", "/ja/", "/static/desk.css", urlsplit(new_link(browser.app)).path):
        answer = browser.raw("GET", path, environ_overrides={"HTTP_HOST": named})
        assert answer.status_code == 421 and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_its_own_names_are_answered(world: World, name: str) -> None:
    browser = Browser(world.desk(), enter=False)
    host = f"{name}:{desk_of(browser.app).port}"
    assert browser.raw("GET", "/ja/", environ_overrides={"HTTP_HOST": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", None, "http://localhost", "https://127.0.0.1"]
)
def test_a_post_from_another_page_does_nothing(world: World, browser: Browser, origin: str | None) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/reply") | {"message": "x"}
    headers = {} if origin is None else {"Origin": origin}
    path = f"/ja/cases/{sent.case_id.hex()}/reply"
    answer = browser.client.post(path, base_url=browser.base, data=form, headers=headers)
    assert answer.status_code == 403
    assert len(world.reporter_sees(sent).entries) == 1


@pytest.mark.parametrize("token", [None, "", "x", "other"])
def test_every_form_needs_its_token(world: World, browser: Browser, token: str | None) -> None:
    sent = world.report()
    page = browser.case(sent.case_id)
    if token == "other":
        token = Browser(browser.app).case(sent.case_id).fields("/reply")["csrf_token"]
    for action, more in (("reply", {"message": MARK}), ("status", {"status": "investigating"})):
        form = page.fields(f"/{action}") | more
        if token is None:
            del form["csrf_token"]
        else:
            form["csrf_token"] = token
        answer = browser.post(f"cases/{sent.case_id.hex()}/{action}", form)
        assert answer.status == 400 and "起動し直された" in answer.text
        if action == "reply":
            # What was typed is in a form that can be sent.
            assert MARK in answer.fields("/reply")["message"]
            assert answer.fields("/reply")["csrf_token"] != token
    assert browser.raw("POST", "/ja/lock").status_code == 403
    seen = world.reporter_sees(sent)
    assert len(seen.entries) == 1 and not seen.statuses
    assert browser.get().h1 == "受信箱"


def test_a_reply_that_comes_without_a_session_is_given_back(world: World) -> None:
    sent = world.report()
    browser = Browser(world.desk(), enter=False)
    page = browser.post(f"cases/{sent.case_id.hex()}/reply", {"message": MARK})
    assert page.status == 403 and MARK in page.text


def test_the_session_is_not_in_the_cookie(world: World) -> None:
    app = world.desk()
    answer = Browser(app, enter=False).raw("GET", urlsplit(new_link(app)).path)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"meyasubako_desk_{desk_of(app).port}=") and "Path=/" in cookie
    assert "Domain" not in cookie and "Expires" not in cookie
    # A cookie of one run opens no other one.
    other = Browser(world.desk(), enter=False)
    port = desk_of(other.app).port
    value = cookie.split("=", 1)[1].split(";")[0]
    headers = {"Cookie": f"meyasubako_desk_{port}={value}"}
    assert other.raw("GET", "/ja/", headers=headers).status_code == 403


def test_locking_shows_nothing_and_the_passphrase_opens_again(world: World, browser: Browser) -> None:
    sent = world.report(what_happened="MARKER-4")
    assert "MARKER-4" in browser.get().text
    answer = browser.raw("POST", "/ja/lock", data=browser.get().fields("/lock"))
    assert answer.status_code == 303
    for path in ("", "people", f"cases/{sent.case_id.hex()}"):
        closed = browser.get(path, status=403)
        assert closed.h1 == "デスクはロックされています"
        assert "MARKER-4" not in closed.html
    wrong = browser.unlock("違う合い言葉")
    assert wrong.status == 400 and "このパスフレーズでは" in wrong.text
    assert browser.unlock("").status == 400
    page = browser.unlock(PASSPHRASE, browser.get(f"cases/{sent.case_id.hex()}", status=403))
    assert page.h1.startswith("案件") and "MARKER-4" in page.text


def test_a_desk_starts_locked(world: World) -> None:
    browser = Browser(world.desk(unlocked=False))
    assert browser.get(status=403).h1 == "デスクはロックされています"
    assert browser.unlock(PASSPHRASE).h1 == "受信箱"


def test_it_locks_itself_after_fifteen_idle_minutes(world: World, browser: Browser) -> None:
    for _ in range(3):
        world.now += IDLE - 1
        browser.get()
    world.now += IDLE
    browser.get(status=403)


def test_asking_whether_it_is_locked_is_no_use_of_it(world: World, browser: Browser) -> None:
    browser.get()
    for _ in range(3):
        assert browser.raw("GET", "/ja/locked").get_json()["locked"] is False
        world.now += IDLE / 3
    assert browser.raw("GET", "/ja/locked").get_json()["locked"] is True
    browser.get(status=403)
    assert Browser(browser.app, enter=False).raw("GET", "/ja/locked").status_code == 403


@pytest.mark.parametrize("minutes", [1, 120])
def test_the_idle_minutes_can_be_chosen(world: World, minutes: int) -> None:
    identity = world.auditors[0].identity
    options = DeskOptions(
        cache_dir=world.folder / "d", identity=identity, now=lambda: world.now, idle_minutes=minutes
    )
    app = create_desk(world.url, None, options)
    world.apps.append(app)
    browser = Browser(app)
    world.now += minutes * 60 - 1
    assert f"{minutes}分間使わないと" in browser.get().text
    world.now += minutes * 60
    browser.get(status=403)


@pytest.mark.parametrize("minutes", [0, -1, 121])
def test_idle_minutes_have_bounds(world: World, minutes: int) -> None:
    with pytest.raises(DeskError):
        create_desk(world.url, b"{}", DeskOptions(cache_dir=world.folder / "d", idle_minutes=minutes))


def test_the_keys_are_let_go_without_a_visit(world: World) -> None:
    keyring = desk_of(world.desk()).keyring
    world.now += IDLE
    keyring.expire()
    assert keyring._identity is None


def test_a_reply_typed_for_longer_survives_the_lock(world: World, browser: Browser) -> None:
    sent = world.report()
    form = browser.case(sent.case_id).fields("/reply") | {"message": "\n" + MARK}
    world.now += IDLE + 1
    locked = browser.post(f"cases/{sent.case_id.hex()}/reply", form)
    assert locked.status == 403 and MARK in locked.text
    again = browser.unlock("まちがい", locked)
    assert again.status == 400 and MARK in again.fields("/unlock")["message"]
    page = browser.unlock(PASSPHRASE, again)
    assert page.status == 200 and "まだ" not in page.h1
    kept = page.fields("/reply")
    assert kept["message"].strip() == MARK and kept["envelope_id"] == form["envelope_id"]
    assert len(world.reporter_sees(sent).entries) == 1
    assert browser.post(f"cases/{sent.case_id.hex()}/reply", kept).status == 200
    assert world.reporter_sees(sent).entries[1].message.strip() == MARK


@pytest.mark.parametrize(
    "following", ["//evil.example/", "https://evil.example/", "/ja/../x", "/open/x", "/ja/cases/1"]
)
def test_unlocking_leads_to_own_pages_only(world: World, following: str) -> None:
    browser = Browser(world.desk(unlocked=False))
    form = browser.get(status=403).fields("/unlock") | {"passphrase": PASSPHRASE, "next": following}
    answer = browser.raw("POST", "/ja/unlock", data=form)
    assert answer.status_code == 303 and answer.headers["Location"] == "/ja/"


def test_the_whole_way_over_real_http(world: World) -> None:
    sent = world.report(what_happened="本物の経路で開きます。")
    app = world.desk()
    link = new_link(app)
    with (
        serving_desk(app) as base,
        httpx.Client(base_url=base, trust_env=False) as client,
        httpx.Client(trust_env=False) as stranger,
    ):
        opened = client.get(link)
        assert opened.status_code == 303 and "Server" not in opened.headers
        assert client.get("/").headers["Location"] == f"{desk_of(app).root}/ja/"
        inbox = client.get("/ja/")
        assert inbox.status_code == 200 and "本物の経路で開きます。" in inbox.text
        assert stranger.get(link).status_code == 403
        assert stranger.get(f"{base}/ja/").status_code == 403
        assert client.get("/ja/", headers={"Host": "evil.example"}).status_code == 421
        path, origin = by_handles(app, f"/ja/cases/{sent.case_id.hex()}"), base.rpartition("/")[0]
        page = _page(client.get(path))
        form = page.fields("/reply") | {"message": "届きました。" + "長" * 90_000}
        assert (
            client.post(f"{path}/reply", data=form, headers={"Origin": "http://evil.example"}).status_code
            == 403
        )
        done = client.post(f"{path}/reply", data=form, headers={"Origin": origin})
        assert done.status_code == 303 and done.headers["Location"].startswith(desk_of(app).root + path)
        assert "届きました。" in client.get(path).text
    assert world.reporter_sees(sent).entries[1].message.startswith("届きました。")


def _page(answer: httpx.Response) -> Page:
    from werkzeug.test import TestResponse
    from werkzeug.wrappers import Request

    content = re.sub(rb"/[\w-]{22}(?=/(ja|en|static)/)", b"", answer.content)
    made = TestResponse([content], f"{answer.status_code} x", answer.headers.items(), Request({}))  # type: ignore[arg-type]
    return Page(made)


def test_the_server_writes_no_temporary_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """waitress parks large bodies in temporary files; a reply or an opened report must not lie there in
    plain.
    """
    import waitress.buffers

    def forbidden(*_args: object, **_more: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(waitress.buffers.TempfileBasedBuffer, "newfile", forbidden)
    sent = world.report()
    for _ in range(12):
        world.from_reporter(sent, {"message": "長" * 99_000})
    app = world.desk()
    link = new_link(app)
    with serving_desk(app) as base, httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        client.get(link)
        path = by_handles(app, f"/ja/cases/{sent.case_id.hex()}")
        got = client.get(path)
        assert len(got.content) > 3_000_000
        form = _page(got).fields("/reply") | {"message": "長" * 99_000}
        done = client.post(f"{path}/reply", data=form, headers={"Origin": base.rpartition("/")[0]})
        assert done.status_code == 303


def test_outside_of_the_secret_path_there_is_nothing(world: World) -> None:
    world.report(what_happened="MARKER-ROOT")
    app = world.desk()
    browser, root = Browser(app, enter=False), desk_of(app).root
    (cookie,) = browser.raw("GET", urlsplit(new_link(app)).path).headers.getlist("Set-Cookie")
    assert f"Path={root}" in cookie.split("; ")
    client, base = app.test_client(use_cookies=False), {"base_url": browser.base}
    value = cookie.partition("=")[2].partition(";")[0]
    with_cookie = {"Cookie": f"meyasubako_desk_{desk_of(app).port}={value}"}
    assert "MARKER-ROOT" in client.get(f"{root}/ja/", headers=with_cookie, **base).text
    wrong = "/" + "x" * (len(root) - 1)
    for path in (
        "/",
        "/ja/",
        f"{wrong}/ja/",
        f"{root}x/ja/",
        f"{root[:-1]}/ja/",
        "/open/" + desk_of(app).links.new(),
    ):
        answer = client.get(path, headers=with_cookie, **base)
        assert answer.status_code == 403 and "MARKER-ROOT" not in answer.text, path
        # Anyone who is turned away does not learn the path either.
        assert root not in answer.text and "Set-Cookie" not in answer.headers, path


class _Noting(BaseHTTPRequestHandler):
    """Another user's program: a page that loads itself again, which a browser takes for one of its own steps."""

    cookies: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.cookies.append(self.headers.get("Cookie", ""))
        again = (
            b'<meta http-equiv="refresh" content="0;url=/again">' if self.path == "/" else b"<p id=end>end"
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(again)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.mark.parametrize(
    "on_path", [True, False], ids=["as it is", "the control: a cookie for the whole host"]
)
def test_another_port_of_this_computer_gets_no_cookie(
    world: World, monkeypatch: pytest.MonkeyPatch, chromium_browser: Chromium, on_path: bool
) -> None:
    if not on_path:
        monkeypatch.setattr(guard._BelowRootSession, "get_cookie_path", lambda _self, _app: "/")
    app = world.desk()
    monkeypatch.setattr(_Noting, "cookies", [])
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _Noting) as other,
        serving_desk(app),
        page_of(chromium_browser) as page,
    ):
        threading.Thread(target=other.serve_forever, daemon=True).start()
        page.goto(new_link(app))
        assert page.title().startswith("Inbox")
        page.goto(f"http://127.0.0.1:{other.server_port}/")
        page.wait_for_selector("#end")
        other.shutdown()
    got = any("meyasubako_desk" in cookie for cookie in _Noting.cookies)
    assert len(_Noting.cookies) >= 2 and got is not on_path


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_a_foreign_pages_text_is_not_shown_back(world: World, origin: str) -> None:
    browser = Browser(world.desk())
    data = {"message": "MARKER-FOREIGN"}
    for path in ("/ja/unlock", f"/ja/cases/{'0' * 32}/reply"):
        answer = browser.raw("POST", path, data=data, headers={"Origin": origin})
        assert answer.status_code == 403 and "MARKER-FOREIGN" not in answer.text


TYPED = {
    "message": "MY-REPLY",
    "note": "MY-NOTE",
    "delete_reason": "MY-REASON",
    "final_outline": "MY-OUTLINE",
    "task_text": "MY-TASK",
}


@pytest.mark.parametrize("act", ["reply", "record/note", "record/leak", "delete/propose"])
def test_what_an_open_page_sends_after_a_restart_is_given_back(world: World, act: str) -> None:
    """A restart gives the desk another secret path; the page of the run before still holds what was typed."""
    sent, app = world.report(), world.desk()
    browser = Browser(app)
    client = app.test_client(use_cookies=False)
    path = f"/{'o' * 22}/ja/cases/{sent.case_id.hex()}/{act}"
    answer = client.post(path, data=TYPED, headers={"Origin": browser.base}, base_url=browser.base)
    assert answer.status_code == 403
    for text in TYPED.values():
        assert text in answer.text
    foreign = client.post(path, data=TYPED, headers={"Origin": "http://127.0.0.1:1"}, base_url=browser.base)
    assert foreign.status_code == 403 and "MY-" not in foreign.text


@pytest.mark.parametrize("token", ["good", "of another run"])
def test_a_locked_desk_keeps_all_that_a_form_brings(world: World, token: str) -> None:
    sent = world.report()
    browser = Browser(world.desk())
    form = browser.case(sent.case_id).fields("/look") | TYPED
    desk_of(browser.app).keyring.lock()
    if token != "good":
        form["csrf_token"] = "x"
    answer = browser.raw("POST", f"/ja/cases/{sent.case_id.hex()}/record/note", data=form)
    assert answer.status_code == (403 if token == "good" else 400)
    page = Page(answer)
    assert page.all("input", type="password") and all(text in page.html for text in TYPED.values())


def test_no_address_holds_an_id_of_the_servers(world: World) -> None:
    """A browser keeps addresses: with the database they would tell which cases somebody has worked on."""
    entry = world.attach(b"x")
    sent, other = world.report(files=[entry]), world.report()
    browser = Browser(world.desk())
    browser.get()
    form = browser.case(sent.case_id).fields("/reply")
    linked = browser.post(
        f"cases/{sent.case_id.hex()}/record/link", form | {"link_case": other.case_id.hex()}
    )
    assert linked.status == 200
    ids = [one.hex() for one in (sent.case_id, other.case_id, sent.envelope_id)] + [entry["object"]]
    pages = [browser.get(), linked, browser.get("statistics")]
    pages += [
        browser.get(f"cases/{sent.case_id.hex()}{end}")
        for end in ("", "/leak", "/export", "/delete", "/step-back")
    ]
    pages.append(browser.get(f"cases/{sent.case_id.hex()}/files/{entry['object']}"))
    kept = [
        one.get(name)
        for page in pages
        for name in ("href", "action", "formaction", "src", "content")
        for one in page.tree.iter()
        if one.get(name)
    ]
    assert sum("/cases/" in one for one in kept) > 30 and sum("/files/" in one for one in kept) > 1
    assert not [one for one in kept for own_id in ids if own_id in one]
    # The next run has other ones, and an id leads nowhere.
    handle = desk_of(browser.app).handles.of(sent.case_id)
    path = f"{desk_of(browser.app).root}/ja/cases/"
    assert browser.client.get(path + handle, base_url=browser.base).status_code == 200
    assert browser.client.get(path + sent.case_id.hex(), base_url=browser.base).status_code == 404
    again = Browser(world.desk())
    path = f"{desk_of(again.app).root}/ja/cases/"
    assert again.client.get(path + handle, base_url=again.base).status_code == 404
    # A locked desk has let go of the ids; its handles are the same once it is open again.
    new = desk_of(again.app).handles.of(sent.case_id)
    desk_of(again.app).handles.forget()
    assert again.client.get(path + new, base_url=again.base).status_code == 200
