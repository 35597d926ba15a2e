"""A plugin of `make test-fast`: the tests that need no browser, no PostgreSQL and no program that `make run` would not
set up either. The rest is left out by name and counted, not skipped: `make test` runs it all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).resolve().parents[1]
FOLDERS: Final = tuple(TESTS / name for name in ("browser", "faults", "leaks", "wheel", "portal/cleaning"))
"""Browsers, strace, exiftool, and clean environments that are installed from the registries."""
LIBRARIES: Final = re.compile(r"^(from|import) (playwright|axe_playwright|tests\.support\.browser)", re.M)
FIXTURES: Final = {"chromium_browser", "postgres_server", "postgres_database", "postgres_folder"}
_left_out: list[str] = []


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the folders, and the files that import a browser's libraries."""
    if collection_path in FOLDERS:
        _left_out.append(f"{collection_path.relative_to(TESTS)}/")
        return True
    if collection_path.suffix == ".py" and collection_path.name.startswith("test_"):
        if LIBRARIES.search(collection_path.read_text(encoding="utf-8")) is None:
            return None
        _left_out.append(str(collection_path.relative_to(TESTS)))
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests with a browser or PostgreSQL."""
    out = [item for item in items if _needs_more(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


def _needs_more(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    on_postgres = any(isinstance(value, str) and value.startswith("postgres") for value in given)
    return on_postgres or bool(FIXTURES & set(item.fixturenames))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    files = "".join(f", {name}" for name in sorted(set(_left_out)))
    terminalreporter.write_line(f"Left to `make test`: tests with a browser or PostgreSQL{files}")
