"""The page's scripts as they were built: their names, hashes and sizes (portal/scripts/build.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent / "static" / "built"
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Script:
    """One script. `path`: below /static. `sri`: for the attribute integrity. `sha256`: hex. `size`: bytes."""

    name: str
    path: str
    sri: str
    sha256: str
    size: int


def read(folder: Path = FOLDER) -> Mapping[str, Script]:
    """Return the scripts by name (`leave`, `page`); none where nothing was built: the site works without."""
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {
        name: Script(
            name, f"{FOLDER.name}/{entry['file']}", entry["integrity"], entry["sha256"], entry["size"]
        )
        for name, entry in listed.items()
    }
