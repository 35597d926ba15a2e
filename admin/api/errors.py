"""Errors of the API: a status and one error code, never a value from a request or the database."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from admin.api.refusals import ApiRefusal
from crypto.wire import Malformed
from store.db import StoreFailed
from store.site import NoSite

_CODES: Final = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


def install(app: Flask) -> None:
    """Answer every error with JSON."""
    app.register_error_handler(ApiRefusal, lambda error: _answer(error.status, error.code))
    app.register_error_handler(Malformed, lambda _error: _answer(400, "bad_request"))
    app.register_error_handler(StoreFailed, lambda _error: _answer(503, "store"))
    app.register_error_handler(NoSite, lambda _error: _answer(503, "store"))
    app.register_error_handler(HTTPException, _http)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    return _answer(status, _CODES.get(status, "bad_request" if status < 500 else "server"))


def _answer(status: int, code: str) -> Response:
    answer = jsonify(error=code)
    answer.status_code = status
    return answer
