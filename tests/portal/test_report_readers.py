"""Who can read a new report: who was excluded, who is retired, whom nobody vouched for, and nobody at all."""

from __future__ import annotations

from typing import Any

import pytest

from crypto import cards as crypto_cards
from crypto.envelope import decode
from crypto.errors import CannotOpen
from crypto.identity import new_identity
from store import cards as store_cards
from store import db
from tests.portal.client import CheckedClient
from tests.portal.conftest import World, enroll, make_world, newcomer, retire
from tests.portal.desk import envelopes, open_as
from tests.portal.test_report import ANSWERS, kept, stored


def test_excluded_auditor_gets_a_slot_that_does_not_open(world: World, client: CheckedClient) -> None:
    out = world.auditors[1]
    page = client.report(exclude=[out.card.person.hex()], what_happened="部長が関わっています")
    assert page.status == 200
    ((_, row),) = envelopes(world)
    assert {slot.key_id for slot in decode(row.raw).slots} == {one.card.key_id for one in world.auditors}
    with pytest.raises(CannotOpen):
        open_as(out, row.raw)
    assert open_as(world.auditors[0], row.raw).payload["exclude"] == [out.card.person.hex()]


def test_choice_says_what_it_does_and_who_introduced_whom(world: World) -> None:
    text = world.client().get("report").text
    assert "通報があることと届いた日は、知られることがあります" in text
    assert "監査部 1 監査 1 紹介した人：監査 0（監査部 0）" in text
    assert text.index("監査部 0") < text.index("監査 0")


def test_excluding_everybody_leads_outside_and_keeps_the_form(world: World, client: CheckedClient) -> None:
    everybody = [one.card.person.hex() for one in world.auditors]
    page = client.report(exclude=everybody, **ANSWERS)
    assert page.status == 400 and stored(world) == 0
    assert kept(page, ANSWERS) and page.ticked("exclude") == everybody
    assert any(link.get("href") == "/ja/outside" for link in page.all("main")[0].iter() if link.get("href"))


def test_excluding_whoever_vouched_for_the_rest_counts_as_everybody(world: World) -> None:
    """A later one, whom only the second introduced, goes with the second; without the founder nobody is
    left."""
    later = newcomer(world.auditors[1].identity)
    with db.writing(world.engine) as conn:
        enroll(conn, later.card)
    chosen = [world.auditors[0].card.person.hex(), world.auditors[1].card.person.hex()]
    page = world.client().report(exclude=chosen, what_happened="三人目も")
    assert page.status == 400 and stored(world) == 0 and page.ticked("exclude") == chosen


def test_exclusion_added_in_a_changed_form_holds_for_it(world: World) -> None:
    client, out = world.client(), world.auditors[1]
    hidden = client.form()
    client.report(hidden, what_happened="一通目")
    client.report(hidden, exclude=[out.card.person.hex()], what_happened="二通目")
    _, (_, message) = envelopes(world)
    with pytest.raises(CannotOpen):
        open_as(out, message.raw)
    assert open_as(world.auditors[0], message.raw).payload["exclude"] == [out.card.person.hex()]


def test_exclusion_taken_back_in_a_changed_form_still_holds(world: World) -> None:
    client, out = world.client(), world.auditors[1]
    hidden = client.form()
    client.report(hidden, exclude=[out.card.person.hex()], what_happened="一通目")
    client.report(hidden, what_happened="二通目")
    _, (_, message) = envelopes(world)
    with pytest.raises(CannotOpen):
        open_as(out, message.raw)


def test_retired_auditor_gets_nothing_and_can_still_be_excluded(world: World, client: CheckedClient) -> None:
    gone, person = world.auditors[1].card.key_id, world.auditors[1].card.person.hex()
    client.get("report")
    with db.writing(world.engine) as conn:
        retire(conn, world.auditors[1])
    page = client.get("report")
    assert person not in page.html
    assert client.report(exclude=[person], what_happened="退任者").status == 200
    ((_, row),) = envelopes(world)
    assert gone not in {slot.key_id for slot in decode(row.raw).slots}


def test_card_that_nobody_vouched_for_is_sealed_nothing(world: World) -> None:
    """Anyone who can write into the database can't make the server seal to a key of his own."""
    false = newcomer(newcomer(world.auditors[0].identity).identity, "侵入者")
    with db.writing(world.engine) as conn:
        enroll(conn, false.card)
    client = world.client()
    assert "侵入者" not in client.get("report").html and "侵入者" not in client.get("keys").html
    client.report(what_happened="本物だけ")
    ((_, row),) = envelopes(world)
    assert false.card.key_id not in {slot.key_id for slot in decode(row.raw).slots}


@pytest.mark.parametrize("by", ["nobody", "a stranger", "another card's note"])
def test_a_retirement_that_nobody_signed_retires_nobody(world: World, by: str) -> None:
    """Anyone who can write into the database can't make reports go to the accused auditor alone."""
    honest, accused = world.auditors[1], world.auditors[0]
    stranger = newcomer(accused.identity).identity
    of, signer = {
        "nobody": (honest.card.key_id, honest.identity),
        "a stranger": (honest.card.key_id, stranger),
        "another card's note": (accused.card.key_id, accused.identity),
    }[by]
    note = crypto_cards.new_retirement(of, world.day, signer.key_id, signer.sign_seed)
    with db.writing(world.engine) as conn:
        raw = b"" if by == "nobody" else note.encode()
        store_cards.retire(conn, honest.card.key_id, raw, world.day)
    client = world.client()
    assert honest.card.name["ja"] in client.get("report").html
    client.report(what_happened="二人に")
    assert open_as(honest, envelopes(world)[0][1].raw).payload["what_happened"] == "二人に"


def test_nobody_enrolled_leads_outside(tmp_path: Any) -> None:
    world = make_world(tmp_path, auditors=0)
    page = world.client().get("report")
    assert page.status == 503 and not page.all("form")
    assert any(link.get("href") == "/ja/outside" for link in page.all("a"))


def test_nobody_enrolled_any_more_keeps_the_form(world: World, client: CheckedClient) -> None:
    hidden = client.form()
    with db.writing(world.engine) as conn:
        for one in world.auditors:
            retire(conn, one)
    page = client.report(hidden, **ANSWERS)
    assert page.status == 503 and kept(page, ANSWERS) and page.fields["code"] == hidden["code"]


def test_everybody_who_introduced_a_person_is_named(world: World, client: CheckedClient) -> None:
    """A second key under a colleague's name, which another lead brought in (ADR 0002)."""
    lead, old = newcomer(world.auditors[0].identity, "第二の責任者", duty="lead"), world.auditors[1].card
    made = new_identity()
    second = crypto_cards.new_card(made.box_pk, made.sign_pk, made.sign_seed, old.name, old.role, old.person)
    second = crypto_cards.vouch(second, lead.identity.key_id, lead.identity.sign_seed)
    with db.writing(world.engine) as conn:
        enroll(conn, lead.card)
        enroll(conn, second)
    text = client.get("report").text
    assert "紹介した人：監査 0（監査部 0） 紹介した人：第二の責任者（" in text
