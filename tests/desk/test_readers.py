"""To whom an envelope was sealed: what each desk says of one that was not sealed to the list (format.md, 2.5).

Attacks of the review of 2026-11-27 (F3, F15), variants, and no false alarm where the list changes as it should.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from admin.desk.casework.addressed import floor_of, with_floor
from crypto import cards as crypto_cards
from crypto import messages, seal
from crypto.cards import Card
from crypto.encoding import b64d, b64e
from crypto.envelope import Kind
from crypto.identity import Identity, new_identity
from crypto.listing import Floor, Listing, readers_field
from crypto.receipt import derive, new_code
from crypto.unseal import unseal
from store import cases as store_cases
from store import db, reports
from store import tables as t
from store.outcome import Outcome
from tests.api.client import Caller
from tests.desk.browser import Browser, Page
from tests.desk.world import CountingTransport, Sent, World
from tests.support.attacks import sealed_anew
from tests.support.site import Auditor
from tests.support.stored import new_report

EXCHANGED = "書いた人が署名した相手のものと一致しません"
UNKNOWN = "このデスクのどの名簿にもない鍵"
MISSING = "あなた向けの枠がありません"
UNFIT = "名簿のどの時点とも一致しません"
LONGER = "名簿より長い名簿"
OTHER = "とは別の名簿で暗号化されています"
ALL = (EXCHANGED, UNKNOWN, MISSING, UNFIT, LONGER, OTHER)
IN_THE_INBOX = ("担当者の名簿と合わない", "この通報はあなたの鍵向けに暗号化されていません")


def sealed_report(world: World, to: Sequence[tuple[bytes, bytes]], listing: Listing, **changed: Any) -> Sent:
    """Put a report into the store that a page sealed to these keys, by this list."""
    code = new_code()
    receipt, envelope_id = derive(code, world.salt), secrets.token_bytes(16)
    payload = messages.report_payload({"what_happened": "MARKER-3"}, [], receipt)
    readers = readers_field(listing.prefix(), [key_id for key_id, _pk in to]) | changed
    named = {**payload, "readers": readers, "envelope_id": envelope_id.hex()}
    signed = messages.sign_reporter(Kind.REPORT, named, receipt)
    sealed = seal.seal(Kind.REPORT, envelope_id, signed, [seal.Recipient(*one) for one in to])
    new = new_report(receipt, envelope_id, sealed, world.day)
    with db.writing(world.engine) as conn:
        assert reports.add_report(conn, new) is Outcome.STORED
    return Sent(code, receipt, envelope_id, sealed.content_key)


def key(who: Auditor | Identity) -> tuple[bytes, bytes]:
    own = who.identity if isinstance(who, Auditor) else who
    return own.key_id, own.box_pk


def exchange(world: World, sent: Sent, to: Sequence[tuple[bytes, bytes]]) -> None:
    """Seal a report anew with its own content key, as any of its readers can."""
    with db.writing(world.engine) as conn:
        one = t.envelope.c.envelope_id == sent.envelope_id
        raw = conn.scalar(t.envelope.select().with_only_columns(t.envelope.c.raw).where(one))
        conn.execute(update(t.envelope).where(one).values(raw=sealed_anew(raw or b"", sent.content_key, to)))


def says(page: Page, *faults: str) -> None:
    """Check that a case page names exactly these faults."""
    assert [one for one in ALL if one in page.text] == [one for one in ALL if one in faults]


# F3


def test_a_report_sealed_anew_is_told_at_every_desk(world: World) -> None:
    """The same K, payload and act key, and a real slot for who was excluded: the signed key ids are the old ones."""
    operator, out = new_identity(), world.auditors[1]
    sent = sealed_report(world, [key(operator), *map(key, world.auditors)], world.listing)
    exchange(world, sent, [key(one) for one in world.auditors])
    for who in (0, 1, 2):
        page = Browser(world.desk(who)).case(sent.case_id)
        says(page, EXCHANGED)
        assert "MARKER-3" in page.text, "what came is shown all the same"
    assert any(one.fault == "SlotsExchanged" for one in world.reporter_sees(sent).entries)
    assert IN_THE_INBOX[0] in Browser(world.desk(2)).get().text and out.card


def test_a_report_for_a_key_that_is_on_no_list(world: World) -> None:
    """A list rebuilt with one more card in front, not sealed anew: opened by those who have a slot."""
    operator, first = new_identity(), world.auditors[0].card
    front = crypto_cards.new_card(
        operator.box_pk, operator.sign_pk, operator.sign_seed, first.name, first.role, first.person
    )
    rebuilt = [front]
    for one in world.auditors:
        own = one.card
        bare = Card(own.person, own.name, own.role, own.box_pk, own.sign_pk, own.sig)
        rebuilt.append(crypto_cards.vouch(bare, operator.key_id, operator.sign_seed))
    sent = sealed_report(world, [key(operator), *map(key, world.auditors)], Listing(rebuilt))
    says(Browser(world.desk(0)).case(sent.case_id), UNKNOWN)


def test_a_report_for_one_key_of_the_operators(world: World) -> None:
    """A row for a minute: no desk opens it, and each says for certain why, without a case that looks shut."""
    operator = new_identity()
    sent = sealed_report(world, [key(operator)], world.listing)
    for who in (0, 1):
        browser = Browser(world.desk(who))
        assert IN_THE_INBOX[0] in browser.get().text
        says(browser.case(sent.case_id), UNKNOWN)


@pytest.mark.parametrize("known_before", [True, False])
def test_a_report_for_a_lead_who_was_retired(world: World, known_before: bool) -> None:
    """Un-retired for one reporter, all others retired in that name: one slot, and nobody of us opens it."""
    world.promote(1)
    lead = world.auditors[1]
    world.retire(1, by=0)
    browser = Browser(world.desk(2))
    if known_before:
        browser.get()
    sent = sealed_report(world, [key(lead)], world.listing)
    page = browser.case(sent.case_id)
    assert UNFIT in page.text and "MARKER-3" not in page.html
    assert IN_THE_INBOX[0] in browser.get().text


def test_a_report_for_the_founder_alone_when_others_were_there(world: World) -> None:
    """A variant: at one place of the list the founder was alone. A desk that knew a longer list before says so."""
    founder = world.auditors[0]
    fresh, knowing = Browser(world.desk(1)), Browser(world.desk(2))
    knowing.get()
    sent = sealed_report(world, [key(founder)], world.listing)
    page = knowing.case(sent.case_id)
    assert UNFIT in page.text and "MARKER-3" not in page.html
    # A desk that comes new can't tell it from a report of the first days.
    assert not any(one in fresh.get().text for one in ALL)
    # The founder's desk opens it: the signed list has the others on it.
    says(Browser(world.desk(0)).case(sent.case_id), UNFIT)


def test_no_slot_for_me_is_told_from_being_excluded(world: World) -> None:
    shut = world.report([world.auditors[2].card.person])
    knowing = Browser(world.desk(2))
    knowing.get()
    sent = sealed_report(world, [key(world.auditors[0]), key(world.auditors[1])], world.listing)
    inbox = knowing.get().text
    assert IN_THE_INBOX[1] in inbox
    says(knowing.case(sent.case_id), MISSING)
    assert shut.case_id.hex()[:4].upper() not in inbox, "of a case that is shut nothing is shown"
    says(Browser(world.desk(0)).case(sent.case_id), UNFIT)


def test_another_digest_or_a_longer_list(world: World) -> None:
    to = [key(one) for one in world.auditors]
    other = sealed_report(world, to, world.listing, digest="A" * 43)
    longer = sealed_report(world, to, world.listing, length=40)
    browser = Browser(world.desk(0))
    says(browser.case(other.case_id), OTHER)
    says(browser.case(longer.case_id), LONGER)


def test_an_answer_whose_slots_were_exchanged_is_told_to_both_sides(world: World, browser: Browser) -> None:
    sent = world.report()
    browser.reply(sent.case_id, "返事です。")
    with db.reading(world.engine) as conn:
        row = store_cases.envelopes(conn, sent.case_id)[-1]
    own = world.auditors[0].identity
    content_key = unseal(row.raw, own.box_sk, own.box_pk, own.key_id).content_key
    raw = sealed_anew(row.raw, content_key, [key(one) for one in world.auditors[:2]])
    act = messages.sign(seal.act_seed(sent.content_key), messages.act_text(sent.case_id, raw))
    with db.writing(world.engine) as conn:
        one = t.envelope.c.envelope_id == row.envelope_id
        conn.execute(update(t.envelope).where(one).values(raw=raw, act_sig=act))
    says(Browser(world.desk(1)).case(sent.case_id), EXCHANGED)
    assert [one.fault for one in world.reporter_sees(sent).entries] == ["", "SlotsExchanged"]


# No false alarm


def test_a_list_that_changes_as_it_should_alarms_nobody(world: World) -> None:
    """Reports, answers and records between enrolments, an observer and retirements; desks that were there and new
    ones.
    """
    first, second = Browser(world.desk(0)), Browser(world.desk(1))
    sent = [world.report()]
    second.get()
    first.reply(sent[0].case_id, "一つ目の返事。")
    for step in ("newcomer", "observer", "lead", "retired"):
        if step == "newcomer":
            world.auditors.append(world.newcomer(0))
            world.enroll(world.auditors[-1].card)
        elif step == "observer":
            world.enroll(world.newcomer(0, "observer").card)
        elif step == "lead":
            world.promote(2)
        else:
            world.retire(3, by=0)
        sent.append(world.report())
        first.reply(sent[-1].case_id, f"{step}への返事。")
        second.get()
    for browser in (first, second, Browser(world.desk(2))):
        inbox = browser.get().text
        assert not any(one in inbox for one in IN_THE_INBOX)
        for one in sent:
            page = Page(browser.raw("GET", f"/ja/cases/{one.case_id.hex()}"))
            assert not any(fault in page.text for fault in ALL)
    for one in sent:
        assert all(not entry.fault for entry in world.reporter_sees(one).entries)


def test_a_card_between_the_list_and_the_changes_alarms_nobody(world: World) -> None:
    wire = CountingTransport()
    browser = Browser(world.desk(0, transport=wire))
    browser.get()
    sent: list[Sent] = []

    def late(request: httpx.Request) -> None:
        if request.url.path.endswith("/changes") and not sent:
            newcomer = world.newcomer(0)
            world.enroll(newcomer.card)
            sent.append(world.report())

    wire.before = late
    assert not any(one in browser.get().text for one in IN_THE_INBOX)
    says(browser.case(sent[0].case_id))


def test_the_floor_only_rises_and_is_asked_by_place() -> None:
    floors = with_floor([], 0, Floor(2, 3))
    floors = with_floor(floors, 10, Floor(2, 3))
    floors = with_floor(floors, 20, Floor(1, 5))
    assert floors == [(0, Floor(2, 3)), (20, Floor(2, 5))]
    before = [floor_of(floors, seq) for seq in (0, 1, 20, 21)]
    assert before == [Floor(), Floor(2, 3), Floor(2, 3), Floor(2, 5)]
    put_back = with_floor(floors, 5, Floor(3, 4))
    assert put_back == [(0, Floor(2, 3)), (5, Floor(3, 4))], "the feed was put back"


# F15, and its twin: deletion


def test_an_act_signature_is_not_carried_to_another_author(world: World, browser: Browser) -> None:
    sent = world.report()
    browser.set_status(sent.case_id, "investigating")
    with db.writing(world.engine) as conn:
        (row,) = store_cases.statuses(conn, sent.case_id)
        other = world.auditors[1].identity
        text = messages.status_text(sent.case_id, 1, other.key_id, row.status, row.day)
        sig = messages.sign(other.sign_seed, text)
        conn.execute(update(t.status).values(author=other.key_id, sig=sig))
    page = Browser(world.desk(2)).case(sent.case_id)
    assert "未確認：この案件に対応できる人の正しい署名がありません。" in page.text
    assert world.reporter_sees(sent).statuses == []


def test_a_proposals_act_signature_is_not_carried_either(world: World) -> None:
    """A person who never opened the report takes a colleague's act signature from the feed."""
    sent, first, second = world.report(), Caller(world), Caller(world, 1)
    assert first.delete(sent).status_code == 201 and first.keep(sent).status_code == 201
    changes = second.get("/api/v1/changes?after=0").get_json()["changes"]
    acts = {one["what"]: one["acts"][0] for one in changes if "acts" in one}
    own = second.identity
    for path, what, make in (
        ("deletion", "deletion", messages.delete_text),
        ("keep", "kept", messages.keep_text),
    ):
        sig = messages.sign(own.sign_seed, make(sent.case_id, own.key_id, world.day))
        body = {"day": world.day.isoformat(), "sig": b64e(sig), "act_sig": acts[what]["act_sig"]}
        answer = second.post(f"/api/v1/cases/{sent.case_id.hex()}/{path}", body)
        assert (answer.status_code, answer.get_json()) == (403, {"error": "act_signature"})
    assert b64d(acts["deletion"]["act_sig"])
