"""Files that a command reads and writes; never over one that exists."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from admin.commands.support.exit_codes import Exit, Failure


def read_file(path: Path, what: str, code: Exit = Exit.REFUSED, limit: int = 4_000_000) -> bytes:
    """Return a file's bytes. Raises Failure."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise Failure(code, f"The {what} {path} can't be read: {error.strerror}.") from None
    if len(raw) > limit:
        raise Failure(code, f"{path} is too large to be a {what}.")
    return raw


def write_new(path: Path, raw: bytes, mode: int = 0o600) -> None:
    """Write a new file and see it onto the disk; never over another one. Raises Failure."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except FileExistsError:
        raise Failure(Exit.REFUSED, f"{path} exists already. It was left as it is.") from None
    except OSError as error:
        raise Failure(Exit.REFUSED, f"{path} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Failure(Exit.REFUSED, f"{path} can't be written: {error.strerror}.") from None


def is_open_to_others(path: Path) -> bool:
    """Tell whether other users of this computer can read or change a file. Windows has no modes: False there, and for a
    file that is not there.
    """
    if os.name != "posix":
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


@contextmanager
def undone_on_failure(made: list[Path]) -> Iterator[None]:
    """Remove the files that this run made when it does not come to its end, so that it can be run again."""
    try:
        yield
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
        raise
