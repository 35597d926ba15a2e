"""The onion service's address: on pages under another name only, never with what somebody typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.portal.client import CheckedClient
from tests.portal.conftest import World

ONION = "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
NAME = ONION.removeprefix("http://")


@pytest.fixture
def with_onion(world: World) -> CheckedClient:
    here = world.app.extensions["meyasubako"]
    here.settings = replace(world.settings, site=replace(world.settings.site, onion=ONION))
    return world.client()


@pytest.mark.parametrize("path", ["/ja/", "/en/report", "/easy/status", "/ja/safety", "/en/outside"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_each_page_names_its_place_there(with_onion: CheckedClient, path: str, method: str) -> None:
    answer = with_onion.raw(method, f"{path}?typed=secret")
    assert answer.headers.getlist("Onion-Location") == [ONION + path]


@pytest.mark.parametrize("host", [NAME, f"{NAME}:80", NAME.upper(), f"{NAME}.", "other.onion"])
def test_no_onion_service_points_on(with_onion: CheckedClient, host: str) -> None:
    assert "Onion-Location" not in with_onion.raw("GET", "/ja/", headers={"Host": host}).headers


def test_nothing_else_has_it(with_onion: CheckedClient, world: World) -> None:
    page = with_onion.report(what_happened="名簿の紛失")
    assert page.status == 200 and "Onion-Location" not in page.response.headers
    look = with_onion.look(page.code)
    assert look.status == 200 and "Onion-Location" not in look.response.headers
    others = [
        "/",
        "/healthz",
        "/keys.json",
        "/ja/words.json",
        "/static/site.css",
        "/ja/nope-secret",
        "/xx/report",
    ]
    for path in others:
        with with_onion.raw("GET", path) as answer:
            assert "Onion-Location" not in answer.headers, path


def test_without_the_setting_there_is_none(world: World) -> None:
    assert "Onion-Location" not in world.client().raw("GET", "/ja/").headers
    assert ".onion" not in world.client().get("safety").text


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_safety_names_it_in_words(with_onion: CheckedClient, world: World, language: str) -> None:
    page = world.client(language).get("safety")
    (shown,) = page.all("strong", translate="no")
    assert shown.text == ONION
