"""Steps before the desk runs: check the wheels, unpack this system's, check the unpacked files.

Each wheel's SHA-256 has to be the one in the file's own list (`manifest.json`). The tree is in a folder of its own,
readable by its user only, whose name holds the hash of the whole file; it appears under that name whole or not at all.
At each start every file of it is compared with the wheels, and a tree with a file that differs, is missing or was added
is made anew; so is one that a power cut left with empty files. Python's compiled files are neither written nor read:
there is nothing to compare them with.

Standard library only: nothing else is there yet.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

MANIFEST: Final = "manifest.json"
WHEELS: Final = "wheels/"
REFUSED: Final = 1
CONFIGURATION: Final = 3
_CHUNK: Final = 1024 * 1024


class StartFault(Exception):
    """The desk can't be started from this file; the text is for people. `code`: of the process."""

    def __init__(self, text: str, code: int = CONFIGURATION) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class DeskFile:
    """An opened file. `sha256`: of the whole file, in hexadecimal. `manifest`: its list of wheels and systems."""

    path: Path
    archive: zipfile.ZipFile
    sha256: str
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The version of the desk in it."""
        return str(self.manifest["version"])

    def wheels(self, target: str) -> list[str]:
        """Return the names of one system's wheels. Raises StartFault for a system that it has none for."""
        try:
            return list(self.manifest["sets"][target]["wheels"])
        except KeyError:
            known = ", ".join(sorted(self.manifest["sets"]))
            raise StartFault(
                f"このファイルには、このパソコンと Python({target})用の部品がありません。入っているもの: {known}\n"
                f"This file has no parts for this system and Python ({target}). It has: {known}.\n"
                "Install one of these versions of Python (for 64 bit) from https://www.python.org/downloads/. "
                "Nothing is lost."
            ) from None

    def wheel(self, name: str) -> bytes:
        """Return a wheel whose hash is the one in the list. Raises StartFault."""
        try:
            raw = self.archive.read(WHEELS + name)
        except (KeyError, zipfile.BadZipFile, EOFError, ValueError):
            raw = b""
        if hashlib.sha256(raw).hexdigest() != self.manifest["wheels"].get(name):
            raise StartFault(
                f"ファイルが壊れているか、変えられています({name})。"
                "受け取り直し、公開されている SHA-256 と比べてください。\n"
                f"The file is damaged or was changed ({name}). Get it anew and compare it with the published SHA-256. "
                "Nothing was unpacked, and nothing is lost.",
                REFUSED,
            )
        return raw


@contextmanager
def opened(path: Path) -> Iterator[DeskFile]:
    """Open the file. Raises StartFault."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            yield DeskFile(path, archive, digest, json.loads(archive.read(MANIFEST)))
    except (OSError, zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise StartFault(f"{path}: {type(error).__name__}") from None


def this_target() -> str:
    """Return what this system and this Python are called in the list, such as `windows-amd64-cp312`."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    bits = "" if sys.maxsize > 2**32 else "-32bit"
    kind = "cp" if sys.implementation.name == "cpython" else sys.implementation.name
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{system}-{machine}{bits}-{kind}{sys.version_info[0]}{sys.version_info[1]}{threads}"


def check_system(least: str) -> None:
    """Raise StartFault when this system is older than its wheels need. `least`: such as `glibc 2.28`, `macos 11.0`."""
    kind, _, number = least.partition(" ")
    own = platform.mac_ver()[0] if kind == "macos" else platform.libc_ver()[1] if kind == "glibc" else ""
    if kind == "glibc" and platform.libc_ver()[0] != "glibc":
        raise StartFault(
            "このシステムには glibc が必要です。\nThis desk needs a Linux with glibc (not musl). Nothing is lost."
        )
    if kind and _number(own) < _number(number):
        raise StartFault(
            f"このシステムは古く、デスクの部品を使えません({least} 以降が必要です)。\n"
            f"This system is too old for the desk's parts: they need {least} or newer. Nothing is lost."
        )


def _number(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdigit()]


def data_folder() -> Path:
    """Return this user's folder for application data: what `platformdirs` says too."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME", "").strip() or str(Path.home() / ".local" / "share")
    return Path(base) / "meyasubako"


def tree_of(file: DeskFile, target: str) -> Path:
    """Return where the file's wheels for a system are unpacked."""
    return data_folder() / "program" / f"{file.sha256[:32]}-{target}"


def expected(file: DeskFile, target: str) -> dict[str, tuple[str, int]]:
    """Return each path of the unpacked tree with its SHA-256 (as RECORD writes it) and its size in bytes.

    Raises StartFault for a wheel that is not as the list has it, or with a path that leads out of the tree.
    """
    files: dict[str, tuple[str, int]] = {}
    for name in file.wheels(target):
        with zipfile.ZipFile(io.BytesIO(file.wheel(name))) as wheel:
            files |= listed(wheel, name)
    return files


def listed(wheel: zipfile.ZipFile, name: str) -> dict[str, tuple[str, int]]:
    """Return what a wheel's RECORD lists. RECORD itself, which can't list its own hash, is taken from the archive."""
    (record,) = (path for path in wheel.namelist() if path.endswith(".dist-info/RECORD"))
    raw = wheel.read(record)
    files = {record: (_digest(raw), len(raw))}
    for path, digest, size in csv.reader(io.StringIO(raw.decode("utf-8"))):
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or ":" in path or "\\" in path:
            raise StartFault(f"{name}: {path}", REFUSED)
        if digest:
            files[path] = (digest, int(size))
    return files


def _digest(raw: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()


def differences(tree: Path, files: Mapping[str, tuple[str, int]]) -> list[str]:
    """Return the paths of a tree that differ from what it has to hold, lack, or were added."""
    wrong, seen = [], set()
    for folder, _folders, names in os.walk(tree):
        for name in names:
            path = Path(folder, name)
            inside = path.relative_to(tree).as_posix()
            seen.add(inside)
            digest, size = files.get(inside, ("", -1))
            if path.is_symlink() or path.stat().st_size != size or _digest(path.read_bytes()) != digest:
                wrong.append(inside)
    return sorted([*wrong, *(path for path in files if path not in seen)])


def ready(file: DeskFile, target: str) -> Path:
    """Return the unpacked tree, after making it or making it anew where it has to be. Raises StartFault."""
    tree = tree_of(file, target)
    files = expected(file, target)
    try:
        for folder in (data_folder(), tree.parent):  # a parent that mkdir makes by itself is open to all
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if tree.is_dir() and not tree.is_symlink() and not differences(tree, files):
            return tree
        with _alone(tree.parent / "lock"):
            _make(file, target, tree, files)
    except OSError as error:
        raise StartFault(
            f"デスクを展開できませんでした。空き容量と、このフォルダーに書き込めるかをご確認ください: {tree.parent}\n"
            f"The desk could not be unpacked ({error.strerror}). Please look whether the disk has room (about 300 MB) "
            f"and whether you may write into {tree.parent}. Nothing is lost.",
            REFUSED,
        ) from None
    return tree


def _make(file: DeskFile, target: str, tree: Path, files: Mapping[str, tuple[str, int]]) -> None:
    """Unpack beside the tree's place and move it there; what an earlier start left half done is removed."""
    for left in tree.parent.glob("*.part"):
        shutil.rmtree(left, ignore_errors=True)
    if os.path.lexists(tree):
        if tree.is_dir() and not tree.is_symlink() and not differences(tree, files):
            return  # another start made it meanwhile
        _say(
            "展開したデスクがファイルの中身と違うため、展開し直します。\n"
            "The unpacked desk is not what the file has: it is unpacked anew."
        )
        tree.rename(broken := tree.with_name(f"{tree.name}.broken.part"))
        shutil.rmtree(broken, ignore_errors=True)
    else:
        _say("デスクを展開しています(最初の一度だけ)。\nUnpacking the desk (the first time only).")
    part = tree.with_name(f"{tree.name}.part")
    part.mkdir(mode=0o700)
    for name in file.wheels(target):
        with zipfile.ZipFile(io.BytesIO(file.wheel(name))) as wheel:
            for path in listed(wheel, name):
                wheel.extract(path, part)
    if wrong := differences(part, files):
        shutil.rmtree(part, ignore_errors=True)
        raise StartFault(f"{wrong[0]}: not what its wheel's list says. Nothing was unpacked.", REFUSED)
    part.rename(tree)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock that ends with the process: one start unpacks, a second one waits for it."""
    with lock.open("ab") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def report(file: DeskFile) -> int:
    """Print what `--check` says; return 0 when the file is whole and what is unpacked is what it has."""
    target = this_target()
    damaged = [name for name in file.manifest["wheels"] if not _holds(file, name)]
    lines = [
        f"version   {file.version}",
        f"file      {file.path}",
        f"sha256    {file.sha256}",
        f"system    {target}",
        f"wheels    {len(file.manifest['wheels'])}, "
        + ("; ".join(damaged) + " DIFFER" if damaged else "all as listed"),
    ]
    tree, wrong = tree_of(file, target), []
    if tree.is_dir() and not damaged:
        wrong = differences(tree, expected(file, target))
        lines.append(
            f"unpacked  {tree}: "
            + (f"{len(wrong)} files DIFFER, such as {wrong[0]}" if wrong else "as in the file")
        )
    else:
        lines.append("unpacked  nothing yet")
    sys.stdout.write("\n".join(lines) + "\n")
    _say(
        "公開されている SHA-256 と比べるには、OS のコマンドで計算してください"
        "(certutil -hashfile、shasum -a 256、sha256sum)。\n"
        "To compare with the published SHA-256, have the system compute it (certutil -hashfile, shasum -a 256, "
        "sha256sum): a changed file could print any."
    )
    return REFUSED if damaged or wrong else 0


def _holds(file: DeskFile, name: str) -> bool:
    try:
        return bool(file.wheel(name))
    except StartFault:
        return False


def main(arguments: Sequence[str]) -> int:
    """Run the file: `--check`, or the desk, or another command of `meyasubako`. Return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    path = Path(sys.argv[0]).resolve()
    if not (sys.flags.isolated and sys.flags.dont_write_bytecode):
        # Without -I the user's own modules and PYTHONPATH would come before the ones that were checked.
        command = [sys.executable, "-I", "-B", str(path), *arguments]
        if os.name == "posix":
            os.execv(sys.executable, command)
        return subprocess.call(command)
    try:
        with opened(path) as file:
            target = this_target()
            if list(arguments) == ["--check"]:
                return report(file)
            file.wheels(target)
            check_system(file.manifest["sets"][target]["least"])
            tree = ready(file, target)
            origin = {"path": str(path), "sha256": file.sha256, "version": file.version, "tree": str(tree)}
    except StartFault as fault:
        _say(str(fault))
        return fault.code
    return _run(tree, arguments, origin)


def _run(tree: Path, arguments: Sequence[str], origin: Mapping[str, str]) -> int:
    """Run the command out of the tree; of the rest of this Python only the standard library is left in reach."""
    out = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    rest = [
        path
        for path in sys.path
        if path not in out and Path(path).name not in ("site-packages", "dist-packages")
    ]
    sys.path[:] = [str(tree), *(path for path in rest if Path(path) != Path(origin["path"]))]
    from admin.cli import main as command

    words = list(arguments)
    is_command = bool(words) and (not words[0].startswith("-") or words[0] == "--version")
    command.main(words if is_command else ["desk", *words], "meyasubako", obj=dict(origin))
    return 0
