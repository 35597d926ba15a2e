"""Writes `register.json` anew: `python -m tests.vectors.make_register`."""

from __future__ import annotations

from typing import Any

from crypto import seal
from crypto.encoding import b64d, b64e, canonical_json
from crypto.envelope import Slot
from crypto.listing import Prefix, readers_field
from crypto.messages import sign
from crypto.register import CONTENT_BYTES, NONE_BEFORE, RegisterRecord, register_hash
from tests.crypto.assemble import sealed_register
from tests.vectors.parts import DAY, FOUNDER, FOURTH, SALT, SECOND, Vector, bad, good, write

Given = dict[str, Any]

KEY = bytes([0x6B]) * 32
NONCE = bytes([9]) * 24
PREFIX = Prefix(2, bytes([0xD1]) * 32)
READERS = sorted((FOUNDER, SECOND), key=lambda who: who.key_id)
SLOTS = tuple(Slot(who.key_id, seal.grant(KEY, who.box_pk)) for who in READERS)
BEFORE = bytes([0xBE]) * 32
ENTRY = {"type": "readers"}
EARLIER: dict[str, Any] = {"number": 6, "key": b64e(bytes([0xEA]) * 32)}
NUMBER = 7
WHO = {"seed": SECOND.seed.hex(), "salt": SALT.hex(), "sign_pk": SECOND.sign_pk.hex()}


def fields(**changed: Any) -> dict[str, Any]:
    made = {
        "v": 1,
        "author": SECOND.key_id.hex(),
        "day": str(DAY),
        "entry": ENTRY,
        "earlier": EARLIER,
        "readers": readers_field(PREFIX, [who.key_id for who in READERS]),
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(made: dict[str, Any], **how: Any) -> dict[str, Any]:
    text = b"mybk1/register\n" + how.get("salt", SALT) + how.get("number", NUMBER).to_bytes(4, "big")
    text += how.get("before", BEFORE) + canonical_json(made)
    return {**made, "sig": b64e(sign(how.get("signer", SECOND.sign_seed), text))}


def assemble(
    plain: bytes, *, slots: tuple[Slot, ...] = SLOTS, number: int = NUMBER, before: bytes = BEFORE
) -> Given:
    """Return what `sealed_register` makes a record of: 32,768 bytes of content are not written down each time."""
    bare = RegisterRecord(number, before, seal.commitment(KEY), slots, NONCE, b"")
    return {"header": bare.header().hex(), "nonce": NONCE.hex(), "key": KEY.hex(), "plain": plain.hex()}


def pad(raw: bytes) -> bytes:
    return raw + b"\x80"


def holding(made: dict[str, Any], **how: Any) -> Given:
    return assemble(pad(canonical_json(made)), **how)


RAW = holding(signed(fields()))


def refused(name: str, record: Given, error: str = "RegisterMalformed", **changed: str) -> Vector:
    return bad(name, "register_record", {**WHO, **changed, "record": record}, error)


def told(record: Given, number: int, before: bytes, earlier: Any) -> dict[str, Any]:
    return {
        "number": number,
        "before": before.hex(),
        "hash": register_hash(sealed_register(record)).hex(),
        "author": SECOND.key_id.hex(),
        "day": str(DAY),
        "entry": ENTRY,
        "earlier": earlier,
    }


def records() -> list[Vector]:
    first = holding(signed(fields(earlier=None), number=1, before=NONE_BEFORE), number=1, before=NONE_BEFORE)
    by_key = {name: value for name, value in WHO.items() if name != "seed"} | {"content_key": KEY.hex()}
    whole = told(RAW, NUMBER, BEFORE, [6, b64d(EARLIER["key"]).hex()])
    return [
        good("a record", "register_record", {**WHO, "record": RAW}, whole),
        good(
            "a record, by the key that a later one names",
            "register_record",
            {**by_key, "record": RAW},
            whole,
        ),
        good(
            "the first record",
            "register_record",
            {**WHO, "record": first},
            told(first, 1, NONE_BEFORE, None),
        ),
    ]


def malformed() -> list[Vector]:
    turned = tuple(reversed(SLOTS))
    made = canonical_json(signed(fields()))
    return [
        refused("no bytes", {**RAW, "keep": 0}),
        refused("a byte too few", {**RAW, "keep": -1}),
        refused("a byte too many", {**RAW, "more": "00"}),
        refused("an envelope's letters", {**RAW, "begin": b"MYB1".hex()}),
        refused("another version", {**RAW, "begin": b"MYG2".hex()}),
        refused("number 0", assemble(pad(made), number=0)),
        refused("number 1 behind another record", assemble(pad(made), number=1)),
        refused("number 7 behind none", assemble(pad(made), before=NONE_BEFORE)),
        refused("no slot", assemble(pad(made), slots=())),
        refused(
            "65 slots", assemble(pad(made), slots=tuple(Slot(bytes([n]) * 16, bytes(80)) for n in range(65)))
        ),
        refused("slots out of order", assemble(pad(made), slots=turned)),
        refused("a slot twice", assemble(pad(made), slots=(SLOTS[0], SLOTS[0]))),
        refused("a smaller content", {**RAW, "size": CONTENT_BYTES // 2}),
    ]


def closed() -> list[Vector]:
    by_key = {name: value for name, value in WHO.items() if name != "seed"}
    strange = tuple(Slot(who.key_id, seal.throwaway_grant()) for who in READERS)
    other = tuple(Slot(who.key_id, seal.grant(bytes(32), who.box_pk)) for who in READERS)
    return [
        refused("no slot for the reader", RAW, "NotAddressed", seed=FOURTH.seed.hex()),
        refused("a slot that opens for nobody", holding(signed(fields()), slots=strange), "CannotOpen"),
        refused("another key in the slot", holding(signed(fields()), slots=other), "CommitmentMismatch"),
        bad(
            "a wrong key from a later record",
            "register_record",
            {**by_key, "content_key": bytes(32).hex(), "record": RAW},
            "CommitmentMismatch",
        ),
        refused("a ciphertext that was changed", {**RAW, "flip": -1}, "CiphertextForged"),
        refused("another record before", {**RAW, "flip": 8}, "CiphertextForged"),
    ]


def faulty() -> list[Vector]:
    made = canonical_json(signed(fields()))
    wrong = "PayloadFieldWrong"
    return [
        refused("no padding", assemble(b""), "PaddingMissing"),
        refused("no JSON", assemble(pad(b"x")), "NotJson"),
        refused("white space in the JSON", assemble(pad(made[:1] + b" " + made[1:])), "NotCanonical"),
        refused("another version of the content", holding(signed(fields(v=2))), "PayloadVersion"),
        refused("no author", holding(signed(fields(author=None))), "PayloadFieldMissing"),
        refused("no entry", holding(signed(fields(entry=None))), "PayloadFieldMissing"),
        refused("no signature at all", holding(fields()), "PayloadFieldMissing"),
        refused("a field that is not known", holding(signed(fields(more=1))), "PayloadFieldUnknown"),
        refused("an author that is no id", holding(signed(fields(author="x"))), wrong),
        refused("a day that is none", holding(signed(fields(day="2026-02-30"))), wrong),
        refused("a day in another spelling", holding(signed(fields(day="2026-W48-1"))), wrong),
        refused("an entry that is no object", holding(signed(fields(entry=[]))), wrong),
        refused("readers that are none", holding(signed(fields(readers={}))), wrong),
        refused("an earlier record that is none", holding(signed(fields(earlier={"number": 6}))), wrong),
        refused(
            "an earlier record that is this one",
            holding(signed(fields(earlier={**EARLIER, "number": 7}))),
            wrong,
        ),
        refused(
            "an earlier key that is too short",
            holding(signed(fields(earlier={**EARLIER, "key": "AA"}))),
            wrong,
        ),
        refused(
            "a reader who was not signed",
            holding(signed(fields()), slots=SLOTS[:1]),
            "SlotsExchanged",
            seed=READERS[0].seed.hex(),
        ),
    ]


def forged() -> list[Vector]:
    plain = fields()
    wrong = "SignatureWrong"
    return [
        refused("signed for another site", holding(signed(plain, salt=bytes(16))), wrong),
        refused("signed for another number", holding(signed(plain, number=8)), wrong),
        refused("signed behind another record", holding(signed(plain, before=bytes(32))), wrong),
        refused("signed by another auditor", holding(signed(plain, signer=FOUNDER.sign_seed)), wrong),
        refused("another entry than signed", holding({**signed(plain), "entry": {"type": "other"}}), wrong),
        refused("another day than signed", holding({**signed(plain), "day": "2026-11-24"}), wrong),
    ]


if __name__ == "__main__":
    vectors = [*records(), *malformed(), *closed(), *faulty(), *forged()]
    write("register", "Register records (docs/format.md, 2.15).", vectors)
