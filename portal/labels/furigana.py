"""Furigana: how texts in plain Japanese name the reading of their kanji, and how pages show it.

漢字《かんじ》 in a catalogue or in the data is a word with its reading. The base is the run of kanji before 《; where
it is another part of the text (a digit belongs to it, say), ｜ is before it: ｜2人《ふたり》. These marks have no
other meaning in such texts, and only texts of the program are read in this way: values are put in afterwards, escaped
(docs/plain-japanese.md).

Source: Aozora Bunko's notation for ruby (青空文庫 注記一覧).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment
from jinja2.ext import Extension
from markupsafe import Markup, escape

KANJI: Final = "\u3005\u3006\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Characters of a regular expression's class: kanji, 々 and 〆."""

_WORD: Final = re.compile(f"(?:｜([^｜《》\\n]{{1,20}})|([{KANJI}]+))《([ぁ-ゖー]{{1,20}})》")
_TAGS: Final = re.compile(r'<rt aria-hidden="true">[ぁ-ゖー]*</rt>|</?(?:ruby|span)>')
_KEPT: Final = 4096
"""Texts; those of the catalogue and of the data are fewer."""


def parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text in the notation: (text, reading); the reading is "" where there is none."""
    end = 0
    for word in _WORD.finditer(text):
        if word.start() > end:
            yield text[end : word.start()], ""
        yield word[1] or word[2], word[3]
        end = word.end()
    if end < len(text):
        yield text[end:], ""


@lru_cache(_KEPT)
def markup(text: str) -> Markup:
    """Return a text of the program, in the notation, as HTML with `<ruby>`; everything else in it is escaped.

    Screen readers speak the kanji and skip the reading, so that no word is spoken twice. One element is around all of
    it: a row of boxes (flex) would part the text at each reading.
    """
    if plain(text) == text:
        return escape(text)
    pieces = (
        Markup('<ruby>{}<rt aria-hidden="true">{}</rt></ruby>').format(base, reading)
        if reading
        else escape(base)
        for base, reading in parts(text)
    )
    return Markup("<span>{}</span>").format(Markup().join(pieces))


@lru_cache(_KEPT)
def plain(text: str) -> str:
    """Return a text in the notation without its readings."""
    return "".join(base for base, _reading in parts(text))


def without_tags(value: Any) -> Any:
    """Return what `markup` made without its tags, for an attribute or a title; anything else as it is."""
    if isinstance(value, Markup) and "<ruby>" in value:
        return Markup(_TAGS.sub("", value))
    return value


class PlainAttributes(Extension):
    """Lets no furigana into a place that holds text only: inside a tag, and in <title>, <option> and <textarea>.

    Each `{{ ... }}` in such a place goes through `without_tags`; templates need not name it.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["without_tags"] = without_tags

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the template with the filter where it is needed."""
        return "".join(_guarded(source))


_TOKEN: Final = re.compile(
    r"(?P<jinja>\{#.*?#\}|\{%.*?%\})|(?P<value>\{\{.*?\}\})|(?P<open><[A-Za-z!/])|(?P<close>>)|(?P<other>.)",
    re.DOTALL,
)
_TITLE_BLOCK: Final = re.compile(r"\{%-?\s*block\s+title\b")
_END_BLOCK: Final = re.compile(r"\{%-?\s*endblock\b")
_TEXT_ONLY: Final = re.compile(r"<(title|option|textarea)\b", re.IGNORECASE)


def _guarded(source: str) -> Iterator[str]:
    is_tag = is_title = False
    only = ""
    for token in _TOKEN.finditer(source):
        text = token[0]
        if token["jinja"]:
            is_title = bool(_TITLE_BLOCK.match(text)) or (is_title and not _END_BLOCK.match(text))
        elif token["open"]:
            is_tag = True
            if starts := _TEXT_ONLY.match(source, token.start()):
                only = starts[1].lower()
            elif only and source.startswith(f"</{only}", token.start()):
                only = ""
        elif token["close"]:
            is_tag = False
        elif token["value"] and (is_tag or is_title or only):
            inner = text[2:-2].removeprefix("-").removesuffix("-")
            text = f"{{{{{'-' * (text[2] == '-')}({inner})|without_tags{'-' * (text[-3] == '-')}}}}}"
        yield text
