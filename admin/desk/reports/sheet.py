"""A4 pages of blocks, one or two beside each other: words, tables and pictures that measure their height first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext
from fpdf import FPDF

from admin.desk.labels.i18n import show_day
from admin.desk.reports import typeset
from admin.desk.reports.colours import ACCENT, GREY, INK, LATE, RULE, SHADE
from admin.desk.reports.fonts import FONT, font_path, lacking, second_font
from admin.desk.reports.pictures import Picture

WIDTH, HEIGHT, EDGE, GAP = 210.0, 297.0, 16.0, 8.0
FULL: Final = WIDTH - 2 * EDGE
HALF: Final = (FULL - GAP) / 2
_FOOT: Final = 18.0
_WHITE: Final = (255, 255, 255)
COLOURS: Final = {
    "ink": INK,
    "soft": GREY,
    "now": ACCENT,
    "before": (176, 182, 196),
    "late": LATE,
    "line": RULE,
    "tint": SHADE,
}
"""By tone: those of the pictures (`pictures`), and of words."""
_POINT: Final = 0.3528
"""mm."""
_PAGES: Final = "\x00pages"


@dataclass(frozen=True)
class Block:
    """A part of a page with its height (mm); `draw` puts it at a place (x, y)."""

    height: float
    draw: Callable[[float, float], None]


class Sheet(FPDF):
    """Pages that are written from top to bottom. `title`, `period`: on each later page; `made_by`: in the foot."""

    def __init__(self, title: str, period: str, day: date, made_by: str) -> None:
        super().__init__(format="A4")
        self.heading, self.period, self.day, self.made_by = title, period, day, made_by
        self.add_font(FONT, "", str(font_path()))
        if (second := second_font(lacking(frozenset(made_by)))) is not None:
            self.add_font("second", "", str(second))
            self.set_fallback_fonts(["second"])
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.alias_nb_pages(_PAGES)

    def header(self) -> None:
        """Say on each later page what this is; the first one has its band."""
        self.set_y(EDGE)
        if self.page_no() > 1:
            self.words(f"{self.heading}  {self.period}", 8, EDGE, FULL, "soft")
            self.set_y(EDGE + 8)

    def footer(self) -> None:
        """Say who made it and which page this is."""
        self.set_draw_color(*COLOURS["line"])
        self.line(EDGE, HEIGHT - _FOOT, WIDTH - EDGE, HEIGHT - _FOOT)
        self.set_y(HEIGHT - _FOOT + 3)
        made = gettext("Made on %(day)s by %(name)s", day=show_day(self.day), name=self.made_by)
        self.words(str(made), 7.5, EDGE, FULL - 20, "soft")
        self.set_font(FONT, size=7.5)
        self.set_xy(WIDTH - EDGE - 20, HEIGHT - _FOOT + 3)
        self.cell(20, 4, f"{self.page_no()} / {_PAGES}", align="R")

    def put(self, *blocks: Block) -> None:
        """Draw blocks beside each other, on the next page if they don't fit this one."""
        top, height = self.get_y(), max(block.height for block in blocks)
        if top + height > HEIGHT - _FOOT - 4:
            self.add_page()
            top = self.get_y()
        for place, block in enumerate(blocks):
            block.draw(EDGE + place * (HALF + GAP), top)
        self.set_y(top + height + 5)

    def words(self, text: str, size: float, x: float, width: float, tone: str = "ink") -> None:
        """Write a text from the present height on."""
        for line in self.lines_of(text, size, width):
            self.put_words(line, size, x, self.get_y(), tone)
            self.set_y(self.get_y() + size * 0.53)

    def put_words(
        self,
        text: str,
        size: float,
        x: float,
        y: float,
        tone: str = "ink",
        align: str = "L",
        width: float = 0,
    ) -> None:
        """Write one line at a place. `tone`: a key of COLOURS, anything else is white; `width` (mm): for `align`."""
        self.set_font(FONT, size=size)
        self.set_text_color(*COLOURS.get(tone, _WHITE))
        self.set_xy(x, y)
        self.cell(width or self.get_string_width(text) + 1, size * 0.5, text, align=align)

    def lines_of(self, text: str, size: float, width: float) -> list[str]:
        """Return a text broken into lines of a width (mm)."""
        self.set_font(FONT, size=size)
        return list(typeset.lines(typeset.printed(text), width, self.get_string_width))

    def height_of(self, text: str, size: float, width: float) -> float:
        """Return how high (mm) a text is that is broken into lines of a width (mm)."""
        return len(self.lines_of(text, size, width)) * size * 0.53

    def width_of(self, text: str, size: float) -> float:
        """Return how wide (mm) a line is."""
        self.set_font(FONT, size=size)
        return float(self.get_string_width(text))

    def headed(
        self, heading: str, height: float, width: float, draw: Callable[[float, float], None]
    ) -> Block:
        """Return a block with a heading above; `height` and `draw`: of what is below it."""
        above = self.height_of(heading, 10.5, width) + 2.5

        def with_heading(x: float, y: float) -> None:
            self.set_y(y)
            self.words(heading, 10.5, x, width)
            draw(x, y + above)

        return Block(above + height, with_heading)

    def said(self, sentences: Sequence[str], width: float) -> Block:
        """Return sentences, each on lines of its own."""
        height = sum(self.height_of(sentence, 8.5, width) + 1 for sentence in sentences)

        def draw(x: float, y: float) -> None:
            self.set_y(y)
            for sentence in sentences:
                self.words(sentence, 8.5, x, width, "soft")
                self.set_y(self.get_y() + 1)

        return Block(height, draw)

    def put_picture(self, picture: Picture, x: float, y: float, scale: float) -> None:
        """Draw a picture at a place. `scale`: mm for each of its units."""
        self.set_draw_color(*COLOURS["line"])
        self.set_line_width(0.15)
        for x1, y1, x2, y2 in picture.lines:
            self.line(x + x1 * scale, y + y1 * scale, x + x2 * scale, y + y2 * scale)
        for box in picture.boxes:
            self.set_fill_color(*COLOURS[box.tone])
            self.rect(x + box.x * scale, y + box.y * scale, box.width * scale, box.height * scale, style="F")
        size = 12 * scale / _POINT
        self.set_font(FONT, size=size)
        for word in picture.words:
            wide = self.get_string_width(word.text)
            left = {"start": 0.0, "middle": wide / 2, "end": wide}[word.anchor]
            self.set_text_color(*COLOURS[word.tone])
            self.text(x + word.x * scale - left, y + word.y * scale, word.text)

    def numbers(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], last_is_sum: bool = False
    ) -> Block:
        """A table whose first row is its head and whose first column is text, the others numbers."""
        size, line = 8.5, 4.6
        texts = [self.lines_of(row[0], size, widths[0] - 2) for row in rows]
        heights = [max(len(lines), 1) * line + 2.4 for lines in texts]

        def draw(x: float, y: float) -> None:
            for place, row in enumerate(rows):
                tone = "soft" if place == 0 else "ink"
                for number, text in enumerate(texts[place]):
                    self.put_words(text, size, x, y + 1 + number * line, tone)
                right = x + widths[0]
                for cell, width in zip(row[1:], widths[1:], strict=True):
                    self.put_words(cell, size, right, y + 1, tone, "R", width)
                    right += width
                y += heights[place]
                strong = place == 0 or (last_is_sum and place == len(rows) - 2)
                self.set_draw_color(*COLOURS["soft" if strong else "line"])
                self.set_line_width(0.2)
                self.line(x, y, x + sum(widths), y)

        return Block(sum(heights), draw)
