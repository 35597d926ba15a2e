"""State that the views of one running desk share."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, cast

from flask import Flask, current_app

from admin.desk.casework.roster import TrustBroken
from admin.desk.casework.situation import NotEnrolled, Retired
from admin.desk.casework.work import Work
from admin.desk.keys import Keyring, Locked
from admin.desk.local.copy import Cache, CacheUnusable, file_for
from admin.desk.server.client import Server
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.drawings import Drawings
from admin.desk.web.first_run import FirstRun
from admin.desk.web.handles import Handles
from admin.desk.web.one_time_links import OneTimeLinks
from admin.desk.web.scans import Scans
from admin.desk.web.trail import Trail

_EXTENSION: Final = "meyasubako_desk"


NOTICES: Final = "notices"
"""Stored under this name: b"1" where this computer is to show notices."""


@dataclass(frozen=True)
class Notices:
    """How many cases are late, and in how many something is new. `tell`: more than before, and notices are wanted."""

    late: int
    new: int
    tell: bool


class NotSetUp(Exception):
    """This desk has no site and no key yet: the pages of the first run come before all others."""


@dataclass(repr=False)
class Desk:
    """One running desk on 127.0.0.1:`port`. `announce` is given the address of each fresh one-time link. `site`: None
    until the first run named one; `first`: that run.
    """

    site: Server | None
    keyring: Keyring
    links: OneTimeLinks
    cache_dir: Path
    port: int
    announce: Callable[[str], None]
    today: Callable[[], date]
    visitors: set[str] = field(default_factory=set)
    root: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(16)}")
    """The beginning of every address of this run, and the path of its cookie (guard.py says why)."""
    first: FirstRun | None = None
    origin: Mapping[str, str] | None = None
    """Of the one file that this desk was started from: path, sha256, version, tree (admin.onefile.unpack)."""
    again: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    """Proves to this run that the next start is the same user's (running.py)."""
    handles: Handles = field(default_factory=Handles)
    """The handles that are in addresses in place of ids."""
    trail: Trail = field(default_factory=Trail)
    """The lists that were shown last."""
    drawings: Drawings = field(default_factory=Drawings)
    """Pages with boxes painted on them."""
    scans: Scans = field(default_factory=Scans)
    """Scans of the report that is being written down."""
    exporting: threading.Lock = field(default_factory=threading.Lock)
    """Held while a case is made into documents."""
    drafting: threading.Lock = field(default_factory=threading.Lock)
    """Held while a draft is changed."""
    spent: deque[str] = field(default_factory=lambda: deque(maxlen=1000))
    """Pages (by the random id in each) from which something was sent: what one still says beside that is old."""
    _cache: Cache | None = None
    _noticed: tuple[int, int] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def server(self) -> Server:
        """The site's server. Raises NotSetUp."""
        if self.site is None:
            raise NotSetUp
        return self.site

    def begin(self, site: Server, keyfile_bytes: bytes, path: Path) -> None:
        """End the first run: from now on this is the desk of a key and a site."""
        self.keyring.take(keyfile_bytes, path)
        self.site = site

    def hosts(self) -> tuple[str, ...]:
        """Return the names that the desk answers under; a foreign name that leads here gets nothing."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def new_link(self) -> str:
        """Return the address of a new one-time link."""
        return f"http://127.0.0.1:{self.port}{self.root}/open/{self.links.new()}"

    def work(self) -> Work:
        """Return what an unlocked desk works with. Raises Locked, CacheUnusable."""
        identity = self.keyring.use()
        path = file_for(self.cache_dir, self.server.url, identity.key_id)
        with self._lock:
            if self.keyring.peek() is None:
                raise Locked  # meanwhile
            if self._cache is None or self._cache.path != path:
                if self._cache is not None:
                    self._cache.close()
                self._cache = None
                self._cache = Cache(path, identity.index_key)
            return Work(identity, self._cache, self.server, self.today)

    def __post_init__(self) -> None:
        self.keyring.when_locked = self.forget

    def close(self) -> None:
        """Let go of keys, files and connections."""
        self.keyring.lock()
        if self.site is not None:
            self.site.close()

    def news(self) -> Notices | None:
        """Return what a page may say of late and new cases, out of what is here; None while nothing is open.

        It counts as no use, and asks the server for nothing. Of a rise the first page that asks is told.
        """
        with self._lock:
            cache, before = self._cache, self._noticed
            if cache is None or self.keyring.peek() is None:
                return None
            try:
                late, new = cache.notice_counts(self.today())
                wanted = cache.get(NOTICES) == b"1"
            except (Locked, CacheUnusable):
                return None
            self._noticed = late, new
        rose = before is not None and (late > before[0] or new > before[1])
        return Notices(late, new, rose and wanted)

    def read_on(self, end: threading.Event) -> None:
        """Read what no page has shown yet, until there is no more, the desk is locked or `end` is set.

        Nothing is asked of the server but sealed bytes that the last page's pull named, and what a page asked for and
        went on without; it counts as no use.
        """
        with self._lock:
            cache, identity = self._cache, self.keyring.peek()
        if cache is None or identity is None:
            return
        work = Work(identity, cache, self.server, self.today)
        with suppress(Locked, CacheUnusable, ServerTrouble, TrustBroken, NotEnrolled, Retired):
            if self.server.owes():
                work.refresh()  # what a page went on without
            while not end.is_set() and work.read_some():
                pass

    def forget(self) -> None:
        """Close the local copy and forget what was open of it; it is opened again when it is needed."""
        with self._lock:
            self._noticed = None
            self.handles.forget()
            self.trail.forget()
            self.drawings.forget()
            self.scans.forget()
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
