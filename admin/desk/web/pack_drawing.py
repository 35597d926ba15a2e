"""Draws the files of a pack piece by piece, so that a page can show progress."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from admin.desk.blackout import process
from admin.desk.blackout.marks import BadBoxes
from admin.desk.blackout.process import LIMIT_BYTES, CannotDraw
from admin.desk.casework.attachments import File
from admin.desk.casework.downloads import FileFault, contents, verify
from admin.desk.reports.fonts import font_path
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.drawings import Drawing
from admin.desk.web.pack_scene import Scene

SECONDS: Final = 2.0
"""How long one page works before it shows how far it has come."""


class FileRefused(Exception):
    """A file of the pack can't go into it as chosen. `why`: a code of labels.pack.PROBLEMS."""

    def __init__(self, why: str, file: File) -> None:
        super().__init__(why)
        self.why, self.file = why, file


@dataclass(frozen=True, repr=False)
class Waiting:
    """How far a file is: `done` of `total`, pages where it `is_drawn`, bytes while it is fetched."""

    file: File
    done: int
    total: int
    is_drawn: bool


def fetched(scene: Scene, file: File) -> Waiting | None:
    """Fetch a file a little further; return how far it is, None when all of it is here. Raises FileRefused."""
    work = desk().work()
    if file.size > LIMIT_BYTES:
        raise FileRefused("draw_large", file)
    try:
        now = work.fetch_file(scene.situation, file)
    except (FileFault, ServerTrouble):
        raise FileRefused("file", file) from None
    return None if now.is_whole else Waiting(file, now.done, now.total, False)


def content_of(file: File) -> bytes:
    """Return a file that was fetched, checked and whole. Raises FileRefused."""
    cache = desk().work().cache
    try:
        verify(cache, file)
        return b"".join(contents(cache, file, keep=True))
    except FileFault:
        raise FileRefused("file", file) from None


def go_on(scene: Scene) -> Waiting | None:
    """Draw the pack's files a little further; return how far that is, None when all are drawn. Raises FileRefused."""
    end, drawings = time.monotonic() + SECONDS, desk().drawings
    try:
        wanted = [(file, scene.marks(file)) for file in scene.files if scene.is_drawn(file)]
    except BadBoxes:
        raise FileRefused("boxes", _with_bad_boxes(scene)) from None
    drawings.retain((file.object_id, marks) for file, marks in wanted)
    for file, marks in wanted:
        drawing = drawings.of(file.object_id, marks)
        if drawing is not None and drawing.is_whole:
            continue
        if waiting := fetched(scene, file):
            return waiting
        try:
            drawing = drawings.go_on(file.object_id, marks, content_of(file), end - time.monotonic())
        except CannotDraw as refused:
            raise FileRefused(f"draw_{refused.why}", file) from None
        if not drawing.is_whole or time.monotonic() >= end:
            return Waiting(file, len(drawing.pages), len(drawing.look.sizes), True)
    return None


def _with_bad_boxes(scene: Scene) -> File:
    for file in scene.files:
        try:
            scene.marks(file)
        except BadBoxes:
            return file
    raise LookupError


def drawn(scene: Scene, file: File) -> Drawing | None:
    """Return a file as it is drawn; None while a page of it is missing. Raises BadBoxes."""
    drawing = desk().drawings.of(file.object_id, scene.marks(file))
    return drawing if drawing is not None and drawing.is_whole else None


def made_of(drawing: Drawing) -> bytes:
    """Return the file that goes into the pack. Raises CannotDraw."""
    return process.made_of(drawing.look, drawing.pages, desk().today(), font_path())
