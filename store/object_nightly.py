"""The nightly run over a SQLite site's sealed files: none of their times is finer than a day afterwards (ADR 0048)."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path

from store import object_disk as disk
from store.object_limits import MAX_PIECE
from store.object_places import KEPT, NAMED, PART, ObjectPlaces
from store.object_room import WaitingRoom


class NightlyRun:
    """Writes anew what was named before today."""

    def __init__(self, places: ObjectPlaces, room: WaitingRoom) -> None:
        self._places, self._room = places, room

    def renew(self, today: date) -> int:
        """Write anew what was named before a day, in random order: then a file's change and birth, the order of inodes
        and the folders' times are this run's, and say nothing of when each file came. Return how many; 0 where another
        is at it.

        What is left when it fails is done in the next run.
        """
        with (
            self._places.faults(),
            disk.locked_file(self._places.folder / "batch", is_patient=False) as is_mine,
        ):
            due = [path.name for path in self._places.older(NAMED, today)] if is_mine else []
            if due:
                for path in self._places.paths(KEPT):
                    if path.name.endswith(PART):
                        disk.wipe(self._places.to_trash(path))
            secrets.SystemRandom().shuffle(due)
            for name in due:
                self._renew(name)
            # A folder's own times would tell when the last file came, for as long as no other comes.
            for path in self._places.folders if is_mine else []:
                disk.set_day(path, today)
        return len(due)

    def left_behind(self, today: date) -> int:
        """Return how many objects were named before a day and not written anew since."""
        return len(self._places.older(NAMED, today))

    def _renew(self, name: str) -> None:
        named, kept = self._places.folder / NAMED / name, self._places.folder / KEPT / name
        if not kept.exists() and not self._copy(named, kept):
            return
        disk.sync_folder(self._places.folder / KEPT)
        with suppress(FileNotFoundError):
            with self._places.locked():
                trash = self._places.to_trash(named)
            disk.wipe(trash)

    def _copy(self, named: Path, kept: Path) -> bool:
        """Copy a file; False when its case was deleted meanwhile."""
        part = kept.with_name(kept.name + PART)
        with suppress(FileNotFoundError), disk.reading_file(named) as old:
            status = os.fstat(old)
            if not self._room.has_disk(status.st_size):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            try:
                with disk.new_file(part) as new:
                    at = 0
                    # By hand: what the file system copies may share the old one's blocks, which are overwritten next.
                    while data := os.pread(old, MAX_PIECE, at):
                        disk.write_at(new, [data], at)
                        at += len(data)
                    disk.set_day(new, disk.day_of(status))
                    os.fsync(new)
                with self._places.locked():
                    if disk.is_at(old, named):
                        part.rename(kept)
                        return True
            finally:
                disk.wipe(part)
        return False
