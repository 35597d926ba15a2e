"""Languages: the first part of the path says which one. Sentences are in English in the sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from babel.dates import format_date, format_skeleton
from flask import Flask, g, request
from flask_babel import Babel

from cases.days import parse_day
from templates.catalogues import offered
from templates.labels import N_ as N_

TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"
FURTHER: Final[Mapping[str, str]] = {}
"""Languages that are being added, with their own names (docs/how-to/add-a-language.md); offered when whole."""

LANGUAGES: Final[Mapping[str, str]] = {"ja": "日本語", "en": "English", **offered(TRANSLATIONS, FURTHER)}
"""First part of the path → the language's own name. Its locale is the key."""

DEFAULT: Final = "ja"


def install(app: Flask) -> None:
    """Let Flask-Babel speak the language of the page."""
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=language,
    )
    app.add_template_filter(show_day, "day")
    app.add_template_filter(show_short_day, "short_day")
    app.add_template_filter(show_kept_day, "kept_day")


def language() -> str:
    """Return the language of this request's answer: that of its path, or the one that the browser asks for."""
    if "language" not in g:
        first = request.path.split("/", 2)[1]
        g.language = first if first in LANGUAGES else request.accept_languages.best_match(LANGUAGES, DEFAULT)
    return str(g.language)


def colon() -> str:
    """Return what comes between a name and what it names, in the page's language."""
    return "：" if language() == "ja" else ": "


def show_day(day: date) -> str:
    """Return a day as people write it in the page's language."""
    return format_date(day, "long", locale=language())


def show_kept_day(day: str) -> str:
    """Return the same of a day as records hold it, YYYY-MM-DD; "" for none. Raises ValueError."""
    return show_day(parse_day(day)) if day else ""


def show_short_day(day: date, today: date) -> str:
    """Return a day as a table's cell has room for: without its year where that is this year's."""
    skeleton = "MMMd" if day.year == today.year else "yMMMd"
    return str(format_skeleton(skeleton, day, locale=language()))
