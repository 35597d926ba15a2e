"""Pages that only tell something, languages, headers, what machines read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cases.contacts import contact
from crypto import cards as crypto_cards
from crypto.encoding import b64d, canonical_json
from crypto.listing import parse_document, verify_list
from portal.labels import furigana
from portal.labels.i18n import in_data
from store import cards as store_cards
from store import db
from tests.portal.client import CheckedClient
from tests.portal.conftest import ROOT, World, make_world
from tests.portal.pages import PAGES

MOST_STYLE = 4_096
"""Bytes of the style sheet, compressed."""


def test_each_page_is_on_the_list_that_other_tests_read(world: World) -> None:
    rules = [rule for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    in_a_language = {rule.rule.partition(">/")[2] for rule in rules if "language" in rule.arguments}
    assert in_a_language == {*PAGES, "words.json"}


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("name", PAGES)
def test_each_page_in_each_language(world: World, name: str, language: str) -> None:
    page, own = world.client(language).get(name), in_data(language)
    assert page.status == 200 and page.lang == own
    if name in ("exit", "outside/all", "outside/sheet"):
        return  # no switch of language on these
    for other in {"ja", "en", "easy"} - {language}:
        # The form takes along what is typed in it.
        if name == "report":
            (switch,) = page.all("button", formaction=f"/{other}/{name}")
        else:
            (switch,) = page.all("a", href=f"/{other}/{name}")
            assert switch.get("hreflang") == in_data(other)
        assert switch.get("lang") == in_data(other)
    assert any(link.get("href") == f"/{language}/exit" for link in page.all("a"))
    assert contact("caa_consult_dial").phone[0] in page.text
    hours = contact("caa_consult_dial").hours or {}
    assert furigana.plain(hours["ja_easy" if language == "easy" else own]) in page.text
    assert page.title.endswith("Test Meyasubako" if language == "en" else "試験の目安箱")


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "ja"),
        ("ja", "ja"),
        ("en-US,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("ja;q=0.3,en;q=0.8", "en"),
        ("de", "ja"),
        ("*", "ja"),
        ("\xff;;q=x", "ja"),
    ],
)
def test_start_goes_by_the_browsers_wish(client: CheckedClient, wish: str, language: str) -> None:
    answer = client.raw("GET", "/", headers={"Accept-Language": wish})
    assert answer.status_code == 302 and answer.headers["Location"] == f"/{language}/"
    assert answer.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize(("wish", "language"), [("en", "en"), ("ja", "ja"), ("fr", "ja")])
@pytest.mark.parametrize("path", ["/fr/", "/fr/report", "/nothing", "/ja.html", "/JA/", "/%00", "/%ff"])
def test_unknown_language_is_a_page_in_the_browsers_language(
    client: CheckedClient, path: str, wish: str, language: str
) -> None:
    page = client.get(path, headers={"Accept-Language": wish})
    assert page.status == 404 and page.lang == language
    assert page.response.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_unknown_page_is_a_page_in_the_readers_language(world: World, language: str) -> None:
    page = world.client(language).get(
        "nothing", headers={"Accept-Language": "ja" if language == "en" else "en"}
    )
    assert page.status == 404 and page.lang == language and "Vary" not in page.response.headers
    assert "nothing" not in page.html


def test_path_is_never_repeated(client: CheckedClient) -> None:
    assert "marker" not in client.get("/ja/marker%3Cscript%3E?marker=1").html


def test_home_names_roles_and_not_people(world: World, client: CheckedClient) -> None:
    text = client.get("").text
    assert "監査部 1" in text and "監査 1" not in text.replace("監査部 1", "")


def test_keys_show_who_reads_since_when_and_who_vouched(world: World, client: CheckedClient) -> None:
    with db.writing(world.engine) as conn:
        founder, gone = world.auditors[0].identity, world.auditors[1].card
        retirement = crypto_cards.new_retirement(gone.key_id, world.day, founder.key_id, founder.sign_seed)
        store_cards.retire(conn, gone.key_id, retirement.encode(), world.day)
    page = client.get("keys")
    for one in world.auditors:
        assert crypto_cards.fingerprint(one.card.key_id) in page.text
        assert one.card.name["ja"] in page.text
    assert "以前の担当者" in page.text and "紹介した人 監査部 0 監査 0" in page.text


def test_keys_json_is_all_that_a_desk_checks(world: World, client: CheckedClient) -> None:
    with db.writing(world.engine) as conn:
        founder, gone = world.auditors[0].identity, world.auditors[1].card
        retirement = crypto_cards.new_retirement(gone.key_id, world.day, founder.key_id, founder.sign_seed)
        store_cards.retire(conn, gone.key_id, retirement.encode(), world.day)
    found = client.raw("GET", "/keys.json").get_json()
    assert set(found) == {"v", "salt", "site_sign_pk", "day", "list"} and found["v"] == 1
    assert b64d(found["salt"]) == world.salt
    listed = verify_list(
        parse_document(entry, canonical_json(entry.get("card") or entry.get("retirement")))
        for entry in found["list"]
    )
    assert listed.documents == [*(one.card for one in world.auditors), retirement]
    assert [entry["day"] for entry in found["list"]] == ["2026-11-23"] * 3
    assert [entry.keys() - {"day"} for entry in found["list"]] == [{"card"}, {"card"}, {"retirement"}]


def test_health(world: World, client: CheckedClient, tmp_path: Path) -> None:
    assert client.raw("GET", "/healthz").get_json() == {"status": "ok"}
    (tmp_path / "empty").mkdir()
    empty = make_world(tmp_path / "empty", auditors=0)
    answer = empty.client().raw("GET", "/healthz")
    assert answer.status_code == 503 and answer.get_json() == {"status": "no_recipients"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_outside_is_complete_and_honest(world: World, language: str) -> None:
    page = world.client(language).get("outside")
    for channel in (contact("caa_consult_dial"), contact("ppc_whistleblow")):
        for part in ("name", "hours", "scope", "does_not_do", "how", "address", "languages", "caution"):
            text = getattr(channel, part)
            assert text is None or " ".join(text[language].split()) in page.text, part
        assert any(link.get("href") == channel.url for link in page.all("a"))
        assert all(number in page.text for number in channel.phone)
    assert "2026年11月23日" in page.text or "November 23, 2026" in page.text
    assert "0120" not in page.html


def test_exit_is_harmless_and_asks_the_browser_to_forget(world: World, tmp_path: Path) -> None:
    page = world.client().get("exit")
    assert page.response.headers["Clear-Site-Data"] == '"cache", "storage"'
    for word in ("目安箱", "通報", "報告", "消費者庁", "report"):
        assert word not in page.text and word not in page.title
    assert not page.all("a")


def test_exit_leads_on_where_a_setting_says(tmp_path: Path) -> None:
    client = make_world(tmp_path, exit_url="https://weather.example/?a=1&b=2").client("en")
    answer = client.raw("GET", "/en/exit")
    # A redirect leaves no page of the site in the history.
    assert answer.status_code == 303 and answer.headers["Location"] == "https://weather.example/?a=1&b=2"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_style_is_one_small_file_with_the_headers_of_every_answer(client: CheckedClient) -> None:
    answer = client.raw("GET", "/static/site.css")
    assert answer.status_code == 200 and answer.mimetype == "text/css"
    assert (
        len(gzip.compress(answer.data, 9)) < MOST_STYLE
        and b"url(" not in answer.data
        and b"@import" not in answer.data
    )
    answer.close()


def test_static_files_lead_nowhere_else(client: CheckedClient) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing"):
        assert client.raw("GET", path).status_code == 404


def test_pages_are_small(client: CheckedClient) -> None:
    import zlib

    style = len(zlib.compress((ROOT / "portal" / "static" / "site.css").read_bytes(), 9))
    for name in ("", "report"):
        assert len(zlib.compress(client.get(name).response.data, 9)) + style < 14_600
