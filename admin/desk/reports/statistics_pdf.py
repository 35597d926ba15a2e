"""The statistics of a period as a PDF for the board: one or two pages A4. Counts and days, no word of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask_babel import gettext
from fpdf import FPDF

from admin.desk.labels import statistics as labels
from admin.desk.labels.i18n import N_, language, show_day
from admin.desk.labels.tiles import Tile, tiles
from admin.desk.reports import statistics_pictures, typeset
from admin.desk.reports.fonts import FONT, font_path, lacking, second_font
from admin.desk.reports.paper import ACCENT, GREY, INK, LATE, RULE, SHADE
from admin.desk.reports.pictures import Picture
from admin.desk.reports.statistics import ShownStatistics
from admin.desk.reports.statistics_pictures import Drawn
from cases.days import JST
from cases.totals import YearTotal

_WIDTH, _HEIGHT, _EDGE, _GAP = 210.0, 297.0, 16.0, 8.0
_FULL: Final = _WIDTH - 2 * _EDGE
_HALF: Final = (_FULL - _GAP) / 2
_BAND, _FOOT = 30.0, 18.0
_WHITE: Final = (255, 255, 255)
_TONES: Final = {
    "ink": INK,
    "soft": GREY,
    "now": ACCENT,
    "before": (176, 182, 196),
    "late": LATE,
    "line": RULE,
    "tint": SHADE,
}
_POINT: Final = 0.3528
"""mm."""
_PAGES: Final = "\x00pages"


@dataclass(frozen=True)
class _Block:
    """A part of a page with its height (mm); `draw` puts it at a place (x, y)."""

    height: float
    draw: Callable[[float, float], None]


def statistics_pdf(shown: ShownStatistics, made_by: str, lang: str) -> bytes:
    """Return the PDF, in the language of this request. `made_by`: the auditor whose desk counted, with the role."""
    title = str(gettext("Whistleblowing line: statistics"))
    sheet = _Sheet(title, labels.name_of_period(shown.period), shown.day, made_by)
    sheet.set_lang(lang)
    sheet.set_title(f"{title} {labels.name_of_period(shown.period)}")
    sheet.set_creator("Meyasubako")
    sheet.set_creation_date(datetime(shown.day.year, shown.day.month, shown.day.day, tzinfo=JST))
    sheet.add_page()
    sheet.band(shown)
    four = tiles(shown.counted, shown.before, shown.least, shown.period.is_over(shown.day), shown.year_total)
    sheet.put(sheet.tiles(four))
    for blocks in sheet.parts(shown):
        sheet.put(*blocks)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """Pages written from top to bottom, a block or two beside each other at a time."""

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
        self.set_y(_EDGE)
        if self.page_no() > 1:
            self.words(f"{self.heading}  {self.period}", 8, _EDGE, _FULL, "soft")
            self.set_y(_EDGE + 8)

    def footer(self) -> None:
        """Say who made it and which page this is."""
        self.set_draw_color(*_TONES["line"])
        self.line(_EDGE, _HEIGHT - _FOOT, _WIDTH - _EDGE, _HEIGHT - _FOOT)
        self.set_y(_HEIGHT - _FOOT + 3)
        made = gettext("Made on %(day)s by %(name)s", day=show_day(self.day), name=self.made_by)
        self.words(str(made), 7.5, _EDGE, _FULL - 20, "soft")
        self.set_font(FONT, size=7.5)
        self.set_xy(_WIDTH - _EDGE - 20, _HEIGHT - _FOOT + 3)
        self.cell(20, 4, f"{self.page_no()} / {_PAGES}", align="R")

    def put(self, *blocks: _Block) -> None:
        """Draw blocks beside each other, on the next page if they don't fit this one."""
        top, height = self.get_y(), max(block.height for block in blocks)
        if top + height > _HEIGHT - _FOOT - 4:
            self.add_page()
            top = self.get_y()
        for place, block in enumerate(blocks):
            block.draw(_EDGE + place * (_HALF + _GAP), top)
        self.set_y(top + height + 5)

    def words(self, text: str, size: float, x: float, width: float, tone: str = "ink") -> None:
        """Write a text from the present height on."""
        for line in self._lines(text, size, width):
            self._put(line, size, x, self.get_y(), tone)
            self.set_y(self.get_y() + size * 0.53)

    def _put(
        self,
        text: str,
        size: float,
        x: float,
        y: float,
        tone: str = "ink",
        align: str = "L",
        width: float = 0,
    ) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*_TONES.get(tone, _WHITE))
        self.set_xy(x, y)
        self.cell(width or self.get_string_width(text) + 1, size * 0.5, text, align=align)

    def _lines(self, text: str, size: float, width: float) -> list[str]:
        self.set_font(FONT, size=size)
        return list(typeset.lines(typeset.printed(text), width, self.get_string_width))

    def _tall(self, text: str, size: float, width: float) -> float:
        return len(self._lines(text, size, width)) * size * 0.53

    def band(self, shown: ShownStatistics) -> None:
        """The head of the first page: what this is, of which period."""
        self.set_fill_color(*_TONES["now"])
        self.rect(0, 0, _WIDTH, _BAND, style="F")
        self._put(self.heading, 17, _EDGE, 7, "white")
        days = labels.days_of(shown.period)
        name = self.period if days == self.period else f"{self.period}  {days}"
        self._put(name, 10.5, _EDGE, 18, "white")
        self.set_y(_BAND + 4)
        against = gettext("Compared with %(days)s.", days=labels.days_of(shown.compared))
        self.words(str(against), 8, _EDGE, _FULL, "soft")
        self.set_y(self.get_y() + 2)

    def tiles(self, four: Sequence[Tile]) -> _Block:
        """The four numbers."""
        room, gap = (_FULL - 3 * 4) / 4, 4.0
        notes = [[self._lines(note, 7.5, room - 6) for note in tile.notes] for tile in four]
        height = 21 + max(sum(map(len, lines)) for lines in notes) * 4 + 2

        def draw(x: float, y: float) -> None:
            for place, tile in enumerate(four):
                left = x + place * (room + gap)
                tone = "late" if tile.is_bad else "now"
                self.set_fill_color(*_TONES["tint"])
                self.rect(left, y, room, height, style="F")
                self.set_fill_color(*_TONES[tone])
                self.rect(left, y, room, 1.2, style="F")
                self._put(tile.name, 8.5, left + 3, y + 4, "soft")
                size = 20.0
                while size > 9 and self._width(tile.value, size) > room - 6:
                    size -= 1
                self._put(tile.value, size, left + 3, y + 19 - size * 0.5, tone if tile.is_bad else "ink")
                for row, line in enumerate(line for lines in notes[place] for line in lines):
                    self._put(line, 7.5, left + 3, y + 21 + row * 4, "soft")

        return _Block(height, draw)

    def _width(self, text: str, size: float) -> float:
        self.set_font(FONT, size=size)
        return float(self.get_string_width(text))

    def _headed(
        self, heading: str, height: float, width: float, draw: Callable[[float, float], None]
    ) -> _Block:
        above = self._tall(heading, 10.5, width) + 2.5

        def with_heading(x: float, y: float) -> None:
            self.set_y(y)
            self.words(heading, 10.5, x, width)
            draw(x, y + above)

        return _Block(above + height, with_heading)

    def _said(self, sentences: Sequence[str], width: float) -> _Block:
        height = sum(self._tall(sentence, 8.5, width) + 1 for sentence in sentences)

        def draw(x: float, y: float) -> None:
            self.set_y(y)
            for sentence in sentences:
                self.words(sentence, 8.5, x, width, "soft")
                self.set_y(self.get_y() + 1)

        return _Block(height, draw)

    def drawn(self, drawn: Drawn, sentences: Sequence[str] = ()) -> _Block:
        """A table as a picture, or in words, with sentences below."""
        heading = str(gettext(labels.TABLES[drawn.table.name]))
        if drawn.picture is None:
            none = str(gettext("No case was received in this period."))
            block = self._said([drawn.words or none, *sentences], _HALF)
            return self._headed(heading, block.height, _HALF, block.draw)
        picture, below = drawn.picture, self._said(sentences, _HALF)
        scale = _HALF / picture.width

        def draw(x: float, y: float) -> None:
            self._picture(picture, x, y, scale)
            below.draw(x, y + picture.height * scale + 1)

        return self._headed(heading, picture.height * scale + 1 + below.height, _HALF, draw)

    def _picture(self, picture: Picture, x: float, y: float, scale: float) -> None:
        self.set_draw_color(*_TONES["line"])
        self.set_line_width(0.15)
        for x1, y1, x2, y2 in picture.lines:
            self.line(x + x1 * scale, y + y1 * scale, x + x2 * scale, y + y2 * scale)
        for box in picture.boxes:
            self.set_fill_color(*_TONES[box.tone])
            self.rect(x + box.x * scale, y + box.y * scale, box.width * scale, box.height * scale, style="F")
        size = 12 * scale / _POINT
        self.set_font(FONT, size=size)
        for word in picture.words:
            wide = self.get_string_width(word.text)
            left = {"start": 0.0, "middle": wide / 2, "end": wide}[word.anchor]
            self.set_text_color(*_TONES[word.tone])
            self.text(x + word.x * scale - left, y + word.y * scale, word.text)

    def _table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], last_is_sum: bool = False
    ) -> _Block:
        """A table whose first row is its head and whose first column is text, the others numbers."""
        size, line = 8.5, 4.6
        texts = [self._lines(row[0], size, widths[0] - 2) for row in rows]
        heights = [max(len(lines), 1) * line + 2.4 for lines in texts]

        def draw(x: float, y: float) -> None:
            for place, row in enumerate(rows):
                tone = "soft" if place == 0 else "ink"
                for number, text in enumerate(texts[place]):
                    self._put(text, size, x, y + 1 + number * line, tone)
                right = x + widths[0]
                for cell, width in zip(row[1:], widths[1:], strict=True):
                    self._put(cell, size, right, y + 1, tone, "R", width)
                    right += width
                y += heights[place]
                strong = place == 0 or (last_is_sum and place == len(rows) - 2)
                self.set_draw_color(*_TONES["soft" if strong else "line"])
                self.set_line_width(0.2)
                self.line(x, y, x + sum(widths), y)

        return _Block(sum(heights), draw)

    def terms(self, shown: ShownStatistics) -> _Block:
        """Terms kept and missed."""
        heading = str(gettext("Terms whose last day is in the period"))
        kept, missed = shown.counted.kept, shown.counted.missed
        if not missed.rows:
            block = self._said([str(gettext("There is none."))], _HALF)
        else:
            head = [str(gettext(text)) for text in (_TERM, _KEPT, _MISSED)]
            rows = [
                [labels.label_of("missed", name), _count(met), _count(number)]
                for (name, number), (_name, met) in zip(missed.rows, kept.rows, strict=True)
            ]
            block = self._table([head, *rows], (_HALF - 42, 18, 24))
        return self._headed(heading, block.height, _HALF, block.draw)

    def matrix(self, shown: ShownStatistics) -> _Block:
        """Statuses by severity. Raises ValueError where they are hidden."""
        heading = str(gettext("Status and severity"))
        matrix = statistics_pictures.matrix(shown.counted.matrix)
        if matrix is None:
            raise ValueError("this table is hidden")
        sum_ = str(gettext("Total"))
        rows = [[name, *map(str, numbers), str(total)] for name, numbers, total in matrix.rows]
        head = [str(gettext("Status")), *matrix.head, sum_]
        foot = [sum_, *map(str, matrix.sums), str(sum(matrix.sums))]
        room = 22.0
        widths = (_FULL - room * (len(head) - 1), *[room] * (len(head) - 1))
        block = self._table([head, *rows, foot], widths, last_is_sum=True)
        return self._headed(heading, block.height, _FULL, block.draw)

    def years(self, shown: ShownStatistics) -> list[_Block]:
        """The totals of past years; none in what a lead has sent."""
        if not shown.received:
            return []
        head = [str(gettext(text)) for text in (_YEAR, _RECEIVED, _OF_THESE_DELETED)]
        rows = [_year(year, shown.least) for year in shown.received[-5:]]
        table = self._table([head, *rows], (_HALF - 50, 22, 28))
        below = self._said(
            [str(gettext("All reports that the server received, the same at every desk."))], _HALF
        )

        def draw(x: float, y: float) -> None:
            table.draw(x, y)
            below.draw(x, y + table.height + 1.5)

        heading = str(gettext("All reports by fiscal year"))
        return [self._headed(heading, table.height + 1.5 + below.height, _HALF, draw)]

    def parts(self, shown: ShownStatistics) -> list[list[_Block]]:
        """The diagrams below the tiles, side by side; hidden ones are left out, and the notes say so."""
        counted = shown.counted
        drawn: list[tuple[Drawn, Sequence[str]]] = [
            (statistics_pictures.months(shown), ()),
            (statistics_pictures.notice(counted), _joined(labels.told_words(counted))),
            (statistics_pictures.lying(counted.to_close), labels.closed_words(counted)),
            (statistics_pictures.lying(counted.by_cause), ()),
        ]
        shown_ones = [self.drawn(part, words) for part, words in drawn if not part.table.hides]
        halves = [*shown_ones[:1], self.terms(shown), *shown_ones[1:], *self.years(shown)]
        pairs = [halves[place : place + 2] for place in range(0, len(halves), 2)]
        whole = [] if counted.matrix.hides else [[self.matrix(shown)]]
        return [*pairs[:1], *whole, *pairs[1:], [self.notes(shown)]]

    def notes(self, shown: ShownStatistics) -> _Block:
        """The notes: which cases are counted, and what is hidden."""
        sentences = [
            gettext(
                "Counted are the cases that the auditor who made this can read, and those that could be read once. No "
                "words of a report are in here."
            ),
            _about_small(shown.least),
            gettext(
                "20 days: after them a reporter who was not told whether it is investigated may go outside under the "
                "Whistleblower Protection Act. It is no duty to answer by that day."
            ),
        ]
        block = self._said([str(sentence) for sentence in sentences], _FULL)
        return self._headed(str(gettext("About these statistics")), block.height, _FULL, block.draw)


_TERM, _KEPT, _MISSED = N_("Term"), N_("Kept"), N_("Missed")
_YEAR, _RECEIVED = N_("Fiscal year"), N_("Reports received")
_OF_THESE_DELETED = N_("of these deleted")


def _about_small(least: int) -> str:
    if least == 1:
        return str(
            gettext(
                "Small counts are shown, and can point at a person. Please do not pass this on, and do not try to find "
                "out who reported."
            )
        )
    return str(
        gettext(
            "Counts below %(least)s are not shown, and with them those that would give them away: small counts can "
            "point at a person. Please do not try to find out who reported.",
            least=least,
        )
    )


def _joined(sentences: Sequence[str]) -> list[str]:
    return [("" if language() == "ja" else " ").join(sentences)] if sentences else []


def _count(number: int | None) -> str:
    return str(gettext("not shown")) if number is None else str(number)


def _year(year: YearTotal, least: int) -> list[str]:
    counts = [
        labels.fewer_than(least) if 0 < number < least else str(number)
        for number in (year.received, year.deleted)
    ]
    return [labels.year_name(year.first), *counts]
