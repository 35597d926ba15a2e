"""Policies of the log: the first one, changes signed by a lead, and from when a change counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crypto import log_policy, logproof, note
from crypto.errors import SignatureWrong
from crypto.identity import from_seed
from crypto.log_errors import PolicyMalformed
from crypto.messages import public_key
from crypto.plainleaf import Batch, DayLeaf, document_leaf, rules_hash
from crypto.tlog import leaf_hash

SALT = bytes(range(16))
LOG = note.verifier_key(f"meyasubako/{SALT.hex()}", note.ED25519, public_key(b"L" * 32))
UNION, COUNSEL, OTHER = (
    note.verifier_key(name, note.COSIGNATURE, public_key(name[:1].encode() * 32))
    for name in ("union", "counsel", "other")
)
LEAD = from_seed(b"l" * 32)
DAY = date(2026, 11, 27)
FIRST = log_policy.first_text(LOG, [UNION, COUNSEL])
FIRST_LEAF = document_leaf("policy", FIRST.encode())


def change(text: str, before: bytes = FIRST_LEAF) -> log_policy.PolicyChange:
    made = log_policy.read_change(log_policy.proposal(text, LOG, leaf_hash(before)))
    return log_policy.sign_change(made, SALT, LEAD.key_id, LEAD.sign_seed)


def logged(*changes: log_policy.PolicyChange) -> list[log_policy.LoggedPolicy]:
    founding = Batch(0, None, (b"mybk1/site\n", FIRST_LEAF))
    day = DayLeaf(DAY, 2, len(changes), 16, bytes(32), bytes(32))
    return log_policy.logged_policies([founding, Batch(2, day, tuple(map(log_policy.policy_leaf, changes)))])


def test_the_first_policy_asks_for_any_of_the_outside_witnesses() -> None:
    policy = logproof.read_policy(FIRST)
    assert policy.has_quorum([UNION]) and policy.has_quorum([COUNSEL]) and not policy.has_quorum([OTHER])
    assert log_policy.outside(policy) == [UNION, COUNSEL]
    assert logproof.read_policy(log_policy.first_text(LOG)).has_quorum([])
    for bad in ([UNION, UNION], [note.VerifierKey("outside", note.COSIGNATURE, UNION.pk)], [LOG]):
        with pytest.raises(PolicyMalformed):
            log_policy.first_text(LOG, bad)


def test_a_desk_in_a_policy_is_not_outside() -> None:
    desk = note.verifier_key(f"{LOG.name}/desk/{'0' * 32}", note.COSIGNATURE, OTHER.pk)
    assert log_policy.outside(logproof.read_policy(log_policy.first_text(LOG, [UNION, desk]))) == [UNION]


def test_a_change_is_signed_for_this_site_this_text_and_this_place() -> None:
    made = change(log_policy.first_text(LOG, [OTHER]))
    log_policy.check_change(made, SALT, LEAD.sign_pk)
    assert log_policy.read_change(made.encode()) == made
    for wrong in (
        replace(made, text=FIRST),
        replace(made, before=bytes(32)),
        replace(made, key_id=bytes(16)),
    ):
        with pytest.raises(SignatureWrong):
            log_policy.check_change(wrong, SALT, LEAD.sign_pk)
    with pytest.raises(SignatureWrong):
        log_policy.check_change(made, bytes(16), LEAD.sign_pk)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b'"v":1', b'"v":2'),
        lambda raw: raw.replace(b'"v":1', b'"v":true'),
        lambda raw: raw.replace(b'"before":"', b'"before":"00'),
        lambda raw: raw.replace(b"quorum outside", b"quorum nobody"),
        lambda raw: raw.replace(b'"sig":"', b'"sig":"AA'),
        lambda raw: raw.replace(b'"key_id":"', b'"kid":"'),
        lambda raw: raw[:-1] + b',"x":1}',
        lambda raw: b"[]",
        lambda raw: b" " * 20_000,
    ],
)
def test_a_document_that_is_none_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    raw = change(FIRST).encode()
    log_policy.read_change(raw)
    with pytest.raises(PolicyMalformed):
        log_policy.read_change(spoil(raw))


def test_a_proposal_is_of_this_log_and_in_no_log() -> None:
    with pytest.raises(PolicyMalformed):
        log_policy.proposal(FIRST, replace(LOG, pk=bytes(32)), bytes(32))
    unsigned = log_policy.read_change(log_policy.proposal(FIRST, LOG, bytes(32)))
    assert len(logged(unsigned)) == 1, "an unsigned change changes nothing"


def test_a_change_counts_from_the_eighth_day_and_when_the_witnesses_before_have_seen_it() -> None:
    first, second = logged(change(log_policy.first_text(LOG, [OTHER])))
    for days, signed, counts in (
        (8, [(UNION, 4)], True),
        (7, [(UNION, 4)], False),
        (400, [(UNION, second.index)], False),
        (400, [(OTHER, 40)], False),
        (400, [], False),
        (9, [(COUNSEL, second.index + 1)], True),
    ):
        day = DAY + timedelta(days=days)
        expected = second if counts else first
        assert log_policy.next_policy([first, second], first, day, signed) is expected, (days, signed)
    day = DAY + timedelta(days=40)
    assert log_policy.next_policy([first, second], second, day, [(UNION, 99)]) is second


def test_an_old_change_can_not_be_played_again() -> None:
    """The signature names the policy before it, of which there is one leaf."""
    there = change(log_policy.first_text(LOG, [OTHER]))
    back = change(FIRST, before=log_policy.policy_leaf(there))
    first, second, third, again = logged(there, back, there)
    day, seen = DAY + timedelta(days=30), [(UNION, 99), (OTHER, 99)]
    policies = [first, second, third, again]
    assert log_policy.next_policy(policies, first, day, seen) is second
    assert log_policy.next_policy(policies, second, day, seen) is third
    assert log_policy.next_policy(policies, third, day, seen) is third


def test_a_day_leaf_names_its_policy() -> None:
    policies = logged(change(log_policy.first_text(LOG, [OTHER])))
    assert log_policy.named_policy(policies, None, "rule") is policies[0]
    named = rules_hash(policies[1].text, "rule")
    assert log_policy.named_policy(policies, named, "rule") is policies[1]
    assert log_policy.named_policy(policies, bytes(32), "rule") is None
