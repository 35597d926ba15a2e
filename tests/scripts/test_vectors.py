"""The same vectors as for crypto/, for the page's scripts: in Node and in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.crypto.test_vectors import VECTORS
from tests.scripts.bundle import in_node, on_page

NOT_IN_A_PAGE: Final = {
    "unlock": "a key file belongs to an auditor's desk; no page ever reads one",
    "sha256": "nothing of ours: it tells whether a copy of a vector is still the same",
    "request": "only a desk signs requests",
    "delete": "only a desk signs deletions",
    "agree": "only a desk signs deletions",
    "keep": "only a desk signs deletions",
    "reading_mark": "reading journals are the desk's",
    "reading_journal": "reading journals are the desk's",
    "register_record": "the register is the desk's",
    "pack_key": "packs for counsel are the desk's",
    "pack_open": "packs for counsel are the desk's",
    "key_groups": "key files on paper are the desk's",
    "key_sheet": "key files on paper are the desk's",
    "write_bundle": "only a server writes bundles",
    "sign_checkpoint": "only a log signs checkpoints",
    "cosign": "only a witness cosigns",
    "bell": "only a desk looks for its tags",
    "desk_witness_of": "only a desk names its cosigning key",
    "witness_walk": "only a witness is asked to cosign",
    "witness_extends": "only a witness or a desk keeps all leaves",
}
ON_A_PAGE: Final = {
    name: vector
    for name, vector in VECTORS.items()
    if vector["operation"] not in NOT_IN_A_PAGE and vector["input"].get("what") not in NOT_IN_A_PAGE
}


def _wrong(results: list[str]) -> dict[str, str]:
    return {name: said for name, said in zip(ON_A_PAGE, results, strict=True) if said}


@pytest.mark.parametrize("has_subtle", [True, False], ids=["webcrypto", "noble"])
def test_every_vector_in_node(tests_bundle: Path, has_subtle: bool) -> None:
    assert _wrong(in_node(tests_bundle, "vectors", list(ON_A_PAGE.values()), has_subtle)) == {}


def test_every_vector_in_a_browser(tests_bundle: Path, chromium_browser: Browser) -> None:
    with on_page(tests_bundle, chromium_browser, "https://site.example.test/") as page:
        assert page.evaluate("tests.engine()") == "browser"
        results = page.evaluate("given => tests.vectors(given)", list(ON_A_PAGE.values()))
    assert _wrong(results) == {}


@pytest.mark.parametrize("name", sorted(NOT_IN_A_PAGE))
def test_what_is_left_out_is_there_to_leave_out(name: str) -> None:
    assert [one for one in VECTORS.values() if name in (one["operation"], one["input"].get("what"))]


def test_a_changed_vector_is_told(tests_bundle: Path) -> None:
    vector: dict[str, Any] = {"operation": "b64", "input": {"text": "AAAA"}, "output": "000001"}
    assert in_node(tests_bundle, "vectors", [vector]) != [""]
