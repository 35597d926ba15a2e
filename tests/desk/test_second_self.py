"""Anyone who must not read on tries it with another key: a puppet, an old key, another case's name."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from admin.desk.casework.roster import TrustBroken, checked_against, read_roster
from crypto import cards as crypto_cards
from crypto import messages, seal
from crypto.choice import first_choice
from crypto.envelope import Kind
from crypto.errors import BadData
from crypto.unseal import unseal
from store import cases as store_cases
from store import db
from store import feed as store_feed
from tests.desk.browser import Browser, Page
from tests.desk.case_forms import write
from tests.desk.test_people import hand_over, look, opens
from tests.desk.test_trust import Liar
from tests.desk.world import CountingTransport, Sent, World
from tests.support.roster import stored_roster
from tests.support.site import Auditor, today


def reads(world: World, sent: Sent, who: Auditor) -> list[str]:
    """Return what a key opens of a case by its slots."""
    found = []
    with db.reading(world.engine) as conn:
        rows = store_cases.envelopes(conn, sent.case_id)
    for row in rows:
        try:
            own = who.identity
            found.append(str(unseal(row.raw, own.box_sk, own.box_pk, own.key_id, []).payload))
        except BadData:
            continue
    return found


# Bringing somebody in


@pytest.mark.parametrize("duty", ["auditor", "lead", "observer"])
def test_an_auditor_brings_nobody_in(world: World, duty: str) -> None:
    browser, found = Browser(world.desk(1)), world.newcomer(1, duty)
    page = look(browser, found.card.encode())
    assert page.status == 400 and "責任者" in page.text
    puppet = world.another_key(0, 1, duty)
    assert look(browser, puppet.card.encode()).status == 400


def test_an_auditor_vouches_for_an_own_new_key(world: World) -> None:
    browser = Browser(world.desk(1))
    page = look(browser, world.another_key(1, 1).card.encode())
    done = browser.post("people/join", page.fields("/people/join") | {"compared": "yes"})
    assert done.status == 200 and "登録しました" in done.text
    assert look(browser, world.another_key(1, 1, "lead").card.encode()).status == 400


# Handing over


@pytest.mark.parametrize("lies", [False, True], ids=["the control", "another case's name"])
def test_an_envelope_under_another_cases_name_is_not_handed_over(world: World, lies: bool) -> None:
    accused = world.auditors[1].card.person
    mine = world.report(what_happened="別の件")
    about = world.report([accused], what_happened="監査1の件")
    transport = CountingTransport()
    desk = Browser(world.desk(0, transport=transport))
    assert "監査1の件" in desk.case(about.case_id).text
    new = world.another_key(1, 1)
    world.enroll(new.card)
    world.auditors.append(new)
    desk.get()

    def lie(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if not lies or request.url.path != "/api/v1/changes" or request.url.params["after"] != "0":
            return answer
        body = json.loads(answer.read())
        for one in body["changes"]:
            if one.get("envelope") == about.envelope_id.hex():
                one["case"] = mine.case_id.hex()
        return httpx.Response(200, json=body)

    transport.after = lie
    hand_over(desk, new)
    assert opens(world, new) == {mine.envelope_id}


def test_a_message_that_lies_in_another_case_is_not_handed_over_with_it(
    world: World, browser: Browser
) -> None:
    accused = world.auditors[1].card.person
    mine, about = world.report(), world.report([accused])
    payload = messages.reporter_message(
        {"message": "監査1のこと"}, about.receipt, [], choice=first_choice([])
    )
    named = {**payload, "envelope_id": "ab" * 16}
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named, about.receipt)
    world.store_message(mine, Kind.FROM_REPORTER, b"\xab" * 16, signed)
    new = world.another_key(1, 1)
    world.enroll(new.card)
    world.auditors.append(new)
    hand_over(browser, new)
    assert opens(world, new) == {mine.envelope_id}


# Stepping back


def test_whom_somebody_who_stepped_back_brings_in_reads_nothing_more(world: World) -> None:
    world.promote(1)
    sent = world.report(what_happened="監査1に関わる件")
    founder = Browser(world.desk(0))
    write(Browser(world.desk(1)), sent.case_id, "step_back")
    puppet = world.newcomer(1)
    world.enroll(puppet.card)
    world.auditors.append(puppet)
    write(founder, sent.case_id, "note", note="監査1についてのメモ")
    assert reads(world, sent, puppet) == []
    hand_over(founder, puppet)
    assert opens(world, puppet) == set()
    # Who was there when the report came stays, no matter who vouched for them.
    assert any("監査1についてのメモ" in one for one in reads(world, sent, world.auditors[2]))


# Who has left


def test_a_retired_key_brings_nobody_in_at_a_desk_that_knows(world: World, browser: Browser) -> None:
    world.promote(1)
    sent = world.report()
    world.retire(1, by=0)
    browser.get()
    # The operator writes it into the database on the day of the retirement: the server leaves it out.
    puppet = world.newcomer(1)
    world.enroll(puppet.card)
    page = browser.get("people")
    assert "監査 1" in page.text and "新任" not in page.text
    assert reads(world, sent, puppet) == []
    # A server that lists it all the same is refused, whatever day it gives.
    wire = Liar()
    lying = Browser(world.desk(2, transport=wire))
    lying.get()
    entry = {"card": puppet.card.as_json(), "day": world.day.isoformat()}
    wire.lie = lambda found: found["list"].append(entry)
    page = Page(lying.raw("GET", "/ja/"))
    assert page.status >= 400 and "その位置で署名できる人の正しい署名がない" in page.text


def test_a_card_behind_its_vouchers_retirement_is_nobodys(world: World) -> None:
    world.promote(1)
    world.retire(1, by=0)
    world.day += timedelta(days=1)
    puppet = world.newcomer(1)
    world.enroll(puppet.card)
    world.auditors.append(puppet)
    below = world.newcomer(3)
    world.enroll(below.card)
    with db.reading(world.engine) as conn:
        found = stored_roster(conn, world.secrets.first_card)
    assert puppet.card.key_id not in found.by_key and below.card.key_id not in found.by_key
    assert world.auditors[1].card.key_id in found.by_key
    # A server that lists it all the same is refused by a desk that comes new.
    found_list = _listed(world, 0, 1)
    read_roster(found_list)
    found_list["list"].append({"card": puppet.card.as_json(), "day": world.day.isoformat()})
    with pytest.raises(TrustBroken) as broken:
        read_roster(found_list)
    assert broken.value.reason == "chain"


def test_a_retirement_never_moves_to_a_later_day(world: World) -> None:
    world.retire(2, by=0)
    known = _listed(world, 0)
    checked_against(read_roster(known), read_roster(_listed(world, 0)))
    with pytest.raises(TrustBroken) as broken:
        checked_against(read_roster(known), read_roster(_listed(world, 5)))
    assert broken.value.reason == "shrunk"


def _listed(world: World, later: int, who: int = 2) -> dict[str, Any]:
    by, key_id, first = world.auditors[0].identity, world.auditors[who].identity.key_id, today()
    note = crypto_cards.new_retirement(key_id, first + timedelta(later), by.key_id, by.sign_seed)
    day = first.isoformat()
    return {
        "v": 1,
        "salt": "A" * 22,
        "site_sign_pk": "A" * 43,
        "list": [
            *({"card": one.card.as_json(), "day": day} for one in world.auditors[:3]),
            {"retirement": json.loads(note.encode()), "day": day},
        ],
    }


# Observers


def test_an_observers_word_is_nobodys(world: World, browser: Browser) -> None:
    """With the act key of a colleague, and a person who puts it into the database."""
    watching = world.newcomer(0, "observer")
    world.enroll(watching.card)
    sent = world.report()
    own, envelope_id = watching.identity, b"\xcd" * 16
    payload = messages.auditor_payload(
        Kind.TO_REPORTER,
        own.key_id,
        sent.case_id,
        envelope_id,
        {"message": "見学者のことば"},
        [],
        own.sign_seed,
        world.readers(),
        1,
    )
    sealed = seal.seal(Kind.TO_REPORTER, envelope_id, payload, world.slots())
    assert sealed.raw
    world.store_message(sent, Kind.TO_REPORTER, envelope_id, payload)
    (article,) = browser.case(sent.case_id).all("article")
    assert "未確認：だれの発言とも言えません" in "".join(article.itertext())
    assert [entry for entry in world.reporter_sees(sent).entries if entry.author] == []


# Who stepped back, with another program than the desk


def test_who_stepped_back_is_nobody_at_the_other_desks(world: World, browser: Browser) -> None:
    sent = world.report()
    second = Browser(world.desk(1))
    second.reply(sent.case_id, "外れる前の返信")
    write(second, sent.case_id, "step_back")
    own, envelope_id = world.auditors[1].identity, b"\xee" * 16
    payload = messages.auditor_payload(
        Kind.TO_REPORTER,
        own.key_id,
        sent.case_id,
        envelope_id,
        {"message": "外れた後の返信"},
        [],
        own.sign_seed,
        world.readers(),
        1,
    )
    world.store_message(sent, Kind.TO_REPORTER, envelope_id, payload)
    world.day += timedelta(days=1)
    world.desk_day += timedelta(days=1)
    text = messages.status_text(sent.case_id, 1, own.key_id, "not_investigating", world.day)
    acts = [messages.sign(seed, text) for seed in (own.sign_seed, seal.act_seed(sent.content_key))]
    with db.writing(world.engine) as conn:
        store_feed.take_turn(conn)
        store_cases.add_status(conn, sent.case_id, 1, "not_investigating", world.day, own.key_id, *acts)
    page = browser.case(sent.case_id)
    before, after = ("".join(one.itertext()) for one in page.all("article"))
    assert "外れる前の返信" in before and "未確認" not in before
    assert "担当から外れた 監査 1" in after and "有効ではありません" in after
    texts = ["".join(one.itertext()) for one in page.all("li", class_="unverified")]
    statuses = [text for text in texts if "調査しない" in text]
    assert len(statuses) == 2, "among the statuses and in the history"
    assert "未確認" in statuses[0] and not any("検証済み" in text for text in statuses)


def test_a_puppet_throws_nobody_out_at_their_own_desk(world: World) -> None:
    """A lead makes a key in a colleague's person and steps back with it."""
    sent = world.report(what_happened="手元に残る通報")
    victim = Browser(world.desk(1))
    assert "手元に残る通報" in victim.case(sent.case_id).text
    puppet = world.another_key(1, 0)
    world.enroll(puppet.card)
    world.auditors.append(puppet)
    hand_over(Browser(world.desk(0)), puppet)
    write(Browser(world.desk(3)), sent.case_id, "step_back")
    assert "手元に残る通報" in victim.case(sent.case_id).text and "手元に残る通報" in victim.get().text
