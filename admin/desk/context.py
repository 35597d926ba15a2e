"""What the views of one running desk share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, cast

from flask import Flask, current_app

from admin.desk.cache import Cache, file_for
from admin.desk.client import Server
from admin.desk.keyring import Keyring
from admin.desk.links import Links
from admin.desk.work import Work

_EXTENSION: Final = "meyasubako_desk"


@dataclass(repr=False)
class Desk:
    """One running desk on 127.0.0.1:`port`. `announce` is given the address of each fresh one-time link."""

    server: Server
    keyring: Keyring
    links: Links
    cache_dir: Path
    port: int
    announce: Callable[[str], None]
    today: Callable[[], date]
    visitors: set[str] = field(default_factory=set)
    _cache: Cache | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hosts(self) -> tuple[str, ...]:
        """Return the names that the desk answers under; a foreign name that leads here gets nothing."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def new_link(self) -> str:
        """Return the address of a new one-time link."""
        return f"http://127.0.0.1:{self.port}/open/{self.links.new()}"

    def work(self) -> Work:
        """Return what an unlocked desk works with. Raises Locked, CacheUnusable."""
        identity = self.keyring.use()
        path = file_for(self.cache_dir, self.server.url, identity.key_id)
        with self._lock:
            if self._cache is None or self._cache.path != path:
                self._cache = Cache(path)
            return Work(identity, self._cache, self.server, self.today)

    def close(self) -> None:
        """Let go of keys, files and connections."""
        self.keyring.lock()
        self.server.close()
        with self._lock:
            if self._cache is not None:
                self._cache.close()
                self._cache = None


def desk() -> Desk:
    """Return the desk that this request belongs to."""
    return desk_of(current_app)


def desk_of(app: Flask) -> Desk:
    """Return the desk of an application."""
    return cast(Desk, app.extensions[_EXTENSION])


def install(app: Flask, context: Desk) -> None:
    """Make `desk()` find it."""
    app.extensions[_EXTENSION] = context
