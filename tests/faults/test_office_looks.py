"""Office files look the same before and after cleaning, drawn by LibreOffice.

Only in `make faults` (conftest.py): LibreOffice is large, and nothing else needs it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.cleaning import kinds
from tests.support.pdfpages import drawn
from tests.support.places import FORMATS

# Places whose cleaning changes parts that are drawn, or that others point at.
DRAWN = {
    "docx": (
        "w:ins, author", "picture, JPEG", "id of a relation", "name of a part", "settings, rsids", "header, changes",
        "field INCLUDEPICTURE", "style, its rsid",
    ),
    "xlsx": ("view, its name", "printer's settings", "scenario, user", "file version, its id"),
    "pptx": ("picture, its segments", "tags", "comment, time", "slide, its id"),
}  # fmt: skip


def _pages(data: bytes, kind: str, folder: Path) -> list[bytes]:
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: python -m tests.support.needs --get faults"
    folder.mkdir()
    file = folder / f"a.{kind}"
    file.write_bytes(data)
    home = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    return drawn((folder / "a.pdf").read_bytes())


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in DRAWN.items() for name in names])
def test_it_looks_the_same(kind: str, name: str, tmp_path: Path) -> None:
    place = next(one for one in FORMATS[kind]() if one.name == name)
    before = _pages(place.data, kind, tmp_path / "before")
    assert before and _pages(kinds.clean(place.data).data, kind, tmp_path / "after") == before
