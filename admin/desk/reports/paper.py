"""The look of every PDF of the desk: A4 with a head and "page n of m", headings, tables and letters in Japanese.

What is printed is text that a stranger may have chosen, of any length: rows and letters go on over pages line by line,
and every printed line is counted. Lines break as `typeset` says. Nothing is written to a temporary file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, Final, cast

from fpdf import FPDF
from fpdf.enums import TextMode

from admin.desk.reports import typeset
from admin.desk.reports.fonts import FONT, font_path
from cases.days import JST

_SECOND: Final = "second"
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){4,}")
_QUOTES: Final = str.maketrans("‘’“”", "''\"\"")
"""The font's own quotation marks are as wide as kanji: a hole in a word that is no Japanese."""
_NUMBER: Final = "{number}"
_COUNT: Final = "{count}"
_PAGES: Final = "\x00pages"

Colour = tuple[int, int, int]
INK: Final[Colour] = (26, 26, 28)
GREY: Final[Colour] = (90, 92, 98)
RULE: Final[Colour] = (201, 201, 206)
SHADE: Final[Colour] = (243, 244, 247)
ACCENT: Final[Colour] = (0, 23, 193)
LATE: Final[Colour] = (168, 0, 26)
"""The desk's colours on white; each that letters have has a contrast of at least 4.5 to 1."""
TONES: Final[Mapping[str, Colour]] = {"late": LATE, "grey": GREY, "accent": ACCENT}
"""Tones of a text; a tone is never the only thing that says it."""

BODY: Final = 10.0
SMALL: Final = 8.5
_LEADING: Final = 0.56
"""Millimetres from line to line for each point of the letters' size."""
_LINE: Final = BODY * _LEADING
_PAD: Final = 1.3
_WHOLE: Final = 12
"""Lines: a row that has no more is not parted by a page's end."""

MOST_LINES: Final = 20_000
"""Printed lines of a section; about 450 pages."""

# Their warnings name letters of the text that the font lacks.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


@dataclass(frozen=True, repr=False)
class Cell:
    """A text in a table. `tone`: a key of TONES, "" for none; `strong`: bold."""

    text: str
    tone: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Head:
    """Head and foot of each page. `about`: at the left of its head; `notice`: below it; `pages`: the foot's words with
    "{number}" and "{count}"."""

    about: str
    notice: str = ""
    pages: str = "{number} / {count}"


class Paper(FPDF):
    """Paper of the size A4. `second`: the file of a font for letters that the first one lacks; None: none."""

    def __init__(self, head: Head, lang: str, day: date, second: Path | None = None) -> None:
        super().__init__(format="A4")
        self.head = head
        self._widths: dict[str, float] = {}
        self._cells: dict[str, str] = {}
        # fpdf2 puts the number of pages in its place: no text can have it, for it would be printed as its number.
        self.alias_nb_pages(_PAGES)
        self.set_lang(lang)
        self._quotes: dict[int, int] = {} if lang == "ja" else _QUOTES
        self.set_title(head.about)
        self.set_creator("Meyasubako")
        self.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=JST))  # a day, never a time
        self.add_font(FONT, "", str(font_path()))
        if second is not None:
            self.add_font(_SECOND, "", str(second))
        self.set_margins(20, 16, 20)
        self.set_auto_page_break(auto=False, margin=20)
        self.add_page()

    def header(self) -> None:
        """Print the head of a page: what it is about, and the notice below a rule."""
        self._style(SMALL, INK)
        self.set_y(10)
        notice = [self._printable(self.head.notice)] if self.head.notice else []
        self._put(self._shortened(self._printable(self.head.about), self.epw))
        self.ln(5)
        self.set_draw_color(*RULE)
        self.set_line_width(0.25)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1)
        self._style(7.5, GREY)
        for line in chain.from_iterable(typeset.lines(text, self.epw, self._width) for text in notice):
            self._put(line)
            self.ln(3.8)
        self.ln(4)

    def footer(self) -> None:
        """Print which page of how many this is."""
        self._style(SMALL, GREY)
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
        self._room(42)
        self.ln(5)
        self.text_block(text, 12.5, ACCENT, strong=True)
        self.ln(1.5)

    def subheading(self, text: str) -> None:
        """Print a heading within a part."""
        self._room(20)
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
        self._style(size, colour)
        for number, line in enumerate(typeset.lines(self._printable(text), self.epw, self._width), start=1):
            if number > most:
                break
            if self._room(size * _LEADING):
                self._style(size, colour)
            self._put(line, strong)
            self.ln(size * _LEADING)
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
        grid = _Grid(self, [self.epw * share / sum(shares) for share in shares], head, labels)
        return grid.put(rows, most)

    def letter(self, head: str, text: str, colour: Colour, most: int = MOST_LINES) -> int:
        """Print a letter: who wrote it to whom on which day, and its text beside a bar; return its lines as `grid`
        does."""
        self._room(18)
        self.ln(2)
        grid = _Grid(self, [self.epw], (), False, bar=colour)
        return grid.put([[Cell(head, strong=True)], [Cell(text)]], most)

    def has_letters(self, letters: Iterable[str]) -> bool:
        """Tell whether a font has each of these characters that can be printed."""
        return all(
            not char.isprintable() or char.isspace() or self._font_of(char) is not None for char in letters
        )

    def _room(self, height: float) -> bool:
        """Begin a page where there is less room than `height` (mm) on this one; tell whether that was so."""
        if self.get_y() + height <= self.h - self.b_margin:
            return False
        self.add_page()
        return True

    def _style(self, size: float, colour: Colour) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        # fpdf2 puts the graphics state back behind a text only where this is not the letters' colour: bold would stay.
        self.set_fill_color(*SHADE)

    def _put(self, line: str, strong: bool = False) -> None:
        """Print a line at the present place. The font has one weight: what is bold is drawn round as well."""
        size = self.font_size_pt
        self.text_mode = TextMode.FILL_STROKE if strong else TextMode.FILL
        self.set_line_width(size * 0.012)
        for font, letters in groupby(line, self._font_of):
            part = "".join(letters)
            self.set_font(font or FONT, size=size)
            self.cell(self._width(part), self.font_size, part, new_x="RIGHT", new_y="TOP")
        self.text_mode = TextMode.FILL
        self.set_font(FONT, size=size)

    def _shortened(self, line: str, width: float) -> str:
        if self._width(line) <= width:
            return line
        while line and self._width(line + "…") > width:
            line = line[:-1]
        return line + "…"

    def _width(self, text: str) -> float:
        return sum(map(self._letter_width, text))

    def _letter_width(self, letter: str) -> float:
        """Return a letter's width in the document's unit (mm) at the present size."""
        of_em = self._widths.get(letter)
        if of_em is None:
            size = self.font_size_pt
            self.set_font(self._font_of(letter) or FONT, size=size)
            self._widths[letter] = of_em = self.get_string_width(letter) / self.font_size
            self.set_font(FONT, size=size)
        return of_em * self.font_size

    def _font_of(self, char: str) -> str | None:
        """Return the font that has a letter; None: neither has."""
        for font in (FONT, _SECOND):
            if font.lower() in self.fonts and ord(char) in self._letters(font):
                return font
        return None

    def _letters(self, font: str) -> Mapping[int, Any]:
        return cast(Mapping[int, Any], cast(Any, self.fonts[font.lower()]).cmap)

    def _printable(self, text: str) -> str:
        """Return what a page can show.

        What can turn the text around or has no letter here becomes its number; a run of empty lines becomes how many
        there were: each would take a page's room.
        """
        shown = _EMPTY_LINES.sub(
            lambda match: f"\n〔\\n × {len(match[0])}〕\n", typeset.printed(text).translate(self._quotes)
        )
        for char in set(shown) - self._cells.keys():
            plain = char in "\n\u3000" or (char.isprintable() and self._font_of(char) is not None)
            self._cells[char] = char if plain else f"〔U+{ord(char):04X}〕"
        return "".join(map(self._cells.__getitem__, shown))


@dataclass
class _Grid:
    """A table while it is printed. Each cell goes on, line by line, on as many pages as it needs."""

    paper: Paper
    widths: Sequence[float]
    head: Sequence[str]
    labels: bool
    bar: Colour | None = None

    def put(self, rows: Sequence[Sequence[Cell]], most: int) -> int:
        taken = 0
        if self.head and rows:
            self.paper._room(28)
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
        paper._style(BODY, INK)
        return typeset.lines(paper._printable(cell.text), width - 2 * _PAD - self._indent, self._wide)

    def _wide(self, text: str) -> float:
        # A row's cells are broken one after the other while pages begin: the size is set anew each time.
        if self.paper.font_size_pt != BODY:
            self.paper.set_font(FONT, size=BODY)
        return self.paper._width(text)

    @property
    def _indent(self) -> float:
        return 3.0 if self.bar else 0.0

    def _page_if(self, height: float) -> None:
        if self.paper._room(height) and self.head:
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
            paper._style(BODY, TONES.get(cell.tone, GREY if label else INK))
            for number, line in enumerate(lines):
                paper.set_xy(left + _PAD + self._indent, top + _PAD + number * _LINE + 0.9)
                paper._put(line, cell.strong)
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
