"""Fields of each kind of payload (docs/format.md, section 2.4).

Only its form: `crypto.messages` checks whose words they are, and the reader which case they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeGuard, cast

from crypto import errors
from crypto.encoding import b64d, hex_id, id_from_hex
from crypto.envelope import MAX_SLOTS, Kind
from crypto.filename import MAX_FILE_NAME, size_of

VERSION: Final = 1
MAX_SEEN: Final = 16
MAX_EXCLUDED: Final = 64
MAX_CHOICE: Final = 2**32 - 1
"""The largest number of a choice (section 2.9)."""
ANSWERS: Final = (
    "what_happened", "who", "why", "when", "noticed", "where", "personal_data", "how_many", "cause", "how_often",
    "witnesses", "wishes", "amount", "books", "gain", "rule", "danger", "concealment", "concealed_by", "told_whom",
    "evidence",
)  # fmt: skip

PAGE_LANGUAGES: Final = ("ja", "en", "easy")
"""Languages of the site's pages; `easy` is plain Japanese."""

CATEGORIES: Final = ("leak", "harassment", "accounting", "other")
"""Categories that a reporter can choose, where the site asks."""

TREATED: Final = (*CATEGORIES, "not_a_report")
"""The categories that an answer can name (section 2.17)."""

MEANINGS: Final = ("withdraw", "correct", "name")
"""The meanings of a reporter's message; one without any is an ordinary message (section 2.4)."""

INTAKE_CHANNELS: Final = ("telephone", "letter", "talk")
"""How a report came that an auditor wrote down (section 2.14)."""
INTAKE_CODES: Final = ("given", "none")
"""Who has the receipt code of such a report: the person, or nobody."""

MAX_FILES: Final = 20
MAX_FILE_SIZE: Final = 2**40
"""Bytes; far above what any site takes."""
CLEANED: Final = ("removed", "nothing", "partly", "not")
FILE_WORDS: Final = (
    "author", "camera", "comment", "history", "other", "place", "software", "thumbnail", "time",
)  # fmt: skip
"""Findings in a file that could identify its author."""
_MEDIA_TYPE: Final = re.compile(r"[!-~]{1,100}\Z")

Rule = Callable[[object], bool]


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(id_from_hex(value))
    except errors.BadId:
        return False


def _bytes(size: int) -> Rule:
    def holds(value: object) -> bool:
        try:
            return isinstance(value, str) and len(b64d(value)) == size
        except errors.BadBase64:
            return False

    return holds


def _ids(most: int) -> Rule:
    """At most so many ids, in ascending order, none twice."""

    def holds(value: object) -> bool:
        if not isinstance(value, list) or len(value) > most or not all(map(_is_id, value)):
            return False
        return value == sorted(set(value))

    return holds


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_no_file(value: object) -> bool:
    return value == []


def _is_found(value: object) -> bool:
    in_order = isinstance(value, list) and all(isinstance(word, str) and word in FILE_WORDS for word in value)
    return in_order and value == sorted(set(cast(list[str], value)))


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_INTAKE: Final[Mapping[str, Rule]] = {
    "channel": lambda value: value in INTAKE_CHANNELS,
    "day": _is_day,
    "code": lambda value: value in INTAKE_CODES,
    "author": _is_id,
    "sig": _bytes(64),
}


def is_intake(value: object) -> bool:
    """Tell whether this is what an auditor says of a report that was written down (section 2.14)."""
    if not isinstance(value, dict) or value.keys() != _INTAKE.keys():
        return False
    return all(rule(value[name]) for name, rule in _INTAKE.items())


_FILE: Final[Mapping[str, Rule]] = {
    "object": _is_id,
    "key": _bytes(32),
    "hash": _bytes(32),
    "size": lambda value: type(value) is int and 0 <= value <= MAX_FILE_SIZE,
    "name": lambda value: isinstance(value, str) and 1 <= size_of(value) <= MAX_FILE_NAME,
    "type": lambda value: isinstance(value, str) and bool(_MEDIA_TYPE.match(value)),
    "cleaned": lambda value: value in CLEANED,
    "found": _is_found,
}


def is_file(value: object) -> bool:
    """Tell whether this is a file's entry (section 4.2)."""
    if not isinstance(value, dict) or value.keys() != _FILE.keys():
        return False
    in_order = all(rule(value[name]) for name, rule in _FILE.items())
    may_have, must_have = value["cleaned"] in ("removed", "partly"), value["cleaned"] == "removed"
    return in_order and (may_have if value["found"] else not must_have)


def _is_files(value: object) -> bool:
    if not isinstance(value, list) or len(value) > MAX_FILES or not all(map(is_file, value)):
        return False
    return len({file["object"] for file in value}) == len(value)


def is_choice(value: object) -> bool:
    """Tell whether this is the number of a choice (section 2.9)."""
    return type(value) is int and 1 <= value <= MAX_CHOICE


def meaning_of(payload: Mapping[str, Any]) -> str:
    """Return what a reporter's message says that it is, one of MEANINGS; "" for an ordinary one and for no message."""
    meaning = payload.get("meaning")
    return meaning if "message" in payload and isinstance(meaning, str) and meaning in MEANINGS else ""


def is_readers(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether this is a payload's `readers`: a prefix of the list, and the slots' key ids."""
    if not isinstance(value, dict) or value.keys() != {"length", "digest", "keys"}:
        return False
    length, keys = value["length"], value["keys"]
    in_range = type(length) is int and 1 <= length < 2**31
    return in_range and _bytes(32)(value["digest"]) and bool(keys) and _ids(MAX_SLOTS)(keys)


def is_access(value: object) -> bool:
    """Tell whether this is an answer's `access`: one change of who reads the case (section 2.16)."""
    if not isinstance(value, dict) or value.keys() != {"what", "target", "number", "proposer", "sig"}:
        return False
    ids = _is_id(value["target"]) and _is_id(value["proposer"])
    return (
        ids and value["what"] in ("off", "given") and is_choice(value["number"]) and _bytes(64)(value["sig"])
    )


def _is_version(value: object) -> bool:
    return type(value) is int and value == VERSION


_EVERY: Final[Mapping[str, Rule]] = {
    "v": _is_version,
    "case_id": _is_id,
    "envelope_id": _is_id,
    "files": _is_no_file,
    "readers": is_readers,
    "sig": _bytes(64),
}
_WITH_FILES: Final[Mapping[str, Rule]] = {"files": _is_files}
_CHOICE: Final[Mapping[str, Rule]] = {"exclude": _ids(MAX_EXCLUDED), "choice": is_choice}
_KEYS: Final[Mapping[str, Rule]] = {"mailbox_pk": _bytes(32), "reporter_sign_pk": _bytes(32)}
_TAKEN: Final[Mapping[str, Rule]] = {**_KEYS, "new_sig": _bytes(64)}
_LATER: Final[Mapping[str, Rule]] = {**_EVERY, "seen": _ids(MAX_SEEN)}
_FORM: Final[Mapping[str, Rule]] = {"what_happened": _is_text}
_OPTIONAL: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(ANSWERS, _is_text),
    "category": lambda value: value in CATEGORIES,
    "language": lambda value: value in PAGE_LANGUAGES,
}
_LOG_KEY: Final[Mapping[str, Rule]] = {"log_key": _bytes(32)}
_MEANING: Final[Mapping[str, Rule]] = {"meaning": lambda value: value in MEANINGS}
_OF_ANSWER: Final[Mapping[str, Rule]] = {"access": is_access, "category": lambda value: value in TREATED}
_NONE: Final[Mapping[str, Rule]] = {}


def _rules(kind: Kind, payload: Mapping[str, Any]) -> tuple[Mapping[str, Rule], Mapping[str, Rule]]:
    """Return the fields that a payload must have, and those that it may have besides."""
    if kind is Kind.REPORT:
        optional = {**_OPTIONAL, **_LOG_KEY, "intake": is_intake}
        return {**_EVERY, **_CHOICE, **_WITH_FILES, **_FORM, **_KEYS}, optional
    if kind is Kind.FROM_REPORTER:
        if "message" in payload:
            return {**_LATER, **_CHOICE, **_WITH_FILES, "message": _is_text}, _MEANING
        if _KEYS.keys() & payload.keys():
            return {**_LATER, **_CHOICE, **_TAKEN}, _LOG_KEY
        return {**_LATER, **_CHOICE, **_WITH_FILES, **_FORM}, {**_OPTIONAL, **_LOG_KEY}
    if kind is Kind.TO_REPORTER:
        return {**_LATER, "author": _is_id, "choice": is_choice, "message": _is_text}, _OF_ANSWER
    return {**_LATER, "author": _is_id, "record": lambda value: isinstance(value, dict)}, _NONE


def faults(kind: Kind, payload: Mapping[str, Any], envelope_id: bytes) -> list[type[errors.BadData]]:
    """Return what is wrong with a payload that was found in an envelope, each class once."""
    if not _is_version(payload.get("v", VERSION)):
        # What another version's fields mean is not known here.
        return [errors.PayloadVersion]
    required, optional = _rules(kind, payload)
    faults: list[type[errors.BadData]] = []
    if not required.keys() <= payload.keys():
        faults.append(errors.PayloadFieldMissing)
    known = {**optional, **required}
    if not payload.keys() <= known.keys():
        faults.append(errors.PayloadFieldUnknown)
    if not all(known[name](value) for name, value in payload.items() if name in known):
        faults.append(errors.PayloadFieldWrong)
    if _is_id(payload.get("envelope_id")) and payload["envelope_id"] != hex_id(envelope_id):
        faults.append(errors.EnvelopeIdMismatch)
    return faults
