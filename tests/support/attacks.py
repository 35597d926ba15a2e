"""What somebody does who holds an envelope's content key and the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)

from crypto import seal
from crypto.envelope import Slot, decode


def sealed_anew(raw: bytes, content_key: bytes, to: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return an envelope with the same key, payload and commitment, and real slots for others (key id, box_pk)."""
    envelope = decode(raw)
    plain = crypto_aead_xchacha20poly1305_ietf_decrypt(
        envelope.ciphertext, envelope.header(), envelope.nonce, content_key
    )
    slots = sorted(
        (Slot(key_id, seal.grant(content_key, pk)) for key_id, pk in to), key=lambda one: one.key_id
    )
    made = replace(envelope, slots=tuple(slots), ciphertext=b"")
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, made.header(), made.nonce, content_key)
    return replace(made, ciphertext=sealed).encode()
