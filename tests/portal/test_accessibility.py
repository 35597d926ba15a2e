"""Ways for people who can't type, and how to tell of a fault of the site: what is set, and what to leave out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from store.config.settings import OperatorSettings
from tests.portal.client import CheckedClient
from tests.portal.conftest import World
from tests.portal.test_own_contacts import with_own_contacts

OPERATOR = OperatorSettings(
    "例示商事", "Example", "speakup@example.jp", "調べる", "To look", "3年", "3 years"
)
WAYS = ("社外監査役あての手紙", "A letter to the outside auditor")


def client_of(world: World, operator: OperatorSettings | None, language: str = "en") -> CheckedClient:
    here = world.app.extensions["meyasubako"]
    here.settings = replace(world.settings, operator=operator)
    return world.client(language)


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_the_operators_other_ways_are_shown_where_they_are_set(world: World, language: str) -> None:
    shown = WAYS[language == "en"]
    plain = client_of(world, OPERATOR, language).get("accessibility")
    assert shown not in plain.text and OPERATOR.contact in plain.text
    told = replace(OPERATOR, ways_ja=WAYS[0], ways_en=WAYS[1])
    assert shown in client_of(world, told, language).get("accessibility").text


def test_a_fault_is_told_without_the_matter_and_without_the_code(world: World) -> None:
    text = client_of(world, OPERATOR).get("accessibility").text
    assert "do not write about the matter itself" in text and "not write your receipt code" in text
    assert "mailto:" not in client_of(world, OPERATOR).get("accessibility").html
    without = client_of(world, None).get("accessibility")
    assert OPERATOR.contact not in without.text and "has not entered where to write to" in without.text


def test_dictation_is_told_with_its_risk_and_no_voice_is_asked_for(world: World) -> None:
    for language in ("ja", "en", "easy"):
        page = world.client(language).get("accessibility")
        assert not page.all("audio") and not page.all("input")
    text = world.client("en").get("accessibility").text
    assert "sent to the maker of the phone" in text and "not send a recording of your voice" in text


def test_what_was_not_tested_is_said_and_nothing_is_claimed(world: World) -> None:
    text = world.client("en").get("accessibility").text
    assert "Not tested: real screen readers, real phones" in text and "we do not claim" in text


def test_own_contacts_with_a_telephone_are_named(tmp_path: Path) -> None:
    page = with_own_contacts(tmp_path).client("en").get("accessibility")
    assert "Outside counsel’s line" in page.text and page.all("a", href="tel:0312345678")


def test_every_page_leads_there(client: CheckedClient) -> None:
    assert client.get("").all("a", href="/ja/accessibility")
    assert client.get("report/start").all("a", href="/ja/accessibility#typing")
