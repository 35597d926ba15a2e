"""Languages: the first part of the path says which one; where there is none, the browser's wish does. No
cookie.

Sentences are in English in the sources and in `translations/` for each language, English too, so that wording
can be changed without touching code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request
from flask_babel import Babel

from templates.labels import N_ as N_

LANGUAGES: Final[Mapping[str, str]] = {"ja": "日本語", "en": "English", "easy": "やさしい日本語"}
"""First part of the path → the language's own name."""

LOCALES: Final[Mapping[str, str]] = {"ja": "ja", "en": "en", "easy": "ja@easy"}
"""First part of the path → the folder of its catalogue; what stands before the @ is Babel's locale."""

DEFAULT: Final = "ja"
_EXTENSION: Final = "meyasubako_catalogues"


def install(app: Flask) -> None:
    """Let Flask-Babel speak the language of the page."""
    translations = Path(__file__).parents[1] / "translations"
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories=str(translations),
        locale_selector=lambda: in_data(language()),
    )
    app.add_template_filter(show_day, "day")
    app.add_template_filter(show_list, "listed")
    catalogues = {code: _load(translations, folder) for code, folder in LOCALES.items()}
    app.extensions[_EXTENSION] = catalogues
    # Flask-Babel looks the catalogue up anew for each of the hundred sentences on a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogues[language()].ugettext(text),
        lambda singular, many, count: catalogues[language()].ungettext(singular, many, count),
        newstyle=True,
    )


def _load(folder: Path, code: str) -> NullTranslations:
    catalogue = Translations.load(folder, [code])
    if type(catalogue) is NullTranslations:
        # Without it every page would be in English, without a word of warning.
        raise RuntimeError(f"the catalogue for {code} has not been built (messages.mo)")
    return catalogue


def language() -> str:
    """Return the language of this request's answer: that of its path, or else the browser's wish."""
    if "language" not in g:
        first = request.path.split("/", 2)[1]
        g.language = first if first in LANGUAGES else negotiated()
    return str(g.language)


def negotiated() -> str:
    """Return the language that the browser asks for. The answer is then marked as depending on that."""
    g.negotiated = True
    return request.accept_languages.best_match(("ja", "en"), DEFAULT) or DEFAULT


def show_day(day: date) -> str:
    """Return a day as people write it in the page's language."""
    return format_date(day, "long", locale=in_data(language()))


def show_list(parts: Iterable[str]) -> str:
    """Return several words as people enumerate them in the page's language, as the scripts do."""
    return format_list(list(parts), locale=in_data(language()))


def in_data(code: str) -> str:
    """Return the language that the data has for a page's: plain Japanese is Japanese there."""
    return "ja" if code == "easy" else code


def gettext(sentence: str, **values: str) -> str:
    """Return a sentence in the page's language. (Flask-Babel's own knows no plain Japanese.)"""
    catalogues: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    translated = catalogues[language()].ugettext(sentence)
    return translated % values if values else translated
