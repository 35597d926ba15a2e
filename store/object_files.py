"""Sealed files as files in a folder, for sites on SQLite (ADR 0048).

An object loses `.part` from its name when it is whole and on the disk: only whole objects can be named.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Final

from store import object_disk as disk
from store.database_faults import StoreFailed
from store.object_disk import HEADER_BYTES
from store.object_limits import Full, Named, Octets, TooLarge, WrongOffset
from store.object_nightly import NightlyRun
from store.object_places import KEPT, NAMED, PART, PLACES, TRASH, WAITING, ObjectPlaces
from store.object_room import WaitingRoom, counted

_LOOKS: Final = 3
_NO_DAY: Final = date(1970, 1, 1)
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class _Moved(Exception):
    """The file was moved meanwhile: look again."""


class ObjectFolder(ObjectPlaces):
    """The sealed files of one site. `max_waiting`: bytes of all objects that no envelope names; `reserve`: bytes of the
    disk that stay free; `failed`: is told of each fault. All methods raise StoreFailed when the folder fails.
    """

    def __init__(
        self,
        folder: Path,
        max_waiting: int,
        reserve: int,
        failed: Callable[[StoreFailed], None] = lambda _fault: None,
    ) -> None:
        super().__init__(folder, failed)
        self._room = WaitingRoom(folder / WAITING, max_waiting, reserve)
        self.nightly: Final = NightlyRun(self, self._room)

    def prepare(self) -> None:
        """Make the folder where there is none, and drop what a power failure may have left half on the disk."""
        if self.folder.is_file():
            raise StoreFailed(
                f"{self.folder} is a file of an earlier version and has to be a folder (docs/operations.md)",
                f"{self.folder} は以前の版のファイルです。フォルダーが必要です。",
            )
        with self.faults():
            for path in self.folders:
                with suppress(FileExistsError):
                    path.mkdir(mode=0o700)
                    disk.sync_folder(path.parent)
            with self.locked():
                self._drop_unsynced()

    def check(self) -> None:
        """Try what the folder is needed for. Raises StoreFailed, which says what is wrong with which folder."""
        self.prepare()
        for path in self.folders:
            status = path.stat()
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise StoreFailed(
                    f"{path} has to belong to the service's user alone (chown it to that user; chmod 700)",
                    f"{path} は、サービスの利用者だけが使えるようにしてください(chown、chmod 700)。",
                )
        with self.faults():
            trial = self.folder / WAITING / f"{secrets.token_hex(16)}{PART}"
            try:
                for place in (NAMED, KEPT, TRASH):
                    with disk.new_file(trial) as handle:
                        os.fsync(handle)
                    trial = trial.rename(self.folder / place / trial.name)
                    trial.unlink()
                    trial = self.folder / WAITING / trial.name
            finally:
                trial.unlink(missing_ok=True)

    def try_writing(self) -> None:
        """Make an empty file and remove it. Raises StoreFailed."""
        trial = self.folder / WAITING / f"{secrets.token_hex(16)}{PART}"
        try:
            with self.faults(), disk.new_file(trial):
                pass
        finally:
            with suppress(OSError):
                trial.unlink(missing_ok=True)

    def have(self, object_id: bytes) -> int:
        """Return how many bytes of an object are here; 0 if none."""
        with self.faults():
            whole = self.whole(object_id.hex())
            if whole is not None:
                return whole
            with suppress(FileNotFoundError):
                return max(0, self.part(object_id.hex()).stat().st_size - HEADER_BYTES)
        return 0

    def is_complete(self, object_id: bytes) -> bool:
        """Tell whether all bytes of an object are here, and on the disk."""
        with self.faults():
            return self.whole(object_id.hex()) is not None or self._finish(object_id.hex())

    def put(self, object_id: bytes, total: int, offset: int, parts: Sequence[Octets], today: date) -> int:
        """Store the next piece; return how many bytes are here. Raises WrongOffset, TooLarge, Full, Named."""
        name = object_id.hex()
        with self.faults():
            while True:
                if self.is_named(name):
                    raise Named
                whole = disk.length_at(self.folder / WAITING / name)
                if whole is not None:
                    if whole != total:
                        raise TooLarge
                    return whole
                with suppress(_Moved), self._opened_part(name, is_new=offset == 0) as handle:
                    return self._append(handle, name, total, offset, parts, today)

    def end(self, object_id: bytes, total: int) -> None:
        """Say how long an object is: it is complete now. Raises WrongOffset, Named."""
        name = object_id.hex()
        with self.faults():
            if self.is_named(name):
                raise Named
            if disk.length_at(self.folder / WAITING / name) != total and not self._finish(name, total):
                raise WrongOffset(self.have(object_id))

    def read(self, object_id: bytes, offset: int, size: int) -> tuple[bytes, int]:
        """Return up to `size` bytes of a complete object from `offset`, and its length. Raises KeyError."""
        with self.faults():
            for place in PLACES * _LOOKS:
                path = self.folder / place / object_id.hex()
                with suppress(FileNotFoundError), disk.reading_file(path) as handle:
                    total = disk.whole_length(handle)
                    if total is not None:
                        data = os.pread(handle, min(size, max(0, total - offset)), HEADER_BYTES + offset)
                    # A file that was moved to the trash meanwhile may be overwritten already.
                    if disk.is_at(handle, path):
                        if total is None:
                            break
                        return data, total
        raise KeyError("no such object, or not all of it")

    def is_readable(self, object_id: bytes) -> bool:
        """Tell whether an object can be read, as long as it says that it is."""
        try:
            self.read(object_id, 0, 0)
        except KeyError:
            return False
        return True

    def claim(self, object_ids: Collection[bytes], today: date) -> bool:
        """Make sure that objects are here, whole and on the disk, and stay; False when one is not."""
        with self.faults():
            if not all(self.is_complete(object_id) for object_id in object_ids):
                return False
            with self.locked():
                for name in (object_id.hex() for object_id in object_ids):
                    if self.whole(name) is None:
                        return False
                    with suppress(FileNotFoundError):
                        disk.set_day(self.folder / WAITING / name, today)
            disk.sync_folder(self.folder / WAITING)
        return True

    def let_go(self, object_ids: Collection[bytes], today: date) -> None:
        """Count objects as waiting again."""
        with self.faults():
            trash: list[Path] = []
            with self.locked():
                for name in (object_id.hex() for object_id in object_ids):
                    waits = self.folder / WAITING / name
                    # In two places only where a nightly run was interrupted.
                    for path in (self.folder / KEPT / name, self.folder / NAMED / name):
                        if path.exists() and waits.exists():
                            trash.append(self.to_trash(path))
                        elif path.exists():
                            path.rename(waits)
                            disk.set_day(waits, today)
            self.sync()
            for path in trash:
                disk.wipe(path)
            self._room.forget()

    def settle(self, object_id: bytes) -> None:
        """Count an object that an envelope names as waiting no longer."""
        name = object_id.hex()
        with self.faults():
            with self.locked(), suppress(FileNotFoundError):
                (self.folder / WAITING / name).rename(self.folder / NAMED / name)
            self._room.forget()

    def delete(self, object_id: bytes, end: date) -> None:
        """Delete an object that waits, and overwrite it, unless it was claimed on the day `end` or later."""
        name, trash = object_id.hex(), list[Path]()
        with self.faults():
            with self.locked():
                for path in (self.folder / WAITING / name, self.part(name)):
                    with suppress(FileNotFoundError):
                        if disk.day_of(path.stat()) < end:
                            trash.append(self.to_trash(path))
            for path in trash:
                disk.wipe(path)
            self._room.forget()

    def waiting_since_before(self, end: date) -> list[bytes]:
        """Return the ids of the objects that wait since before a day."""
        names = {path.name.removesuffix(PART) for path in self.older(WAITING, end)}
        return [
            bytes.fromhex(name) for name in names if len(name) == 32 and set(name) <= set("0123456789abcdef")
        ]

    def clear_trash(self) -> None:
        """Overwrite and remove what an interruption left in the trash."""
        with self.faults():
            for path in self.paths(TRASH):
                disk.wipe(path)

    def keep(self, object_id: bytes, total: int, pieces: Iterable[bytes]) -> None:
        """Store a whole object that an envelope names, from a backup; `end_keeping` follows the last one."""
        path = self.folder / KEPT / object_id.hex()
        part = path.with_name(path.name + PART)
        with self.faults():
            with disk.new_file(part) as handle:
                disk.write_at(handle, [disk.header(total)], 0)
                at = HEADER_BYTES
                for piece in pieces:
                    disk.write_at(handle, [piece], at)
                    at += len(piece)
                disk.set_day(handle, _NO_DAY)
                os.fsync(handle)
            part.rename(path)

    def end_keeping(self) -> None:
        """Bring the names of what was kept to the disk."""
        with self.faults():
            self.sync()

    def clear(self) -> None:
        """Overwrite and remove all objects: before a backup is restored."""
        with self.faults():
            for place in (*PLACES, TRASH):
                for path in self.paths(place):
                    disk.wipe(path)
            self._room.forget()

    def _append(
        self, handle: int, name: str, total: int, offset: int, parts: Sequence[Octets], today: date
    ) -> int:
        length = sum(map(len, parts))
        size = os.fstat(handle).st_size
        have = max(0, size - HEADER_BYTES)
        if size >= HEADER_BYTES and disk.said_length(handle) != total:
            raise TooLarge
        if offset + length > have:
            if offset != have:
                raise WrongOffset(have)
            more = counted(have + length) - counted(have)
            try:
                self._room.check(more)
                disk.write_at(handle, parts if have else [disk.header(total), *parts], size if have else 0)
                disk.set_day(handle, today)
                disk.begin_writing(handle, size if have else 0, HEADER_BYTES + offset + length)
            except (OSError, Full):
                with suppress(OSError):
                    os.ftruncate(handle, size if have else 0)
                    if not have:
                        self.part(name).unlink()
                raise
            self._room.add(more)
            have += length
        if have == total:
            self._publish(handle, name)
        return have

    def _finish(self, name: str, total: int | None = None) -> bool:
        """Make a part whole whose bytes are all here: `total`, or as many as were said; False when they are not."""
        with suppress(WrongOffset, _Moved), self._opened_part(name, is_new=False) as handle:
            have = os.fstat(handle).st_size - HEADER_BYTES
            if have <= 0 or have != (disk.said_length(handle) if total is None else total):
                return False
            if total is not None:
                day = disk.day_of(os.fstat(handle))
                disk.write_at(handle, [disk.header(total)], 0)
                disk.set_day(handle, day)
            self._publish(handle, name)
            return True
        return self.whole(name) is not None and total is None

    def _publish(self, handle: int, name: str) -> None:
        """Bring a whole part to the disk, and give it its name."""
        try:
            os.fsync(handle)
        except OSError:
            # What the disk took of it is not known, and a second fsync would not tell.
            with self.locked(), suppress(OSError):
                self.to_trash(self.part(name))
            raise
        self.part(name).rename(self.folder / WAITING / name)

    @contextmanager
    def _opened_part(self, name: str, is_new: bool) -> Iterator[int]:
        """Give a part, opened and locked. Raises WrongOffset where there is none and `is_new` is False, _Moved."""
        path = self.part(name)
        try:
            handle = os.open(path, os.O_RDWR | (os.O_CREAT if is_new else 0), 0o600)
        except FileNotFoundError:
            if is_new:
                raise  # the folder is gone
            raise WrongOffset(0) from None
        try:
            disk.lock(handle)
            if not disk.is_at(handle, path):
                raise _Moved
            if (self.folder / WAITING / name).exists() or self.is_named(name):
                path.unlink()  # empty: made between the last look and the lock
                raise _Moved
            yield handle
        finally:
            os.close(handle)

    def _drop_unsynced(self) -> None:
        """After a start of the machine: bytes of parts may be missing on the disk although their number is right."""
        try:
            boot = _BOOT_ID.read_bytes()
        except OSError:
            return
        note = self.folder / "boot"
        if note.exists() and note.read_bytes() == boot:
            return
        for path in self.paths(WAITING):
            if path.name.endswith(PART):
                self.to_trash(path)
        note.touch(mode=0o600)
        note.write_bytes(boot)
