"""The folders of a SQLite site's sealed files, and how an object moves from one to the next (ADR 0048).

`waiting/` holds what no envelope names yet (`<id>.part` while bytes are missing), `named/` what was named since the
last nightly run, `kept/` what that run wrote anew, `trash/` what is being overwritten.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Final

from store import object_disk as disk
from store.database_faults import StoreFailed, file_of_another

PART: Final = ".part"
WAITING: Final = "waiting"
NAMED: Final = "named"
KEPT: Final = "kept"
TRASH: Final = "trash"
PLACES: Final = (WAITING, NAMED, KEPT)
"""In the order in which an object moves: a look in this order misses none."""
_JAPANESE: Final = {
    errno.ENOSPC: "ディスクに空きがありません。",
    errno.EACCES: "添付ファイルのフォルダーを使う権限がありません。",
}


class ObjectPlaces:
    """The folders of one site's objects. `failed` is told of each fault."""

    def __init__(self, folder: Path, failed: Callable[[StoreFailed], None]) -> None:
        self.folder: Final = folder
        self.failed: Final = failed

    @property
    def folders(self) -> list[Path]:
        """The folder and those in it."""
        return [self.folder, *(self.folder / place for place in (*PLACES, TRASH))]

    def whole(self, name: str) -> int | None:
        """Return the length of a complete object, None where there is none."""
        sizes = (disk.length_at(self.folder / place / name) for place in PLACES * 2)
        return next((size for size in sizes if size is not None), None)

    def is_named(self, name: str) -> bool:
        """Tell whether an object was named. `name`: its id in hex, as everywhere here."""
        # Asked for each piece: texts, as paths cost more than the call.
        return any(os.path.exists(f"{self.folder}/{place}/{name}") for place in (NAMED, KEPT))

    def part(self, name: str) -> Path:
        """Return where an object is while bytes are missing."""
        return self.folder / WAITING / (name + PART)

    def to_trash(self, path: Path) -> Path:
        """Take a file's name away; what is left is to be wiped."""
        return path.rename(self.folder / TRASH / secrets.token_hex(16))

    def paths(self, place: str) -> list[Path]:
        """Return the files in a place. Raises OSError."""
        with os.scandir(self.folder / place) as entries:
            return [Path(entry.path) for entry in entries]

    def older(self, place: str, day: date) -> list[Path]:
        """Return the files in a place whose day is before another."""
        older: list[Path] = []
        with self.faults():
            for path in self.paths(place):
                with suppress(FileNotFoundError):
                    if disk.day_of(path.stat()) < day:
                        older.append(path)
        return older

    def sync(self) -> None:
        """Bring the names in the folders to the disk. Raises OSError."""
        for place in PLACES:
            disk.sync_folder(self.folder / place)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other threads and workers from moving objects for the length of the block."""
        with disk.locked_file(self.folder / "lock"):
            yield

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Raise StoreFailed, without a name of a file, for a fault of the folder."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            whose = file_of_another(self.folder) if error.errno in (errno.EACCES, errno.EPERM) else None
            fault = StoreFailed(
                f"the folder of files failed: {reason}" + (f"; {whose[0]}" if whose else ""),
                _JAPANESE.get(error.errno or 0, f"添付ファイルのフォルダーを使えません({reason})。")
                + (whose[1] if whose else ""),
                code=errno.errorcode.get(error.errno or 0, ""),
            )
            self.failed(fault)
            raise fault from None
