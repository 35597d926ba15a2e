"""Writes `intake.json` anew: `python -m tests.vectors.make_intake`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crypto import messages
from crypto.encoding import b64e, canonical_json, hex_id
from crypto.envelope import Kind
from crypto.identity import Identity
from crypto.intake import Intake, with_intake
from crypto.payloads import INTAKE_CHANNELS
from crypto.receipt import from_root
from tests.vectors.parts import (
    DAY,
    ENVELOPE_ID,
    FOUNDER,
    NEW_RECEIPT,
    RECEIPT,
    SECOND,
    THIRD,
    Vector,
    bad,
    good,
    keys_payload,
    message_payload,
    record_payload,
    reply_payload,
    report_payload,
    write,
)
from tests.vectors.stored_cases import READERS

CARDS = [[hex_id(who.key_id), who.sign_pk.hex()] for who in (FOUNDER, SECOND, THIRD)]
TOLD = {"channel": "telephone", "day": str(DAY), "code": "given", "author": SECOND.key_id.hex()}


def bare(**changed: Any) -> dict[str, Any]:
    """Return a report's payload as it is before anybody signed it."""
    payload = messages.report_payload({"what_happened": "電話で聞いたこと"}, [], RECEIPT)
    return {**payload, "readers": READERS, "envelope_id": hex_id(ENVELOPE_ID), **changed}


def written_down(
    channel: str = "telephone",
    day: date = DAY,
    code: str = "given",
    author: Identity = SECOND,
    signer: Identity = SECOND,
    **changed: Any,
) -> dict[str, Any]:
    """Return a report that an auditor wrote down; what is `changed` was changed before both signed."""
    payload = with_intake(bare(**changed), Intake(channel, day, code, author.key_id), signer.sign_seed)
    return messages.sign_reporter(Kind.REPORT, payload, RECEIPT)


def again(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload signed anew with the receipt's key: that of a page which changed it, and not the auditor's."""
    unsigned = {name: value for name, value in payload.items() if name != "sig"}
    return messages.sign_reporter(Kind.REPORT, unsigned, RECEIPT)


def forged(payload: Mapping[str, Any], signed: Mapping[str, Any]) -> str:
    """Return SECOND's signature over what another payload says."""
    fields = {name: value for name, value in payload["intake"].items() if name != "sig"}
    text = {name: value for name, value in signed.items() if name != "sig"} | {"intake": fields}
    ids = ENVELOPE_ID + RECEIPT.case_id
    return b64e(messages.sign(SECOND.sign_seed, b"mybk1/intake\n" + ids + canonical_json(text)))


def of_intake(**changed: Any) -> dict[str, Any]:
    """Return a report whose `intake` was changed after the auditor signed; the receipt's key signed that."""
    payload = written_down()
    return again({**payload, "intake": {**payload["intake"], **changed}})


def without_field(name: str) -> dict[str, Any]:
    payload = written_down()
    kept = {field: value for field, value in payload["intake"].items() if field != name}
    return again({**payload, "intake": kept})


WRONG: dict[str, Any] = {
    "an empty channel": of_intake(channel=""),
    "a channel of tomorrow": of_intake(channel="fax"),
    "a channel in capitals": of_intake(channel="TALK"),
    "a channel in a list": of_intake(channel=["talk"]),
    "a day that no calendar has": of_intake(day="2026-02-30"),
    "a day in another spelling": of_intake(day="20261123"),
    "a day with a time": of_intake(day="2026-11-23T10:00"),
    "a day that is a number": of_intake(day=20261123),
    "another word for the code": of_intake(code="lost"),
    "a code that is true": of_intake(code=True),
    "an author in capitals": of_intake(author=SECOND.key_id.hex().upper()),
    "a name for an author": of_intake(author="監査 二郎"),
    "a signature of 63 bytes": of_intake(sig=b64e(bytes(63))),
    "an empty signature": of_intake(sig=""),
    "a field of tomorrow": of_intake(place="本社"),
    **{f"no {name}": without_field(name) for name in ("channel", "day", "code", "author", "sig")},
    "a text": again({**written_down(), "intake": "telephone"}),
    "a list": again({**written_down(), "intake": [written_down()["intake"]]}),
    "true": again({**written_down(), "intake": True}),
}
"""What no `intake` is: each is shown with the report, and is nobody's word."""


def forms() -> list[Vector]:
    """Return what the form of payloads says of the field."""
    own = hex_id(ENVELOPE_ID)

    def opened(name: str, kind: int, payload: Mapping[str, Any], *unusual: str) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(payload)}
        return good(name, "payload", given, {"payload": dict(payload), "unusual": list(unusual)})

    def refused(name: str, kind: int, payload: Mapping[str, Any]) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(payload)}
        return bad(name, "payload", given, "PayloadFieldUnknown")

    said = written_down()["intake"]
    return [
        *(opened(f"form: by {name}", 1, written_down(name)) for name in INTAKE_CHANNELS),
        opened("form: without a code", 1, written_down(code="none")),
        *(opened(f"form: {name}", 1, payload, "PayloadFieldWrong") for name, payload in WRONG.items()),
        opened("form: in a message", 2, {**message_payload(), "intake": said}, "PayloadFieldUnknown"),
        opened("form: with new keys", 2, {**keys_payload(), "intake": said}, "PayloadFieldUnknown"),
        refused("form: in a reply", 3, reply_payload(intake=said)),
        refused("form: in a record", 4, record_payload(intake=said)),
    ]


def words() -> list[Vector]:
    """Return whose word it is."""

    def read(name: str, payload: Mapping[str, Any], output: Any) -> Vector:
        return good(name, "intake_of", {"cards": CARDS, "payload": dict(payload)}, output)

    def refused(
        name: str, payload: Mapping[str, Any], error: str = "SignatureWrong", cards: Any = CARDS
    ) -> Vector:
        return bad(name, "intake_of", {"cards": cards, "payload": dict(payload)}, error)

    whole, other = written_down(), bytes([0xE2]) * 16
    moved = {**whole, "envelope_id": hex_id(other)}
    keys = {"mailbox_pk": b64e(NEW_RECEIPT.mailbox_pk), "reporter_sign_pk": b64e(NEW_RECEIPT.sign_pk)}
    stolen = messages.sign_reporter(
        Kind.REPORT, {k: v for k, v in {**whole, **keys}.items() if k != "sig"}, NEW_RECEIPT
    )
    person = [hex_id(bytes([0xAB]) * 16)]
    return [
        read("a telephone call", whole, TOLD),
        read(
            "a letter",
            written_down("letter", date(2026, 11, 1)),
            {**TOLD, "channel": "letter", "day": "2026-11-01"},
        ),
        read(
            "a talk without a code",
            written_down("talk", code="none"),
            {**TOLD, "channel": "talk", "code": "none"},
        ),
        read("a report of the reporter's own", report_payload(), None),
        *(refused(f"said as {name}", payload, "PayloadFieldWrong") for name, payload in WRONG.items()),
        refused("another auditor's key", written_down(signer=FOUNDER)),
        refused("another auditor's name", of_intake(author=FOUNDER.key_id.hex())),
        refused("a reporter's page that names an auditor", of_intake(sig=b64e(bytes(64)))),
        refused(
            "the receipt's own key",
            of_intake(sig=b64e(messages.sign(RECEIPT.sign_seed, b"mybk1/intake\n"))),
        ),
        refused("another channel", of_intake(channel="letter")),
        refused("another day", of_intake(day="2026-11-22")),
        refused("another word about the code", of_intake(code="none")),
        refused("other words", again({**whole, "what_happened": "電話で聞かなかったこと"})),
        refused("a word more", again({**whole, "who": "部長"})),
        refused("somebody left out besides", again({**whole, "exclude": person})),
        refused("somebody not left out", again({**written_down(exclude=person), "exclude": []})),
        refused("another envelope", again(moved)),
        refused("another case", again({**whole, "case_id": hex_id(from_root(bytes(32)).case_id)})),
        refused("the keys of another code", stolen),
        refused(
            "a signature over another day",
            of_intake(day="2026-11-22", sig=forged(whole, bare())),
        ),
        refused(
            "the signature of an answer",
            of_intake(sig=reply_payload()["sig"]),
        ),
        refused("an auditor who was no reader", written_down(author=THIRD, signer=THIRD), "IntakeAuthor"),
        refused("an auditor who is not on the list", whole, "IntakeAuthor", CARDS[:1]),
        refused("a list without anybody", whole, "IntakeAuthor", []),
        refused("readers that are none", again({**whole, "readers": {}}), "IntakeAuthor"),
    ]


if __name__ == "__main__":
    write("intake", "Reports that an auditor wrote down (docs/format.md, 2.14).", [*forms(), *words()])
