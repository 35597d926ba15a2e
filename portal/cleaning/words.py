"""Findings in a file, from a fixed list, and the result of a cleaning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

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
FINDINGS: Final = frozenset({PLACE, CAMERA, AUTHOR, TIME, SOFTWARE, THUMBNAIL, COMMENT, HISTORY, OTHER})

BUSY: Final = "busy"
SLOW: Final = "slow"
LARGE: Final = "large"
UNREADABLE: Final = "unreadable"
TYPE: Final = "type"
WHY: Final = frozenset({BUSY, SLOW, LARGE, UNREADABLE, TYPE})
"""Why a file is not cleaned: it got no turn; it took too long; it is too large; it is broken or locked; there is no
cleaner for what it is."""

# Names of tags, properties and attributes, from the tables of EXIF 2.32, XMP part 2, IPTC-IIM and ECMA-376.
TABLES: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
_NAMES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), word) for word, pattern in TABLES["names"]
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The result of cleaning a file.

    `data`: the rebuilt file; with "not_cleaned" the file as it came. `found`: findings of FINDINGS, sorted; with
    "not_cleaned" none.

    `outcome` is "cleaned" (something was left out), "nothing_found" (nothing was), "partly" (what was found is
    out, and the file has parts that were not looked into or that can name somebody) or "not_cleaned"; then `why`
    is one of WHY, otherwise "".
    """

    data: bytes
    outcome: Outcome
    found: tuple[str, ...] = ()
    why: str = field(default="", compare=False)


class CannotClean(Exception):
    """A file that is not of the type that it began as, or that has to stay as it is."""


def by_name(name: str) -> str:
    """Return the word for the name of a tag, a property or an attribute."""
    return next((word for pattern, word in _NAMES if pattern.search(name)), OTHER)


def in_xmp(packet: bytes) -> set[str]:
    """Return the findings for the properties that an XMP packet names; it is not parsed."""
    text = packet.replace(b"\0", b"").decode("ascii", errors="replace").replace("rdf:Description", "")
    words = {word for pattern, word in _NAMES if pattern.search(text)}
    return words or {OTHER}


def result(data: bytes, findings: Iterable[str], rest: bool = False) -> Cleaned:
    """Return the result for a rebuilt file. `rest`: something stays that can identify a person."""
    words = tuple(sorted(set(findings)))
    return Cleaned(data, "partly" if rest else "cleaned" if words else "nothing_found", words)
