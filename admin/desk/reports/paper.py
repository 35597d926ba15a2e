"""The look of every PDF of the desk: A4 with a head and "page n of m", headings, tables and letters in Japanese.

What is printed is text that a stranger may have chosen, of any length: rows and letters go on over pages line by line,
and every printed line is counted. Lines break as `typeset` says. Nothing is written to a temporary file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from admin.desk.reports import typeset
from admin.desk.reports.colours import ACCENT, GREY, INK, RULE, Colour
from admin.desk.reports.grid import BODY, LEADING, Cell, PrintedGrid
from admin.desk.reports.lettering import Lettering
from cases.days import JST

_NUMBER: Final = "{number}"
_COUNT: Final = "{count}"
_PAGES: Final = "\x00pages"
SMALL: Final = 8.5

MOST_LINES: Final = 20_000
"""Printed lines of a section; about 450 pages."""


@dataclass(frozen=True)
class Head:
    """Head and foot of each page. `about`: at the left of its head; `notice`: below it; `pages`: the foot's words with
    "{number}" and "{count}"."""

    about: str
    notice: str = ""
    pages: str = "{number} / {count}"


class Paper(Lettering):
    """Paper of the size A4. `second`: the file of a font for letters that the first one lacks; None: none."""

    def __init__(self, head: Head, lang: str, day: date, second: Path | None = None) -> None:
        super().__init__(lang, second)
        self.head = head
        # fpdf2 puts the number of pages in its place: no text can have it, for it would be printed as its number.
        self.alias_nb_pages(_PAGES)
        self.set_title(head.about)
        self.set_creator("Meyasubako")
        self.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=JST))  # a day, never a time
        self.set_margins(20, 16, 20)
        self.set_auto_page_break(auto=False, margin=20)
        self.add_page()

    def header(self) -> None:
        """Print the head of a page: what it is about, and the notice below a rule."""
        self.style(SMALL, INK)
        self.set_y(10)
        notice = [self.printable(self.head.notice)] if self.head.notice else []
        self.put(self.shortened(self.printable(self.head.about), self.epw))
        self.ln(5)
        self.set_draw_color(*RULE)
        self.set_line_width(0.25)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1)
        self.style(7.5, GREY)
        for line in chain.from_iterable(typeset.lines(text, self.epw, self.width_of) for text in notice):
            self.put(line)
            self.ln(3.8)
        self.ln(4)

    def footer(self) -> None:
        """Print which page of how many this is."""
        self.style(SMALL, GREY)
        words = self.head.pages.replace(_NUMBER, str(self.page_no())).replace(_COUNT, _PAGES)
        self.set_y(-14)
        self.cell(0, 6, words, align="R")

    def title_block(self, title: str, under: Sequence[str] = ()) -> None:
        """Print what the document is, large, and lines below it."""
        self.text_block(title, 17, strong=True)
        for text in under:
            self.text_block(text, 9, GREY)
        self.ln(2)

    def heading(self, text: str) -> None:
        """Print a part's heading, with room for a table's head and a row below it."""
        self.room(42)
        self.ln(5)
        self.text_block(text, 12.5, ACCENT, strong=True)
        self.ln(1.5)

    def subheading(self, text: str) -> None:
        """Print a heading within a part."""
        self.room(20)
        self.ln(2.5)
        self.text_block(text, BODY, strong=True)
        self.ln(1)

    def text_block(
        self,
        text: str,
        size: float = BODY,
        colour: Colour = INK,
        strong: bool = False,
        most: int = MOST_LINES,
    ) -> int:
        """Print a text's first lines, at most `most`; return how many it has, or `most` + 1 if it has more."""
        number = 0
        self.style(size, colour)
        for number, line in enumerate(typeset.lines(self.printable(text), self.epw, self.width_of), start=1):
            if number > most:
                break
            if self.room(size * LEADING):
                self.style(size, colour)
            self.put(line, strong)
            self.ln(size * LEADING)
        return number

    def grid(
        self,
        rows: Sequence[Sequence[Cell]],
        shares: Sequence[float],
        head: Sequence[str] = (),
        labels: bool = False,
        most: int = MOST_LINES,
    ) -> int:
        """Print a table; return how many lines it took, `most` + 1 where it had more and was cut.

        `shares`: the columns' widths as parts of the page's; `head`: repeated on each page; `labels`: the first column
        names the row.
        """
        grid = PrintedGrid(self, [self.epw * share / sum(shares) for share in shares], head, labels)
        return grid.put(rows, most)

    def letter(self, head: str, text: str, colour: Colour, most: int = MOST_LINES) -> int:
        """Print a letter: who wrote it to whom on which day, and its text beside a bar; return its lines as `grid`
        does."""
        self.room(18)
        self.ln(2)
        grid = PrintedGrid(self, [self.epw], (), False, bar=colour)
        return grid.put([[Cell(head, strong=True)], [Cell(text)]], most)
