"""Which languages a site offers: a further one only when its catalogue is whole. Both sites ask this as they start.

Whole means against the English catalogue, which has every sentence (a test holds it to the sources).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

WHOLE: Final = "en"
"""The catalogue that has every sentence."""

_GAP: Final = re.compile(r"%(?:\(\w+\))?[^\s%]|%%|\{\w*\}")


def gaps(text: str) -> frozenset[str]:
    """Return the places of a sentence that are filled in: `%(name)s`, `%s`, `%%`, `{name}`."""
    return frozenset(_GAP.findall(text))


def faults(translations: Path, locale: str) -> tuple[str, ...]:
    """Return what a locale's compiled catalogue lacks, one line each; empty: it is whole."""
    compiled = _compiled(translations, locale)
    if compiled is None:
        return ("no catalogue (messages.mo)",)
    whole = _compiled(translations, WHOLE)
    return (
        tuple(_missing(whole, compiled)) if whole is not None else ("no English catalogue to compare with",)
    )


def offered(translations: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Return those of some languages (locale → own name) whose catalogue is whole."""
    return {locale: name for locale, name in names.items() if not faults(translations, locale)}


def _compiled(translations: Path, locale: str) -> Catalog | None:
    try:
        with (translations / locale / "LC_MESSAGES" / "messages.mo").open("rb") as file:
            return read_mo(file)
    except (OSError, ValueError, EOFError):
        return None


def _missing(whole: Catalog, compiled: Catalog) -> Iterator[str]:
    for message in whole:
        if not message.id:
            continue
        translated = compiled.get(message.id if isinstance(message.id, str) else message.id[0])
        first = message.id if isinstance(message.id, str) else message.id[0]
        texts = _texts(translated.string) if translated is not None else ()
        if not texts or not all(text.strip() for text in texts):
            yield f"missing: {first}"
        elif {gaps(text) for text in texts} != {gaps(text) for text in _texts(message.id)}:
            yield f"other places to fill in: {first}"


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, list | tuple) else (str(value),)
