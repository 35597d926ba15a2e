"""Furigana in the page's scripts: the same vectors as for the server."""

from __future__ import annotations

import json
from pathlib import Path

from tests.scripts.bundle import in_node

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "furigana.json").read_text(encoding="utf-8"))


def test_the_scripts_read_what_the_server_reads(tests_bundle: Path) -> None:
    assert in_node(tests_bundle, "furigana", [vector["text"] for vector in VECTORS]) == [
        vector["parts"] for vector in VECTORS
    ]
