"""The same tests on both databases: every test that takes `engine` or `url` runs on SQLite and on
PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store import db, schema
from tests.support.postgres import PostgresServer
from tests.support.tables import with_tables

DATABASES = ("sqlite", "postgresql")


def new_database(kind: str, folder: Path, request: pytest.FixtureRequest, upgraded: bool = True) -> str:
    """Return the URL of a new database of a kind, with this version's tables or with none."""
    if kind == "sqlite":
        number = len(list(folder.glob("store-*.db")))
        url = f"sqlite:///{folder}/store-{number}.db"
        if upgraded:
            with_tables(url)
        else:
            (folder / f"store-{number}.db").touch()
        return url
    server: PostgresServer = request.getfixturevalue("postgres_server")
    if not upgraded:
        return server.url(server.new_database())
    if "store" not in server.templates:
        server.templates["store"] = server.new_database()
        schema.upgrade(server.url(server.templates["store"]))
    return server.url(server.new_database(server.templates["store"]))


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return new_database(kind, tmp_path, request, upgraded=False)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return new_database(kind, tmp_path, request)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = db.make_engine(url)
    yield made
    made.dispose()
