"""Removes blacked-out passages from a text before it is put into a pack. Pure.

An officer encloses a passage in `[[` and `]]` (or their wide forms), and may name words that are blacked out wherever
they stand. Each passage becomes BLACK, whose length tells nothing. Nothing else of a text can be changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from admin.desk.local.folding import UNSEEN

BLACK: Final = "■■■■"
# In a run of brackets the outermost ones are the mark: all between them is blacked out.
_MARK: Final = re.compile(r"\[\[|\]\](?!\])|［［|］］(?!］)")
_CONTROLS: Final = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
"""Controls of shorthand and of music: no letter to look for, and still without a shape."""
_SHAPELESS: Final = "".join(map(chr, UNSEEN)) + _CONTROLS
"""Characters without a shape (`folding.UNSEEN`): a word with one in it looks like the word."""
_CLUSTER: Final = re.compile(f"(?s).[\u0300-\u036f\u3099\u309a\uff9e\uff9f{_SHAPELESS}]*")
"""A letter with its marks: half-width kana have theirs behind them."""
_IS_SHAPELESS: Final = re.compile(f"[{_SHAPELESS}]")
_OPEN: Final = frozenset({"[[", "［［"})
_PARTING: Final = re.compile(r"(?<=[0-9])[,.'’٬\-‐‑‒–—―−ー]+(?=[0-9])")
"""Separators of digits in amounts and telephone numbers, after NFKC."""
MOST_WORDS: Final = 200


class Altered(Exception):
    """Something other than marks was changed in a text."""


class Unbalanced(Exception):
    """A passage is begun and not ended, or ended and not begun."""


@dataclass(frozen=True, repr=False)
class Redacted:
    """A text without what is blacked out, and how many passages that were."""

    text: str
    passages: int


def without_marks(text: str) -> str:
    """Return a text as it was before passages were marked."""
    return _MARK.sub("", text)


def redacted(original: str, marked: str, words: Collection[str] = ()) -> Redacted:
    """Return a text without its marked passages and without the words. Raises Altered, Unbalanced."""
    if without_marks(original) != without_marks(marked):
        raise Altered
    kept: list[str] = []
    depth, at, passages = 0, 0, 0
    for mark in _MARK.finditer(marked):
        if depth == 0:
            kept.append(marked[at : mark.start()])
        if mark.group() in _OPEN:
            depth += 1
        elif depth == 0:
            raise Unbalanced
        else:
            depth -= 1
            if depth == 0:
                kept.append(BLACK)
                passages += 1
        at = mark.end()
    if depth:
        raise Unbalanced
    kept.append(marked[at:])
    # Within each piece: a word that reaches across a mark is none.
    pieces = [piece if piece == BLACK else without_words(piece, words) for piece in kept]
    more = sum(piece.count(BLACK) for piece in pieces) - sum(piece.count(BLACK) for piece in kept)
    return Redacted("".join(pieces), passages + more)


def words_of(typed: str) -> tuple[str, ...]:
    """Return the words of a box, one on each line, the longest first: a name goes before a part of it."""
    lines = {line.strip() for line in typed.splitlines() if line.strip()}
    return tuple(sorted(lines, key=lambda word: (-len(word), word))[:MOST_WORDS])


def without_words(text: str, words: Iterable[str]) -> str:
    """Return a text in which each of these words is BLACK, whatever its case and width."""
    for word in words:
        text = _without(text, _folded(word)[0])
    return text


def spans_of(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where these words stand in a text, whatever their case and width: first letter, and the one after the
    last.
    """
    folded, places = _folded(text)
    return [span for word in words for span in _spans(folded, places, _folded(word)[0])]


def _spans(folded: str, places: list[tuple[int, int]], wanted: str) -> Iterator[tuple[int, int]]:
    start = folded.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        yield places[start][0], places[end - 1][1]
        start = folded.find(wanted, end)


def _without(text: str, wanted: str) -> str:
    folded, places = _folded(text)
    kept, at = [], 0
    for first, last in _spans(folded, places, wanted):
        if first >= at:
            kept += [text[at:first], BLACK]
            at = last
    return "".join(kept) + text[at:]


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text in which case, width, blanks, what is not seen and what parts the digits of a number (1,200;
    090-1234) count for nothing, and where in the text each character is.
    """
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        for part in unicodedata.normalize("NFKC", _IS_SHAPELESS.sub("", cluster.group())).casefold():
            if not part.isspace():
                folded.append(part)
                places.append(cluster.span())
    whole = "".join(folded)
    parting = {at for run in _PARTING.finditer(whole) for at in range(*run.span())}
    kept = [at for at in range(len(whole)) if at not in parting]
    return "".join(whole[at] for at in kept), [places[at] for at in kept]
