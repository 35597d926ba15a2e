"""Tells whether a server runs on a site's SQLite file, so that no command replaces that file meanwhile.

`serve` holds a shared lock on the site's secret file for its lifetime, its workers with it: that file is the site's
own, never changes, and stays where it is when somebody clears the database's files away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from store.config.settings import Settings

if sys.platform != "win32":
    import fcntl


class ServerRuns(Exception):
    """A server is running on the database, or its files are being changed; the text says what to do, `ja` what is."""

    def __init__(self, text: str, ja: str) -> None:
        super().__init__(text)
        self.ja = ja


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Hold the lock of a server for the length of the block; what is forked in it holds it too.

    Raises ServerRuns while somebody changes the database's files.
    """
    refusal = ServerRuns(
        "The database is being restored or upgraded just now.", "データベースの復元か更新が行われています。"
    )
    with _locked(settings, shared=True, refusal=refusal):
        yield


@contextmanager
def standing_still(settings: Settings) -> Iterator[None]:
    """Keep servers from starting for the length of the block. Raises ServerRuns while one is running."""
    refusal = ServerRuns(
        "A server is running on this database. Nothing was changed. Stop it first (systemctl stop meyasubako),\n"
        "then run this again.",
        "このデータベースでサーバーが動いています。先に止めてください。何も変更していません。",
    )
    with _locked(settings, shared=False, refusal=refusal):
        yield


@contextmanager
def _locked(settings: Settings, shared: bool, refusal: ServerRuns) -> Iterator[None]:
    sqlite = make_url(settings.store.url).get_backend_name() == "sqlite"
    # PostgreSQL keeps its files itself; without its secret file a site can't be served.
    if sys.platform == "win32" or not sqlite or not settings.server.secret_file.is_file():
        yield
        return
    handle = os.open(settings.server.secret_file, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal from None
        yield
    finally:
        os.close(handle)
