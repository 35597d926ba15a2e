"""The drawing process: a request and a file in, pictures out. Memory and time are limited; it opens no file.

The input is untrusted, and the libraries that read it are large. Where the system has a sandbox (sandbox.py: Linux) the
process can, once everything is loaded, reach no file, no network and no program. When it is gone, so is the file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO
from typing import IO, Any, Final

from PIL import Image

import sandbox
from admin.desk.blackout import fonts, source
from admin.desk.blackout.marks import FULL, BlackBox, marks_of
from admin.desk.blackout.source import Refused, Source
from admin.desk.blackout.wire import hear, say

MEMORY: Final = 1536 * 1024 * 1024
"""Bytes of address space, the font and the libraries included."""
CPU_SECONDS: Final = 40
LOWER: Final = 5
_QUALITY: Final = 80
_PREVIEW_QUALITY: Final = 80


def main() -> int:
    """Answer the one question of standard input; return the exit code, 0 when all was said."""
    sandbox.lower(
        {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": 0,
            "RLIMIT_CPU": CPU_SECONDS,
            "RLIMIT_NOFILE": 32,
            "RLIMIT_AS": MEMORY,
        },
        LOWER,
    )
    out, into = sys.stdout.buffer, sys.stdin.buffer
    question, data = hear(into)
    _load(str(question["font"]), question["do"] == "bind")
    sandbox.enter()
    try:
        _ANSWERS[question["do"]](question, data, out)
    except Refused as refused:
        say(out, {"refused": refused.why})
    except Exception:  # a broken file has as many faces as the libraries have errors, and none is told
        say(out, {"refused": "unreadable"})
    return 0


def _load(font: str, binds: bool) -> None:
    """Load everything that may be needed: afterwards nothing can be opened."""
    with open(font, "rb") as file:
        fonts.use(file.read())
    shown = BytesIO()
    Image.new("RGB", (8, 8)).save(shown, "JPEG")
    if binds:
        from fpdf import FPDF

        made = FPDF(unit="pt")
        made.add_page()
        made.image(shown, 0, 0, 8, 8)
        made.output()
    Image.init()
    "".encode("utf-16-le")


def _look(_question: Mapping[str, Any], data: bytes, out: IO[bytes]) -> None:
    opened = source.opened(data)
    say(
        out,
        {"kind": opened.kind, "ending": opened.ending, "sizes": opened.sizes, "told": sorted(opened.told)},
    )


def _page(question: Mapping[str, Any], data: bytes, out: IO[bytes]) -> None:
    """Show a page as it is, smaller, and its text."""
    opened = source.opened(data)
    picture = opened.picture(question["page"], question["width"])
    text = opened.text(question["page"], tuple(question["words"]))
    said = [[line, [box.left, box.top, box.width, box.height]] for line, box in text.lines]
    spots = [[box.left, box.top, box.width, box.height] for box in text.spots]
    say(out, {"lines": said, "spots": spots}, _encoded(picture, "jpg", _PREVIEW_QUALITY))


def _draw(question: Mapping[str, Any], data: bytes, out: IO[bytes]) -> None:
    """Paint pages from one on, each said as soon as it is done."""
    opened, marks = source.opened(data), marks_of(question["marks"])
    for number in range(question["page"], len(opened.sizes) + 1):
        boxes = list(marks.boxes.get(number, ()))
        spots: list[BlackBox] = []
        if number in marks.whole:
            boxes = [BlackBox(0, 0, FULL, FULL)]
            picture = _black(opened, number)
        else:
            picture = opened.picture(number)
            spots = opened.text(number, marks.words).spots if marks.words else []
        source.paint(picture, [*boxes, *spots])
        ending = "jpg" if opened.ending == "pdf" else opened.ending
        say(out, {"page": number, "passages": len(boxes) + len(spots)}, _encoded(picture, ending, _QUALITY))


def _black(opened: Source, number: int) -> Image.Image:
    """Return a page that nobody draws: what can't be drawn can be blacked out whole."""
    across, down = opened.sizes[number - 1]
    scale = min(1.0, (source.PAGE_PIXELS / (across * down)) ** 0.5, 20_000 / max(across, down))
    return Image.new("RGB", (max(1, round(across * scale)), max(1, round(down * scale))))


def _bind(question: Mapping[str, Any], data: bytes, out: IO[bytes]) -> None:
    """Make one PDF of pictures that lie behind each other, each on a page of its own. It says the day, and no time."""
    from fpdf import FPDF

    made, start = FPDF(unit="pt"), 0
    made.set_auto_page_break(False)
    made.set_margin(0)
    day = date.fromisoformat(question["day"])
    made.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))
    for length, (across, down) in zip(question["lengths"], question["sizes"], strict=True):
        made.add_page(format=(across, down))
        made.image(BytesIO(data[start : start + length]), 0, 0, across, down)
        start += length
    say(out, {}, bytes(made.output()))


def _encoded(picture: Image.Image, ending: str, quality: int) -> bytes:
    made = BytesIO()
    if ending == "png":
        picture.save(made, "PNG")
    else:
        picture.save(made, "JPEG", quality=quality, subsampling=0)
    return made.getvalue()


_ANSWERS: Final[Mapping[str, Callable[[Mapping[str, Any], bytes, IO[bytes]], None]]] = {
    "look": _look,
    "page": _page,
    "draw": _draw,
    "bind": _bind,
}


def run() -> None:
    """Be the process, and end without what Python would do at the end: nothing is left to be told."""
    code = 1
    with suppress(MemoryError, OSError):
        code = main()
    os._exit(code)
