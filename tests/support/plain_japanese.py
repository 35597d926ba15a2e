"""Plain Japanese measured: every text of it in the program, its sentences, and the table of its legal sentences.

`python -m tests.support.plain_japanese` writes the table into docs/plain-japanese.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from cases import law, routing
from cases.contacts import contacts
from portal.labels import furigana
from tests.support.catalogues import Catalogues, translations

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "plain-japanese.md"
MARK = "<!-- the table below is written by `python -m tests.support.plain_japanese` -->"
NOT_LEGAL = ("question", "choice", "status", "mark")
LONGEST = 40
"""Characters of a sentence, spaces, furigana and what stands in brackets apart."""


def texts() -> Iterator[tuple[str, str]]:
    """Yield (where, text in the notation) of the catalogue and of the data."""
    for message in Catalogues("portal", "portal").entries("ja@easy"):
        for text in translations(message):
            yield str(message.id)[:60], text
    for name, words in routing.texts().items():
        yield name, words[law.EASY]
    for rule in law.law().rules:
        for part in (rule.article, rule.text, rule.source):
            yield rule.id, part[law.EASY]
    for one in contacts():
        for field in fields(one):
            words = getattr(one, field.name)
            if isinstance(words, dict) or hasattr(words, "items"):
                yield f"{one.id} {field.name}", words.get(law.EASY, words["ja"])


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without furigana, spaces and what stands in round brackets."""
    plain = re.sub(r"（[^（）]*）", "", furigana.plain(text))
    plain = re.sub(r"%\(\w+\)s|\{\}", "0", plain)
    # Each point of a list counts as a sentence of its own; quoted words are part of theirs.
    parts = re.split(r"(?<=。)(?!」)|(?=[①-⑨])", plain)
    return [short for part in parts if (short := re.sub(r"\s", "", part))]


def legal() -> Iterator[tuple[str, str, str]]:
    """Yield (id, the source sentence in Japanese, the plain one without furigana)."""
    for rule in law.law().rules:
        yield rule.id, rule.text["ja"], furigana.plain(rule.text[law.EASY])
    for name, words in routing.texts().items():
        if name.partition("_")[0] not in NOT_LEGAL:
            yield name, words["ja"], furigana.plain(words[law.EASY])


def table() -> str:
    """Return the table of legal sentences."""
    rows = [f"| `{name}` | {source} | {plain} |" for name, source, plain in legal()]
    return "\n".join(["| id | もとの文 | やさしい日本語 |", "|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    head = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    DOCUMENT.write_text(f"{head}{MARK}\n\n{table()}", encoding="utf-8")
