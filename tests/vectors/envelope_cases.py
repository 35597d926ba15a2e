"""Vectors of docs/format.md, 2.1 and 2.5: the layout of envelopes, opening them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nacl.bindings import crypto_box_seal

from crypto import seal
from crypto.encoding import b64e, canonical_json, hex_id
from crypto.envelope import Kind, Slot, decode, envelope_hash
from crypto.padding import pad
from tests.crypto.assemble import CONTENT_KEY, assemble, slot
from tests.vectors.parts import (
    ENVELOPE_ID,
    FOUNDER,
    RECEIPT,
    SECOND,
    SEEDS,
    THIRD,
    Vector,
    bad,
    good,
    record_payload,
    report_payload,
)


def envelopes() -> tuple[list[Vector], dict[str, Any]]:
    """Slots: two auditors who can open it, and one in between or beside the excluded one (THIRD)."""
    padded = pad(canonical_json(report_payload()))
    thrown = Slot(THIRD.key_id, seal.throwaway_grant())
    slots = sorted([slot(FOUNDER), slot(SECOND), thrown], key=lambda one: one.key_id)
    raw = assemble(Kind.REPORT, ENVELOPE_ID, padded, slots)
    reply = assemble(Kind.TO_REPORTER, ENVELOPE_ID, padded, slots)
    full = assemble(Kind.RECORD, ENVELOPE_ID, padded, [Slot(bytes([n]) * 16, bytes(80)) for n in range(64)])
    shared = {name: b64e(one) for name, one in (("report", raw), ("reply", reply), ("full", full))}
    ids = [one.key_id for one in slots]
    output = {"kind": 1, "envelope_id": hex_id(ENVELOPE_ID), "slots": [one.hex() for one in ids]}
    start = 86 + 3 * 96 + 28

    def breaks(name: str, error: str, base: str = "report", **edit: Any) -> Vector:
        return bad(name, "decode", {"raw_b64": f"@{base}", "edit": edit}, error)

    def put(name: str, error: str, at: int, bytes_: bytes, base: str = "report") -> Vector:
        return breaks(name, error, base, at=at, put=bytes_.hex())

    return [
        good("a report", "decode", {"raw_b64": "@report"}, {**output, "hash": envelope_hash(raw).hex()}),
        good(
            "a reply",
            "decode",
            {"raw_b64": "@reply"},
            {**output, "kind": 3, "hash": envelope_hash(reply).hex()},
        ),
        good(
            "64 slots",
            "decode",
            {"raw_b64": "@full"},
            {
                "kind": 4,
                "envelope_id": hex_id(ENVELOPE_ID),
                "slots": [one.key_id.hex() for one in decode(full).slots],
                "hash": envelope_hash(full).hex(),
            },
        ),
        put("another magic", "BadMagic", 0, b"MYA1"),
        put("a small letter in the magic", "BadMagic", 0, b"m"),
        put("version 2", "UnknownVersion", 3, b"2"),
        put("version 0", "UnknownVersion", 3, b"0"),
        breaks("nothing", "Truncated", cut=0),
        breaks("the magic alone", "Truncated", cut=4),
        breaks("ends before the number of slots", "Truncated", cut=85),
        breaks("ends before the slots", "Truncated", cut=86),
        breaks("ends within a slot", "Truncated", cut=86 + 96 + 20),
        breaks("ends after the slots", "Truncated", cut=86 + 3 * 96),
        breaks("ends within the length", "Truncated", cut=start - 1),
        breaks("ends before the ciphertext", "Truncated", cut=start),
        breaks("ends a byte too early", "Truncated", cut=len(raw) - 1),
        put("kind 0", "UnknownKind", 4, b"\0"),
        put("kind 5", "UnknownKind", 4, b"\5"),
        put("a report without act key", "ActKeyMissing", 53, bytes(32)),
        put("a reply with an act key", "ActKeyUnexpected", 53, bytes([1]) * 32, "reply"),
        put("a reply with one bit of an act key", "ActKeyUnexpected", 84, b"\1", "reply"),
        put("no slots", "NoSlots", 85, b"\0"),
        put("65 slots", "TooManySlots", 85, b"\x41", "full"),
        put("255 slots", "TooManySlots", 85, b"\xff", "full"),
        put("two slots with one key id", "SlotRepeated", 86 + 96, ids[0]),
        put("slots in descending order", "SlotsUnsorted", 86, b"\xff" * 16),
        put("a slot too small at the end", "SlotsUnsorted", 86 + 2 * 96, bytes(16)),
        put("a length of zero", "CiphertextSize", start - 4, bytes(4)),
        put("a length without the tag", "CiphertextSize", start - 4, (8192).to_bytes(4, "big")),
        put("a length between classes", "CiphertextSize", start - 4, (8193 + 16).to_bytes(4, "big")),
        put("the largest length there is", "CiphertextSize", start - 4, b"\xff" * 4),
        put("a length of the next class", "Truncated", start - 4, (32768 + 16).to_bytes(4, "big")),
        breaks("a byte after it", "TrailingBytes", append="00"),
        breaks("a line feed after it", "TrailingBytes", append="0a"),
    ], shared


def openings() -> tuple[list[Vector], dict[str, Any]]:
    payload = report_payload()
    padded = pad(canonical_json(payload))
    other_key = bytes([8]) * 32
    thrown = Slot(THIRD.key_id, seal.throwaway_grant())
    right = sorted([slot(FOUNDER), slot(SECOND), thrown], key=lambda one: one.key_id)
    lying = sorted([slot(FOUNDER, other_key), slot(SECOND)], key=lambda one: one.key_id)
    raws = {
        "report": assemble(Kind.REPORT, ENVELOPE_ID, padded, right),
        "record": assemble(Kind.RECORD, ENVELOPE_ID, pad(canonical_json(record_payload())), [slot(FOUNDER)]),
        "other_key_in_slot": assemble(Kind.REPORT, ENVELOPE_ID, padded, lying),
        "other_act_key": assemble(Kind.REPORT, ENVELOPE_ID, padded, right, act_pk=seal.act_pk(other_key)),
        "other_commitment": assemble(
            Kind.REPORT, ENVELOPE_ID, padded, right, commitment=seal.commitment(other_key)
        ),
    }
    places = {one.key_id: 86 + 96 * number for number, one in enumerate(right)}
    start = 86 + 3 * 96 + 28
    to_mailbox = seal.grant(CONTENT_KEY, RECEIPT.mailbox_pk).hex()
    to_third = seal.grant(CONTENT_KEY, THIRD.box_pk).hex()
    false, thrown_away = seal.grant(other_key, THIRD.box_pk).hex(), seal.throwaway_grant().hex()
    too_short = bytes(crypto_box_seal(bytes(31), THIRD.box_pk)).hex()
    opened = {"payload": payload, "unusual": []}
    mailbox = {"root": RECEIPT.root.hex()}

    def who(name: str) -> dict[str, str]:
        return {"seed": SEEDS[name].hex()}

    def opens(name: str, given: Mapping[str, Any], output: Any = opened) -> Vector:
        return good(name, "open", {"raw_b64": "@report", **given}, output)

    def refused(name: str, given: Mapping[str, Any], error: str) -> Vector:
        return bad(name, "open", {"raw_b64": "@report", **given}, error)

    def flip(name: str, at: int, error: str = "CiphertextForged", base: str = "report") -> Vector:
        changed = bytes([raws[base][at] ^ 1]).hex()
        return refused(
            name, {"raw_b64": f"@{base}", **who("founder"), "edit": {"at": at, "put": changed}}, error
        )

    return [
        opens("by the own slot", who("founder")),
        opens("by the other slot", who("second")),
        opens("the mailbox, by a grant", {**mailbox, "grants": [to_mailbox]}),
        opens("by a grant beside a slot that does not open", {**who("third"), "grants": [to_third]}),
        opens("by the last of three grants", {**who("third"), "grants": [thrown_away, false, to_third]}),
        opens("by the own slot, whatever the grants", {**who("founder"), "grants": [thrown_away, "00"]}),
        opens(
            "a record", {"raw_b64": "@record", **who("founder")}, {"payload": record_payload(), "unusual": []}
        ),
        refused("no slot, no grant", who("fourth"), "NotAddressed"),
        refused("the mailbox without a grant", mailbox, "NotAddressed"),
        refused("a throw-away slot: excluded", who("third"), "CannotOpen"),
        refused(
            "a throw-away slot and a throw-away grant",
            {**who("third"), "grants": [thrown_away]},
            "CannotOpen",
        ),
        refused("a grant to somebody else", {**who("fourth"), "grants": [to_third]}, "CannotOpen"),
        refused("an empty grant", {**who("fourth"), "grants": [""]}, "CannotOpen"),
        refused("a grant cut off", {**mailbox, "grants": [to_mailbox[:-2]]}, "CannotOpen"),
        refused("a grant that holds 31 bytes", {**who("third"), "grants": [too_short]}, "CannotOpen"),
        flip("a damaged slot", places[FOUNDER.key_id] + 50, "CannotOpen"),
        refused(
            "a slot that holds another key",
            {"raw_b64": "@other_key_in_slot", **who("founder")},
            "CommitmentMismatch",
        ),
        refused("a grant that holds another key", {**who("third"), "grants": [false]}, "CommitmentMismatch"),
        refused(
            "a commitment to another key",
            {"raw_b64": "@other_commitment", **who("founder")},
            "CommitmentMismatch",
        ),
        flip("a damaged commitment", 21, "CommitmentMismatch"),
        refused(
            "an act key of another key", {"raw_b64": "@other_act_key", **who("founder")}, "ActKeyMismatch"
        ),
        flip("a damaged act key", 53, "ActKeyMismatch"),
        flip("another envelope id in the header", 5),
        flip("somebody else's slot damaged", places[SECOND.key_id] + 50),
        flip("the nonce changed", start - 28),
        flip("the ciphertext's first byte changed", start),
        flip("the ciphertext's last byte, in the tag, changed", len(raws["report"]) - 1),
        refused(
            "a record turned into a message to the reporter",
            {"raw_b64": "@record", **who("founder"), "edit": {"at": 4, "put": "03"}},
            "CiphertextForged",
        ),
    ], {name: b64e(raw) for name, raw in raws.items()}
