"""A traceback is read in one place of the product (crypto.errors.place_of), and no log call brings one along."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.test_imports import modules

TRACEBACK_ATTRIBUTES = frozenset({"tb_frame", "tb_lineno", "tb_next", "f_locals"})


def tracebacks(source: str) -> list[str]:
    """Return what a module does with tracebacks: attributes, imports of `traceback`, `exc_info` of a log call."""
    bad: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in TRACEBACK_ATTRIBUTES:
            bad.add(node.attr)
        elif isinstance(node, ast.Import):
            bad.update(alias.name for alias in node.names if alias.name == "traceback")
        elif isinstance(node, ast.ImportFrom) and node.module == "traceback":
            bad.add("traceback")
        elif isinstance(node, ast.Call):
            bad.update(word.arg for word in node.keywords if word.arg in ("exc_info", "stack_info"))
    return sorted(bad)


def test_one_module_reads_tracebacks() -> None:
    read = {name: tracebacks(path.read_text(encoding="utf-8")) for name, path in modules()}
    assert {name: bad for name, bad in read.items() if bad} == {
        "crypto.errors": ["tb_frame", "tb_lineno", "tb_next"]
    }


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("import traceback", ["traceback"]),
        ("from traceback import format_exc", ["traceback"]),
        ("place = error.__traceback__.tb_lineno", ["tb_lineno"]),
        ("log.error('failed', exc_info=True)", ["exc_info"]),
        ("log.error('failed: %s', place_of(error))", []),
    ],
)
def test_the_check_itself_finds_a_traceback(source: str, bad: list[str]) -> None:
    assert tracebacks(source) == bad
