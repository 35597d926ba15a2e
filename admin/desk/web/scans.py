"""Scans for a report that is written down: sealed as soon as they are read, in memory until it is sent or locked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Final

from admin.desk.blackout import process
from admin.desk.blackout.marks import Marks
from admin.desk.blackout.process import CannotDraw
from admin.desk.casework.intake import SealedScan, seal_scan
from admin.desk.reports.fonts import font_path
from crypto.payloads import MAX_FILES

MOST_BYTES: Final = 64 * 1024 * 1024
"""Bytes of all scans of a report together, sealed."""
_SECONDS: Final = 25.0
_TYPES: Final = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


class Scans:
    """The scans of the one report that is being written down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[SealedScan, ...] = ()
        self._run = 0

    @property
    def all(self) -> tuple[SealedScan, ...]:
        """The scans, in order."""
        with self._lock:
            return self._kept

    def forget(self) -> None:
        """Drop them, and what is being read meanwhile."""
        with self._lock:
            self._kept = ()
            self._run += 1

    def remove(self, object_id: str) -> None:
        """Drop one, by its id in hexadecimal."""
        with self._lock:
            self._kept = tuple(scan for scan in self._kept if scan.entry["object"] != object_id)

    def add(self, data: bytes, today: date, named: Callable[[int], str]) -> None:
        """Make a scan anew out of its pixels, seal it, and put it behind the others. `named`: its name by its number,
        without an ending. Raises CannotDraw.
        """
        with self._lock:
            run, number = self._run, len(self._kept) + 1
        font = font_path()
        look = process.look(data, font)
        pages = process.draw(data, font, Marks(), 1, len(look.sizes), _SECONDS)
        if len(pages) < len(look.sizes):
            raise CannotDraw("slow")
        made = process.made_of(look, pages, today, font)
        scan = seal_scan(made, f"{named(number)}.{look.ending}", _TYPES[look.ending], look.told)
        with self._lock:
            if self._run != run:
                return
            if len(self._kept) >= MAX_FILES or len(scan.sealed) + sum(map(_size, self._kept)) > MOST_BYTES:
                raise CannotDraw("large")
            self._kept = (*self._kept, scan)


def _size(scan: SealedScan) -> int:
    return len(scan.sealed)
