"""Puts envelopes together from parts, wrong ones too: what `crypto.seal` refuses to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt, crypto_box_seal

from crypto import seal
from crypto.envelope import Envelope, Kind, Slot
from crypto.identity import Identity
from crypto.padding import pad
from crypto.register import CONTENT_BYTES

CONTENT_KEY = bytes([7]) * 32
NONCE = bytes([9]) * 24


def slot(identity: Identity, content_key: bytes = CONTENT_KEY) -> Slot:
    """Return a slot of an auditor, holding whatever bytes are given."""
    return Slot(identity.key_id, bytes(crypto_box_seal(content_key, identity.box_pk)))


def assemble(
    kind: Kind,
    envelope_id: bytes,
    padded: bytes,
    slots: Sequence[Slot],
    content_key: bytes = CONTENT_KEY,
    commitment: bytes | None = None,
    act_pk: bytes | None = None,
) -> bytes:
    """Return an envelope's bytes; slots stay in the order given."""
    right_act_pk = seal.act_pk(content_key) if kind is Kind.REPORT else bytes(32)
    envelope = Envelope(
        kind=kind,
        envelope_id=envelope_id,
        commitment=seal.commitment(content_key) if commitment is None else commitment,
        act_pk=right_act_pk if act_pk is None else act_pk,
        slots=tuple(slots),
        nonce=NONCE,
        ciphertext=b"",
    )
    header = envelope.header()
    ciphertext = bytes(crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, NONCE, content_key))
    return header + NONCE + len(ciphertext).to_bytes(4, "big") + ciphertext


def with_payload(kind: Kind, envelope_id: bytes, raw_payload: bytes, identity: Identity) -> bytes:
    """Return an envelope for one auditor that holds exactly this payload."""
    return assemble(kind, envelope_id, pad(raw_payload), [slot(identity)])


def sealed_register(given: Mapping[str, Any]) -> bytes:
    """Return a register record's bytes.

    `plain`: its content before the zeros; `size`: with them. `begin`: other first bytes; `keep`: how many bytes are
    left; `more`: what is behind them; `flip`: the place of a byte that was changed.
    """
    header, nonce, key, plain = (bytes.fromhex(given[name]) for name in ("header", "nonce", "key", "plain"))
    padded = plain.ljust(given.get("size", CONTENT_BYTES), b"\0")
    raw = bytearray(header + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, nonce, key))
    if "begin" in given:
        raw[:4] = bytes.fromhex(given["begin"])
    if "flip" in given:
        raw[given["flip"]] ^= 1
    return bytes(raw[: given.get("keep", len(raw))]) + bytes.fromhex(given.get("more", ""))
