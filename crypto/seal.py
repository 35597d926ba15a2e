"""Sealing, which needs public keys only (docs/format.md, section 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_box_seal,
    crypto_sign_seed_keypair,
)
from nacl.utils import random

from crypto import errors
from crypto.encoding import b2, canonical_json
from crypto.envelope import MAX_SLOTS, NONCE_BYTES, Envelope, Kind, Slot
from crypto.padding import pad


@dataclass(frozen=True)
class Recipient:
    """Whom an envelope is sealed to; who is excluded gets a slot that nobody can open."""

    key_id: bytes
    box_pk: bytes
    excluded: bool = False


@dataclass(frozen=True, repr=False)
class Sealed:
    """An envelope's bytes and the content key that wraps and acts need. `act_pk`: a report's act key, 32 bytes."""

    raw: bytes
    content_key: bytes
    act_pk: bytes = bytes(32)


def grant(content_key: bytes, box_pk: bytes) -> bytes:
    """Return a content key (32 bytes) sealed to a public key, 80 bytes.

    Raises LowOrderKey, MisuseError for a wrong length.
    """
    if len(content_key) != 32:
        raise errors.MisuseError
    return _sealed_box(content_key, box_pk)


def _sealed_box(secret: bytes, box_pk: bytes) -> bytes:
    if len(box_pk) != 32:
        raise errors.MisuseError
    try:
        return bytes(crypto_box_seal(secret, box_pk))
    except exceptions.CryptoError:
        raise errors.LowOrderKey from None


def throwaway_grant() -> bytes:
    """Return what looks like a grant and opens for nobody."""
    return grant(random(32), crypto_box_keypair()[0])


def commitment(content_key: bytes) -> bytes:
    """Return the commitment to a content key, 32 bytes."""
    return b2(32, b"", key=content_key, person="mybk1-commit")


def act_seed(content_key: bytes) -> bytes:
    """Return the Ed25519 seed with which anyone who opened the report signs acts."""
    return b2(32, b"", key=content_key, person="mybk1-act")


def act_pk(content_key: bytes) -> bytes:
    """Return the public key that acts are checked with, 32 bytes."""
    return bytes(crypto_sign_seed_keypair(act_seed(content_key))[0])


def _ordered(recipients: Sequence[Recipient]) -> list[Recipient]:
    ordered = sorted(recipients, key=lambda recipient: recipient.key_id)
    if not 1 <= len(ordered) <= MAX_SLOTS or len({r.key_id for r in ordered}) != len(ordered):
        raise errors.NoRecipients
    if any(len(r.key_id) != 16 for r in ordered):
        raise errors.MisuseError
    return ordered


def slots_for(recipients: Sequence[Recipient], content_key: bytes) -> tuple[Slot, ...]:
    """Return the slots of recipients, in ascending key id. Raises NoRecipients, LowOrderKey, MisuseError."""
    return tuple(_slot(recipient, content_key) for recipient in _ordered(recipients))


def _slot(recipient: Recipient, content_key: bytes) -> Slot:
    sealed = throwaway_grant() if recipient.excluded else grant(content_key, recipient.box_pk)
    return Slot(recipient.key_id, sealed)


def seal(
    kind: Kind, envelope_id: bytes, payload: Mapping[str, Any], recipients: Sequence[Recipient]
) -> Sealed:
    """Seal a payload to recipients, in any order. What the payload says is not validated here.

    Raises PayloadTooLarge (before anything is sealed), NoRecipients, NotNormalized, LowOrderKey, MisuseError.
    """
    if kind not in tuple(Kind) or len(envelope_id) != 16:
        raise errors.MisuseError
    kind, ordered, padded = Kind(kind), _ordered(recipients), pad(canonical_json(payload))
    content_key, nonce = random(32), random(NONCE_BYTES)
    envelope = Envelope(
        kind=kind,
        envelope_id=envelope_id,
        commitment=commitment(content_key),
        act_pk=act_pk(content_key) if kind is Kind.REPORT else bytes(32),
        slots=tuple(_slot(recipient, content_key) for recipient in ordered),
        nonce=nonce,
        ciphertext=b"",
    )
    header = envelope.header()
    ciphertext = crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, nonce, content_key)
    raw = header + nonce + len(ciphertext).to_bytes(4, "big") + ciphertext
    return Sealed(raw, content_key, envelope.act_pk)
