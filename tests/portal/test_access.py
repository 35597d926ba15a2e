"""Who reads a case, as its reporter sees it and obeys it: without scripts (tests/scripts/test_choice.py: with them)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from store import db
from store import tables as t
from tests.portal.client import CheckedClient
from tests.portal.conftest import World, enroll, newcomer
from tests.portal.desk import Desk
from tests.portal.test_choice import accused, drop_grants, forget, last_opens_for, look, write

OFF = "担当から外れ、あなたが書くものを開けません"


@pytest.fixture
def auditors() -> int:
    """Three: the last one is taken off."""
    return 3


def desks(world: World) -> list[Desk]:
    return [Desk.of(world, auditor) for auditor in world.auditors]


def taken_off(world: World, client: CheckedClient) -> str:
    """Return the code of a case that the third auditor was taken off."""
    code = client.report(client.form(), what_happened="流出").code
    first, second, _third = desks(world)
    first.change("off", bytes.fromhex(accused(world)), second)
    return code


def test_what_is_written_once_the_page_has_a_removal_does_not_open(
    world: World, client: CheckedClient
) -> None:
    page = look(client, taken_off(world, client))
    assert OFF in page.text and "担当者を変更しました。" in page.text
    write(client, page, "今から")
    assert last_opens_for(world, 0) and last_opens_for(world, 1) and not last_opens_for(world, 2)


def test_a_removal_survives_forgetting_and_a_new_code(world: World, client: CheckedClient) -> None:
    code = taken_off(world, client)
    forget(client, code)
    page = look(client, code)
    assert OFF not in page.text and world.auditors[2].card.name["ja"] in page.text
    write(client, page, "忘れた後に")
    assert not last_opens_for(world, 2)
    token = look(client, code).fields["token"]
    asked = client.post("new-code", [("token", token)])
    assert (
        client.post("new-code", [("token", token), ("new_code", asked.code), ("written", "yes")]).status
        == 200
    )
    assert not last_opens_for(world, 2)
    write(client, look(client, asked.code), "新しいコードで")
    assert not last_opens_for(world, 2) and last_opens_for(world, 0)


def test_a_removal_that_is_withheld_is_not_obeyed_and_once_seen_it_stays(
    world: World, client: CheckedClient
) -> None:
    code = taken_off(world, client)
    with db.reading(world.engine) as conn:
        kept = [dict(row._mapping) for row in conn.execute(select(t.grant))]
    drop_grants(world, 3)
    write(client, look(client, code), "まだ届いていない")
    assert last_opens_for(world, 2)  # the desks say so (tests/desk/test_access.py)
    with db.writing(world.engine) as conn:
        conn.execute(delete(t.grant).where(t.grant.c.envelope_id.in_({row["envelope_id"] for row in kept})))
        conn.execute(t.grant.insert(), kept)
    write(client, look(client, code), "届いた")
    assert not last_opens_for(world, 2)
    drop_grants(world, 3)
    write(client, look(client, code), "また隠された")
    assert not last_opens_for(world, 2)


def test_an_answer_of_who_is_off_is_not_shown_and_what_came_before_is(
    world: World, client: CheckedClient
) -> None:
    code = client.report(client.form(), what_happened="流出").code
    first, second, third = desks(world)
    third.say("外される前の返事")
    first.change("off", bytes.fromhex(accused(world)), second)
    third.say("外された後の返事")
    text = look(client, code).text
    assert "外される前の返事" in text and "外された後の返事" not in text


@pytest.mark.parametrize("how", ["a lead alone", "who was excluded", "who is a guest"])
def test_what_lacks_a_second_reader_changes_nothing(world: World, client: CheckedClient, how: str) -> None:
    out = [accused(world)] if how == "who was excluded" else []
    code = client.report(client.form(), what_happened="流出", exclude=out).code
    first, second = Desk.of(world, world.auditors[0]), Desk.of(world, world.auditors[1])
    target = world.auditors[1].card.person
    if how == "a lead alone":
        first.change("off", target, first)
    elif how == "who was excluded":
        third = Desk(world, world.auditors[2], first.case_id, first.content_key)
        third.change("off", target, first)
    else:
        made = newcomer(world.auditors[0].identity, duty="guest")
        with db.writing(world.engine) as conn:
            enroll(conn, made.card)
        Desk(world, made, first.case_id, first.content_key).change("off", target, first)
    page = look(client, code)
    assert "何も変わりません" in page.text and OFF not in page.text
    write(client, page, "続き")
    assert last_opens_for(world, 1)
    assert second.case_id == first.case_id


def test_the_reporter_reads_of_a_guest_and_can_exclude_them(world: World, client: CheckedClient) -> None:
    code = client.report(client.form(), what_happened="流出").code
    made = newcomer(world.auditors[0].identity, name="弁護士", duty="guest")
    with db.writing(world.engine) as conn:
        enroll(conn, made.card)
    assert "弁護士" not in client.get("report").text
    assert "弁護士" in client.get("keys").text
    first, second, _third = desks(world)
    first.change("given", made.card.key_id, second)
    page = look(client, code)
    assert "全体を読むことができます" in page.text and "通報を読める人が変わりました" in page.text
    page = write(client, page, "この人は困ります", ("exclude", made.card.person.hex()))
    assert "受け付けました" in page.text
    again = look(client, code)
    assert "弁護士" in again.text.split("読めない人")[1]
