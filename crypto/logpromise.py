"""The site's promise that a leaf will be in a day's batch, kept for its reporter (docs/format.md, 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from nacl import exceptions
from nacl.bindings import crypto_box_seal, crypto_box_seal_open

from crypto.errors import LowOrderKey
from crypto.log_errors import PromiseMalformed
from crypto.messages import verify
from crypto.plainleaf import logged_text, read_log_day

SEALED_PROMISE: Final = 154
"""Bytes of a promise as it is stored: leaf hash (32), day (10) and signature (64), sealed to the mailbox (48)."""
_PLAIN: Final = SEALED_PROMISE - 48


@dataclass(frozen=True)
class LogPromise:
    """The site's signed word that a leaf will be in a day's batch. `leaf`: its hash."""

    leaf: bytes
    day: date
    signature: bytes

    def check(self, site_pk: bytes) -> None:
        """Raise SignatureWrong unless the site made this promise."""
        verify(site_pk, logged_text(self.leaf, self.day), self.signature)


def seal_promise(promise: LogPromise, mailbox_pk: bytes) -> bytes:
    """Return a promise for the holder of a mailbox alone: stored, it tells nobody whose leaf it is.

    Raises LowOrderKey.
    """
    plain = promise.leaf + promise.day.isoformat().encode("ascii") + promise.signature
    try:
        return bytes(crypto_box_seal(plain, mailbox_pk))
    except (exceptions.RuntimeError, exceptions.CryptoError):
        raise LowOrderKey from None


def open_promise(sealed: bytes, mailbox_pk: bytes, mailbox_sk: bytes, site_pk: bytes) -> LogPromise:
    """Return a promise that was kept for a mailbox. Raises PromiseMalformed, SignatureWrong."""
    try:
        plain = bytes(crypto_box_seal_open(sealed, mailbox_pk, mailbox_sk))
    except (exceptions.CryptoError, exceptions.ValueError, exceptions.TypeError):
        raise PromiseMalformed from None
    day = read_log_day(plain[32:42])
    if len(plain) != _PLAIN or day is None:
        raise PromiseMalformed
    promise = LogPromise(plain[:32], day, plain[42:])
    promise.check(site_pk)
    return promise
