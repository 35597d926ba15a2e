"""A table on paper: rows of cells that go on, line by line, on as many pages as they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from admin.desk.reports import typeset
from admin.desk.reports.colours import GREY, INK, RULE, SHADE, TONES, Colour
from admin.desk.reports.fonts import FONT
from admin.desk.reports.lettering import Lettering

BODY: Final = 10.0
LEADING: Final = 0.56
"""Millimetres from line to line for each point of the letters' size."""
_LINE: Final = BODY * LEADING
_PAD: Final = 1.3
_WHOLE: Final = 12
"""Lines: a row that has no more is not parted by a page's end."""


@dataclass(frozen=True, repr=False)
class Cell:
    """A text in a table. `tone`: a key of TONES, "" for none; `strong`: bold."""

    text: str
    tone: str = ""
    strong: bool = False


@dataclass
class PrintedGrid:
    """A table while it is printed. Each cell goes on, line by line, on as many pages as it needs."""

    paper: Lettering
    widths: Sequence[float]
    head: Sequence[str]
    labels: bool
    bar: Colour | None = None

    def put(self, rows: Sequence[Sequence[Cell]], most: int) -> int:
        """Print rows; return how many lines they took, `most` + 1 where they had more and were cut."""
        taken = 0
        if self.head and rows:
            self.paper.room(28)
            self.paper.ln(2)
            self._head()
        for row in rows:
            taken += self._row(row, most - taken)
            if taken > most:
                break
        self._rule()
        return taken

    def _head(self) -> None:
        cells = [Cell(text, "grey", strong=True) for text in self.head]
        lines = [list(self._lines(cell, width)) for cell, width in self._columns(cells)]
        self._chunk(cells, lines, SHADE)

    def _row(self, row: Sequence[Cell], most: int) -> int:
        """Print a row; return how many lines it has, `most` + 1 where it was cut."""
        texts, need = _ahead([self._lines(cell, width) for cell, width in self._columns(row)], _WHOLE + 1)
        self._page_if((need if need <= _WHOLE else 3) * _LINE + 2 * _PAD)
        taken = 0
        while need:
            parts = [list(islice(text, self._fit())) for text in texts]
            lines = max(map(len, parts))
            if taken + lines > most:
                parts = [part[: most - taken] for part in parts]
            self._rule()
            self._chunk(row, parts)
            taken += lines
            if taken > most:
                return most + 1
            texts, need = _ahead(texts, 1)
            self._page_if(_LINE + 2 * _PAD if need else 0)
        return taken

    def _fit(self) -> int:
        """Return how many lines the page has room for, at least one."""
        paper = self.paper
        return max(int((paper.h - paper.b_margin - paper.get_y() - 2 * _PAD) / _LINE), 1)

    def _columns(self, row: Sequence[Cell]) -> Iterator[tuple[Cell, float]]:
        return zip(row, self.widths, strict=True)

    def _lines(self, cell: Cell, width: float) -> Iterator[str]:
        paper = self.paper
        paper.style(BODY, INK)
        return typeset.lines(paper.printable(cell.text), width - 2 * _PAD - self._indent, self._wide)

    def _wide(self, text: str) -> float:
        # A row's cells are broken one after the other while pages begin: the size is set anew each time.
        if self.paper.font_size_pt != BODY:
            self.paper.set_font(FONT, size=BODY)
        return self.paper.width_of(text)

    @property
    def _indent(self) -> float:
        return 3.0 if self.bar else 0.0

    def _page_if(self, height: float) -> None:
        if self.paper.room(height) and self.head:
            self._head()

    def _chunk(
        self, row: Sequence[Cell], parts: Sequence[Sequence[str]], shade: Colour | None = None
    ) -> None:
        paper = self.paper
        left, top = paper.l_margin, paper.get_y()
        tall = max(map(len, parts)) * _LINE + 2 * _PAD
        ground = shade or (SHADE if self.labels else None)
        if ground:
            paper.set_fill_color(*ground)
            paper.rect(left, top, paper.epw if shade else self.widths[0], tall, style="F")
        if self.bar:
            paper.set_fill_color(*self.bar)
            paper.rect(left, top, 0.9, tall, style="F")
        for cell, width, lines in zip(row, self.widths, parts, strict=True):
            label = self.labels and cell is row[0]
            paper.style(BODY, TONES.get(cell.tone, GREY if label else INK))
            for number, line in enumerate(lines):
                paper.set_xy(left + _PAD + self._indent, top + _PAD + number * _LINE + 0.9)
                paper.put(line, cell.strong)
            left += width
        paper.set_xy(paper.l_margin, top + tall)

    def _rule(self) -> None:
        paper = self.paper
        if self.bar:
            return
        paper.set_draw_color(*RULE)
        paper.set_line_width(0.2)
        paper.line(paper.l_margin, paper.get_y(), paper.l_margin + sum(self.widths), paper.get_y())


def _ahead(texts: Sequence[Iterator[str]], number: int) -> tuple[list[Iterator[str]], int]:
    """Return the same texts, not read yet, and how many lines the longest has, at most `number`."""
    begun = [list(islice(text, number)) for text in texts]
    again: list[Iterator[str]] = [chain(lines, text) for lines, text in zip(begun, texts, strict=True)]
    return again, max(map(len, begun))
