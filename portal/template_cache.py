"""Page template cache: pages that differ in a few values only are rendered once, and then filled in.

The form and its receipt are what everybody needs when many report at a time, and rendering them costs as much
as sealing and storing the report. A cached page holds public text only: where a reporter's values belong it has
gaps.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from templates import shown

MAX_KEPT: Final = 64


@dataclass(frozen=True)
class CachedPage:
    """A page in pieces: text, name of a value, text, name of a value ... text."""

    pieces: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the page with the values in its gaps, escaped."""
        return "".join(
            str(escape(shown(values[piece]))) if place % 2 else piece
            for place, piece in enumerate(self.pieces)
        )


def cut(names: tuple[str, ...], render: Callable[[Mapping[str, str]], str]) -> CachedPage:
    """Render a page with a random mark in place of each value, and cut it at the marks."""
    marks = {secrets.token_hex(16): name for name in names}
    page = render({name: mark for mark, name in marks.items()})
    pieces = re.split("(" + "|".join(marks) + ")", page)
    return CachedPage(tuple(marks.get(piece, piece) for piece in pieces))


class TemplateCache:
    """The cached pages of one site: the latest for each place."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, CachedPage]] = {}

    def fill(
        self,
        place: Hashable,
        state: Hashable,
        values: Mapping[str, str],
        render: Callable[[Mapping[str, str]], str],
    ) -> str:
        """Return a filled page. `state`: all that it shows besides the values."""
        known = self._kept.get(place)
        if known is None or known[0] != state:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            known = (state, cut(tuple(values), render))
            self._kept[place] = known
        return known[1].fill(values)


class Parts:
    """Parts of pages that follow from days and the language, and hold nothing else: made once for each `state`."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Markup, ...]] = {}

    def get(self, state: Hashable, render: Callable[[], tuple[Markup, ...]]) -> tuple[Markup, ...]:
        """Return the parts for a state."""
        made = self._kept.get(state)
        if made is None:
            made = render()
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[state] = made
        return made
