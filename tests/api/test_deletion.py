"""A case goes when two persons who opened it want it, and then everything of it goes."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crypto import messages
from crypto.cards import new_card, vouch
from crypto.encoding import b64d
from crypto.identity import new_identity
from store import db, tables
from tests.api.client import Caller
from tests.desk.world import Sent, World
from tests.support.site import Auditor


def rows(world: World, table: str) -> int:
    with db.reading(world.engine) as conn:
        return int(conn.scalar(select(func.count()).select_from(tables.Base.metadata.tables[table])) or 0)


def told(caller: Caller) -> list[dict[str, object]]:
    return list(caller.get("/api/v1/changes?after=0").get_json()["changes"])


def test_two_persons_delete_a_case_and_both_stay_on_record(world: World, caller: Caller, sent: Sent) -> None:
    second = Caller(world, 1)
    caller.status(sent, "not_investigating")
    caller.envelope(sent)
    answer = caller.delete(sent)
    assert (answer.status_code, answer.get_json()) == (201, {})
    assert caller.get(f"/api/v1/cases/{sent.case_id.hex()}").status_code == 200
    answer = second.agree(sent)
    assert (answer.status_code, answer.get_json()) == (201, {})
    for table in ("envelope", "envelope_grant", "status", "object_name"):
        assert rows(world, table) == 0, table
    with db.reading(world.engine) as conn:
        case = conn.execute(select(tables.case_file)).one()
    assert (case.case_id, case.received_day, case.deleted_day) == (sent.case_id, world.day, world.day)
    assert {case.mailbox_pk, case.mailbox_key_id, case.reporter_sign_pk, case.mailbox_record} == {b""}
    proposed, deleted = told(caller)
    assert (proposed["what"], deleted["what"]) == ("deletion", "deleted")
    acts = deleted["acts"]
    assert isinstance(acts, list)
    named = messages.proposal_hash(b64d(acts[0]["sig"]))
    texts = (
        messages.delete_text(sent.case_id, caller.identity.key_id, world.day),
        messages.agree_text(sent.case_id, second.identity.key_id, named, world.day),
    )
    for who, act, text in zip((caller, second), acts, texts, strict=True):
        assert act["author"] == who.identity.key_id.hex()
        messages.verify(who.identity.sign_pk, text, b64d(act["sig"]))
        messages.verify(case.act_pk, text, b64d(act["act_sig"]))
    # Again is no harm, for the person who agreed; nothing is added to the case any more.
    assert (second.agree(sent).status_code, second.agree(sent).get_json()) == (200, {})
    third = Caller(world, 2)
    for answer in (
        caller.delete(sent),
        third.delete(sent),
        third.agree(sent),
        caller.keep(sent),
        caller.status(sent, "closed", 2),
        caller.envelope(sent),
        caller.get(f"/api/v1/cases/{sent.case_id.hex()}"),
    ):
        assert (answer.status_code, answer.get_json()) == (410, {"error": "deleted"})
    assert len(told(caller)) == 2


def test_one_person_is_not_enough_also_with_two_keys(world: World, caller: Caller, sent: Sent) -> None:
    person, made = world.auditors[0].card, new_identity()
    card = new_card(made.box_pk, made.sign_pk, made.sign_seed, person.name, person.role, person.person)
    own = caller.identity
    world.auditors.append(Auditor(made, vouch(card, own.key_id, own.sign_seed)))
    world.enroll(world.auditors[-1].card)
    assert caller.delete(sent).status_code == 201
    for who in (caller, Caller(world, 3)):
        answer = who.delete(sent)
        assert (answer.status_code, answer.get_json()) == (200, {})
        answer = who.agree(sent)
        assert (answer.status_code, answer.get_json()) == (403, {"error": "same_person"})
    assert rows(world, "envelope") == 1 and rows(world, "deletion") == 1


def test_a_proposal_is_withdrawn(world: World, caller: Caller, sent: Sent) -> None:
    second = Caller(world, 1)
    assert (second.keep(sent).status_code, second.keep(sent).get_json()) == (409, {"error": "no_proposal"})
    caller.delete(sent)
    assert (second.keep(sent).status_code, second.keep(sent).status_code) == (201, 200)
    answer = second.agree(sent)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "no_proposal"})
    assert second.delete(sent).status_code == 201
    assert [one["what"] for one in told(caller)] == ["report", "deletion", "kept", "deletion"]
    assert caller.agree(sent).status_code == 201


def test_two_proposals_never_make_a_deletion(world: World, caller: Caller, sent: Sent) -> None:
    """A person who meant to propose does not delete what a colleague proposed a moment before."""
    second = Caller(world, 1)
    caller.delete(sent)
    answer = second.delete(sent)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "proposed"})
    own = second.act(sent, messages.delete_text(sent.case_id, second.identity.key_id, world.day))
    answer = second.agree(sent, **own)
    assert (answer.status_code, answer.get_json()) == (403, {"error": "author_signature"})
    assert rows(world, "envelope") == 1


def test_an_agreement_is_to_the_proposal_that_it_names(world: World, caller: Caller, sent: Sent) -> None:
    second = Caller(world, 1)
    caller.delete(sent)
    to_the_first = second.agreement(sent)
    caller.keep(sent)
    world.day += timedelta(1)
    caller.delete(sent)
    answer = second.post(f"/api/v1/cases/{sent.case_id.hex()}/agreement", to_the_first)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "day"})
    named = {"proposal": to_the_first["proposal"]}
    text = messages.agree_text(sent.case_id, second.identity.key_id, b64d(named["proposal"]), world.day)
    answer = second.agree(sent, **second.act(sent, text), **named)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "no_proposal"})
    assert second.agree(sent).status_code == 201


@pytest.mark.parametrize(("days", "status"), [(0, 403), (29, 403), (30, 201)])
def test_who_was_brought_in_after_the_report_deletes_nothing_for_thirty_days(
    world: World, caller: Caller, sent: Sent, days: int, status: int
) -> None:
    """A lead who brings a sock puppet in would be two persons."""
    caller.delete(sent)
    world.auditors.append(world.newcomer(0))
    world.enroll(world.auditors[-1].card)
    world.day += timedelta(days)
    puppet = Caller(world, 3)
    answer = puppet.agree(sent)
    assert answer.status_code == status
    if status == 403:
        assert answer.get_json() == {"error": "unsettled"} and puppet.delete(sent).status_code == 403
        # Anyone who could open it may take a proposal back all the same.
        assert puppet.keep(sent).status_code == 201


def test_a_proposal_holds_for_thirty_days(world: World, caller: Caller, sent: Sent) -> None:
    caller.delete(sent)
    world.day += timedelta(31)
    answer = Caller(world, 1).agree(sent)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "no_proposal"})
    assert Caller(world, 1).delete(sent).status_code == 201
    world.day += timedelta(30)
    assert caller.agree(sent).status_code == 201


def test_a_proposal_of_a_later_day_is_not_agreed_to(world: World, caller: Caller, sent: Sent) -> None:
    """A server whose clock was set back deletes nothing that each desk then takes for the server's own doing."""
    caller.delete(sent)
    world.day -= timedelta(1)
    answer = Caller(world, 1).agree(sent)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "no_proposal"})


def test_a_retired_auditors_proposal_is_none(world: World, caller: Caller, sent: Sent) -> None:
    Caller(world, 1).delete(sent)
    world.retire(1, by=0)
    assert caller.agree(sent).get_json() == {"error": "no_proposal"}
    assert caller.delete(sent).status_code == 201
    assert Caller(world, 2).agree(sent).status_code == 201


def test_who_could_not_open_the_report_deletes_nothing(world: World, caller: Caller, sent: Sent) -> None:
    other = world.report()
    second = Caller(world, 1)
    own = second.identity.key_id
    text = messages.delete_text(sent.case_id, own, world.day)
    for body, word in (
        (second.act(sent, text, key=os.urandom(32)), "act_signature"),
        (second.act(other, text), "act_signature"),
        (caller.act(sent, text), "author_signature"),
        (second.act(sent, messages.keep_text(sent.case_id, own, world.day)), "author_signature"),
        (second.act(sent, messages.delete_text(other.case_id, own, world.day)), "author_signature"),
    ):
        answer = second.post(f"/api/v1/cases/{sent.case_id.hex()}/deletion", body)
        assert (answer.status_code, answer.get_json()) == (403, {"error": word})
    yesterday = world.day - timedelta(1)
    body = second.act(sent, messages.delete_text(sent.case_id, own, yesterday), yesterday)
    answer = second.post(f"/api/v1/cases/{sent.case_id.hex()}/deletion", body)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "day"})
    assert rows(world, "envelope") == 2


def bytes_on_disk(world: World) -> bytes:
    there = sorted(path for path in world.folder.rglob("test.db*/**/*") if path.is_file())
    there += sorted(path for path in world.folder.glob("test.db*") if path.is_file())
    assert {"test.db", "lock"} <= {path.name for path in there}
    return b"".join(path.read_bytes() for path in there)


def samples(raw: bytes) -> list[bytes]:
    """Return short pieces; some of them lie across two of the file's pages and are found in no case."""
    return [raw[place : place + 24] for place in range(200, len(raw) - 24, 500)]


def found(world: World, wanted: list[bytes]) -> int:
    there = bytes_on_disk(world)
    return sum(one in there for one in wanted)


def raw_of(world: World, sent: Sent) -> bytes:
    of_case = tables.envelope.c.case_id == sent.case_id
    with db.reading(world.engine) as conn:
        return bytes(conn.scalar(select(tables.envelope.c.raw).where(of_case)) or b"")


def pieces_of(world: World, entry: dict[str, object]) -> bytes:
    object_id = bytes.fromhex(str(entry["object"]))
    size = world.objects.have(object_id)
    return world.objects.read(object_id, 0, size)[0]


def test_the_sealed_bytes_are_in_no_file_afterwards(world: World, caller: Caller) -> None:
    kept, entry = world.report(what_happened="bleibt"), world.attach(os.urandom(200_000))
    sent = world.report(files=[entry], what_happened="geht")
    own, other = samples(raw_of(world, sent)), samples(raw_of(world, kept))
    files = samples(pieces_of(world, entry))
    assert found(world, own) > len(own) // 2 and found(world, files) > 200
    stays = found(world, other)
    caller.delete(sent)
    assert Caller(world, 1).agree(sent).status_code == 201
    assert (found(world, own), found(world, files), found(world, other)) == (0, 0, stays)
    assert caller.get(f"/api/v1/objects/{entry['object']}").status_code == 404
    assert world.objects.have(bytes.fromhex(entry["object"])) == 0


def test_without_secure_delete_they_would_be_there(world: World, caller: Caller) -> None:
    """The control: what the test above looks for is found where SQLite does not overwrite."""
    sent = world.report(what_happened="geht")
    own = samples(raw_of(world, sent))
    world.objects.have(bytes(16))
    caller.delete(sent)
    with db.reading(world.engine) as conn:
        conn.exec_driver_sql("PRAGMA secure_delete = OFF")
    assert Caller(world, 1).agree(sent).status_code == 201
    assert found(world, own) > len(own) // 2
    db.vacuum(world.engine)
    assert found(world, own) == 0


def test_a_deletion_that_was_interrupted_leaves_no_file_for_long(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = world.attach(b"x" * 1000)
    sent, object_id = world.report(files=[entry]), bytes.fromhex(entry["object"])
    caller.delete(sent)

    def killed(_ids: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(world.objects, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            Caller(world, 1).agree(sent)
    assert rows(world, "envelope") == 0 and world.objects.have(object_id) > 0
    world.objects.sweep(world.day + timedelta(3))
    assert world.objects.have(object_id) == 0


def test_a_file_that_is_refused_its_deletion_stays(world: World, caller: Caller) -> None:
    entry = world.attach(b"x" * 1000)
    sent = world.report(files=[entry])
    caller.delete(sent)
    assert Caller(world, 1).agree(sent, act_sig="A" * 86).status_code == 403
    world.objects.sweep(world.day + timedelta(3))
    assert caller.get(f"/api/v1/objects/{entry['object']}").status_code == 200


def test_nothing_of_the_case_is_in_the_database(world: World, caller: Caller) -> None:
    sent = world.report(what_happened="x")
    grant_target = f"/api/v1/cases/{sent.case_id.hex()}/envelopes"
    caller.post(grant_target, caller.envelope_body(sent))
    caller.post("/api/v1/grants", caller.grants((sent.envelope_id, Caller(world, 1).identity)))
    assert rows(world, "envelope_grant") == 3
    caller.delete(sent)
    Caller(world, 1).agree(sent)
    with db.reading(world.engine) as conn:
        for table in tables.Base.metadata.sorted_tables:
            for row in conn.execute(select(table)).mappings():
                assert sent.envelope_id not in row.values() and sent.receipt.mailbox_pk not in row.values()
    assert rows(world, "code") == 1 and rows(world, "change") == 2
