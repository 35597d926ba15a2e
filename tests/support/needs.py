"""Says what of the machine the tests need and do not find, with the names of Debian's packages; exits with 1
then."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def missing() -> Iterator[tuple[str, str]]:
    """Yield what is missing, and Debian's package for it."""
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        yield "Chromium (pages in a real browser)", "chromium"
    if not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        yield "PostgreSQL's server programs (the store on a real server)", "postgresql"
    if not shutil.which("strace"):
        yield "strace (on disk before the answer)", "strace"
    if not shutil.which("exiftool"):
        yield "exiftool (what files tell)", "libimage-exiftool-perl"
    if not shutil.which("openssl"):
        yield "openssl (certificates for a mail server of the tests)", "openssl"
    if sys.platform.startswith("linux") and not _japanese_font():
        yield "a Japanese font (pages without empty boxes)", "fonts-noto-cjk"


def _japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, timeout=60, check=False)
    return bool(listed.stdout.strip())


def main() -> int:
    """Print what is missing; return the exit code."""
    found = list(missing())
    for what, _package in found:
        sys.stderr.write(f"missing: {what}\n")
    if found:
        packages = " ".join(package for _what, package in found)
        sys.stderr.write(f"On Debian and Ubuntu: apt-get install {packages}\nThen run make test again.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
