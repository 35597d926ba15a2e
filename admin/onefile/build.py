"""Makes the file: `python -m admin.onefile.build WHEEL OUT` (`make desk`). WHEEL is the project's own; OUT a folder.

What goes in is what `requirements/desk.txt` pins, by pip and its hashes, from whatever index pip is set up with. Wheels
are kept in a folder of `.venv` (or `--cache`), so that they are fetched once.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

from admin.onefile import starters

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "requirements" / "desk.txt"
CACHE: Final = Path(sys.prefix) / "desk-wheels"
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Python that all compiled parts have wheels for; `requires-python` begins with the first."""
COMPILED: Final = frozenset({"cffi", "markupsafe", "numpy", "pillow", "pynacl", "pypdfium2"})
"""Parts with a wheel for each system. Of all others there is one wheel for every system (fonttools has both)."""
LEFT_OUT: Final = frozenset(
    {
        *("lxml", "pikepdf"),  # `meyasubako clean` alone, which is no part of the desk
        *(
            "matplotlib",
            "contourpy",
            "cycler",
            "kiwisolver",
            "packaging",
            "pyparsing",
            "python-dateutil",
            "tzdata",
        ),
    }
)
"""What the pins bring along and no module of the desk imports. Of matplotlib-fontja the font is taken, and nothing that
draws; left out, the file is less than half as large.
"""
_HEAD: Final = b"#!/usr/bin/env -S python3 -I -B\n"
_DATE: Final = (1980, 1, 1, 0, 0, 0)


class BuildFault(Exception):
    """The file can't be made; the text says why."""


@dataclass(frozen=True)
class System:
    """A system that the file is for. `name`: as `unpack.this_target` says it. `tags`: the platforms whose wheels run on
    it, the oldest first: a wheel for an older one is taken before others. `marker`: what the markers of requirements
    ask about it.
    """

    name: str
    tags: tuple[str, ...]
    marker: Mapping[str, str]


def _mac(machine: str, oldest: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"macosx_{version}_{kind}" for version in oldest for kind in (machine, "universal2"))


def _linux(machine: str) -> tuple[str, ...]:
    return (f"manylinux2014_{machine}", *(f"manylinux_2_{minor}_{machine}" for minor in (17, 24, 26, 27, 28)))


_POSIX: Final = {"os_name": "posix"}
SYSTEMS: Final = (
    System(
        "windows-amd64",
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    System(
        "macos-arm64",
        (
            "macosx_10_9_universal2",
            "macosx_10_10_universal2",
            *_mac("arm64", ("11_0", "12_0", "13_0", "14_0")),
        ),
        {**_POSIX, "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    ),
    System(
        "macos-amd64",
        _mac("x86_64", ("10_9", "10_10", "10_12", "10_13", "10_14", "10_15", "11_0", "12_0", "13_0", "14_0")),
        {**_POSIX, "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64"},
    ),
    System(
        "linux-amd64",
        _linux("x86_64"),
        {**_POSIX, "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    System(
        "linux-arm64",
        _linux("aarch64"),
        {**_POSIX, "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    ),
)


@dataclass(frozen=True)
class Pin:
    """A line of the requirements. `text`: name, version and hashes, without its marker."""

    name: str
    marker: Marker | None
    text: str

    def holds(self, system: System, python: str) -> bool:
        """Tell whether the pin is for this system and Python."""
        asked = {
            **system.marker,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }
        return self.marker is None or self.marker.evaluate(asked)


def pins(text: str) -> list[Pin]:
    """Return the pins of a compiled list of requirements, without what the desk goes without."""
    read = []
    for block in re.findall(r"^(?=\S)(?!#)(?:.*\\\n)*.*$", text, re.MULTILINE):
        head, _, hashes = block.partition("\\\n")
        requirement, _, marker = head.partition(";")
        name = requirement.partition("==")[0].strip()
        if name and name not in LEFT_OUT:
            read.append(
                Pin(name, Marker(marker) if marker.strip() else None, f"{requirement.strip()} \\\n{hashes}")
            )
    return read


def fetch(wanted: Sequence[Pin], tags: Sequence[str], python: str, cache: Path) -> list[Path]:
    """Return the wheels of some pins for one system and Python, fetched where the cache lacks them. Raises BuildFault.

    The cache is trusted by the hashes of the pins only: what does not match is fetched again.
    """
    key = hashlib.sha256(json.dumps([[pin.text for pin in wanted], list(tags), python]).encode()).hexdigest()[
        :24
    ]
    folder = cache / key
    known = {digest for pin in wanted for digest in re.findall(r"sha256:([0-9a-f]{64})", pin.text)}
    have = sorted(folder.glob("*.whl"))
    if len(have) == len(wanted) and all(
        hashlib.sha256(path.read_bytes()).hexdigest() in known for path in have
    ):
        return have
    for path in have:
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "requirements.txt"
    listed.write_text("\n".join(pin.text for pin in wanted) + "\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "download",
        "--quiet",
    ]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    command += ["--implementation", "cp", "--python-version", python]
    command += [word for tag in tags for word in ("--platform", tag)]
    done = subprocess.run(
        [*command, "-r", str(listed)], capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        reasons = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR")
        ] or done.stderr.splitlines()[-3:]
        raise BuildFault(
            f"The wheels for {tags[0]}, Python {python} could not be had from pip's package index:\n"
            + "\n".join(reasons)
        )
    return sorted(folder.glob("*.whl"))


def wheel_sets(
    cache: Path = CACHE, systems: Sequence[System] = SYSTEMS, pythons: Sequence[str] = PYTHONS
) -> dict[str, list[Path]]:
    """Return the wheels of each system and Python, named as `unpack.this_target` does. Raises BuildFault."""
    known = pins(REQUIREMENTS.read_text(encoding="utf-8"))
    sets = {}
    for system in systems:
        for python in pythons:
            wanted = [pin for pin in known if pin.holds(system, python)]
            for_all = [pin for pin in wanted if pin.name not in COMPILED]
            own = [pin for pin in wanted if pin.name in COMPILED]
            wheels = [*fetch(for_all, ("any",), python, cache), *fetch(own, system.tags, python, cache)]
            sets[f"{system.name}-cp{python.replace('.', '')}"] = wheels
    return sets


def least(wheels: Iterable[Path]) -> str:
    """Return the oldest system that all these wheels run on: such as `glibc 2.28`, `macos 11.0`, or nothing."""
    needs = [_oldest(path.name) for path in wheels]
    kinds = {kind for kind, _number in needs if kind}
    if not kinds:
        return ""
    (kind,) = kinds
    return f"{kind} " + ".".join(map(str, max(number for _kind, number in needs)))


def _oldest(name: str) -> tuple[str, tuple[int, ...]]:
    """Return the oldest system that one wheel runs on, by its most generous tag."""
    options = []
    for tag in parse_wheel_filename(name)[3]:
        platform = tag.platform.replace("manylinux2014", "manylinux_2_17")
        match = re.match(r"(manylinux|macosx)_(\d+)_(\d+)_", platform)
        if match:
            kind = "glibc" if match[1] == "manylinux" else "macos"
            options.append((kind, (int(match[2]), int(match[3]))))
    return min(options, default=("", ()))


def build(own: Path, out: Path, sets: Mapping[str, Sequence[Path]]) -> Path:
    """Write the file, its starters and the list of their hashes into a folder; return the file.

    The same wheels give the same bytes.
    """
    version = str(parse_wheel_filename(own.name)[1])
    wheels = {path.name: path for group in sets.values() for path in (own, *group)}
    manifest: dict[str, Any] = {
        "version": version,
        "sets": {
            name: {"least": least(group), "wheels": [own.name, *(path.name for path in group)]}
            for name, group in sorted(sets.items())
        },
        "wheels": {},
    }
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"meyasubako-desk-{version}.pyz"
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        file.write(_HEAD)
        with zipfile.ZipFile(file, "w") as archive:
            for name, path in sorted(wheels.items()):
                raw = path.read_bytes()
                manifest["wheels"][name] = hashlib.sha256(raw).hexdigest()
                archive.writestr(_entry(f"wheels/{name}"), raw)
            archive.writestr(_entry("manifest.json"), json.dumps(manifest, indent=1, sort_keys=True))
            here = Path(__file__).parent
            for name, source in (("__main__.py", "entry.py"), ("unpack.py", "unpack.py")):
                archive.writestr(_entry(name), (here / source).read_bytes())
    part.chmod(0o755)
    part.replace(target)
    made = [target, *starters.write(out, target.name)]
    (out / "SHA256SUMS").write_text(
        "".join(f"{_sha256(path)}  {path.name}\n" for path in made), encoding="utf-8"
    )
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = 0o644 << 16
    return entry


def main() -> int:
    """Make the file as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m admin.onefile.build", description="Make the desk as one file."
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parser.add_argument("--version", action="version", version=project["version"])
    parser.add_argument("wheel", type=Path, help="the project's own wheel (make wheel)")
    parser.add_argument("out", type=Path, help="the folder for the file and its starters")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where fetched wheels are kept")
    chosen = parser.parse_args()
    try:
        oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "requires-python"
        ]
        if oldest != f">={PYTHONS[0]}":
            raise BuildFault(f"requires-python is {oldest}; PYTHONS in {__file__} begins with {PYTHONS[0]}.")
        target = build(chosen.wheel, chosen.out, wheel_sets(chosen.cache))
    except BuildFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sums = (chosen.out / "SHA256SUMS").read_text(encoding="utf-8")
    sys.stdout.write(f"{target} ({target.stat().st_size / 1e6:.0f} MB) and its starters; SHA-256:\n{sums}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
