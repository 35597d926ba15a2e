"""What `make deb` packs, without pip and debhelper: its own files, and what its checks refuse."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import hatch_build

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "deploy" / "debian"
HOUR = 3600


@pytest.fixture(scope="module")
def build() -> ModuleType:
    found = importlib.util.spec_from_file_location("build_deb", DEBIAN / "build.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["build_deb"] = module
    found.loader.exec_module(module)
    return module


def test_each_unit_is_packed_under_the_name_that_debhelper_looks_for(
    build: ModuleType, tmp_path: Path
) -> None:
    build.debian_folder(tmp_path / "debian", 20 * HOUR)
    names = {path.name for path in (tmp_path / "debian").iterdir()}
    assert {"meyasubako.service", "meyasubako.socket", "meyasubako.sysusers", "meyasubako.tmpfiles"} <= names
    for unit in (ROOT / "deploy" / "systemd").iterdir():
        alone = unit.stem == "meyasubako"
        assert (unit.name if alone else f"meyasubako.{unit.stem}{unit.suffix}") in names
        assert unit.stem in (DEBIAN / "rules").read_text("utf-8")
    changelog = (tmp_path / "debian" / "changelog").read_text("utf-8")
    assert changelog.startswith(f"meyasubako ({build.version()}) ") and "1970 20:00:00" in changelog


def test_what_differs_between_two_runs_of_pip_is_taken_out(build: ModuleType, tmp_path: Path) -> None:
    info = tmp_path / "part-1.dist-info"
    (tmp_path / "bin").mkdir()
    info.mkdir()
    (info / "direct_url.json").write_text("{}")
    (info / "METADATA").write_text("Name: part")
    (info / "RECORD").write_text(
        "part.py,,\npart-1.dist-info/direct_url.json,,\npart-1.dist-info/METADATA,,\n"
    )
    (tmp_path / "part.py").write_text("")
    (tmp_path / "part.py").chmod(0o600)
    build.tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part-1.dist-info", "part.py"]
    assert (info / "RECORD").read_text() == "part-1.dist-info/METADATA,,\npart.py,,\n"
    assert (tmp_path / "part.py").stat().st_mode & 0o777 == 0o644


def test_translations_are_the_same_bytes_whenever_they_are_compiled(tmp_path: Path) -> None:
    source = tmp_path / hatch_build.CATALOGUES[0] / "en" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "b"\n'
    )
    (compiled,) = hatch_build.compile_catalogues(tmp_path)
    assert b"POT-Creation-Date: 1980-01-01 00:00+0000" in compiled.read_bytes()


def test_it_needs_the_python_that_its_parts_are_for(build: ModuleType) -> None:
    assert build.depends((3, 11)) == "python3 (>= 3.11~), python3 (<< 3.12~)"


def test_scripts_of_the_package_leave_reports_where_they_are() -> None:
    for name in ("postinst", "prerm", "postrm"):
        text = (DEBIAN / name).read_text("utf-8")
        assert text.startswith("#!/bin/sh\nset -e\n") and "#DEBHELPER#" in text
        assert not any("rm " in line and "/var/" in line for line in text.splitlines())


def test_no_host_of_a_registry_is_named() -> None:
    for path in (ROOT / "deploy").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text("utf-8")
            assert not any(
                name in text for name in ("pypi", "pythonhosted", "deb.debian", "docker.io", "index-url")
            )
