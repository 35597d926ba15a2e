"""State that the views and use cases of one running site share: settings, database, keys, roster. No Flask in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, Engine
from werkzeug.exceptions import ServiceUnavailable

from cases import contacts
from cases.contacts import Contact
from crypto.roster import Roster, RosterMemory
from crypto.signer import Signer
from portal import bundle
from portal.bundle import Script
from portal.template_cache import Parts, TemplateCache
from store import basis, log, site
from store import cards as store_cards
from store.basis import Basis
from store.config.secrets import FirstCard, ServerSecrets
from store.config.settings import Settings
from store.db import reading
from store.objects import Objects


class Slots:
    """How many large requests one worker reads at a time: the other threads stay free for everybody else."""

    def __init__(self, threads: int) -> None:
        self._uploads = threading.BoundedSemaphore(max(1, threads // 2))
        self._turned_away = threading.BoundedSemaphore(max(1, threads // 4))

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Give True when files can be taken, False when a form can be read without its files.

        Raises ServiceUnavailable when not even that.
        """
        for free, turns in ((True, self._uploads), (False, self._turned_away)):
            if turns.acquire(blocking=False):
                try:
                    yield free
                finally:
                    turns.release()
                return
        raise ServiceUnavailable


class OfCheckpoint:
    """Remembers what was made for the newest checkpoint: all of it is public, and the same for everybody."""

    def __init__(self) -> None:
        self._state: tuple[str, dict[str, Any] | None] = ("", None)

    def get(self, note: str, make: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        """Return what belongs to a checkpoint (its signed note), made once; None before the first one."""
        known, made = self._state
        if note and note != known:
            made = make()
            self._state = (note, made)
        return made if note else None


@dataclass(frozen=True)
class SealedBy:
    """The list of readers that something is sealed by, and what the transaction that stores it compares."""

    roster: Roster
    basis: Basis


RECENT_SECONDS: Final = 30.0
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """One public value of this process, made anew for another key, and after half a minute at the latest."""

    def __init__(self) -> None:
        self._kept: tuple[Key, float, Value] | None = None

    def get(self, key: Key, now: float, make: Callable[[], Value]) -> Value:
        """Return the value for a key; `now`: seconds. What `make` raises is not kept."""
        kept = self._kept
        if kept is None or kept[0] != key or not 0 <= now - kept[1] < RECENT_SECONDS:
            kept = (key, now, make())
            self._kept = kept
        return kept[2]


@dataclass(repr=False)
class Portal:
    """One running site. Nothing in here belongs to a request or to a reporter.

    `token_key`: 32 bytes, seals status tokens. `today`: the day in Japan. `now`: seconds, for idle times
    only. `slots`: how many large uploads are read at a time. `log_refusal`: why this process signs no batch, or "".
    """

    settings: Settings
    engine: Engine
    secrets: ServerSecrets
    token_key: bytes
    today: Callable[[], date]
    now: Callable[[], float]
    objects: Objects
    slots: Slots
    own_contacts: tuple[Contact, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=bundle.read)
    roster_memory: RosterMemory = field(default_factory=RosterMemory)
    shown_list: OfCheckpoint = field(default_factory=OfCheckpoint)
    log_fits: Recent[tuple[int, bytes, str], bool] = field(default_factory=Recent)
    log_note: Recent[date, str] = field(default_factory=Recent)
    log_signers: Recent[tuple[object, ...], Any] = field(default_factory=Recent)
    law_parts: Parts = field(default_factory=Parts)
    frame_parts: Parts = field(default_factory=Parts)
    template_cache: TemplateCache = field(default_factory=TemplateCache)
    log_refusal: Callable[[], str] = str
    _site: site.SiteRow | None = None
    _sealed_by: tuple[bytes | None, SealedBy] | None = None

    def __post_init__(self) -> None:
        """Remember where the first card's key id is read while it is not known, and derive the site's key once."""
        self.signer = Signer(self.secrets.sign_seed)
        self._first_card = FirstCard(self.settings.server.secret_file, self.secrets.first_card)

    def salt(self) -> bytes:
        """Return the salt of the site's receipt codes, 16 public bytes. Raises StoreFailed, NoSite."""
        return self._row().salt

    def sign_pk(self) -> bytes:
        """Return the public half of the site's signing key. Raises StoreFailed, NoSite."""
        return self._row().sign_pk

    def _row(self) -> site.SiteRow:
        # Public, and the same for ever: read once.
        if self._site is None:
            with reading(self.engine) as conn:
                self._site = site.get(conn)
        return self._site

    def contacts(self, day: date) -> tuple[Contact, ...]:
        """Return the channels outside that are shown on a day, the operator's own last."""
        return tuple(
            contact for contact in (*contacts.contacts(), *self.own_contacts) if contact.shown_on(day)
        )

    def sealed_by(self, conn: Connection, day: date) -> SealedBy:
        """Return the list as of this connection's transaction; the cards are read only where it has changed."""
        first, now = self._first_card(), basis.read(conn, day)
        known = self.sealed_as(now)
        if known is None:
            known = SealedBy(self.roster(conn), now)
            self._sealed_by = (first, known)
        return known

    def sealed_as(self, now: Basis) -> SealedBy | None:
        """Return the list as it was last read, where that was by this basis."""
        known = self._sealed_by
        is_same = known is not None and known[0] == self._first_card() and known[1].basis == now
        return known[1] if known is not None and is_same else None

    def known_sealed_by(self, day: date) -> SealedBy | None:
        """Return the list as it was last read, for a transaction that compares it; None where that was another day."""
        known = self._sealed_by
        is_of_day = known is not None and known[1].basis.day == day and known[0] == self._first_card()
        return known[1] if known is not None and is_of_day else None

    def roster(self, conn: Connection) -> Roster:
        """Return the auditors' roster as of this connection's transaction."""
        documents = store_cards.documents(store_cards.enrolled(conn))
        return self.roster_memory.update(documents, self._first_card(), log.listed(conn))
