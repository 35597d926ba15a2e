"""The application factory."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from types import TracebackType
from typing import Any, cast

from flask import Flask, request
from flask.sessions import NullSession, SessionInterface
from sqlalchemy import Engine

import templates
from crypto.attachment import object_length
from crypto.errors import place_of
from portal.context import Portal, Slots
from portal.edge import compression, headers
from portal.edge import request as edge_request
from portal.edge.request import MAX_FIELDS, Edge, PortalRequest, refuse_foreign_forms
from portal.labels import i18n
from portal.labels.compiled import LanguageEnvironment
from portal.labels.furigana import PlainAttributes
from portal.pages import (
    browser_api,
    error_pages,
    home,
    law,
    log,
    new_code,
    outside,
    record,
    render,
    report,
    script_texts,
    status,
)
from store.config.contacts import own_contacts_of
from store.config.secrets import ServerSecrets
from store.config.settings import Settings
from store.objects import Objects
from templates.options import JINJA_OPTIONS


def create_app(
    settings: Settings,
    engine: Engine,
    secrets: ServerSecrets,
    token_key: bytes,
    today: Callable[[], date],
    now: Callable[[], float] = time.time,
    objects: Objects | None = None,
    log_refusal: Callable[[], str] = str,
) -> Flask:
    """Return the reporter's site. It reads nothing from the database until the first request. Raises SettingsError.

    `token_key`: 32 bytes that seal status tokens; workers that are to understand each other's tokens share
    it. `objects`: the site's sealed files, where another part of the process has them open already.
    `log_refusal`: why this process signs no batch ("damaged", "forked"), "" where it does.
    """
    app = PortalApp(
        "portal", static_folder="static", static_url_path="/static", template_folder=str(templates.FOLDER)
    )
    app.config.update(
        MAX_FORM_MEMORY_SIZE=settings.limits.max_request_bytes,
        MAX_FORM_PARTS=MAX_FIELDS,
        WTF_I18N_ENABLED=False,
    )
    app.jinja_options = {**JINJA_OPTIONS, "extensions": [PlainAttributes]}
    # A redirect would carry the address that the visitor typed in a header, with a host that was never
    # checked.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    own = own_contacts_of(settings, today())
    files = objects or make_objects(settings, engine)
    slots = Slots(settings.server.threads)
    site = Portal(
        settings, engine, secrets, token_key, today, now, files, slots, own, log_refusal=log_refusal
    )
    edge_request.install(app, site)
    app.teardown_request(_forget_files)
    for part in (i18n, headers, compression, render, error_pages):
        part.install(app)
    app.before_request(refuse_foreign_forms)
    modules = (browser_api, home, law, log, new_code, outside, record, report, script_texts, status)
    for blueprint in (home.root, *(module.site for module in modules)):
        app.register_blueprint(blueprint)
    app.wsgi_app = Edge(app.wsgi_app)  # type: ignore[method-assign]
    return app


def make_objects(settings: Settings, engine: Engine) -> Objects:
    """Return the sealed files of a site; nothing is opened before the first one."""
    limits = settings.limits
    return Objects(engine, object_length(limits.max_file_bytes), limits.max_waiting_bytes)


def _forget_files(_error: BaseException | None) -> None:
    cast(PortalRequest, request).forget_files()


class _NoSession(SessionInterface):
    """No session and no cookie, not even an empty one."""

    def open_session(self, app: Flask, request: Any) -> NullSession:
        return NullSession()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        return


class PortalApp(Flask):
    """Flask without sessions, which logs of an exception where it came from and nothing of what it said."""

    request_class = PortalRequest
    jinja_environment = LanguageEnvironment
    session_interface = _NoSession()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view as it is: none is a coroutine, and Flask would look for that many times in each request."""
        return func

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | None
    ) -> None:
        """Log an exception's class and its place in the code: messages and values can hold a report."""
        self.logger.error("unhandled %s", place_of(exc_info[1] if exc_info else None))
