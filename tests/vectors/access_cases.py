"""The vectors of `access.json`: changes of who reads a case, most of them such as do not count (docs/format.md, 2.16).

FOUNDER (a lead by coming first), SECOND and THIRD (who is a lead) and FIFTH could read the report; FOURTH is a guest.
LATER and OWN_LEAD (leads) and SIXTH came after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crypto import access
from crypto.encoding import hex_id
from crypto.identity import Identity, from_seed
from tests.vectors.parts import (
    FOUNDER,
    FOURTH,
    RECEIPT,
    SECOND,
    THIRD,
    Vector,
    bad,
    card_json,
    good,
    person_of,
    text_of,
    vouched,
)

CASE = RECEIPT.case_id
NEW, PUPPET, WATCHING, BROUGHT, FIFTH, LATER, SIXTH, OWN_LEAD = (
    from_seed(bytes([number]) * 32) for number in range(0x21, 0x29)
)
CARDS = [
    text_of(card_json(FOUNDER)),
    text_of(vouched(card_json(SECOND), FOUNDER)),
    text_of(vouched(card_json(THIRD, duty="lead"), FOUNDER)),
    text_of(vouched(card_json(FOURTH, duty="guest"), FOUNDER)),
    text_of(vouched(card_json(NEW, person_of(SECOND)), SECOND)),
    text_of(vouched(card_json(PUPPET, person_of(SECOND)), FOUNDER)),
    text_of(vouched(card_json(WATCHING, "91" * 16, duty="observer"), FOUNDER)),
    text_of(vouched(card_json(BROUGHT, "92" * 16, duty="guest"), THIRD)),
    text_of(vouched(card_json(FIFTH, "93" * 16), FOUNDER)),
    text_of(vouched(card_json(LATER, "94" * 16, duty="lead"), FOUNDER)),
    text_of(vouched(card_json(SIXTH, "95" * 16), FOUNDER)),
    text_of(vouched(card_json(OWN_LEAD, "96" * 16, duty="lead"), THIRD)),
]
AT_REPORT = (FOUNDER, SECOND, THIRD, FIFTH)
FIRST = (*AT_REPORT, NEW)
SLOTS = (*FIRST, PUPPET, LATER, SIXTH, OWN_LEAD)


def signed(
    what: str,
    target: str,
    number: int,
    proposer: Identity,
    author: Identity,
    *,
    exclude: Sequence[str] = (),
    slots: Sequence[Identity] = SLOTS,
    case: bytes = CASE,
    by: Identity | None = None,
    length: int = len(CARDS),
) -> dict[str, Any]:
    made = access.propose(
        case, what, bytes.fromhex(target), number, proposer.key_id, (by or proposer).sign_seed
    )
    return {
        "access": made.fields(),
        "author": hex_id(author.key_id),
        "slots": sorted(hex_id(one.key_id) for one in slots),
        "exclude": list(exclude),
        "length": length,
    }


def after(*gone: Identity) -> dict[str, int]:
    """Return the places of retirements that follow the cards."""
    return {hex_id(key.key_id): place for place, key in enumerate(gone, len(CARDS) + 1)}


def later(proposer: Identity, author: Identity, gone: Sequence[Identity], **more: Any) -> dict[str, Any]:
    """Return a change that gives the case to the guest, by a list at whose end these keys are retired."""
    slots = [key for key in SLOTS if key not in gone]
    length = more.pop("length", len(CARDS) + len(gone))
    return signed("given", hex_id(FOURTH.key_id), 1, proposer, author, slots=slots, length=length, **more)


def accesses() -> tuple[list[Vector], dict[str, Any]]:
    founder, second, third = (person_of(one) for one in (FOUNDER, SECOND, THIRD))
    guest, brought = hex_id(FOURTH.key_id), hex_id(BROUGHT.key_id)
    off = signed("off", second, 1, FOUNDER, THIRD)
    given = signed("given", guest, 1, SECOND, FOUNDER)

    def case(
        changes: Sequence[Mapping[str, Any]], known: Mapping[str, int], gone: Sequence[Identity] = ()
    ) -> dict[str, Any]:
        return {
            "case_id": hex_id(CASE),
            "cards": "@cards",
            "at_report": sorted(hex_id(one.key_id) for one in AT_REPORT),
            "known": dict(known),
            "retired": after(*gone),
            "changes": list(changes),
        }

    def counts(
        name: str,
        changes: Sequence[Mapping[str, Any]],
        gone: Mapping[str, int],
        to: Sequence[str] = (),
        counted: Sequence[int] | None = None,
        known: Mapping[str, int] | None = None,
    ) -> Vector:
        taken = list(range(len(changes))) if counted is None else list(counted)
        return good(
            name,
            "access",
            case(changes, known or {}),
            {"off": dict(gone), "given": list(to), "counted": taken},
        )

    def fails(
        name: str, error: str, *changes: Mapping[str, Any], known: Mapping[str, int] | None = None
    ) -> Vector:
        return bad(name, "access", case(changes, known or {}), error)

    def left(name: str, gone: Sequence[Identity], *changes: Mapping[str, Any]) -> Vector:
        end = {"off": {}, "given": [guest], "counted": list(range(len(changes)))}
        return good(f"first readers left: {name}", "access", case(changes, {}, gone), end)

    def no_more(
        name: str,
        error: str,
        gone: Sequence[Identity],
        change: Mapping[str, Any],
        known: Mapping[str, int] | None = None,
    ) -> Vector:
        return bad(f"first readers left: {name}", "access", case([change], known or {}, gone), error)

    late = signed("given", hex_id(SECOND.key_id), 2, FOUNDER, THIRD)
    changed = {**off, "access": {**off["access"], "number": 2}}
    return [
        counts("an auditor is taken off", [off], {second: 1}),
        counts(
            "a lead is taken off by an auditor and a lead",
            [signed("off", third, 1, SECOND, FOUNDER)],
            {third: 1},
        ),
        counts(
            "the first card's lead is taken off", [signed("off", founder, 1, SECOND, THIRD)], {founder: 1}
        ),
        counts("the case is given to a guest", [given], {}, [guest]),
        counts("an own new key of who could read it", [signed("given", guest, 1, FOUNDER, NEW)], {}, [guest]),
        counts(
            "a guest is taken off again",
            [given, signed("off", person_of(FOURTH), 2, FOUNDER, SECOND)],
            {person_of(FOURTH): 2},
        ),
        counts("an auditor comes back", [off, late], {}, [hex_id(SECOND.key_id)]),
        counts("the later one shown first", [late, off], {}, [hex_id(SECOND.key_id)], [1, 0]),
        counts("known from the record alone", [], {second: 3}, counted=[], known={second: 3}),
        counts("known from the record, and shown", [off], {second: 1}, known={second: 1}),
        counts("a number left out", [signed("off", second, 7, FOUNDER, THIRD)], {second: 7}),
        counts("as far ahead as may be", [signed("off", second, 1000, FOUNDER, THIRD)], {second: 1000}),
        counts(
            "far ahead of the record's",
            [signed("off", second, 1002, FOUNDER, THIRD)],
            {second: 1002},
            known={second: 2},
        ),
        fails("too far ahead", "AccessAhead", signed("off", second, 1001, FOUNDER, THIRD)),
        fails(
            "the last number that there is", "AccessAhead", signed("off", second, 2**32 - 1, FOUNDER, THIRD)
        ),
        fails("the same number twice", "AccessOld", off, signed("off", second, 1, THIRD, FOUNDER)),
        fails(
            "an older word than the record's",
            "AccessOld",
            signed("given", hex_id(SECOND.key_id), 2, FOUNDER, THIRD),
            known={second: 2},
        ),
        fails("a removal older than the record's", "AccessOld", off, known={second: 2}),
        fails("one person alone", "AccessAlone", signed("off", second, 1, FOUNDER, FOUNDER)),
        fails("two keys of one person", "AccessAlone", signed("off", third, 1, SECOND, NEW)),
        fails(
            "a puppet under a colleague's name proposes",
            "AccessNoReader",
            signed("off", third, 1, PUPPET, FOUNDER),
        ),
        fails(
            "a puppet under a colleague's name agrees",
            "AccessNoReader",
            signed("off", third, 1, FOUNDER, PUPPET),
        ),
        fails(
            "a guest agrees",
            "AccessNoReader",
            signed("off", second, 1, FOUNDER, FOURTH, slots=(*SLOTS, FOURTH)),
        ),
        fails(
            "an observer agrees",
            "AccessNoReader",
            signed("off", second, 1, FOUNDER, WATCHING, slots=(*SLOTS, WATCHING)),
        ),
        fails(
            "an excluded person proposes",
            "AccessNoReader",
            signed("off", third, 1, SECOND, FOUNDER, exclude=[second]),
        ),
        fails(
            "an excluded person agrees",
            "AccessNoReader",
            signed("off", third, 1, FOUNDER, SECOND, exclude=[second]),
        ),
        fails("who was taken off proposes", "AccessNoReader", off, signed("off", third, 1, SECOND, FOUNDER)),
        fails(
            "who is off by the record agrees",
            "AccessNoReader",
            signed("off", third, 1, FOUNDER, SECOND),
            known={second: 1},
        ),
        fails(
            "a key that was retired since",
            "AccessNoReader",
            signed("off", second, 1, THIRD, FOUNDER, slots=(FOUNDER, SECOND)),
        ),
        fails("another's signature", "SignatureWrong", signed("off", second, 1, THIRD, FOUNDER, by=SECOND)),
        fails(
            "signed for another case",
            "SignatureWrong",
            signed("off", second, 1, THIRD, FOUNDER, case=bytes(16)),
        ),
        fails("signed for another number", "SignatureWrong", changed),
        fails("an auditor and an auditor", "AccessNoLead", signed("off", founder, 1, SECOND, FIFTH)),
        fails(
            "a proposal taken for what it does not say",
            "SignatureWrong",
            {**off, "access": {**off["access"], "target": founder}},
        ),
        fails("who proposes is taken off", "AccessOwn", signed("off", second, 1, SECOND, FOUNDER)),
        fails("who agrees is taken off", "AccessOwn", signed("off", second, 1, FOUNDER, SECOND)),
        fails(
            "a person of whom no card is there", "AccessUnknown", signed("off", "77" * 16, 1, FOUNDER, THIRD)
        ),
        fails(
            "given to a key of which no card is there",
            "AccessUnknown",
            signed("given", "77" * 16, 1, FOUNDER, THIRD),
        ),
        fails(
            "given to an observer",
            "AccessUnknown",
            signed("given", hex_id(WATCHING.key_id), 1, FOUNDER, SECOND),
        ),
        fails(
            "given to an excluded person",
            "AccessExcluded",
            signed("given", hex_id(SECOND.key_id), 1, FOUNDER, THIRD, exclude=[second]),
        ),
        fails(
            "given to a guest of the excluded lead",
            "AccessExcluded",
            signed("given", brought, 1, FOUNDER, SECOND, exclude=[third]),
        ),
        fails(
            "given to a guest of the lead who is off",
            "AccessExcluded",
            signed("off", third, 1, SECOND, FOUNDER),
            signed("given", brought, 1, FOUNDER, SECOND),
        ),
        left("all: a later auditor and a later lead", FIRST, later(SIXTH, LATER, FIRST)),
        left(
            "all but one: that one and a later lead",
            (FOUNDER, SECOND, THIRD, NEW),
            later(FIFTH, LATER, (FOUNDER, SECOND, THIRD, NEW)),
        ),
        left("their leads: a later lead agrees", (FOUNDER, THIRD), later(SECOND, LATER, (FOUNDER, THIRD))),
        left("one lead, the other excluded", (FOUNDER,), later(FIFTH, LATER, (FOUNDER,), exclude=[third])),
        left(
            "a lead whose own new key is retired too",
            (FOUNDER, THIRD, SECOND, NEW, FIFTH),
            later(LATER, SIXTH, (FOUNDER, THIRD, SECOND, NEW, FIFTH)),
        ),
        no_more(
            "two stay, one a lead",
            "AccessNoReader",
            (SECOND, NEW, THIRD),
            later(SIXTH, FOUNDER, (SECOND, NEW, THIRD)),
        ),
        no_more(
            "a person's own new key stays",
            "AccessNoReader",
            (SECOND, THIRD, FIFTH),
            later(SIXTH, FOUNDER, (SECOND, THIRD, FIFTH)),
        ),
        no_more(
            "behind the list that the answer names",
            "AccessNoReader",
            FIRST,
            later(SIXTH, LATER, FIRST, length=len(CARDS) + 1),
        ),
        no_more("two later auditors", "AccessNoLead", FIRST, later(SIXTH, PUPPET, FIRST)),
        no_more("one later lead alone", "AccessAlone", FIRST, later(LATER, LATER, FIRST)),
        no_more("a guest agrees", "AccessNoReader", FIRST, later(LATER, FOURTH, FIRST)),
        no_more(
            "a lead whom an excluded person enrolled",
            "AccessNoReader",
            FIRST,
            later(SIXTH, OWN_LEAD, FIRST, exclude=[third]),
        ),
        no_more(
            "a lead whom one who is off brought in",
            "AccessNoReader",
            FIRST,
            later(SIXTH, OWN_LEAD, FIRST),
            {third: 1},
        ),
        no_more(
            "a later one who is retired",
            "AccessNoReader",
            (*FIRST, SIXTH),
            later(SIXTH, LATER, (*FIRST, SIXTH)),
        ),
    ], {"cards": CARDS}
