"""The list of auditors: checked from the first card on, and remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from admin.desk.casework import roster
from admin.desk.web.context import desk_of
from crypto.encoding import b64e
from tests.desk.browser import Browser
from tests.desk.world import CountingTransport, World
from tests.support.site import make_auditors

Change = Callable[[World, dict[str, Any]], None]


class Liar(CountingTransport):
    """Changes `keys.json` on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.lie: Callable[[dict[str, Any]], None] | None = None
        self.after = self._change

    def _change(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/keys.json" or self.lie is None:
            return answer
        found = json.loads(answer.read())
        self.lie(found)
        return httpx.Response(200, json=found)


def other_founder(_world: World, found: dict[str, Any]) -> None:
    found["list"] = [{"card": one.card.as_json(), "day": "2026-01-01"} for one in make_auditors(2)]


def unsigned_newcomer(_world: World, found: dict[str, Any]) -> None:
    found["list"].append({"card": make_auditors(1)[0].card.as_json(), "day": "2026-01-01"})


def changed_name(_world: World, found: dict[str, Any]) -> None:
    found["list"][1]["card"]["name"]["ja"] = "別の人"


def other_salt(_world: World, found: dict[str, Any]) -> None:
    found["salt"] = b64e(bytes(16))


def other_site(_world: World, found: dict[str, Any]) -> None:
    found["site_sign_pk"] = b64e(bytes(32))


def one_less(_world: World, found: dict[str, Any]) -> None:
    del found["list"][2]


def nobody(_world: World, found: dict[str, Any]) -> None:
    found["list"] = []


def other_order(_world: World, found: dict[str, Any]) -> None:
    found["list"][1:] = found["list"][:0:-1]


def made_up_retirement(world: World, found: dict[str, Any]) -> None:
    key_id = world.auditors[1].identity.key_id.hex()
    note = {"v": 1, "key_id": key_id, "by": key_id, "day": "2026-01-01", "sig": b64e(bytes(64))}
    found["list"].append({"retirement": note, "day": "2026-01-01"})


CHANGES: list[tuple[Change, str]] = [
    (other_founder, "最初のカード"),
    (unsigned_newcomer, "正しい署名がない"),
    (changed_name, "正しい署名がない"),
    (other_salt, "ソルト"),
    (other_site, "サイト自身の鍵"),
    (one_less, "なくなっています"),
    (nobody, "最初のカード"),
    (other_order, "なくなっています"),
    (made_up_retirement, "正しい署名がない"),
]


@pytest.mark.parametrize(("change", "says"), CHANGES)
def test_a_list_that_breaks_a_rule_stops_everything(world: World, change: Change, says: str) -> None:
    sent = world.report(what_happened="MARKER-1")
    wire = Liar()
    browser = Browser(world.desk(transport=wire))
    page = browser.case(sent.case_id)
    wire.lie = lambda found: change(world, found)
    wire.requests.clear()
    for path in ("", "people", f"cases/{sent.case_id.hex()}"):
        shown = browser.get(path, status=409)
        assert (
            shown.h1 == "担当者の名簿を信頼できません" and says in shown.text and "MARKER-1" not in shown.html
        )
    reply = browser.reply(sent.case_id, "送ってはいけない返信", page)
    assert reply.status == 409 and "送ってはいけない返信" in reply.text
    assert browser.set_status(sent.case_id, "investigating", page).status == 409
    assert set(wire.requests) == {"GET /keys.json"}
    # A restart does not make the desk forget what it met first.
    again = world.desk(transport=wire)
    assert Browser(again).get(status=409)
    desk_of(again).forget()
    wire.lie = None
    assert browser.get().h1 == "受信箱"
    assert len(world.reporter_sees(sent).entries) == 1


def test_the_first_meeting_takes_a_list_that_holds(world: World) -> None:
    wire = Liar()
    wire.lie = lambda found: unsigned_newcomer(world, found)
    assert Browser(world.desk(transport=wire)).get(status=409)
    wire.lie = None
    assert Browser(world.desk(transport=wire)).get()


def test_newcomers_and_retirements_are_taken(world: World, browser: Browser) -> None:
    browser.get()
    world.enroll(world.newcomer(0).card)
    world.retire(1, by=0)
    page = browser.get("people")
    assert (
        "新任 花子（法務部）" in page.text
        and "使用終了日" in page.text
        and page.text.count("監査 0（監査部 0）") == 5
    )


def test_a_retirement_that_vanishes_is_noticed(world: World) -> None:
    world.retire(1, by=0)
    wire = Liar()
    browser = Browser(world.desk(transport=wire))
    browser.get()
    wire.lie = lambda found: found.update(list=found["list"][:-1])
    assert "なくなっています" in browser.get(status=409).text


def test_who_is_not_enrolled_is_told_what_to_do(world: World) -> None:
    world.auditors.append(world.newcomer(0))
    app = world.desk(3)
    page = Browser(app).get(status=403)
    assert page.h1 == "あなたの鍵はまだ登録されていません" and ".card" in page.text
    from crypto.cards import fingerprint

    assert fingerprint(world.auditors[3].identity.key_id) in page.text
    world.enroll(world.auditors[3].card)
    assert Browser(app).get().h1 == "受信箱"


def test_a_site_without_anybody_yet(world: World) -> None:
    from store import db, tables

    with db.writing(world.engine) as conn:
        conn.execute(tables.card.delete())
    page = Browser(world.desk()).get(status=403)
    assert page.h1 == "あなたの鍵はまだ登録されていません"
    for one in world.auditors:
        world.enroll(one.card)
    assert Browser(world.desk()).get()


def test_who_was_retired_is_told(world: World) -> None:
    sent = world.report(what_happened="MARKER-1")
    browser = Browser(world.desk(1))
    page = browser.case(sent.case_id)
    world.retire(1, by=0)
    shown = browser.get(status=403)
    assert shown.h1 == "あなたの鍵は使用を終えています" and "MARKER-1" not in shown.html
    kept = browser.reply(sent.case_id, "書きかけ", page)
    assert kept.status == 403 and "書きかけ" in kept.text


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"v": 2},
        {"v": 1, "list": None, "salt": "", "site_sign_pk": ""},
        {"v": 1, "list": [], "salt": "", "site_sign_pk": ""},
        {"v": 1, "cards": [], "retirements": [], "salt": b64e(bytes(16)), "site_sign_pk": b64e(bytes(32))},
        {"v": 1, "list": [{}], "salt": b64e(bytes(16)), "site_sign_pk": b64e(bytes(32))},
        {"v": 1, "list": [5], "salt": b64e(bytes(16)), "site_sign_pk": b64e(bytes(32))},
        {
            "v": 1,
            "list": [{"retirement": {}, "day": "2026-01-01"}],
            "salt": b64e(bytes(16)),
            "site_sign_pk": b64e(bytes(32)),
        },
        {
            "v": 1,
            "list": [{"note": {}, "day": "x"}],
            "salt": b64e(bytes(16)),
            "site_sign_pk": b64e(bytes(32)),
        },
        {"v": 1, "list": [], "salt": 5, "site_sign_pk": b64e(bytes(32))},
        {"v": 1, "list": [{"card": {"a": 1.5}, "day": "x"}], "salt": "", "site_sign_pk": ""},
    ],
)
def test_whatever_is_no_list_breaks_trust(found: dict[str, Any]) -> None:
    with pytest.raises(roster.TrustBroken):
        roster.read_roster(found)
