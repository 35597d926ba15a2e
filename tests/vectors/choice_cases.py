"""Vectors of docs/format.md, 2.9 and 2.10: the exclude record, the chain of a reporter's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt, crypto_box_seal

from crypto import choice, messages
from crypto.encoding import b2, b64e, hex_id
from crypto.envelope import Kind
from crypto.receipt import Receipt
from tests.vectors.parts import (
    ENVELOPE_ID,
    FOUNDER,
    NEW_RECEIPT,
    READERS,
    RECEIPT,
    SECOND_CHOICE,
    Vector,
    bad,
    form_payload,
    good,
    keys_payload,
    message_payload,
    report_payload,
    without,
)


def records() -> list[Vector]:
    root, case_id = RECEIPT.root, RECEIPT.case_id
    persons = sorted(bytes([number]) * 16 for number in (3, 1, 2))
    full = [bytes([number + 1]) * 16 for number in range(64)]
    named, act_key = bytes([0xEA]) * 32, bytes([0xAC]) * 32

    def given(raw: bytes, **changed: str) -> dict[str, str]:
        return {"root": root.hex(), "case_id": case_id.hex(), "raw_b64": b64e(raw), **changed}

    def made(
        listed: Sequence[bytes],
        number: int = 1,
        code: bytes = root,
        case: bytes = case_id,
        off: Mapping[bytes, int] | None = None,
    ) -> bytes:
        held = choice.ExcludeRecord(choice.Choice(frozenset(listed), number), named, act_key, off or {})
        return choice.seal_record(code, case, held)

    def held(count: int, listed: bytes, magic: bytes = b"MYX3", number: int = 1, size: int = 2378) -> bytes:
        """A record put together by hand, whatever is in it."""
        content = magic + number.to_bytes(4, "big") + named + act_key + bytes([count]) + listed
        key, nonce = b2(32, b"", key=root, person="mybk1-choice"), bytes(range(24))
        ad = b"mybk1/choice\n" + case_id
        plain = content.ljust(size, b"\0")
        return nonce + bytes(crypto_aead_xchacha20poly1305_ietf_encrypt(plain, ad, nonce, key))

    def reads(
        name: str,
        raw: bytes,
        listed: Sequence[bytes],
        number: int = 1,
        off: Mapping[bytes, int] | None = None,
    ) -> Vector:
        assert len(raw) == 2418
        output = {
            "number": number,
            "persons": [one.hex() for one in listed],
            "report": named.hex(),
            "act_pk": act_key.hex(),
            "off": {person.hex(): change for person, change in (off or {}).items()},
        }
        return good(name, "exclude_record", given(raw), output)

    def refused(name: str, raw: bytes, error: str = "ExcludeMalformed", **changed: str) -> Vector:
        return bad(name, "exclude_record", given(raw, **changed), error)

    listed, right = b"".join(persons), made(persons)
    gone = {persons[0]: 1, persons[2]: 2**32 - 1}

    def entry(person: bytes) -> bytes:
        return person + (1).to_bytes(4, "big")

    to_mailbox = crypto_box_seal((b"MYX1" + bytes([0])).ljust(1029, b"\0"), RECEIPT.mailbox_pk)
    return [
        reads("nobody", made([]), []),
        reads("three persons", made([*persons, persons[0]]), persons),
        reads("64 persons", made(full), full),
        reads("the largest number", made(persons, 2**32 - 1), persons, 2**32 - 1),
        reads("put together by hand", held(3, listed), persons),
        refused("another code's", made(persons, code=NEW_RECEIPT.root), "ExcludeUnopenable"),
        refused("another case's", made(persons, case=bytes(16)), "ExcludeUnopenable"),
        refused("read for another case", right, "ExcludeUnopenable", case_id="00" * 16),
        refused("read with another code", right, "ExcludeUnopenable", root="00" * 32),
        refused("sealed to the mailbox by the server", bytes(to_mailbox), "ExcludeUnopenable"),
        refused("damaged", right[:-1] + bytes([right[-1] ^ 1]), "ExcludeUnopenable"),
        refused("another nonce", bytes([right[0] ^ 1]) + right[1:], "ExcludeUnopenable"),
        refused("cut off", right[:-1], "ExcludeUnopenable"),
        refused("a byte behind it", right + b"\0", "ExcludeUnopenable"),
        refused("nothing", b"", "ExcludeUnopenable"),
        reads("two who were taken off", made(persons, off=gone), persons, off=gone),
        reads(
            "64 who were taken off", made(full, off=dict.fromkeys(full, 5)), full, off=dict.fromkeys(full, 5)
        ),
        refused("zeros", bytes(2418), "ExcludeUnopenable"),
        refused("of the size that it had", bytes(1137), "ExcludeUnopenable"),
        refused("shorter inside", held(3, listed, size=2377), "ExcludeUnopenable"),
        refused("another magic", held(3, listed, b"MYX2")),
        refused("65 who were taken off", held(3, listed + bytes([65]) + b"".join(map(entry, full)))),
        refused(
            "more taken off than counted",
            held(3, listed + bytes([1]) + entry(persons[0]) + entry(persons[1])),
        ),
        refused(
            "taken off out of order", held(3, listed + bytes([2]) + entry(persons[1]) + entry(persons[0]))
        ),
        refused("taken off twice", held(3, listed + bytes([2]) + entry(persons[1]) * 2)),
        refused("taken off with number zero", held(3, listed + bytes([1]) + persons[0] + bytes(4))),
        refused("number zero", held(3, listed, number=0)),
        refused("65 persons", held(65, b"".join(full))),
        refused("more persons than counted", held(2, listed)),
        refused("out of order", held(3, persons[1] + persons[0] + persons[2])),
        refused("one person twice", held(3, persons[0] * 2 + persons[1])),
    ]


def _taken(case_id: bytes, old: Receipt) -> tuple[bytes, bytes, bytes]:
    return case_id, old.sign_pk, NEW_RECEIPT.mailbox_pk


def key_chains() -> list[Vector]:
    report, first, moved = report_payload(), message_payload(), keys_payload()
    by_new = messages.sign_reporter(Kind.FROM_REPORTER, without(message_payload(), "sig"), NEW_RECEIPT)
    back = messages.new_keys_message(RECEIPT, NEW_RECEIPT, [], RECEIPT.case_id, SECOND_CHOICE)
    back = {**back, "readers": READERS}
    moved_back = messages.sign_reporter(
        Kind.FROM_REPORTER, {**back, "envelope_id": hex_id(ENVELOPE_ID)}, NEW_RECEIPT
    )
    forged = messages.sign(FOUNDER.sign_seed, messages.taken_text(*_taken(RECEIPT.case_id, RECEIPT)))
    other_old = messages.sign(
        NEW_RECEIPT.sign_seed, messages.taken_text(*_taken(RECEIPT.case_id, NEW_RECEIPT))
    )
    other_case = messages.sign(NEW_RECEIPT.sign_seed, messages.taken_text(*_taken(bytes(16), RECEIPT)))
    untaken, taken_elsewhere, taken_otherwise = (
        keys_payload(new_sig=b64e(sig)) for sig in (forged, other_old, other_case)
    )
    body = without(keys_payload(), "sig", "new_sig")
    unsigned = messages.sign_reporter(Kind.FROM_REPORTER, body, RECEIPT)
    old, new = ([one.mailbox_pk.hex(), one.sign_pk.hex()] for one in (RECEIPT, NEW_RECEIPT))
    as_message = messages.sign_reporter(Kind.FROM_REPORTER, without(report, "sig"), RECEIPT)
    other_key = {**without(report, "sig"), "reporter_sign_pk": b64e(NEW_RECEIPT.sign_pk)}
    elses = messages.sign_reporter(Kind.REPORT, other_key, NEW_RECEIPT)

    def chain(
        name: str, later: Sequence[Any], accepted: Sequence[bool], current: Any, **report_with: Any
    ) -> Vector:
        given = {"report": {**report, **report_with}, "later": list(later)}
        return good(name, "key_chain", given, {"accepted": list(accepted), "current": current})

    return [
        chain("nothing later", [], [], old),
        chain("messages", [first, form_payload()], [True, True], old),
        chain("a new code", [first, moved, by_new], [True, True, True], new),
        chain("the old code after the new one", [moved, first], [True, False], new),
        chain("the new code before it was one", [by_new, moved], [False, True], new),
        chain("back to the first code", [moved, moved_back, first], [True, True, True], old),
        chain("the same new keys twice", [moved, moved], [True, False], new),
        chain("new keys that the old key did not sign", [moved_back, first], [False, True], old),
        chain("changed new keys", [{**moved, "mailbox_pk": b64e(bytes(32))}, first], [False, True], old),
        chain("new keys that the new code did not sign", [untaken, by_new], [False, False], old),
        chain("new keys without the new code's signature", [unsigned, first], [False, True], old),
        chain("new keys taken from another old code", [taken_elsewhere, first], [False, True], old),
        chain("new keys taken in another case", [taken_otherwise, first], [False, True], old),
        chain("keys in a message are not new ones", [keys_payload(message="x"), first], [True, True], old),
        chain("a report without keys", [first], [False], None, mailbox_pk=1),
        chain("a report with short keys", [first], [False], None, reporter_sign_pk=b64e(bytes(31))),
        chain("a report whose text was changed", [first], [False], None, what_happened="別の話"),
        chain("a report that shuts out nobody any more", [first], [False], None, exclude=["aa" * 16]),
        chain(
            "a report with another mailbox", [first], [False], None, mailbox_pk=b64e(NEW_RECEIPT.mailbox_pk)
        ),
        chain(
            "a report with another key", [first], [False], None, reporter_sign_pk=b64e(NEW_RECEIPT.sign_pk)
        ),
        chain("a report to other readers", [first], [False], None, readers={**READERS, "length": 4}),
        chain("a report that was signed as a message", [first], [False], None, sig=as_message["sig"]),
        good(
            "a report without a signature",
            "key_chain",
            {"report": without(report, "sig"), "later": [first]},
            {"accepted": [False], "current": None},
        ),
        good(
            "a report of somebody else's",
            "key_chain",
            {"report": elses, "later": [first]},
            {"accepted": [False], "current": [RECEIPT.mailbox_pk.hex(), NEW_RECEIPT.sign_pk.hex()]},
        ),
    ]
