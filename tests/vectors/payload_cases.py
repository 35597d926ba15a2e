"""Vectors of docs/format.md, 2.4: payloads of each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crypto.encoding import b64e, canonical_json, hex_id
from crypto.envelope import Kind
from crypto.payloads import CATEGORIES, MEANINGS, PAGE_LANGUAGES, TREATED
from tests.vectors.parts import (
    ACCESS,
    ENVELOPE_ID,
    FILE,
    LOG_KEY,
    PARTLY,
    READERS,
    Vector,
    auditors_payload,
    bad,
    file_entry,
    form_payload,
    good,
    keys_payload,
    message_payload,
    record_payload,
    reply_payload,
    report_payload,
    signed_payload,
    without,
)
from tests.vectors.signature_cases import OPTIONAL, RECIPIENTS


def _wrong_files() -> dict[str, list[Any]]:
    return {
        "21 files": [file_entry(number) for number in range(21)],
        "an object twice": [FILE, FILE],
        "a file that is no object": ["a.txt"],
        "files in no list": {},  # type: ignore[dict-item]
        "a file without a key": [without(FILE, "key")],
        "a file with a field of tomorrow": [{**FILE, "width": 3}],
        "a file key of 31 bytes": [file_entry(0, key=b64e(bytes(31)))],
        "a file hash in hex": [file_entry(0, hash="00" * 32)],
        "an object id in capitals": [file_entry(0, object="AB" * 16)],
        "a size below zero": [file_entry(0, size=-1)],
        "a size that is true": [file_entry(0, size=True)],
        "a size that no file has": [file_entry(0, size=2**40 + 1)],
        "a file without a name": [file_entry(0, name="")],
        "a name of 201 characters": [file_entry(0, name="あ" * 201)],
        "a name of 201 bytes": [file_entry(0, name="あ" * 67)],
        "a type with a space": [file_entry(0, type="text/plain x")],
        "a type of 101 characters": [file_entry(0, type="a" * 101)],
        "another word for cleaned": [file_entry(0, cleaned="yes")],
        "found, and nothing removed": [file_entry(0, found=["place"])],
        "found, and not cleaned": [file_entry(0, cleaned="not", found=["place"])],
        "removed, and nothing found": [file_entry(0, cleaned="removed")],
        "a word that nobody knows": [file_entry(0, cleaned="removed", found=["soul"])],
        "words out of order": [file_entry(0, cleaned="removed", found=["place", "camera"])],
        "a word twice": [file_entry(0, cleaned="removed", found=["place", "place"])],
    }


def _wrong_categories() -> dict[str, Any]:
    return {
        "a category that there is none of": "gossip",
        "a category that only auditors say": "not_a_report",
        "no category": "",
        "two categories": ["leak", "other"],
    }


def _wrong_treated() -> dict[str, Any]:
    return {
        "treated as what there is none of": "gossip",
        "treated as nothing": "",
        "treated as two": ["leak", "other"],
        "treated as, in capitals": "Harassment",
        "treated as a number": 1,
        "treated as, said to be none": None,
    }


def treated() -> list[Vector]:
    def said(name: str, output: tuple[str, str] | None, *answers: tuple[str, str]) -> Vector:
        given = {"answers": [list(answer) for answer in answers]}
        return good(name, "treated", given, output and {"category": output[0], "since": output[1]})

    first, second, third = "2026-11-23", "2026-11-25", "2026-11-28"
    return [
        said("no answer", None),
        said("answers without it", None, ("", first), ("", second)),
        said("one answer", ("harassment", first), ("harassment", first)),
        *(said(f"treated as {word}", (word, second), ("", first), (word, second)) for word in TREATED),
        said("said again: since the first", ("other", first), ("other", first), ("other", third)),
        said("corrected", ("accounting", second), ("leak", first), ("accounting", second)),
        said("an answer without it changes nothing", ("leak", first), ("leak", first), ("", second)),
        said(
            "said again after one without it: since the first",
            ("leak", first), ("leak", first), ("", second), ("leak", third),
        ),
        said(
            "another word between: since the second time",
            ("leak", third), ("leak", first), ("other", second), ("leak", third),
        ),
        said(
            "no report, after all one",
            ("harassment", third), ("not_a_report", first), ("not_a_report", second), ("harassment", third),
        ),
    ]  # fmt: skip


def _wrong_languages() -> dict[str, Any]:
    return {
        "a language that no page has": "fr",
        "a browser's wish for a language": "en-US,en;q=0.9",
        "a language in capitals": "JA",
        "no language": "",
        "two languages": ["ja", "en"],
        "a language that is a number": 1,
    }


def _wrong_meanings() -> dict[str, Any]:
    return {
        "a meaning of tomorrow": "close",
        "an empty meaning": "",
        "a meaning in capitals": "Withdraw",
        "two meanings": ["withdraw", "name"],
        "a meaning that is true": True,
        "a meaning that is a number": 1,
        "no meaning, said": None,
    }


def _wrong_readers() -> dict[str, Any]:
    return {
        "readers that are a list": ["00" * 16],
        "no length": without(READERS, "length"),
        "a field of tomorrow": {**READERS, "day": "2026-11-23"},
        "a length of 0": {**READERS, "length": 0},
        "a length that is true": {**READERS, "length": True},
        "a length as text": {**READERS, "length": "3"},
        "a length beyond 31 bits": {**READERS, "length": 2**31},
        "a digest of 31 bytes": {**READERS, "digest": b64e(bytes(31))},
        "a digest in hex": {**READERS, "digest": "d1" * 32},
        "no key": {**READERS, "keys": []},
        "keys out of order": {**READERS, "keys": READERS["keys"][::-1]},
        "a key twice": {**READERS, "keys": READERS["keys"][:1] * 2},
        "a key in capitals": {**READERS, "keys": ["AB" * 16]},
        "65 keys": {**READERS, "keys": [f"{number:032x}" for number in range(65)]},
    }


def _wrong_access() -> dict[str, Any]:
    return {
        "that is a list": [],
        "without a number": without(ACCESS, "number"),
        "with a day": {**ACCESS, "day": "2026-11-23"},
        "of another word": {**ACCESS, "what": "on"},
        "about no id": {**ACCESS, "target": "AB" * 16},
        "number zero": {**ACCESS, "number": 0},
        "by no id": {**ACCESS, "proposer": ""},
        "with a signature of 63 bytes": {**ACCESS, "sig": b64e(bytes(63))},
    }


def payloads() -> list[Vector]:
    own = hex_id(ENVELOPE_ID)

    def whole(name: str, kind: int, found: Mapping[str, Any]) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(found)}
        return good(name, "payload", given, {"payload": dict(found), "unusual": []})

    def unusual(name: str, kind: int, found: Mapping[str, Any], error: str) -> Vector:
        given = {"kind": kind, "envelope_id": own, "object": dict(found)}
        return good(name, "payload", given, {"payload": dict(found), "unusual": [error]})

    def shown(name: str, kind: int, raw: bytes, payload: Any, *classes: str) -> Vector:
        given = {"kind": kind, "envelope_id": own, "raw": raw.hex()}
        return good(name, "payload", given, {"payload": payload, "unusual": list(classes)})

    def refused(name: str, kind: int, found: Mapping[str, Any] | bytes, error: str) -> Vector:
        given: dict[str, Any] = {"kind": kind, "envelope_id": own}
        given |= {"raw": found.hex()} if isinstance(found, bytes) else {"object": dict(found)}
        return bad(name, "payload", given, error)

    report, reply = canonical_json(report_payload()), canonical_json(reply_payload())
    spaced = json.dumps(report_payload(), ensure_ascii=False, sort_keys=True).encode()
    surrogate = canonical_json(report_payload(what_happened="X")).replace(b'"X"', b'"a\\ud83d"')
    with_float = canonical_json(report_payload(extra=1)).replace(b'"extra":1', b'"extra":1.5')
    nfd = report.replace("名簿".encode(), "か\u3099".encode())
    seventeen = sorted(f"{number:032x}" for number in range(17))
    return [
        whole("a report", 1, report_payload()),
        whole("a report with every answer", 1, report_payload(**dict.fromkeys(OPTIONAL, "書く"))),
        *(
            whole(f"a report from a page in {word}", 1, report_payload(language=word))
            for word in PAGE_LANGUAGES
        ),
        *(whole(f"a report about {word}", 1, report_payload(category=word)) for word in CATEGORIES),
        whole("a changed form about accounting", 2, form_payload(category="accounting")),
        *(
            unusual(f"report: {what}", 1, report_payload(category=value), "PayloadFieldWrong")
            for what, value in _wrong_categories().items()
        ),
        unusual("message: with a category", 2, message_payload(category="leak"), "PayloadFieldUnknown"),
        unusual("new keys: with a category", 2, keys_payload(category="leak"), "PayloadFieldUnknown"),
        *(whole(f"a reply that treats it as {word}", 3, reply_payload(category=word)) for word in TREATED),
        *(
            refused(f"reply: {what}", 3, reply_payload(category=value), "PayloadFieldWrong")
            for what, value in _wrong_treated().items()
        ),
        refused("record: with a category", 4, record_payload(category="leak"), "PayloadFieldUnknown"),
        whole("a changed form from a page in English", 2, form_payload(language="en")),
        whole("a report with a log key", 1, report_payload(log_key=LOG_KEY)),
        whole("a changed form with a log key", 2, form_payload(log_key=LOG_KEY)),
        whole("new keys with a log key", 2, keys_payload(log_key=LOG_KEY)),
        unusual(
            "report: a log key of 31 bytes", 1, report_payload(log_key=b64e(bytes(31))), "PayloadFieldWrong"
        ),
        unusual("message: with a log key", 2, message_payload(log_key=LOG_KEY), "PayloadFieldUnknown"),
        refused("reply: with a log key", 3, reply_payload(log_key=LOG_KEY), "PayloadFieldUnknown"),
        whole("a message", 2, message_payload()),
        *(whole(f"a message that means {word}", 2, message_payload(meaning=word)) for word in MEANINGS),
        whole("a changed form", 2, form_payload()),
        whole("a reply", 3, reply_payload()),
        whole("a reply that changes who reads", 3, reply_payload(access=ACCESS)),
        *(
            refused(f"reply: access {name}", 3, reply_payload(access=wrong), "PayloadFieldWrong")
            for name, wrong in _wrong_access().items()
        ),
        refused(
            "record: with a change of who reads", 4, record_payload(access=ACCESS), "PayloadFieldUnknown"
        ),
        whole("a record", 4, record_payload()),
        unusual("report: version 2", 1, report_payload(v=2), "PayloadVersion"),
        unusual("report: version true", 1, report_payload(v=True), "PayloadVersion"),
        unusual("report: no mailbox", 1, without(report_payload(), "mailbox_pk"), "PayloadFieldMissing"),
        unusual(
            "report: nothing happened", 1, without(report_payload(), "what_happened"), "PayloadFieldMissing"
        ),
        unusual("report: a field of tomorrow", 1, report_payload(weather="雨"), "PayloadFieldUnknown"),
        unusual("report: a message in it", 1, report_payload(message="x"), "PayloadFieldUnknown"),
        *(
            unusual(f"report: {what}", 1, report_payload(language=value), "PayloadFieldWrong")
            for what, value in _wrong_languages().items()
        ),
        unusual("message: with a language", 2, message_payload(language="ja"), "PayloadFieldUnknown"),
        unusual("new keys: with a language", 2, keys_payload(language="ja"), "PayloadFieldUnknown"),
        refused("reply: with a language", 3, reply_payload(language="ja"), "PayloadFieldUnknown"),
        *(
            unusual(f"report: {what} for readers", 1, report_payload(readers=value), "PayloadFieldWrong")
            for what, value in _wrong_readers().items()
        ),
        unusual("report: no readers", 1, without(report_payload(), "readers"), "PayloadFieldMissing"),
        unusual(
            "message: no readers",
            2,
            signed_payload(Kind.FROM_REPORTER, without(message_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "reply: no readers",
            3,
            signed_payload(Kind.TO_REPORTER, without(reply_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "record: no readers",
            4,
            signed_payload(Kind.RECORD, without(record_payload(), "readers", "sig")),
            "PayloadFieldMissing",
        ),
        refused(
            "record: readers out of order",
            4,
            record_payload(readers=_wrong_readers()["keys out of order"]),
            "PayloadFieldWrong",
        ),
        unusual("report: an empty answer", 1, report_payload(who=""), "PayloadFieldWrong"),
        unusual("report: an answer that is a number", 1, report_payload(how_many=300), "PayloadFieldWrong"),
        unusual(
            "report: a mailbox of 31 bytes",
            1,
            report_payload(mailbox_pk=b64e(bytes(31))),
            "PayloadFieldWrong",
        ),
        unusual(
            "report: excluded persons out of order",
            1,
            report_payload(exclude=["bb" * 16, "aa" * 16]),
            "PayloadFieldWrong",
        ),
        unusual(
            "report: a person excluded twice", 1, report_payload(exclude=["aa" * 16] * 2), "PayloadFieldWrong"
        ),
        unusual(
            "report: 65 persons excluded",
            1,
            report_payload(exclude=[f"{n:032x}" for n in range(65)]),
            "PayloadFieldWrong",
        ),
        unusual("report: a name for a person", 1, report_payload(exclude=["佐藤"]), "PayloadFieldWrong"),
        whole("a report with a file", 1, report_payload(files=[FILE])),
        whole("a report with twenty files", 1, report_payload(files=[file_entry(n) for n in range(20)])),
        whole("a report with a file that is partly clean", 1, report_payload(files=[PARTLY])),
        whole(
            "a report with a partly clean file in which nothing was found",
            1,
            report_payload(files=[{**PARTLY, "found": []}]),
        ),
        whole("a message with a file", 2, message_payload(files=[FILE])),
        whole("a form with a file", 2, form_payload(files=[FILE])),
        *(
            unusual(f"report: {what}", 1, report_payload(files=files), "PayloadFieldWrong")
            for what, files in _wrong_files().items()
        ),
        unusual(
            "report: another envelope's id", 1, report_payload(envelope_id="00" * 16), "EnvelopeIdMismatch"
        ),
        shown("report: not UTF-8", 1, b"\xff" + report, {}, "NotUtf8"),
        shown("report: plain text", 1, "助けてください".encode(), {}, "NotJson"),
        shown("report: a list", 1, b"[]", {}, "NotObject"),
        shown("report: a name twice", 1, b'{"v":1,"v":1}', {}, "DuplicateKey"),
        shown("report: too deep", 1, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", {}, "NestedTooDeep"),
        shown("report: with spaces", 1, spaced, report_payload(), "NotCanonical"),
        shown("report: decomposed text", 1, nfd, json.loads(nfd), "NotNfc"),
        shown(
            "report: half a surrogate pair",
            1,
            surrogate,
            report_payload(what_happened="a\ufffd"),
            "LoneSurrogate",
        ),
        shown(
            "report: two faults",
            1,
            with_float,
            report_payload(extra=1.5),
            "FloatNumber",
            "PayloadFieldUnknown",
        ),
        unusual("report: no signature", 1, without(report_payload(), "sig"), "PayloadFieldMissing"),
        unusual(
            "report: a signature of 63 bytes", 1, report_payload(sig=b64e(bytes(63))), "PayloadFieldWrong"
        ),
        unusual("message: no signature", 2, without(message_payload(), "sig"), "PayloadFieldMissing"),
        unusual("message: and a form", 2, message_payload(what_happened="x"), "PayloadFieldUnknown"),
        unusual("message: empty", 2, message_payload(message=""), "PayloadFieldWrong"),
        *(
            unusual(f"message: {what}", 2, message_payload(meaning=value), "PayloadFieldWrong")
            for what, value in _wrong_meanings().items()
        ),
        unusual(
            "message: a meaning without words", 2, form_payload(meaning="withdraw"), "PayloadFieldUnknown"
        ),
        unusual("new keys: with a meaning", 2, keys_payload(meaning="name"), "PayloadFieldUnknown"),
        unusual("report: with a meaning", 1, report_payload(meaning="correct"), "PayloadFieldUnknown"),
        refused("reply: with a meaning", 3, reply_payload(meaning="correct"), "PayloadFieldUnknown"),
        refused("record: with a meaning", 4, record_payload(meaning="correct"), "PayloadFieldUnknown"),
        unusual("message: seen seventeen", 2, message_payload(seen=seventeen), "PayloadFieldWrong"),
        unusual(
            "form: no exclude",
            2,
            signed_payload(Kind.FROM_REPORTER, without(form_payload(), "exclude", "sig")),
            "PayloadFieldMissing",
        ),
        unusual("form: with an author", 2, form_payload(author="00" * 16), "PayloadFieldUnknown"),
        whole("new keys", 2, keys_payload()),
        unusual(
            "new keys: one of them",
            2,
            signed_payload(Kind.FROM_REPORTER, without(keys_payload(), "mailbox_pk", "sig")),
            "PayloadFieldMissing",
        ),
        unusual("new keys: and a form", 2, keys_payload(what_happened="x"), "PayloadFieldUnknown"),
        unusual("new keys: and a message", 2, keys_payload(message="x"), "PayloadFieldUnknown"),
        unusual("new keys: of 31 bytes", 2, keys_payload(mailbox_pk=b64e(bytes(31))), "PayloadFieldWrong"),
        unusual("new keys: with a file", 2, keys_payload(files=[FILE]), "PayloadFieldWrong"),
        unusual(
            "new keys: not signed by the new key",
            2,
            signed_payload(Kind.FROM_REPORTER, without(keys_payload(), "new_sig", "sig")),
            "PayloadFieldMissing",
        ),
        unusual(
            "new keys: signed with 63 bytes", 2, keys_payload(new_sig=b64e(bytes(63))), "PayloadFieldWrong"
        ),
        *(
            unusual(
                f"{what}: no {name}",
                2,
                signed_payload(Kind.FROM_REPORTER, without(made(), name, "sig")),
                "PayloadFieldMissing",
            )
            for what, made in (("message", message_payload), ("new keys", keys_payload))
            for name in ("exclude", "choice")
        ),
        unusual(
            "report: no number of its choice", 1, without(report_payload(), "choice"), "PayloadFieldMissing"
        ),
        *(
            unusual(
                f"message: a choice that is {what}", 2, message_payload(choice=value), "PayloadFieldWrong"
            )
            for what, value in (("zero", 0), ("too large", 2**32), ("true", True), ("a text", "2"))
        ),
        unusual("message: a choice that is no list", 2, message_payload(exclude={}), "PayloadFieldWrong"),
        refused(
            "reply: no number of a choice",
            3,
            signed_payload(Kind.TO_REPORTER, auditors_payload({"message": "x"})),
            "PayloadFieldMissing",
        ),
        refused("reply: number zero", 3, reply_payload(choice=0), "PayloadFieldWrong"),
        refused("reply: whom the reporter excluded", 3, reply_payload(exclude=[]), "PayloadFieldUnknown"),
        refused("record: the number of a choice", 4, record_payload(choice=2), "PayloadFieldUnknown"),
        refused("reply: with a file", 3, reply_payload(files=[FILE]), "PayloadFieldWrong"),
        refused("record: with a file", 4, record_payload(files=[FILE]), "PayloadFieldWrong"),
        refused("reply: version 2", 3, reply_payload(v=2), "PayloadVersion"),
        refused("reply: version true", 3, reply_payload(v=True), "PayloadVersion"),
        refused(
            "reply: no version",
            3,
            signed_payload(Kind.TO_REPORTER, without(auditors_payload({"message": "x", "choice": 2}), "v")),
            "PayloadFieldMissing",
        ),
        refused(
            "reply: no author",
            3,
            signed_payload(
                Kind.TO_REPORTER, without(auditors_payload({"message": "x", "choice": 2}), "author")
            ),
            "PayloadFieldMissing",
        ),
        refused("reply: no signature", 3, without(reply_payload(), "sig"), "PayloadFieldMissing"),
        refused("reply: a field of tomorrow", 3, reply_payload(mood="calm"), "PayloadFieldUnknown"),
        refused("reply: a record in it", 3, reply_payload(record={}), "PayloadFieldUnknown"),
        refused("reply: a message that is a list", 3, reply_payload(message=["x"]), "PayloadFieldWrong"),
        refused(
            "reply: seen out of order", 3, reply_payload(seen=["bb" * 16, "aa" * 16]), "PayloadFieldWrong"
        ),
        refused(
            "reply: another envelope's id", 3, reply_payload(envelope_id="00" * 16), "EnvelopeIdMismatch"
        ),
        refused("reply: not UTF-8", 3, b"\xff" + reply, "NotUtf8"),
        refused("reply: plain text", 3, b"hello", "NotJson"),
        refused("reply: a list", 3, b"[]", "NotObject"),
        refused("reply: with a space", 3, reply + b" ", "NotCanonical"),
        refused("reply: decomposed text", 3, reply.replace("調".encode(), "か\u3099".encode()), "NotNfc"),
        refused("record: that is a text", 4, record_payload(record="x"), "PayloadFieldWrong"),
        refused("record: with a message", 4, record_payload(message="x"), "PayloadFieldUnknown"),
        refused("record: too deep", 4, b'{"record":' + b"[" * 900 + b"]" * 900 + b"}", "NestedTooDeep"),
        good(
            "the longest text that fits a class",
            "seal_for",
            {"recipients": RECIPIENTS, "length": 8192 - 1 - 14},
            110 + 96 + 4 + 8192 + 16,
        ),
        bad(
            "a payload above the largest class",
            "seal_for",
            {"recipients": RECIPIENTS, "length": 524288 - 14},
            "PayloadTooLarge",
        ),
        bad("no recipient", "seal_for", {"recipients": []}, "NoRecipients"),
        bad("one recipient twice", "seal_for", {"recipients": RECIPIENTS * 2}, "NoRecipients"),
        bad(
            "65 recipients",
            "seal_for",
            {"recipients": [[f"{n:032x}", RECIPIENTS[0][1]] for n in range(65)]},
            "NoRecipients",
        ),
        bad(
            "a recipient's key of small order",
            "seal_for",
            {"recipients": [["00" * 16, "00" * 32]]},
            "LowOrderKey",
        ),
        bad(
            "a text in another normal form",
            "seal_for",
            {"recipients": RECIPIENTS, "text": "か\u3099"},
            "NotNormalized",
        ),
    ]
