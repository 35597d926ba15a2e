"""A site with three auditors and its API, without a network between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import Caller
from tests.desk.world import Sent, World, make_world
from tests.support.site import Auditor


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A site with three auditors."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture
def caller(world: World) -> Caller:
    """The founder's desk."""
    return Caller(world)


@pytest.fixture
def sent(world: World) -> Sent:
    """A report that nobody is excluded from."""
    return world.report(what_happened="印のついた文 MARKER-7")


@pytest.fixture
def observer(world: World) -> Auditor:
    """Somebody enrolled who reads numbers only."""
    made = world.newcomer(0, duty="observer")
    world.enroll(made.card)
    return made
