"""Grants, cards, retirements and numbers: who may send them, and what they change."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from crypto import cards as crypto_cards
from crypto import seal
from crypto.encoding import b64d, b64e, canonical_json
from crypto.identity import new_identity
from crypto.unseal import unseal
from store import cards as store_cards
from store import db, tables
from store import grants as store_grants
from store.config.settings import PromiseSettings
from tests.api.client import Caller
from tests.desk.world import Sent, World
from tests.support.site import Auditor


def grants_in(world: World) -> int:
    with db.reading(world.engine) as conn:
        return len(conn.execute(select(tables.grant)).all())


def on_keys_page(world: World, caller: Caller) -> list[str]:
    return [
        crypto_cards.parse_card(_raw(one["card"])).key_id.hex()
        for one in _keys(caller)["list"]
        if "card" in one
    ]


def _keys(caller: Caller) -> dict[str, list[dict[str, dict[str, object]]]]:
    return dict(caller.client.get("/keys.json").get_json())


def _raw(card: dict[str, object]) -> bytes:
    return canonical_json(card)


def test_a_newcomer_reads_an_older_report_through_a_grant(world: World, caller: Caller, sent: Sent) -> None:
    new = world.newcomer(0)
    assert caller.post("/api/v1/cards", {"card": b64e(new.card.encode())}).status_code == 201
    world.auditors.append(new)
    their, ids = Caller(world, 3), {"ids": [sent.envelope_id.hex()]}
    assert their.post("/api/v1/envelopes", ids).get_json()["envelopes"][0]["grants"] == []
    body = caller.grants((sent.envelope_id, new.identity))
    body["grants"][0]["sealed"] = b64e(seal.grant(sent.content_key, new.identity.box_pk))
    answer = caller.post("/api/v1/grants", body)
    assert (answer.status_code, answer.get_json()) == (201, {})
    (found,) = their.post("/api/v1/envelopes", ids).get_json()["envelopes"]
    who, given = new.identity, [b64d(one) for one in found["grants"]]
    opened = unseal(b64d(found["raw"]), who.box_sk, who.box_pk, who.key_id, given)
    assert opened.payload["what_happened"] == "印のついた文 MARKER-7"


def test_an_own_grant_is_replaced_and_anothers_is_not(world: World, caller: Caller, sent: Sent) -> None:
    second, third = Caller(world, 1), Caller(world, 2)
    to_third = (sent.envelope_id, third.identity)
    for who, sealed in ((caller, b"a" * 80), (second, b"b" * 80), (caller, b"c" * 80)):
        assert who.post("/api/v1/grants", who.grants(to_third, sealed=sealed)).status_code == 201
    answer = third.post("/api/v1/envelopes", {"ids": [sent.envelope_id.hex()]}).get_json()
    assert {b64d(one) for one in answer["envelopes"][0]["grants"]} == {b"b" * 80, b"c" * 80}


def test_grants_go_to_whom_envelopes_are_sealed_to(
    world: World, caller: Caller, sent: Sent, observer: Auditor
) -> None:
    world.retire(2, by=0)
    before = grants_in(world)
    stranger = world.newcomer(0).identity
    good = (sent.envelope_id, world.auditors[1].identity)
    for who in (stranger, world.auditors[2].identity, observer.identity):
        answer = caller.post("/api/v1/grants", caller.grants(good, (sent.envelope_id, who)))
        assert (answer.status_code, answer.get_json()) == (409, {"error": "recipients"})
    answer = caller.post("/api/v1/grants", caller.grants(good, (os.urandom(16), good[1])))
    assert (answer.status_code, answer.get_json()) == (404, {"error": "not_found"})
    bodies: list[dict[str, object]] = [
        {"grants": []},
        caller.grants(good, good),
        caller.grants(good, sealed=b"short"),
        caller.grants(*[(os.urandom(16), good[1]) for _ in range(201)]),
        {"grants": [{"envelope_id": "x"}]},
        {"grants": None},
    ]
    for body in bodies:
        assert caller.post("/api/v1/grants", body).status_code == 400
    assert grants_in(world) == before


def test_nobody_enrols_without_a_trace(world: World, caller: Caller) -> None:
    new = world.newcomer(0)
    body = {"card": b64e(new.card.encode())}
    assert [caller.post("/api/v1/cards", body).status_code for _ in range(2)] == [201, 200]
    assert on_keys_page(world, caller)[-1] == new.card.key_id.hex()
    assert caller.post("/api/v1/retirements", caller.retirement(new.identity)).status_code == 201
    assert (
        on_keys_page(world, caller)[-1] == new.card.key_id.hex() and "retirement" in _keys(caller)["list"][-1]
    )


def test_only_the_asker_vouches(world: World, caller: Caller) -> None:
    alone = world.newcomer(0).card
    by_second, by = world.newcomer(1).card, caller.identity
    other = crypto_cards.vouch(world.newcomer(0).card, by.key_id, world.auditors[1].identity.sign_seed)
    unsigned = crypto_cards.Card(alone.person, alone.name, alone.role, alone.box_pk, alone.sign_pk, alone.sig)
    for card in (by_second, other, unsigned):
        answer = caller.post("/api/v1/cards", {"card": b64e(card.encode())})
        assert (answer.status_code, answer.get_json()) == (403, {"error": "voucher"})
    for raw in (b"", b"{}", alone.encode()[:-2], alone.encode().replace(b"Hanako", b"Hamako")):
        answer = caller.post("/api/v1/cards", {"card": b64e(raw)})
        assert (answer.status_code, answer.get_json()) == (400, {"error": "card"})
    again = crypto_cards.vouch(world.auditors[1].card, by.key_id, by.sign_seed)
    renamed = crypto_cards.new_card(
        again.box_pk, again.sign_pk, world.auditors[1].identity.sign_seed, again.name, {"ja": "別", "en": "x"}
    )
    renamed = crypto_cards.vouch(renamed, by.key_id, by.sign_seed)
    answer = caller.post("/api/v1/cards", {"card": b64e(renamed.encode())})
    assert (answer.status_code, answer.get_json()) == (409, {"error": "exists"})
    assert len(on_keys_page(world, caller)) == 3


def test_nobody_takes_another_name(world: World, caller: Caller) -> None:
    """A plain auditor's own new key under another name, a colleague's, or what looks like it (F1)."""
    second, old, other = Caller(world, 1), world.auditors[1].card, world.auditors[2].card
    own, before = second.identity, on_keys_page(world, caller)

    def sent(
        by: Caller, person: bytes, name: dict[str, str], role: dict[str, str]
    ) -> tuple[int, dict[str, str]]:
        made = new_identity()
        card = crypto_cards.new_card(made.box_pk, made.sign_pk, made.sign_seed, name, role, person)
        signed = crypto_cards.vouch(card, by.identity.key_id, by.identity.sign_seed)
        answer = by.post("/api/v1/cards", {"card": b64e(signed.encode())})
        return answer.status_code, answer.get_json()

    name, role = dict(old.name), dict(old.role)
    outside = {"ja": "外部窓口 法律事務所", "en": "Law office"}
    refused = (409, {"error": "name"})
    for words in (
        (outside, {"ja": "社外", "en": "Outside"}),
        (dict(other.name), dict(other.role)),
        (name, {**role, "en": "Another role"}),
        ({**name, "ja": name["ja"].replace("1", "１")}, role),
    ):
        assert sent(second, old.person, *words) == refused
    # A lead can't give anybody a name and role that another person has or had; full width and capitals are the same.
    wide = {"ja": other.name["ja"].replace(" ", "\u3000"), "en": other.name["en"].upper()}
    assert sent(caller, old.person, wide, dict(other.role)) == refused
    assert sent(caller, secrets.token_bytes(16), dict(other.name), dict(other.role)) == refused
    assert on_keys_page(world, caller) == before and own
    # A lead may rename somebody; the same role, and the same name with another role, are normal.
    assert sent(caller, old.person, outside, role)[0] == 201
    assert (
        sent(caller, secrets.token_bytes(16), dict(other.name), {"ja": "経理部", "en": "Accounting"})[0]
        == 201
    )
    assert len(on_keys_page(world, caller)) == len(before) + 2


def test_a_lead_retires_and_the_key_is_out(world: World, caller: Caller, sent: Sent) -> None:
    second = Caller(world, 1)
    caller.post("/api/v1/grants", caller.grants((sent.envelope_id, second.identity)))
    body = caller.retirement(second.identity)
    assert [caller.post("/api/v1/retirements", body).status_code for _ in range(2)] == [201, 200]
    assert second.get("/api/v1/changes").status_code == 401
    with db.reading(world.engine) as conn:
        readers = list(conn.scalars(select(tables.grant.c.key_id)))
        assert second.identity.key_id not in readers and sent.receipt.mailbox_key_id in readers
        assert second.identity.key_id not in {row.key_id for row in store_cards.active(conn)}
    # New envelopes have no slot for it: one with a slot is refused.
    assert caller.envelope(sent).status_code == 201
    answer = caller.post(
        f"/api/v1/cases/{sent.case_id.hex()}/envelopes",
        caller.envelope_body(
            sent, slots=[*world.slots(), seal.Recipient(second.identity.key_id, os.urandom(32))]
        ),
    )
    assert answer.get_json() == {"error": "recipients"}


def test_an_auditor_retires_nobody_else(world: World, caller: Caller) -> None:
    second, third = Caller(world, 1), Caller(world, 2)
    answer = second.post("/api/v1/retirements", second.retirement(third.identity))
    assert (answer.status_code, answer.get_json()) == (403, {"error": "duty"})
    # Not in another's name either, and not with another's signature.
    answer = second.post("/api/v1/retirements", caller.retirement(third.identity))
    assert (answer.status_code, answer.get_json()) == (403, {"error": "duty"})
    forged = crypto_cards.new_retirement(
        third.identity.key_id, world.day, caller.identity.key_id, second.identity.sign_seed
    )
    answer = caller.post("/api/v1/retirements", {"retirement": b64e(forged.encode())})
    assert (answer.status_code, answer.get_json()) == (403, {"error": "signature"})
    answer = caller.post(
        "/api/v1/retirements", caller.retirement(third.identity, world.day - timedelta(days=1))
    )
    assert (answer.status_code, answer.get_json()) == (400, {"error": "day"})
    stranger = world.newcomer(0).identity
    assert caller.post("/api/v1/retirements", caller.retirement(stranger)).status_code == 404
    assert caller.post("/api/v1/retirements", {"retirement": "AAAA"}).get_json() == {"error": "retirement"}
    assert third.post("/api/v1/retirements", third.retirement(third.identity)).status_code == 201


def test_the_last_who_reads_and_the_last_lead_stay(world: World, caller: Caller) -> None:
    own = caller.retirement(caller.identity)
    answer = caller.post("/api/v1/retirements", own)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "last"})
    for who in (1, 2):
        their = caller.retirement(world.auditors[who].identity)
        assert caller.post("/api/v1/retirements", their).status_code == 201
    assert caller.post("/api/v1/retirements", own).get_json() == {"error": "last"}
    assert len(world.cards) == 1


def test_numbers_go_from_a_lead_to_observers(world: World, caller: Caller, observer: Auditor) -> None:
    sent = {"numbers": [{"key_id": observer.identity.key_id.hex(), "sealed": b64e(b"sealed numbers")}]}
    assert caller.send(caller.signed("PUT", "/api/v1/numbers", sent)).get_json() == {}
    asked = caller.signed("GET", "/api/v1/numbers", identity=observer.identity)
    assert caller.send(asked).get_json() == {
        "numbers": [
            {
                "author": caller.identity.key_id.hex(),
                "day": world.day.isoformat(),
                "sealed": b64e(b"sealed numbers"),
            }
        ]
    }
    assert caller.get("/api/v1/numbers").get_json() == {"numbers": []}
    second = Caller(world, 1)
    refused = second.send(second.signed("PUT", "/api/v1/numbers", sent))
    assert (refused.status_code, refused.get_json()) == (403, {"error": "duty"})
    to_auditor = {"numbers": [{"key_id": second.identity.key_id.hex(), "sealed": "AAAA"}]}
    refused = caller.send(caller.signed("PUT", "/api/v1/numbers", to_auditor))
    assert (refused.status_code, refused.get_json()) == (409, {"error": "recipients"})
    wrong: list[dict[str, object]] = [
        {"numbers": [*sent["numbers"], *sent["numbers"]]},
        {"numbers": [{}]},
        {"numbers": {}},
    ]
    for bad in wrong:
        assert caller.send(caller.signed("PUT", "/api/v1/numbers", bad)).status_code == 400
    assert caller.send(caller.signed("PUT", "/api/v1/numbers", {"numbers": []})).status_code == 200
    asked = caller.signed("GET", "/api/v1/numbers", identity=observer.identity)
    assert caller.send(asked).get_json() == {"numbers": []}


def test_an_observer_asks_for_numbers_only(
    world: World, caller: Caller, sent: Sent, observer: Auditor
) -> None:
    for target, status in (
        ("/api/v1/site", 200),
        ("/api/v1/numbers", 200),
        ("/api/v1/changes", 403),
        (f"/api/v1/cases/{sent.case_id.hex()}", 403),
        ("/api/v1/none", 403),
    ):
        answer = caller.send(caller.signed("GET", target, identity=observer.identity))
        assert answer.status_code == status, target
        assert status == 200 or answer.get_json() == {"error": "observer"}
    own = observer.identity
    note = crypto_cards.new_retirement(own.key_id, world.day, own.key_id, own.sign_seed)
    body = {"retirement": b64e(note.encode())}
    other = crypto_cards.new_retirement(caller.identity.key_id, world.day, own.key_id, own.sign_seed)
    of_other = caller.signed(
        "POST", "/api/v1/retirements", {"retirement": b64e(other.encode())}, identity=own
    )
    assert caller.send(of_other).get_json() == {"error": "duty"}
    assert caller.send(caller.signed("POST", "/api/v1/retirements", body, identity=own)).status_code == 201


def test_the_sites_promises_are_told(world: World) -> None:
    answer = Caller(world).get("/api/v1/site").get_json()
    nothing = dict.fromkeys(("acknowledge_days", "decide_days", "result_days", "retention_days"))
    assert answer == {"designated": True, "promises": nothing, "received": []}
    world.settings = replace(
        world.settings, promises=PromiseSettings(acknowledge_days=3, retention_days=1095)
    )
    found = Caller(world).get("/api/v1/site").get_json()["promises"]
    assert found == nothing | {"acknowledge_days": 3, "retention_days": 1095}


def test_a_key_has_so_many_requests_a_day(world: World, caller: Caller) -> None:
    with db.writing(world.engine) as conn:
        rows = [
            {"key_id": caller.identity.key_id, "nonce": number.to_bytes(16, "big"), "day": world.day}
            for number in range(19_999)
        ]
        conn.execute(tables.nonce.insert(), rows)
    case = f"/api/v1/cases/{bytes(16).hex()}"
    request = caller.signed("GET", case)
    assert caller.send(request).status_code == 404
    answer = caller.get(case)
    assert (answer.status_code, answer.get_json()) == (429, {"error": "too_many"})
    assert caller.send(request).status_code == 401
    assert Caller(world, 1).get(case).status_code == 404


def test_news_is_fetched_when_all_other_requests_are_used_up(
    world: World, caller: Caller, sent: Sent
) -> None:
    def note(first: int, behind: int) -> None:
        rows = [
            {"key_id": caller.identity.key_id, "nonce": number.to_bytes(16, "big"), "day": world.day}
            for number in range(first, behind)
        ]
        with db.writing(world.engine) as conn:
            conn.execute(tables.nonce.insert(), rows)

    def news() -> list[int]:
        ids = {"ids": [sent.envelope_id.hex()]}
        asked = [caller.get(f"/api/v1/{one}") for one in ("changes", "grants", "site", "numbers")]
        return [one.status_code for one in [*asked, caller.post("/api/v1/envelopes", ids)]]

    note(0, 20_000)
    assert caller.get(f"/api/v1/cases/{sent.case_id.hex()}").status_code == 429
    assert caller.envelope(sent).status_code == 429
    assert news() == [200] * 5
    note(20_005, 30_000)
    assert news() == [429] * 5


def test_grants_are_told_once_and_in_order(world: World, caller: Caller) -> None:
    second = Caller(world, 1)
    reports = [world.report() for _ in range(7)]
    for part in (reports[:3], reports[3:6], reports[6:]):
        new = caller.grants(*[(one.envelope_id, second.identity) for one in part])
        assert caller.post("/api/v1/grants", new).status_code == 201
    assert second.get("/api/v1/changes").get_json()["granted"] == 3
    found = second.get("/api/v1/grants").get_json()
    assert [one["number"] for one in found["grants"]] == [1, 1, 1, 2, 2, 2, 3] and found["upto"] == 3
    assert {one["envelope"] for one in found["grants"]} == {one.envelope_id.hex() for one in reports}
    rest = second.get("/api/v1/grants?after=2").get_json()
    assert [one["envelope"] for one in rest["grants"]] == [reports[6].envelope_id.hex()] and not rest["more"]
    assert caller.get("/api/v1/grants").get_json() == {"grants": [], "more": False, "upto": 0}
    with db.reading(world.engine) as conn:
        # What was granted at one time is never parted.
        rows, more = store_grants.after(conn, second.identity.key_id, 0, 5)
        assert [row.number for row in rows] == [1, 1, 1] and more
        rows, more = store_grants.after(conn, second.identity.key_id, 1, 5)
        assert [row.number for row in rows] == [2, 2, 2, 3] and not more
    # Granted again, it is told again, and what it was before is not.
    assert (
        caller.post("/api/v1/grants", caller.grants((reports[0].envelope_id, second.identity))).status_code
        == 201
    )
    found = second.get("/api/v1/grants").get_json()
    assert [one["number"] for one in found["grants"]] == [1, 1, 2, 2, 2, 3, 4]


def own_key(world: World, who: Auditor, by: Auditor | None = None) -> Auditor:
    """Make another key of somebody's person, vouched for by one of their own keys (or somebody's); not enrolled yet."""
    made, voucher = new_identity(), by or who
    old = who.card
    card = crypto_cards.new_card(made.box_pk, made.sign_pk, made.sign_seed, old.name, old.role, old.person)
    return Auditor(made, crypto_cards.vouch(card, voucher.identity.key_id, voucher.identity.sign_seed))


def test_a_plain_auditors_own_keys_have_an_end(world: World, caller: Caller) -> None:
    """61 own keys filled the list for good; enrolling and retiring in turns let it grow without end."""
    second = Caller(world, 1)
    first = world.auditors[1]

    def enrol(who: Caller, new: Auditor) -> tuple[int, object]:
        answer = who.post("/api/v1/cards", {"card": b64e(new.card.encode())})
        return answer.status_code, answer.get_json().get("error")

    def retire(own: Auditor) -> None:
        by = own.identity
        note = crypto_cards.new_retirement(by.key_id, world.day, by.key_id, by.sign_seed)
        body = {"retirement": b64e(note.encode())}
        assert second.send(second.signed("POST", "/api/v1/retirements", body, identity=by)).status_code == 201

    keys = [own_key(world, first) for _ in range(3)]
    assert enrol(second, keys[0]) == (201, None) and enrol(second, keys[0]) == (200, None)
    assert enrol(second, keys[1]) == (409, "own_keys")
    # With the key that is new, too: the person counts.
    newer = own_key(world, first, keys[0])
    made = second.signed(
        "POST", "/api/v1/cards", {"card": b64e(newer.card.encode())}, identity=keys[0].identity
    )
    assert second.send(made).get_json() == {"error": "own_keys"}
    # In turns: five cards within a year, the first one counted.
    for _ in range(3):
        retire(keys[0])
        keys[0] = own_key(world, first)
        assert enrol(second, keys[0]) == (201, None)
    retire(keys[0])
    assert enrol(second, keys[1]) == (409, "own_cards")
    # Another auditor is not touched, a lead's word lifts it, and so does time.
    assert enrol(Caller(world, 2), own_key(world, world.auditors[2])) == (201, None)
    assert enrol(caller, own_key(world, first, world.auditors[0])) == (201, None)
    world.day += timedelta(days=366)
    third = Caller(world, 2)
    assert enrol(third, own_key(world, world.auditors[2])) == (409, "own_keys")


def test_a_refused_card_costs_nobody_the_turn(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused enrolments verified the whole list under the writers' lock: an honest report waited for them."""
    for _ in range(store_cards.MAX_ACTIVE - 3):
        world.enroll(world.newcomer(0).card)
    full = b64e(world.newcomer(0).card.encode())
    others = b64e(own_key(world, world.auditors[2], world.auditors[1]).card.encode())
    auditor = Caller(world, 1)
    for asker in (caller, auditor):  # each server checks the list once
        assert asker.post("/api/v1/cards", {"card": full}).status_code in (403, 409)
    turns: list[object] = []
    checked: list[object] = []
    verify = crypto_cards.verify_voucher
    monkeypatch.setattr("store.cards.feed.take_turn", turns.append)

    with world.engine.connect() as conn:
        ours = {row.key_id for row in store_cards.enrolled(conn)}
    ours |= {crypto_cards.parse_card(b64d(card)).key_id for card in (full, others)}

    def counting(card: crypto_cards.Card, sign_pk: bytes) -> None:
        # A desk that an earlier test left behind in this process may look at its own list meanwhile.
        if card.key_id in ours:
            checked.append(card)
        verify(card, sign_pk)

    monkeypatch.setattr(crypto_cards, "verify_voucher", counting)
    for _ in range(5):
        assert caller.post("/api/v1/cards", {"card": full}).get_json() == {"error": "full"}
        assert auditor.post("/api/v1/cards", {"card": others}).get_json() == {"error": "duty"}
    assert not turns and not checked, "nothing was verified, and no turn was taken"


def test_a_card_is_checked_anew_when_the_list_has_changed_meanwhile(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = world.newcomer(0)
    check = store_cards.check_last
    seen: list[object] = []

    def late(conn: Connection, known: int, logged: int | None) -> None:
        if not seen:  # another person's card came between the check and the turn
            seen.append(known)
            raise store_cards.ListChanged
        check(conn, known, logged)

    monkeypatch.setattr(store_cards, "check_last", late)
    answer = caller.post("/api/v1/cards", {"card": b64e(new.card.encode())})
    assert answer.status_code == 201 and len(seen) == 1
    monkeypatch.setattr(
        store_cards, "check_last", lambda *_known: (_ for _ in ()).throw(store_cards.ListChanged)
    )
    answer = caller.post("/api/v1/cards", {"card": b64e(world.newcomer(0).card.encode())})
    assert (answer.status_code, answer.get_json()) == (409, {"error": "exists"}), "it has an end"
