"""Languages: the first part of the path says which one; where there is none, the browser's wish does. No
cookie.

Sentences are in English in the sources and in `translations/` for each language, English too, so that wording
can be changed without touching code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from babel.dates import format_date
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request
from flask_babel import Babel
from jinja2 import Environment
from markupsafe import Markup, escape

from cases.law import DATA_LANGUAGES
from cases.law import EASY as EASY_IN_DATA
from portal.labels import furigana
from portal.labels.compiled import LanguageEnvironment
from templates import catalogues
from templates.labels import N_ as N_

TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"
FURTHER: Final[Mapping[str, str]] = {}
"""Languages that are being added, with their own names (docs/how-to/add-a-language.md). One is offered when its
catalogue is whole and `cases.law.DATA_LANGUAGES` names it, so that the data has its texts."""


def offered(further: Mapping[str, str], translations: Path, in_texts: Collection[str]) -> dict[str, str]:
    """Return the languages that the site offers, with their own names. `in_texts`: those that the data has."""
    whole = catalogues.offered(
        translations, {code: name for code, name in further.items() if code in in_texts}
    )
    return {"ja": "日本語", "en": "English", "easy": "やさしい日本語", **whole}


LANGUAGES: Final[Mapping[str, str]] = offered(FURTHER, TRANSLATIONS, DATA_LANGUAGES)
"""Language → its own name."""

LOCALES: Final[Mapping[str, str]] = {code: "ja@easy" if code == "easy" else code for code in LANGUAGES}
"""Language → the folder of its catalogue; what is before the @ is Babel's locale."""

EASY: Final = "easy"
BARE: Final = "easy-kanji"
PREFIXES: Final[Mapping[str, str]] = {**{code: code for code in LANGUAGES}, BARE: EASY}
"""First part of the path → its language. Under BARE plain Japanese is without furigana: the choice is in the address
and nowhere else."""

FURIGANA: Final[Mapping[str, str]] = {EASY: "ふりがな あり", BARE: "ふりがな なし"}
"""First part of the path → what the switch of furigana calls it."""

DEFAULT: Final = "ja"
_EXTENSION: Final = "meyasubako_catalogues"
_TEMPLATES: Final = "meyasubako_templates"
_DAYS: Final[Mapping[int, str]] = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか",
}  # fmt: skip
"""Days of the month whose reading is not the number's with にち."""


def install(app: Flask) -> None:
    """Let Flask-Babel speak the language of the page."""
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: in_data(language()),
    )
    app.add_template_filter(show_day, "day")
    app.add_template_filter(show_list, "listed")
    app.jinja_env.globals["told"] = show_text
    loaded = {code: _load(TRANSLATIONS, folder) for code, folder in LOCALES.items()}
    app.extensions[_EXTENSION] = loaded
    # Flask-Babel looks the catalogue up anew for each of the hundred sentences on a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: furigana_of(loaded[language()].ugettext(text)),
        lambda singular, many, count: furigana_of(loaded[language()].ungettext(singular, many, count)),
        newstyle=True,
    )
    app.extensions[_TEMPLATES] = {part: _compiled_for(app, part) for part in PREFIXES}


def _compiled_for(app: Flask, part: str) -> Environment:
    texts: NullTranslations = app.extensions[_EXTENSION][PREFIXES[part]]
    environment = cast(LanguageEnvironment, app.jinja_env)
    return environment.for_language(lambda sentence: furigana_for(part, texts.ugettext(sentence)))


def templates_of(app: Flask) -> Environment:
    """Return the templates as they are compiled for this request's language."""
    compiled: Mapping[str, Environment] = app.extensions[_TEMPLATES]
    return compiled[prefix()]


def _load(folder: Path, code: str) -> NullTranslations:
    catalogue = Translations.load(folder, [code])
    if type(catalogue) is NullTranslations:
        # Without it every page would be in English, without a word of warning.
        raise RuntimeError(f"the catalogue for {code} has not been built (messages.mo)")
    return catalogue


def language() -> str:
    """Return the language of this request's answer: that of its path, or else the browser's wish."""
    return PREFIXES[prefix()]


def prefix() -> str:
    """Return the first part of the paths of this request's pages, one of PREFIXES."""
    known: str | None = g.get("prefix")
    if known is None:
        first = request.path.split("/", 2)[1]
        known = g.prefix = first if first in PREFIXES else negotiated()
    return known


def negotiated() -> str:
    """Return the language that the browser asks for. The answer is then marked as depending on that."""
    g.negotiated = True
    return (
        request.accept_languages.best_match([code for code in LANGUAGES if code != EASY], DEFAULT) or DEFAULT
    )


def furigana_of(text: str) -> str:
    """Return a text of the program (never a reporter's) as this page shows it: in plain Japanese, HTML with the
    readings, or without them where the address says so.
    """
    return furigana_for(prefix(), text)


def furigana_for(part: str, text: str) -> str:
    """Return a text as `furigana_of` does for pages whose paths begin with `part`, one of PREFIXES."""
    if PREFIXES[part] != EASY:
        return text
    return furigana.markup(furigana.plain(text)) if part == BARE else furigana.markup(text)


def script_text(text: str) -> str:
    """Return a text of the program as the page's scripts get it: in the notation of `portal.labels.furigana`."""
    return furigana.plain(text) if prefix() == BARE else text


def in_language(words: Mapping[str, str]) -> str:
    """Return a text of the data, in the notation; plain Japanese where there is one, otherwise Japanese."""
    code = language()
    return words.get(EASY_IN_DATA, words["ja"]) if code == EASY else words[code]


def show_text(words: Mapping[str, str]) -> str:
    """Return a text of the data as this page shows it."""
    text = in_language(words)
    # What the operator wrote is in Japanese and holds no notation.
    return furigana_of(text) if EASY_IN_DATA in words else text


def write_day(day: date) -> str:
    """Return a day as people write it in the page's language, in the notation."""
    return _written_day(day, language())


@lru_cache(maxsize=512)
def _written_day(day: date, code: str) -> str:
    written = format_date(day, "long", locale=in_data(code))
    if code != EASY:
        return written
    reading = _DAYS.get(day.day)
    last = f"｜{day.day}日《{reading}》" if reading else f"{day.day}日《にち》"
    return f"{day.year}年《ねん》{day.month}月《がつ》{last}"


def show_day(day: date) -> str:
    """Return a day as this page shows it."""
    return furigana_of(write_day(day))


def show_list(parts: Iterable[str]) -> str:
    """Return several words as people enumerate them in the page's language, as the scripts do."""
    words = list(parts)
    if any(isinstance(word, Markup) for word in words):
        return Markup(format_list([escape(word) for word in words], locale=in_data(language())))
    return format_list(words, locale=in_data(language()))


def in_data(code: str) -> str:
    """Return the language that the data has for a page's: plain Japanese is Japanese there."""
    return "ja" if code == EASY else code


def gettext(sentence: str, **values: str) -> str:
    """Return a sentence in the page's language, in the notation; `values` are the program's own, in the notation
    too. (Flask-Babel's own knows no plain Japanese.)
    """
    catalogues: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    translated = catalogues[language()].ugettext(sentence)
    return translated % values if values else translated


def ngettext(singular: str, many: str, count: int) -> str:
    """Return a sentence about a number in the page's language, its placeholders still in it."""
    catalogues: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    return catalogues[language()].ungettext(singular, many, count)
