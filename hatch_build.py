"""Build hook: compiles the translations, so that wheels and checkouts carry .mo files made from the committed
.po files.

`python hatch_build.py` does the same in place (`make run` and `make test` call it).
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = ("portal/translations", "admin/desk/translations")


def compile_catalogues(root: Path) -> list[Path]:
    """Write the .mo file beside each .po file below `root`, where it is not the same already; return all of
    them."""
    made = []
    for place in CATALOGUES:
        for source in sorted((root / place).glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
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


class TranslationsHook(BuildHookInterface[Any]):
    """Compiles before each build of a wheel, an editable one too; an sdist carries the sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; `artifacts` in pyproject.toml takes the files along although git ignores them."""
        if self.target_name == "wheel":
            compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).resolve().parent)
