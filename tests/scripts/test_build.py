"""The built scripts: the same bytes from the same input, small, and listed as they are."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from portal import bundle
from portal.scripts import build as scripts

MOST = {
    "leave": 650,
    "report": 32_900,
    "status": 38_000,
    "log": 26_000,
    "beside": 29_200,
    "files": 8_400,
    "furigana": 900,
    "cleaning": 4_200,
    "office": 23_800,
}
"""Bytes of each script as it is served to a browser that takes Brotli."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    scripts.build(folder)
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_builds_are_the_same(built: Path, tmp_path: Path) -> None:
    (tmp_path / "report-0123456789abcdef.js").write_text("of an earlier build")
    scripts.build(tmp_path)
    assert _files(tmp_path) == _files(built)


def test_the_manifest_says_what_is_there(built: Path) -> None:
    listed = bundle.read(built)
    assert set(listed) == set(MOST)
    for script in listed.values():
        raw = (built / Path(script.path).name).read_bytes()
        assert script.size == len(raw)
        assert script.sha256 == hashlib.sha256(raw).hexdigest()
        assert script.sri == "sha384-" + base64.b64encode(hashlib.sha384(raw).digest()).decode()


def test_each_script_has_a_budget_of_its_own(built: Path) -> None:
    sizes = {path.name.partition("-")[0]: path.stat().st_size for path in built.glob("*.js.br")}
    assert sizes.keys() == MOST.keys() and {name for name in MOST if sizes[name] > MOST[name]} == set()


def test_without_a_build_there_are_no_scripts(tmp_path: Path) -> None:
    assert bundle.read(tmp_path) == {}


@pytest.mark.parametrize(
    "word",
    [
        "localStorage",
        "sessionStorage",
        "innerHTML",
        "WebAssembly",
        "eval(",
        "console.",
        "indexedDB",
    ],
)
def test_nothing_that_keeps_or_runs_text(built: Path, word: str) -> None:
    """What the history holds of a step is its number (tests/browser/test_nothing_lost.py)."""
    assert not [path.name for path in built.glob("*.js") if word in path.read_text(encoding="utf-8")]
