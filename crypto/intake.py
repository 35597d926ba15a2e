"""A report that an auditor wrote down for somebody (docs/format.md, section 2.14): who says so, and whether that holds.

The twin of portal/scripts/format/intake.ts, with one set of vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from crypto.encoding import b64d, b64e, canonical_json, hex_id, id_from_hex
from crypto.errors import BadData, IntakeAuthor, MisuseError, PayloadFieldWrong, SignatureWrong
from crypto.listing import signed_keys
from crypto.messages import sign, verify
from crypto.payloads import INTAKE_CHANNELS, INTAKE_CODES, is_intake

TELEPHONE, LETTER, TALK = INTAKE_CHANNELS
GIVEN, NONE = INTAKE_CODES
_FIELD: Final = "intake"


@dataclass(frozen=True)
class Intake:
    """How a report came that an auditor wrote down.

    `channel`: one of INTAKE_CHANNELS. `day`: of the call or talk, or when the letter came. `code`: one of INTAKE_CODES:
    whether the person was given the receipt code. `author`: the auditor's key id, 16 bytes.
    """

    channel: str
    day: date
    code: str
    author: bytes


def intake_text(payload: Mapping[str, Any]) -> bytes:
    """Return what the auditor signs: the whole payload but for both signatures. Raises BadData, MisuseError."""
    unsigned = {name: value for name, value in payload.items() if name != "sig"}
    unsigned[_FIELD] = {name: value for name, value in payload[_FIELD].items() if name != "sig"}
    ids = id_from_hex(payload.get("envelope_id", "")) + id_from_hex(payload.get("case_id", ""))
    return b"mybk1/intake\n" + ids + canonical_json(unsigned)


def with_intake(payload: Mapping[str, Any], intake: Intake, sign_seed: bytes) -> dict[str, Any]:
    """Return a report's payload (whole, but for the reporter's `sig`) with the auditor's word that it was written down.

    Raises MisuseError for a channel, a code or an id that is none.
    """
    fields = {
        "channel": intake.channel,
        "day": intake.day.isoformat(),
        "code": intake.code,
        "author": hex_id(intake.author),
    }
    named = {**payload, _FIELD: fields}
    try:
        sig = b64e(sign(sign_seed, intake_text(named)))
    except BadData:
        raise MisuseError from None
    signed = {**fields, "sig": sig}
    if not is_intake(signed):
        raise MisuseError
    return {**named, _FIELD: signed}


def claims_intake(payload: Mapping[str, Any]) -> bool:
    """Tell whether a payload says that an auditor wrote it down, whether that holds or not."""
    return _FIELD in payload


def read_intake(payload: Mapping[str, Any], cards: Mapping[bytes, bytes]) -> Intake | None:
    """Return how a report came that an auditor wrote down; None for one that does not say so.

    `cards`: signing keys (32 bytes) by key id, of a checked list. The caller checks the reporter's signature.

    Raises PayloadFieldWrong; IntakeAuthor where the one named was no reader of the report, or is not on the list;
    SignatureWrong. Then the report is neither the auditor's word nor the reporter's own.
    """
    if not claims_intake(payload):
        return None
    said = payload[_FIELD]
    if not is_intake(said):
        raise PayloadFieldWrong
    author = id_from_hex(said["author"])
    if author not in (signed_keys(payload) or ()) or author not in cards:
        raise IntakeAuthor
    try:
        text, sig = intake_text(payload), b64d(said["sig"])
    except (BadData, MisuseError):
        raise SignatureWrong from None
    verify(cards[author], text, sig)
    return Intake(said["channel"], date.fromisoformat(said["day"]), said["code"], author)
