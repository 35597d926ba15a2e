"""The routes of docs/format.md, section 8: JSON and octets in, JSON out; no language, no page, no cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from crypto import wire
from crypto.wire import Malformed
from portal.context import Portal
from portal.edge.request import portal
from portal.usecases import browser_api, browser_codes
from portal.usecases.browser_api import BrowserApiRefusal
from store import objects
from store.db import StoreFailed
from store.site import NoSite

MAX_BODY: Final = 2_000_000
_PIECE_HEAD: Final = 16 + 8 + 8

site: Final = Blueprint("sealed", __name__, url_prefix="/sealed")


@site.post("/<any(look, report, message, replace, forget):use_case>")
def json_request(use_case: str) -> Response:
    """Hand a JSON request to its use case."""
    of = browser_codes if use_case in ("replace", "forget") else browser_api
    run: Callable[[Portal, object], dict[str, Any]] = getattr(of, use_case)
    return jsonify(run(portal(), json_body()))


@site.post("/have")
def have() -> Response:
    """Tell how much of a file is here."""
    (object_id,) = wire.fields(json_body(), "object")
    return jsonify(have=portal().objects.have(wire.identifier(object_id)))


@site.post("/piece")
def piece() -> Response:
    """Take the next piece of a sealed file."""
    parts: list[objects.Octets] = [*_parts("application/octet-stream", _PIECE_HEAD + objects.MAX_PIECE)]
    if len(parts[0]) < _PIECE_HEAD:
        parts = [b"".join(parts)]
    head, parts[0] = bytes(parts[0][:_PIECE_HEAD]), memoryview(parts[0])[_PIECE_HEAD:]
    if not any(parts):
        raise BrowserApiRefusal(400, "bad_request")
    object_id, total, offset = head[:16], int.from_bytes(head[16:24], "big"), int.from_bytes(head[24:], "big")
    here = portal()
    try:
        done = here.objects.put_piece(object_id, total, offset, parts, here.today())
    except objects.WrongOffset as wrong:
        return _error(409, "have", have=wrong.have)
    except objects.TooLarge:
        raise BrowserApiRefusal(413, "too_large") from None
    except objects.Full:
        raise BrowserApiRefusal(503, "files_full") from None
    except objects.Named:
        raise BrowserApiRefusal(409, "named") from None
    return jsonify(have=done)


def json_body() -> dict[str, Any]:
    """Return the JSON object of the request's body. Raises BrowserApiRefusal, Malformed."""
    return wire.read_object(_body("application/json", MAX_BODY))


def _body(kind: str, most: int) -> bytes:
    return b"".join(_parts(kind, most))


def _parts(kind: str, most: int) -> list[bytes]:
    """Return the whole body in the parts in which it was collected, one at least.

    A foreign page can send these types only after a CORS preflight, which is never granted.
    """
    if request.mimetype != kind:
        raise BrowserApiRefusal(415, "content_type")
    if request.content_length is None:
        raise BrowserApiRefusal(400, "bad_request")
    if request.content_length > most:
        raise BrowserApiRefusal(413, "too_large")
    parts = list(iter(lambda: request.stream.read(max(1, request.content_length or 0)), b"")) or [b""]
    if sum(map(len, parts)) != request.content_length:
        raise BrowserApiRefusal(400, "bad_request")
    return parts


def _error(status: int, code: str, **more: Any) -> Response:
    answer = jsonify(error=code, **more)
    answer.status_code = status
    return answer


@site.errorhandler(BrowserApiRefusal)
def refused(refusal: BrowserApiRefusal) -> Response:
    """Answer with the status and the error code of a refusal."""
    return _error(refusal.status, refusal.code, **refusal.more)


@site.errorhandler(Malformed)
def malformed(_refused: Malformed) -> Response:
    """Answer that the request is not what docs/format.md says."""
    return _error(400, "bad_request")


@site.errorhandler(StoreFailed)
@site.errorhandler(NoSite)
def store_failed(_failed: Exception) -> Response:
    """Answer that the database is away."""
    return _error(503, "store_failed")


@site.errorhandler(HTTPException)
def wrong_request(error: HTTPException) -> Response:
    """Answer what Flask or Werkzeug refused."""
    codes = {413: "too_large", 405: "method"}
    status = error.code or 500
    return _error(status, codes.get(status, "bad_request" if status < 500 else "unexpected"))
