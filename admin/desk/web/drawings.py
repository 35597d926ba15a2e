"""Drawn pages with their boxes, and which pages were viewed: in memory until the desk is locked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from admin.desk.blackout import process
from admin.desk.blackout.marks import Marks
from admin.desk.blackout.process import CannotDraw, DrawnPage, Look, PageLook
from admin.desk.reports.fonts import font_path

MOST: Final = 120 * 1024 * 1024
"""Bytes of all drawn pages together: less than the process that makes one file of them takes (blackout.wire.MOST)."""
_LOOKS: Final = 6
_Seen = TypeVar("_Seen", Look, PageLook)


@dataclass(repr=False)
class Drawing:
    """A file of which some or all pages are drawn."""

    look: Look
    pages: list[DrawnPage] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Tell whether all pages are drawn."""
        return len(self.pages) == len(self.look.sizes)

    @property
    def passages(self) -> int:
        """How many passages are blacked out in it."""
        return sum(page.passages for page in self.pages)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(len(page.picture) for page in self.pages)


class Drawings:
    """Drawn pages, by file and marks. `forget` drops all of it, also what is being drawn meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[bytes, bytes], Drawing] = {}
        self._looks: OrderedDict[tuple[object, ...], Look | PageLook] = OrderedDict()
        self._run = 0

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self._looks.clear()
            self._run += 1

    def of(self, object_id: bytes, marks: Marks) -> Drawing | None:
        """Return what is drawn of a file with these marks."""
        with self._lock:
            return self._kept.get((object_id, marks.digest()))

    def retain(self, wanted: Iterable[tuple[bytes, Marks]]) -> None:
        """Drop every drawing but these, by file and marks."""
        keys = {(object_id, marks.digest()) for object_id, marks in wanted}
        with self._lock:
            self._kept = {key: drawing for key, drawing in self._kept.items() if key in keys}

    def go_on(self, object_id: bytes, marks: Marks, data: bytes, seconds: float) -> Drawing:
        """Draw a file a little further, for about so many seconds, at least one page. Raises CannotDraw."""
        with self._lock:
            run, drawing = self._run, self._kept.get((object_id, marks.digest()))
        font = font_path()
        drawing = drawing or Drawing(process.look(data, font))
        first, last = len(drawing.pages) + 1, len(drawing.look.sizes)
        more = process.draw(data, font, marks, first, last, seconds) if first <= last else []
        drawing = Drawing(drawing.look, [*drawing.pages, *more])
        with self._lock:
            rest = sum(other.size for (kept, _), other in self._kept.items() if kept != object_id)
            if rest + drawing.size > MOST:
                raise CannotDraw("large")
            if self._run == run:
                self._kept[object_id, marks.digest()] = drawing
        return drawing

    def look(self, object_id: bytes, data: bytes) -> Look:
        """Return what a file is. Raises CannotDraw."""
        return self._looked((object_id,), lambda: process.look(data, font_path()))

    def page(
        self, object_id: bytes, data: bytes, number: int, words: tuple[str, ...], width: int
    ) -> PageLook:
        """Return a page as it is. Raises CannotDraw."""
        place = (object_id, number, words, width)
        return self._looked(place, lambda: process.page(data, font_path(), number, words, width))

    def _looked(self, place: tuple[object, ...], ask: Callable[[], _Seen]) -> _Seen:
        with self._lock:
            run, known = self._run, self._looks.get(place)
        if known is not None:
            return cast(_Seen, known)
        seen = ask()
        with self._lock:
            if self._run == run:
                self._looks[place] = seen
                while len(self._looks) > _LOOKS:
                    self._looks.popitem(last=False)
        return seen
