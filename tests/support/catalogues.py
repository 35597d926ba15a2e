"""What a room's catalogues have to be: complete, up to date with the sources, and Japanese where they say so."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
SKIPPED = frozenset({".venv", ".git", "var", "tests", "node_modules"})
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[^\s%]|%%")


def translations(message: Message) -> tuple[str, ...]:
    """Return a message's translation, one text for each plural form."""
    found: Any = message.string
    return tuple(found) if isinstance(found, list | tuple) else (str(found),)


def originals(message: Message) -> tuple[str, ...]:
    """Return a message's text in the sources, with its plural if it has one."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (message.id,)


def compile_catalogues(room: str) -> None:
    """Make the .mo files that the build would make. `room`: the folder that has `translations`.

    Each worker may make them, and none sees half a file.
    """
    for po in (ROOT / room / "translations").glob("*/LC_MESSAGES/messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime > po.stat().st_mtime:
            continue
        temporary = mo.with_name(f"messages.{os.getpid()}.tmp")
        with po.open("rb") as source, temporary.open("wb") as target:
            write_mo(target, read_po(source))
        temporary.replace(mo)


@dataclass
class Catalogues:
    """The catalogues of one room. `code`: its folder; `pages`: its folder below templates/."""

    code: str
    pages: str

    @cached_property
    def in_sources(self) -> frozenset[Any]:
        """Every msgid that the sources name; a plural one as a pair."""
        methods = [
            (f"{self.code}/**.py", "python"),
            ("templates/*.py", "python"),
            (f"templates/{self.pages}/**.html", "jinja2"),
            ("templates/components/**.html", "jinja2"),
        ]
        rows = extract_from_dir(
            str(ROOT),
            methods,
            keywords=KEYWORDS,
            directory_filter=lambda folder: Path(folder).name not in SKIPPED,
        )
        return frozenset(row[2] for row in rows)

    def of(self, language: str) -> Catalog:
        """Return one language's catalogue; a malformed one raises."""
        path = ROOT / self.code / "translations" / language / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)

    def entries(self, language: str) -> Iterator[Message]:
        """Yield one language's messages without the header."""
        return (message for message in self.of(language) if message.id)

    def check_complete(self, language: str) -> None:
        """Nothing is missing, nothing left over, nothing empty or fuzzy."""
        catalogue = self.of(language)
        there = {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in self.entries(language)}
        assert self.in_sources - there == set(), "missing"
        assert there - self.in_sources == set(), "no longer used"
        assert not catalogue.obsolete
        for message in self.entries(language):
            assert not message.fuzzy, message.id
            assert all(text.strip() for text in translations(message)), message.id
            assert len(translations(message)) == (catalogue.num_plurals if message.pluralizable else 1)

    def check_english(self) -> None:
        """English says what the sources say."""
        for message in self.entries("en"):
            assert translations(message) == originals(message)

    def check_japanese(self, language: str = "ja") -> None:
        """Japanese has Japanese in it and does not shout."""
        for message in self.entries(language):
            for text in translations(message):
                assert JAPANESE.search(text), message.id
                assert "!" not in text and "！" not in text, text
                assert text == text.strip(), text

    def check_placeholders(self, language: str) -> None:
        """Each translation has the gaps of its original."""
        for message in self.entries(language):
            wanted = {frozenset(PLACEHOLDER.findall(text)) for text in originals(message)}
            found = {frozenset(PLACEHOLDER.findall(text)) for text in translations(message)}
            assert found == wanted, message.id
            # No gap anywhere: a lone percent sign would break the page when it is filled in.
            assert all("%" not in PLACEHOLDER.sub("", text) for text in translations(message)), message.id
