"""Kinds of envelopes and duties have names: no comparison with a bare number or word of theirs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import click
import pytest

from admin.commands.auditor import new
from crypto.cards import DUTIES
from crypto.envelope import Kind
from store import tables
from tests.architecture.test_imports import ROOT, modules

_IN_TEMPLATES = re.compile(r"\bkind (?:==|!=|in|not in) \(?[0-9]")
_DUTY_IN_TEMPLATES = re.compile(
    rf"(?:==|!=|in) \(?[\"'](?:{'|'.join(DUTIES)})[\"']|[\"'](?:{'|'.join(DUTIES)})[\"'] (?:not )?in "
)


def _constants(node: ast.expr) -> Iterator[object]:
    for part in node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]:
        if isinstance(part, ast.Constant):
            yield part.value


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _comparisons(source: str) -> Iterator[tuple[int, list[ast.expr]]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            yield node.lineno, [node.left, *node.comparators]


def bare_duties(source: str) -> list[int]:
    """Return the lines where something is compared with the word of a duty."""
    return [
        line
        for line, sides in _comparisons(source)
        if any(value in DUTIES for side in sides for value in _constants(side))
    ]


def bare_kinds(source: str) -> list[int]:
    """Return the lines where a kind is compared with a number."""
    return [
        line
        for line, sides in _comparisons(source)
        if any(_name(side) == "kind" for side in sides)
        and any(type(value) is int for side in sides for value in _constants(side))
    ]


def test_a_kind_is_compared_by_name() -> None:
    bare = {name: bare_kinds(path.read_text(encoding="utf-8")) for name, path in modules()}
    assert {name: lines for name, lines in bare.items() if lines} == {}


def test_a_duty_is_compared_by_name() -> None:
    bare = {name: bare_duties(path.read_text(encoding="utf-8")) for name, path in modules()}
    assert {name: lines for name, lines in bare.items() if lines} == {}


def test_the_command_offers_every_duty() -> None:
    choices = {option.name: option.type for option in new.params}["duty"]
    assert isinstance(choices, click.Choice) and tuple(choices.choices) == DUTIES


def test_kinds_and_duties_are_compared_by_name_in_templates() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert len(pages) > 30
    for bare in (_IN_TEMPLATES, _DUTY_IN_TEMPLATES):
        assert [page.name for page in pages if bare.search(page.read_text(encoding="utf-8"))] == []


def test_the_store_has_the_numbers_of_the_format() -> None:
    assert (tables.REPORT, tables.FROM_REPORTER) == (Kind.REPORT, Kind.FROM_REPORTER)


@pytest.mark.parametrize("source", ["self.kind == 1", "kind != 3", "1 == row.kind", "change.kind in (1, 2)"])
def test_the_check_itself_finds_a_bare_number(source: str) -> None:
    assert bare_kinds(source) == [1] and bare_kinds("row.kind == Kind.REPORT") == []
    assert bool(_IN_TEMPLATES.search(source)) is not source.startswith("1 ==")


@pytest.mark.parametrize(
    "source", ["card.duty == 'lead'", "'observer' in (a, b)", "a in {'lead', 'auditor'}"]
)
def test_the_check_itself_finds_the_word_of_a_duty(source: str) -> None:
    assert bool(_DUTY_IN_TEMPLATES.search(source)) is not source.startswith("a in")
    assert bare_duties(source) == [1] and bare_duties("card.duty == Role.LEAD") == []
