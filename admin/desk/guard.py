"""Who may talk to the desk: a browser that came with a one-time link, from the desk's own pages, under its
own name.

Every program on this computer and every page in its browser can reach a port of 127.0.0.1. Hence, in this
order: the Host header (a foreign name that was made to lead here gets 421), on every POST the Origin header,
the session that a link began, and the token in each form (Flask-WTF).
"""

from __future__ import annotations

import secrets
from typing import Final

from flask import Flask, Response, g, redirect, request, session
from werkzeug.exceptions import Forbidden, HTTPException

from admin.desk.context import desk
from admin.desk.pages import no_session

OPEN: Final = "open_link"
_WITHOUT_SESSION: Final = frozenset({OPEN, "static"})
_VISITOR: Final = "visitor"


class MisdirectedRequest(HTTPException):
    """421: the request was meant for another host."""

    code = 421


def install(app: Flask) -> None:
    """Guard every request, those for pages that don't exist too."""
    app.before_request(_check_host)
    app.before_request(_check_origin)
    app.before_request(_check_session)
    app.add_url_rule("/open/<token>", OPEN, _open, methods=["GET"])


def _check_host() -> None:
    # Not request.host: the header itself, as the browser sent it.
    if request.environ.get("HTTP_HOST", "").lower() not in desk().hosts():
        raise MisdirectedRequest


def _check_origin() -> None:
    if request.method not in ("GET", "HEAD") and request.headers.get("Origin") != f"http://{request.host}":
        raise Forbidden


def _check_session() -> Response | None:
    if session.get(_VISITOR) in desk().visitors:
        g.inside = True
        return None
    if request.endpoint in _WITHOUT_SESSION:
        return None
    return _turn_away()


def _open(token: str) -> Response:
    """Begin a session for whoever has a good link; the address with the token is left at once."""
    here = desk()
    if request.method == "GET" and here.links.use(token):
        session.clear()
        session[_VISITOR] = visitor = secrets.token_urlsafe(32)
        here.visitors.add(visitor)
    elif session.get(_VISITOR) not in here.visitors:
        return _turn_away()
    answer = redirect("/", 303)
    assert isinstance(answer, Response)
    return answer


def _turn_away() -> Response:
    here = desk()
    # An image on some page can't make the desk print: only who looks at the answer needs a link.
    printed = request.headers.get("Sec-Fetch-Dest", "document") == "document" and here.links.may_print()
    if printed:
        here.announce(here.new_link())
    return no_session(printed)
