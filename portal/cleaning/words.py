"""What was found in a file, in words of a fixed list, and the result of a cleaning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["cleaned", "nothing_found", "partly", "not_cleaned"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("cleaned", "nothing_found", "partly", "not_cleaned")

PLACE: Final = "place"
CAMERA: Final = "camera"
AUTHOR: Final = "author"
TIME: Final = "time"
SOFTWARE: Final = "software"
THUMBNAIL: Final = "thumbnail"
COMMENT: Final = "comment"
HISTORY: Final = "history"
OTHER: Final = "other"
WORDS: Final = frozenset({PLACE, CAMERA, AUTHOR, TIME, SOFTWARE, THUMBNAIL, COMMENT, HISTORY, OTHER})

# Names of tags, properties and attributes, from the tables of EXIF 2.32, XMP part 2, IPTC-IIM and ECMA-376.
_NAMES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"gps|latitude|longitude|location|country|\bcity|photoshop:state|province", PLACE),
        (r"tiff:(?:make|model)|\bmake\b|\bmodel\b|lens|serialnumber|makernote|hostcomputer|\baux:", CAMERA),
        (r"author|artist|creator\b|by-?line|owner|copyright|rights|lastmodifiedby|manager|company", AUTHOR),
        (r"date|time\b|created|modified\b|lastprinted", TIME),
        (r"software|creatortool|producer|application\b(?!/)|generator", SOFTWARE),
        (r"thumbnail", THUMBNAIL),
        (r"comment|description|title|subject|keyword|headline|caption|\blabel\b|category", COMMENT),
        (r"history|derivedfrom|revision|versions|totaltime|ingredients", HISTORY),
    )
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a file.

    `data`: the file without what was found, rebuilt even when nothing was found; with "not_cleaned" the file as
    it came. `found`: words of WORDS, sorted; with "not_cleaned" none.

    `outcome` is "cleaned" (something was taken out), "nothing_found", "partly" (what was found is out, and the
    file has parts that were not looked into or that can name somebody) or "not_cleaned" (another type, too
    large, encrypted, broken, or it took too long).
    """

    data: bytes
    outcome: Outcome
    found: tuple[str, ...] = ()


class CannotClean(Exception):
    """A file that is not of the type that it began as, or that has to stay as it is."""


def by_name(name: str) -> str:
    """Return the word for the name of a tag, a property or an attribute."""
    return next((word for pattern, word in _NAMES if pattern.search(name)), OTHER)


def in_xmp(packet: bytes) -> set[str]:
    """Return the words for the properties that an XMP packet names; it is not parsed."""
    text = packet.replace(b"\0", b"").decode("utf-8", errors="replace").replace("rdf:Description", "")
    found = {word for pattern, word in _NAMES if pattern.search(text)}
    return found or {OTHER}


def result(data: bytes, found: Iterable[str], rest: bool = False) -> Cleaned:
    """Return the result for a rebuilt file. `rest`: something stays that can name somebody."""
    words = tuple(sorted(set(found)))
    return Cleaned(data, "partly" if rest else "cleaned" if words else "nothing_found", words)
