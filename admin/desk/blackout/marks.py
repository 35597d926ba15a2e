"""Marks of a file's blacked-out parts: boxes on pages, whole pages, words. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FULL: Final = 10_000
"""The width and the height of a page in the unit of a box: hundredths of a percent."""
MOST_BOXES: Final = 500
"""Boxes on a page."""
_NUMBER: Final = r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%?"
_LINE: Final = re.compile(r"\s*".join([_NUMBER, *[r"[\s,]\s*" + _NUMBER] * 3]))


class BadBoxes(Exception):
    """A line that is no box: four percentages, left, top, width, height."""


@dataclass(frozen=True, order=True)
class BlackBox:
    """A rectangle in hundredths of a percent of its page's width and height, from the left and the top."""

    left: int
    top: int
    width: int
    height: int

    def text(self) -> str:
        """Return the box as people write it: four percentages."""
        return " ".join(f"{side / 100:g}" for side in (self.left, self.top, self.width, self.height))


def box_of(left: float, top: float, right: float, bottom: float) -> BlackBox | None:
    """Return the box between two corners in hundredths of a percent, as far as it is on the page; None for none."""
    first, above = max(0, min(FULL, round(left))), max(0, min(FULL, round(top)))
    last, below = max(0, min(FULL, round(right))), max(0, min(FULL, round(bottom)))
    return BlackBox(first, above, last - first, below - above) if last > first and below > above else None


def read_boxes(text: str) -> tuple[BlackBox, ...]:
    """Return the boxes of a text with one on each line, in order, none twice. Raises BadBoxes.

    Digits of full width, commas and percent signs are read too.
    """
    boxes: list[BlackBox] = []
    for line in unicodedata.normalize("NFKC", text).replace("、", ",").splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise BadBoxes
        left, top, width, height = (float(part) * 100 for part in match.groups())
        box = box_of(left, top, left + width, top + height)
        if box is None:
            raise BadBoxes
        if box not in boxes:
            boxes.append(box)
    if len(boxes) > MOST_BOXES:
        raise BadBoxes
    return tuple(boxes)


def write_boxes(boxes: Iterable[BlackBox]) -> str:
    """Return boxes as `read_boxes` reads them."""
    return "\n".join(box.text() for box in boxes)


@dataclass(frozen=True, repr=False)
class Marks:
    """The black boxes of one file. `boxes` and `whole`: by page, the first is 1; `words`: wherever found."""

    boxes: Mapping[int, tuple[BlackBox, ...]] = field(default_factory=dict)
    whole: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()

    def digest(self) -> bytes:
        """Return a hash (32 bytes) of what is to be painted: another one is another drawing."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).digest()

    def as_json(self) -> dict[str, Any]:
        """Return the marks for the other process."""
        return {
            "boxes": {
                str(page): [[box.left, box.top, box.width, box.height] for box in boxes]
                for page, boxes in sorted(self.boxes.items())
            },
            "whole": sorted(self.whole),
            "words": list(self.words),
        }


def marks_of(said: Mapping[str, Any]) -> Marks:
    """Return the marks that `as_json` wrote."""
    boxes = {int(page): tuple(BlackBox(*sides) for sides in listed) for page, listed in said["boxes"].items()}
    return Marks(boxes, frozenset(said["whole"]), tuple(said["words"]))
