"""The name that a file's entry has (docs/format.md, 4.2). Limits are in bytes: file systems count them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from crypto.encoding import normalize_text

MAX_FILE_NAME: Final = 200
"""Bytes of UTF-8, the ending among them: file systems take 255, and the program that saves a file adds to its name."""
_ENDING: Final = 20
"""Characters (code points) behind the last full stop that count as an ending."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_DROPPED: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Controls, line ends and what turns the direction of writing: `fdp.exe` could be shown as `exe.pdf`."""
_EXTENDS: Final = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\uff9e\uff9f]")
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
_JOINER: Final = "\u200d"


def size_of(text: str) -> int:
    """Return the length of a text in bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def cut(text: str, most: int) -> str:
    """Return the longest beginning of at most `most` bytes that ends between two characters as people see them.

    Where even the first of those is longer, it is cut between two code points.
    """
    fits = size = 0
    while fits < len(text) and (size := size + size_of(text[fits])) <= most:
        fits += 1
    if fits == len(text):
        return text
    end = fits
    while end and _joins(text, end):
        end -= 1
    return text[: end or fits]


def _joins(text: str, at: int) -> bool:
    """Tell whether a cut before `text[at]` would divide what people see as one character."""
    symbol = text[at]
    if unicodedata.category(symbol).startswith("M") or _EXTENDS.match(symbol) or text[at - 1] == _JOINER:
        return True
    flags = 0
    while flags < at and _FLAG.match(text[at - 1 - flags]):
        flags += 1
    # Two letters make a flag.
    return _FLAG.match(symbol) is not None and flags % 2 == 1


def file_name(given: str) -> str:
    """Return the last part of a path, in normal form, without what can't be seen, cut before its ending."""
    clean = _DROPPED.sub("", _SURROGATES.sub("\ufffd", given))
    name = normalize_text(clean.replace("\\", "/").rpartition("/")[2].strip())
    if size_of(name) <= MAX_FILE_NAME:
        return name or "file"
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending) <= _ENDING else ""
    return cut(stem if tail else name, MAX_FILE_NAME - size_of(tail)).rstrip() + tail
