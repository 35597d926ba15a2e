"""A request's body on its way from the socket to the view: large chunks stay as the kernel filled them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

Octets = bytes | bytearray | memoryview
AT_ONCE: Final = 256 * 1024
"""Bytes that are asked of a connection at once."""
_SMALL: Final = 64 * 1024
"""Chunks below this are put together, so that a body in tiny ones takes no more memory than its bytes, and no more of
Python's time than another one."""


class Chunks:
    """Bytes in the order in which they came. `count`: how many."""

    def __init__(self) -> None:
        self.count = 0
        self._chunks: deque[Octets] = deque()

    def add(self, chunk: Octets) -> None:
        """Take the next ones; a large chunk is not copied."""
        self.count += len(chunk)
        if len(chunk) >= _SMALL:
            self._chunks.append(chunk)
        elif self._chunks and isinstance(last := self._chunks[-1], bytearray):
            last += chunk
        elif chunk:
            self._chunks.append(bytearray(chunk))

    def take(self, size: int) -> bytes:
        """Return the next ones, at most `size` and at most a chunk; b"" when none are left."""
        if not self._chunks or not size:
            return b""
        chunk = self._chunks.popleft()
        if len(chunk) > size:
            self._chunks.appendleft(memoryview(chunk)[size:])
            chunk = memoryview(chunk)[:size]
        self.count -= len(chunk)
        return bytes(chunk)  # of bytes this is no copy

    def take_all(self) -> bytes:
        """Return all of them."""
        return b"".join(iter(lambda: self.take(AT_ONCE), b""))


class RequestBody:
    """The input of a request, of a known length: the collected part, then the bytes that the connection still brings.

    `failed` is gunicorn's: where the next request begins is not known.
    """

    def __init__(self, collected: Chunks, sock: Any, length: int) -> None:
        self._collected, self._sock, self._left = collected, sock, length
        self.failed = False

    def read(self, size: int | None = None) -> bytes:
        """Return the next `size` bytes, all without one; fewer only at the end, or when the connection ends.

        Raises OSError.
        """
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        until = self._left - wanted
        return b"".join(iter(lambda: self.read1(self._left - until), b""))

    def read1(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`, as they came: without a copy where many came at once.

        b"" as for `read`. Raises OSError.
        """
        size = self._left if size < 0 else min(size, self._left)
        data = self._collected.take(size) if self._collected.count else self._received(size)
        self._left -= len(data)
        return data

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read1(AT_ONCE), b"")

    def _received(self, size: int) -> bytes:
        if not size:
            return b""
        try:
            data: bytes = self._sock.recv(min(size, AT_ONCE))
            least = min(size, _SMALL)
            if not data or len(data) >= least:
                return data
            gathered = bytearray(data)
            while len(gathered) < least and (data := self._sock.recv(least - len(gathered))):
                gathered += data
        except BaseException:
            self.failed = True
            raise
        return bytes(gathered)
