"""Fixtures that several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.postgres import PostgresServer, postgres_server

# A busy machine is no finding: nothing here is a timed test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

__all__ = ["postgres_database", "postgres_folder", "postgres_server"]


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> str:
    """The URL of a new and empty PostgreSQL database."""
    return postgres_server.url(postgres_server.new_database())


@pytest.fixture
def postgres_folder(postgres_server: PostgresServer) -> Path:
    """The folder in which PostgreSQL keeps everything."""
    return postgres_server.folder
