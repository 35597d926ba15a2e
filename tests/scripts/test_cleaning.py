"""The page's cleaner of files, by the vectors that it shares with the server's (docs/cleaning.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from crypto.encoding import b64d, b64e
from portal.labels.scripts import SCRIPT_WORDS
from tests.scripts.bundle import in_node

ROOT: Final = Path(__file__).parents[2]
VECTORS: Final = ROOT / "tests" / "vectors"
RESULTS: Final = {
    "cleaned": "removed",
    "nothing_found": "nothing",
    "partly": "partly",
    "not_cleaned": "not",
}
"""docs/cleaning.md, 1, and format.md, 4.2."""


def _cleaned(bundle: Path, files: list[str]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = in_node(bundle, "cleaned", files)
    return done


def _pictures() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / "cleaning-pictures.json").read_text("utf-8"))[
        "vectors"
    ]
    return found


def test_every_picture_of_the_vectors(tests_bundle: Path) -> None:
    pictures = _pictures()
    wrong = {}
    for vector, done in zip(pictures, _cleaned(tests_bundle, [one["file"] for one in pictures]), strict=True):
        wanted = {
            "cleaned": RESULTS[vector["result"]],
            "found": vector["found"],
            "data": vector.get("makes", vector["file"]),
        }
        if done != wanted:
            wrong[vector["name"]] = (done, wanted)
    assert wrong == {}
    assert len(pictures) > 150


def test_cleaning_twice_finds_nothing(tests_bundle: Path) -> None:
    made = [one["makes"] for one in _pictures() if "makes" in one]
    for before, done in zip(made, _cleaned(tests_bundle, made), strict=True):
        assert done == {"data": before, "cleaned": "nothing", "found": []}


def test_a_changed_vector_is_told(tests_bundle: Path) -> None:
    """The control: a picture with one byte more is not what the vector without it makes."""
    plain = _pictures()[0]["file"]
    (done,) = _cleaned(tests_bundle, [b64e(b64d(plain) + b"x")])
    assert done["cleaned"] == "removed" and done["data"] == plain


def test_no_sentence_advises_to_send_without_sealing() -> None:
    """Where the way without scripts is named, it is because scripts can't go on, never for what a file tells."""
    said = [text for name, text in SCRIPT_WORDS.items() if "without scripts" in text or "unsealed" in text]
    allowed = {"failed_offer", "send_plain", "look_offer", "look_plain"}
    assert said == [SCRIPT_WORDS[name] for name in SCRIPT_WORDS if name in allowed]
    for page in ("report", "parts/files"):
        text = (ROOT / "templates" / "portal" / f"{page}.html").read_text("utf-8")
        hint = text[text.index('id="files-hint"') :].partition("</p>")[0]
        assert "script" not in hint
