"""One real site for each test: SQLite in a temporary folder, real keys, a real server on the loopback
address.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.browser import Browser
from tests.desk.world import World, make_world, serving
from tests.support.catalogues import compile_catalogues
from tests.support.shared import forget_nothing_twice


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    compile_catalogues("admin/desk")


@pytest.fixture(scope="module", autouse=True)
def _freeze() -> None:
    """Take what the tests before have left (compiled templates, libraries) out of later garbage collections: each
    desk that forgets collects all garbage."""
    forget_nothing_twice()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A site with three auditors (the first one founded it), serving."""
    made = make_world(tmp_path)
    with serving(made.wsgi()) as url:
        made.url = url
        yield made
        made.close()


@pytest.fixture
def browser(world: World) -> Browser:
    """The founder's browser in front of an unlocked desk, in Japanese."""
    return Browser(world.desk())
