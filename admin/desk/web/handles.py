"""Handles: stand in for ids of cases and files in the desk's addresses.

A browser keeps addresses, and ids are the server's own: who reads the history and the database would know which cases
somebody has worked on. A handle is a keyed hash, and its key is in the memory of this run only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from crypto.encoding import b2


class Handles:
    """The handles of one run of a desk."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._ids: dict[str, bytes] = {}

    def of(self, own_id: bytes) -> str:
        """Return the handle of an id (16 bytes): 32 hex digits."""
        handle = b2(16, own_id, key=self._key, person="mybk1-deskaddr").hex()
        self._ids[handle] = own_id
        return handle

    def find(self, handle: str, ids: Callable[[], Iterable[bytes]]) -> bytes | None:
        """Return the id that a handle stands for; None for none. `ids`: all that there are, should it be asked for
        again after `forget`.
        """
        if handle not in self._ids:
            for candidate in ids():
                self.of(candidate)
        return self._ids.get(handle)

    def forget(self) -> None:
        """Let go of the ids; their handles stay the same."""
        self._ids = {}
