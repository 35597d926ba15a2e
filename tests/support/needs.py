"""What of the machine the tests need: `python -m tests.support.needs` names what is missing and exits with 1 then;
with `--get` it sets everything up first, as far as that goes without a password; with `bench` it is about `make bench`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support import parts
from tests.support.programs import missing_programs


@dataclass(frozen=True)
class Need:
    """One thing: how it is looked for, its packages by package manager, and the part that takes its place."""

    name: str
    what: str
    is_there: Callable[[], bool]
    packages: dict[str, tuple[str, ...]]


def _runs(program: str, *arguments: str) -> bool:
    """Say whether a program is there and starts (a package can be a stand-in that only says so)."""
    path = shutil.which(program)
    if path is None:
        return False
    try:
        tried = subprocess.run(
            [path, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _chromium() -> bool:
    return any(_runs(name, "--version") for name in ("chromium", "chromium-browser", "google-chrome"))


def _driver() -> bool:
    """Say whether Playwright's node starts: Debian's smallest system lacks a library of it."""
    package = importlib.util.find_spec("playwright")
    if package is None or package.origin is None:
        return False
    own = Path(package.origin).parent / "driver" / ("node.exe" if sys.platform == "win32" else "node")
    return _runs(os.environ.get("PLAYWRIGHT_NODEJS_PATH", str(own)), "--version")


def _postgres() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _japanese_font() -> bool:
    return not sys.platform.startswith("linux") or parts.FONTS.is_file() or parts.machine_has_japanese()


NEEDS: Final = (
    Need(
        "chromium",
        "Chromium (pages in a real browser)",
        _chromium,
        {"apt-get": ("chromium",), "dnf": ("chromium",), "brew": ("chromium",)},
    ),
    Need(
        "driver",
        "libatomic (what drives the browser is linked with it)",
        _driver,
        {"apt-get": ("libatomic1",), "dnf": ("libatomic",)},
    ),
    Need(
        "postgres",
        "PostgreSQL's server programs (the store on a real server)",
        _postgres,
        {"apt-get": ("postgresql",), "dnf": ("postgresql-server",), "brew": ("postgresql@16",)},
    ),
    Need(
        "strace",
        "strace (on disk before the answer)",
        lambda: _runs("strace", "-V"),
        {"apt-get": ("strace",), "dnf": ("strace",)},
    ),
    Need(
        "exiftool",
        "exiftool (what files tell)",
        lambda: _runs("exiftool", "-ver"),
        {
            "apt-get": ("libimage-exiftool-perl",),
            "dnf": ("perl-Image-ExifTool",),
            "brew": ("exiftool",),
        },
    ),
    Need(
        "poppler",
        "Poppler's programs (what other programs read in a PDF)",
        lambda: all(map(shutil.which, ("pdftotext", "pdfinfo", "pdfdetach"))),
        {"apt-get": ("poppler-utils",), "dnf": ("poppler-utils",), "brew": ("poppler",)},
    ),
    Need(
        "nginx",
        "nginx (the site of deploy/nginx, run as it is)",
        lambda: bool(shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")),
        {"apt-get": ("nginx-light",), "dnf": ("nginx",), "brew": ("nginx",)},
    ),
    Need(
        "tor",
        "Tor (the onion service of deploy/tor, read as it is)",
        lambda: _runs("tor", "--version"),
        {"apt-get": ("tor",), "dnf": ("tor",), "brew": ("tor",)},
    ),
    Need(
        "systemd",
        "systemd's programs (the units of deploy/systemd, verified and scored)",
        lambda: not sys.platform.startswith("linux") or _runs("systemd-analyze", "--version"),
        {"apt-get": ("systemd",), "dnf": ("systemd",)},
    ),
    Need(
        "font",
        "a Japanese font (pages without empty boxes)",
        _japanese_font,
        {"apt-get": ("fonts-noto-cjk", "fontconfig"), "dnf": ("google-noto-sans-cjk-fonts", "fontconfig")},
    ),
)
OFFICE: Final = Need(
    "office",
    "LibreOffice (how cleaned Office files look; for make faults only)",
    lambda: bool(shutil.which("soffice")),
    {
        "apt-get": ("libreoffice-writer-nogui", "libreoffice-calc-nogui", "libreoffice-impress-nogui"),
        "dnf": ("libreoffice-writer", "libreoffice-calc", "libreoffice-impress"),
        "brew": ("libreoffice",),
    },
)
CLUSTER: Final = Need(
    "cluster",
    "etcd and HAProxy (several machines; for make cluster and make faults only)",
    lambda: not missing_programs(),
    {"apt-get": ("etcd-server", "haproxy", "openssl")},
)
BENCH: Final = ("chromium", "driver")


def missing(only: tuple[str, ...] = (), besides: tuple[Need, ...] = ()) -> list[Need]:
    """Return what is not there. `only`: names to look for; `besides`: needs that `make test` does not have."""
    parts.use()
    wanted = [need for need in NEEDS if not only or need.name in only]
    return [need for need in (*wanted, *besides) if not need.is_there()]


def main(arguments: list[str]) -> int:
    """Print what is missing, after getting it if that is wanted; return the exit code."""
    besides = (OFFICE, CLUSTER) if "faults" in arguments else (CLUSTER,) if "cluster" in arguments else ()
    only = BENCH if "bench" in arguments else ("postgres",) if "cluster" in arguments else ()
    gone = missing(only, besides)
    if gone and "--get" in arguments:
        from tests.support.getting import get

        get(gone)
        gone = missing(only, besides)
    if not gone:
        return 0
    for need in gone:
        sys.stderr.write(f"missing: {need.what}\n")
    managers = [name for name in ("apt-get", "dnf", "brew") if shutil.which(name)] or ["apt-get"]
    names = " ".join(name for need in gone for name in need.packages.get(managers[0], ()))
    if names:
        as_root = "" if managers[0] == "brew" else "sudo "
        sys.stderr.write(
            f"This gets it:\n\n    {as_root}{managers[0]} install {names}\n\nThen run make again.\n"
        )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
