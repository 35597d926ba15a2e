"""One build of the tests' bundle for each worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts.bundle import built


@pytest.fixture(scope="session")
def tests_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the tests' bundle."""
    return built(tmp_path_factory.mktemp("scripts"))
