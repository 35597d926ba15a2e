"""The desk's packages import only what their docstrings allow, and what opens a case loads no network and no disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.test_imports import imported, modules, named_libraries

DESK = "admin.desk"
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "web": ("blackout", "casework", "labels", "local", "reports", "server", "keys"),
    "blackout": ("reports",),
    "casework": ("local", "server"),
    "reports": ("casework", "labels", "local"),
    "local": ("server", "keys"),
    "server": (),
    "labels": ("server",),
}
"""Per package of the desk, the other packages of the desk that it may import."""

MAY_NOT_LOAD: dict[str, tuple[str, ...]] = {
    "blackout": ("flask", "flask_babel", "httpx", "sqlite3", "nacl"),
    "casework": ("flask", "flask_babel", "httpx", "sqlite3"),
    "local": ("flask", "flask_babel", "httpx"),
    "server": ("flask", "flask_babel", "sqlite3"),
    "labels": ("httpx", "sqlite3"),
}
"""Per package, the libraries that none of its modules names in an import."""

OPENS_A_CASE = (
    f"{DESK}.casework.opening",
    f"{DESK}.casework.summarize",
    f"{DESK}.casework.deletion_proof",
)


def forbidden(package: str, imports: set[str]) -> list[str]:
    """Return the imports of other packages of the desk that a package may not have."""
    allowed = (package, *MAY_IMPORT[package])
    return sorted(
        module
        for module in imports
        if module.startswith(f"{DESK}.") and module.split(".")[2] not in allowed and module.count(".") > 2
    )


def libraries(package: str, source: str) -> list[str]:
    """Return the libraries that a module of a package names in an import and may not."""
    return named_libraries(source, MAY_NOT_LOAD.get(package, ()))


def of_package(package: str) -> list[tuple[str, Path]]:
    """Return the modules of a package of the desk."""
    return [(name, path) for name, path in modules() if f"{name}.".startswith(f"{DESK}.{package}.")]


def loaded(*names: str) -> set[str]:
    """Return which of Flask, httpx and sqlite3 a fresh interpreter has loaded after these modules."""
    program = f"import sys, {', '.join(names)}; print(*({{'flask', 'httpx', 'sqlite3'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_what_it_says(package: str) -> None:
    named = of_package(package)
    assert len(named) > 1
    for name, path in named:
        assert forbidden(package, imported(name, path)) == [], name
        assert libraries(package, path.read_text(encoding="utf-8")) == [], name


def test_every_package_of_the_desk_is_held_to_its_imports() -> None:
    packages = {name.split(".")[2] for name, path in modules() if name.startswith(f"{DESK}.")}
    assert packages == {*MAY_IMPORT, "keys"}


def test_what_opens_a_case_loads_no_network_and_no_disk() -> None:
    assert loaded(*OPENS_A_CASE) == set()


@pytest.mark.parametrize(
    ("module", "library"),
    [("casework.downloads", "httpx"), ("local.copy", "sqlite3"), ("web.app", "flask")],
)
def test_the_check_of_what_is_loaded_can_fail(module: str, library: str) -> None:
    assert library in loaded(OPENS_A_CASE[0], f"{DESK}.{module}")


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("casework", "web.context"),
        ("reports", "web.pages"),
        ("local", "casework.work"),
        ("server", "local.copy"),
        ("labels", "local.copy"),
        ("casework", "labels.common"),
    ],
)
def test_the_check_itself_finds_a_wrong_import(package: str, module: str) -> None:
    assert forbidden(package, {f"{DESK}.{module}", f"{DESK}.{package}.x"}) == [f"{DESK}.{module}"]


@pytest.mark.parametrize("package", MAY_NOT_LOAD)
def test_the_check_itself_finds_a_library(package: str) -> None:
    for library in MAY_NOT_LOAD[package]:
        assert libraries(package, f"def late():\n    from {library} import x\n") == [library]
