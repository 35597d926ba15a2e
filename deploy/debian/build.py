"""Makes the Debian package: `python deploy/debian/build.py WHEEL OUT` (`make deb`). WHEEL is the project's own.

The same sources, wheels and Debian give the same bytes. What is packed is what requirements/server.txt pins, by pip and
its hashes, from whatever index pip is set up with, for the system's own python3.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
SYSTEM_PYTHON: Final = "/usr/bin/python3"
PRIVATE: Final = "usr/lib/meyasubako"
NEEDED: Final = {
    "dpkg-buildpackage": "dpkg-dev",
    "dh": "debhelper",
    "fakeroot": "fakeroot",
    "lintian": "lintian",
}
LAUNCHER: Final = """\
#!/usr/lib/meyasubako/bin/python3 -I
import sys

from admin.cli import main

sys.exit(main())
"""


class PackageFault(Exception):
    """The package can't be made; the text says why."""


def version() -> str:
    """Return the project's version, which is in pyproject.toml alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def python_version() -> tuple[int, int]:
    """Return the version of the system's own Python, which the package is for. Raises PackageFault."""
    try:
        said = subprocess.run(
            [SYSTEM_PYTHON, "-c", "import ensurepip, sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        raise PackageFault(
            f"{SYSTEM_PYTHON} with its module venv is needed: apt-get install python3-venv"
        ) from None
    major, minor = map(int, said.split())
    if (major, minor) < (3, 11):
        raise PackageFault(f"{SYSTEM_PYTHON} is {major}.{minor}, and the program needs 3.11 or newer")
    return major, minor


def lay_out(root: Path, wheel: Path, python: tuple[int, int]) -> None:
    """Put everything that the package has, but for what debhelper makes, where it belongs below `root`."""
    private = root / PRIVATE
    packages = private / "lib" / f"python{python[0]}.{python[1]}" / "site-packages"
    packages.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([SYSTEM_PYTHON, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        into = ["install", "--no-compile", "--only-binary", ":all:", "--target", str(packages)]
        pinned = ["--require-hashes", "-r", str(ROOT / "requirements" / "server.txt")]
        subprocess.run([*pip, *into, *pinned], check=True)
        tidy(packages)  # its programs go before the next run finds them and warns
        subprocess.run([*pip, *into, "--no-deps", str(wheel)], check=True)
    tidy(packages)
    (private / "bin").mkdir()
    (private / "bin" / "python3").symlink_to(SYSTEM_PYTHON)
    (private / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {python[0]}.{python[1]}\n", "utf-8"
    )
    write(private / "bin" / "meyasubako", LAUNCHER, 0o755)
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "meyasubako").symlink_to("../lib/meyasubako/bin/meyasubako")
    for source, place in (
        ("sbin/meyasubako-site", "usr/sbin/meyasubako-site"),
        ("default/meyasubako", "etc/default/meyasubako"),
        ("nginx/meyasubako-unavailable.html", "usr/share/meyasubako/nginx/meyasubako-unavailable.html"),
        ("nginx/meyasubako.conf", "usr/share/doc/meyasubako/examples/nginx/meyasubako.conf"),
        ("nginx/meyasubako-proxy.conf", "usr/share/doc/meyasubako/examples/nginx/meyasubako-proxy.conf"),
        ("debian/meyasubako.1", "usr/share/man/man1/meyasubako.1"),
        ("debian/meyasubako-site.8", "usr/share/man/man8/meyasubako-site.8"),
        ("tor/meyasubako.conf", "usr/share/doc/meyasubako/examples/tor/meyasubako.conf"),
    ):
        copy(DEPLOY / source, root / place)
    for path in sorted((ROOT / "docs").glob("*.md")):
        if path.name.split(".")[0] in ("operations", "upgrading", "cluster"):
            copy(path, root / "usr/share/doc/meyasubako" / path.name)


def depends(python: tuple[int, int]) -> str:
    """Return what the package needs of Debian's Python: the minor version that its compiled parts are for."""
    major, minor = python
    return f"python3 (>= {major}.{minor}~), python3 (<< {major}.{minor + 1}~)"


def tidy(packages: Path) -> None:
    """Take out what a run of pip leaves that differs from one to the next, and the parts' own tests and programs."""
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for name in ("direct_url.json", "REQUESTED", "INSTALLER"):
        for path in packages.glob(f"*.dist-info/{name}"):
            path.unlink()
    for path in packages.glob("*.dist-info/RECORD"):
        lines = path.read_text("utf-8").splitlines()
        kept = [line for line in lines if (packages / line.split(",")[0]).is_file()]
        path.write_text("\n".join(sorted(kept)) + "\n", "utf-8")
    for path in packages.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o644)


def copy(source: Path, target: Path) -> None:
    """Copy a file, with its rights."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def write(path: Path, text: str, mode: int) -> None:
    """Write a file with these rights."""
    path.write_text(text, "utf-8")
    path.chmod(mode)


def debian_folder(folder: Path, date: int) -> None:
    """Write debian/: what deploy/debian has, the units under the names that debhelper looks for, and the version."""
    folder.mkdir()
    for name in ("control", "rules", "copyright", "postinst", "prerm", "postrm"):
        copy(DEPLOY / "debian" / name, folder / name)
    (folder / "rules").chmod(0o755)
    copy(DEPLOY / "debian" / "lintian-overrides", folder / "meyasubako.lintian-overrides")
    copy(DEPLOY / "sysusers.d" / "meyasubako.conf", folder / "meyasubako.sysusers")
    copy(DEPLOY / "tmpfiles.d" / "meyasubako.conf", folder / "meyasubako.tmpfiles")
    for path in sorted((DEPLOY / "systemd").iterdir()):
        own = "meyasubako." if path.stem == "meyasubako" else f"meyasubako.{path.stem}."
        copy(path, folder / f"{own}{path.suffix[1:]}")
    when = format_datetime(datetime.fromtimestamp(date, UTC))
    write(
        folder / "changelog",
        f"meyasubako ({version()}) unstable; urgency=medium\n\n  * The changes are in CHANGELOG.md of the sources.\n\n"
        f" -- Meyasubako contributors <maintainers@meyasubako.invalid>  {when}\n",
        0o644,
    )
    (folder / "source").mkdir()
    write(folder / "source" / "format", "3.0 (native)\n", 0o644)


def source_date() -> int:
    """Return the moment (seconds since 1970) that files of the package carry: of the last commit, or as told."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if re.fullmatch("[0-9]+", told):
        return int(told)
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    return int(asked.stdout) if asked.returncode == 0 and asked.stdout.strip() else 1_767_225_600


def build(wheel: Path, out: Path) -> Path:
    """Build and check the package; return its file. Raises PackageFault."""
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        raise PackageFault(f"missing: apt-get install {' '.join(missing)}")
    python, date = python_version(), source_date()
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "meyasubako"
        folder.mkdir()
        lay_out(folder / "root", wheel, python)
        debian_folder(folder / "debian", date)
        environment = os.environ | {
            "SOURCE_DATE_EPOCH": str(date),
            "LC_ALL": "C.UTF-8",
            "MEYASUBAKO_DEPENDS": depends(python),
            "DEB_BUILD_OPTIONS": "noautodbgsym nocheck",
        }
        done = subprocess.run(
            ["dpkg-buildpackage", "-b", "-us", "-uc", "-d"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PackageFault((done.stdout + done.stderr)[-4000:])
        (made,) = Path(above).glob("*.deb")
        lint(made)
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(made, out / made.name))


def lint(package: Path) -> None:
    """Raise PackageFault where lintian finds anything."""
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", "--no-tag-display-limit", str(package)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PackageFault(f"lintian:\n{done.stdout}{done.stderr}")


def main(arguments: list[str]) -> int:
    """Build; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("out", type=Path)
    told = parser.parse_args(arguments)
    try:
        made = build(told.wheel, told.out)
    except PackageFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"{made}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
