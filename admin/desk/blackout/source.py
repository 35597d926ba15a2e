"""Renders a file as pixels, in the drawing process: PDF by PDFium, pictures by Pillow. Runs no script of it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageDraw, ImageOps

from admin.desk.blackout.marks import FULL, BlackBox, box_of
from admin.desk.reports.redaction import spans_of

MOST_PAGES: Final = 500
PAGE_PIXELS: Final = 12_000_000
"""Pixels of a page that is drawn."""
PICTURE_PIXELS: Final = 50_000_000
"""Pixels of a picture that is read at all."""
_DPI: Final = 200
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_LOSSLESS: Final = frozenset({"PNG", "GIF", "BMP"})
_EXIF: Final = {
    0x010F: "camera",
    0x0110: "camera",
    0x0131: "software",
    0x0132: "time",
    0x013B: "author",
    0x8825: "place",
}
"""Exif tags that are named to the auditor: maker and model, program, time, artist, GPS."""
_HYPHENS: Final = frozenset("\x02\xad\ufffe")
"""How PDFium says that a word goes on in the next line."""
_MARGIN: Final = 0.2
"""Of a letter's height, around letters: strokes reach beyond the box that a font names."""


class Refused(Exception):
    """A file that can't be blacked out. `why`: "locked", "unreadable", "large" or "pages"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Text:
    """The text of a page. `lines`: each with its box; `spots`: the boxes of words that were asked for."""

    lines: list[tuple[str, BlackBox]]
    spots: list[BlackBox]


class Source(Protocol):
    """A file that was opened. `kind`: "pdf", "pages" (a picture with several) or "picture"; `sizes`: width and height
    of each page, in points of a PDF's, in pixels of a picture's; `ending`: of what is made of it; `told`: what it
    said of its maker, in the words of crypto.payloads.
    """

    told: set[str]
    kind: str
    sizes: list[tuple[float, float]]
    ending: str

    def picture(self, number: int, width: int | None = None) -> Image.Image:
        """Return a page (the first is 1) as pixels, `width` of them or as many as a pack gets."""
        ...

    def text(self, number: int, words: tuple[str, ...]) -> Text:
        """Return the text of a page, and where these words stand."""
        ...


def opened(data: bytes) -> Source:
    """Return a file by what it is, whatever its name says. Raises Refused, and what the libraries raise."""
    return PdfSource(data) if b"%PDF-" in data[:1024] else PictureSource(data)


class PdfSource:
    """A PDF."""

    kind = "pdf"
    ending = "pdf"
    _TOLD: Final = {
        "Author": "author",
        "Creator": "software",
        "Producer": "software",
        "CreationDate": "time",
        "ModDate": "time",
    }

    def __init__(self, data: bytes) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            raise Refused("locked" if locked else "unreadable") from None
        count = len(self._pdf)
        if not count >= 1:
            raise Refused("unreadable")
        if count > MOST_PAGES:
            raise Refused("pages")
        self._pdf.init_forms()
        self.sizes = [self._pdf.get_page_size(at) for at in range(count)]
        if any(not (0 < side < 1e6) for size in self.sizes for side in size):
            raise Refused("unreadable")
        self.told = {self._TOLD.get(name, "other") for name in self._pdf.get_metadata_dict(skip_empty=True)}
        if pdfium.FPDFDoc_GetAttachmentCount(self._pdf):
            self.told.add("other")

    def picture(self, number: int, width: int | None = None) -> Image.Image:
        """Return a page as pixels."""
        across, down = self.sizes[number - 1]
        scale = _DPI / 72 if width is None else width / across
        scale = min(scale, (PAGE_PIXELS / (across * down)) ** 0.5, 20_000 / max(across, down))
        page = self._pdf[number - 1]
        try:
            bitmap = page.render(scale=scale, may_draw_forms=True)
            return flat(bitmap.to_pil())
        finally:
            page.close()

    def text(self, number: int, words: tuple[str, ...]) -> Text:
        """Return the text of a page, and where these words stand."""
        page = self._pdf[number - 1]
        try:
            # PDFium reads no text of form fields and annotations, which are drawn: flattened they are part of the page.
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        finally:
            page.close()
        page = self._pdf[number - 1]
        try:
            return _PageText(page).read(words)
        finally:
            page.close()


class _PageText:
    """The letters of a page, with the box of each."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.text = page.get_textpage()
        codes = [pdfium.FPDFText_GetUnicode(self.text, at) for at in range(self.text.count_chars())]
        self.letters, self.places = _letters_of(codes)

    def read(self, words: tuple[str, ...]) -> Text:
        lines = [(self.letters[first:last].strip(), self._box(first, last)) for first, last in self._lines()]
        spots = []
        for first, last in spans_of(self.letters, words):
            for start, end in self._lines(first, last):
                if (box := self._box(start, end)) is not None:
                    spots.append(box)
        return Text([(said[:200], box) for said, box in lines if said and box is not None], spots)

    def _lines(self, first: int = 0, last: int | None = None) -> list[tuple[int, int]]:
        """Return the lines between two letters, each as its first letter and the one after its last."""
        ends, start = [], first
        stop = len(self.letters) if last is None else last
        for at in range(first, stop):
            if self.letters[at] in "\r\n":
                ends.append((start, at))
                start = at + 1
        return [(begin, end) for begin, end in [*ends, (start, stop)] if end > begin]

    def _box(self, first: int, last: int) -> BlackBox | None:
        corners = [
            corner
            for at in range(first, last)
            if not self.letters[at].isspace()
            for place in self.places[at]
            for corner in self._corners(place)
        ]
        if not corners:
            return None
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        margin = max(15.0, _MARGIN * min(right - left, bottom - top))
        return box_of(left - margin, top - margin, right + margin, bottom + margin)

    def _corners(self, place: int) -> list[tuple[int, int]]:
        area = pdfium.FS_RECTF()
        if not pdfium.FPDFText_GetLooseCharBox(self.text, place, ctypes.byref(area)):
            return []
        across, down = ctypes.c_int(), ctypes.c_int()
        corners = []
        for x, y in ((area.left, area.top), (area.right, area.bottom)):
            pdfium.FPDF_PageToDevice(self.page, 0, 0, FULL, FULL, 0, x, y, across, down)
            corners.append((across.value, down.value))
        return corners


def _letters_of(codes: Sequence[int]) -> tuple[str, list[range]]:
    """Return letters of UTF-16 codes, and which codes are each: letters such as 𠮷 are two."""
    letters, places = [], []
    at = 0
    while at < len(codes):
        pair = codes[at : at + 2]
        is_pair = len(pair) == 2 and 0xD800 <= pair[0] < 0xDC00 <= pair[1] < 0xE000
        code = 0x10000 + ((pair[0] - 0xD800) << 10) + pair[1] - 0xDC00 if is_pair else pair[0]
        is_letter = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
        letter = chr(code) if is_letter else " "
        letters.append(" " if letter in _HYPHENS else letter)
        places.append(range(at, at + 1 + is_pair))
        at += 1 + is_pair
    return "".join(letters), places


class PictureSource:
    """A picture, or several in one file (scans that a fax or a copier made)."""

    def __init__(self, data: bytes) -> None:
        try:
            self._picture = Image.open(BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError:
            raise Refused("large") from None
        except (OSError, SyntaxError, ValueError):
            raise Refused("unreadable") from None
        # Of a photograph with others behind it (MPO: another resolution, a depth map) the first is what people see.
        count = 1 if self._picture.format in ("JPEG", "MPO") else getattr(self._picture, "n_frames", 1)
        if count > MOST_PAGES:
            raise Refused("pages")
        self.sizes: list[tuple[float, float]] = []
        for at in range(count):
            self._picture.seek(at)
            across, down = self._picture.size
            if across * down > PICTURE_PIXELS:
                raise Refused("large")
            is_turned = self._picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            self.sizes.append((down, across) if is_turned else (across, down))
        self.told = self._told()
        self.kind = "pages" if count > 1 else "picture"
        self.ending = "pdf" if count > 1 else "png" if self._picture.format in _LOSSLESS else "jpg"

    def _told(self) -> set[str]:
        exif = self._picture.getexif()
        told = {_EXIF.get(tag, "other") for tag in exif}
        return told | ({"comment"} if self._picture.info.get("comment") else set())

    def picture(self, number: int, width: int | None = None) -> Image.Image:
        """Return a page as pixels, turned as the camera was held."""
        self._picture.seek(number - 1)
        shown = flat(ImageOps.exif_transpose(self._picture))
        if width is not None and shown.width > width:
            shown = shown.resize((width, max(1, round(shown.height * width / shown.width))))
        return shown

    def text(self, number: int, words: tuple[str, ...]) -> Text:
        """Return no text: a picture has none that could be found."""
        return Text([], [])


def flat(picture: Image.Image) -> Image.Image:
    """Return a picture's colours on white as pixels and nothing else: what is transparent has colours nobody saw."""
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        ground = Image.new("RGB", shown.size, "white")
        ground.paste(shown, mask=shown.getchannel("A"))
        return ground
    if picture.mode.startswith(("I", "F")):
        picture = picture.convert("L")
    made = Image.new("RGB", picture.size)
    made.paste(picture.convert("RGB"))
    return made


def paint(picture: Image.Image, boxes: list[BlackBox]) -> None:
    """Paint boxes on a picture; a pixel that a box touches is black."""
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        left, top = box.left * picture.width // FULL, box.top * picture.height // FULL
        right = -(-(box.left + box.width) * picture.width // FULL)
        bottom = -(-(box.top + box.height) * picture.height // FULL)
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=(0, 0, 0))
