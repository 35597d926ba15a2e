"""A report that an auditor wrote down, as the person with the code sees it without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World
from tests.portal.desk import Desk
from tests.support.written import write_down

KNOWS = "あなたのコードを知っている可能性があります"
OWN = "あなた自身の言葉ではありません"


def look(client: CheckedClient, code: str) -> Page:
    return client.post("status", [("code", code)])


def written(world: World, channel: str = "telephone", is_true: bool = True) -> str:
    author, first = world.auditors[0], world.auditors[0].card.key_id
    day = world.day - timedelta(days=3)
    return write_down(world.engine, first, author.identity, world.day, day, channel, is_true)


@pytest.mark.parametrize("channel", ["telephone", "letter", "talk"])
def test_it_says_who_wrote_it_down_and_asks_for_a_new_code(
    world: World, client: CheckedClient, channel: str
) -> None:
    page = look(client, written(world, channel))
    name = world.auditors[0].card.name["ja"]
    assert name in page.text and OWN in page.text and KNOWS in page.text
    assert len(page.all("form", action="/ja/new-code")) == 2
    assert ("電話や面談では始まりません" in page.text) == (channel != "letter")


def test_the_days_run_from_a_letter_and_not_from_a_call(world: World, client: CheckedClient) -> None:
    assert not look(client, written(world)).all("progress")
    letter = look(client, written(world, "letter"))
    assert [one.get("value") for one in letter.all("progress")] == ["3"]


def test_the_old_code_can_do_nothing_after_the_new_one(world: World, client: CheckedClient) -> None:
    """The auditor who wrote it down and kept the code is out at the person's first look."""
    code = written(world)
    officer = look(client, code).fields["token"]
    client.post("status", [("token", look(client, code).fields["token"]), ("message", "はじめのコードで")])
    page = look(client, code)
    assert "はじめのコードで書かれています" in page.text
    fresh = client.post("new-code", [("token", page.fields["token"])])
    fields = [("token", page.fields["token"]), ("new_code", fresh.code), ("written", "yes")]
    done = client.post("new-code", fields)
    assert KNOWS not in done.text and OWN in done.text and "はじめのコードで書かれています" in done.text
    Desk.of(world, world.auditors[1]).say("あなただけへの返事")
    # With the code, and with a page that was left open.
    assert look(client, code).status == 404
    late = client.post("status", [("token", officer), ("message", "なりすまし")])
    assert late.status == 404 and "あなただけへの返事" not in late.text
    page = look(client, fresh.code)
    assert "あなただけへの返事" in page.text and "なりすまし" not in page.text and KNOWS not in page.text


def test_a_false_word_of_an_auditor_is_said(world: World, client: CheckedClient) -> None:
    page = look(client, written(world, is_true=False))
    assert page.text.count("署名で確かめられません") == 2 and KNOWS not in page.text
    assert "書きとりました" not in page.text


def test_the_record_says_it_too(world: World, client: CheckedClient) -> None:
    token = look(client, written(world)).fields["token"]
    answer = client.raw("POST", "/ja/record", data={"token": token, "with_text": "yes"})
    saved = answer.get_data(as_text=True)
    assert OWN in saved and "MARKER" in saved
