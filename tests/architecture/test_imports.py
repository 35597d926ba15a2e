"""Imports run one way through the house; a started server has never loaded what reads a private key."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("crypto", "cases", "store", "portal", "admin", "templates", "sandbox", "wsgi")

# Which rooms a room may import, besides itself. JOINTS are where the house is joined.
ALLOWED: dict[str, frozenset[str]] = {
    "crypto": frozenset(),
    "cases": frozenset(),
    "templates": frozenset(),
    "sandbox": frozenset(),
    "store": frozenset({"cases"}),
    "portal": frozenset({"crypto", "cases", "store", "templates", "sandbox"}),
    "admin.api": frozenset({"crypto", "cases", "store"}),
    "admin.desk": frozenset({"crypto", "cases", "templates", "sandbox"}),
}
PRIVATE_KEYS = ("crypto.identity", "crypto.keyfile")
JOINTS = ("wsgi", "admin.cli", "admin.serving")


def modules() -> Iterator[tuple[str, Path]]:
    """Yield every module of the project with its file."""
    for room in ROOMS:
        top = ROOT / room
        for path in [ROOT / f"{room}.py"] if not top.is_dir() else sorted(top.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(name: str, path: Path) -> set[str]:
    """Return the project's modules that one file names in an import, at any depth of the file."""
    found: set[str] = set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return {module for module in found if module.split(".")[0] in ROOMS}


def named_libraries(source: str, wanted: Iterable[str]) -> list[str]:
    """Return which of some libraries a source text names in an import, at any depth."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            named.add((node.module or "").split(".")[0])
    return sorted(named & set(wanted))


def room_of(module: str) -> str:
    """Return the room that a module stands in: admin's two halves count as rooms of their own."""
    parts = module.split(".")
    if parts[0] == "admin":
        return ".".join(parts[:2]) if parts[1:] and parts[1] in ("api", "desk") else "admin"
    return parts[0]


def wrong_ways(name: str, imports: set[str]) -> list[str]:
    """Return the imports of one module that run the wrong way."""
    room = room_of(name)
    if name in JOINTS or room not in ALLOWED:
        return []
    bad = [module for module in imports if room_of(module) not in ALLOWED[room] | {room, "admin"}]
    bad += [
        module for module in imports if room_of(module) == "admin" and module != "admin" and room != "admin"
    ]
    if room in ("portal", "admin.api"):
        bad += [module for module in imports if module.startswith(PRIVATE_KEYS)]
    return sorted(set(bad))


def test_imports_run_one_way() -> None:
    found = {name: wrong_ways(name, imported(name, path)) for name, path in modules()}
    assert {name: bad for name, bad in found.items() if bad} == {}
    assert len(found) > 30


def test_only_the_joints_bring_portal_and_admin_together() -> None:
    for name, path in modules():
        rooms = {room_of(module) for module in imported(name, path)}
        if room_of(name).startswith("admin") and not name.startswith(JOINTS):
            assert "portal" not in rooms, name
        if room_of(name) == "portal":
            assert not any(room.startswith("admin") for room in rooms), name


@pytest.mark.parametrize(
    ("name", "imports", "bad"),
    [
        ("crypto.seal", {"store.db"}, ["store.db"]),
        ("cases.status", {"portal"}, ["portal"]),
        ("portal.usecases.submit", {"crypto.identity"}, ["crypto.identity"]),
        ("admin.api.routes.cases", {"crypto.keyfile.unlock"}, ["crypto.keyfile.unlock"]),
        ("admin.desk.web.app", {"store.cards"}, ["store.cards"]),
        ("store.reports", {"crypto.seal"}, ["crypto.seal"]),
        ("portal.pages.report", {"admin.api"}, ["admin.api"]),
        ("portal.pages.report", {"crypto.seal", "store.reports", "cases.form"}, []),
    ],
)
def test_the_check_itself_finds_a_wrong_import(name: str, imports: set[str], bad: list[str]) -> None:
    assert wrong_ways(name, imports) == bad


# What the two pure packages may import from outside the project. An allow list: a module that nobody thought of fails.
PURE_IMPORTS: dict[str, frozenset[str]] = {
    "crypto": frozenset(
        {
            "__future__",
            "base64",
            "binascii",
            "collections",
            "dataclasses",
            "datetime",
            "enum",
            "functools",
            "hashlib",
            "hmac",
            "itertools",
            "json",
            "nacl",
            "re",
            "secrets",
            "struct",
            "typing",
            "unicodedata",
        }
    ),
    "cases": frozenset(
        {
            "__future__",
            "bisect",
            "collections",
            "dataclasses",
            "datetime",
            "enum",
            "functools",
            "importlib",
            "itertools",
            "jpholiday",
            "math",
            "re",
            "statistics",
            "tomllib",
            "types",
            "typing",
            "unicodedata",
            "urllib",
        }
    ),
}
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
DISK_CALLS = frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes"})
BUILTIN_CALLS = frozenset({"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"})


def _reads_package_data(call: ast.Call) -> bool:
    """Return whether a call is `files("cases.data")...read_text(...)`: data that is installed with the package."""
    node: ast.expr = call.func
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id == "files"
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return False


def impurities(package: str, source: str) -> list[str]:
    """Return what a module of `crypto` or `cases` does beside computing: imports, calls of clocks, disk and console."""
    bad: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        bad.update(
            module
            for module in modules
            if module.split(".")[0] not in PURE_IMPORTS[package] | {"crypto", "cases"}
            or (module.startswith("importlib") and module != "importlib.resources")
            or (module.startswith("urllib") and module != "urllib.parse")
        )
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in BUILTIN_CALLS:
            bad.add(node.func.id)
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name in CLOCK_CALLS or (name in DISK_CALLS and not _reads_package_data(node)):
                bad.add(name)
    return sorted(bad)


@pytest.mark.parametrize("package", ["crypto", "cases"])
def test_crypto_and_cases_open_nothing_and_ask_no_clock(package: str) -> None:
    checked = 0
    for name, path in modules():
        if room_of(name) == package:
            assert impurities(package, path.read_text(encoding="utf-8")) == [], name
            checked += 1
    assert checked >= 15


@pytest.mark.parametrize("package", ["crypto", "cases"])
@pytest.mark.parametrize(
    ("planted", "bad"),
    [
        ("import os, socket", ["os", "socket"]),
        ("import time", ["time"]),
        ("from flask import request", ["flask"]),
        ("def later():\n    import subprocess", ["subprocess"]),
        ("from importlib import import_module", ["importlib"]),
        ("from urllib.request import urlopen", ["urllib.request"]),
        ("from datetime import datetime\nday = datetime.now()", ["now"]),
        ("import datetime\nday = datetime.date.today()", ["today"]),
        ("text = open('x').read()", ["open"]),
        ("def read(path):\n    return path.read_text()", ["read_text"]),
        ("__import__('os')", ["__import__"]),
    ],
)
def test_the_check_finds_a_planted_impurity(package: str, planted: str, bad: list[str]) -> None:
    assert impurities(package, planted) == bad


def test_the_check_lets_package_data_be_read() -> None:
    source = (
        "from importlib.resources import files\ntext = files('cases.data').joinpath('law.toml').read_text()"
    )
    assert impurities("cases", source) == []


CRYPTOGRAPHY = frozenset({"nacl", "cryptography"})
"""Libraries of cryptography; only `crypto` imports one."""


def cryptography_outside(name: str, source: str) -> list[str]:
    """Return the libraries of cryptography that a module outside `crypto` names in an import, at any depth."""
    if room_of(name) == "crypto":
        return []
    return named_libraries(source, CRYPTOGRAPHY)


def test_cryptography_is_in_crypto_only() -> None:
    outside = {name: cryptography_outside(name, path.read_text(encoding="utf-8")) for name, path in modules()}
    assert {name: bad for name, bad in outside.items() if bad} == {}


@pytest.mark.parametrize(
    ("name", "planted", "bad"),
    [
        ("portal.forms.tokens", "from nacl.secret import SecretBox", ["nacl"]),
        ("admin.desk.local.vault", "def seal():\n    import nacl.bindings", ["nacl"]),
        ("store.config.secrets", "from cryptography.fernet import Fernet", ["cryptography"]),
        ("crypto.seal", "import nacl.bindings", []),
    ],
)
def test_the_check_finds_cryptography_elsewhere(name: str, planted: str, bad: list[str]) -> None:
    assert cryptography_outside(name, planted) == bad
