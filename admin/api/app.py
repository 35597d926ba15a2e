"""The application factory of the server's side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import TracebackType
from typing import Any, Final

from flask import Flask, Response
from flask.sessions import NullSession, SessionInterface
from sqlalchemy import Engine

from admin.api import auth, context, errors
from admin.api.routes import cases, deletion, log, people, readings, register
from crypto.attachment import object_length
from crypto.errors import place_of
from store.config.secrets import FirstCard
from store.config.settings import Settings
from store.objects import Objects

LARGEST_BODY: Final = 1_700_000
"""The largest envelope (64 slots, 512 KiB) is 708 kB of base64, and a decision has two; the rest of a request is a few
hundred bytes.
"""


def create_api(
    settings: Settings,
    engine: Engine,
    today: Callable[[], date],
    objects: Objects | None = None,
    first_card: bytes | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> Flask:
    """Return the API that desks ask; it is mounted at `/api`. Nothing is read before the first request.

    `objects`: the site's sealed files, where another part of the process has them open already. `first_card`: the key
    id (16 bytes) that the roster begins with, where it was read already. `sign`: signs promises with the site's key.
    """
    limits = settings.limits
    files = objects or Objects(engine, object_length(limits.max_file_bytes), limits.max_waiting_bytes)
    app = _Api("admin.api", static_folder=None)
    # An operator's limit for reporters must not stop an auditor's answer.
    app.config["MAX_CONTENT_LENGTH"] = max(settings.limits.max_request_bytes, LARGEST_BODY)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # No redirects: a signature holds for one path.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    facts = context.Facts(settings.site.designated, settings.promises)
    pinned = FirstCard(settings.server.secret_file, first_card)
    context.install(app, context.Api(engine, today, files, facts, pinned, sign))
    errors.install(app)
    auth.install(app)
    app.after_request(_headers)
    for blueprint in (cases.v1, people.v1, deletion.v1, log.v1, readings.v1, register.v1):
        app.register_blueprint(blueprint)
    return app


def _headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


class _NoSession(SessionInterface):
    """No session, no cookie: a signature says who asks."""

    def open_session(self, app: Flask, request: Any) -> NullSession:
        return NullSession()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        return


class _Api(Flask):
    """Flask without sessions, which logs of an exception where it came from and nothing of what it said."""

    session_interface = _NoSession()

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | None
    ) -> None:
        """Log the class of an exception and its place in the code."""
        self.logger.error("unhandled %s", place_of(exc_info[1] if exc_info else None))
