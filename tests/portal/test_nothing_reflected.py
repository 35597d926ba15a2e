"""A compressed page holds nothing that a stranger can choose, and the application learns one bit of the wish for
it (docs/adr/0007-compression.md)."""

from __future__ import annotations

import gzip

import pytest
from flask import request

from portal.edge.compression import PAGES
from tests.portal.conftest import World

CHOSEN = "chosen-by-a-stranger"


def paths(world: World) -> list[str]:
    """Return the path of every page that may be compressed."""
    adapter = world.app.url_map.bind("localhost")
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.endpoint in PAGES]
    found = [adapter.build(rule.endpoint, {"language": "ja"}) for rule in rules]
    assert len(found) == len(PAGES) and "/ja/report" in found
    return found


def test_nothing_of_the_request_is_in_a_compressed_page(world: World) -> None:
    client = world.client()
    headers = {
        "Accept-Encoding": "gzip",
        "Accept-Language": f"ja,{CHOSEN}",
        "Cookie": f"a={CHOSEN}",
        "Referer": f"http://{CHOSEN}/",
        "User-Agent": CHOSEN,
        "X-Forwarded-Host": CHOSEN,
        "X-Forwarded-Prefix": f"/{CHOSEN}",
    }
    for path in paths(world):
        answer = client.raw("GET", f"{path}?what_happened={CHOSEN}&code={CHOSEN}#{CHOSEN}", headers=headers)
        assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "gzip", path
        assert CHOSEN not in gzip.decompress(answer.data).decode(), path
        assert CHOSEN not in str(answer.headers), path


@pytest.mark.parametrize(
    ("spelling", "bit"),
    [("gzip", True), ("deflate, GZIP;q=0.8", True), ("br;q=1.0, gzip", True), ("br", None), ("", None)],
)
def test_how_a_browser_spells_its_wish_stays_outside(world: World, spelling: str, bit: bool | None) -> None:
    seen: list[dict[str, object]] = []

    @world.app.before_request
    def look() -> None:
        seen.append(dict(request.environ))

    world.client().raw("GET", "/ja/", headers={"Accept-Encoding": spelling})
    assert [one.get("meyasubako.gzip") for one in seen] == [bit]
    assert not any(key.startswith("HTTP_ACCEPT_ENCODING") for key in seen[0])
