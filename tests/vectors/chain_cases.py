"""Vectors of docs/format.md, 1.4 and 1.5: the chain of cards, retirements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crypto import listing
from crypto.encoding import b64e, hex_id
from crypto.identity import Identity
from tests.vectors.parts import (
    FOUNDER,
    FOURTH,
    SECOND,
    THIRD,
    Vector,
    bad,
    card_json,
    good,
    named,
    note,
    person_of,
    text_of,
    vouched,
    without,
)


def chains() -> list[Vector]:
    first = text_of(card_json(FOUNDER))
    second = text_of(vouched(card_json(SECOND), FOUNDER))
    third = text_of(vouched(card_json(THIRD, person_of(SECOND)), SECOND))

    def listed(known: Sequence[str], notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Cards, and retirements behind them; a text that is none of a card stands where it is put."""
        texts = [*known, *map(text_of, notes)]
        return {"list": [{"retirement" if "key_id" in json.loads(text) else "card": text} for text in texts]}

    def holds(name: str, known: Sequence[str], notes: Sequence[Mapping[str, Any]] = ()) -> Vector:
        given = listed(known, notes)
        found = listing.verify_list(
            [listing.parse_document(one, *(text.encode() for text in one.values())) for one in given["list"]]
        )
        output = {
            "readers": sorted(one.hex() for one in found.readers()),
            "digest": b64e(found.prefix().digest),
        }
        return good(name, "chain", given, output)

    def breaks(
        name: str, known: Sequence[str], error: str, notes: Sequence[Mapping[str, Any]] = ()
    ) -> Vector:
        return bad(name, "chain", listed(known, notes), error)

    def retires(name: str, found: Mapping[str, Any]) -> Vector:
        return bad(name, "retirement", {"text": text_of(found)}, "RetirementMalformed")

    both = [first, second]
    lead = text_of(vouched(card_json(SECOND, duty="lead"), FOUNDER))
    watching = text_of(vouched(card_json(FOURTH, duty="observer"), FOUNDER))
    guest = text_of(vouched(card_json(FOURTH, duty="guest"), FOUNDER))
    swapped = {**vouched(card_json(THIRD, person_of(SECOND)), SECOND), "voucher": hex_id(FOUNDER.key_id)}

    def by_second(person: Identity, **changed: Any) -> str:
        """A new key that an auditor vouches for, in the name of somebody."""
        return text_of(vouched(card_json(THIRD, person_of(person), **changed), SECOND))

    def lead_of(who: Identity) -> str:
        return text_of(vouched(card_json(who, duty="lead"), FOUNDER))

    def _names(first: str, second: str) -> list[Vector]:
        """Whose name and role a card may carry (1.4)."""
        own, role = named(person_of(SECOND)), {"ja": "監査部 部長", "en": "Head of audit"}
        taken, other = named(person_of(FOUNDER)), {"ja": "法務部", "en": "Legal"}

        def by_lead(**changed: Any) -> str:
            return text_of(vouched(card_json(THIRD, **changed), FOUNDER))

        def of_second(**changed: Any) -> str:
            return text_of(vouched(card_json(THIRD, person_of(SECOND), **changed), FOUNDER))

        new_lead = text_of(vouched(card_json(FOURTH, person_of(FOUNDER), name=own | {"ja": "改名"}), FOUNDER))
        wide = {"ja": "佐藤　花子", "en": "ＨＡＮＡＫＯ ｓａｔｏ"}
        return [
            breaks(
                "an own new key with another name",
                [first, second, by_second(SECOND, name=other)],
                "NameChanged",
            ),
            breaks(
                "an own new key with another role",
                [first, second, by_second(SECOND, role=other)],
                "NameChanged",
            ),
            breaks(
                "an own new key with a name that only looks the same",
                [first, second, by_second(SECOND, name={**own, "ja": own["ja"].replace(" ", "　")})],
                "NameChanged",
            ),
            breaks(
                "an own new key under a colleague's name",
                [first, second, by_second(SECOND, name=taken)],
                "NameChanged",
            ),
            breaks("a lead renames themselves", [first, new_lead], "NameChanged"),
            holds("a lead renames somebody else", [first, second, of_second(name=other)]),
            holds("a lead gives somebody another role", [first, second, of_second(role=other)]),
            breaks(
                "the name and role of another person", [first, by_lead(name=taken, role=role)], "NameTaken"
            ),
            breaks(
                "the same, in full width and capitals", [first, by_lead(name=wide, role=role)], "NameTaken"
            ),
            breaks(
                "the same in English only",
                [
                    first,
                    by_lead(
                        name={"ja": "別の名", "en": "hanakosato"}, role={"ja": "経理", "en": "HEAD  OF AUDIT"}
                    ),
                ],
                "NameTaken",
            ),
            breaks(
                "the same, in the other language",
                [first, by_lead(name={"ja": taken["en"], "en": "x"}, role={"ja": role["en"], "en": "x"})],
                "NameTaken",
            ),
            breaks(
                "a lead renames somebody to another person's name",
                [first, second, of_second(name=taken)],
                "NameTaken",
            ),
            breaks(
                "the name and role of somebody who left",
                [first, second, text_of(left), by_lead(name=own)],
                "NameTaken",
            ),
            holds("the same name with another role", [first, by_lead(name=taken, role=other)]),
            holds("the same role with another name", [first, by_lead(name=other, role=role)]),
        ]

    left = note(SECOND, FOUNDER)
    return [
        holds("one card", [first]),
        holds("three cards, each brought in by the one before", [first, second, third]),
        holds("a retirement", both, [note(SECOND, FOUNDER)]),
        holds("somebody retires themselves", both, [note(SECOND, SECOND)]),
        breaks("a lead is retired by an auditor", both, "DutyWrong", [note(FOUNDER, SECOND)]),
        breaks(
            "an auditor retires another one",
            [first, second, third],
            "DutyWrong",
            [note(THIRD, SECOND)],
        ),
        holds(
            "a lead, an auditor, an observer",
            [first, lead, text_of(vouched(card_json(THIRD), SECOND)), watching],
        ),
        holds("a guest has no place among the readers", [first, lead, guest]),
        holds("a guest retires themselves", [first, guest], [note(FOURTH, FOURTH)]),
        breaks("a guest as the first card", [text_of(card_json(FOUNDER, duty="guest"))], "DutyWrong"),
        breaks(
            "a guest vouches for an own new key",
            [first, guest, text_of(vouched(card_json(SECOND, person_of(FOURTH), duty="guest"), FOURTH))],
            "DutyWrong",
        ),
        breaks(
            "an auditor vouches for a guest", [first, second, by_second(FOURTH, duty="guest")], "DutyWrong"
        ),
        breaks("a guest retires somebody", [first, second, guest], "DutyWrong", [note(SECOND, FOURTH)]),
        holds(
            "an auditor's new key for watching, by the old one",
            [first, second, by_second(SECOND, duty="observer")],
        ),
        holds(
            "a lead's card for a colleague's person",
            [first, second, text_of(vouched(card_json(THIRD, person_of(SECOND)), FOUNDER))],
        ),
        breaks("an auditor vouches for somebody new", [first, second, by_second(FOURTH)], "DutyWrong"),
        breaks(
            "an auditor vouches for a colleague's new key", [first, second, by_second(FOUNDER)], "DutyWrong"
        ),
        breaks(
            "an auditor vouches for a lead's new key",
            [first, second, by_second(FOUNDER, duty="lead")],
            "DutyWrong",
        ),
        breaks(
            "an auditor makes themselves a lead", [first, second, by_second(SECOND, duty="lead")], "DutyWrong"
        ),
        breaks(
            "an auditor vouches for an observer",
            [first, second, by_second(FOURTH, duty="observer")],
            "DutyWrong",
        ),
        holds("a card ahead of its voucher's retirement", [first, second, third], [left]),
        breaks(
            "a card behind its voucher's retirement", [first, second, text_of(left), third], "VoucherRetired"
        ),
        holds("another's card behind a retirement", [first, second, text_of(left), watching]),
        breaks(
            "a retirement by a lead who was retired",
            [first, lead, watching, text_of(note(FOUNDER, SECOND))],
            "SignerRetired",
            [note(FOURTH, FOUNDER)],
        ),
        breaks(
            "a lead who was retired takes the others along",
            [first, lead, text_of(note(FOUNDER, SECOND))],
            "SignerRetired",
            [note(SECOND, FOUNDER)],
        ),
        breaks(
            "somebody who was retired retires themselves with another key's name",
            [first, lead, text_of(note(SECOND, FOUNDER))],
            "SignerRetired",
            [note(FOUNDER, SECOND)],
        ),
        holds("a retirement between two cards", [first, second, text_of(left), lead_of(THIRD)]),
        breaks("a retirement ahead of its key", [first, text_of(left), second], "RetirementUnknown"),
        breaks("a list that begins with a retirement", [text_of(left), first], "ChainEmpty"),
        *_names(first, second),
        holds("a lead retires the first card", [first, lead], [note(FOUNDER, SECOND)]),
        holds("an observer retires themselves", [first, watching], [note(FOURTH, FOURTH)]),
        breaks("an observer as the first card", [text_of(card_json(FOUNDER, duty="observer"))], "DutyWrong"),
        breaks(
            "an observer as the first card, ahead of others",
            [text_of(card_json(FOUNDER, duty="observer")), second, third],
            "DutyWrong",
        ),
        holds(
            "a lead as the first card is what it would be without saying so",
            [text_of(card_json(FOUNDER, duty="lead")), second, watching],
        ),
        breaks(
            "an observer vouches for an auditor",
            [first, watching, text_of(vouched(card_json(SECOND, person_of(FOURTH)), FOURTH))],
            "DutyWrong",
        ),
        breaks(
            "an observer retires somebody", [first, second, watching], "DutyWrong", [note(SECOND, FOURTH)]
        ),
        breaks("no card", [], "ChainEmpty"),
        breaks("begins with a later card", [second, third], "FirstCardVouched"),
        breaks("a card twice", [first, second, second], "CardRepeated"),
        breaks("the first card again", [first, second, first], "CardRepeated"),
        breaks("a later card without voucher", [first, text_of(card_json(SECOND))], "VoucherMissing"),
        breaks("a voucher that comes later", [first, third, second], "VoucherUnknown"),
        breaks(
            "a voucher that is nobody here",
            [first, text_of(vouched(card_json(THIRD), FOURTH))],
            "VoucherUnknown",
        ),
        breaks("vouches for itself", [first, text_of(vouched(card_json(SECOND), SECOND))], "VoucherUnknown"),
        breaks(
            "signed by another than the voucher",
            [first, text_of(vouched(card_json(SECOND), FOUNDER, THIRD))],
            "VoucherWrong",
        ),
        breaks("another voucher named than signed", [first, second, text_of(swapped)], "VoucherWrong"),
        breaks(
            "a voucher's signature moved to another card",
            [
                first,
                text_of(
                    {**vouched(card_json(THIRD), FOUNDER), "voucher_sig": json.loads(second)["voucher_sig"]}
                ),
            ],
            "VoucherWrong",
        ),
        breaks("a retirement of a key that is not here", both, "RetirementUnknown", [note(THIRD, FOUNDER)]),
        breaks("a retirement by a key that is not here", both, "RetirementUnknown", [note(SECOND, THIRD)]),
        breaks(
            "a key retired twice", both, "RetirementRepeated", [note(SECOND, FOUNDER), note(SECOND, SECOND)]
        ),
        breaks(
            "a retirement with another day",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, day="2026-11-24")],
        ),
        breaks(
            "a retirement signed by another",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, sign_with=THIRD)],
        ),
        breaks(
            "a retirement turned on another key",
            both,
            "RetirementWrong",
            [note(SECOND, FOUNDER, key_id=hex_id(FOUNDER.key_id))],
        ),
        good(
            "a retirement note", "retirement", {"text": text_of(note(SECOND, FOUNDER))}, SECOND.key_id.hex()
        ),
        retires("a retirement of version 2", note(SECOND, FOUNDER, v=2)),
        retires("a retirement of version true", note(SECOND, FOUNDER, v=True)),
        retires("a retirement with a field too many", note(SECOND, FOUNDER, why="")),
        retires("a retirement without signer", without(note(SECOND, FOUNDER), "by")),
        retires("a retirement on a day that does not exist", note(SECOND, FOUNDER, day="2026-02-30")),
        retires("a retirement on a day without dashes", note(SECOND, FOUNDER, day="20261123")),
        retires("a retirement on a day that is a number", note(SECOND, FOUNDER, day=20261123)),
        retires("a retirement of no id", note(SECOND, FOUNDER, key_id="second")),
        retires("a retirement with a signature of 63 bytes", note(SECOND, FOUNDER, sig=b64e(bytes(63)))),
    ]
