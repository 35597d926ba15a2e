"""What auditors do: only who opened the report may act in its case, and nobody in another's name."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from crypto import messages, seal
from crypto.cards import vouch
from crypto.encoding import b64d, b64e
from crypto.envelope import Kind, decode
from crypto.unseal import unseal
from store import cases as store_cases
from store import db
from tests.api.client import Caller
from tests.desk.world import Sent, World


def statuses_of(world: World, sent: Sent) -> list[str]:
    with db.reading(world.engine) as conn:
        return [row.status for row in store_cases.statuses(conn, sent.case_id)]


def envelopes_of(world: World, sent: Sent) -> list[store_cases.EnvelopeRow]:
    with db.reading(world.engine) as conn:
        return store_cases.envelopes(conn, sent.case_id)


def test_a_status_is_kept_with_both_signatures(world: World, caller: Caller, sent: Sent) -> None:
    answer = caller.status(sent, "investigating")
    assert (answer.status_code, answer.get_json()) == (200, {"repeat": False})
    with db.reading(world.engine) as conn:
        (row,) = store_cases.statuses(conn, sent.case_id)
    text = messages.status_text(sent.case_id, 1, caller.identity.key_id, "investigating", world.day)
    messages.verify(caller.identity.sign_pk, text, row.sig)
    messages.verify(seal.act_pk(sent.content_key), text, row.act_sig)
    assert (row.author, row.day) == (caller.identity.key_id, world.day)


def test_the_same_status_again_is_a_repeat(world: World, caller: Caller, sent: Sent) -> None:
    caller.status(sent, "investigating")
    answer = caller.status(sent, "investigating")
    assert (answer.status_code, answer.get_json()) == (200, {"repeat": True})
    assert statuses_of(world, sent) == ["investigating"]


def test_two_at_once_both_see_one_history(world: World, caller: Caller, sent: Sent) -> None:
    assert caller.status(sent, "investigating").status_code == 200
    answer = Caller(world, 1).status(sent, "not_investigating")
    assert (answer.status_code, answer.get_json()) == (409, {"error": "sequence"})
    assert caller.status(sent, "corrected", 3).get_json() == {"error": "sequence"}
    assert caller.status(sent, "closed", 2).get_json() == {"error": "transition"}
    assert Caller(world, 1).status(sent, "corrected", 2).status_code == 200
    assert statuses_of(world, sent) == ["investigating", "corrected"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_status_carries_today(world: World, caller: Caller, sent: Sent, days: int) -> None:
    answer = caller.status(sent, "investigating", day=world.day + timedelta(days=days))
    assert (answer.status_code, answer.get_json()) == (400, {"error": "day"})
    assert statuses_of(world, sent) == []


def test_who_was_excluded_cannot_act(world: World) -> None:
    accused = world.auditors[1]
    sent = world.report([accused.card.person])
    excluded = Caller(world, 1)
    raw = excluded.post("/api/v1/envelopes", {"ids": [sent.envelope_id.hex()]}).get_json()["envelopes"][0][
        "raw"
    ]
    with pytest.raises(Exception, match="Excluded"):
        unseal(b64d(raw), accused.identity.box_sk, accused.identity.box_pk, accused.identity.key_id)
    for guess in (secrets.token_bytes(32), bytes(32)):
        answer = excluded.post(
            f"/api/v1/cases/{sent.case_id.hex()}/status",
            excluded.status_body(sent, "not_investigating", key=guess),
        )
        assert (answer.status_code, answer.get_json()) == (403, {"error": "act_signature"})
        answer = excluded.post(
            f"/api/v1/cases/{sent.case_id.hex()}/envelopes", excluded.envelope_body(sent, key=guess)
        )
        assert (answer.status_code, answer.get_json()) == (403, {"error": "act_signature"})
    assert statuses_of(world, sent) == [] and len(envelopes_of(world, sent)) == 1


def test_an_act_of_another_case_is_refused(world: World, caller: Caller, sent: Sent) -> None:
    other = world.report()
    answer = caller.status(
        sent, "investigating", act_sig=caller.status_body(other, "investigating")["act_sig"]
    )
    assert answer.status_code == 403
    body = caller.envelope_body(other)
    assert caller.post(f"/api/v1/cases/{sent.case_id.hex()}/envelopes", body).status_code == 403


def test_a_status_in_another_auditors_name_is_refused(world: World, caller: Caller, sent: Sent) -> None:
    body = caller.status_body(sent, "investigating")
    answer = Caller(world, 1).post(f"/api/v1/cases/{sent.case_id.hex()}/status", body)
    assert (answer.status_code, answer.get_json()) == (403, {"error": "author_signature"})


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "received"},
        {"status": "nonsense"},
        {"status": 1},
        {"sequence": 0},
        {"sequence": "1"},
        {"sequence": True},
        {"sequence": 2**32},
        {"day": "2026-1-1"},
        {"day": None},
        {"sig": ""},
        {"sig": "AA"},
        {"act_sig": "=" * 86},
        {"more": 1},
    ],
)
def test_a_status_that_is_not_exactly_right_is_refused(
    caller: Caller, sent: Sent, changed: dict[str, Any]
) -> None:
    body = caller.status_body(sent, "investigating") | changed
    assert caller.post(f"/api/v1/cases/{sent.case_id.hex()}/status", body).status_code in (400, 403)
    assert statuses_of(caller.world, sent) == []


def test_an_answer_is_kept_with_its_grant_to_the_mailbox(world: World, caller: Caller, sent: Sent) -> None:
    assert caller.envelope(sent).status_code == 201
    row = envelopes_of(world, sent)[-1]
    assert row.kind == 3 and row.act_sig is not None
    messages.verify(seal.act_pk(sent.content_key), messages.act_text(sent.case_id, row.raw), row.act_sig)
    assert [one.message for one in world.reporter_sees(sent).entries[1:]] == ["調べます。"]


def test_the_same_envelope_again_is_a_repeat_also_when_sealed_anew(
    world: World, caller: Caller, sent: Sent
) -> None:
    one, target = secrets.token_bytes(16), f"/api/v1/cases/{sent.case_id.hex()}/envelopes"
    body = caller.envelope_body(sent, envelope_id=one)
    assert caller.post(target, body).status_code == 201
    for again in (body, caller.envelope_body(sent, envelope_id=one)):
        answer = caller.post(target, again)
        assert (answer.status_code, answer.get_json()) == (200, {"repeat": True})
    assert len(envelopes_of(world, sent)) == 2
    elsewhere = world.report()
    answer = caller.post(
        f"/api/v1/cases/{elsewhere.case_id.hex()}/envelopes", caller.envelope_body(elsewhere, envelope_id=one)
    )
    assert (answer.status_code, answer.get_json()) == (409, {"error": "envelope_id"})


def test_a_record_has_no_grants(world: World, caller: Caller, sent: Sent) -> None:
    target = f"/api/v1/cases/{sent.case_id.hex()}/envelopes"
    body = caller.envelope_body(sent, Kind.RECORD)
    granted = body | {"grants": caller.envelope_body(sent)["grants"]}
    assert caller.post(target, granted).get_json() == {"error": "grants"}
    assert caller.post(target, body).status_code == 201


@pytest.mark.parametrize("kind", [Kind.REPORT, Kind.FROM_REPORTER])
def test_a_reporters_kinds_are_refused(world: World, caller: Caller, sent: Sent, kind: Kind) -> None:
    sealed = seal.seal(kind, secrets.token_bytes(16), {"v": 1}, world.slots())
    act = messages.sign(seal.act_seed(sent.content_key), messages.act_text(sent.case_id, sealed.raw))
    answer = caller.envelope(sent, envelope=b64e(sealed.raw), act_sig=b64e(act))
    assert (answer.status_code, answer.get_json()) == (400, {"error": "kind"})


def test_every_enrolled_card_and_no_other_has_a_slot(world: World, caller: Caller, sent: Sent) -> None:
    target = f"/api/v1/cases/{sent.case_id.hex()}/envelopes"
    full = world.slots()
    stranger = world.newcomer(0)
    extra = [*full, seal.Recipient(stranger.card.key_id, stranger.card.box_pk)]
    for slots in (full[:-1], extra, [*full[:-1], extra[-1]]):
        answer = caller.post(target, caller.envelope_body(sent, slots=slots))
        assert (answer.status_code, answer.get_json()) == (409, {"error": "recipients"})
    late = caller.envelope_body(sent)
    world.retire(2, by=0)
    assert caller.post(target, late).get_json() == {"error": "recipients"}
    assert caller.envelope(sent).status_code == 201
    assert len(decode(envelopes_of(world, sent)[-1].raw).slots) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"envelope": ""},
        {"envelope": "AAAA"},
        {"envelope": None},
        {"grants": []},
        {"grants": None},
        {"grants": [{}]},
        {"grants": [{"key_id": "00" * 16, "sealed": "AA"}]},
        {"act_sig": ""},
        {"act_sig": 5},
        {"more": 1},
    ],
)
def test_an_envelope_that_is_not_exactly_right_is_refused(
    caller: Caller, sent: Sent, changed: dict[str, Any]
) -> None:
    assert caller.envelope(sent, **changed).status_code == 400
    assert len(envelopes_of(caller.world, sent)) == 1


def test_an_answer_to_a_code_that_was_given_up_is_refused(caller: Caller, sent: Sent) -> None:
    other = [{"key_id": "00" * 16, "sealed": b64e(bytes(80))}]
    answer = caller.envelope(sent, grants=other)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "mailbox"})
    assert len(envelopes_of(caller.world, sent)) == 1


def test_trailing_bytes_are_refused(caller: Caller, sent: Sent) -> None:
    body = caller.envelope_body(sent)
    longer = b64e(b64d(body["envelope"]) + b"\0")
    assert caller.envelope(sent, envelope=longer).get_json() == {"error": "envelope"}


def test_a_case_that_is_not_there(caller: Caller, sent: Sent) -> None:
    nowhere = f"/api/v1/cases/{bytes(16).hex()}"
    assert caller.post(f"{nowhere}/status", caller.status_body(sent, "investigating")).status_code == 404
    assert caller.post(f"{nowhere}/envelopes", caller.envelope_body(sent)).status_code == 404


def test_the_largest_envelope_fits(world: World, caller: Caller, sent: Sent) -> None:
    for _ in range(61):
        newcomer = world.newcomer(0)
        by = caller.identity
        world.enroll(vouch(newcomer.card, by.key_id, by.sign_seed))
    payload = {"v": 1, "message": "あ" * 170_000}
    sealed = seal.seal(Kind.RECORD, secrets.token_bytes(16), payload, world.slots())
    assert len(decode(sealed.raw).slots) == 64 and len(sealed.raw) > 524_288
    act = messages.sign(seal.act_seed(sent.content_key), messages.act_text(sent.case_id, sealed.raw))
    assert caller.envelope(sent, envelope=b64e(sealed.raw), act_sig=b64e(act), grants=[]).status_code == 201
