"""State that the views of one running API share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine

from crypto.roster import Roster, RosterMemory
from store import cards, log, site
from store.config.settings import PromiseSettings
from store.db import reading
from store.objects import Objects

_EXTENSION: Final = "meyasubako_api"


@dataclass(frozen=True)
class Facts:
    """Settings that desks get: is this a designated line, and the site's own promises."""

    designated: bool
    promises: PromiseSettings


@dataclass(repr=False)
class Api:
    """One running API. Nothing in here belongs to a request. `today`: the day in Japan.
    `first_card`: the key id (16 bytes) that the roster begins with; None while no auditor is enrolled. `sign`: signs
    promises with the site's key; without it nothing is promised.
    """

    engine: Engine
    today: Callable[[], date]
    objects: Objects
    facts: Facts
    first_card: Callable[[], bytes | None]
    sign: Callable[[bytes], bytes] | None = None
    _memory: RosterMemory = field(default_factory=RosterMemory)
    _salt: bytes | None = None

    def roster(self, conn: Connection) -> Roster:
        """Return the auditors' roster as of this connection's transaction."""
        documents = cards.documents(cards.enrolled(conn))
        return self._memory.update(documents, self.first_card(), log.listed(conn))

    def salt(self) -> bytes:
        """Return the site's salt, 16 public bytes that every request is signed for. Raises StoreFailed,
        NoSite.
        """
        # The same for a site's whole life: read once.
        if self._salt is None:
            with reading(self.engine) as conn:
                self._salt = site.get(conn).salt
        return self._salt


def api() -> Api:
    """Return the API that this request belongs to."""
    return cast(Api, current_app.extensions[_EXTENSION])


def install(app: Flask, context: Api) -> None:
    """Make `api()` find it."""
    app.extensions[_EXTENSION] = context
