"""Searching the decrypted text, in memory. No Flask, no disk in here.

Text is compared in one form (`folding`) and shown as it was written; several words have to be in one case, anywhere
in it. All texts are behind one another in that form, as UTF-16 in chunks. Two characters that stand side by
side are 32 bits, so the places of a pair are found by comparing whole arrays, at even offsets and at odd ones:
the time depends on the length of the text alone, not on how common the characters are.
"""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from admin.desk.local.folding import fold, place_of, split
from cases.form import REPORT_FIELDS

PLACES: Final = (*REPORT_FIELDS, "message", "reply", "note", "label", "task", "file", "other", "title")
"""Where a text can stand; in the buffer each text begins with its place's number (1 on) as a control character."""

LIMIT: Final = 200
"""Cases that a search returns at most: the newest ones."""
MAX_QUERY: Final = 200
"""Characters of a query that count."""
_CHUNK: Final = 4 * 1024 * 1024
_CONTROLS: Final = re.compile("[\x00-\x1f]")
_BLANKS: Final = re.compile("[\\s\x00-\x1f]+")
_AROUND: Final = 24
_NEAR: Final = 300
"""Characters around the likely place of a word that are looked through first."""
_TAGS: Final = {name: chr(number) for number, name in enumerate(PLACES, 1)}


def words_of(query: str) -> tuple[str, ...]:
    """Return the words of a query, the longest first."""
    return tuple(sorted(dict.fromkeys(split(query[:MAX_QUERY])), key=len, reverse=True))


def document(texts: Sequence[tuple[str, str]]) -> bytes:
    """Return a case's texts as they are kept: what is compared, and what is shown; empty for none."""
    given = [(_TAGS[place], text) for place, text in texts if text]
    folded = "".join(tag + fold(text) for tag, text in given).encode("utf-16-le", "replace")
    shown = "".join(tag + _BLANKS.sub(_blank, text).strip() for tag, text in given)
    if not folded:
        return b""
    return struct.pack(">I", len(folded)) + folded + zlib.compress(shown.encode("utf-8", "replace"), 1)


def _blank(match: re.Match[str]) -> str:
    # No control character but the tags is in there; that a line ended is still to be seen.
    return "\u2028" if "\n" in match[0] or "\r" in match[0] else " "


def _parts(kept: bytes) -> tuple[bytes, bytes]:
    """Return what is compared, and what is shown (compressed), of a document; nothing of one of an older form."""
    length = int.from_bytes(kept[:4]) if len(kept) >= 4 else len(kept)
    return (kept[4 : 4 + length], kept[4 + length :]) if 4 + length <= len(kept) else (b"", b"")


def pack(rows: Sequence[tuple[bytes, int, bytes]]) -> bytes:
    """Return a block with documents: case id, place in the feed, text."""
    return b"".join(struct.pack(">16sQI", case_id, seq, len(text)) + text for case_id, seq, text in rows)


def unpack(block: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield the documents of a block. Raises ValueError."""
    at = 0
    while at < len(block):
        try:
            case_id, seq, length = struct.unpack_from(">16sQI", block, at)
        except struct.error:
            raise ValueError from None
        at += 28
        yield case_id, seq, block[at : at + length]
        at += length


@dataclass(frozen=True, repr=False)
class Hit:
    """A case in which all words stand. `place`: where the first of them was found; `before`, `word`, `after`: the
    text around it.
    """

    case_id: bytes
    place: str
    before: str
    word: str
    after: str


@dataclass(repr=False)
class _Chunk:
    """Documents behind one another. `starts`: where each begins, in bytes; `live`: which of them still count."""

    raw: bytearray = field(default_factory=bytearray)
    ids: list[bytes] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    live: bytearray = field(default_factory=bytearray)
    shown: list[bytes] = field(default_factory=list)
    """Of each document the text as it was written, compressed."""
    _arrays: Any = None

    def add(self, case_id: bytes, seq: int, text: bytes, shown: bytes) -> None:
        self._arrays = None
        self.ids.append(case_id)
        self.seqs.append(seq)
        self.starts.append(len(self.raw))
        self.live.append(1)
        self.shown.append(shown)
        self.raw += text

    def end(self, number: int) -> int:
        return self.starts[number + 1] if number + 1 < len(self.starts) else len(self.raw)

    def text(self, number: int) -> str:
        return self.raw[self.starts[number] : self.end(number)].decode("utf-16-le", "replace")

    def arrays(self) -> Any:
        """Return the text as pairs at even and at odd offsets, as single units, and the starts in units."""
        import numpy

        if self._arrays is None:
            raw = self.raw
            units = numpy.frombuffer(raw, dtype="<u2")
            even = numpy.frombuffer(raw, dtype="<u4", count=len(raw) // 4)
            odd = numpy.frombuffer(raw, dtype="<u4", count=max(len(raw) - 2, 0) // 4, offset=min(2, len(raw)))
            self._arrays = even, odd, units, numpy.array(self.starts, dtype="<i8") // 2
        return self._arrays


def _documents_with(chunk: _Chunk, word: bytes) -> list[int]:
    """Return the numbers of a chunk's documents that have a word."""
    import numpy

    even, odd, units, starts = chunk.arrays()
    wanted = numpy.frombuffer(word, dtype="<u2")
    if len(wanted) == 1:
        places = numpy.flatnonzero(units == wanted[0])
    else:
        pair = numpy.uint32(int.from_bytes(word[:4], "little"))
        places = numpy.concatenate(
            (numpy.flatnonzero(even == pair) * 2, numpy.flatnonzero(odd == pair) * 2 + 1)
        )
        places = places[places <= len(units) - len(wanted)]
        for offset in range(2, len(wanted)):
            places = places[units[places + offset] == wanted[offset]]
    numbers = numpy.unique(numpy.searchsorted(starts, places, side="right") - 1)
    return [int(number) for number in numbers]


class SearchIndex:
    """The texts of all cases, one document for each case; a newer one takes an older one's place. Any number of
    threads may use it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: list[_Chunk] = [_Chunk()]
        self._where: dict[bytes, tuple[_Chunk, int]] = {}
        self.is_complete = False
        """Whether everything that was read before is here: until then a search finds only some."""

    @property
    def size(self) -> int:
        """Bytes in memory, those of documents that no longer count too."""
        return sum(len(chunk.raw) + sum(map(len, chunk.shown)) for chunk in self._chunks)

    def __len__(self) -> int:
        return len(self._where)

    def add(self, documents: Sequence[tuple[bytes, int, bytes]]) -> None:
        """Take documents in: case id, the place in the feed up to which it was read, text."""
        with self._lock:
            for case_id, seq, kept in documents:
                text, shown = _parts(kept)
                there = self._where.get(case_id)
                if there is not None and there[0].seqs[there[1]] > seq:
                    continue
                self._remove(case_id)
                if not text:
                    continue
                chunk = self._chunks[-1]
                if len(chunk.raw) >= _CHUNK:
                    chunk = _Chunk()
                    self._chunks.append(chunk)
                chunk.add(case_id, seq, text, shown)
                self._where[case_id] = chunk, len(chunk.ids) - 1

    def remove(self, case_id: bytes) -> None:
        """Take a case out."""
        with self._lock:
            self._remove(case_id)

    def _remove(self, case_id: bytes) -> None:
        there = self._where.pop(case_id, None)
        if there is not None:
            chunk, number = there
            chunk.live[number] = 0
            chunk.shown[number] = b""
            end = chunk.end(number)
            chunk.raw[chunk.starts[number] : end] = bytes(end - chunk.starts[number])
            chunk._arrays = None

    def documents(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Yield all documents that count."""
        with self._lock:
            where = list(self._where.items())
        for case_id, (chunk, number) in where:
            text = bytes(chunk.raw[chunk.starts[number] : chunk.end(number)])
            yield case_id, chunk.seqs[number], struct.pack(">I", len(text)) + text + chunk.shown[number]

    def search(self, query: str, limit: int = LIMIT) -> tuple[list[Hit], bool]:
        """Return the cases in which all words stand, those that moved last first, and whether there are more."""
        words = words_of(query)
        matches: list[tuple[int, _Chunk, int]] = []
        with self._lock:
            if not words:
                return [], False
            for chunk in reversed(self._chunks):
                matches += [(chunk.seqs[number], chunk, number) for number in _matches(chunk, words)]
                if len(matches) > limit:
                    break
            matches.sort(key=lambda match: match[0], reverse=True)
            hits = [_hit(chunk, number, words) for _seq, chunk, number in matches[:limit]]
        return hits, len(matches) > limit


def _matches(chunk: _Chunk, words: Sequence[str]) -> list[int]:
    first, *others = (word.encode("utf-16-le") for word in words)
    numbers = [number for number in _documents_with(chunk, first) if chunk.live[number]]
    for word in others:
        if len(numbers) > len(chunk.ids) // 8:
            numbers = sorted(set(numbers).intersection(_documents_with(chunk, word)))
        else:
            numbers = [number for number in numbers if _stands_in(chunk, number, word)]
    return numbers


def _stands_in(chunk: _Chunk, number: int, word: bytes) -> bool:
    at, end = chunk.starts[number], chunk.end(number)
    while (at := chunk.raw.find(word, at, end)) >= 0:
        if at % 2 == 0:
            return True
        at += 1
    return False


def _hit(chunk: _Chunk, number: int, words: Sequence[str]) -> Hit:
    text, word = chunk.text(number), words[0]
    at = max(text.find(word), 0)
    begin = max((match.start() for match in _CONTROLS.finditer(text, 0, at)), default=0)
    after = _CONTROLS.search(text, at)
    place = PLACES[ord(text[begin]) - 1]
    share = (at - begin) / max((after.start() if after else len(text)) - begin, 1)
    before, shown, behind = _as_written(chunk, number, len(_CONTROLS.findall(text, 0, begin)), share, word)
    parts = (part.replace("\u2028", " ") for part in (before, shown, behind))
    return Hit(chunk.ids[number], place, *parts)


def _as_written(chunk: _Chunk, number: int, which: int, share: float, word: str) -> tuple[str, str, str]:
    """Return a piece of a text as it was written, in three parts: before a folded word, the word, behind it.

    `which`: the text's number in its document; `share`: how far from its beginning the word is (0 to 1). Where the
    word's place is not certain, the text's beginning is in the first part and the others are empty.
    """
    raw = zlib.decompress(chunk.shown[number]).decode("utf-8", "replace")
    text = _CONTROLS.split(raw)[which + 1]
    middle = int(share * len(text))
    for reach in (_NEAR, len(text)):
        first = max(middle - reach, 0)
        near = text[first : middle + reach + len(word)]
        if (place := place_of(near, word)) is not None:
            begin, end = place[0] + first, place[1] + first
            left, right = max(begin - _AROUND, 0), min(end + _AROUND, len(text))
            before, behind = text[left:begin], text[end:right]
            return (
                ("…" if left else "") + before,
                text[begin:end],
                behind + ("…" if right < len(text) else ""),
            )
    return text[: 2 * _AROUND] + ("…" if len(text) > 2 * _AROUND else ""), "", ""
