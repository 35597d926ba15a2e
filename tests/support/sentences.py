"""`make sentences`: takes new and changed English sentences into the catalogues of the site and the desk.

A changed sentence keeps its place and its translation, marked `fuzzy` until the translation was looked at and the mark
is taken away; a new one is at the end, empty; an unused one goes. The rest of the file stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from io import BytesIO
from typing import Any

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from tests.support.catalogues import ROOT
from tests.support.translations import DESK, SITE

ALIKE = 0.6
"""From this ratio of difflib on, a new sentence is a changed one."""


def merged(text: str, in_sources: Iterable[Any], language: str) -> str:
    """Return the catalogue `text` of a language with the sentences of the sources.

    `in_sources`: their msgids, a plural one as a pair. Raises ValueError when an entry can't be told from the next.
    """
    head, *blocks = text.rstrip("\n").split("\n\n")
    catalogue = read_po(BytesIO(text.encode()), locale=language)
    names = [_name(message.id) for message in catalogue if message.id]
    if len(names) != len(blocks):
        raise ValueError(f"{language}: {len(blocks)} entries between empty lines, {len(names)} sentences")
    entries = dict(zip(names, blocks, strict=True))
    wanted = {_name(message_id): message_id for message_id in in_sources}
    unused = [name for name in names if name not in wanted]
    renamed: dict[str, str] = {}
    added = []
    for name in sorted(set(wanted) - set(names)):
        earlier = get_close_matches(name, unused, n=1, cutoff=ALIKE)
        if earlier:
            unused.remove(earlier[0])
            old = catalogue.get(earlier[0])
            renamed[earlier[0]] = _entry(wanted[name], old.string if old else "", catalogue, language)
        else:
            added.append(_entry(wanted[name], "", catalogue, language))
    kept = [renamed.get(name, block) for name, block in entries.items() if name not in unused]
    return "\n\n".join([head, *kept, *added]) + "\n"


def _entry(message_id: Any, translation: Any, catalogue: Catalog, language: str) -> str:
    """Return one entry; English says what the sources say, another language's earlier translation is `fuzzy`."""
    plural = isinstance(message_id, tuple)
    if language == "en":
        translation = message_id
    elif plural != isinstance(translation, tuple | list):
        translation = [translation or ""] * catalogue.num_plurals if plural else ""
    fuzzy = ["fuzzy"] if language != "en" and any(translation) else []
    single = Catalog(locale=catalogue.locale)
    single[message_id] = Message(message_id, translation, flags=fuzzy)
    written = BytesIO()
    write_po(written, single, width=0, omit_header=True)
    return written.getvalue().decode().strip("\n")


def _name(message_id: Any) -> str:
    return str(message_id[0]) if isinstance(message_id, list | tuple) else str(message_id)


def main() -> None:
    """Rewrite each catalogue that lacks a sentence or has one too many, and name it."""
    for room in (SITE, DESK):
        for path in sorted((ROOT / room.code / "translations").glob("*/LC_MESSAGES/messages.po")):
            before = path.read_text(encoding="utf-8")
            after = merged(before, room.in_sources, path.parts[-3])
            if after != before:
                path.write_text(after, encoding="utf-8", newline="\n")
                click.echo(
                    f"{path.relative_to(ROOT)}: look at the entries marked fuzzy and those that are empty"
                )


if __name__ == "__main__":
    main()
