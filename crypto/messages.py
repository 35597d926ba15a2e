"""Payloads, and the texts that are signed (docs/format.md, sections 2 and 6). Verifying needs public keys only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair

from crypto import errors
from crypto.encoding import b2, b64d, b64e, canonical_json, hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.receipt import Receipt

VERSION: Final = 1
MAX_SEEN: Final = 16
SIGNATURE_BYTES: Final = 64


def sign(seed: bytes, text: bytes) -> bytes:
    """Return the Ed25519 signature (64 bytes) of a text under a 32-byte seed."""
    return bytes(crypto_sign(text, crypto_sign_seed_keypair(seed)[1])[:SIGNATURE_BYTES])


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


def report_payload(answers: Mapping[str, str], exclude: Collection[bytes], receipt: Receipt) -> dict[str, Any]:
    """Return a report's payload without its envelope id."""
    return {
        **answers,
        "v": VERSION,
        "case_id": hex_id(receipt.case_id),
        "exclude": sorted(hex_id(person) for person in set(exclude)),
        "files": [],
        "mailbox_pk": b64e(receipt.mailbox_pk),
        "reporter_sign_pk": b64e(receipt.sign_pk),
    }


def reporter_message(
    body: Mapping[str, Any], receipt: Receipt, seen: Sequence[bytes], case_id: bytes | None = None
) -> dict[str, Any]:
    """Return a later message's payload (`message`, or the fields of a changed form) without envelope id and signature."""
    return {**body, "v": VERSION, "case_id": hex_id(case_id or receipt.case_id), "files": [], "seen": _seen(seen)}


def repeat_id(form_nonce: bytes, payload: Mapping[str, Any], root: bytes) -> bytes:
    """Return the envelope id (16 bytes) of a form that was sent without scripts: the same form gives the same id."""
    left_out = ("envelope_id", "seen", "sig")
    kept = {name: value for name, value in payload.items() if name not in left_out}
    return b2(16, form_nonce + canonical_json(kept), key=root, person="mybk1-repeat")


def _message_text(kind: Kind, payload: Mapping[str, Any]) -> bytes:
    unsigned = {name: value for name, value in payload.items() if name != "sig"}
    ids = bytes.fromhex(str(payload["envelope_id"])) + bytes.fromhex(str(payload["case_id"]))
    return b"mybk1/msg\n" + bytes([kind]) + ids + canonical_json(unsigned)


def _verify_message(kind: Kind, payload: Mapping[str, Any], pk: bytes) -> None:
    if not isinstance(payload.get("sig"), str):
        raise errors.SignatureMissing
    try:
        text, sig = _message_text(kind, payload), b64d(payload["sig"])
    except (KeyError, ValueError, TypeError, errors.BadData):
        raise errors.SignatureWrong from None
    verify(pk, text, sig)


def sign_reporter(payload: Mapping[str, Any], receipt: Receipt) -> dict[str, Any]:
    """Return a kind 2 payload (with its envelope id) signed with the reporter's key."""
    return {**payload, "sig": b64e(sign(receipt.sign_seed, _message_text(Kind.FROM_REPORTER, payload)))}


def verify_reporter(payload: Mapping[str, Any], sign_pk: bytes) -> None:
    """Raise SignatureMissing or SignatureWrong unless the reporter signed a kind 2 payload."""
    _verify_message(Kind.FROM_REPORTER, payload, sign_pk)


def auditor_payload(
    kind: Kind,
    author_key_id: bytes,
    case_id: bytes,
    envelope_id: bytes,
    body: Mapping[str, Any],
    seen: Sequence[bytes],
    sign_seed: bytes,
) -> dict[str, Any]:
    """Return the signed payload of a message to the reporter (kind 3) or a record (kind 4)."""
    payload = {
        **body,
        "v": VERSION,
        "author": hex_id(author_key_id),
        "case_id": hex_id(case_id),
        "envelope_id": hex_id(envelope_id),
        "files": [],
        "seen": _seen(seen),
    }
    return {**payload, "sig": b64e(sign(sign_seed, _message_text(kind, payload)))}


def verify_auditor(kind: Kind, payload: Mapping[str, Any], sign_pk: bytes) -> None:
    """Raise SignatureMissing or SignatureWrong unless that auditor signed a kind 3 or 4 payload."""
    _verify_message(kind, payload, sign_pk)


def status_text(case_id: bytes, sequence: int, status: str, day: date) -> bytes:
    """Return what an author and the report's act key sign for a status."""
    return b"mybk1/status\n" + case_id + sequence.to_bytes(4, "big") + status.encode("ascii") + day.isoformat().encode()


def act_text(case_id: bytes, raw_envelope: bytes) -> bytes:
    """Return what the report's act key signs for an envelope of kind 3 or 4."""
    return b"mybk1/act\n" + case_id + envelope_hash(raw_envelope)


def receipt_text(hash_of_envelope: bytes, day: date) -> bytes:
    """Return what the site signs at intake."""
    return b"mybk1/receipt\n" + hash_of_envelope + day.isoformat().encode()


def state_text(case_id: bytes, day: date, statuses: Sequence[str]) -> bytes:
    """Return what the site signs when a reporter looks."""
    return b"mybk1/state\n" + case_id + day.isoformat().encode() + ",".join(statuses).encode("ascii")


def request_text(site_salt: bytes, method: str, target: str, body: bytes, day: date, nonce: bytes) -> bytes:
    """Return what an auditor signs for one request of the desk (`target`: path and query as sent)."""
    hashed = b2(32, body, person="mybk1-body")
    head = f"mybk1/request\n".encode() + site_salt + f"{method}\n{target}\n".encode()
    return head + hashed + day.isoformat().encode() + nonce
