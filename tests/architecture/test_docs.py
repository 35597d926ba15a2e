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


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_anchor_is_a_heading(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text):
        page = document.parent / name if name else document
        assert anchor in anchors(page.read_text(encoding="utf-8")), (name, anchor)


def test_each_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        # History is history: an ADR and the changelog may name what there was.
        if document.name == "CHANGELOG.md" or document.parent.name == "adr":
            continue
        named = re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8"))
        assert set(named) <= targets, (document.name, set(named) - targets)


@pytest.mark.parametrize("promise", ["P1", "P2", "P3", "P4", "P5", "P6", "P7"])
def test_each_promise_has_a_page_with_tests_and_limits(promise: str) -> None:
    folder = ROOT / "docs" / "threat-model"
    page = (folder / f"{promise}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {promise}: ")
    assert POINTER.search(page)
    assert re.search(r"^#+ Not covered", page, re.MULTILINE), "what is not covered"
    assert f"]({promise}.md)" in (folder / "index.md").read_text(encoding="utf-8")


def test_the_index_fits_on_one_screen() -> None:
    assert len((ROOT / "docs" / "threat-model" / "index.md").read_text(encoding="utf-8").splitlines()) <= 40
