"""A case as it leaves the desk: a PDF with its own Japanese letters, and a folder with the files and their hashes.

Whatever is made here is readable by everybody: it is the one place where plaintext leaves the desk on purpose, so
each export is on record in the case. Nothing is written to a temporary file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import RawIOBase
from pathlib import Path
from typing import Any, Final, cast

from fpdf import FPDF

from admin.desk.casework.attachments import File, shortened
from admin.desk.reports import typeset
from cases.days import JST

FONT: Final = "IPAexGothic"
_PACKAGE: Final = "matplotlib_fontja"
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){4,}")
_PAGES: Final = "\x00pages"
_FONT_FILE: Final = "fonts/ipaexg.ttf"
MANIFEST: Final = "manifest.json"

MOST_LINES: Final = 20_000
"""Printed lines of a section; about 450 pages."""

MOST_LETTERS: Final = 500_000
"""Characters of a section that a PDF takes: more than any form. A stranger chooses how much there is to print."""

# Its warnings name letters of the text that the font lacks.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


@dataclass(frozen=True, repr=False)
class Section:
    """A part of the document: its heading, and lines of a label with a text."""

    heading: str
    lines: Sequence[tuple[str, str]]


def font_path() -> Path:
    """Return the font's file, out of the pinned package that brings it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(_PACKAGE)
    return Path(next(iter(spec.submodule_search_locations))) / _FONT_FILE


def case_pdf(
    title: str,
    notice: str,
    day: date,
    sections: Sequence[Section],
    lang: str,
    about_letters: str = "",
    about_day: str = "",
    about_rest: str = "",
) -> bytes:
    """Return a PDF. The same input on the same `day` gives the same words.

    `notice` stands on each page's head, `title` with the page's number and how many there are at its foot, `about_day`
    (or the bare day) below the title. A letter that the font lacks is printed as its number, like 〔U+20BB7〕; then
    `about_letters` stands first. A section that is longer than MOST_LINES or MOST_LETTERS ends with `about_rest`;
    `case_text` has all of it.
    """
    document = _Document(notice, title)
    document.set_lang(lang)
    document.set_title(title)
    document.set_creator("Meyasubako")
    document.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=JST))  # a day, never a time
    document.add_font(FONT, "", str(font_path()))
    document.set_auto_page_break(auto=True, margin=18)
    document.add_page()
    document.text_block(title, 16)
    document.text_block(about_day or day.isoformat(), 9)
    if about_letters and not all(map(document.has_letters, _texts(title, sections))):
        document.text_block(about_letters, 10.5)
    for section in sections:
        if not document.print_section(section):
            document.text_block(about_rest, 10.5)
    return bytes(document.output())


def case_text(title: str, notice: str, sections: Sequence[Section], about_day: str = "") -> bytes:
    """Return all of a case as plain text (UTF-8), however long it is.

    A character that is neither a letter, a blank nor a line's end (it could turn the text around, or control a
    terminal) stands as its number, like 〔U+202E〕.
    """
    parts = [notice, title, about_day]
    for section in sections:
        parts += ["", f"■ {section.heading}"]
        parts += [text for line in section.lines for text in line if text]
    text = "\n".join(parts).replace("\r\n", "\n") + "\n"
    plain = {
        char
        for char in set(text)
        if char in "\n\t" or char.isprintable() or unicodedata.category(char) == "Zs"
    }
    return text.translate({ord(char): f"〔U+{ord(char):04X}〕" for char in set(text) - plain}).encode()


def _texts(title: str, sections: Sequence[Section]) -> Iterator[str]:
    yield title
    for section in sections:
        yield section.heading
        for line in section.lines:
            yield from (text[:MOST_LETTERS] for text in line)


class _Document(FPDF):
    """Paper of the size A4, with the notice, what it is about and the page's number on each page."""

    def __init__(self, notice: str, about: str) -> None:
        super().__init__(format="A4")
        self.notice, self.about = notice, about
        self._widths: dict[str, float] = {}
        # fpdf2 puts the number of pages in its place: nobody can write it, for it would be printed as its number.
        self.alias_nb_pages(_PAGES)

    def header(self) -> None:
        if self.notice and FONT.lower() in self.fonts:
            self.text_block(self.notice, 8, grey=True)
            self.ln(2)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(FONT, size=8)
        self.set_text_color(0, 0, 0)
        self.cell(0, 8, f"{self._printable(self.about)}   {self.page_no()} / {_PAGES}", align="C")

    def print_section(self, section: Section) -> bool:
        """Print a section as far as it may go; tell whether that was all of it."""
        self.ln(3)
        self.text_block(section.heading, 13)
        lines, letters = MOST_LINES, MOST_LETTERS
        for label, text in section.lines:
            if label:
                lines -= self.text_block(label, 9, grey=True, most=lines)
            lines -= self.text_block(text[: max(letters, 0)], 10.5, most=lines)
            letters -= len(label) + len(text)
            if lines < 0 or letters < 0:
                return False
        return True

    def text_block(self, text: str, size: float, grey: bool = False, most: int = MOST_LINES) -> int:
        """Print a text's first lines, at most `most`; return how many it has, or `most` + 1 if it has more."""
        number = 0
        self.set_font(FONT, size=size)
        level = 90 if grey else 0
        self.set_text_color(level, level, level)
        lines = typeset.lines(self._printable(text), self.epw - 2 * self.c_margin, self._width)
        for number, line in enumerate(lines, start=1):
            if number > most:
                break
            self.cell(0, size * 0.6, line, new_x="LMARGIN", new_y="NEXT")
        return number

    def _width(self, text: str) -> float:
        return sum(map(self._letter_width, text))

    def _letter_width(self, letter: str) -> float:
        """Return a letter's width in the document's unit (mm) at the present size."""
        of_em = self._widths.get(letter)
        if of_em is None:
            self._widths[letter] = of_em = self.get_string_width(letter) / self.font_size
        return of_em * self.font_size

    def has_letters(self, text: str) -> bool:
        """Tell whether the font has every letter of a text that can be printed."""
        return all(
            char == "\n" or char.isspace() or ord(char) in self._letters for char in typeset.printed(text)
        )

    @property
    def _letters(self) -> Mapping[int, Any]:
        return cast(Mapping[int, Any], cast(Any, self.fonts[FONT.lower()]).cmap)

    def _printable(self, text: str) -> str:
        """Return what a page can show.

        What can turn the text around or has no letter here becomes its number; a run of empty lines becomes how many
        there were: each would take a page's room.
        """
        shown = _EMPTY_LINES.sub(lambda match: f"\n〔\\n × {len(match[0])}〕\n", typeset.printed(text))
        return "".join(
            char
            if char in "\n\u3000" or (char.isprintable() and ord(char) in self._letters)
            else f"〔U+{ord(char):04X}〕"
            for char in shown
        )


def manifest(
    documents: Mapping[str, bytes], files: Sequence[tuple[str, File]], missing: Sequence[str]
) -> bytes:
    """Return the list of what is in the folder, with hashes, and of what is not in it.

    SHA-256 of the documents (by name); of the files `hash`, as the reporter's sealed entry names it (format.md 4.2).
    """
    listed: list[Mapping[str, Any]] = [
        {"name": name, "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        for name, raw in documents.items()
    ]
    listed += [{"name": name, "size": file.size, "hash": file.entry["hash"]} for name, file in files]
    return json.dumps(
        {"files": listed, "not_included": list(missing)}, ensure_ascii=False, indent=1, sort_keys=True
    ).encode()


def names_for(files: Sequence[File]) -> list[tuple[str, File]]:
    """Return a name below `files/` for each file that no other one has.

    It is no other one's on systems either that don't tell capital letters apart.
    """
    taken, named = set[str](), []
    for file in files:
        name, number = file.name, 1
        while f"files/{name}".casefold() in taken:
            number += 1
            name = shortened(file.name, f" ({number})")
        taken.add(f"files/{name}".casefold())
        named.append((f"files/{name}", file))
    return named


def folder(
    documents: Mapping[str, bytes],
    listed: bytes,
    files: Sequence[tuple[str, File]],
    contents: Callable[[File], Iterator[bytes]],
) -> Iterator[bytes]:
    """Return the folder as a ZIP file in pieces; no file of it is ever whole in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for name, raw in documents.items():
            made.writestr(_entry(name), raw)
            yield pipe.take()
        for name, file in files:
            with made.open(_entry(name), "w", force_zip64=True) as target:
                for part in contents(file):
                    target.write(part)
                    yield pipe.take()
        made.writestr(_entry(MANIFEST), listed)
    yield pipe.take()


def _entry(name: str) -> zipfile.ZipInfo:
    # The day of a file in here would be the moment of the export.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


class _Pipe(RawIOBase):
    """What the ZIP file is written into, and taken out of as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        data = bytes(part)
        self._parts.append(data)
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken
