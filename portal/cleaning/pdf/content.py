"""Content streams of a page: unknown properties of marked content and inline pictures are removed."""

from __future__ import annotations

import re
from typing import Final

import pikepdf

from portal.cleaning import jpeg
from portal.cleaning.pdf import rules
from portal.cleaning.words import CannotClean

_MARKED: Final = ("BDC", "DP")
# Most tagged files have nothing but numbers there: these need no parsing.
_PLAIN_MARK: Final = re.compile(
    rb"/[^\s/<>\[\]()]+\s*(?:<<\s*/MCID\s+\d+\s*>>|/[^\s/<>\[\]()]+)\s*(?:BDC|DP)\b"
)
_MARK: Final = re.compile(rb"\b(?:BDC|DP)\b")
_PICTURE: Final = re.compile(rb"\bBI\b.{1,400}?\bID\s", re.DOTALL)
_DCT: Final = frozenset({"/DCT", "/DCTDecode"})


def clean(stream: pikepdf.Object) -> tuple[bytes | None, set[str], bool]:
    """Return a content stream's new bytes (None: as they are), the findings for what is out, and whether something
    stays that was not looked into. `stream`: a page's one stream, a form's, a pattern's, a glyph's.

    Raises pikepdf.PdfError.
    """
    data = stream.read_bytes()
    marks = len(_MARK.findall(data)) > len(_PLAIN_MARK.findall(data))
    if not marks and not _PICTURE.search(data):
        return None, set(), False
    tells: set[str] = set()
    rest = False
    pictures: list[tuple[bytes, bytes]] = []
    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    changed = False
    for step in pikepdf.parse_content_stream(stream):
        if isinstance(step, pikepdf.ContentStreamInlineImage):
            old, new, findings, odd = _clean_inline(step)
            tells |= findings
            rest |= odd
            if new != old:
                pictures.append((old, new))
        elif str(step.operator) in _MARKED and len(step.operands) == 2:
            properties = step.operands[1]
            gone = clean_properties(properties) if isinstance(properties, pikepdf.Dictionary) else set()
            tells |= gone
            if gone:
                changed = True
                step = pikepdf.ContentStreamInstruction([step.operands[0], properties], step.operator)
        instructions.append(step)
    if changed:
        data = pikepdf.unparse_content_stream(instructions)
    for old, new in pictures:
        data = data.replace(old, new)
    return (data if changed or pictures else None), tells, rest


def _clean_inline(step: pikepdf.ContentStreamInlineImage) -> tuple[bytes, bytes, set[str], bool]:
    """Return a picture's bytes before and after, the findings, and whether something stays that was not looked into.

    Only JPEG is looked at; of other pictures nothing is returned.
    """
    picture = step.iimage
    filters = [str(name) for name in picture.filters]
    if not _DCT.intersection(filters):
        return b"", b"", set(), False
    old = picture._data._inline_image_raw_bytes()
    return old, *_clean_picture(old, filters)


def _clean_picture(data: bytes, filters: list[str]) -> tuple[bytes, set[str], bool]:
    if len(filters) > 1:
        return data, set(), True
    try:
        cleaned, findings = jpeg.clean(data.strip(b"\r\n"), turned=False)
    except CannotClean:
        return data, set(), True
    return cleaned + b"\n", findings, False


def clean_properties(properties: pikepdf.Object) -> set[str]:
    """Take unknown keys out of a property list; return the findings for them."""
    tells = set()
    for key in list(properties.keys()):
        if key not in rules.MARKED:
            tells.add(rules.word(key))
            del properties[key]
    return tells
