"""Programs in .venv/parts/, for machines that don't have them (tests/support/getting.py puts them there).

They come last on the path: what the machine has is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
PARTS: Final = ROOT / ".venv" / "parts"
PROGRAMS: Final = PARTS / "bin"
FONTS: Final = PARTS / "fonts.conf"
DRIVER: Final = PARTS / "playwright-node"
"""A node for Playwright, where the machine lacks a library of the one that it brings."""


def machine_has_japanese() -> bool:
    """Say whether the machine has a font for Japanese."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, timeout=60, check=False)
    return bool(listed.stdout.strip())


def use() -> None:
    """Let this process and those that it starts find the parts."""
    if PROGRAMS.is_dir() and str(PROGRAMS) not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(PROGRAMS)])
    if FONTS.is_file():
        os.environ.setdefault("FONTCONFIG_FILE", str(FONTS))
    if DRIVER.exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(DRIVER))
