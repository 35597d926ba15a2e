"""What several of these tests start from; made once, since real key files take their time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto import keyfile
from hatch_build import compile_catalogues
from tests.cli.command import PASSPHRASE, ROOT, new_auditor, new_site


@dataclass(frozen=True)
class Office:
    """A site nobody is enrolled at, and two auditors' folders with key file and card."""

    config: Path
    hanako: Path
    taro: Path

    @property
    def hanako_key(self) -> Path:
        """The first auditor's key file."""
        return self.hanako / "hanako-sato.key"

    @property
    def hanako_card(self) -> Path:
        """The first auditor's card."""
        return self.hanako / "hanako-sato.card"

    @property
    def taro_key(self) -> Path:
        """The second auditor's key file."""
        return self.taro / "taro-suzuki.key"

    @property
    def taro_card(self) -> Path:
        """The second auditor's card, not signed by anybody yet."""
        return self.taro / "taro-suzuki.card"


@pytest.fixture(scope="session", autouse=True)
def translations() -> None:
    """The catalogues, as every way of installing makes them; by one process of the tests at a time."""
    with (Path(tempfile.gettempdir()) / f"meyasubako-tests-{os.getuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_catalogues(ROOT)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to copy: site, hanako, taro."""
    folder = tmp_path_factory.mktemp("office")
    new_site(folder / "site")
    for name in ("Hanako Sato", "Taro Suzuki"):
        own = folder / name.split()[0].lower()
        made = new_auditor(own, name)
        assert made.code == 0, made.err
        (key,) = own.glob("*.key")
        # It was made as real ones are, and opens; the many commands that open it need not work as hard each time.
        seed = keyfile.unlock(key.read_bytes(), PASSPHRASE)
        key.write_bytes(keyfile.lock(seed, PASSPHRASE, ops=1, mem=8 * 1024 * 1024) + b"\n")
    return folder


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Office:
    """A fresh copy of site and auditors."""
    folder = tmp_path / "office"
    shutil.copytree(prepared, folder)
    return Office(folder / "site" / "meyasubako.toml", folder / "hanako", folder / "taro")
