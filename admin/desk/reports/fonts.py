"""Fonts for documents: the one that comes with the program, and one of this computer for letters that it lacks."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Set
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont, TTLibError

FONT: Final = "IPAexGothic"
_PACKAGE: Final = "matplotlib_fontja"
_FONT_FILE: Final = "fonts/ipaexg.ttf"
_SYSTEM_FONTS: Final = (
    "C:/Windows/Fonts/meiryo.ttc",
    "C:/Windows/Fonts/YuGothM.ttc",
    "C:/Windows/Fonts/msgothic.ttc",
    "/System/Library/Fonts/ヒラギノ角ゴシック W3.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)
"""Where systems keep a font with more Japanese letters than the first one has, such as 𠮷 of many family names."""
_RESTRICTED: Final = 0x0002

# Their warnings name letters of the text that the font lacks.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


def font_path() -> Path:
    """Return the font's file, out of the pinned package that brings it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(_PACKAGE)
    return Path(next(iter(spec.submodule_search_locations))) / _FONT_FILE


def lacking(letters: Set[str]) -> Set[str]:
    """Return those of these characters that can be printed and that the program's own font lacks."""
    own = _usable_letters(font_path())
    return {char for char in letters if char not in own and char.isprintable() and not char.isspace()}


def second_font(letters: Set[str]) -> Path | None:
    """Return a font of this computer that has some of these letters, most of them first; None: there is none.

    It may be put into a document (OpenType, OS/2 fsType: not "restricted") and has one shape for each letter.
    """
    best, most = None, 0
    for path in map(Path, _SYSTEM_FONTS):
        if letters and path.is_file() and (has := len(letters & _usable_letters(path))) > most:
            best, most = path, has
    return best


@lru_cache(maxsize=8)
def _usable_letters(path: Path) -> frozenset[str]:
    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            restricted = font["OS/2"].fsType & _RESTRICTED
            variable = "fvar" in font
            return frozenset() if restricted or variable else frozenset(map(chr, font.getBestCmap()))
    except (OSError, TTLibError, KeyError):
        return frozenset()
