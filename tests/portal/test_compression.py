"""Small pages for one round trip; compressed only where a length can't tell anything."""

from __future__ import annotations

import gzip

import pytest

from portal.edge.headers import HEADERS
from tests.portal.client import CheckedClient
from tests.portal.conftest import World

MOST = 14_600
"""Bytes of a page with its style sheet, compressed: what fits into the first round trip."""

ACCEPT = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("name", ["", "report"])
def test_page_and_style_fit_into_one_round_trip(client: CheckedClient, name: str, language: str) -> None:
    sizes = 0
    for path in (f"/{language}/{name}", "/static/site.css"):
        answer = client.raw("GET", path, headers=ACCEPT)
        assert answer.headers["Content-Encoding"] == ("br" if path.endswith(".css") else "gzip")
        sizes += len(answer.data) + sum(len(key) + len(value) + 4 for key, value in answer.headers)
    assert sizes <= MOST


def test_what_is_compressed_is_the_same_page(client: CheckedClient) -> None:
    for path in ("/ja/", "/en/outside", "/ja/words.json", "/static/site.css"):
        plain, packed = client.raw("GET", path), client.raw("GET", path, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Length"] == str(len(packed.data))
        assert "Accept-Encoding" in packed.headers["Vary"] and "Content-Encoding" not in plain.headers
        assert packed.mimetype == plain.mimetype
        plain.close()
        packed.close()


@pytest.mark.parametrize("wish", ["", "identity", "br", "deflate"])
def test_who_does_not_ask_gets_it_plain(client: CheckedClient, wish: str) -> None:
    assert "Content-Encoding" not in client.raw("GET", "/ja/", headers={"Accept-Encoding": wish}).headers


def test_what_answers_a_form_is_never_compressed(world: World, client: CheckedClient) -> None:
    code = client.report(what_happened="秘密").code
    for path, fields in (
        ("status", [("code", code)]),
        ("report", [("what_happened", "x")]),
        ("outside", [("in_danger", "yes")]),
        ("record", [("token", "x")]),
    ):
        from tests.support.reporter import multipart

        body, kind = multipart(fields)
        answer = client.raw("POST", f"/ja/{path}", data=body, content_type=kind, headers=ACCEPT)
        assert "Content-Encoding" not in answer.headers
    for path in ("/keys.json", "/healthz", "/ja/nothing", "/static/nothing"):
        assert "Content-Encoding" not in client.raw("GET", path, headers=ACCEPT).headers


def test_the_headers_say_where_scripts_may_come_from() -> None:
    policy = dict(HEADERS)["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy and "wasm" not in policy
