"""The built assets (portal/scripts/build.py): names, hashes and sizes of the scripts; the icons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

FOLDER: Final = Path(__file__).resolve().parent / "static" / "built"
MANIFEST: Final = "manifest.json"
ICONS: Final = FOLDER.parent / "icons.json"
VERIFY_PAGE: Final = FOLDER.parent / "meyasubako-verify.html"
"""The page that checks certificates from disk."""


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


def served(folder: Path = FOLDER) -> list[tuple[str, bytes]]:
    """Return name and bytes of each script, of the style sheet and of the verify page, as they are served
    (uncompressed).
    """
    paths = [folder.parent / script.path for script in read(folder).values()]
    paths += [folder.parent / "site.css", folder.parent / VERIFY_PAGE.name]
    return sorted((path.name, path.read_bytes()) for path in paths if path.is_file())


@lru_cache(maxsize=32)
def icon(name: str) -> Markup:
    """Return a line icon to put into a page; it says nothing that the words beside it do not. Nothing where the icons
    were not built. Raises KeyError for a name that portal/style/icons.json does not have.
    """
    try:
        shapes = json.loads(ICONS.read_text(encoding="utf-8"))["icons"][name]
    except FileNotFoundError:
        return Markup()
    # The shapes are the build's own, from a package pinned by its hash.
    tag = Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>')
    return tag.format(Markup(shapes))
