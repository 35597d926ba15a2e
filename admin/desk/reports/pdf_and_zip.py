"""A case as it leaves the desk: a PDF with its own Japanese letters, and a folder with the files and their hashes.

Whatever is made here is readable by everybody: it is the one place where plaintext leaves the desk on purpose, so
each export is on record in the case. Nothing is written to a temporary file.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import RawIOBase
from itertools import groupby
from typing import Any, Final, TypeVar

from admin.desk.casework.attachments import File, shortened
from admin.desk.reports import typeset
from admin.desk.reports.colours import ACCENT, GREY
from admin.desk.reports.fonts import lacking, second_font
from admin.desk.reports.grid import Cell
from admin.desk.reports.paper import MOST_LINES, Head, Paper

MANIFEST: Final = "manifest.txt"
HASHES: Final = "SHA256SUMS"

MOST_LETTERS: Final = 500_000
"""Characters of a section that a PDF takes: more than any form. A stranger chooses how much there is to print."""

_Kept = TypeVar("_Kept")
Line = tuple[str, str]
"""A label with a text; a text alone behind an empty label."""


@dataclass(frozen=True, repr=False)
class Grid:
    """A table. `head`: its columns' names, none for a list of facts; `shares`: of the page's width; `labels`: the first
    column names the row."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shares: Sequence[float] = (1, 3)
    labels: bool = True


@dataclass(frozen=True, repr=False)
class Letter:
    """A text to or by the reporter. `head`: by whom to whom, on which day."""

    head: str
    text: str
    from_reporter: bool = False


@dataclass(frozen=True, repr=False)
class Section:
    """A part of the document: its heading, and what is below it in order."""

    heading: str
    lines: Sequence[Line | Grid | Letter]


def case_pdf(
    title: str,
    notice: str,
    day: date,
    sections: Sequence[Section],
    lang: str,
    about_letters: str = "",
    about_day: str = "",
    about_rest: str = "",
    pages: str = "{number} / {count}",
    fallback: bool = True,
) -> bytes:
    """Return a PDF. The same input on the same `day` gives the same words.

    `title` and `notice` are on each page's head, the page's number and how many there are at its foot (`pages`),
    `about_day` (or the bare day) below the title. A letter that the font lacks is taken from a font of this computer
    (`fallback`), or printed as its number, like 〔U+20BB7〕; then `about_letters` is first. A section that is
    longer than MOST_LINES or MOST_LETTERS ends with `about_rest`; `case_text` has all of it.
    """
    letters = {letter for text in _texts(title, sections) for letter in set(typeset.printed(text))}
    second = second_font(lacking(letters)) if fallback else None
    document = Paper(Head(title, notice, pages), lang, day, second)
    numbered = not document.has_letters(letters)
    document.title_block(title, [about_day or day.isoformat(), *([about_letters] if numbered else [])])
    for section in sections:
        document.heading(section.heading)
        if not _Printed(document).all_of(section.lines):
            document.text_block(about_rest, strong=True)
    return bytes(document.output())


@dataclass
class _Printed:
    """How much of a section may still be printed."""

    document: Paper
    lines: int = MOST_LINES
    letters: int = MOST_LETTERS

    def all_of(self, lines: Sequence[Line | Grid | Letter]) -> bool:
        """Print a section as far as it may go; tell whether that was all of it."""
        for is_pair, group in groupby(lines, lambda line: isinstance(line, tuple) and bool(line[0])):
            some = list(group)
            for part in [_facts(some)] if is_pair else some:
                self._print(part)
                if self.lines < 0 or self.letters < 0:
                    return False
        return True

    def _print(self, part: Line | Grid | Letter) -> None:
        document = self.document
        match part:
            case Grid():
                rows = [[self._cell(cell) for cell in row] for row in part.rows]
                self.lines -= document.grid(rows, part.shares, part.head, part.labels, most=self.lines)
            case Letter():
                colour = ACCENT if part.from_reporter else GREY
                text = self._cell(Cell(part.text)).text
                self.lines -= document.letter(part.head, text, colour, most=self.lines)
            case _:
                text = self._cell(Cell(part[1])).text
                self.lines -= document.text_block(text, most=self.lines)

    def _cell(self, cell: Cell) -> Cell:
        """Return a cell with as much of its text as may still be printed."""
        kept = cell.text[: max(self.letters, 0)]
        self.letters -= len(cell.text)
        return replace(cell, text=kept)


def _facts(lines: Iterable[Line | Grid | Letter]) -> Grid:
    """Return lines of a label with a text as a table."""
    return Grid((), [[Cell(text) for text in line] for line in lines if isinstance(line, tuple)])


def case_text(title: str, notice: str, sections: Sequence[Section], about_day: str = "") -> bytes:
    """Return all of a case as plain text (UTF-8), however long it is.

    A character that is neither a letter, a blank nor a line's end (it could turn the text around, or control a
    terminal) is written as its number, like 〔U+202E〕.
    """
    parts = [notice, title, about_day]
    for section in sections:
        parts += ["", f"■ {section.heading}"]
        parts += [text for line in section.lines for text in _plain(line) if text]
    text = "\n".join(parts).replace("\r\n", "\n") + "\n"
    plain = {
        char
        for char in set(text)
        if char in "\n\t" or char.isprintable() or unicodedata.category(char) == "Zs"
    }
    return text.translate({ord(char): f"〔U+{ord(char):04X}〕" for char in set(text) - plain}).encode()


def _plain(line: Line | Grid | Letter) -> Iterator[str]:
    match line:
        case Grid():
            for row in line.rows:
                yield row[0].text
                heads = line.head[1:] if line.labels else line.head
                for number, cell in enumerate(row[1:] if line.labels else row):
                    yield f"[{heads[number]}] {cell.text}" if heads and cell.text else cell.text
        case Letter():
            yield from ("", line.head, line.text)
        case _:
            yield from line


def _texts(title: str, sections: Sequence[Section]) -> Iterator[str]:
    yield title
    for section in sections:
        yield section.heading
        for line in section.lines:
            yield from (text[:MOST_LETTERS] for text in _plain(line))


@dataclass(frozen=True, repr=False)
class Listed:
    """The words of a folder's list: `head`: what the folder is, from whom, how to check it; `columns`: its
    heading, `missing`: the heading of what is not in it."""

    head: Sequence[str]
    columns: str
    missing: str


def hash_list(hashes: Mapping[str, bytes]) -> bytes:
    """Return names with their SHA-256 (32 bytes) as `sha256sum --check` reads them."""
    return "".join(f"{digest.hex()}  {name}\n" for name, digest in hashes.items()).encode()


def manifest(
    hashes: Mapping[str, bytes], sizes: Mapping[str, int], words: Listed, missing: Sequence[str]
) -> bytes:
    """Return the list of what is in the folder for people, with hashes, and of what is not in it."""
    lines = [*words.head, "", words.columns]
    for name, digest in hashes.items():
        lines += [f"{name}  ({sizes[name]:,} B)", f"    SHA-256 {digest.hex()}"]
    if missing:
        lines += ["", words.missing, *missing]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


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
    files: Sequence[tuple[str, _Kept]],
    contents: Callable[[_Kept], Iterator[bytes]],
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
    yield pipe.take()


def _entry(name: str) -> zipfile.ZipInfo:
    # The day of a file in here would be the moment of the export.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


class _Pipe(RawIOBase):
    """The buffer that the ZIP file is written into, and taken out of as it grows."""

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
