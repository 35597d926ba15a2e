"""A number of persons as people write it, such as "約2,400人", "２４００名" or "2.4万件", read as a number. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MOST_LETTERS: Final = 40
_PARTS: Final = 10_000
"""Four places behind a decimal point: the most that a "2.4万" can have and be whole."""
_BEFORE: Final = (
    "約",
    "およそ",
    "おおよそ",
    "だいたい",
    "大体",
    "推定",
    "about",
    "approximately",
    "approx.",
    "some",
    "ca.",
    "~",
)
_AFTER: Final = (
    "人分", "名分", "件分", "人", "名", "件", "以上", "ほど", "程度", "くらい", "ぐらい", "前後", "余り", "あまり",
    "people", "persons", "customers", "or so",
)  # fmt: skip
_DIGITS: Final = {kanji: str(number) for number, kanji in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_BIG: Final = (("億", 10**8), ("万", 10**4))
_SMALL: Final = (("千", 1_000), ("百", 100), ("十", 10))
_PLAIN: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?\Z")
# A comma parts groups of three alone: "2,4" may be meant as a decimal, so it is not read.
_GROUPS: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\Z")


def read(text: str) -> int | None:
    """Return the number that is written, None for nothing written. Raises ValueError for what is no one number."""
    written = unicodedata.normalize("NFKC", text).strip().casefold().replace("、", ",")
    if not written:
        return None
    if len(written) > _MOST_LETTERS:
        raise ValueError("too long for a number")
    number, part = divmod(_value(_bare(written)), _PARTS)
    if part:
        raise ValueError("a number of persons is whole")
    return number


def _bare(written: str) -> str:
    """Return the number without the words around it."""
    before = ""
    while before != written:
        before = written
        for word in _BEFORE:
            written = written.removeprefix(word).strip()
        for word in _AFTER:
            written = written.removesuffix(word).strip()
    return written


def _value(written: str) -> int:
    """Return the value in parts of a _PARTS-th: "2.4万" is whole, "2.4" is not."""
    if _GROUPS.match(written):
        written = written.replace(",", "")
    written = "".join(_DIGITS.get(letter, letter) for letter in written.replace(" ", ""))
    if not written:
        raise ValueError("no number")
    total = 0
    for unit, size in _BIG:
        head, found_unit, rest = written.partition(unit)
        if found_unit:
            total += _below(head) * size
            written = rest
    return total + (_below(written) if written else 0)


def _below(written: str) -> int:
    """Return the value of a part without a unit above a thousand."""
    total = 0
    for unit, size in _SMALL:
        head, found_unit, rest = written.partition(unit)
        if found_unit:
            total += (_plain(head) if head else _PARTS) * size
            written = rest
    return total + (_plain(written) if written or not total else 0)


def _plain(written: str) -> int:
    if _GROUPS.match(written):
        written = written.replace(",", "")
    if not _PLAIN.match(written):
        raise ValueError("no number")
    whole, _point, part = written.partition(".")
    return int(whole) * _PARTS + int(part.ljust(4, "0"))
