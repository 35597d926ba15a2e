"""The packages of the server's side and of the command import only what their docstrings allow."""

from __future__ import annotations

import pytest

from tests.architecture.test_imports import JOINTS, imported, modules

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "portal.cleaning": ("sandbox",),
    "admin.api": ("crypto", "cases", "store"),
    "admin.commands.support": ("crypto", "cases", "store"),
    "admin.commands.auditor": (
        "admin.commands.support",
        "admin.desk.local.new_key",
        "admin.logbook",
        "crypto",
        "cases",
        "store",
    ),
    "admin.onefile": ("admin.cli",),
    "admin.commands.doctor": (
        *("admin.commands.support", "admin.log_condition", "admin.log_signing", "admin.nightly"),
        *("crypto", "cases", "store", "templates.catalogues"),
    ),
    "admin.commands": (
        *("crypto", "cases", "store", "admin.desk", "admin.digest", "admin.poster", "admin.verify"),
        *("admin.logbook", "admin.log_condition", "admin.log_policies", "admin.log_signing"),
        *("admin.witness", "admin.catch_up", "admin.nightly"),
        "templates.catalogues",
    ),
    "admin.metrics": ("crypto", "store"),
    "admin.verify": ("crypto", "cases"),
    "admin.witness": ("admin.desk.server", "admin.desk.casework.log_checks", "crypto", "cases"),
    "admin.poster": ("cases", "admin.desk.reports"),
    "admin.demo": ("admin.commands", "admin.desk", "crypto", "store"),
}


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    """Return whether a module is one of the packages or is in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def forbidden(package: str, imports: set[str]) -> list[str]:
    """Return the imports that a package may not have. A package that only leads to an allowed one is no import."""
    allowed = (package, *MAY_IMPORT[package])
    leads = {name.rsplit(".", count)[0] for name in allowed for count in range(1, name.count(".") + 1)}
    return sorted(module for module in imports - leads if not is_within(module, allowed))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_what_it_says(package: str) -> None:
    named = [(name, imported(name, path)) for name, path in modules() if is_within(name, (package,))]
    assert named
    assert {name: forbidden(package, imports) for name, imports in named if forbidden(package, imports)} == {}


def is_held(name: str) -> bool:
    """Return whether a module of admin is in a package that has its list, or joins the parts of the program."""
    return is_within(name, (*MAY_IMPORT, "admin.desk", *JOINTS)) or name == "admin"


def wrong_on_the_server(imports: set[str]) -> list[str]:
    """Return what a module of the server's own work may not import: it is in no package, and those it may are few."""
    return sorted(
        module
        for module in imports
        if not is_within(module, ("crypto", "cases", "store"))
        and (is_held(module) and module != "admin" or module.split(".")[0] != "admin")
    )


def test_every_module_of_admin_is_held_to_its_imports() -> None:
    """What is in no package is the server's own work: batches of the log, the daily mail, times of files."""
    read = {
        name: imported(name, path)
        for name, path in modules()
        if name.startswith("admin.") and not is_held(name)
    }
    assert "admin.logbook" in read and all(name.count(".") == 1 for name in read)
    assert {name: bad for name, imports in read.items() if (bad := wrong_on_the_server(imports))} == {}


@pytest.mark.parametrize("module", ["admin.desk.local.copy", "admin.commands.new_site", "portal.app", "wsgi"])
def test_the_check_finds_a_wrong_import_of_the_servers_own_work(module: str) -> None:
    assert wrong_on_the_server({module, "store.db", "admin.log_signing", "admin"}) == [module]


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("portal.cleaning", "crypto.attachment"),
        ("admin.api", "admin.commands.support.site"),
        ("admin.api", "portal.labels.site"),
        ("admin.commands.support", "admin.commands.facts"),
        ("admin.commands.support", "admin.desk.keys"),
        ("admin.commands.auditor", "admin.commands.new_site"),
        ("admin.commands.doctor", "portal.cleaning.kinds"),
        ("admin.commands", "admin.api.app"),
        ("admin.demo", "portal.app"),
        ("admin.metrics", "portal.context"),
        ("admin.verify", "store.log"),
        ("admin.witness", "store.log"),
        ("admin.witness", "admin.desk.casework.sync"),
        ("admin.poster", "store.db"),
        ("admin.onefile", "admin.desk.web.app"),
    ],
)
def test_the_check_itself_finds_a_wrong_import(package: str, module: str) -> None:
    assert forbidden(package, {module, package}) == [module]
