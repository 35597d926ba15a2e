"""The lists of what an Office file loses: portal/cleaning/office.json, which the page's scripts read too."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from portal.cleaning import words

_RULES: Final[dict[str, Any]] = json.loads(
    Path(__file__).parent.with_name("office.json").read_text(encoding="utf-8")
)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_RULES[name], re.IGNORECASE | re.ASCII)


RELATIONS_OUT: Final[dict[str, str]] = _RULES["relations_out"]
RELATIONS_KEPT: Final = frozenset(_RULES["relations_kept"])
RELATIONS_TELLING: Final = frozenset(_RULES["relations_telling"])
TYPES_OUT: Final[dict[str, str]] = _RULES["types_out"]
NAMES_OUT: Final = tuple((re.compile(pattern), word) for word, pattern in _RULES["names_out"])
NAMES_TELLING: Final = _pattern("names_telling")
FOLDERS: Final = frozenset(_RULES["names_known"]["folders"])
FILES: Final = frozenset(_RULES["names_known"]["files"])
ELEMENTS_OUT: Final[dict[str, str]] = _RULES["elements_out"]
ELEMENTS_OUT_IN: Final[dict[str, str]] = _RULES["elements_out_in"]
ATTRIBUTES: Final[dict[str, tuple[str, str | None]]] = _RULES["attributes"]
DATES: Final = frozenset(_RULES["dates"])
DATED: Final = re.compile(_RULES["dated"])
PEOPLE: Final = frozenset(_RULES["people"])
DELETED: Final = frozenset(_RULES["deleted"])
FIELDS_TELLING: Final = _pattern("fields_telling")
FILE_NAMES: Final = _pattern("file_names")
PATHS: Final = _pattern("paths")
PERSONAL_ADDRESSES: Final = _pattern("personal_addresses")


@dataclass
class OfficeWork:
    """The findings of one archive's parts; `findings` and `rest` as words.result has them."""

    findings: set[str] = field(default_factory=set)
    rest: bool = False

    def note(self, word: str) -> None:
        self.findings.add(word or words.OTHER)


def without_paths(text: str) -> str:
    """Return a text without paths of Windows, macOS or Linux; of a path to a workbook its name stays."""

    def shorter(match: re.Match[str]) -> str:
        # 'C:\Users\name\[book.xlsx]Sheet'!A1: what is before the bracket is the folder.
        at = match[0].rfind("[")
        return match[0][at:] if at >= 0 else ""

    if not any(mark in text for mark in "/\\~:%"):
        return text
    return PATHS.sub(shorter, text)


def is_personal(address: str) -> bool:
    """True for the address of a person's own store, a local file, or one with a user's name in it."""
    return PERSONAL_ADDRESSES.search(address) is not None
