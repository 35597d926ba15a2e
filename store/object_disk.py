"""One sealed file in the folder of files (ADR 0048): HEAD, the object's length, its bytes; its time is a day."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

HEAD: Final = b"mybkobj1"
HEADER_BYTES: Final = len(HEAD) + 8
_AT_ONCE: Final = 1_048_576
_PAGE: Final = 4096
_PARTS_AT_ONCE: Final = 1_000
"""Fewer than the system takes in one call (IOV_MAX)."""


def header(total: int) -> bytes:
    """Return what a file of an object of `total` bytes begins with."""
    return HEAD + total.to_bytes(8, "big")


def said_length(handle: int) -> int | None:
    """Return the length that an open file says its object has; None when it does not begin as one."""
    begin = os.pread(handle, HEADER_BYTES, 0)
    is_one = len(begin) == HEADER_BYTES and begin.startswith(HEAD)
    return int.from_bytes(begin[len(HEAD) :], "big") if is_one else None


def whole_length(handle: int) -> int | None:
    """Return the length of the object in an open file; None when not just its bytes are there."""
    total = said_length(handle)
    return total if total == os.fstat(handle).st_size - HEADER_BYTES else None


@contextmanager
def reading_file(path: Path) -> Iterator[int]:
    """Give an open file, whose time of the last reading stays what it is. Raises OSError."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        handle = os.open(path, os.O_RDONLY)  # another user's, or a file system without it
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Give a new open file, readable by its owner only. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def write_at(handle: int, parts: Sequence[bytes | bytearray | memoryview], at: int) -> None:
    """Write all of the parts one behind the other from a place on. Raises OSError."""
    left = [memoryview(part) for part in parts]
    while left:
        done = os.pwritev(handle, left[:_PARTS_AT_ONCE], at)
        at += done
        while left and done >= len(left[0]):
            done -= len(left.pop(0))
        if left:
            left[0] = left[0][done:]


def is_at(handle: int, path: Path) -> bool:
    """Tell whether an open file is the one that a path names."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)


def wipe(path: Path) -> None:
    """Overwrite a file on the disk, and remove it; nothing where there is none. Raises OSError."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        lock(handle)  # a writer that had it open first ends before
        size = os.fstat(handle).st_size
        for at in range(0, size, _AT_ONCE):
            write_at(handle, [bytes(min(_AT_ONCE, size - at))], at)
        # Without it the file system would forget the zeros together with the file.
        os.fsync(handle)
    finally:
        os.close(handle)
    with suppress(FileNotFoundError):
        path.unlink()


def begin_writing(handle: int, begin: int, end: int) -> None:
    """Have the system begin to bring a part of an open file to the disk, so that fsync finds little to do.

    The first page stays in memory: its header is read for each piece. Raises OSError.
    """
    if hasattr(os, "posix_fadvise"):
        begin = max(begin, _PAGE)
        os.posix_fadvise(handle, begin, max(1, end - begin), os.POSIX_FADV_DONTNEED)


def lock(handle: int) -> None:
    """Wait for the lock of an open file; closing it lets go. Raises OSError."""
    fcntl.flock(handle, fcntl.LOCK_EX)


def length_at(path: Path) -> int | None:
    """Return the length of the object in a file; None where there is none. Raises OSError."""
    try:
        return max(0, path.stat().st_size - HEADER_BYTES)
    except FileNotFoundError:
        return None


def set_day(file: Path | int, day: date) -> None:
    """Set both times of a file to the start of a day (UTC). Raises OSError."""
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    os.utime(file, (start, start))


def day_of(status: os.stat_result) -> date:
    """Return the day that a file's time says."""
    return datetime.fromtimestamp(status.st_mtime, UTC).date()


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked_file(path: Path, is_patient: bool = True) -> Iterator[bool]:
    """Hold the lock of a file; False where another has it and `is_patient` is False. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if is_patient else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
