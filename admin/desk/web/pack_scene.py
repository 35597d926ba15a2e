"""State that the pages of a pack share: choices and marks, stored as one draft, and its files as they will be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import abort, g
from flask_babel import gettext

from admin.desk.blackout.marks import Marks, read_boxes
from admin.desk.casework.attachments import File
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import Situation
from admin.desk.labels.i18n import language
from admin.desk.local.draft import PACK, Draft
from admin.desk.reports import case_document
from admin.desk.reports.pack import Chosen, PackFile, PackPart
from admin.desk.reports.redaction import words_of
from admin.desk.web.context import desk
from admin.desk.web.page_draft import PageDraft
from admin.desk.web.pages import name_of
from admin.desk.web.views.path import case_id_of

MARKS: Final = re.compile(r"pk_(box|whole)_([0-9a-f]{32})_([1-9][0-9]{0,2})")
"""Fields of one page of a file: its boxes, and whether it is blacked out whole."""
_NAMES: Final = re.compile(
    rf"pk_(to|purpose|key|words|(in|text|file|orig)_[a-z0-9_]{{1,80}})|{MARKS.pattern}"
)
_BOXES: Final = re.compile(r"pk_(in|file|orig)_[a-z0-9_]{1,80}")
_DRAWN: Final = frozenset({"pdf", "jpg", "jpeg", "jpe", "png", "webp", "gif", "bmp", "tif", "tiff"})
"""Endings of files that can be drawn."""


def box_field(object_id: bytes, page: int) -> str:
    """Return the name of the field with the boxes of a page."""
    return f"pk_box_{object_id.hex()}_{page}"


def whole_field(object_id: bytes, page: int) -> str:
    """Return the name of the field that blacks out a whole page."""
    return f"pk_whole_{object_id.hex()}_{page}"


def can_be_drawn(file: File) -> bool:
    """Tell whether a file's name says that it is a PDF or a picture."""
    return unicodedata.normalize("NFKC", file.name).rpartition(".")[2].lower() in _DRAWN


@dataclass(frozen=True, repr=False)
class Scene:
    """The case, the draft and the files of one request."""

    case_id: bytes
    situation: Situation
    opened: OpenedCase
    parts: tuple[PackPart, ...]
    draft: Draft

    @property
    def fields(self) -> Mapping[str, str]:
        """The choices and marks, by the names of the fields."""
        return self.draft.fields

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are blacked out wherever they stand."""
        return words_of(self.fields.get("pk_words", ""))

    @property
    def files(self) -> list[File]:
        """The files that go along."""
        return [file for file in self.opened.files if self.fields.get(f"pk_file_{file.object_id.hex()}")]

    def is_drawn(self, file: File) -> bool:
        """Tell whether a file goes along as pictures of its pages: every PDF and picture, unless chosen otherwise."""
        return can_be_drawn(file) and not self.fields.get(f"pk_orig_{file.object_id.hex()}")

    def marks(self, file: File) -> Marks:
        """Return what is blacked out in a file. Raises BadBoxes."""
        boxes, whole = {}, set()
        for name, text in self.fields.items():
            match = MARKS.fullmatch(name)
            if match is None or match[2] != file.object_id.hex() or not text:
                continue
            if match[1] == "whole":
                whole.add(int(match[3]))
            elif listed := read_boxes(text):
                boxes[int(match[3])] = listed
        return Marks(boxes, frozenset(whole), self.words)

    @property
    def source(self) -> str:
        """Whose words the report is in, where an auditor wrote it down; "" for the reporter's own."""
        return case_document.source(self.opened, name_of)

    def chosen(self) -> Chosen:
        """Return what is chosen, with the marks; files as far as they are drawn. Raises BadBoxes."""
        return Chosen(
            [part for part in self.parts if self.fields.get(f"pk_in_{part.id}")],
            {
                part.id: self.fields[name]
                for part in self.parts
                if (name := f"pk_text_{part.id}") in self.fields
            },
            self.words,
            [self._pack_file(file) for file in self.files],
        )

    def _pack_file(self, file: File) -> PackFile:
        if not self.is_drawn(file):
            return PackFile(file)
        drawing = desk().drawings.of(file.object_id, self.marks(file))
        if drawing is None:
            return PackFile(file, "pdf")
        return PackFile(file, drawing.look.ending, len(drawing.pages), drawing.passages)


def draft_of(case_id: bytes) -> PageDraft:
    """Return the draft of a case's pack."""
    return PageDraft(case_id + PACK, _NAMES, _BOXES)


def keep(case_id: bytes) -> None:
    """Keep what the form of this request holds for a case. Raises CacheUnusable, Locked."""
    opened = desk().work().from_copy(case_id)
    if opened is not None:
        before = {f"pk_text_{part.id}": part.text for part in _parts(opened)}
        g.pack_kept = draft_of(case_id).keep(before)


def carried() -> dict[str, str]:
    """Return the marks that came with this request, for a page that has to stand in for this one."""
    return PageDraft(b"", _NAMES, _BOXES).typed()


def scene_of(case: str) -> Scene:
    """Return what a request is about; 404 for a case that can't be read. `case`: its handle."""
    case_id, work = case_id_of(case), desk().work()
    situation = work.refresh()
    opened = work.case(situation, case_id)
    if opened is None or not opened.is_open:
        abort(404)
    return Scene(case_id, situation, opened, tuple(_parts(opened)), draft_of(case_id).kept())


def _parts(opened: OpenedCase) -> Iterator[PackPart]:
    """Return everything of a case that can be chosen, but for the files."""
    return case_document.parts(opened, _name, name_of, language())


def _name(person: bytes) -> str:
    roster = desk().work().kept_roster()
    card = roster.newest_of(person) if roster else None
    return str(name_of(card)) if card else str(gettext("A person whom this desk does not know"))
