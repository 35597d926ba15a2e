"""Files beside an envelope: one sealed object each, and the entry that names it (docs/format.md, section 4).

Both directions work on pieces of any length and hold one frame at a time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
)
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_FINAL as TAG_FINAL
from nacl.bindings import crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as TAG_MESSAGE
from nacl.utils import random

from crypto import errors, payloads
from crypto.encoding import b64d, b64e, hex_id
from crypto.filename import MAX_FILE_NAME
from crypto.payloads import CLEANED, FILE_WORDS, MAX_FILE_SIZE, MAX_FILES

__all__ = [
    "CLEANED", "FILE_WORDS", "FRAME", "MAGIC", "MAX_FILES", "MAX_FILE_NAME", "MAX_FILE_SIZE", "SEALED_FRAME",
    "FileHash", "Opener", "Sealer", "check_file", "entry", "is_object_length", "new_key", "new_object_id",
    "object_length", "padded_length",
]  # fmt: skip

MAGIC: Final = b"MYA1"
FRAME: Final = 65_536
"""Bytes of plaintext in a frame."""
SEALED_FRAME: Final = FRAME + 17
"""A frame as it is in the object: a tag byte and 16 bytes of Poly1305 come on top."""
HEADER: Final = len(MAGIC) + 24
_LARGEST_POWER: Final = 2**24


def new_object_id() -> bytes:
    """Return a random object id, 16 bytes."""
    return random(16)


def new_key() -> bytes:
    """Return a random file key, 32 bytes."""
    return random(32)


def padded_length(size: int) -> int:
    """Return the length of the plaintext of an object that holds a file of `size` bytes.

    A power of two from 64 KiB to 16 MiB, Padmé above. Raises MisuseError outside 0 to MAX_FILE_SIZE.
    """
    if not 0 <= size <= MAX_FILE_SIZE:
        raise errors.MisuseError
    if size <= FRAME:
        return FRAME
    if size <= _LARGEST_POWER:
        return 1 << (size - 1).bit_length()
    exponent = size.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-size // step) * step


def object_length(size: int) -> int:
    """Return the length of the object that holds a file of `size` bytes. Raises MisuseError."""
    return HEADER + padded_length(size) // FRAME * SEALED_FRAME


def is_object_length(length: int) -> bool:
    """Tell whether an object can be `length` bytes long: the padded length of some file."""
    frames, rest = divmod(length - HEADER, SEALED_FRAME)
    plain = frames * FRAME
    if rest or not FRAME <= plain <= padded_length(MAX_FILE_SIZE):
        return False
    return padded_length(min(plain, MAX_FILE_SIZE)) == plain


class FileHash:
    """The hash of a file that comes in pieces."""

    def __init__(self) -> None:
        # hashlib's is the same function in half the time (crypto.encoding.b2).
        self._state = hashlib.blake2b(digest_size=32, person=b"mybk1-file".ljust(16, b"\0"))

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._state.update(data)

    def digest(self) -> bytes:
        """Return the hash, 32 bytes."""
        return self._state.digest()


class Sealer:
    """Seals one file while it comes in. `header`, then what `update` and `finish` return, is the object.

    `size`: bytes of the file so far; its entry needs it at the end. Raises MisuseError for a key that is not 32 bytes,
    and for a file of more than MAX_FILE_SIZE.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise errors.MisuseError
        self.size = 0
        self._state = crypto_secretstream_xchacha20poly1305_state()
        stream_header = crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._waiting = bytearray()
        self.header: Final = MAGIC + bytes(stream_header)

    def update(self, data: bytes) -> bytes:
        """Return the frames that this piece of the file completes."""
        self.size += len(data)
        if self.size > MAX_FILE_SIZE:
            raise errors.MisuseError
        return self._frames(data)

    def finish(self) -> bytes:
        """Return the rest of the object."""
        return b"".join(self.rest())

    def rest(self) -> Iterator[bytes]:
        """Give what `finish` returns a frame at a time: padding can be some megabytes."""
        padding = padded_length(self.size) - self.size
        while padding:
            zeros = min(padding, FRAME)
            padding -= zeros
            yield self._frames(bytes(zeros))
        yield self._push(bytes(self._waiting), TAG_FINAL)

    def _frames(self, data: bytes) -> bytes:
        sealed: list[bytes] = []
        at = 0
        # The last frame is tagged, so a full one waits until it is known whether it is the last.
        with memoryview(data) as new:
            while len(self._waiting) + len(new) - at > FRAME:
                end = at + FRAME - len(self._waiting)
                frame = b"".join((self._waiting, new[at:end]))
                self._waiting.clear()
                sealed.append(self._push(frame, TAG_MESSAGE))
                at = end
            self._waiting += new[at:]
        return b"".join(sealed)

    def _push(self, frame: bytes, tag: int) -> bytes:
        return bytes(crypto_secretstream_xchacha20poly1305_push(self._state, frame, None, tag))


class Opener:
    """Opens one object that comes in pieces. `size`: what the file's entry says, in bytes.

    What `update` returns is authentic, in order and in place, but it is the whole file only when `finish` has
    not raised, and the entry's file only when its hash is the entry's (`check_file`). Raises MisuseError for a key that
    is not 32 bytes, and for a size that no file has.
    """

    def __init__(self, key: bytes, size: int) -> None:
        if len(key) != 32:
            raise errors.MisuseError
        self._size, self._whole = size, padded_length(size)
        self._key = key
        self._state = crypto_secretstream_xchacha20poly1305_state()
        self._waiting = bytearray()
        self._begun = self._ended = False
        self._place = 0

    def update(self, data: bytes) -> bytes:
        """Return the next part of the file. Raises the errors of section 4.1."""
        self._waiting += data
        if not self._begun and not self._begin():
            return b""
        plain = bytearray()
        while self._waiting:
            if self._ended:
                raise errors.TrailingBytes
            if len(self._waiting) < SEALED_FRAME:
                break
            frame = bytes(self._waiting[:SEALED_FRAME])
            del self._waiting[:SEALED_FRAME]
            plain += self._frame(frame)
        return bytes(plain)

    def finish(self) -> None:
        """Raise unless the object is whole: Truncated, ObjectSize."""
        if not self._begun:
            _check_magic(bytes(self._waiting[:4]))
        if self._waiting or not self._ended:
            raise errors.Truncated
        if self._place != self._whole:
            raise errors.ObjectSize

    def _begin(self) -> bool:
        _check_magic(bytes(self._waiting[:4]))
        if len(self._waiting) < HEADER:
            return False
        header = bytes(self._waiting[len(MAGIC) : HEADER])
        crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, self._key)
        del self._waiting[:HEADER]
        self._begun = True
        return True

    def _frame(self, frame: bytes) -> bytes:
        try:
            plain, tag = crypto_secretstream_xchacha20poly1305_pull(self._state, frame)
        except (exceptions.CryptoError, ValueError):
            raise errors.CiphertextForged from None
        if tag not in (TAG_MESSAGE, TAG_FINAL):
            raise errors.CiphertextForged
        self._ended = tag == TAG_FINAL
        begin, self._place = self._place, self._place + FRAME
        if self._place > self._whole:
            raise errors.ObjectSize
        end = max(0, self._size - begin)
        if any(plain[end:]):
            raise errors.ObjectPadding
        return plain[:end]


def _check_magic(begin: bytes) -> None:
    if not MAGIC[:3].startswith(begin[:3]):
        raise errors.BadMagic
    if len(begin) > 3 and begin[3:4] != MAGIC[3:]:
        raise errors.UnknownVersion


def entry(
    object_id: bytes,
    key: bytes,
    digest: bytes,
    size: int,
    name: str,
    media_type: str,
    cleaned: str,
    found: Collection[str] = (),
) -> dict[str, Any]:
    """Return a file's entry for a payload's `files` (section 4.2). Raises MisuseError when it is not one."""
    made = {
        "object": hex_id(object_id),
        "key": b64e(key),
        "hash": b64e(digest),
        "size": size,
        "name": name,
        "type": media_type,
        "cleaned": cleaned,
        "found": sorted(set(found)),
    }
    if not payloads.is_file(made):
        raise errors.MisuseError
    return made


def check_file(of: Mapping[str, Any], size: int, digest: bytes) -> None:
    """Raise FileMismatch unless a file is the one that an entry names."""
    if of["size"] != size or not hmac.compare_digest(b64d(of["hash"]), digest):
        raise errors.FileMismatch
