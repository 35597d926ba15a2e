"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
POINTER = re.compile(r"`((?:tests|cases|store|portal|admin|crypto|docs)/[\w./-]+)(?:::(\w+))?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_path_and_each_named_test_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name, test in POINTER.findall(text):
        assert (ROOT / name).exists(), name
        if test:
            assert f"def {test}(" in (ROOT / name).read_text(encoding="utf-8"), test
    for name in LINK.findall(text):
        assert (document.parent / name).exists(), name


def test_each_promise_of_this_version_names_a_test() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    for promise in ("P1", "P2", "P3", "P5", "P7"):
        section = re.search(rf"^## {promise} .*?(?=^## )", text, re.MULTILINE | re.DOTALL)
        assert section and POINTER.search(section.group(0)) and "Not covered" in section.group(0), promise
