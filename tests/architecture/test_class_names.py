"""A public class name means one class of the product; the few that mean two are listed with the reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

from tests.architecture.test_imports import modules

ROWS = "store.tables"
"""Its classes are tables, named after what a row of them stores."""

STORED = frozenset({"Card", "Change", "Envelope"})
"""Names that a table shares with the class of what it stores."""

TWICE: dict[str, str] = {}
"""Other names of two classes, and why. The test fails for an entry that is not needed any more."""


def public_classes(source: str) -> list[str]:
    """Return the public classes that a module defines at its top."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def repeated(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the class names that more than one module defines, with the modules: (name, source) each."""
    defined: dict[str, list[str]] = defaultdict(list)
    for name, source in sources:
        for class_name in public_classes(source):
            defined[class_name].append(name)
    return {class_name: names for class_name, names in defined.items() if len(names) > 1}


def test_a_public_class_name_means_one_class() -> None:
    twice = repeated((name, path.read_text(encoding="utf-8")) for name, path in modules())
    stored = {class_name for class_name, names in twice.items() if len(names) == 2 and ROWS in names}
    assert stored == STORED
    assert {class_name: names for class_name, names in twice.items() if class_name not in stored}.keys() == (
        TWICE.keys()
    )


def test_the_check_itself_finds_a_repeated_name() -> None:
    planted = [("a", "class Case: ...\nclass _Own: ..."), ("b", "class Case: ...\nclass _Own: ...")]
    assert repeated(planted) == {"Case": ["a", "b"]}
    assert repeated([("a", "class Case: ..."), ("b", "def f():\n    class Case: ...")]) == {}
