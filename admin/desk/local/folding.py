"""Normalises text for the search: differences that can't be seen or typed are removed.

One letter for: capital and small, full and half width (NFKC), hiragana and katakana, small and large kana, all
dashes and the lengthening mark, all quotes, older and present forms of kanji (`kanji`). Nothing for: variation
selectors, blanks without a width, soft hyphens, marks of direction, the commas in a number, blanks and line breaks
between Japanese letters, and the hyphen in a Latin word, with the line break behind it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from admin.desk.local.kanji import TODAY
from crypto.encoding import normalize_text

_QUOTES: Final = dict.fromkeys(map(ord, "’‘‛′´`ʼ＇"), "'") | dict.fromkeys(map(ord, "“”„‟″〝〞〟＂"), '"')
"""Before NFKC: it would make a blank and a mark out of some of these."""
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−─━ー゠⁃﹣⸺⸻"), "-") | dict.fromkeys(map(ord, "〜〰∼"), "~")
_DOTS: Final = dict.fromkeys(map(ord, "·•‧∙⋅"), "・")
_KATAKANA: Final = {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_SMALL: Final = {
    ord(small): large
    for small, large in zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True)
}
UNSEEN: Final[dict[int, None]] = dict.fromkeys(
    [
        0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
        *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
        *range(0xFFF0, 0xFFFC), *range(0xE0000, 0xE1000),
    ]
)  # fmt: skip
"""Unicode's property Default_Ignorable_Code_Point, as far as it is assigned."""
_LETTERS: Final[dict[int, str | None]] = {
    **{code: _SMALL.get(ord(kana), kana) for code, kana in _KATAKANA.items()},
    **_SMALL,
    **_DASHES,
    **_DOTS,
    **TODAY,
    **UNSEEN,
}
_JAPANESE: Final = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_JOINED: Final = re.compile(
    r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))"  # a number's commas
    r"|(?<=[a-z])-[^\S\n\u2028]*[\n\u2028]\s*(?=[a-z])|(?<=[a-z])-(?=[a-z])"  # a Latin word's hyphens
    rf"|(?<=[{_JAPANESE}])\s+(?=[{_JAPANESE}])"  # between Japanese letters
)
_BLANKS: Final = re.compile(r"\s+")
_CONTROLS: Final = re.compile("[\x00-\x1f]")
_JOINING: Final = re.compile(r"[\s,\-\x00-\x1f]")
"""The first characters of `_JOINED`, `_BLANKS` and `_CONTROLS`."""
_WITH_QUOTES: Final = re.compile(f"[{re.escape(''.join(map(chr, _QUOTES)))}]")
_FAR: Final = re.compile("[\U00010000-\U0010ffff]")
_CHANGED: Final = re.compile(f"[{re.escape(''.join(chr(code) for code in _LETTERS if code < 0x10000))}]+")
"""Runs of what `_LETTERS` changes, but for `_FAR`: to look for them takes less time than to look every letter up."""
_CLUSTERS: Final = re.compile("(?s:.)[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")


def _letters(text: str) -> str:
    """Return text letter by letter in the form in which it is compared, blanks as they are."""
    if _WITH_QUOTES.search(text):
        text = text.translate(_QUOTES)
    if not text.isascii():
        if not unicodedata.is_normalized("NFKC", text):
            # Marks are put in order first, in time that grows with the length only.
            text = unicodedata.normalize("NFKC", normalize_text(text))
        text = text.casefold()
        return text.translate(_LETTERS) if _FAR.search(text) else _CHANGED.sub(_changed, text)
    return text.casefold()


def _changed(run: re.Match[str]) -> str:
    return run[0].translate(_LETTERS)


def fold(text: str) -> str:
    """Return text in the form in which it is compared."""
    letters = _letters(text)
    if _JOINING.search(letters) is None:  # most texts in Japanese
        return letters
    return _CONTROLS.sub("", _BLANKS.sub(" ", _JOINED.sub("", letters))).strip()


def split(query: str) -> list[str]:
    """Return the words of a query in that form; each of them has to be found."""
    return [part for typed in query.split() for part in fold(typed).split()]


def place_of(text: str, word: str) -> tuple[int, int] | None:
    """Return where a folded word is in a text as it was written: begin and end; None where that is not certain."""
    letters: list[str] = []
    origins: list[tuple[int, int]] = []
    for cluster in _CLUSTERS.finditer(text):
        folded = _letters(cluster[0])
        letters.append(folded)
        origins += [cluster.span()] * len(folded)
    whole = "".join(letters)
    for taken in reversed(list(_JOINED.finditer(whole))):
        whole = whole[: taken.start()] + whole[taken.end() :]
        del origins[taken.start() : taken.end()]
    for blank in reversed(list(_BLANKS.finditer(whole))):
        whole = whole[: blank.start()] + " " + whole[blank.end() :]
        del origins[blank.start() + 1 : blank.end()]
    at = whole.find(word)
    return (origins[at][0], origins[at + len(word) - 1][1]) if word and at >= 0 else None
