"""Errors of the API: a status and one code word, never a value from a request or the database."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from store.db import StoreFailed
from store.site import NoSite

_WORDS: Final = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


class Refused(Exception):
    """A request that is not carried out: HTTP status and code word. Nothing has been changed."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


def install(app: Flask) -> None:
    """Answer every error with JSON."""
    app.register_error_handler(Refused, lambda error: _answer(error.status, error.word))
    app.register_error_handler(StoreFailed, lambda _error: _answer(503, "store"))
    app.register_error_handler(NoSite, lambda _error: _answer(503, "store"))
    app.register_error_handler(HTTPException, _http)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    return _answer(status, _WORDS.get(status, "bad_request" if status < 500 else "server"))


def _answer(status: int, word: str) -> Response:
    answer = jsonify(error=word)
    answer.status_code = status
    return answer
