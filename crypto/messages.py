"""Payloads, and the texts that are signed (docs/format.md, sections 2.4 and 6).

Verifying needs public keys only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import crypto_sign_open, crypto_sign_seed_keypair

from crypto import errors
from crypto.choice import Choice, first_choice
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id, id_from_hex
from crypto.envelope import Kind, envelope_hash
from crypto.payloads import MAX_SEEN, VERSION, is_choice
from crypto.receipt import Receipt
from crypto.signer import SIGNATURE_BYTES as SIGNATURE_BYTES
from crypto.signer import Signer

NONCE_BYTES: Final = 16
_STATUS_WORD: Final = re.compile(r"[a-z][a-z_]{0,31}\Z")
_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_NOT_REPEATED: Final = frozenset({"choice", "envelope_id", "language", "log_key", "readers", "seen", "sig"})
"""What two sendings of one form may differ in: `seen`, `choice`, `readers` and the epoch of `log_key` grow when
something is written or somebody enrolled in between, and the page's language can be changed."""
_FILE_NOT_REPEATED: Final = frozenset({"object", "key"})
"""Of a file: both are new each time that it is sealed."""


def public_key(seed: bytes) -> bytes:
    """Return the Ed25519 public key (32 bytes) of a 32-byte seed. Raises MisuseError."""
    if len(seed) != 32:
        raise errors.MisuseError
    return bytes(crypto_sign_seed_keypair(seed)[0])


def sign(seed: bytes, text: bytes) -> bytes:
    """Return the Ed25519 signature (64 bytes) of a text under a 32-byte seed."""
    return Signer(seed).sign(text)


def verify(pk: bytes, text: bytes, sig: bytes) -> None:
    """Raise SignatureWrong unless `sig` is the signature of `text` by the holder of `pk`."""
    if len(sig) != SIGNATURE_BYTES or len(pk) != 32:
        raise errors.SignatureWrong
    try:
        crypto_sign_open(sig + text, pk)
    except (exceptions.CryptoError, ValueError):
        raise errors.SignatureWrong from None


def _seen(seen: Sequence[bytes]) -> list[str]:
    """`seen` is given oldest first; the latest ones are kept."""
    return sorted({hex_id(envelope_id) for envelope_id in seen[-MAX_SEEN:]})


def report_payload(
    answers: Mapping[str, str],
    exclude: Collection[bytes],
    receipt: Receipt,
    files: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return a report's payload without its envelope id and signature.

    `answers`: with the page's `language`, where it is known. `exclude`: persons, 16 bytes each. `files`: entries
    (`crypto.attachment.entry`).
    """
    return {
        **answers,
        "v": VERSION,
        "case_id": hex_id(receipt.case_id),
        **first_choice(exclude).fields(),
        "files": [dict(file) for file in files],
        "mailbox_pk": b64e(receipt.mailbox_pk),
        "reporter_sign_pk": b64e(receipt.sign_pk),
    }


def reporter_message(
    body: Mapping[str, Any],
    receipt: Receipt,
    seen: Sequence[bytes],
    case_id: bytes | None = None,
    files: Sequence[Mapping[str, Any]] = (),
    *,
    choice: Choice,
) -> dict[str, Any]:
    """Return a later message's payload without envelope id and signature.

    `body`: `message`, with a `meaning` where it has one, or the fields of a changed form. `choice`: whom the reporter
    excluded until now, all of them.
    `seen`: oldest first. `case_id`: the first code's, where the code was replaced. `files`: entries
    (`crypto.attachment.entry`).
    """
    case = receipt.case_id if case_id is None else case_id
    named = [dict(file) for file in files]
    common = {"v": VERSION, "case_id": hex_id(case), "files": named, "seen": _seen(seen)}
    return {**body, **choice.fields(), **common}


def new_keys_message(
    new: Receipt, receipt: Receipt, seen: Sequence[bytes], case_id: bytes, choice: Choice
) -> dict[str, Any]:
    """Return the payload, without envelope id and signature, with which a code is given up for `new`.

    It is signed with the keys of `receipt`, the old code, and holds the new code's own signature (section 2.10).
    """
    taken = sign(new.sign_seed, taken_text(case_id, receipt.sign_pk, new.mailbox_pk))
    keys = {"mailbox_pk": new.mailbox_pk, "reporter_sign_pk": new.sign_pk, "new_sig": taken}
    body = {name: b64e(key) for name, key in keys.items()}
    return reporter_message(body, receipt, seen, case_id, choice=choice)


def repeat_id(form_nonce: bytes, payload: Mapping[str, Any], root: bytes) -> bytes:
    """Return the envelope id (16 bytes) of a form that was sent without scripts: the same form, the same id.

    `form_nonce`: 16 bytes. `choice`, `envelope_id`, `seen`, `sig`, `language` and `log_key` are left out of the payload
    where they are there, and `object` and `key` out of its files. `exclude` in it: as the form was ticked.
    """
    if len(form_nonce) != NONCE_BYTES or len(root) != 32:
        raise errors.MisuseError
    kept = _without(payload, _NOT_REPEATED)
    if "files" in kept:
        kept["files"] = [_without(file, _FILE_NOT_REPEATED) for file in kept["files"]]
    return b2(16, form_nonce + canonical_json(kept), key=root, person="mybk1-repeat")


def _without(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _message_text(kind: Kind, payload: Mapping[str, Any]) -> bytes:
    """Return what is signed. Raises BadId, and what `canonical_json` raises."""
    unsigned = {name: value for name, value in payload.items() if name != "sig"}
    ids = id_from_hex(payload.get("envelope_id", "")) + id_from_hex(payload.get("case_id", ""))
    return b"mybk1/msg\n" + bytes([kind]) + ids + canonical_json(unsigned)


def _sign_message(kind: Kind, payload: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    try:
        return {**payload, "sig": b64e(signer.sign(_message_text(kind, payload)))}
    except errors.BadId:
        raise errors.MisuseError from None


def _verify_message(kind: Kind, payload: Mapping[str, Any], pk: bytes) -> None:
    if "sig" not in payload:
        raise errors.SignatureMissing
    try:
        text, sig = _message_text(kind, payload), b64d(payload["sig"])
    except (errors.BadData, errors.MisuseError):
        raise errors.SignatureWrong from None
    verify(pk, text, sig)


def sign_reporter(kind: Kind, payload: Mapping[str, Any], receipt: Receipt) -> dict[str, Any]:
    """Return a payload of kind 1 or 2 (with its envelope id) signed with the reporter's key."""
    return _sign_message(_of_reporter(kind), payload, receipt.signer)


def verify_reporter(kind: Kind, payload: Mapping[str, Any], sign_pk: bytes) -> None:
    """Raise SignatureMissing or SignatureWrong unless the reporter signed a payload of this kind (1 or 2)."""
    _verify_message(_of_reporter(kind), payload, sign_pk)


def _of_reporter(kind: Kind) -> Kind:
    if kind not in (Kind.REPORT, Kind.FROM_REPORTER):
        raise errors.MisuseError
    return kind


def auditor_payload(
    kind: Kind,
    author_key_id: bytes,
    case_id: bytes,
    envelope_id: bytes,
    body: Mapping[str, Any],
    seen: Sequence[bytes],
    sign_seed: bytes,
    readers: Mapping[str, Any],
    choice: int = 0,
) -> dict[str, Any]:
    """Return the signed payload of a message to the reporter (kind 3) or a record (kind 4).

    `body`: `message`, or `record` for kind 4. `seen`: oldest first. `readers`: `listing.readers_field`. `choice`: for
    kind 3, the newest number of the reporter's choice that the author knows; a record names none. Raises MisuseError
    without it.
    """
    if kind not in (Kind.TO_REPORTER, Kind.RECORD) or (kind is Kind.TO_REPORTER) != is_choice(choice):
        raise errors.MisuseError
    payload = {
        **body,
        **({"choice": choice} if choice else {}),
        "v": VERSION,
        "author": hex_id(author_key_id),
        "case_id": hex_id(case_id),
        "envelope_id": hex_id(envelope_id),
        "files": [],
        "readers": dict(readers),
        "seen": _seen(seen),
    }
    return _sign_message(kind, payload, Signer(sign_seed))


def verify_auditor(kind: Kind, payload: Mapping[str, Any], sign_pk: bytes) -> None:
    """Raise SignatureMissing or SignatureWrong unless that auditor signed a payload of this kind (3 or 4)."""
    _verify_message(kind, payload, sign_pk)


def _fixed(raw: bytes, size: int) -> bytes:
    """Return bytes that have to have this length, or the text were ambiguous. Raises MisuseError."""
    if len(raw) != size:
        raise errors.MisuseError
    return raw


def _day(day: date) -> bytes:
    return day.isoformat().encode("ascii")


def _word(status: str) -> bytes:
    if not _STATUS_WORD.match(status):
        raise errors.MisuseError
    return status.encode("ascii")


def status_text(case_id: bytes, sequence: int, author: bytes, status: str, day: date) -> bytes:
    """Return what an author and the report's act key sign for a status. `author`: the author's key id, 16 bytes.

    Raises MisuseError for a sequence outside 0 to 2^32 - 1 and a status that is not a word of a-z and "_".
    """
    if not 0 <= sequence < 2**32:
        raise errors.MisuseError
    head = _fixed(case_id, 16) + sequence.to_bytes(4, "big") + _fixed(author, 16)
    return b"mybk1/status\n" + head + _word(status) + _day(day)


def act_text(case_id: bytes, raw_envelope: bytes) -> bytes:
    """Return what the report's act key signs for an envelope of kind 3 or 4."""
    return b"mybk1/act\n" + _fixed(case_id, 16) + envelope_hash(raw_envelope)


def receipt_text(hash_of_envelope: bytes, day: date) -> bytes:
    """Return what the site signs at intake."""
    return b"mybk1/receipt\n" + _fixed(hash_of_envelope, 32) + _day(day)


def state_text(case_id: bytes, day: date, statuses: Sequence[str]) -> bytes:
    """Return what the site signs when a reporter looks; `statuses`: first to last, without `received`."""
    listed = b",".join(_word(status) for status in statuses)
    return b"mybk1/state\n" + _fixed(case_id, 16) + _day(day) + listed


def replace_text(
    case_id: bytes, old_index: bytes, new_index: bytes, mailbox_pk: bytes, sign_pk: bytes
) -> bytes:
    """Return what the reporter signs with the old key to give a code up; the keys are the new code's."""
    ids = _fixed(case_id, 16) + _fixed(old_index, 16) + _fixed(new_index, 16)
    return b"mybk1/replace\n" + ids + _fixed(mailbox_pk, 32) + _fixed(sign_pk, 32)


def taken_text(case_id: bytes, old_sign_pk: bytes, mailbox_pk: bytes) -> bytes:
    """Return what the new code's key signs when it takes a case over; `mailbox_pk`: the new code's."""
    return b"mybk1/taken\n" + _fixed(case_id, 16) + _fixed(old_sign_pk, 32) + _fixed(mailbox_pk, 32)


def forget_text(case_id: bytes, day: date) -> bytes:
    """Return what the reporter signs so that the code no longer opens what was written."""
    return b"mybk1/forget\n" + _fixed(case_id, 16) + _day(day)


def delete_text(case_id: bytes, author: bytes, day: date) -> bytes:
    """Return what an author (key id) and the report's act key sign to propose that a case is deleted."""
    return b"mybk1/delete\n" + _fixed(case_id, 16) + _fixed(author, 16) + _day(day)


def proposal_hash(sig: bytes) -> bytes:
    """Return what names a proposal to delete a case (32 bytes); `sig`: its author's signature."""
    return b2(32, _fixed(sig, SIGNATURE_BYTES), person="mybk1-propose")


def agree_text(case_id: bytes, author: bytes, proposal: bytes, day: date) -> bytes:
    """Return what a second author (key id) and the report's act key sign to delete a case. `proposal`:
    `proposal_hash`.
    """
    return b"mybk1/agree\n" + _fixed(case_id, 16) + _fixed(author, 16) + _fixed(proposal, 32) + _day(day)


def keep_text(case_id: bytes, author: bytes, day: date) -> bytes:
    """Return what an author (key id) and the report's act key sign to withdraw a proposal to delete a case."""
    return b"mybk1/keep\n" + _fixed(case_id, 16) + _fixed(author, 16) + _day(day)


def request_text(site_salt: bytes, method: str, target: str, body: bytes, day: date, nonce: bytes) -> bytes:
    """Return what an auditor signs for one request of the desk.

    `target`: path and query as sent. `nonce`: anyone who checks accepts 16 bytes only, the last field's length.
    Raises MisuseError for a method that is no HTTP token (with a line feed in it, two requests would have one
    text) and for a target that is no UTF-8.
    """
    if not _METHOD.match(method):
        raise errors.MisuseError
    try:
        line = f"{method}\n{target}\n".encode()
    except UnicodeEncodeError:
        raise errors.MisuseError from None
    head = b"mybk1/request\n" + _fixed(site_salt, 16) + line
    return head + b2(32, body, person="mybk1-body") + _day(day) + nonce
