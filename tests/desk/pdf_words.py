"""The words of a PDF, as a reader copies them out of it."""

from __future__ import annotations

import io
import re

import pikepdf


def words_of(pdf: bytes) -> str:
    """Return a PDF's text, by the letters' own tables (ToUnicode): what a reader copies out of it."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            fonts = {name: _letters(font) for name, font in page.Resources.Font.items()}
            letters: dict[int, str] = {}
            for one in pikepdf.parse_content_stream(page):
                assert isinstance(one, pikepdf.ContentStreamInstruction)
                operands, operator = list(one.operands), one.operator
                if str(operator) == "Tf":
                    letters = fonts[str(operands[0])]
                if str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                    raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                    found += [letters[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2)]
                if str(operator) == "ET":
                    found.append("\n")
    return "".join(found)


def _letters(font: pikepdf.Object) -> dict[int, str]:
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = int(bytes.fromhex(text).decode("utf-16-be").encode("utf-32-be").hex(), 16)
            for at in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + at] = chr(start + at)
    return found
