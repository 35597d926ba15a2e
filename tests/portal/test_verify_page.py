"""The verify page is offered for download at a fixed address, never to be opened there."""

from __future__ import annotations

from portal.bundle import VERIFY_PAGE
from tests.portal.client import CheckedClient
from tests.portal.conftest import World


def test_it_is_handed_out_as_a_file(world: World) -> None:
    answer = world.app.test_client().get("/log/meyasubako-verify.html")
    assert answer.status_code == 200 and answer.data == VERIFY_PAGE.read_bytes()
    assert answer.headers["Content-Disposition"] == "attachment; filename=meyasubako-verify.html"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_page_of_keys_leads_to_it_and_says_where_it_should_come_from(client: CheckedClient) -> None:
    said = client.get("/en/keys").html
    assert "/log/meyasubako-verify.html" in said and "not from this server" in said
