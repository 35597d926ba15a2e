"""Fixtures that several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support import parts
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.shared import forget_nothing_twice, share_compiled_routes, share_compiled_templates

if TYPE_CHECKING:
    from playwright.sync_api import Browser

parts.use()

# A busy machine is no finding: nothing here is a timed test. A build tries the same examples each time, so that it
# fails for what was changed; `make faults` searches at random.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")

share_compiled_templates()
share_compiled_routes()


def pytest_collection_finish() -> None:
    """Begin after everything is imported."""
    forget_nothing_twice()


__all__ = ["chromium_browser", "postgres_database", "postgres_folder", "postgres_server"]


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> str:
    """The URL of a new and empty PostgreSQL database."""
    return postgres_server.url(postgres_server.new_database())


@pytest.fixture
def postgres_folder(postgres_server: PostgresServer) -> Path:
    """The folder in which PostgreSQL keeps everything."""
    return postgres_server.folder


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """The one Chromium of a worker: Playwright can be started only once in a process."""
    from tests.support.browser import chromium  # `make test-fast` has no library for it

    with chromium() as found:
        yield found
