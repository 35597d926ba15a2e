"""Letters on a page of a PDF: the font of each, their widths, and what stands for those without a letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final, cast

from fpdf import FPDF
from fpdf.enums import TextMode

from admin.desk.reports import typeset
from admin.desk.reports.colours import SHADE, Colour
from admin.desk.reports.fonts import FONT, font_path

_SECOND: Final = "second"
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){4,}")
_QUOTES: Final = str.maketrans("‘’“”", "''\"\"")
"""The font's own quotation marks are as wide as kanji: a hole in a word that is no Japanese."""


class Lettering(FPDF):
    """A4 that letters are put on. `second`: the file of a font for letters that the first one lacks; None: none."""

    def __init__(self, lang: str, second: Path | None = None) -> None:
        super().__init__(format="A4")
        self._widths: dict[str, float] = {}
        self._cells: dict[str, str] = {}
        self.set_lang(lang)
        self._quotes: dict[int, int] = {} if lang == "ja" else _QUOTES
        self.add_font(FONT, "", str(font_path()))
        if second is not None:
            self.add_font(_SECOND, "", str(second))

    def has_letters(self, letters: Iterable[str]) -> bool:
        """Tell whether a font has each of these characters that can be printed."""
        return all(
            not char.isprintable() or char.isspace() or self._font_of(char) is not None for char in letters
        )

    def room(self, height: float) -> bool:
        """Begin a page where there is less room than `height` (mm) on this one; tell whether that was so."""
        if self.get_y() + height <= self.h - self.b_margin:
            return False
        self.add_page()
        return True

    def style(self, size: float, colour: Colour) -> None:
        """Go on in letters of a size (points) and a colour."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        # fpdf2 puts the graphics state back behind a text only where this is not the letters' colour: bold would stay.
        self.set_fill_color(*SHADE)

    def put(self, line: str, strong: bool = False) -> None:
        """Print a line at the present place. The font has one weight: what is bold is drawn round as well."""
        size = self.font_size_pt
        self.text_mode = TextMode.FILL_STROKE if strong else TextMode.FILL
        self.set_line_width(size * 0.012)
        for font, letters in groupby(line, self._font_of):
            part = "".join(letters)
            self.set_font(font or FONT, size=size)
            self.cell(self.width_of(part), self.font_size, part, new_x="RIGHT", new_y="TOP")
        self.text_mode = TextMode.FILL
        self.set_font(FONT, size=size)

    def shortened(self, line: str, width: float) -> str:
        """Return a line, or as much of its beginning as fits a width (mm)."""
        if self.width_of(line) <= width:
            return line
        while line and self.width_of(line + "…") > width:
            line = line[:-1]
        return line + "…"

    def width_of(self, text: str) -> float:
        """Return a line's width in the document's unit (mm) at the present size."""
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

    def printable(self, text: str) -> str:
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
