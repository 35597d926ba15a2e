"""Vectors of docs/format.md, 1.4, 1.6 and 2.5: readers of an envelope, excluded keys."""

from __future__ import annotations

import json
from typing import Any

from crypto import listing
from crypto.encoding import b64e
from crypto.identity import from_seed
from tests.vectors.parts import AUDITORS, FOUNDER, Vector, bad, card_json, good, note, text_of, vouched


def exclusions() -> tuple[list[Vector], dict[str, Any]]:
    names = ("founder", "ann", "ben", "late", "founder_again", "kim", "ann_again", "ann_own")
    who = {name: from_seed(bytes([100 + number]) * 32) for number, name in enumerate(names)}
    person = {name: bytes([200 + number]).hex() * 16 for number, name in enumerate(names)}
    person |= {"founder_again": person["founder"], "ann_again": person["ann"], "ann_own": person["ann"]}
    vouchers = {
        "ann": "founder",
        "ben": "ann",
        "late": "founder",
        "founder_again": "ann",
        "kim": "founder_again",
        "ann_again": "founder",
        "ann_own": "ann",
    }
    shared: dict[str, Any] = {}
    for name in names:
        own = card_json(who[name], person[name], name={"ja": name, "en": name})
        shared[name] = text_of(vouched(own, who[vouchers[name]]) if name in vouchers else own)

    def rule(name: str, known: str, exclude: str, at_report: str, out: str) -> Vector:
        given = {
            "cards": [f"@{one}" for one in known.split()],
            "exclude": [person.get(one, "ee" * 16) for one in exclude.split()],
            "at_report": [who[one].key_id.hex() for one in at_report.split()],
        }
        return good(name, "excluded_keys", given, sorted(who[one].key_id.hex() for one in out.split()))

    trio = "founder ann ben"
    return [
        rule("nobody excluded", trio, "", trio, ""),
        rule("somebody excluded who is not here", trio, "stranger", trio, ""),
        rule("the last one excluded", trio, "ben", trio, "ben"),
        rule(
            "whom an excluded person brought in goes too, even though the reporter saw the card",
            trio,
            "ann",
            trio,
            "ann ben",
        ),
        rule("the founder excluded: those whom the reporter saw stay", trio, "founder", trio, "founder"),
        rule(
            "the founder excluded: whom the founder brought in later goes",
            f"{trio} late",
            "founder",
            trio,
            "founder late",
        ),
        rule(
            "the founder excluded: the founder's new key goes too",
            f"{trio} founder_again",
            "founder",
            trio,
            "founder founder_again",
        ),
        rule(
            "the founder excluded: whom the founder's new key brought in goes, seen or not",
            f"{trio} founder_again kim",
            "founder",
            f"{trio} founder_again kim",
            "founder founder_again kim",
        ),
        rule("founder and another excluded", trio, "founder ann", trio, "founder ann ben"),
        rule(
            "the founder excluded: a second card under a colleague's name goes, seen or not",
            f"{trio} ann_again",
            "founder",
            f"{trio} ann_again",
            "founder ann_again",
        ),
        rule(
            "the founder excluded: a new key that the colleague's own key vouched for stays",
            f"{trio} ann_own",
            "founder",
            f"{trio} ann_own",
            "founder",
        ),
        rule(
            "a replacement key is excluded with its person",
            f"{trio} ann_again",
            "ann",
            trio,
            "ann ben ann_again",
        ),
        rule("nobody had a slot: the founder takes all along", trio, "founder", "", "founder ann ben"),
        rule(
            "somebody else excluded: what came later by the founder stays",
            f"{trio} late",
            "ann",
            trio,
            "ann ben",
        ),
        rule("a single card", "founder", "founder", "founder", "founder"),
    ], shared


def readers() -> tuple[list[Vector], dict[str, Any]]:
    """`list`: what the one who asks has pinned; `slots` and `readers`: what the envelope says."""
    names = ("founder", "second", "third", "fourth")
    texts = {"founder": text_of(card_json(FOUNDER))}
    texts |= {name: text_of(vouched(card_json(AUDITORS[name]), FOUNDER)) for name in names[1:]}
    watching = from_seed(bytes([9]) * 32)
    texts["observer"] = text_of(vouched(card_json(watching, duty="observer"), FOUNDER))
    notes = {f"no_{name}": text_of(note(AUDITORS[name], FOUNDER)) for name in names[1:]}
    shared: dict[str, Any] = {**texts, **notes}
    stranger = from_seed(bytes([8]) * 32)
    other_first = text_of(card_json(stranger))

    def documents(words: str) -> list[listing.Document]:
        found = [shared[word] for word in words.split()]
        return [
            listing.parse_document(
                {"card" if "box_pk" in json.loads(text) else "retirement": 1}, text.encode()
            )
            for text in found
        ]

    def prefix(words: str) -> listing.Prefix:
        return listing.Listing(documents(words)).prefix()

    def ids(words: str) -> list[str]:
        known = {**AUDITORS, "stranger": stranger, "observer": watching}
        return sorted(known[word].key_id.hex() for word in words.split())

    def asked(
        known: str,
        slots: str,
        by: str | None = None,
        keys: str | None = None,
        own: str = "founder",
        floor: tuple[int, int] = (0, 0),
    ) -> dict[str, Any]:
        """`by`: the list by which it was sealed, of an envelope that was opened; `keys`: the slots as signed; `floor`:
        how much of the list was in the log before it came, and how much there was of it.
        """
        given: dict[str, Any] = {
            "list": [
                {"card" if "box_pk" in json.loads(shared[word]) else "retirement": f"@{word}"}
                for word in known.split()
            ],
            "slots": ids(slots),
            "own": ids(own)[0] if own else None,
            "floor": list(floor),
            "readers": None,
        }
        if by is not None:
            named = prefix(by)
            signed = ids(slots if keys is None else keys)
            given["readers"] = {"length": named.length, "digest": b64e(named.digest), "keys": signed}
        return given

    def fits(name: str, *what: Any, **how: Any) -> Vector:
        return good(name, "readers", asked(*what, **how), "fits")

    def fault(name: str, error: str, *what: Any, **how: Any) -> Vector:
        return bad(name, "readers", asked(*what, **how), error)

    def changed(name: str, error: str, **how: Any) -> Vector:
        given = asked(trio, three, trio)
        return bad(name, "readers", {**given, "readers": {**given["readers"], **how}}, error)

    def digest(name: str, words: str) -> Vector:
        given = {
            "list": [
                {"card" if "box_pk" in json.loads(shared[word]) else "retirement": f"@{word}"}
                for word in words.split()
            ]
        }
        return good(name, "prefix", given, prefix(words).digest.hex())

    trio, three = "founder second third", "founder second third"
    rest = "founder second third no_second"
    return [
        digest("the digest of no document", ""),
        digest("the digest of one card", "founder"),
        digest("the digest of cards and a retirement", rest),
        digest("the same in another order", "founder third second no_second"),
        fits("opened, by the whole list", trio, three, trio),
        fits("not opened, by the whole list", trio, three),
        fits("opened, by a prefix", rest, three, trio),
        fits("not opened, by a prefix", rest, three),
        fits("after a retirement", rest, "founder third", rest),
        fits(
            "an observer has no slot", "founder second observer", "founder second", "founder second observer"
        ),
        fits("an observer joined meanwhile", "founder second observer", "founder second", "founder second"),
        fits("from before the own card, not opened", trio, "founder second", own="third"),
        fits(
            "from before the own card, opened by a grant",
            trio,
            "founder second",
            "founder second",
            own="third",
        ),
        fits("after the own card was retired", rest, "founder third", own="second"),
        fits("asked by somebody without a key", trio, three, trio, own=""),
        fits("at the floor", rest, "founder third", rest, floor=(4, 4)),
        fits(
            "the same readers before and after",
            "founder second third no_third",
            "founder second",
            floor=(4, 4),
        ),
        fault(
            "sealed anew for the readers of the true list",
            "SlotsExchanged",
            trio,
            three,
            trio,
            keys="stranger",
        ),
        fault("a slot put in after signing", "SlotsExchanged", trio, three, trio, keys="founder second"),
        fault("a slot taken out after signing", "SlotsExchanged", trio, "founder second", trio, keys=three),
        fault(
            "a slot exchanged after signing",
            "SlotsExchanged",
            trio,
            "founder second stranger",
            trio,
            keys=three,
        ),
        fault("for a key on no list, not opened", "SlotUnknown", trio, f"{three} stranger"),
        fault("for a key on no list alone", "SlotUnknown", trio, "stranger"),
        fault("for a key on no list, opened", "SlotUnknown", trio, f"{three} stranger", trio),
        fault("for a card that is not enrolled yet", "SlotUnknown", "founder second", three),
        fault("no slot for me, not opened", "SlotMissing", trio, "founder second", own="third", floor=(3, 3)),
        fault("no slot for me, who is the founder", "SlotMissing", trio, "second third"),
        fault("no slot for me, opened by a grant", "SlotMissing", trio, "second third", trio),
        fault(
            "no slot for me, by a list that I am on, though the slots were the readers before",
            "SlotMissing",
            trio,
            "founder second",
            trio,
            own="third",
        ),
        fault("no slot for a colleague, not opened", "SlotsUnfit", trio, "founder third"),
        fault("no slot for a colleague, opened", "SlotsUnfit", trio, "founder third", trio),
        fault("a slot for an observer", "SlotsUnfit", "founder observer second", "founder observer second"),
        fault("a slot for who was retired", "SlotsUnfit", rest, three, rest, floor=(4, 4)),
        fault("a slot for who was retired, signed so", "SlotsUnfit", rest, three, rest),
        fault("for one key that was retired, alone", "SlotsUnfit", rest, "second", own="third"),
        fault("older than the floor, not opened", "SlotsUnfit", rest, three, floor=(4, 4)),
        fault(
            "older than the floor, and I am missing",
            "SlotMissing",
            "founder second",
            "founder",
            own="second",
            floor=(2, 2),
        ),
        fits("a key that was retired since the prefix has no slot", rest, "founder third", trio, own=""),
        fits("a card that waits for the log has no slot", trio, "founder second", floor=(2, 3), own="third"),
        fits("a card waits, a key was retired", rest, "founder", "founder second", floor=(2, 4)),
        fault("another prefix than the readers'", "SlotsUnfit", trio, "founder third", trio, own=""),
        fault(
            "retired before it came, though the prefix is older",
            "SlotsUnfit",
            rest,
            three,
            trio,
            floor=(3, 4),
        ),
        fault("a card that waits for the log has a slot", "SlotsUnfit", trio, three, "founder second"),
        fault(
            "in the log before it came, and left out",
            "SlotMissing",
            trio,
            "founder second",
            own="third",
            floor=(3, 3),
        ),
        fault("by a longer list than is known", "ListLonger", trio, three, rest),
        changed("a length beyond the list", "ListLonger", length=2**31 - 1),
        changed("another digest", "ListOther", digest=b64e(bytes(32))),
        changed("the digest of a shorter prefix", "ListOther", digest=b64e(prefix("founder second").digest)),
        changed("the length of a shorter prefix", "ListOther", length=2),
        fault("by a list in another order", "ListOther", trio, three, "founder third second"),
    ], {**shared, "other_first": other_first}
