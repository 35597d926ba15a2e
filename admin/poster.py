"""The poster for the notice board: one sheet A4, Japanese and English, as a PDF.

It says where the site is, who reads, by which characters their keys are known, and where to ask outside the company.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import segno
from fpdf import FPDF

from admin.desk.reports import typeset
from admin.desk.reports.fonts import FONT, font_path
from cases.contacts import Contact

MOST_READERS: Final = 8
"""Lines that the sheet has room for; with more, it sends to the site's page of keys."""
_ROOMY: Final = 5
"""Up to so many readers have two lines each."""
_QUOTES: Final = {ord("’"): "'", ord("‘"): "'", ord("“"): '"', ord("”"): '"'}
"""The font's own are as wide as a kanji."""

_WIDTH, _HEIGHT, _EDGE = 210.0, 297.0, 16.0
_BLUE, _INK, _GREY, _TINT, _WHITE = (0, 23, 193), (26, 26, 26), (89, 89, 89), (232, 241, 254), (255, 255, 255)
_QR: Final = 58.0
"""mm: modules of more than a millimetre, for a telephone at arm's length."""

logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class PosterReader:
    """A person who reads reports, as /keys names them, and the key's fingerprint."""

    ja: str
    en: str
    fingerprint: str


@dataclass(frozen=True)
class Poster:
    """The texts of one site's poster. Addresses without a slash at the end; `advice`: the line to ask outside."""

    name_ja: str
    name_en: str
    address: str
    readers: Sequence[PosterReader]
    advice: Contact
    day: date
    onion: str | None = None
    operator_ja: str | None = None
    operator_en: str | None = None
    log_print: str | None = None
    """Fingerprint of the log's key, which a witness compares (docs/witness.md)."""


def qr_picture(address: str) -> io.BytesIO:
    """Return a PNG of an address's QR code with its quiet zone. Error correction Q: a quarter of it may be covered."""
    picture = io.BytesIO()
    segno.make(address, error="q", micro=False, boost_error=False).save(
        picture, kind="png", scale=16, border=4
    )
    picture.seek(0)
    return picture


def poster_pdf(poster: Poster) -> bytes:
    """Return the sheet. The same poster gives the same bytes."""
    sheet = _Sheet()
    sheet.set_creation_date(datetime(poster.day.year, poster.day.month, poster.day.day, tzinfo=UTC))
    sheet.set_title(poster.name_ja)
    sheet.set_lang("ja")
    sheet.head(poster)
    sheet.promise()
    sheet.way(poster)
    sheet.readers(poster)
    sheet.outside(poster.advice)
    sheet.foot(poster)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """One page, written from top to bottom."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.add_font(FONT, "", str(font_path()))
        self.set_auto_page_break(False)
        self.set_margins(_EDGE, _EDGE)
        self.c_margin = 0
        self.add_page()

    def words(
        self,
        text: str,
        size: float,
        *,
        x: float = _EDGE,
        width: float = _WIDTH - 2 * _EDGE,
        colour: tuple[int, int, int] = _INK,
        after: float = 0,
        most: int = 3,
    ) -> None:
        """Write a text from the present height on, smaller where it would take more than `most` lines."""
        lines = self._lines(text, size, width)
        while len(lines) > most and size > 6:
            size -= 0.5
            lines = self._lines(text, size, width)
        self.set_text_color(*colour)
        for line in lines[:most]:
            self.set_x(x)
            self.cell(width, size * 0.5, line)
            self.set_y(self.get_y() + size * 0.5)
        self.set_y(self.get_y() + after)

    def _lines(self, text: str, size: float, width: float) -> list[str]:
        self.set_font(FONT, size=size)
        return list(typeset.lines(typeset.printed(text).translate(_QUOTES), width, self.get_string_width))

    def head(self, poster: Poster) -> None:
        """The band at the top: the mark, the site's name, what it is for."""
        self.set_fill_color(*_BLUE)
        self.rect(0, 0, _WIDTH, 74, style="F")
        self._mark(_EDGE, 14, 20)
        self.set_y(14)
        self.words(poster.name_ja, 30, x=_EDGE + 26, width=_WIDTH - 2 * _EDGE - 26, colour=_WHITE, most=1)
        self.words(poster.name_en, 13, x=_EDGE + 26, width=_WIDTH - 2 * _EDGE - 26, colour=_WHITE, most=1)
        self.set_y(42)
        self.words("個人情報の漏えいが隠されていたら、", 20, colour=_WHITE, most=1)
        self.words("名前を出さずに知らせることができます。", 20, colour=_WHITE, after=2.5, most=1)
        self.words(
            "If a leak of personal data is being hidden, you can tell it here without your name.",
            11,
            colour=_WHITE,
            most=1,
        )

    def _mark(self, x: float, y: float, size: float) -> None:
        """A box with a slit."""
        self.set_draw_color(*_WHITE)
        self.set_fill_color(*_WHITE)
        self.set_line_width(1.4)
        unit = size / 32
        outline = [(4, 13), (8, 4), (24, 4), (28, 13), (28, 28), (4, 28)]
        self.polygon([(x + right * unit, y + down * unit) for right, down in outline], style="D")
        self.line(x + 4 * unit, y + 13 * unit, x + 28 * unit, y + 13 * unit)
        self.line(x + 12 * unit, y + 8.5 * unit, x + 20 * unit, y + 8.5 * unit)

    def promise(self) -> None:
        """Write what the site asks for and what it does, in three lines."""
        self.set_y(80)
        for ja, en in (
            ("登録も、名前も、メールアドレスもいりません。", "No account, no name, no e-mail address."),
            (
                "通報は暗号化されます。読むことができるのは、「通報を読める人」だけです。",
                "Reports are locked. Only the readers named below and on the site can read them.",
            ),
            (
                "自分のスマートフォンと、自分のネットワークで開いてください。会社のものは使わないでください。",
                "Use your own phone and network, not the company’s.",
            ),
        ):
            self.set_fill_color(*_BLUE)
            self.rect(_EDGE, self.get_y() + 1.6, 2.4, 2.4, style="F")
            self.words(ja, 12, x=_EDGE + 6, width=_WIDTH - 2 * _EDGE - 6, most=1)
            self.words(en, 9, x=_EDGE + 6, width=_WIDTH - 2 * _EDGE - 6, colour=_GREY, after=1.2, most=1)

    def way(self, poster: Poster) -> None:
        """The QR code, and the address to be copied by hand."""
        top = 118.0
        self.set_fill_color(*_TINT)
        self.rect(_EDGE, top, _WIDTH - 2 * _EDGE, _QR + 8, style="F", round_corners=True, corner_radius=3)
        self.image(
            qr_picture(f"{poster.address}/"), x=_EDGE + 4, y=top + 4, w=_QR, h=_QR, alt_text=poster.address
        )
        left = _EDGE + _QR + 12
        width = _WIDTH - _EDGE - left - 4
        self.set_y(top + 8)
        self.words("このアドレスを開く", 12, x=left, width=width)
        self.words("Open this address", 9, x=left, width=width, colour=_GREY, after=2)
        self.words(poster.address, 17, x=left, width=width, colour=_BLUE, after=3, most=2)
        if poster.onion:
            self.words("Tor Browser:", 8.5, x=left, width=width, colour=_GREY)
            self.words(poster.onion, 8.5, x=left, width=width, after=2.5, most=1)
        self.words("撮影しなくても、書き写して家で開けます。", 10, x=left, width=width, after=0.5, most=1)
        self.words(
            "You can copy it by hand, and open it at home.", 8.5, x=left, width=width, colour=_GREY, most=1
        )

    def readers(self, poster: Poster) -> None:
        """Who reads, with the characters by which to know their keys."""
        self.set_y(189)
        self.words("通報を読める人と、確認用の文字列", 13)
        self.words("サイトの「通報を読める人」のページと、同じ文字列かどうかを比べてください。", 9, most=1)
        self.words(
            "Who reads reports, and the fingerprints of their keys: compare them with the page “Who can read reports”.",
            8.5,
            colour=_GREY,
            after=1.5,
            most=1,
        )
        is_roomy = len(poster.readers) <= _ROOMY
        for reader in poster.readers[:MOST_READERS]:
            top = self.get_y()
            if is_roomy:
                self.words(reader.ja, 9.5, width=80, most=1)
                self.words(reader.en, 6.5, width=80, colour=_GREY, most=1)
            else:
                self.words(f"{reader.ja} / {reader.en}", 9, width=88, most=1)
            self.set_y(top)
            self.words(reader.fingerprint, 11, x=_EDGE + 92, width=_WIDTH - 2 * _EDGE - 92, most=1)
            self.set_y(top + (8.8 if is_roomy else 5.4))
        if len(poster.readers) > MOST_READERS:
            rest = len(poster.readers) - MOST_READERS
            self.words(f"ほか{rest}人は、サイトにあります。 / {rest} more: see the site.", 8.5, most=1)

    def outside(self, advice: Contact) -> None:
        """The line of the Consumer Affairs Agency: advice, no reports."""
        self.set_draw_color(*_BLUE)
        self.set_line_width(0.5)
        self.rect(_EDGE, 254, _WIDTH - 2 * _EDGE, 28, style="D", round_corners=True, corner_radius=2)
        left, width = _EDGE + 4, 114.0
        self.set_y(256.5)
        self.words(f"会社の外に相談する：{advice.name['ja']}", 9.5, x=left, width=width, most=2)
        self.words(
            f"Ask outside the company: {advice.name['en']}",
            7,
            x=left,
            width=width,
            colour=_GREY,
            after=0.8,
            most=1,
        )
        if advice.hours:
            self.words(advice.hours["ja"], 8, x=left, width=width, most=1)
            self.words(advice.hours["en"], 6.5, x=left, width=width, colour=_GREY, most=2)
        self.set_y(260)
        right = left + width + 4
        self.words(
            " ".join(advice.phone), 17, x=right, width=_WIDTH - _EDGE - right - 3, colour=_BLUE, most=1
        )
        self.words(
            "相談の窓口です。通報は受け付けません。", 7, x=right, width=_WIDTH - _EDGE - right - 3, most=2
        )
        self.words("Advice only; takes no reports.", 6.5, x=right, width=54, colour=_GREY, most=1)

    def foot(self, poster: Poster) -> None:
        """The log's key, who hung it up, and the day on which its facts were checked."""
        self.set_y(283.4)
        if poster.log_print:
            said = f"記録簿の鍵の確認用の文字列 / fingerprint of the log’s key: {poster.log_print}"
            self.words(said, 8, most=1)
            self.set_y(287.6)
        who = f"運営 / Run by: {poster.operator_ja} / {poster.operator_en}   " if poster.operator_ja else ""
        checked = f"相談窓口の確認日 / line checked: {poster.advice.checked.isoformat()}"
        self.words(f"{who}作成日 / made: {poster.day.isoformat()}   {checked}", 7, colour=_GREY, most=2)
