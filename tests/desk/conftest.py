"""One real site for each test: SQLite in a temporary folder, real keys, a real server on the loopback
address.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.desk.browser import Browser
from tests.desk.world import World, make_world, serving
from tests.support.shared import forget_nothing_twice

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    """Make the .mo files that the build would make; each worker may, and none sees half a file."""
    for po in (ROOT / "admin" / "desk" / "translations").glob("*/LC_MESSAGES/messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime > po.stat().st_mtime:
            continue
        temporary = mo.with_name(f"messages.{os.getpid()}.tmp")
        with po.open("rb") as source, temporary.open("wb") as target:
            write_mo(target, read_po(source))
        temporary.replace(mo)


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
