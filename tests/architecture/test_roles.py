"""What a role may do is asked of `cases/roles.py`: no product code compares a role with its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cases.roles import Role

ROOT = Path(__file__).resolve().parents[2]
NAMES = frozenset(role.value for role in Role)
_NAME = r"""["'](?:lead|auditor|observer)["']"""
IN_TEMPLATE = re.compile(rf"(?:==|!=|\bin)\s*\(?{_NAME}|{_NAME}\s*(?:==|!=|in\b|not in\b)")


def compared(source: str) -> list[int]:
    """Return the lines of Python source on which something is compared with a role's name, or with crypto's for it."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        parts = [leaf for side in (node.left, *node.comparators) for leaf in ast.walk(side)]
        texts = {
            leaf.value for leaf in parts if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
        }
        names = {leaf.id for leaf in parts if isinstance(leaf, ast.Name)}
        if texts & NAMES or names & {"LEAD", "OBSERVER"}:
            lines.append(node.lineno)
    return lines


def test_no_product_code_compares_a_role_with_its_name() -> None:
    """`crypto` has the list's own rule, and imports nothing of ours."""
    paths = [path for package in ("cases", "admin", "store") for path in (ROOT / package).rglob("*.py")]
    assert len(paths) > 100
    assert not [(path.name, lines) for path in paths if (lines := compared(path.read_text(encoding="utf-8")))]


def test_no_page_of_the_desk_compares_a_role_with_its_name() -> None:
    paths = list((ROOT / "templates" / "desk").rglob("*.html"))
    assert len(paths) > 20
    assert not [path.name for path in paths if IN_TEMPLATE.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "planted",
    [
        'if people.role_of(key) != "lead": pass',
        'x = "observer" in (a, b)',
        'x = {"lead", "auditor"} & set(left) == set()',
        "x = card.duty == OBSERVER",
    ],
)
def test_the_check_itself_finds_a_comparison(planted: str) -> None:
    assert compared(planted) == [1]


@pytest.mark.parametrize(
    "planted",
    ['{% if own_duty == "lead" %}', "{% if own_duty != 'observer' %}", '{% if "observer" not in (a, b) %}'],
)
def test_the_check_itself_finds_a_comparison_on_a_page(planted: str) -> None:
    assert IN_TEMPLATE.search(planted)
