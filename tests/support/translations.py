"""`make translations`: what each language lacks, on the site's pages, in its scripts, at the desk and in the data.

`python -m tests.support.translations fr` reports on a language that has nothing yet, too.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError

from portal.labels.scripts import SCRIPT_WORDS
from templates.catalogues import gaps
from tests.support.catalogues import ROOT, Catalogues, originals, translations

SITE = Catalogues("portal", "portal")
DESK = Catalogues("admin/desk", "desk")
SHOWN = 5
"""How many sentences of one kind of fault are shown."""


def report(language: str, data: Path = ROOT / "cases" / "data") -> list[str]:
    """Return what a language lacks, one line each; empty: it is whole. A plain one (ja@easy) has no desk, and its
    texts in the data have tests of their own."""
    lines = []
    scripts = frozenset(SCRIPT_WORDS.values())
    for place, room in (("site", SITE), ("desk", DESK)):
        if place == "desk" and "@" in language:
            continue
        absent = _absent(room, language)
        if place == "site":
            lines += _counted("site, scripts", "missing", [name for name in absent if name in scripts])
            lines += _counted("site, pages", "missing", [name for name in absent if name not in scripts])
        else:
            lines += _counted(place, "missing", absent)
        lines += [f"{place}: {fault}" for fault in _faults(room, language)]
    if "@" not in language:
        lines += _counted("data", "missing", list(texts_missing(language, data)))
    return lines


def texts_missing(language: str, data: Path) -> Iterator[str]:
    """Yield the names of the data's texts that a language lacks, or whose places to fill in differ from English."""
    for file in sorted(data.glob("*.toml")):
        yield from _in(tomllib.loads(file.read_text("utf-8")), language, file.stem)


def _in(value: object, language: str, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        english, text = value.get("en"), value.get(language)
        if isinstance(english, str) and not (isinstance(text, str) and text.strip()):
            yield name
        elif isinstance(english, str) and gaps(str(text)) != gaps(english):
            yield f"{name} (other places to fill in)"
        for key, part in value.items():
            yield from _in(part, language, f"{name}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            label = part.get("id", number) if isinstance(part, Mapping) else number
            yield from _in(part, language, f"{name}[{label}]")


def _name(message_id: Any) -> str:
    return str(message_id[0]) if isinstance(message_id, list | tuple) else str(message_id)


def _entries(room: Catalogues, language: str) -> list[Message]:
    try:
        return list(room.entries(language))
    except FileNotFoundError:
        return []


def _absent(room: Catalogues, language: str) -> list[str]:
    """Return the sentences of the sources that a catalogue does not have, or has empty or uncertain."""
    there = {
        _name(message.id)
        for message in _entries(room, language)
        if not message.fuzzy and all(text.strip() for text in translations(message))
    }
    return sorted({_name(message_id) for message_id in room.in_sources} - there)


def _faults(room: Catalogues, language: str) -> Iterator[str]:
    """Yield what is wrong in a catalogue besides what is missing."""
    try:
        messages = list(room.entries(language))
        plurals = room.of(language).num_plurals
    except FileNotFoundError:
        return
    except PoFileError as error:
        yield f"can't be read: {error}"
        return
    used = {_name(message_id) for message_id in room.in_sources}
    for message in messages:
        texts = translations(message)
        if _name(message.id) not in used:
            yield f"no longer used: {_name(message.id)}"
        if message.pluralizable and len(texts) != plurals:
            yield f"{len(texts)} plural forms and not {plurals}: {_name(message.id)}"
        if all(texts) and {gaps(text) for text in texts} != {gaps(text) for text in originals(message)}:
            yield f"other places to fill in: {_name(message.id)}"


def _counted(place: str, what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    shown = [f"    {name}" for name in names[:SHOWN]]
    more = [f"    … and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return [f"{place}: {len(names)} {what}", *shown, *more]


def languages() -> list[str]:
    """Return every language that has a catalogue of either room."""
    folders = [
        folder.parent.name
        for room in (SITE, DESK)
        for folder in (ROOT / room.code / "translations").glob("*/LC_MESSAGES")
    ]
    return sorted(set(folders))


def main() -> int:
    """Print what every language lacks, or those named; return 1 when one lacks anything."""
    wanted = sys.argv[1:] or languages()
    lacking = False
    for language in wanted:
        lines = report(language)
        lacking = lacking or bool(lines)
        click.echo(f"{language}: {'not whole' if lines else 'whole'}")
        click.echo("".join(f"  {line}\n" for line in lines), nl=False)
    return int(lacking)


if __name__ == "__main__":
    sys.exit(main())
