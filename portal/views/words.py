"""The sentences that the page's scripts show, in the language of the path."""

from __future__ import annotations

from typing import Final

from flask import Response, jsonify
from flask_babel import gettext

from portal.script_words import SCRIPT_WORDS
from portal.views.path import under_language

site: Final = under_language("words", __name__)


@site.get("/words.json")
def words() -> Response:
    """Return the sentences by their keys, `%(name)s` still in them."""
    return jsonify({key: gettext(sentence) for key, sentence in SCRIPT_WORDS.items()})
