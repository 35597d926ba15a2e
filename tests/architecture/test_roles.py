"""What a role may do is asked of `cases/roles.py`: no product code compares a role with its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cases.roles import Role
from tests.architecture.test_imports import modules

ROOT = Path(__file__).resolve().parents[2]
NAMES = frozenset(role.value for role in Role)
_NAME = r"""["'](?:lead|auditor|observer|guest)["']"""
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
        if texts & NAMES or names & {"LEAD", "OBSERVER", "GUEST", "SLOTLESS"}:
            lines.append(node.lineno)
    return lines


def test_no_product_code_compares_a_role_with_its_name() -> None:
    """`crypto` has the list's own rule, and imports nothing of ours."""
    packages = ("cases", "admin", "store", "portal")
    paths = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    assert len(paths) > 100
    assert not [(path.name, lines) for path in paths if (lines := compared(path.read_text(encoding="utf-8")))]


def literal_roles(source: str) -> list[int]:
    """Return the lines of Python source on which a role's name is a literal."""
    nodes = ast.walk(ast.parse(source))
    return sorted(node.lineno for node in nodes if isinstance(node, ast.Constant) and node.value in NAMES)


LITERALS = {
    "crypto/cards.py": "the words of a card",
    "cases/roles.py": "the same, for the rules; tests/cases/test_roles.py holds the two together",
    "admin/commands/auditor/laptop.py": "choices of the command line, held to crypto by test_literals.py",
    "admin/commands/auditor/__init__.py": "`meyasubako auditor`: the command's name",
    "admin/desk/local/new_key.py": "a file's name where none can be made of the person's",
    "admin/api/auth.py": "an error code",
    "admin/api/case_actions.py": "the same",
    "cases/case_fold.py": "why a record does not count",
    "admin/desk/labels/": "the same",
}
"""Where such a word is written, and what it is there."""


def test_a_role_is_named_and_never_written() -> None:
    written = {
        path.relative_to(ROOT).as_posix()
        for name, path in modules()
        if literal_roles(path.read_text(encoding="utf-8"))
    }
    assert [path for path in written if not path.startswith(tuple(LITERALS))] == []
    assert len(written) >= 6


@pytest.mark.parametrize(
    ("planted", "lines"),
    [
        ('def new(duty: str = "auditor"): ...', [1]),
        ('card = new_card(name, duty="lead")', [1]),
        ('TABLE = {"observer": 1}', [1]),
        ('"""What a lead does."""\nname = "the lead"', []),
        ("card = new_card(name, duty=cards.LEAD)", []),
    ],
)
def test_the_check_itself_finds_a_written_role(planted: str, lines: list[int]) -> None:
    assert literal_roles(planted) == lines


def test_no_page_compares_a_role_with_its_name() -> None:
    paths = list((ROOT / "templates").rglob("*.html"))
    assert len(paths) > 50
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
