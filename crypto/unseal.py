"""Opening an envelope with a private key that the caller holds (docs/format.md, section 2)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt, crypto_box_seal_open

from crypto import errors, payloads, seal
from crypto.encoding import parse_canonical_json, read_json
from crypto.envelope import Envelope, Kind, decode
from crypto.padding import unpad

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, repr=False)
class Opened:
    """The contents of an opened envelope.

    `unusual` names the error classes of what is not as the format says (kinds 1 and 2 only). Where not even a
    JSON object was found, `payload` is empty and `raw_payload` holds what there is.
    """

    kind: Kind
    envelope_id: bytes
    content_key: bytes
    payload: dict[str, Any]
    raw_payload: bytes
    unusual: tuple[str, ...]


def open_grant(sealed: bytes, box_sk: bytes, box_pk: bytes) -> bytes | None:
    """Return the content key that a sealed box holds, or None when it does not open to 32 bytes."""
    try:
        key = bytes(crypto_box_seal_open(sealed, box_pk, box_sk))
    except (exceptions.CryptoError, ValueError, TypeError):
        return None
    return key if len(key) == 32 else None


def _content_key(envelope: Envelope, sealed: Sequence[bytes], box_sk: bytes, box_pk: bytes) -> bytes:
    wrong = False
    for box in sealed:
        key = open_grant(box, box_sk, box_pk)
        if key is None:
            continue
        if hmac.compare_digest(seal.commitment(key), envelope.commitment):
            return key
        wrong = True
    raise errors.CommitmentMismatch if wrong else errors.CannotOpen


def _payload(kind: Kind, padded: bytes, envelope_id: bytes) -> tuple[dict[str, Any], bytes, tuple[str, ...]]:
    lenient = kind in (Kind.REPORT, Kind.FROM_REPORTER)
    unusual: list[type[errors.BadData]] = []
    raw, payload = padded, dict[str, Any]()
    try:
        raw = unpad(padded)
    except errors.BadData as fault:
        unusual.append(type(fault))
        raw = padded.rstrip(b"\0").removesuffix(b"\x80")
    try:
        payload, faults = read_json(raw)
        unusual += faults + payloads.faults(kind, payload, envelope_id)
    except errors.BadData as fault:
        unusual.append(type(fault))
    if unusual and not lenient:
        raise unusual[0]
    if errors.LoneSurrogate in unusual:
        # Half a character can't be written anywhere: it would break anyone who shows the report.
        payload = _writable(payload)
    return payload, raw, tuple(dict.fromkeys(fault.__name__ for fault in unusual))


def _writable(value: Any) -> Any:
    """Return the same with U+FFFD in place of lone surrogates; the depth has a bound (encoding.MAX_DEPTH)."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_writable(name): _writable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_writable(part) for part in value]
    return value


def _padded(envelope: Envelope, key: bytes) -> bytes:
    if envelope.kind is Kind.REPORT and seal.act_pk(key) != envelope.act_pk:
        raise errors.ActKeyMismatch
    try:
        return bytes(
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                envelope.ciphertext, envelope.header(), envelope.nonce, key
            )
        )
    except exceptions.CryptoError:
        raise errors.CiphertextForged from None


def open_with_key(raw: bytes, key: bytes) -> tuple[Kind, dict[str, Any]]:
    """Return an envelope's kind and payload, by a content key that was handed over (docs/format.md, 5.9).

    Nothing is forgiven, whatever the kind. Raises what `decode` raises; CommitmentMismatch, ActKeyMismatch,
    CiphertextForged; the classes of padding, canonical JSON and payloads.
    """
    envelope = decode(raw)
    if not hmac.compare_digest(seal.commitment(key), envelope.commitment):
        raise errors.CommitmentMismatch
    payload = parse_canonical_json(unpad(_padded(envelope, key)))
    faults = payloads.faults(envelope.kind, payload, envelope.envelope_id)
    if faults:
        raise faults[0]
    return envelope.kind, payload


def unseal(raw: bytes, box_sk: bytes, box_pk: bytes, key_id: bytes, grants: Sequence[bytes] = ()) -> Opened:
    """Open an envelope by the own slot, then by each grant.

    Raises what `decode` raises; NotAddressed, CannotOpen (excluded, damaged or withheld: nobody can tell),
    CommitmentMismatch, ActKeyMismatch, CiphertextForged; for kinds 3 and 4 also the payload's faults.
    """
    return unseal_envelope(decode(raw), box_sk, box_pk, key_id, grants)


def unseal_envelope(
    envelope: Envelope, box_sk: bytes, box_pk: bytes, key_id: bytes, grants: Sequence[bytes] = ()
) -> Opened:
    """Open an envelope that was decoded before. Raises what `unseal` raises but for the layout's faults."""
    sealed = [slot.sealed for slot in envelope.slots if slot.key_id == key_id] + list(grants)
    if not sealed:
        raise errors.NotAddressed
    key = _content_key(envelope, sealed, box_sk, box_pk)
    padded = _padded(envelope, key)
    payload, raw_payload, unusual = _payload(envelope.kind, padded, envelope.envelope_id)
    return Opened(envelope.kind, envelope.envelope_id, key, payload, raw_payload, unusual)
