"""The reporter of a deleted case is told so, with the day, in every language; nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crypto import messages
from crypto.receipt import derive, new_code
from store import db, deletion, feed
from tests.portal.client import CheckedClient
from tests.portal.conftest import World
from tests.portal.desk import Desk
from tests.portal.test_sealed import page_of, rows


def delete(world: World) -> None:
    """Delete the only case, as two auditors do."""
    desk = Desk.of(world, world.auditors[0])
    with db.writing(world.engine) as conn:
        feed.take_turn(conn)
        for number, person in enumerate(world.auditors[:2]):
            text = messages.delete_text(desk.case_id, person.identity.key_id, world.day)
            sig = messages.sign(person.identity.sign_seed, text)
            act = deletion.SignedAct(world.day, person.identity.key_id, sig, desk.act(text))
            if number:
                (proposal,) = deletion.acts(conn, desk.case_id)
                deletion.delete_case(conn, desk.case_id, proposal.seq, act)
            else:
                deletion.add(conn, desk.case_id, deletion.PROPOSED, act)


@pytest.mark.parametrize(
    ("language", "title", "day"),
    [
        ("ja", "この通報は削除されました", "2026年11月23日"),
        ("en", "This report was deleted", "2026"),
        ("easy", "この 通報は 消えました", "2026"),
    ],
)
def test_the_code_of_a_deleted_case_says_so(world: World, language: str, title: str, day: str) -> None:
    client = world.client(language)
    shown = client.report(what_happened="MARKER-7")
    open_page = client.look(shown.code)
    delete(world)
    world.day += timedelta(5)
    page = client.look(shown.code)
    assert page.status == 410 and title in page.text and day in page.text and "23" in page.text
    assert "MARKER-7" not in page.html and shown.code not in page.html
    # A page that was open: the message is shown, to be copied, and was not sent.
    page = client.reply(open_page, "あとから 書いた こと")
    assert (
        page.status == 410 and title in page.text and page.all("textarea")[0].text == "あとから 書いた こと"
    )
    for path in ("new-code", "forget", "record"):
        assert client.post(path, [("token", open_page.fields["token"])]).status == 410
    assert rows(world)["envelope"] == 0


def test_an_old_form_keeps_its_text_under_a_new_code(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    client.report(hidden, what_happened="erstes")
    delete(world)
    page = client.report(hidden, what_happened="後から書いた報告")
    assert page.status == 400 and page.fields["code"] != hidden["code"]
    assert "後から書いた報告" in page.html
    again = client.report(
        {name: page.fields[name] for name in ("code", "csrf_token")}, what_happened="後から書いた報告"
    )
    assert again.status == 200 and rows(world)["case_file"] == 2


def test_a_page_with_scripts_is_told_too(world: World) -> None:
    page = page_of(world)
    body = page.report_body({"what_happened": "x"})
    assert page.send("report", body)[0] == 200
    message, new = page.message_body({"message": "もう一つ"}), derive(new_code(), world.salt)
    replaced, forget = page.replace_body(new), page.forget_body(world.day)
    delete(world)
    before = rows(world)
    gone = (410, {"error": "deleted", "day": world.day.isoformat()})
    for path, sent in (("message", message), ("replace", replaced), ("forget", forget)):
        assert page.send(path, sent) == gone, path
    assert page.look() == gone
    # The code's form a second time: a new code is asked for, nothing is stored.
    assert page.send("report", body) == (409, {"error": "code_ended"})
    assert rows(world) == before
