"""The form asks what a report is about where the operator wants it to; the answer goes sealed, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.labels import site
from tests.portal.client import CheckedClient
from tests.portal.conftest import World
from tests.portal.desk import envelopes, open_as


@pytest.fixture
def asking(world: World) -> World:
    """A site that asks."""
    here = world.app.extensions["meyasubako"]
    here.settings = replace(world.settings, site=replace(world.settings.site, ask_category=True))
    return world


def newest(world: World) -> dict[str, object]:
    return dict(open_as(world.auditors[0], envelopes(world)[-1][1].raw).payload)


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
@pytest.mark.parametrize("word", site.CATEGORIES)
def test_what_was_chosen_is_sealed(asking: World, language: str, word: str) -> None:
    client = asking.client(language)
    page = client.get("report")
    assert len(page.all("input", name="category")) == len(site.CATEGORIES) and page.ticked("category") == []
    client.report(what_happened="起きたこと", category=word)
    assert newest(asking)["category"] == word


def test_nothing_chosen_says_nothing(asking: World) -> None:
    asking.client("ja").report(what_happened="起きたこと")
    assert "category" not in newest(asking)


def test_without_the_setting_it_is_not_asked_and_not_sealed(world: World, client: CheckedClient) -> None:
    assert client.get("report").all("input", name="category") == []
    client.report(what_happened="起きたこと", category="harassment")
    assert "category" not in newest(world)


@pytest.mark.parametrize("word", ["not_a_report", "gossip"])
def test_another_word_is_refused_and_nothing_is_lost(asking: World, word: str) -> None:
    client = asking.client("ja")
    page = client.get("report")
    answer = client.post(
        "report", [*page.fields.items(), ("what_happened", "起きたこと"), ("category", word)]
    )
    assert answer.status == 400 and "起きたこと" in answer.html and word not in answer.html
    assert envelopes(asking) == []


def test_it_stands_where_all_is_checked_and_comes_back(asking: World) -> None:
    client = asking.client("ja")
    page = client.get("report")
    sent = [*page.fields.items(), ("what_happened", "起きたこと"), ("category", "accounting")]
    checked = client.post("report", [*sent, ("check", "yes")])
    assert "会計・お金の不正" in checked.text and checked.ticked("category") == ["accounting"]
    back = client.post(
        "report", [*checked.fields.items(), ("category", "accounting"), ("change", "category")]
    )
    assert back.ticked("category") == ["accounting"]
