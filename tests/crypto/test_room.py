"""What this room must not do: load keys where a server runs, look at the clock, touch the disk."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from crypto import errors, key_errors, roster_errors
from tests.crypto.error_names import family

ROOM = Path(__file__).parent.parent.parent / "crypto"
ALLOWED = {
    "__future__", "base64", "binascii", "collections", "crypto", "dataclasses", "datetime", "enum",
    "functools", "hashlib", "hmac",
    "itertools", "json", "nacl", "re", "secrets", "typing", "unicodedata",
}  # fmt: skip
SERVED = (
    "seal",
    "unseal",
    "messages",
    "cards",
    "listing",
    "receipt",
    "envelope",
    "payloads",
    "padding",
    "encoding",
    "secretkey",
    "tlog",
    "note",
    "logproof",
    "logleaf",
    "plainleaf",
)


def _imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: str(path.stem))
def test_a_module_imports_only_what_it_may(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in _imported(tree)} <= ALLOWED
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    methods = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"open", "print", "eval", "exec"}
    assert not methods & {"today", "now", "utcnow", "read_bytes", "write_bytes"}


def test_what_a_server_loads_never_loads_private_keys() -> None:
    """In a process of its own: this one has loaded everything."""
    imports = ", ".join(f"crypto.{name}" for name in SERVED)
    private = "('crypto.identity', 'crypto.keyfile')"
    script = f"import sys, {imports}; print([name for name in sys.modules if name in {private}])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOM.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"


ERRORS = {error.__name__: error for error in family(errors.CryptoError)}


def test_the_two_families_share_no_class() -> None:
    assert family(errors.MisuseError) & family(errors.BadData) == set()
    assert not issubclass(errors.BadData, ValueError)


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_says_what_is_wrong_and_nothing_else(name: str) -> None:
    error = ERRORS[name]
    assert error.__doc__ and str(error()) == error.__doc__.splitlines()[0]


def test_a_group_of_errors_is_caught_by_its_class() -> None:
    assert issubclass(roster_errors.CardKeyUnusable, roster_errors.BadCard) and issubclass(
        roster_errors.BadCard, roster_errors.BadRoster
    )
    assert issubclass(errors.Truncated, errors.BadSealed) and not issubclass(
        errors.Truncated, errors.BadEnvelope
    )
    assert issubclass(key_errors.CodeCheck, key_errors.BadReceiptCode)


def _raised(source: str) -> set[str]:
    """Return the names of what a module raises."""
    raised = (node.exc for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise) and node.exc)
    classes = (thrown.func if isinstance(thrown, ast.Call) else thrown for thrown in raised)
    return {ast.unparse(thrown).rpartition(".")[2] for thrown in classes}


def test_a_group_of_errors_is_caught_and_never_raised() -> None:
    groups = {name for name, error in ERRORS.items() if error.__subclasses__()} - {"MisuseError"}
    assert len(groups) > 10
    assert _raised("raise roster_errors.BadCard from None") & groups == {"BadCard"}, "the control"
    assert [path.stem for path in ROOM.glob("*.py") if _raised(path.read_text("utf-8")) & groups] == []
