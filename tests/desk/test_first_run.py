"""The first run is a page; the next start finds what it made, and the desk that runs already."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

from admin.desk.local import start_settings
from admin.desk.local.start_settings import SettingsFault, StartSettings
from admin.desk.server.client import Server
from admin.desk.web import running
from admin.desk.web.app import DeskOptions, create_desk, new_link
from admin.desk.web.context import desk_of
from admin.desk.web.first_run import FirstRun
from admin.desk.web.running import RunningDesk
from crypto import keyfile, keysheet
from crypto.cards import parse_card
from crypto.identity import from_seed, new_identity
from tests.desk.browser import Browser, Page
from tests.desk.world import LIGHT, World, serving_desk
from tests.support.browser import findings, overflow, page_of
from tests.support.ports import free_port

SITE: Final = "https://meyasubako.example.jp"
PASSPHRASE: Final = "ひらけ ごま みかん 2026"
GIVEN: Final = {
    "server": SITE,
    "name_ja": "佐藤 花子",
    "name_en": "Hanako Sato",
    "role_ja": "監査部 部長",
    "role_en": "Head of audit",
    "duty": "lead",
    "passphrase": PASSPHRASE,
    "again": PASSPHRASE,
}


class Laptop:
    """A computer without a key: its desk's folder, its desk, and a browser that came by the link."""

    def __init__(self, folder: Path, missing: Path | None = None, server: str = "") -> None:
        self.folder = folder / "meyasubako"
        self.first = FirstRun(
            self.folder, lambda url: Server(url, lambda: date(2026, 11, 27)), missing, server
        )
        self.options = DeskOptions(
            cache_dir=folder / "data", port=free_port(), announce=lambda _url: None, first=self.first
        )
        self.app = create_desk(None, None, self.options)
        self.browser = Browser(self.app)

    def send(self, path: str, **typed: Any) -> Page:
        """Fill in a form of the first run and send it."""
        form = self.browser.get(f"first/{path}").fields(f"/first/{path}")
        return self.browser.post(f"first/{path}", form | typed)


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    """A laptop on which keys are made with less memory than real ones; everything else is as it is."""
    monkeypatch.setattr("admin.desk.local.new_key.make_new_key.__defaults__", (None, LIGHT["mem"], "auditor"))
    made = Laptop(tmp_path)
    yield made
    desk_of(made.app).close()


@pytest.mark.parametrize("path", ["", "people", "cases/" + "0" * 32, "people/key/sheet", "/", "board"])
def test_without_a_key_every_page_leads_to_the_first_one(laptop: Laptop, path: str) -> None:
    where = path if path.startswith("/") else f"/ja/{path}"
    assert laptop.browser.raw("GET", where).headers["Location"] == "/ja/first"
    assert laptop.browser.get("first").h1 == "デスクの準備"


def test_the_first_run_needs_the_link_as_every_page_does(laptop: Laptop) -> None:
    stranger = Browser(laptop.app, enter=False)
    for path in ("first", "first/new", "first/restore", "first/done", "first/card"):
        page = stranger.get(path, status=403)
        assert page.h1 == "デスクはアイコンから開いてください" and not page.all("input")
    form = laptop.browser.get("first/new").fields("/first/new")
    for headers in ({"Origin": "http://evil.example"}, {}):
        browser = laptop.browser if headers else stranger
        answer = browser.raw("POST", "/ja/first/new", data=form | GIVEN, headers=headers)
        assert answer.status_code == 403
    assert (
        laptop.browser.raw("POST", "/ja/first/new", data=GIVEN).status_code >= 400
    )  # without the form's token
    assert not laptop.folder.exists()


def test_a_key_is_made_and_the_next_start_uses_it(laptop: Laptop) -> None:
    page = laptop.send("new", **GIVEN)
    assert page.h1 == "鍵ができました", page.text
    key, card = laptop.folder / "hanako-sato.key", laptop.folder / "hanako-sato.card"
    identity = from_seed(keyfile.unlock(key.read_bytes(), PASSPHRASE))
    made = parse_card(card.read_bytes().strip())
    assert (made.key_id, made.name["ja"], made.duty) == (identity.key_id, "佐藤 花子", "lead")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and stat.S_IMODE(laptop.folder.stat().st_mode) == 0o700
    assert start_settings.load(laptop.folder) == StartSettings(SITE, key, laptop.options.port)
    saved = laptop.browser.raw("GET", "/ja/first/card")
    assert (
        saved.get_data() == card.read_bytes() and "hanako-sato.card" in saved.headers["Content-Disposition"]
    )
    sheet = laptop.browser.get("first/sheet")
    groups = [item.text for item in sheet.all("li") if item.text and len(item.text) == 5]
    assert keysheet.restore(" ".join(groups)) == keyfile.check(key.read_bytes())
    assert "佐藤 花子" in sheet.text
    # The desk is there, locked: it says whose key it asks for. A second key can't be made.
    locked = laptop.browser.get(status=403)
    assert (
        locked.h1 == "デスクはロックされています" and "佐藤 花子" in locked.text and key.name in locked.text
    )
    assert laptop.browser.raw("GET", "/ja/first/new").headers["Location"] == "/ja/"
    assert laptop.browser.raw("GET", "/ja/first/done").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"server": ""}, "サイトのアドレス"),
        ({"server": "http://meyasubako.example.jp"}, "サイトのアドレス"),
        ({"server": "https://a:b@meyasubako.example.jp"}, "サイトのアドレス"),
        ({"name_ja": " "}, "お名前を日本語で"),
        ({"name_en": "x" * 101}, "お名前を英字で"),
        ({"role_ja": "a\u202eb"}, "役職を日本語で"),
        ({"role_en": ""}, "役職を英語で"),
        ({"person": "12"}, "32桁"),
        ({"duty": "king"}, "役割を選んで"),
        ({"passphrase": "short", "again": "short"}, "12文字以上"),
        ({"again": PASSPHRASE + "x"}, "同じではありません"),
    ],
)
def test_a_slip_is_named_and_nothing_is_made(laptop: Laptop, typed: dict[str, str], said: str) -> None:
    page = laptop.send("new", **(GIVEN | typed))
    assert page.status == 400 and said in page.text
    assert len(page.all("input", aria_invalid="true")) <= 1
    kept = page.fields("/first/new")
    assert {name: kept.get(name, "") for name in ("name_ja", "server")} == {
        name: (GIVEN | typed)[name] for name in ("name_ja", "server")
    }
    assert not laptop.folder.exists() and desk_of(laptop.app).site is None


def test_a_new_key_for_the_same_person(laptop: Laptop, world: World) -> None:
    person = world.auditors[1].card.person
    assert laptop.send("new", **(GIVEN | {"person": person.hex().upper()})).h1 == "鍵ができました"
    assert parse_card((laptop.folder / "hanako-sato.card").read_bytes().strip()).person == person


def test_an_address_without_its_beginning_is_taken(laptop: Laptop) -> None:
    assert laptop.send("new", **(GIVEN | {"server": " meyasubako.example.jp/ "})).h1 == "鍵ができました"
    assert desk_of(laptop.app).server.url == SITE


def test_the_passphrase_is_shown_on_request_only(laptop: Laptop) -> None:
    page = laptop.send("new", **GIVEN, show="yes")
    (box,) = page.all("input", id="passphrase")
    assert box.get("type") == "text" and box.get("value") == PASSPHRASE
    assert page.fields("/first/new")["name_ja"] == "佐藤 花子" and not laptop.folder.exists()
    again = laptop.browser.post("first/new", page.fields("/first/new") | {"passphrase": "x", "duty": "lead"})
    assert again.status == 400 and again.all("input", id="passphrase")[0].get("type") == "text"
    hidden = laptop.browser.post("first/new", again.fields("/first/new") | {"show": "no"})
    assert hidden.all("input", id="passphrase")[0].get("type") == "password"
    laptop.send("new", **GIVEN)
    form = laptop.browser.get(status=403).fields("/unlock") | {"passphrase": "合い言葉", "show": "yes"}
    shown = laptop.browser.post("unlock", form)
    (box,) = shown.all("input", id="passphrase")
    assert shown.status == 200 and (box.get("type"), box.get("value")) == ("text", "合い言葉")
    wrong = laptop.browser.post("unlock", shown.fields("/unlock") | {"passphrase": "ちがう"})
    (box,) = wrong.all("input", id="passphrase")
    assert wrong.status == 400 and (box.get("type"), box.get("value")) == ("text", "")


def test_nothing_is_written_over(laptop: Laptop) -> None:
    laptop.folder.mkdir()
    (laptop.folder / "hanako-sato.card").write_text("mine")
    page = laptop.send("new", **GIVEN)
    assert page.status == 400 and "すでにあります" in page.text
    assert [path.name for path in laptop.folder.iterdir()] == ["hanako-sato.card"]
    assert (laptop.folder / "hanako-sato.card").read_text() == "mine"


def test_a_key_comes_back_from_its_sheet(laptop: Laptop) -> None:
    raw = keyfile.lock(new_identity().seed, PASSPHRASE, **LIGHT)
    groups = list(keysheet.groups(raw))
    slip = [*groups[:6], groups[6][:-1] + ("A" if groups[6][-1] != "A" else "B"), *groups[7:]]
    page = laptop.send("restore", server=SITE, text=" ".join(slip))
    assert page.status == 400 and "誤りがあります：7" in page.text
    assert page.fields("/first/restore")["text"].split() == slip
    page = laptop.send("restore", server=SITE, text=" ".join(groups[:-1]))
    assert page.status == 400 and "40 番" in page.text
    for text in ("", "{}"):
        assert laptop.send("restore", server=SITE, text=text).status == 400
    assert not laptop.folder.exists()
    form = laptop.browser.get("first/restore").fields("/first/restore")
    answer = laptop.browser.raw(
        "POST", "/ja/first/restore", data=form | {"server": SITE, "text": "\n".join(groups)}
    )
    assert answer.status_code == 303 and answer.headers["Location"] == "/ja/"
    assert keyfile.check((laptop.folder / "restored.key").read_bytes()) == keyfile.check(raw)
    assert laptop.browser.get(status=403).h1 == "デスクはロックされています"


def test_a_key_file_is_copied_in(laptop: Laptop, world: World) -> None:
    raw = keyfile.lock(world.auditors[0].identity.seed, PASSPHRASE, **LIGHT)
    form = laptop.browser.get("first/file").fields("/first/file") | {"server": SITE}
    for name, content, said in (
        ("my.card", world.auditors[0].card.encode(), "「カード」です"),
        ("my.key", raw[:-20], "使える鍵ファイルでは"),
        ("my.key", b"", "鍵ファイル（末尾が .key）を選んで"),
    ):
        sent = form | {"file": (BytesIO(content), name)}
        refused = laptop.browser.raw("POST", "/ja/first/file", data=sent)
        assert refused.status_code == 400 and said in refused.get_data(as_text=True)
    laptop.folder.mkdir()
    (laptop.folder / "hanako.key").write_text("another")
    sent = form | {"file": (BytesIO(raw), "../../Hanako.key")}
    assert laptop.browser.raw("POST", "/ja/first/file", data=sent).status_code == 303
    assert (laptop.folder / "hanako.key").read_text() == "another"
    assert keyfile.check((laptop.folder / "hanako-2.key").read_bytes()) == raw
    settings = start_settings.load(laptop.folder)
    assert settings is not None and settings.key.name == "hanako-2.key"


def test_a_key_file_that_is_gone_is_told(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, tmp_path / "gone.key", SITE)
    page = laptop.browser.get("first")
    assert "元の場所にありません" in page.text and "gone.key" in page.text
    assert laptop.browser.get("first/restore").fields("/first/restore")["server"] == SITE
    desk_of(laptop.app).close()


@pytest.mark.parametrize(
    "raw",
    [
        "", "{", "[]", "{}", '{"v":2,"server":"https://x","key":"a","port":1}', '{"v":1,"server":1,"key":"a","port":1}',
        '{"v":1,"server":"https://x","key":"a","port":0}', '{"v":1,"server":"https://x","key":"a","port":true}',
    ],
)  # fmt: skip
def test_settings_that_can_not_be_read_are_no_first_run(tmp_path: Path, raw: str) -> None:
    (tmp_path / start_settings.NAME).write_text(raw)
    with pytest.raises(SettingsFault):
        start_settings.load(tmp_path)


def test_settings_move_with_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    start_settings.save(folder, StartSettings(SITE, folder / "x.key", 8005))
    start_settings.save(folder, StartSettings(SITE, folder / "y.key", 8005))
    assert [path.name for path in folder.iterdir()] == [start_settings.NAME]
    folder.rename(tmp_path / "b")
    assert start_settings.load(tmp_path / "b") == StartSettings(SITE, tmp_path / "b/y.key", 8005)
    assert start_settings.load(tmp_path) is None


def test_the_next_start_gets_a_link_into_the_desk_that_runs(world: World, tmp_path: Path) -> None:
    app = world.desk()
    here = desk_of(app)
    own = RunningDesk(here.port, here.root, here.again)
    assert running.link_of_running(tmp_path, here.port) is None  # nothing was noted
    running.note(tmp_path, own)
    assert stat.S_IMODE((tmp_path / f"running-{here.port}.json").stat().st_mode) == 0o600
    assert running.link_of_running(tmp_path, here.port) is None  # nothing runs
    with serving_desk(app) as base, httpx.Client(trust_env=False) as client:
        link = running.link_of_running(tmp_path, here.port)
        assert link and link.startswith(f"{base}/open/")
        assert client.get(link).status_code == 303 and client.get(f"{base}/ja/").status_code == 200
        nonce = "ab" * 16
        with httpx.Client(trust_env=False) as stranger:
            for proof in (
                "",
                "x",
                RunningDesk(here.port, here.root, bytes(32)).asked(nonce),
                own.asked("cd" * 16),
            ):
                answer = stranger.get(f"{base}/again/{nonce}/{proof}")
                assert answer.status_code in (403, 404) and "token" not in answer.text
            assert (
                stranger.get(f"http://127.0.0.1:{here.port}/again/{nonce}/{own.asked(nonce)}").status_code
                == 403
            )
    running.forget(tmp_path, RunningDesk(here.port, here.root, bytes(32)))  # another run's word stays
    assert (tmp_path / f"running-{here.port}.json").exists()
    running.forget(tmp_path, own)
    assert list(tmp_path.glob("running*")) == []


def test_another_program_on_the_port_gets_no_browser(world: World, tmp_path: Path) -> None:
    """After a desk was killed another program may have its port: the control is the same without its secret."""
    app = world.desk()
    here = desk_of(app)
    running.note(tmp_path, RunningDesk(here.port, here.root, b"\1" * 32))
    with serving_desk(app):
        assert running.link_of_running(tmp_path, here.port) is None
        here.again = b"\1" * 32
        assert running.link_of_running(tmp_path, here.port) is not None
    raw = json.loads((tmp_path / f"running-{here.port}.json").read_text())
    (tmp_path / f"running-{here.port}.json").write_text(json.dumps(raw | {"root": "@evil.example/x"}))
    assert running.link_of_running(tmp_path, here.port) is None


def test_the_page_of_the_program_says_what_runs(world: World) -> None:
    app = world.desk()
    browser = Browser(app)
    assert "pip" in browser.get("people/program").text
    desk_of(app).origin = {"path": "/x/desk.pyz", "sha256": "ab" * 32, "version": "0.1.0", "tree": "/y"}
    text = browser.get("people/program").text
    assert "ab" * 32 in text and 'sha256sum "/x/desk.pyz"' in text and "certutil" in text


def test_every_page_of_the_first_run_in_every_look(laptop: Laptop, chromium_browser: Chromium) -> None:
    wrong = []
    with serving_desk(laptop.app) as base:
        for lang, width, scheme in (("ja", 320, "light"), ("en", 1280, "dark")):
            context: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
            with page_of(chromium_browser, **context) as page:
                page.goto(new_link(laptop.app))
                asked = ["first", "first/new", "first/file", "first/restore", "errors"]
                for path in [*(asked if lang == "ja" else []), "first/done", "first/sheet", ""]:
                    if path == "errors":
                        page.goto(f"{base}/{lang}/first/new")
                        page.locator("main form button:not([name])").click()
                        page.wait_for_selector(".errors")
                        wrong += [(lang, "errors", findings(page), overflow(page))]
                        for name, text in GIVEN.items():
                            if name != "duty":
                                page.fill(f"#{name}", text)
                        page.check("#duty-lead")
                        page.locator("main form button:not([name])").click()
                        page.wait_for_url("**/first/done")
                        continue
                    page.goto(f"{base}/{lang}/{path}")
                    wrong += [(lang, path, findings(page), overflow(page))]
    assert [place for place in wrong if place[2] or place[3] > 0] == []
    assert len(wrong) == 5 + 3 + 3
