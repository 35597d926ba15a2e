"""The auditor's keys: in memory only, in one place, and only while the desk is in use."""

from __future__ import annotations

import os
import secrets
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from crypto import keyfile
from crypto.identity import Identity, from_seed

IDLE_MINUTES: Final = 15
"""Minutes without a page being asked for, after which the desk locks itself, unless it was started with others."""
MIN_IDLE, MAX_IDLE = 1, 120
IDLE: Final = IDLE_MINUTES * 60.0


class Locked(Exception):
    """The desk is locked: somebody has to type the passphrase."""


class NoKeyFile(Exception):
    """The desk was started without a key file, so it can't be unlocked again."""


class CannotWrite(Exception):
    """The key file was not written; it is as it was. `reason`: no_path, changed (another file is there now than the
    one that this desk was started with), folder (the system did not allow it).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Keyring:
    """Holds the keys while the desk is unlocked. Python can't wipe memory; letting go is all that locking can
    do.
    """

    def __init__(
        self,
        keyfile_bytes: bytes | None,
        identity: Identity | None,
        now: Callable[[], float],
        idle_minutes: int = IDLE_MINUTES,
        path: Path | None = None,
    ) -> None:
        self.idle_minutes = idle_minutes
        self.when_locked: Callable[[], None] = lambda: None
        """Called after the keys were let go, so that everything that they opened goes too."""
        self._file = keyfile_bytes
        self.path = path
        """Where the key file lies; None when nobody said."""
        self._identity = identity
        self._now = now
        self._used = now()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def take(self, keyfile_bytes: bytes, path: Path) -> None:
        """Hold this key file from now on: the first run of a desk made it, or brought it back."""
        self._file, self.path = keyfile_bytes, path

    @property
    def can_unlock(self) -> bool:
        """Tell whether there is a key file to unlock."""
        return self._file is not None

    def unlock(self, passphrase: str) -> None:
        """Open the key file. Raises NoKeyFile and what `crypto.keyfile.unlock` raises."""
        if self._file is None:
            raise NoKeyFile
        # Each try takes 256 MiB: one after the other.
        with self._one_at_a_time:
            identity = from_seed(keyfile.unlock(self._file, passphrase))
        with self._lock:
            self._identity, self._used = identity, self._now()

    @property
    def file(self) -> bytes | None:
        """The key file's bytes: sealed under the passphrase."""
        return self._file

    def change_passphrase(self, old: str, new: str) -> None:
        """Seal the seed anew and put the new key file in the old one's place, whole or not at all.

        Raises NoKeyFile, CannotWrite, what `crypto.keyfile.unlock` raises for the old passphrase, and MisuseError for a
        new one that can't be used.
        """
        if self._file is None:
            raise NoKeyFile
        if self.path is None:
            raise CannotWrite("no_path")
        with self._one_at_a_time:
            seed = keyfile.unlock(self._file, old)
            made = keyfile.lock(seed, new)
            # The old file goes only when the new one is known to open.
            if keyfile.unlock(made, new) != seed:
                raise CannotWrite("folder")
            _replace(self.path, self._file, made + b"\n")
            self._file = made + b"\n"

    def lock(self) -> None:
        """Let go of the keys."""
        with self._lock:
            self._identity = None
        self.when_locked()

    def use(self) -> Identity:
        """Return the keys, and count this as being in use. Raises Locked."""
        self.expire()
        with self._lock:
            if self._identity is None:
                raise Locked
            self._used = self._now()
            return self._identity

    def peek(self) -> Identity | None:
        """Return the keys without counting it as use; None while locked."""
        self.expire()
        with self._lock:
            return self._identity

    def expire(self) -> None:
        """Lock when nobody has used the desk for a while; called now and then, so that keys go without a
        visit.
        """
        with self._lock:
            has_expired = self._identity is not None and self._now() - self._used >= self.idle_minutes * 60
            if has_expired:
                self._identity = None
        if has_expired:
            self.when_locked()

    @property
    def is_locked(self) -> bool:
        """Tell whether the desk is locked."""
        return self.peek() is None


def _replace(path: Path, old: bytes, new: bytes) -> None:
    """Put a file in another one's place, for its owner only. Raises CannotWrite; then the old file is untouched."""
    try:
        place = path.resolve(strict=True)  # a link stays a link
        if place.read_bytes() != old:
            raise CannotWrite("changed")
        part = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError:
        raise CannotWrite("folder") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except OSError:
        part.unlink(missing_ok=True)
        raise CannotWrite("folder") from None


def is_open_to_others(path: Path) -> bool:
    """Tell whether other users of this computer can read or change a file. Windows has no modes: False there, and for a
    file that is not there.
    """
    if os.name != "posix":
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False
