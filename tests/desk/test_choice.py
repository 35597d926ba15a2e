"""Whom the reporter excluded, at a desk: the newest number that it knows, and what a server can keep from it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete

from admin.desk.casework.handover import verdict
from admin.desk.casework.situation import ChoiceWithheld
from admin.desk.web.context import desk_of
from cases.records import Record
from crypto import messages
from crypto.choice import Choice
from crypto.encoding import b64e
from crypto.envelope import Kind
from crypto.errors import CannotOpen
from crypto.receipt import derive, new_code, parse_code
from crypto.unseal import unseal
from store import cases, db
from store import tables as t
from tests.desk.browser import Browser
from tests.desk.world import Sent, World
from tests.support.reporter import Reporter

WITHHELD = "その選択はこのデスクに届いていません"


def _accused(world: World) -> str:
    return world.auditors[2].card.person.hex()


def _last(world: World, case_id: bytes) -> bytes:
    with db.reading(world.engine) as conn:
        return cases.envelopes(conn, case_id)[-1].raw


def _opens_for(world: World, which: int, raw: bytes) -> bool:
    who = world.auditors[which].identity
    try:
        unseal(raw, who.box_sk, who.box_pk, who.key_id)
    except CannotOpen:
        return False
    return True


def _colleague_names(world: World, sent: Sent, number: int) -> None:
    """A colleague, whose desk was given more, answers."""
    own, envelope_id = world.auditors[1].identity, secrets.token_bytes(16)
    payload = messages.auditor_payload(
        Kind.TO_REPORTER,
        own.key_id,
        sent.case_id,
        envelope_id,
        {"message": "同僚の返事"},
        [],
        own.sign_seed,
        world.readers(),
        number,
    )
    world.store_message(sent, Kind.TO_REPORTER, envelope_id, payload)


def test_an_answer_names_the_newest_choice_and_the_reporters_page_reads_it(
    world: World, browser: Browser
) -> None:
    reporter = Reporter("127.0.0.1", urlsplit(world.url).port or 0)
    hidden = reporter.form()
    code = reporter.report(hidden, what_happened="流出").code
    receipt = derive(parse_code(code), world.salt)
    sent = Sent(code, receipt, b"", b"")
    browser.reply(receipt.case_id, "はじめの返事")
    reporter.report(hidden, exclude=[_accused(world)], what_happened="流出")
    browser.reply(receipt.case_id, "次の返事")
    assert not _opens_for(world, 2, _last(world, receipt.case_id))
    seen = world.reporter_sees(sent)
    numbers = [seen.head.opened[one].payload["choice"] for one in seen.head.answers]
    assert numbers == [1, 2] and seen.head.stop is None
    # Everything newer than the report is withheld from the reporter, and so is the record: the answer tells.
    with db.writing(world.engine) as conn:
        kind_two = t.envelope.c.kind == 2
        ids = t.envelope.select().with_only_columns(t.envelope.c.envelope_id).where(kind_two)
        conn.execute(delete(t.grant).where(t.grant.c.envelope_id.in_(ids)))
        conn.execute(t.case_file.update().values(mailbox_record=b""))
    assert world.reporter_sees(sent).head.known.number == 2
    page = reporter.status(code)
    assert reporter.reply(page, "次").status == 400


def test_a_choice_that_only_a_colleague_was_given_stops_this_desk(world: World, browser: Browser) -> None:
    sent = world.report()
    _colleague_names(world, sent, 2)
    page = browser.case(sent.case_id)
    # It is the colleague's word, who may be wrong: the page says whose it is, and does not only blame the server.
    assert WITHHELD in page.text and "同僚の返事" in page.text
    assert "監査 1" in page.text.split(WITHHELD)[0].rsplit("。", 1)[-1] and "事実と違うか" in page.text
    refused = browser.reply(sent.case_id, "この返信は残る", page)
    assert "返事は送っていません" in refused.text and "この返信は残る" in refused.html
    work = desk_of(world.apps[0]).work()
    situation = work.refresh()
    found = work.case(situation, sent.case_id)
    assert found is not None and found.choice == 1
    # Nor is the case handed over to a newcomer: what is missing may exclude that person.
    assert verdict(found, world.auditors[1].card, situation.roster, closed=True) == "unread"
    with pytest.raises(ChoiceWithheld):
        work.add_record(situation, found, secrets.token_bytes(16), Record("note", {"text": "覚え書き"}))
    # The choice comes after all: the desk goes on, and the accused reads nothing.
    form = {"what_happened": "流出", "exclude": [_accused(world)]}
    world.from_reporter(sent, form, number=2)
    assert WITHHELD not in browser.case(sent.case_id).text
    browser.reply(sent.case_id, "今度の返事")
    assert not _opens_for(world, 2, _last(world, sent.case_id))


def test_a_withheld_form_is_made_good_by_the_next_message(world: World, browser: Browser) -> None:
    """The changed form never reaches the desk; a plain message names the whole choice again."""
    sent = world.report()
    world.from_reporter(sent, {"message": "続きです", "exclude": [_accused(world)]}, number=3)
    browser.reply(sent.case_id, "返事です")
    assert not _opens_for(world, 2, _last(world, sent.case_id))
    assert WITHHELD not in browser.case(sent.case_id).text


def test_a_forgers_report_can_not_hand_its_keys_on_to_the_true_code(world: World, browser: Browser) -> None:
    """The code's keys are public to the server; without its signature nothing is taken over (ADR 0012)."""
    code, forger = new_code(), derive(new_code(), world.salt)
    receipt = derive(code, world.salt)
    keys = replace(receipt, sign_seed=forger.sign_seed, sign_pk=forger.sign_pk)
    payload = messages.report_payload({"what_happened": "備品の話"}, [], keys)
    sent = world.store_report(code, receipt, payload, signer=forger)
    taken = messages.sign(
        forger.sign_seed, messages.taken_text(sent.case_id, forger.sign_pk, receipt.mailbox_pk)
    )
    handed = messages.new_keys_message(receipt, keys, [], sent.case_id, Choice(frozenset(), 1))
    envelope_id = secrets.token_bytes(16)
    named = {**handed, "envelope_id": envelope_id.hex(), "new_sig": b64e(taken)}
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named, forger)
    world.store_message(sent, Kind.FROM_REPORTER, envelope_id, signed)
    world.from_reporter(sent, {"message": "ほんとうの続報"})
    page = browser.case(sent.case_id)
    change, message = ("".join(one.itertext()) for one in page.all("article")[-2:])
    assert "未確認" in change and "ほんとうの続報" in message and "未確認" in message
    assert page.all("p", id="foreign")
