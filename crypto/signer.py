"""A signing key whose pair is derived once."""

from __future__ import annotations

from typing import Final

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from crypto import errors

SIGNATURE_BYTES: Final = 64


class Signer:
    """The Ed25519 key of a 32-byte seed; it lives as long as what holds the seed. Raises MisuseError for another
    length.
    """

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise errors.MisuseError
        self.public, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, text: bytes) -> bytes:
        """Return the signature (64 bytes) of a text."""
        return bytes(crypto_sign(text, self._secret)[:SIGNATURE_BYTES])

    def __eq__(self, other: object) -> bool:
        """Tell whether this is the same key, by its public half."""
        return isinstance(other, Signer) and self.public == other.public

    def __hash__(self) -> int:
        """Return a hash of the public half."""
        return hash(self.public)
