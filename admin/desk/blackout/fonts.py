"""Fonts for PDFium: Japanese letters whose font is not in the file are drawn in the font that comes with the program.

So a page looks the same on every system, and the process needs no file while it reads one. Chinese and Korean get the
same font, as far as it has their letters; for all others PDFium has fonts of its own.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import pypdfium2.raw as pdfium

_EAST_ASIAN: Final = frozenset({128, 129, 134, 136})
"""FXFONT_SHIFTJIS, HANGEUL, GB2312 and CHINESEBIG5_CHARSET (fpdf_sysfontinfo.h)."""
_HANDLE: Final = 1
_alive: list[Any] = []
"""PDFium keeps the addresses: what they lead to must stay."""


def use(font: bytes) -> None:
    """Let PDFium take this font, and no other of the system. Once, before the first file is read."""
    types = dict(pdfium.FPDF_SYSFONTINFO._fields_)

    def map_font(
        _this: Any, _weight: int, _italic: int, charset: int, _pitch: int, _face: Any, _exact: Any
    ) -> int | None:
        return _HANDLE if charset in _EAST_ASIAN else None

    def data(_this: Any, _handle: Any, table: int, buffer: Any, size: int) -> int:
        if table:  # one table of a collection of fonts: this is none
            return 0
        if size >= len(font):
            ctypes.memmove(buffer, font, len(font))
        return len(font)

    info = pdfium.FPDF_SYSFONTINFO(version=1)
    for name, call in {
        "Release": lambda _this: None,
        "EnumFonts": lambda _this, _mapper: None,
        "MapFont": map_font,
        "GetFont": lambda _this, _face: None,
        "GetFontData": data,
        "GetFaceName": lambda _this, _handle, _buffer, _size: 0,
        "GetFontCharset": lambda _this, _handle: 128,
        "DeleteFont": lambda _this, _handle: None,
    }.items():
        setattr(info, name, types[name](call))
    _alive.extend((info, font))
    pdfium.FPDF_SetSystemFontInfo(ctypes.byref(info))
