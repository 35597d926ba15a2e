"""What the builders of vectors share: auditors, cards, payloads, one vector, and the writer of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from crypto import attachment, cards, choice, listing, messages
from crypto.encoding import b64d, b64e, canonical_json, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity, from_seed
from crypto.receipt import derive, from_root

FOLDER = Path(__file__).parent


DAY = date(2026, 11, 23)


SALT = bytes(range(16))


CODE = "K7Q29M4XTB8V3HNE5RW0"


RECEIPT = derive(CODE, SALT)


NEW_RECEIPT = from_root(bytes([0x2E]) * 32)


ENVELOPE_ID = bytes([0xE1]) * 16


LOG_KEY = b64e(bytes([0x10]) * 32)


SEEDS = {
    name: bytes([number]) * 32 for number, name in enumerate(("zero", "founder", "second", "third", "fourth"))
}


AUDITORS = {name: from_seed(seed) for name, seed in SEEDS.items()}


SECOND_CHOICE = choice.Choice(frozenset({bytes([0xAB]) * 16}), 2)


FOUNDER, SECOND, THIRD, FOURTH = (AUDITORS[name] for name in ("founder", "second", "third", "fourth"))


Vector = dict[str, Any]


def good(name: str, operation: str, given: Mapping[str, Any], output: Any) -> Vector:
    return {"name": name, "operation": operation, "input": dict(given), "output": output}


def bad(name: str, operation: str, given: Mapping[str, Any], error: str) -> Vector:
    return {"name": name, "operation": operation, "input": dict(given), "error": error}


def write(stem: str, about: str, vectors: Sequence[Vector], shared: Mapping[str, Any] | None = None) -> None:
    found: dict[str, Any] = {"about": about}
    if shared:
        found["shared"] = dict(shared)
    found["vectors"] = list(vectors)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (FOLDER / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


def person_of(who: Identity) -> str:
    return who.key_id[::-1].hex()


_NAMES = {
    "founder": ("佐藤 花子", "Hanako Sato"),
    "second": ("鈴木 太郎", "Taro Suzuki"),
    "third": ("高橋 健", "Ken Takahashi"),
}


def named(person: str) -> dict[str, str]:
    """Return the name of a person, which all keys of theirs carry."""
    known = {person_of(AUDITORS[name]): names for name, names in _NAMES.items()}
    return dict(
        zip(("ja", "en"), known.get(person, (f"田中 {person[:4]}", f"Tanaka {person[:4]}")), strict=True)
    )


def card_json(
    who: Identity, person: str = "", sign_with: Identity | None = None, **changed: Any
) -> dict[str, Any]:
    """Return a card whose own signature covers whatever its fields are."""
    person = person or person_of(who)
    fields: dict[str, Any] = {
        "v": 1,
        "person": person,
        "name": named(person),
        "role": {"ja": "監査部 部長", "en": "Head of audit"},
        "box_pk": b64e(who.box_pk),
        "sign_pk": b64e(who.sign_pk),
        **changed,
    }
    text = b"mybk1/card\n" + canonical_json(fields)
    return {**fields, "sig": b64e(messages.sign((sign_with or who).sign_seed, text))}


def vouched(card: Mapping[str, Any], by: Identity, sign_with: Identity | None = None) -> dict[str, Any]:
    found = {**card, "voucher": hex_id(by.key_id)}
    text = b"mybk1/card\n" + canonical_json(found)
    return {**found, "voucher_sig": b64e(messages.sign((sign_with or by).sign_seed, text))}


def text_of(found: Mapping[str, Any]) -> str:
    return canonical_json(found).decode()


def without(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


def flipped(text: str) -> str:
    """Return b64 text with its first byte changed."""
    raw = b64d(text)
    return b64e(bytes([raw[0] ^ 1]) + raw[1:])


ORDER_8 = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


_P = 2**255 - 19


SMALL_ORDER = {
    what: number.to_bytes(32, "little")
    for what, number in (
        ("1", 1),
        ("p - 1", _P - 1),
        ("p, for 0", _P),
        ("p + 1, for 1", _P + 1),
        ("the other of order 8", 0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F),
        ("1 with the highest bit", 1 + 2**255),
        ("p - 1 with the highest bit", _P - 1 + 2**255),
    )
}
"""Points with which no secret can be agreed on, besides 0 and `ORDER_8`; a reader ignores the highest bit."""


def note(key: Identity, by: Identity, sign_with: Identity | None = None, **changed: Any) -> dict[str, Any]:
    found = json.loads(cards.new_retirement(key.key_id, DAY, by.key_id, (sign_with or by).sign_seed).encode())
    return {**found, **changed}


READERS = listing.readers_field(listing.Prefix(3, bytes([0xD1]) * 32), [FOUNDER.key_id, SECOND.key_id])


def report_payload(**changed: Any) -> dict[str, Any]:
    """Return a signed report; what is `changed` was changed after signing."""
    return {**signed_report(), **changed}


def signed_report(**written: Any) -> dict[str, Any]:
    payload = messages.report_payload({"what_happened": "名簿の流出が隠されている"}, [], RECEIPT)
    payload = {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **written}
    return messages.sign_reporter(Kind.REPORT, payload, RECEIPT)


def message_payload(**changed: Any) -> dict[str, Any]:
    payload = messages.reporter_message({"message": "続きです"}, RECEIPT, [ENVELOPE_ID], choice=SECOND_CHOICE)
    return signed_payload(
        Kind.FROM_REPORTER, {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    )


def form_payload(**changed: Any) -> dict[str, Any]:
    body = {"what_happened": "書き直し", "who": "課長"}
    payload = messages.reporter_message(body, RECEIPT, [ENVELOPE_ID], choice=SECOND_CHOICE)
    return signed_payload(
        Kind.FROM_REPORTER, {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    )


def keys_payload(**changed: Any) -> dict[str, Any]:
    payload = messages.new_keys_message(NEW_RECEIPT, RECEIPT, [ENVELOPE_ID], RECEIPT.case_id, SECOND_CHOICE)
    unsigned = {**without(payload, "sig"), "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}
    return signed_payload(Kind.FROM_REPORTER, unsigned)


def file_entry(number: int, **changed: Any) -> dict[str, Any]:
    made = attachment.entry(
        bytes([0xF0]) * 15 + bytes([number]), bytes(32), bytes(32), 5, "名簿.xlsx", "text/plain", "nothing"
    )
    return {**made, **changed}


FILE = file_entry(0, cleaned="removed", found=["camera", "place"])


PARTLY = file_entry(1, cleaned="partly", found=["author"])


def reply_payload(**changed: Any) -> dict[str, Any]:
    return signed_payload(
        Kind.TO_REPORTER, {**auditors_payload({"message": "調べます", "choice": 2}), **changed}
    )


ACCESS = {"what": "off", "target": "ab" * 16, "number": 1, "proposer": "ac" * 16, "sig": b64e(bytes(64))}


def record_payload(**changed: Any) -> dict[str, Any]:
    return signed_payload(Kind.RECORD, {**auditors_payload({"record": {"note": "覚え書き"}}), **changed})


def auditors_payload(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **body,
        "v": 1,
        "author": hex_id(FOUNDER.key_id),
        "case_id": hex_id(RECEIPT.case_id),
        "envelope_id": hex_id(ENVELOPE_ID),
        "files": [],
        "readers": READERS,
        "seen": [hex_id(ENVELOPE_ID)],
    }


def signed_payload(kind: Kind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Sign whatever the fields are: what is wrong with them must be the only thing that is wrong."""
    seed = RECEIPT.sign_seed if kind is Kind.FROM_REPORTER else FOUNDER.sign_seed
    text = b"mybk1/msg\n" + bytes([kind]) + ENVELOPE_ID + RECEIPT.case_id + canonical_json(payload)
    return {**payload, "sig": b64e(messages.sign(seed, text))}
