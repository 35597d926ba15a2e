"""Square brackets of full width in a reply: asked about once, for a template's places look like them."""

from __future__ import annotations

import hashlib

from flask import request

from cases.form import clean_text
from cases.replies import has_brackets
from crypto.encoding import normalize_text

_FIELD = "bracketed"


def bracketed(text: str) -> str:
    """Return what the form says once its author was asked about this text; "" for a text without brackets."""
    clean = normalize_text(clean_text(text))
    return hashlib.sha256(clean.encode()).hexdigest() if has_brackets(clean) else ""


def brackets_problem(text: str) -> str:
    """Return the code that asks about brackets (labels.answers.REPLY), until the same text is sent again; else ""."""
    return "brackets" if bracketed(text) and request.form.get(_FIELD) != bracketed(text) else ""
