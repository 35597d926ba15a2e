"""One word for one thing: docs/words/ja.toml and en.toml against everything that people are told."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.catalogues import Catalogues, translations

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "docs" / "words"
KANA = re.compile("[\u3041-\u3096]")
ROOMS = {"site": Catalogues("portal", "portal"), "desk": Catalogues("admin/desk", "desk")}
PLACES = frozenset({*ROOMS, "data", "commands"})


def entries(language: str) -> list[dict[str, Any]]:
    """Return a language's word list."""
    words: list[dict[str, Any]] = tomllib.loads((WORDS / f"{language}.toml").read_text("utf-8"))["word"]
    return words


def in_data(value: object, language: str) -> Iterator[str]:
    """Yield the texts of one language in the data, at any depth; what a source says is quoted and not taken."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == language and isinstance(part, str):
                yield part
            elif key != "source":
                yield from in_data(part, language)
    elif isinstance(value, list):
        for part in value:
            yield from in_data(part, language)


def in_commands(language: str) -> Iterator[str]:
    """Yield the Japanese strings of the commands, the daily mail, the poster and the demo's pages."""
    if language != "ja":
        return
    for path in [*(ROOT / "admin").glob("*.py"), *(ROOT / "admin" / "commands").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KANA.search(node.value):
                yield node.value


def texts(language: str) -> dict[str, list[str]]:
    """Return every text that people are told, by place. The scripts' texts are in the site's catalogue."""
    told = {
        place: [text for message in room.entries(language) for text in translations(message)]
        for place, room in ROOMS.items()
    }
    files = sorted((ROOT / "cases" / "data").glob("*.toml"))
    told["data"] = [
        text for file in files for text in in_data(tomllib.loads(file.read_text("utf-8")), language)
    ]
    told["commands"] = list(in_commands(language))
    return told


def misused(entry: Mapping[str, Any], told: Mapping[str, list[str]]) -> list[str]:
    """Return the texts in which another word than the list's stands for its concept."""
    bad = []
    for place in entry.get("in", sorted(PLACES)):
        for text in told[place]:
            rest = text
            for right in entry.get("except", ()):
                rest = rest.replace(right, "")
            bad += [f"{place}: {text}" for pattern in entry["not"] if re.search(pattern, rest)]
    return bad


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_word_for_one_thing(language: str) -> None:
    told = texts(language)
    assert len(told["data"]) > 300 and len(told["site"]) > 300 and len(told["desk"]) > 500
    bad = {entry["concept"]: misused(entry, told) for entry in entries(language)}
    assert {concept: places for concept, places in bad.items() if places} == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_says_what_and_why(language: str) -> None:
    for entry in entries(language):
        assert set(entry) <= {"concept", "word", "not", "in", "except", "why"}
        assert entry["concept"] and entry["word"] and entry["not"] and entry["why"].endswith(".")
        assert set(entry.get("in", PLACES)) <= PLACES


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_exception_is_needed(language: str) -> None:
    told = texts(language)
    unused = [
        (entry["concept"], right)
        for entry in entries(language)
        for right in entry.get("except", ())
        if not any(right in text for place in entry.get("in", PLACES) for text in told[place])
    ]
    assert unused == []


def test_a_planted_word_is_seen() -> None:
    told: dict[str, list[str]] = {place: [] for place in PLACES} | {"site": ["通報に鍵をかけて送ります。"]}
    assert [entry["concept"] for entry in entries("ja") if misused(entry, told)] == ["encrypt, seal"]


def test_templates_hold_no_japanese_of_their_own() -> None:
    """So that all of it is in the catalogues, where the lists are applied."""
    for path in (ROOT / "templates").rglob("*.html"):
        assert not KANA.search(path.read_text("utf-8")), path
