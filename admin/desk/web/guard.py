"""Access control of the desk: a browser that came with a one-time link, from the desk's own pages, under its
own name.

Every program on this computer and every page in its browser can reach a port of 127.0.0.1. Hence, in this
order: the Host header (a foreign name that was made to lead here gets 421), on every POST the Origin header,
the session that a link began, and the token in each form (Flask-WTF).

Cookies don't know ports: a browser gives the cookie of 127.0.0.1 to every program that it visits on another port of
this computer, a server of another user's too. So all addresses of a run are below a secret path, and the cookie is
good for that path only.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, g, jsonify, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import Forbidden, HTTPException

from admin.desk.web.context import desk, desk_of
from admin.desk.web.pages import is_own_origin, no_session, to
from admin.desk.web.running import RunningDesk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OPEN: Final = "open_link"
AGAIN: Final = "again"
_VISITOR: Final = "visitor"
_OUTSIDE: Final = "meyasubako.outside"


class _BelowRoot:
    """Takes the secret path off an address; what comes without it is marked, and gets no further than the guard."""

    def __init__(self, inner: WSGIApplication, root: str) -> None:
        self._inner, self._root = inner, root

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        first, below = path[: len(self._root)], path[len(self._root) :]
        inside = hmac.compare_digest(first.encode("utf-8", "replace"), self._root.encode())
        if inside and below[:1] in ("", "/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = environ.get("SCRIPT_NAME", "") + self._root, below
        else:
            environ[_OUTSIDE] = True
        return self._inner(environ, start)


class _BelowRootSession(SecureCookieSessionInterface):
    def get_cookie_path(self, app: Flask) -> str:
        return desk_of(app).root


class MisdirectedRequest(HTTPException):
    """421: the request was meant for another host."""

    code = 421


def install(app: Flask) -> None:
    """Guard every request, those for pages that don't exist too."""
    app.wsgi_app = _BelowRoot(app.wsgi_app, desk_of(app).root)  # type: ignore[assignment, method-assign]
    app.session_interface = _BelowRootSession()
    app.before_request(_check_host)
    app.before_request(_check_origin)
    app.before_request(_check_session)
    app.add_url_rule("/open/<token>", OPEN, _open, methods=["GET"])
    app.add_url_rule("/again/<nonce>/<proof>", AGAIN, _again, methods=["GET"])


def _check_host() -> None:
    # Not request.host: the header itself, as the browser sent it.
    if request.environ.get("HTTP_HOST", "").lower() not in desk().hosts():
        raise MisdirectedRequest


def _check_origin() -> None:
    if request.method not in ("GET", "HEAD") and not is_own_origin():
        raise Forbidden


def _check_session() -> Response | None:
    outside = _OUTSIDE in request.environ
    if session.get(_VISITOR) in desk().visitors and not outside:
        g.inside = True
        return None
    if request.endpoint == "static" or (request.endpoint in (OPEN, AGAIN) and not outside):
        return None
    return _turn_away()


def _open(token: str) -> Response:
    """Begin a session for anyone who has a good link; the address with the token is left at once."""
    here = desk()
    if request.method == "GET" and here.links.use(token):
        session.clear()
        session[_VISITOR] = visitor = secrets.token_urlsafe(32)
        here.visitors.add(visitor)
    elif session.get(_VISITOR) not in here.visitors:
        return _turn_away()
    return to("/")


def _again(nonce: str, proof: str) -> Response:
    """Give a fresh link to the next start of the same user's icon, which proves that it read this run's secret."""
    here = desk()
    own = RunningDesk(here.port, here.root, here.again)
    if request.method != "GET" or not hmac.compare_digest(proof.encode(), own.asked(nonce).encode()):
        return _turn_away()
    token = here.links.new()
    return jsonify(token=token, proof=own.answered(nonce, token))


def _turn_away() -> Response:
    here = desk()
    # An image on some page can't make the desk print: only who looks at the answer needs a link.
    printed = request.headers.get("Sec-Fetch-Dest", "document") == "document" and here.links.may_print()
    if printed:
        here.announce(here.new_link())
    return no_session(printed)
