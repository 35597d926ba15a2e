"""Imports run one way through the house; a started server has never loaded what reads a private key."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("crypto", "cases", "store", "portal", "admin", "templates", "wsgi")

# Which rooms a room may import, besides itself. "admin.cli" and "wsgi" are where the house is joined.
ALLOWED: dict[str, frozenset[str]] = {
    "crypto": frozenset(),
    "cases": frozenset(),
    "templates": frozenset(),
    "store": frozenset({"cases"}),
    "portal": frozenset({"crypto", "cases", "store", "templates"}),
    "admin.api": frozenset({"crypto", "cases", "store"}),
    "admin.desk": frozenset({"crypto", "cases", "templates"}),
}
PRIVATE_KEYS = ("crypto.identity", "crypto.keyfile")
JOINTS = ("wsgi", "admin.cli")


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
        ("portal.intake", {"crypto.identity"}, ["crypto.identity"]),
        ("admin.api.views", {"crypto.keyfile.unlock"}, ["crypto.keyfile.unlock"]),
        ("admin.desk.app", {"store.cards"}, ["store.cards"]),
        ("store.intake", {"crypto.seal"}, ["crypto.seal"]),
        ("portal.views.report", {"admin.api"}, ["admin.api"]),
        ("portal.views.report", {"crypto.seal", "store.intake", "cases.form"}, []),
    ],
)
def test_the_check_itself_finds_a_wrong_import(name: str, imports: set[str], bad: list[str]) -> None:
    assert wrong_ways(name, imports) == bad


def test_crypto_and_cases_open_nothing_and_ask_no_clock() -> None:
    forbidden = {
        "open",
        "time",
        "datetime.now",
        "os",
        "socket",
        "subprocess",
        "flask",
        "sqlalchemy",
        "tempfile",
    }
    for name, path in modules():
        if room_of(name) != "crypto":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        tops = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        tops |= {
            (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        assert not (tops & forbidden), name
        assert "open" not in names, name
