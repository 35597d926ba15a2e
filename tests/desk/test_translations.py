"""Both catalogues are complete and up to date with the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from admin.desk import words
from admin.desk.client import Trouble
from admin.desk.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
METHODS = [
    ("admin/desk/**.py", "python"),
    ("templates/desk/**.html", "jinja2"),
    ("templates/components/**.html", "jinja2"),
]
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
NO_JAPANESE: frozenset[str] = frozenset()
"""Sentences whose Japanese has no Japanese character in it, such as names or codes. None so far."""

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[^\s%]|%%")


@cache
def in_sources() -> frozenset[Any]:
    """Return every msgid that the sources name; a plural one as a pair."""
    skipped = {".venv", ".git", "var", "tests", "node_modules"}
    rows = extract_from_dir(
        str(ROOT),
        METHODS,
        keywords=KEYWORDS,
        directory_filter=lambda folder: Path(folder).name not in skipped,
    )
    return frozenset(row[2] for row in rows)


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "admin" / "desk" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def translations(message: Message) -> tuple[str, ...]:
    found: Any = message.string
    return tuple(found) if isinstance(found, list | tuple) else (str(found),)


def originals(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def test_extraction_finds_sentences_of_every_kind() -> None:
    found = in_sources()
    assert len(found) > 180
    assert "Send the reply" in found and words.REPLY["other_sent"] in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_nothing_left_over(language: str) -> None:
    there = {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in entries(language)}
    assert in_sources() - there == set(), "missing"
    assert there - in_sources() == set(), "no longer used"
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_translated(language: str) -> None:
    for message in entries(language):
        assert not message.fuzzy, message.id
        assert all(text.strip() for text in translations(message)), message.id
        assert len(translations(message)) == (catalogue(language).num_plurals if message.pluralizable else 1)


def test_english_says_what_the_sources_say() -> None:
    for message in entries("en"):
        assert translations(message) == originals(message)


def test_japanese_is_japanese_and_calm() -> None:
    for message in entries("ja"):
        for text in translations(message):
            assert message.id in NO_JAPANESE or JAPANESE.search(text), message.id
            assert "!" not in text and "！" not in text, text
            assert text == text.strip(), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    for message in entries(language):
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in originals(message)}
        found = {frozenset(PLACEHOLDER.findall(text)) for text in translations(message)}
        assert found == wanted, message.id
        # No gap anywhere: a lone percent sign would break the page when it is filled in.
        assert all("%" not in PLACEHOLDER.sub("", text) for text in translations(message)), message.id


def test_every_word_of_the_tables_is_marked() -> None:
    found = in_sources()
    tables = [
        words.FIELDS,
        words.CAUSES,
        words.STATUSES,
        words.BROKEN,
        words.REPLY,
        words.STATUS,
        words.UNLOCK,
    ]
    sentences = {text for table in tables for text in table.values()}
    told = [*words.TROUBLES.values(), *words.ERRORS.values()]
    sentences |= {text for one in told for text in (one.title, one.happened, one.do)}
    assert sentences <= found
    assert set(words.TROUBLES) == set(Trouble)
