"""The statistics of a period as a PDF for the board: one or two pages A4. Counts and days, no word of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask_babel import gettext

from admin.desk.labels import statistics as labels
from admin.desk.labels.i18n import N_, language
from admin.desk.labels.tiles import Tile, tiles
from admin.desk.reports import statistics_pictures
from admin.desk.reports.sheet import COLOURS, EDGE, FULL, HALF, WIDTH, Block, Sheet
from admin.desk.reports.statistics import ShownStatistics
from admin.desk.reports.statistics_pictures import Drawn
from cases.days import JST
from cases.totals import YearTotal

_BAND: Final = 30.0
"""The height (mm) of the first page's head."""


def statistics_pdf(shown: ShownStatistics, made_by: str, lang: str) -> bytes:
    """Return the PDF, in the language of this request. `made_by`: the auditor whose desk counted, with the role."""
    title = str(gettext("Whistleblowing line: statistics"))
    sheet = _StatisticsSheet(title, labels.name_of_period(shown.period), shown.day, made_by)
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


class _StatisticsSheet(Sheet):
    """The parts of the statistics."""

    def band(self, shown: ShownStatistics) -> None:
        """The head of the first page: what this is, of which period."""
        self.set_fill_color(*COLOURS["now"])
        self.rect(0, 0, WIDTH, _BAND, style="F")
        self.put_words(self.heading, 17, EDGE, 7, "white")
        days = labels.days_of(shown.period)
        name = self.period if days == self.period else f"{self.period}  {days}"
        self.put_words(name, 10.5, EDGE, 18, "white")
        self.set_y(_BAND + 4)
        against = gettext("Compared with %(days)s.", days=labels.days_of(shown.compared))
        self.words(str(against), 8, EDGE, FULL, "soft")
        self.set_y(self.get_y() + 2)

    def tiles(self, four: Sequence[Tile]) -> Block:
        """The four numbers."""
        room, gap = (FULL - 3 * 4) / 4, 4.0
        notes = [[self.lines_of(note, 7.5, room - 6) for note in tile.notes] for tile in four]
        height = 21 + max(sum(map(len, lines)) for lines in notes) * 4 + 2

        def draw(x: float, y: float) -> None:
            for place, tile in enumerate(four):
                left = x + place * (room + gap)
                tone = "late" if tile.is_bad else "now"
                self.set_fill_color(*COLOURS["tint"])
                self.rect(left, y, room, height, style="F")
                self.set_fill_color(*COLOURS[tone])
                self.rect(left, y, room, 1.2, style="F")
                self.put_words(tile.name, 8.5, left + 3, y + 4, "soft")
                size = 20.0
                while size > 9 and self.width_of(tile.value, size) > room - 6:
                    size -= 1
                self.put_words(
                    tile.value, size, left + 3, y + 19 - size * 0.5, tone if tile.is_bad else "ink"
                )
                for row, line in enumerate(line for lines in notes[place] for line in lines):
                    self.put_words(line, 7.5, left + 3, y + 21 + row * 4, "soft")

        return Block(height, draw)

    def drawn(self, drawn: Drawn, sentences: Sequence[str] = ()) -> Block:
        """A table as a picture, or in words, with sentences below."""
        heading = str(gettext(labels.TABLES[drawn.table.name]))
        if drawn.picture is None:
            none = str(gettext("No case was received in this period."))
            block = self.said([drawn.words or none, *sentences], HALF)
            return self.headed(heading, block.height, HALF, block.draw)
        picture, below = drawn.picture, self.said(sentences, HALF)
        scale = HALF / picture.width

        def draw(x: float, y: float) -> None:
            self.put_picture(picture, x, y, scale)
            below.draw(x, y + picture.height * scale + 1)

        return self.headed(heading, picture.height * scale + 1 + below.height, HALF, draw)

    def terms(self, shown: ShownStatistics) -> Block:
        """Terms kept and missed."""
        heading = str(gettext("Terms whose last day is in the period"))
        kept, missed = shown.counted.kept, shown.counted.missed
        if not missed.rows:
            block = self.said([str(gettext("There is none."))], HALF)
        else:
            head = [str(gettext(text)) for text in (_TERM, _KEPT, _MISSED)]
            rows = [
                [labels.label_of("missed", name), _count(met), _count(number)]
                for (name, number), (_name, met) in zip(missed.rows, kept.rows, strict=True)
            ]
            block = self.numbers([head, *rows], (HALF - 42, 18, 24))
        return self.headed(heading, block.height, HALF, block.draw)

    def matrix(self, shown: ShownStatistics) -> Block:
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
        widths = (FULL - room * (len(head) - 1), *[room] * (len(head) - 1))
        block = self.numbers([head, *rows, foot], widths, last_is_sum=True)
        return self.headed(heading, block.height, FULL, block.draw)

    def years(self, shown: ShownStatistics) -> list[Block]:
        """The totals of past years; none in what a lead has sent."""
        if not shown.received:
            return []
        head = [str(gettext(text)) for text in (_YEAR, _RECEIVED, _OF_THESE_DELETED)]
        rows = [_year(year, shown.least) for year in shown.received[-5:]]
        table = self.numbers([head, *rows], (HALF - 50, 22, 28))
        below = self.said(
            [str(gettext("All reports that the server received, the same at every desk."))], HALF
        )

        def draw(x: float, y: float) -> None:
            table.draw(x, y)
            below.draw(x, y + table.height + 1.5)

        heading = str(gettext("All reports by fiscal year"))
        return [self.headed(heading, table.height + 1.5 + below.height, HALF, draw)]

    def parts(self, shown: ShownStatistics) -> list[list[Block]]:
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

    def notes(self, shown: ShownStatistics) -> Block:
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
        block = self.said([str(sentence) for sentence in sentences], FULL)
        return self.headed(str(gettext("About these statistics")), block.height, FULL, block.draw)


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
