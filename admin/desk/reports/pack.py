"""A pack for counsel or an authority: the chosen parts, without blacked-out passages. No Flask in here.

Everything in it goes through `redaction`, headings and names of files too; it has no id, no number and no time of the
desk but its day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from admin.desk.casework.attachments import File
from admin.desk.reports import pdf_and_zip
from admin.desk.reports.grid import Cell
from admin.desk.reports.pdf_and_zip import Grid, Letter, Line, Listed, Section
from admin.desk.reports.redaction import redacted, without_words

PDF_NAME, TEXT_NAME = "pack.pdf", "pack.txt"
REPORT = "report"
"""The group of the report's answers."""


@dataclass(frozen=True, repr=False)
class PackPart:
    """Something of a case that can be chosen. `group`: "report", "messages" or "records"; `head`: what it is, by whom
    and when; `is_reporters`: the reporter's words, or what was written down of them.
    """

    id: str
    group: str
    head: str
    text: str
    is_reporters: bool = False


@dataclass(frozen=True, repr=False)
class PackFile:
    """A file of a pack. `ending`: of what is made of it out of pixels, "" where it goes along as it is; `pages`,
    `passages`: what is drawn, and how much of it is blacked out.
    """

    file: File
    ending: str = ""
    pages: int = 0
    passages: int = 0


@dataclass(frozen=True, repr=False)
class Chosen:
    """An officer's choices. `marked`: texts with marks, by part id; `words`: blacked out wherever they stand."""

    parts: Sequence[PackPart]
    marked: Mapping[str, str]
    words: tuple[str, ...]
    files: Sequence[PackFile] = ()


@dataclass(frozen=True, repr=False)
class Wording:
    """The words of a pack in the page's language. `cover`: facts of its first page; `groups`: headings of the
    groups; `source`: whose words the report is in, where they are not the reporter's; `about_file`: what it says of a
    file.
    """

    title: str
    notice: str
    made: str
    cover_heading: str
    cover: Sequence[tuple[str, str]]
    groups: Mapping[str, str]
    source: str
    files_heading: str
    about_file: Callable[[PackFile], str]
    columns: str
    check: str
    pages: str
    letters: str
    rest: str


@dataclass(frozen=True, repr=False)
class Document:
    """A pack's sections, and how many passages are blacked out in them."""

    sections: list[Section]
    passages: int


def document(chosen: Chosen, words: Wording, count: Callable[[int], tuple[str, str]]) -> Document:
    """Return the pack's text. `count`: the cover's line about so many passages. Raises Altered, Unbalanced."""
    sections, passages = [], 0
    for group, heading in words.groups.items():
        letters: list[Line | Letter] = []
        for part in chosen.parts:
            if part.group != group:
                continue
            done = redacted(part.text, chosen.marked.get(part.id, part.text), chosen.words)
            head = without_words(part.head, chosen.words)
            passages += done.passages
            letters.append(Letter(head, done.text, part.is_reporters))
        if letters and group == REPORT and words.source:
            letters.insert(0, ("", without_words(words.source, chosen.words)))
        if letters:
            sections.append(Section(without_words(heading, chosen.words), letters))
    if chosen.files:
        rows = [
            [Cell(neutral), Cell(without_words(words.about_file(file), chosen.words))]
            for neutral, file in neutral_names(chosen.files)
        ]
        sections.append(Section(without_words(words.files_heading, chosen.words), [Grid((), rows)]))
    facts = [
        (without_words(label, chosen.words), without_words(text, chosen.words))
        for label, text in (*words.cover, count(passages))
    ]
    cover = Section(
        without_words(words.cover_heading, chosen.words),
        [Grid((), [[Cell(label), Cell(text)] for label, text in facts])],
    )
    return Document([cover, *sections], passages)


def neutral_names(files: Sequence[PackFile]) -> list[tuple[str, PackFile]]:
    """Return a name for each file that says nothing but its kind: a file's own name can name somebody."""
    named = []
    for number, file in enumerate(files, start=1):
        _stem, dot, ending = (
            f".{file.ending}".rpartition(".") if file.ending else file.file.name.rpartition(".")
        )
        is_plain = bool(dot) and ending.isascii() and ending.isalnum() and len(ending) <= 5
        named.append((f"files/{number}{'.' + ending.lower() if is_plain else ''}", file))
    return named


def documents(
    made: Document, words: Wording, day: date, lang: str, hashes: Mapping[str, tuple[int, bytes]]
) -> dict[str, bytes]:
    """Return the pack's documents by name, last its list of hashes. `hashes`: lengths and SHA-256 of the files."""
    raw = {
        PDF_NAME: pdf_and_zip.case_pdf(
            words.title,
            words.notice,
            day,
            made.sections,
            lang,
            words.letters,
            words.made,
            words.rest,
            words.pages,
        ),
        TEXT_NAME: pdf_and_zip.case_text(words.title, words.notice, made.sections, words.made),
    }
    digests = {name: hashlib.sha256(part).digest() for name, part in raw.items()}
    sizes = {name: len(part) for name, part in raw.items()}
    digests |= {name: digest for name, (_size, digest) in hashes.items()}
    sizes |= {name: size for name, (size, _digest) in hashes.items()}
    listed = pdf_and_zip.manifest(
        digests,
        sizes,
        Listed([words.title, words.made, "", words.notice, "", words.check], words.columns, ""),
        [],
    )
    digests[pdf_and_zip.MANIFEST] = hashlib.sha256(listed).digest()
    return {**raw, pdf_and_zip.MANIFEST: listed, pdf_and_zip.HASHES: pdf_and_zip.hash_list(digests)}


def holds_words(made: Document, words: Sequence[str]) -> bool:
    """Tell whether a word that is blacked out everywhere is still somewhere, over the end of a part or a cell."""
    whole = pdf_and_zip.case_text("", "", made.sections).decode()
    return without_words(whole, words) != whole
