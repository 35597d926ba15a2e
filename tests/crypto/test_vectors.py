"""Every vector in `tests/vectors/` as a test of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crypto import errors
from tests.crypto.error_names import leaves
from tests.crypto.operations import OPERATIONS

FOLDER = Path(__file__).parent.parent / "vectors"
LEAST = 60


def _given(value: Any, shared: dict[str, Any]) -> Any:
    """Put in what vectors of one file share: "@name"."""
    if isinstance(value, str) and value.startswith("@"):
        return shared[value[1:]]
    if isinstance(value, list):
        return [_given(one, shared) for one in value]
    if isinstance(value, dict):
        return {name: _given(one, shared) for name, one in value.items()}
    return value


def _vectors() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem.startswith("cleaning-") or path.stem == "furigana":
            continue  # tests/portal/cleaning/test_vectors.py, tests/portal/test_furigana.py
        found = json.loads(path.read_text(encoding="utf-8"))
        shared = found.get("shared", {})
        for vector in found["vectors"]:
            yield f"{path.stem}: {vector['name']}", {**vector, "input": _given(vector["input"], shared)}


VECTORS = dict(_vectors())


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str) -> None:
    vector = VECTORS[name]
    run = OPERATIONS[vector["operation"]]
    assert ("error" in vector) != ("output" in vector)
    if "error" not in vector:
        assert run(vector["input"]) == vector["output"]
        return
    with pytest.raises(errors.CryptoError) as caught:
        run(vector["input"])
    # Not a subclass of what was expected: exactly this class.
    assert type(caught.value).__name__ == vector["error"]


def test_there_are_enough_and_most_of_them_fail() -> None:
    assert len(VECTORS) >= LEAST
    failing = [name for name, vector in VECTORS.items() if "error" in vector or _unusual(vector)]
    assert len(failing) > len(VECTORS) / 2


def _unusual(vector: dict[str, Any]) -> Any:
    output = vector["output"]
    return isinstance(output, dict) and (output.get("unusual") or output.get("stop"))


def test_no_name_stands_for_two_vectors() -> None:
    assert len(VECTORS) == len(list(_vectors()))


@pytest.mark.parametrize("name", sorted(leaves(errors.BadData) | leaves(errors.MisuseError)))
def test_every_error_class_has_a_vector(name: str) -> None:
    assert [vector for vector in VECTORS.values() if vector.get("error") == name]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_used(name: str) -> None:
    assert [vector for vector in VECTORS.values() if vector["operation"] == name]


def test_every_error_stands_in_the_format() -> None:
    text = (FOLDER.parent.parent / "docs" / "format.md").read_text(encoding="utf-8")
    table = text[text.index("## 7. Errors") :]
    missing = {
        name for name in leaves(errors.BadData) | leaves(errors.MisuseError) if f"`{name}`" not in table
    }
    assert missing == set()
