"""Files, functions and names keep the limits that CONTRIBUTING names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes

from tests.architecture.test_imports import ROOT, modules

FILE_LINES = 400
FUNCTION_LINES = 60
BANNED = frozenset({"found", "one"})
WIRE_FIELDS = frozenset(
    {"crypto.attachment.found", "portal.cleaning.words.found", "portal.uploads.receive.found"}
)
"""Attributes that carry the name of the field in docs/format.md, section 4.2."""


def long_functions(tree: ast.AST) -> list[str]:
    """Return the functions of more than FUNCTION_LINES lines, their docstrings left out."""
    long = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                size -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            if size > FUNCTION_LINES:
                long.append(node.name)
    return long


def bound_names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a module binds: variables, parameters, names of patterns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def faults(name: str, source: str) -> list[str]:
    """Return what is too long in a module, or has a name that says nothing."""
    tree = ast.parse(source)
    lines = len(source.splitlines())
    bad = [f"{lines} lines"] if lines > FILE_LINES else []
    bad += [f"{function}() is long" for function in long_functions(tree)]
    return bad + sorted(
        {word for word in BANNED.intersection(bound_names(tree)) if f"{name}.{word}" not in WIRE_FIELDS}
    )


def test_files_and_functions_fit_and_names_say_something() -> None:
    read = {name: faults(name, path.read_text(encoding="utf-8")) for name, path in modules()}
    assert len(read) > 400
    assert {name: bad for name, bad in read.items() if bad} == {}


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("x = 1\n" * 401, ["401 lines"]),
        ("def f():\n" + "    x = 1\n" * 60, ["f() is long"]),
        ('def f():\n    """Say.\n\n    More.\n    """\n' + "    x = 1\n" * 59, []),
        ("found = 1", ["found"]),
        ("def f(one): ...", ["one"]),
        ("cards = [one for one in rows]", ["one"]),
        ("match x:\n    case [found]: ...", ["found"]),
    ],
)
def test_the_check_itself_finds_it(source: str, bad: list[str]) -> None:
    assert faults("portal.anything", source) == bad


def template_names(source: str) -> set[str]:
    """Return the banned names that a template binds or gets from its page."""
    return {name.name for name in Environment().parse(source).find_all(nodes.Name)} & BANNED


def test_names_in_templates_say_something() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert len(pages) > 30
    read = {page.name: template_names(page.read_text(encoding="utf-8")) for page in pages}
    assert {page: bad for page, bad in read.items() if bad} == {}


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("{% for one in cards %}{{ card }}{% endfor %}", {"one"}),
        ("{% set found = item %}", {"found"}),
        ("{{ found.lines }}", {"found"}),
        ("{% macro line(one) %}{% endmacro %}", {"one"}),
        ('<p id="found">{{ _("This one") }} {{ file.found }}</p>', set()),
    ],
)
def test_the_check_of_templates_finds_it(source: str, bad: set[str]) -> None:
    assert template_names(source) == bad
