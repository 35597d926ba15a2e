"""Parts of addresses."""

from __future__ import annotations

from typing import Final

from flask import abort

from crypto.encoding import id_from_hex
from crypto.errors import BadData

LANGUAGE: Final = "<any(ja, en):lang>"


def case_id_of(text: str) -> bytes:
    """Return the case id of an address; 404 for what is none."""
    return _id(text)


def object_id_of(text: str) -> bytes:
    """Return the id of a file's object in an address; 404 for what is none."""
    return _id(text)


def key_id_of(text: str) -> bytes:
    """Return the key id of an address; 404 for what is none."""
    return _id(text)


def _id(text: str) -> bytes:
    try:
        return id_from_hex(text)
    except BadData:
        abort(404)
