"""Secret-key sealing: bytes that a program seals for itself and reads back with the same key.

Form tokens and lists of kept files (the portal) are boxes; blocks of the desk's copy are bound to their place. Keys
come from the caller, nonces are random and are before the ciphertext (docs/format.md, section 10, for the copy).
"""

from __future__ import annotations

from typing import Final

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.secret import SecretBox
from nacl.utils import random

from crypto import errors

KEY_BYTES: Final = 32
BOX_OVERHEAD: Final = 40
"""Bytes that a box is longer than what is in it: a nonce of 24, Poly1305's 16."""
_NONCE: Final = 24


def seal_box(key: bytes, plain: bytes) -> bytes:
    """Return bytes sealed with XSalsa20-Poly1305 under a key of 32 bytes. Raises MisuseError for another key."""
    return bytes(_box(key).encrypt(plain))


def open_box(key: bytes, sealed: bytes) -> bytes:
    """Return what `seal_box` sealed. Raises CiphertextForged for whatever it did not; MisuseError as `seal_box`."""
    box = _box(key)
    try:
        return bytes(box.decrypt(sealed))
    except (exceptions.CryptoError, ValueError):
        raise errors.CiphertextForged from None


def _box(key: bytes) -> SecretBox:
    if len(key) != KEY_BYTES:
        raise errors.MisuseError
    return SecretBox(key)


def seal_bound(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Return bytes sealed with XChaCha20-Poly1305 under a key of 32 bytes, for one place: nowhere else they open.

    `place`: authenticated and not in the result. Raises MisuseError for another key.
    """
    if len(key) != KEY_BYTES:
        raise errors.MisuseError
    nonce = random(_NONCE)
    return nonce + bytes(crypto_aead_xchacha20poly1305_ietf_encrypt(plain, place, nonce, key))


def open_bound(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Return what `seal_bound` sealed for this place. Raises CiphertextForged for whatever it did not; MisuseError as
    `seal_bound`.
    """
    if len(key) != KEY_BYTES:
        raise errors.MisuseError
    nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
    try:
        return bytes(crypto_aead_xchacha20poly1305_ietf_decrypt(rest, place, nonce, key))
    except (exceptions.CryptoError, ValueError):
        raise errors.CiphertextForged from None
