"""Client of the drawing process. It read the file, so it is untrusted: answers are checked, time is limited."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final, cast

from admin.desk.blackout.marks import FULL, BlackBox, Marks, box_of
from admin.desk.blackout.wire import MOST, BadAnswer, hear, say

LIMIT_BYTES: Final = 64 * 1024 * 1024
"""The largest file that is read."""
TIMEOUT: Final = 30.0
"""Seconds for one answer; a page that takes longer can be blacked out whole."""
MOST_PAGES: Final = 500
_POINTS: Final = 72 / 200
"""Of a picture's pixel on a page."""
_WHY: Final = frozenset({"locked", "unreadable", "large", "pages"})
_KINDS: Final = frozenset({"pdf", "pages", "picture"})
_ENDINGS: Final = frozenset({"pdf", "png", "jpg"})
_TOLD: Final = frozenset({"author", "camera", "comment", "other", "place", "software", "time"})
_MEDIA: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}
_BOOT: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from admin.desk.blackout import worker; worker.run()"
)
# Windows starts no Python without the folder of the system.
_ENVIRONMENT: Final = {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")} if os.name == "nt" else {}


class CannotDraw(Exception):
    """A file, or a page of it, can't be drawn. `why`: "locked", "unreadable", "large", "pages", "slow" or "busy"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Look:
    """A file's traits. `kind`: "pdf", "pages" or "picture"; `sizes`: of its pages, width and height, in points of a
    PDF's, in pixels of a picture's; `ending`: of what is made of it; `told`: what it said of its maker.
    """

    kind: str
    ending: str
    sizes: tuple[tuple[float, float], ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class PageLook:
    """A page as it is. `picture`: JPEG; `lines`: its text, each line with its box; `spots`: where the words stand."""

    picture: bytes
    lines: tuple[tuple[str, BlackBox], ...]
    spots: tuple[BlackBox, ...]


@dataclass(frozen=True, repr=False)
class DrawnPage:
    """A page with its boxes painted: PNG or JPEG, and how many passages were blacked out."""

    picture: bytes
    passages: int

    @property
    def media_type(self) -> str:
        """The picture's media type."""
        return _MEDIA[self.picture[:4]]


def look(data: bytes, font: Path) -> Look:
    """Return what a file is. `font`: for letters whose font is not in the file. Raises CannotDraw."""
    with _asked({"do": "look"}, data, font) as pipe:
        said, _ = _heard(pipe)
    with _believed():
        sizes = tuple((float(across), float(down)) for across, down in said["sizes"])
        seen = Look(said["kind"], said["ending"], sizes, tuple(sorted(_TOLD & set(said["told"]))))
        good = seen.kind in _KINDS and seen.ending in _ENDINGS and 1 <= len(sizes) <= MOST_PAGES
        if not good or any(not 0 < side < 1e6 for size in sizes for side in size):
            raise BadAnswer
        return seen


def page(data: bytes, font: Path, number: int, words: Sequence[str], width: int) -> PageLook:
    """Return a page (the first is 1) as it is, at most `width` pixels wide. Raises CannotDraw."""
    question = {"do": "page", "page": number, "words": list(words), "width": width}
    with _asked(question, data, font) as pipe:
        said, picture = _heard(pipe)
    with _believed():
        lines = tuple((str(line)[:200], _box(box)) for line, box in said["lines"])
        spots = tuple(_box(box) for box in said["spots"])
        if picture[:4] not in _MEDIA:
            raise BadAnswer
        return PageLook(picture, lines, spots)


def draw(data: bytes, font: Path, marks: Marks, first: int, last: int, seconds: float) -> list[DrawnPage]:
    """Return pages from `first` on with their boxes painted: as many as are done in about so many seconds, at least
    one, none after `last`. Raises CannotDraw.
    """
    end, drawn = time.monotonic() + seconds, list[DrawnPage]()
    with _asked({"do": "draw", "page": first, "marks": marks.as_json()}, data, font) as pipe:
        for number in range(first, last + 1):
            said, picture = _heard(pipe)
            with _believed():
                if said["page"] != number or picture[:4] not in _MEDIA or not 0 <= said["passages"] < 1e6:
                    raise BadAnswer
                drawn.append(DrawnPage(picture, int(said["passages"])))
            if time.monotonic() >= end:
                break
    return drawn


def bind(pages: Sequence[bytes], sizes: Sequence[tuple[float, float]], day: date, font: Path) -> bytes:
    """Return a PDF of pictures, each on a page of this size in points. Raises CannotDraw."""
    question = {
        "do": "bind",
        "lengths": [len(picture) for picture in pages],
        "sizes": [list(size) for size in sizes],
        "day": day.isoformat(),
    }
    data = b"".join(pages)
    if len(data) > MOST:
        raise CannotDraw("large")
    with _asked(question, data, font) as pipe:
        _, made = _heard(pipe)
    if not made.startswith(b"%PDF-"):
        raise CannotDraw("unreadable")
    return made


def made_of(look: Look, pages: Sequence[DrawnPage], day: date, font: Path) -> bytes:
    """Return the file that is made of all pages of another: a picture of one picture, else a PDF. Raises CannotDraw."""
    if look.kind == "picture":
        return pages[0].picture
    unit = 1.0 if look.kind == "pdf" else _POINTS
    sizes = [(across * unit, down * unit) for across, down in look.sizes]
    return bind([page.picture for page in pages], sizes, day, font)


@contextmanager
def _asked(question: Mapping[str, Any], data: bytes, font: Path) -> Iterator[IO[bytes]]:
    """Start the process, ask it, give what it says, and end it. Raises CannotDraw."""
    if len(data) > MOST:
        raise CannotDraw("large")
    root = str(Path(__file__).resolve().parents[3])
    places = [root, *(os.path.abspath(place) for place in sys.path if place and place != root)]
    try:
        process = subprocess.Popen(
            (sys.executable, "-I", "-B", "-S", "-c", _BOOT, json.dumps(places)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),
            env=_ENVIRONMENT,
        )
    except OSError:
        raise CannotDraw("busy") from None
    # Killed, it closes its ends of both pipes: what waits on them goes on then.
    clock = threading.Timer(TIMEOUT, process.kill)
    clock.daemon = True
    into, out = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    try:
        clock.start()
        with suppress(BrokenPipeError):
            say(into, {**question, "font": str(font)}, data)
            into.close()
        yield out
    except (BadAnswer, OSError):
        raise CannotDraw("unreadable" if clock.is_alive() and not _was_stopped(process) else "slow") from None
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        for pipe in (into, out):
            with suppress(OSError):
                pipe.close()


def _was_stopped(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether the system ended it for the time that it took."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(1) < 0
    return False


def _heard(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    said, body = hear(pipe)
    if "refused" in said:
        why = said["refused"]
        raise CannotDraw(why if isinstance(why, str) and why in _WHY else "unreadable")
    return said, body


@contextmanager
def _believed() -> Iterator[None]:
    """Take what is not as agreed for a file that can't be read."""
    try:
        yield
    except (BadAnswer, LookupError, TypeError, ValueError, OverflowError):
        raise CannotDraw("unreadable") from None


def _box(said: Any) -> BlackBox:
    left, top, width, height = said
    box = box_of(left, top, left + width, top + height)
    if box is None or not all(0 <= side <= FULL for side in (left, top, width, height)):
        raise BadAnswer
    return box
