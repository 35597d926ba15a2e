"""One real site for each test: SQLite in a temporary folder, real keys, a client that checks every page it
fetches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from crypto import cards as crypto_cards
from crypto.identity import Identity, new_identity
from crypto.listing import Listing
from portal import create_app
from store import cards as store_cards
from store import db
from store import site as store_site
from store.config.secrets import ServerSecrets
from store.config.settings import LimitSettings, ServerSettings, Settings, SiteSettings, StoreSettings
from tests.portal.client import CheckedClient
from tests.support.catalogues import compile_catalogues
from tests.support.roster import stored_roster
from tests.support.site import Auditor, make_auditors
from tests.support.tables import with_tables

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    compile_catalogues("portal")


@dataclass
class World:
    """A site with its auditors; `day` and `now` are its clock."""

    app: Flask
    engine: Engine
    settings: Settings
    secrets: ServerSecrets
    auditors: list[Auditor]
    day: date = TODAY
    now: float = 1_800_000_000.0
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def client(self, language: str = "ja") -> CheckedClient:
        """Return a reporter's browser."""
        return CheckedClient(self.app, language)


def make_world(folder: Path, auditors: int = 2, exit_url: str | None = None, limit: int = 2_000_000) -> World:
    """Make a site; a limit below what settings would allow makes tests of large bodies quick."""
    path = folder / "test.db"
    settings = Settings(
        path=folder / "meyasubako.toml",
        site=SiteSettings("試験の目安箱", "Test Meyasubako", True, exit_url),
        store=StoreSettings(f"sqlite:///{path}"),
        server=ServerSettings(secret_file=folder / "server.secret"),
        limits=LimitSettings(limit),
    )
    with_tables(settings.store.url)
    engine = db.make_engine(settings.store.url)
    people = make_auditors(auditors)
    first = people[0].card.key_id if people else None
    own = ServerSecrets(secrets.token_bytes(32), secrets.token_bytes(32), first)
    world = World(Flask("placeholder"), engine, settings, own, people)
    site_key = new_site_key(own)
    with db.writing(engine) as conn:
        store_site.create(conn, world.salt, site_key)
        for person in world.auditors:
            enroll(conn, person.card)
    world.app = create_app(
        settings, engine, own, secrets.token_bytes(32), today=lambda: world.day, now=lambda: world.now
    )
    return world


def new_site_key(own: ServerSecrets) -> bytes:
    """Return the public half of a site's signing key."""
    from nacl.signing import SigningKey

    return bytes(SigningKey(own.sign_seed).verify_key)


def listing(world: World) -> Listing:
    """Return the list as the site uses it."""
    with db.reading(world.engine) as conn:
        return stored_roster(conn, world.secrets.first_card).listing


def enroll(conn: Connection, card: crypto_cards.Card, day: date = TODAY) -> None:
    """Enrol a card as the operator's command does."""
    store_cards.enroll(conn, card.key_id, card.person, card.encode(), day)


def retire(conn: Connection, gone: Auditor, day: date = TODAY) -> None:
    """Retire an auditor, with a note of the auditor's own."""
    signer = gone.identity
    note = crypto_cards.new_retirement(signer.key_id, day, signer.key_id, signer.sign_seed)
    store_cards.retire(conn, signer.key_id, note.encode(), day)


def newcomer(voucher: Identity, name: str = "新任", duty: str = "auditor") -> Auditor:
    """Make an auditor whom somebody vouches for; no two have one name."""
    identity = new_identity()
    card = crypto_cards.new_card(
        identity.box_pk,
        identity.sign_pk,
        identity.sign_seed,
        name={"ja": name, "en": f"Newcomer {identity.key_id.hex()[:6]}"},
        role={"ja": f"法務部 {identity.key_id.hex()[:6]}", "en": "Legal department"},
        duty=duty,
    )
    return Auditor(identity, crypto_cards.vouch(card, voucher.key_id, voucher.sign_seed))


@pytest.fixture
def auditors() -> int:
    """How many auditors the site has."""
    return 2


@pytest.fixture
def world(tmp_path: Path, auditors: int) -> Iterator[World]:
    """A site with auditors."""
    made = make_world(tmp_path, auditors=auditors)
    yield made
    made.engine.dispose()


@pytest.fixture
def client(world: World) -> CheckedClient:
    """A Japanese reporter's browser."""
    return world.client()
