"""Names that a program or a person gave to parts: replaced, with everything that points there."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from portal.cleaning import words
from portal.cleaning.office import rules
from portal.cleaning.office.package import Package
from portal.cleaning.office.rules import OfficeWork

_NUMBER: Final = re.compile(r"[-_]?(?:\d{0,6}|[0-9a-f]{1,8}_[0-9a-f]{1,8})")


def rename(package: Package, work: OfficeWork) -> None:
    """Give parts with unusual names others."""
    used = {name.lower() for name in package.parts}
    for part in package.parts.values():
        if not _is_usual(part.name):
            extension = re.sub(r"[^a-z0-9]", "", part.name.rpartition(".")[2].lower())[:5] or "bin"
            folder = package.main.name.partition("/")[0] if "/" in package.main.name else ""
            folder = folder if folder.lower() in rules.FOLDERS else "word"
            number = 1
            while (name := f"{folder}/media/media{number}.{extension}") in used:
                number += 1
            used.add(name)
            part.name = name
            work.note(words.OTHER)


def _is_usual(name: str) -> bool:
    folder, file = posixpath.split(name.lower())
    stem, _, extension = file.partition(".")
    known = any(stem.startswith(word) and _NUMBER.fullmatch(stem[len(word) :]) for word in rules.FILES)
    return (
        known
        and set(folder.split("/")) <= rules.FOLDERS | {""}
        and extension.isalnum()
        and len(extension) <= 5
    )
