"""The part of a path that names the language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.labels.i18n import PREFIXES

_PREFIXES = ", ".join(f'"{prefix}"' for prefix in PREFIXES)


def under_language(name: str, import_name: str) -> Blueprint:
    """Return a blueprint whose pages are under /ja/, /en/ ...; its views need not know the language."""
    blueprint = Blueprint(name, import_name, url_prefix=f"/<any({_PREFIXES}):language>")
    blueprint.url_value_preprocessor(_take_language)
    return blueprint


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    # `portal.labels.i18n.language` reads it from the path, where pages that don't exist have it too.
    if values:
        values.pop("language", None)
