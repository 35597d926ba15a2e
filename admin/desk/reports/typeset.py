"""Line breaking of printed text, and the characters that are printed. No PDF in here.

Japanese lines break between any two letters but these (kinsoku; JIS X 4051:2004, 6.1): a closing mark, a small kana or
a lengthening mark begins no line, an opening mark ends none. Words in Latin letters, numbers and addresses stay whole
where they fit a line. The Unicode algorithm (UAX 14) says the same of Japanese; a library that has it took
11 s for 100,000 characters, which a case can have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

NOT_FIRST: Final = frozenset(
    "、。，．・：；？！‼⁇⁈⁉」』）】〕］｝〉》〙〗｠»’”ゝゞヽヾ々〻ー゠–〜～‐…‥"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    "｡､･｣ﾞﾟｰｧｨｩｪｫｬｭｮｯ゛゜%％°′″℃‰!,.:;?)]}"
)
"""Characters that begin no line."""
NOT_LAST: Final = frozenset("「『（【〔［｛〈《〘〖｟«‘“｢([{￥＄￡＃№")
"""Characters that end no line."""
_TAB: Final = "\u3000" * 2
_BLANKS: Final = {ord(char): " " for char in "\x0b\x0c\x85\xa0\u1680\u202f\u205f"} | {
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    ord("\t"): _TAB,
    ord("\r"): "\n",
    **dict.fromkeys(map(ord, "\u2028\u2029"), "\n"),
}
"""Characters with Unicode's property White_Space that the font lacks (the ideographic space has one)."""
_UNPRINTED: Final = dict.fromkeys(
    [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x180B, 0x180C, 0x180D, 0x180F], None
) | dict.fromkeys([0x200B, 0x2060, 0xFEFF, 0xAD], None)
"""Variation selectors: they choose a form of the letter before, which the font has not; and blanks without a width."""
_PARTS: Final = re.compile(r"[!-~\u00a1-\u024f]+ *| +|.", re.DOTALL)


def printed(text: str) -> str:
    """Return text with each of Unicode's blanks as one that the font has, without what is neither seen nor a blank."""
    return text.replace("\r\n", "\n").translate(_BLANKS).translate(_UNPRINTED)


def lines(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield the lines of a text, each of at most `width` (in the units of `measure`) without the blanks at its end.

    Blanks stay where they are, at the end of a line: put together again, the lines are the text.
    """
    for paragraph in text.split("\n"):
        line, room = "", width
        for unit in units(paragraph):
            wide = measure(unit.rstrip(" "))
            if wide > room and line:
                yield line
                line, room = "", width
            if wide > width:
                *whole, unit = _cut(unit, width, measure)
                yield from whole
            line += unit
            room -= measure(unit)
        yield line


def units(paragraph: str) -> Iterator[str]:
    """Yield what stays on one line if it fits."""
    unit = ""
    for part in _PARTS.findall(paragraph):
        if unit and not _stays(unit[-1], part[0]):
            yield unit
            unit = ""
        unit += part
    if unit:
        yield unit


def _stays(before: str, after: str) -> bool:
    """Tell whether a line may not break between two letters."""
    return after in NOT_FIRST or before in NOT_LAST or after == " "


def _cut(unit: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return a unit that is longer than a line in parts that are not."""
    parts, room = [""], width
    for letter in unit:
        wide = measure(letter)
        if wide > room and parts[-1]:
            parts.append("")
            room = width
        parts[-1] += letter
        room -= wide
    return parts
