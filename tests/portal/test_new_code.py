"""A new code for the old one, and forgetting, without scripts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from store import db
from store import tables as t
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World, enroll, newcomer
from tests.portal.desk import Desk


@pytest.fixture
def sent(client: CheckedClient, world: World) -> str:
    """The code of a report that was answered."""
    code = client.report(what_happened="MARKER 流出", exclude=[world.auditors[1].card.person.hex()]).code
    Desk.of(world, world.auditors[0]).say("返事です")
    return code


def look(client: CheckedClient, code: str) -> Page:
    return client.post("status", [("code", code)])


def test_the_new_code_is_shown_before_it_is_used(world: World, client: CheckedClient, sent: str) -> None:
    token = look(client, sent).fields["token"]
    asked = client.post("new-code", [("token", token)])
    assert asked.code != sent and asked.fields["new_code"] == asked.code
    # Nothing has happened yet: anyone who leaves here keeps the old code.
    assert "MARKER" in look(client, sent).text
    fields = [("token", token), ("new_code", asked.code)]
    again = client.post("new-code", fields)
    assert again.status == 400 and again.code == asked.code and "MARKER" in look(client, sent).text
    done = client.post("new-code", [*fields, ("written", "yes")])
    assert "新しいコードに替わりました" in done.text and "MARKER" in done.text and "返事です" in done.text
    assert look(client, sent).status == 404
    page = look(client, asked.code)
    assert "MARKER" in page.text and "返事です" in page.text and "ここで新しいコードに替えました" in page.text
    assert "確認できなかったもの" not in page.text
    # Whom the reporter excluded stays excluded.
    assert world.auditors[1].card.role["ja"] in page.text


def test_the_same_form_twice_is_done_once(client: CheckedClient, sent: str, world: World) -> None:
    token = look(client, sent).fields["token"]
    fields = [
        ("token", token),
        ("new_code", client.post("new-code", [("token", token)]).code),
        ("written", "yes"),
    ]
    client.post("new-code", fields)
    again = client.post("new-code", fields)
    assert again.status == 200 and "新しいコードに替わりました" in again.text
    with db.reading(world.engine) as conn:
        assert len(conn.execute(select(t.code)).all()) == 2


def test_a_conversation_goes_on_under_the_new_code(client: CheckedClient, sent: str, world: World) -> None:
    token = look(client, sent).fields["token"]
    code = client.post("new-code", [("token", token)]).code
    done = client.post("new-code", [("token", token), ("new_code", code), ("written", "yes")])
    client.post("status", [("token", done.fields["token"]), ("message", "新しいコードから")])
    Desk.of(world, world.auditors[0]).say("あとの返事")
    page = look(client, code)
    assert "新しいコードから" in page.text and "あとの返事" in page.text
    assert "確認できなかったもの" not in page.text


def test_a_code_that_is_none_is_shown_anew(client: CheckedClient, sent: str) -> None:
    token = look(client, sent).fields["token"]
    page = client.post("new-code", [("token", token), ("new_code", "nonsense"), ("written", "yes")])
    assert page.status == 200 and page.code and "MARKER" in look(client, sent).text


def test_forgetting_asks_first(world: World, client: CheckedClient, sent: str) -> None:
    token = look(client, sent).fields["token"]
    asked = client.post("forget", [("token", token)])
    assert asked.status == 200 and "MARKER" in look(client, sent).text
    done = client.post("forget", [("token", token), ("sure", "yes")])
    assert "MARKER" not in done.text and "返事です" not in done.text
    page = look(client, sent)
    assert page.status == 200 and "MARKER" not in page.text
    desk = Desk.of(world, world.auditors[0])
    desk.say("あとの返事")
    assert "あとの返事" in look(client, sent).text
    with db.reading(world.engine) as conn:
        record = conn.execute(select(t.case_file.c.mailbox_record)).scalar_one()
    assert record  # whom the reporter excluded survives
    assert world.auditors[1].card.role["ja"] in look(client, sent).text


@pytest.mark.parametrize("path", ["new-code", "forget"])
def test_without_a_page_in_use_the_code_is_asked_for(client: CheckedClient, path: str) -> None:
    page = client.post(path, [("token", "nonsense"), ("sure", "yes"), ("written", "yes")])
    assert page.status == 400 and page.all("input", name="code")


def test_who_was_enrolled_meanwhile_is_said_before_a_new_code_is_taken(
    world: World, client: CheckedClient, sent: str
) -> None:
    """The message with the new keys names whom the reporter excluded: it goes to nobody whom no page showed."""
    token = look(client, sent).fields["token"]
    code = client.post("new-code", [("token", token)]).code
    late = newcomer(world.auditors[0].identity, "後から来た人")
    with db.writing(world.engine) as conn:
        enroll(conn, late.card)
    fields = [("new_code", code), ("written", "yes")]
    asked = client.post("new-code", [("token", token), *fields])
    assert asked.status == 409 and "後から来た人" in asked.text and asked.code == code
    assert "MARKER" in look(client, sent).text
    done = client.post("new-code", [("token", asked.fields["token"]), *fields])
    assert "新しいコードに替わりました" in done.text and look(client, code).status == 200
