"""The banner for visitors in a network of the company: one bit from the proxy, and nothing else of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World

HEADER = "X-Meyasubako-Inside"


def _banner(page: Page) -> bool:
    return bool(page.all("aside", **{"class": "inside"}))


@pytest.fixture
def told(world: World) -> CheckedClient:
    """A site whose proxy says who is inside."""
    here = world.app.extensions["meyasubako"]
    here.settings = replace(world.settings, site=replace(world.settings.site, inside_banner=True))
    return world.client("en")


def test_it_stands_on_every_page_of_who_is_inside(told: CheckedClient) -> None:
    for name in ("", "report", "status", "keys", "outside", "safety"):
        assert _banner(told.get(name, headers={HEADER: "1"}))
        assert not _banner(told.get(name))


@pytest.mark.parametrize("value", ["0", "", "yes", "10.1.2.3", "1, 10.1.2.3"])
def test_anything_but_the_bit_is_nothing(told: CheckedClient, value: str) -> None:
    page = told.get("report", headers={HEADER: value})
    assert not _banner(page) and "10.1" not in page.html


def test_without_the_setting_nobody_can_bring_it_about(client: CheckedClient) -> None:
    assert not _banner(client.get("report", headers={HEADER: "1"}))
