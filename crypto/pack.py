"""A pack for counsel or an authority, encrypted to its receiver's key (docs/format.md, section 4.4).

The receiver's key pair is the box key of an ordinary key file; its public half travels as one line of text. Both
directions work on pieces of any length.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from typing import Final

from nacl import exceptions
from nacl.bindings import crypto_box_seal, crypto_box_seal_open

from crypto import errors
from crypto.attachment import MAX_FILE_SIZE, Opener, Sealer, new_key
from crypto.encoding import b2, b64d, b64e
from crypto.key_errors import PackKeyMalformed

MAGIC: Final = b"MYP1"
HEAD: Final = len(MAGIC) + 40 + 48
"""Bytes before the object: the magic, and a sealed box of the key and the length."""
_PREFIX: Final = "mypack1-"
_CHECK: Final = 4
_LONGEST: Final = 200


def receiver_text(box_pk: bytes) -> str:
    """Return a receiver's public key (32 bytes) as the line that is handed over. Raises MisuseError."""
    if len(box_pk) != 32:
        raise errors.MisuseError
    return _PREFIX + b64e(box_pk + _check(box_pk))


def read_receiver(text: str) -> bytes:
    """Return the public key (32 bytes) that a line names; white space around it does not matter.

    Raises PackKeyMalformed for anything else: a slip is found, and so is a key that nothing can be encrypted to.
    """
    line = text.strip()
    if len(line) > _LONGEST or not line.startswith(_PREFIX):
        raise PackKeyMalformed
    try:
        raw = b64d(line.removeprefix(_PREFIX))
    except errors.BadBase64:
        raise PackKeyMalformed from None
    box_pk, check = raw[:32], raw[32:]
    if len(raw) != 32 + _CHECK or not hmac.compare_digest(check, _check(box_pk)):
        raise PackKeyMalformed
    try:
        crypto_box_seal(b"", box_pk)
    except exceptions.CryptoError:
        raise PackKeyMalformed from None
    return box_pk


def _check(box_pk: bytes) -> bytes:
    return b2(_CHECK, box_pk, person="mybk1-packkey")


def sealed(pieces: Iterable[bytes], size: int, box_pk: bytes) -> Iterator[bytes]:
    """Give a pack of `size` bytes, encrypted to `box_pk` (32 bytes), in pieces.

    Raises MisuseError where the pieces are not `size` bytes together, or these are more than MAX_FILE_SIZE.
    """
    if not 0 <= size <= MAX_FILE_SIZE or len(box_pk) != 32:
        raise errors.MisuseError
    key = new_key()
    sealer = Sealer(key)
    yield MAGIC + bytes(crypto_box_seal(key + size.to_bytes(8, "big"), box_pk)) + sealer.header
    for piece in pieces:
        yield sealer.update(piece)
    if sealer.size != size:
        raise errors.MisuseError
    yield from sealer.rest()


def opened(pieces: Iterable[bytes], box_sk: bytes, box_pk: bytes) -> Iterator[bytes]:
    """Give what a pack holds, in pieces; it is whole only when this ends without raising.

    Raises BadMagic, Truncated, CannotOpen (another receiver's, or damaged), and what the object is refused for:
    CiphertextForged, TrailingBytes, ObjectSize, ObjectPadding.
    """
    waiting, opener = bytearray(), None
    for piece in pieces:
        waiting += piece
        if opener is None and len(waiting) >= HEAD:
            opener = _begun(bytes(waiting[:HEAD]), box_sk, box_pk)
            del waiting[:HEAD]
        if opener is not None:
            yield opener.update(bytes(waiting))
            waiting.clear()
    if opener is None:
        if bytes(waiting[: len(MAGIC)]) != MAGIC[: len(waiting)]:
            raise errors.BadMagic
        raise errors.Truncated
    opener.finish()


def _begun(head: bytes, box_sk: bytes, box_pk: bytes) -> Opener:
    if head[: len(MAGIC)] != MAGIC:
        raise errors.BadMagic
    try:
        inside = bytes(crypto_box_seal_open(head[len(MAGIC) :], box_pk, box_sk))
    except exceptions.CryptoError:
        raise errors.CannotOpen from None
    size = int.from_bytes(inside[32:], "big")
    if size > MAX_FILE_SIZE:
        raise errors.ObjectSize
    return Opener(inside[:32], size)
