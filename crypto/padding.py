"""Payload padding: 0x80 and zeros up to the next size class (docs/format.md, section 2)."""

from __future__ import annotations

from typing import Final

from crypto import errors

SIZES: Final = (8192, 32768, 131072, 524288)


def pad(raw: bytes) -> bytes:
    """Return a payload padded to its size class. Raises PayloadTooLarge."""
    for size in SIZES:
        if len(raw) < size:
            return raw + b"\x80" + bytes(size - len(raw) - 1)
    raise errors.PayloadTooLarge


def unpad(padded: bytes) -> bytes:
    """Return the payload. Raises PaddingSize, PaddingMissing or PaddingNotSmallest."""
    if len(padded) not in SIZES:
        raise errors.PaddingSize
    raw = padded.rstrip(b"\0")
    if not raw.endswith(b"\x80"):
        raise errors.PaddingMissing
    if len(pad(raw[:-1])) != len(padded):
        raise errors.PaddingNotSmallest
    return raw[:-1]
