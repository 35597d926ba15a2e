"""Build hook: compiles the translations, so that wheels and checkouts carry .mo files made from the committed
.po files, and lets nothing be packed without the text of the licence.

`python hatch_build.py` compiles in place (`make run` and `make test` call it).
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LICENCE = "LICENSES/AGPL-3.0-or-later.txt"
"""The text of the licence, as `project.license-files` in pyproject.toml names it; `make` writes it."""
LICENCE_SHA256 = "d8a6cc31abc16b6748c7a21f21611f5a1ec33f67d22ca23d7da1c19b95496bee"
"""Of the text in spdx-license-list 6.12.0, compared word by word with the text of gnu.org as others ship it."""

MADE = datetime(1980, 1, 1, tzinfo=UTC)
"""The moment that each .mo file names as its own: with the true one no two builds give the same bytes."""

CATALOGUES = ("portal/translations", "admin/desk/translations")


def compile_catalogues(root: Path) -> list[Path]:
    """Write the .mo file beside each .po file below `root`, where it is not the same already; return all of
    them."""
    made = []
    for place in CATALOGUES:
        for source in sorted((root / place).glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            catalogue.creation_date = MADE
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            target = source.with_suffix(".mo")
            # Written only when it differs, and whole: somebody may be serving from this folder.
            if not target.exists() or target.read_bytes() != compiled.getvalue():
                part = target.with_suffix(f".mo.{os.getpid()}.part")
                part.write_bytes(compiled.getvalue())
                part.replace(target)
            made.append(target)
    return made


class LicenceError(Exception):
    """The text of the licence is missing, or is another text."""


def check_licence(root: Path) -> None:
    """Raise LicenceError unless the text of the licence lies below `root`, complete and unchanged."""
    text = root / LICENCE
    if not text.is_file():
        raise LicenceError(
            f"{LICENCE} is missing, and a package has to carry it. `make {LICENCE}` writes it."
        )
    if hashlib.sha256(text.read_bytes()).hexdigest() != LICENCE_SHA256:
        raise LicenceError(
            f"{LICENCE} is not the text that hatch_build.py expects (another SHA-256). "
            f"Remove it; `make {LICENCE}` writes it again."
        )


class PackageHook(BuildHookInterface[Any]):
    """Compiles before each build of a wheel, an editable one too; an sdist carries the sources. Both carry the
    licence; an editable wheel is of this checkout only and goes without."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; `artifacts` in pyproject.toml takes the files along although git ignores them.
        Raises LicenceError."""
        if version != "editable":
            check_licence(Path(self.root))
        if self.target_name == "wheel":
            compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).resolve().parent)
