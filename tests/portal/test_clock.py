"""The reporter's clock on the status page, and the record to keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases import routing
from cases.status import Step
from crypto import cards as crypto_cards
from store import cards as store_cards
from store import db
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import Desk

LODGED = date(2026, 11, 23)


@pytest.fixture
def reported(world: World) -> tuple[CheckedClient, str]:
    """A report of the world's first day, and its code."""
    client = world.client("en")
    return client, client.report(what_happened="名簿の流出が隠されている").code


def desk(world: World) -> Desk:
    """Return the first auditor's desk, with the case opened."""
    return Desk.of(world, world.auditors[0])


def look(client: CheckedClient, code: str) -> Page:
    return client.post("status", [("code", code)])


def test_day_by_day(world: World, reported: tuple[CheckedClient, str]) -> None:
    client, code = reported
    for day, words in (
        (0, "Day 0 of 20"),
        (1, "Day 1 of 20"),
        (20, "Day 20 of 20"),
        (21, "Day 21: the 20 days have passed"),
    ):
        world.day = LODGED + timedelta(day)
        page = look(client, code)
        assert words in page.text
        assert "protected from December 14, 2026" in page.text
        assert routing.text("clock_authority_from_day_1")["en"] in page.text
        first = [one.text for one in page.all("h2")][0]
        assert (first == "Please read this first") is (day == 21)
        assert (routing.text("clock_passed_without_notice")["en"] in page.text) is (day == 21)


def test_a_notice_in_time_stops_it(world: World, reported: tuple[CheckedClient, str]) -> None:
    client, code = reported
    world.day = LODGED + timedelta(3)
    desk(world).status(1, "investigating")
    world.day = LODGED + timedelta(40)
    page = look(client, code)
    assert "Please read this first" not in page.text
    assert "Happened on November 26, 2026" in page.text and page.text.count("Not yet.") == 2


def test_a_refusal_without_a_word_is_said_first(world: World, reported: tuple[CheckedClient, str]) -> None:
    client, code = reported
    auditor = desk(world)
    auditor.status(1, "not_investigating")
    page = look(client, code)
    assert routing.text("clock_refused_without_reason")["en"] in page.text
    auditor.say("理由を書きます")
    assert routing.text("clock_refused_without_reason")["en"] not in look(client, code).text


def test_closed_without_a_word(world: World, reported: tuple[CheckedClient, str]) -> None:
    client, code = reported
    auditor = desk(world)
    auditor.status(1, "not_investigating")
    auditor.status(2, "closed")
    assert routing.text("clock_closed_without_word")["en"] in look(client, code).text


def test_when_nobody_is_left_who_can_open_it(world: World, reported: tuple[CheckedClient, str]) -> None:
    client, code = reported
    assert routing.text("clock_nobody_can_open")["en"] not in look(client, code).text
    for auditor in world.auditors:
        signer = auditor.identity
        gone = crypto_cards.new_retirement(signer.key_id, world.day, signer.key_id, signer.sign_seed)
        with db.writing(world.engine) as conn:
            store_cards.retire(conn, signer.key_id, gone.encode(), world.day)
    assert routing.text("clock_nobody_can_open")["en"] in look(client, code).text


def test_a_line_that_is_not_designated_has_no_clock(
    world: World, reported: tuple[CheckedClient, str]
) -> None:
    client, code = reported
    portal = world.app.extensions["meyasubako"]
    portal.settings = replace(world.settings, site=replace(world.settings.site, designated=False))
    page = look(client, code)
    assert "Day 0" not in page.text and routing.text("limit_not_designated")["en"] in page.text


def test_the_record_says_what_was_sent_and_answered_and_when(
    world: World, reported: tuple[CheckedClient, str]
) -> None:
    client, code = reported
    world.day = LODGED + timedelta(2)
    desk(world).say("調べています")
    world.day = LODGED + timedelta(25)
    token = look(client, code).fields["token"]
    page = client.post("record", [("token", token)])
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="notes.html"'
    assert "November 23, 2026 : Sent by the reporter" in page.text.replace("2026:", "2026 :")
    assert "On December 14, 2026 the 20 days had passed" in page.text
    assert "調べています" not in page.text and "流出" not in page.text and code not in page.html
    assert not page.all("link") and not page.all("script")
    full = client.post("record", [("token", token), ("with_text", "yes")])
    assert "調べています" in full.text and "名簿の流出が隠されている" in full.text


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_record_needs_a_page_that_is_in_use(client: CheckedClient, token: str) -> None:
    page = client.post("record", [("token", token)])
    assert page.status == 400 and page.all("input", name="code")


def test_days_that_contradict_each_other_claim_nothing() -> None:
    from cases.reporter_clock import reporter_clock

    with pytest.raises(ValueError, match="order"):
        reporter_clock(LODGED, [Step("investigating", LODGED - timedelta(1))], True, LODGED)
