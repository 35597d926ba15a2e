"""Layout of charts: positions of bars, lines and labels. The page draws them as SVG, the PDF with its own lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

WIDTH: Final = 360.0
"""Units of a picture's width; a unit is about a CSS pixel on a phone."""
_TOP, _BOTTOM, _HEIGHT = 40.0, 150.0, 172.0
_AXIS: Final = 26.0
_WIDEST: Final = 26.0
_ROW: Final = 32.0
_NUMBER: Final = 44.0
"""Room for the number behind a bar."""
_LABELS_AT_MOST: Final = 12


@dataclass(frozen=True)
class Box:
    """A bar. `tone`: `now`, `before` or `late`."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True)
class Words:
    """A text at the height of its base line. `anchor`: start, middle or end; `tone`: `ink` or `soft`."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    tone: str = "ink"


@dataclass
class Picture:
    """A drawing: lines (two ends each), bars and words, in units from the upper left corner."""

    height: float
    width: float = WIDTH
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    """A month: its name, how many, and how many in the month of the same place before (None: not shown)."""

    label: str
    count: int
    before: int | None = None


def columns(of: Sequence[Column], now: str, before: str) -> Picture:
    """Return columns with their numbers, those of the period before beside them. `now`, `before`: names for both."""
    picture = Picture(_HEIGHT)
    most = max([1, *(column.count for column in of), *(column.before or 0 for column in of)])
    step = _step(most)
    top = -(-most // step) * step
    for value in range(0, top + 1, step):
        y = _BOTTOM - (_BOTTOM - _TOP) * value / top
        picture.lines.append((_AXIS, y, WIDTH, y))
        picture.words.append(Words(_AXIS - 6, y + 4, str(value), "end", "soft"))
    room = (WIDTH - _AXIS) / max(len(of), 1)
    both = any(column.before is not None for column in of)
    width = min(room * (0.36 if both else 0.6), _WIDEST)
    every = -(-len(of) // _LABELS_AT_MOST)
    for place, column in enumerate(of):
        middle = _AXIS + room * (place + 0.5)
        left = middle - width if both else middle - width / 2
        if column.before:
            picture.boxes.append(_standing(left, width, column.before, top, "before"))
        at = middle + 1 if both else left
        if column.count:
            picture.boxes.append(_standing(at, width, column.count, top, "now"))
            if room >= 18:
                height = (_BOTTOM - _TOP) * column.count / top
                picture.words.append(Words(at + width / 2, _BOTTOM - height - 4, str(column.count), "middle"))
        if place % every == 0:
            picture.words.append(Words(middle, _BOTTOM + 16, column.label, "middle", "soft"))
    _legend(picture, now, before if both else "")
    return picture


def _standing(x: float, width: float, count: int, top: int, tone: str) -> Box:
    height = (_BOTTOM - _TOP) * count / top
    return Box(x, _BOTTOM - height, width, height, tone)


def _legend(picture: Picture, now: str, before: str) -> None:
    names = [("now", now), ("before", before)] if before else []
    for place, (tone, text) in enumerate(names):
        x = _AXIS + place * (WIDTH - _AXIS) / 2
        picture.boxes.append(Box(x, 4, 10, 10, tone))
        picture.words.append(Words(x + 15, 13, text, "start", "soft"))


def bars(rows: Sequence[tuple[str, int]], late: Sequence[int] = ()) -> Picture:
    """Return lying bars, each below its name. `late`: the places of those that are drawn as late."""
    picture = Picture(max(len(rows), 1) * _ROW)
    most = max([1, *(count for _label, count in rows)])
    for place, (label, count) in enumerate(rows):
        y = place * _ROW
        width = (WIDTH - _NUMBER) * count / most
        picture.words.append(Words(0, y + 12, label, "start", "soft"))
        picture.boxes.append(Box(0, y + 16, max(width, 1.5), 10, "late" if place in late else "now"))
        picture.words.append(Words(max(width, 1.5) + 7, y + 25.5, str(count)))
    return picture


def _step(most: int) -> int:
    """Return the distance of the lines for counts up to `most`: whole numbers, at most five lines."""
    size = 1
    while True:
        for times in (1, 2, 5):
            if most <= size * times * 4:
                return size * times
        size *= 10
