"""What is sealed to goes by the log (docs/format.md, 1.4 and 8.1): what /keys.json shows, and how the server seals."""

from __future__ import annotations

import pytest

from crypto import logleaf, plainleaf, seal
from crypto.cards import new_card, vouch
from crypto.encoding import b64d, b64e
from crypto.envelope import Kind, decode
from crypto.errors import LowOrderKey
from crypto.listing import NOTHING, check_readers
from crypto.logged_list import logged_length
from store import db
from tests.portal.client import CheckedClient
from tests.portal.conftest import World, enroll, newcomer, retire
from tests.portal.desk import envelopes, open_as
from tests.portal.test_log import logged, mirror, page, report_of, tick
from tests.portal.test_sealed import page_of
from tests.support.sealed_client import SealedPage
from tests.support.site import Auditor
from tests.vectors.parts import SMALL_ORDER

__all__ = ["logged", "page"]
TEXT = "名簿が隠されています。"


def joined(world: World) -> Auditor:
    late = newcomer(world.auditors[0].identity)
    with db.writing(world.engine) as conn:
        enroll(conn, late.card)
    return late


def slots(world: World, which: int = -1) -> set[bytes]:
    return {slot.key_id for slot in decode(envelopes(world)[which][1].raw).slots}


def keys_of(world: World) -> set[bytes]:
    return {auditor.card.key_id for auditor in world.auditors}


def test_the_site_shows_where_its_log_names_the_list(logged: World) -> None:
    for _ in range(3):
        keys = page_of(logged).keys
        shown = keys["log"]["listed"]
        assert mirror(logged)[shown["index"]] == b64d(shown["leaf"])
        assert logged_length(keys["log"], page_of(logged).listing, logged.salt) == 2
        assert plainleaf.word_of(b64d(shown["leaf"])) == ("list" if shown["index"] == 4 else "day")
        tick(logged, days=1)


def test_without_scripts_a_card_waits_for_the_log(logged: World, client: CheckedClient) -> None:
    client.report(what_happened=TEXT)
    late = joined(logged)
    asked = client.get("report")
    assert late.card.name["ja"] not in asked.text, "the form shows whom it will be sealed to"
    shown = client.get("keys").text
    assert late.card.name["ja"] in shown and "これから担当になる人" in shown
    code = client.report(what_happened=TEXT).code
    assert slots(logged) == keys_of(logged)
    tick(logged, days=1)
    assert late.card.name["ja"] in client.get("report").text
    assert "これから担当になる人" not in client.get("keys").text
    client.reply(client.look(code), "続きです")
    assert slots(logged) == keys_of(logged) | {late.card.key_id}
    payload = open_as(late, envelopes(logged)[-1][1].raw).payload
    assert payload["readers"]["length"] == 3


def test_a_page_that_seals_to_a_card_that_waits_is_refused(logged: World, page: SealedPage) -> None:
    page.send("report", report_of(page))
    late = joined(logged)
    eager = page_of(logged)
    body = eager.report_body({"what_happened": TEXT})
    wide = [*eager.slots(), seal.Recipient(late.card.key_id, late.card.box_pk, False)]
    sealed = seal.seal(Kind.REPORT, bytes(16), {"v": 1}, wide)
    assert eager.send("report", {**body, "envelope": b64e(sealed.raw)}) == (409, {"error": "recipients"})
    assert eager.send("report", body)[0] == 200


def test_a_retirement_counts_at_once_and_desks_take_it_so(logged: World, client: CheckedClient) -> None:
    client.report(what_happened=TEXT)
    with db.writing(logged.engine) as conn:
        retire(conn, logged.auditors[1])
    client.report(what_happened=TEXT)
    assert slots(logged) == {logged.auditors[0].card.key_id}
    raw = envelopes(logged)[-1][1].raw
    payload = open_as(logged.auditors[0], raw).payload
    known = page_of(logged).listing
    assert payload["readers"]["length"] == 2 and len(known) == 3, "the log's list, and what was retired since"
    check_readers(known, slots(logged), payload, logged.auditors[0].card.key_id, NOTHING)


def test_sealed_by_the_list_of_before_the_batch_is_asked_again(logged: World, page: SealedPage) -> None:
    """Also where the batch came between reading the list and storing: nobody new is left out unseen."""
    page.send("report", report_of(page))
    joined(logged)
    before = page_of(logged)
    body = before.report_body({"what_happened": TEXT})
    tick(logged, days=1)
    assert before.send("report", body) == (409, {"error": "recipients"})


@pytest.mark.parametrize("is_entered", [False, True])
def test_a_form_comes_back_with_who_came_into_the_log(
    logged: World, client: CheckedClient, is_entered: bool
) -> None:
    client.report(what_happened=TEXT)
    hidden = client.form()
    late = joined(logged)
    if is_entered:
        tick(logged, days=1)
    sent = client.report(hidden, what_happened=TEXT)
    assert (late.card.name["ja"] in sent.text) == is_entered
    assert (sent.status == 200) == (not is_entered)


@pytest.mark.parametrize("what", SMALL_ORDER)
def test_a_card_that_no_leaf_could_be_made_for_is_on_no_list(
    logged: World, page: SealedPage, what: str
) -> None:
    """Written into the database: a tag for it can't be made, and it must stop no report."""
    reader = logleaf.Reader(bytes(16), SMALL_ORDER[what])
    opening = logleaf.envelope_opening("report", bytes(16), b"x", bytes(32))
    with pytest.raises(LowOrderKey):
        logleaf.make(bytes(32), opening, [reader])
    lead, bad = logged.auditors[0].identity, newcomer(logged.auditors[0].identity).identity
    card = new_card(
        SMALL_ORDER[what],
        bad.sign_pk,
        bad.sign_seed,
        {"ja": "だれか", "en": "Somebody"},
        {"ja": "法務", "en": "Legal"},
    )
    with db.writing(logged.engine) as conn:
        enroll(conn, vouch(card, lead.key_id, lead.sign_seed))
    assert len(page_of(logged).listing) == 2
    assert page.send("report", report_of(page))[0] == 200
    tick(logged, days=1)
    assert page_of(logged).keys["log"]["length"] == 2
