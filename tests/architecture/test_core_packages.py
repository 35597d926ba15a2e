"""The packages of crypto, cases and store import and touch only what their docstrings allow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.test_imports import BUILTIN_CALLS, imported, modules

PACKAGES = (
    "crypto",
    "cases",
    "cases.data",
    "cases.routing",
    "store",
    "store.config",
    "store.migrations",
    "store.migrations.versions",
)

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "crypto": (),
    "cases": ("cases.data", "cases.routing"),
    "cases.data": (),
    "cases.routing": ("cases.breach", "cases.contacts", "cases.law", "cases.legal_terms"),
    "store": ("cases", "store.config", "store.migrations.run"),
    "store.config": ("cases",),
    "store.migrations": ("store.tables",),
    "store.migrations.versions": ("store.migrations.run",),
}
"""Per package, what it may import of the project besides its own modules (those of its subpackages not counted)."""

STANDARD = frozenset(
    {"collections", "contextlib", "dataclasses", "datetime", "enum", "pathlib", "re", "typing"}
)
LIBRARIES: dict[str, frozenset[str]] = {
    "store": frozenset(
        {
            "alembic",
            # In the folder of sealed files: what a call failed of.
            "errno",
            "fcntl",
            # In store.health: kinds of faults, never a value.
            "logging",
            # In store.fault_board: counts that the server's processes share.
            "mmap",
            "os",
            # In store.postgres: whether a connection that rested has ended, asked without a request.
            "select",
            # PostgreSQL's driver, as sqlite3 is SQLite's.
            "psycopg",
            "secrets",
            "shutil",
            "sqlalchemy",
            "sqlite3",
            "stat",
            "struct",
            "sys",
            "threading",
            "time",
        }
    ),
    "store.config": frozenset(
        {
            "base64",
            "fcntl",
            "hashlib",
            "ipaddress",
            "os",
            "secrets",
            "sqlalchemy",
            "stat",
            "sys",
            "tomllib",
            "urllib",
        }
    ),
    "store.migrations": frozenset({"alembic", "sqlalchemy", "threading"}),
    "store.migrations.versions": frozenset({"alembic", "sqlalchemy"}),
}
"""Per package of the store, the modules that it may import from outside the project besides STANDARD. An allow list: a
module that nobody thought of fails. crypto and cases have theirs in test_imports."""

DAY_CALLS = frozenset({"now", "today", "utcnow"})
CONFIG_NAMES = {"sqlalchemy": frozenset({"URL", "make_url"}), "sqlalchemy.exc": frozenset({"ArgumentError"})}
"""What store.config may name of SQLAlchemy: the reader of URLs, nothing that connects."""

PRIVATE = ("crypto.identity", "crypto.keyfile", "crypto.keysheet")
HANDLES_A_KEY = frozenset(PRIVATE)

WITHOUT_TABLES = (
    "store.database_faults",
    "store.db",
    "store.postgres",
    "store.schema",
    "store.sqlite",
    "store.writer_lock",
)
"""The engine: connections, transactions, locks. It knows no table and no query."""


def package_of(name: str) -> str:
    """Return the innermost package of PACKAGES that a module is in, or is."""
    return max((package for package in PACKAGES if f"{name}.".startswith(f"{package}.")), key=len)


def core_modules() -> list[tuple[str, Path]]:
    """Return the modules of crypto, cases and store with their files."""
    return [(name, path) for name, path in modules() if name.split(".")[0] in ("crypto", "cases", "store")]


def forbidden(name: str, imports: set[str]) -> list[str]:
    """Return what one module imports of the project and may not."""
    own, roots = package_of(name), {"crypto", "cases", "store"}
    # "from cases import law" names both "cases" and "cases.law": the second says what is meant.
    meant = {module for module in imports if not any(other.startswith(f"{module}.") for other in imports)}
    bad = {
        module
        for module in meant
        if not f"{module}.".startswith(tuple(f"{allowed}." for allowed in MAY_IMPORT[own]))
        and not (module.split(".")[0] in roots and package_of(module) == own)
    }
    if name in WITHOUT_TABLES:
        bad |= {module for module in imports if module.startswith("store.tables")}
    if name.startswith("crypto.") and name not in HANDLES_A_KEY:
        bad |= {module for module in imports if module.startswith(PRIVATE)}
    if name.startswith("store.migrations.") and name != "store.migrations.env":
        bad |= {module for module in imports if module.startswith("store.tables")}
    return sorted(bad)


def touched(name: str, source: str) -> list[str]:
    """Return what a module of the store touches and may not: libraries, the day, the console, a connection."""
    package = package_of(name)
    bad: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            bad |= {alias.name for alias in node.names} - _allowed(package)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.split(".")[0] not in _allowed(package) | {"__future__", "cases", "store"}:
                bad.add(module)
            if package == "store.config" and module.split(".")[0] == "sqlalchemy":
                bad |= {alias.name for alias in node.names} - CONFIG_NAMES.get(module, frozenset())
            if module == "urllib.request":
                bad.add(module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            bad |= {node.func.attr} & DAY_CALLS
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            bad |= {node.func.id} & (BUILTIN_CALLS - {"open"})
    return sorted(bad)


def _allowed(package: str) -> frozenset[str]:
    return STANDARD | LIBRARIES[package]


def test_a_package_of_the_core_imports_what_it_says() -> None:
    read = {name: forbidden(name, imported(name, path)) for name, path in core_modules()}
    assert {name: bad for name, bad in read.items() if bad} == {}
    assert {package_of(name) for name in read} == set(PACKAGES)


def test_the_store_touches_what_it_says() -> None:
    read = {
        name: touched(name, path.read_text(encoding="utf-8"))
        for name, path in core_modules()
        if name.startswith("store")
    }
    assert {name: bad for name, bad in read.items() if bad} == {}


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("crypto.seal", "cases.form"),
        ("crypto.seal", "crypto.identity"),
        ("crypto.messages", "crypto.keyfile.unlock"),
        ("cases.form", "crypto.seal"),
        ("cases.days", "store.db"),
        ("cases.routing.effects", "cases.deadlines"),
        ("cases.routing.effects", "cases.records"),
        ("cases.data", "cases.law"),
        ("store.reports", "crypto.envelope"),
        ("store.reports", "crypto"),
        ("store.db", "store.tables"),
        ("store.schema", "store.tables.Case"),
        ("store.config.settings", "store.db.make_engine"),
        ("store.config.secrets", "store.tables"),
        ("store.config.contacts", "crypto.cards"),
        ("store.reports", "store.migrations.env"),
        ("store.migrations.run", "store.tables"),
        ("store.migrations.versions.v0001_first_tables", "store.tables"),
        ("store.migrations.versions.v0001_first_tables", "store.feed"),
    ],
)
def test_the_check_itself_finds_a_wrong_import(name: str, planted: str) -> None:
    assert forbidden(name, {planted}) == [planted]


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("crypto.keysheet", "crypto.keyfile"),
        ("cases.deadlines", "cases.law"),
        ("cases.own_contacts", "cases.routing.model"),
        ("store.cases", "cases.status"),
        ("store.schema", "store.migrations.run"),
        ("store.config.contacts", "cases.own_contacts"),
        ("store.migrations.env", "store.tables"),
    ],
)
def test_the_check_allows_what_the_docstrings_allow(name: str, allowed: str) -> None:
    assert forbidden(name, {allowed}) == []


@pytest.mark.parametrize(
    ("name", "planted", "bad"),
    [
        ("store.reports", "from flask import request", ["flask"]),
        ("store.reports", "import socket", ["socket"]),
        ("store.reports", "import urllib.request", ["urllib.request"]),
        ("store.config.settings", "from urllib.request import urlopen", ["urllib.request"]),
        ("store.reports", "from datetime import date\nday = date.today()", ["today"]),
        ("store.reports", "print('x')", ["print"]),
        ("store.config.settings", "from sqlalchemy import create_engine", ["create_engine"]),
        ("store.config.settings", "import sqlite3", ["sqlite3"]),
        ("store.migrations.versions.v0001_first_tables", "import os", ["os"]),
    ],
)
def test_the_check_itself_finds_what_the_store_may_not_touch(name: str, planted: str, bad: list[str]) -> None:
    assert touched(name, planted) == bad
