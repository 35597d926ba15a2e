"""The application factory of the desk."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

import httpx
from flask import Flask, Request
from flask_wtf.csrf import CSRFProtect
from platformdirs import user_data_path

import templates
from admin.desk.keys import IDLE_MINUTES, MAX_IDLE, MIN_IDLE, Keyring
from admin.desk.labels import i18n
from admin.desk.server.client import DeskError, Server
from admin.desk.web import context, error_pages, guard, headers, pages
from admin.desk.web.first_run import FirstRun
from admin.desk.web.one_time_links import OneTimeLinks
from admin.desk.web.views import (
    access,
    auditors,
    bulk,
    case_actions,
    deletion,
    drafts,
    export,
    first,
    guests,
    guide,
    inbox,
    intake,
    lists,
    lock,
    log,
    notices,
    own_key,
    pack,
    pack_files,
    panel,
    panels,
    program,
    records,
    register,
    statistics,
    triage,
)
from cases.days import today_jst
from crypto.errors import place_of
from crypto.identity import Identity
from templates.options import JINJA_OPTIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_FORM_BYTES = 8 * 1024 * 1024
"""A reply of 100,000 characters is at most 1.2 MB as a form; a text that is too long comes back to be
shortened.
"""


MAX_SCAN_BYTES = 33 * 1024 * 1024
"""Of a request that brings a scan; a scan can have 32 MiB."""


def _today() -> date:
    return today_jst(datetime.now(UTC))


def print_link(url: str) -> None:
    """Print a one-time link on one line."""
    print(f"Open the desk (once, within two minutes): {url}", flush=True)


@dataclass(frozen=True, kw_only=True, repr=False)
class DeskOptions:
    """How a desk is set up. `cache_dir`: where sealed bytes are kept (None: the system's place). `identity`: starts the
    desk unlocked. `port`: of 127.0.0.1. `key_path`: the file that the key file's bytes came from, for a change of
    the passphrase. `announce` gets the address of each fresh one-time link. `now`: seconds of a clock that only goes
    forward. `idle_minutes`: after so many without use it locks itself. `first`: this is a first run, without a site and
    a key. `origin`: of the one file that it was started from.
    """

    cache_dir: Path | None = None
    identity: Identity | None = None
    port: int = 8001
    key_path: Path | None = None
    announce: Callable[[str], None] = print_link
    today: Callable[[], date] = _today
    now: Callable[[], float] = time.monotonic
    transport: httpx.BaseTransport | None = None
    idle_minutes: int = IDLE_MINUTES
    first: FirstRun | None = None
    origin: Mapping[str, str] | None = None

    @property
    def folder(self) -> Path:
        """Where sealed bytes are kept."""
        return self.cache_dir or user_data_path("meyasubako", appauthor=False)


_DEFAULTS = DeskOptions()
_VIEWS = (
    inbox.root,
    inbox.inbox,
    intake.intake,
    case_actions.cases,
    records.records,
    panel.panel,
    drafts.drafts,
    panels.panels,
    triage.triage,
    bulk.bulk,
    export.exports,
    pack.packs,
    pack_files.pack_files,
    lists.lists,
    statistics.statistics_page,
    deletion.deletions,
    access.accesses,
    auditors.people,
    own_key.ownkey,
    program.program,
    first.first,
    lock.lock,
    notices.notices,
    log.log,
    guide.guide,
    guests.guests,
    register.register,
)


def create_desk(
    server_url: str | None, keyfile_bytes: bytes | None, options: DeskOptions = _DEFAULTS
) -> Flask:
    """Return the desk of one auditor, to be served on 127.0.0.1 only.

    The server is not asked before somebody opens a page. Without an address it is a first run (`options.first`). Raises
    DeskError.
    """
    if server_url is None and options.first is None:
        raise DeskError("The desk needs the address of its site.")
    if keyfile_bytes is None and options.identity is None and options.first is None:
        raise DeskError("The desk needs a key file.")
    if not MIN_IDLE <= options.idle_minutes <= MAX_IDLE:
        raise DeskError(f"The desk locks itself after {MIN_IDLE} to {MAX_IDLE} minutes.")
    server = None if server_url is None else Server(server_url, options.today, options.transport)
    app = _bare_app(options.port)
    keyring = Keyring(keyfile_bytes, options.identity, options.now, options.idle_minutes, options.key_path)
    links = OneTimeLinks(options.now)
    desk = context.Desk(server, keyring, links, options.folder, options.port, options.announce, options.today)
    desk.first, desk.origin = options.first, options.origin
    context.install(app, desk)
    for part in (i18n, headers, pages, guard, first, error_pages):
        part.install(app)
    CSRFProtect(app)
    for blueprint in _VIEWS:
        app.register_blueprint(blueprint)
    return app


def _bare_app(port: int) -> DeskApp:
    app = DeskApp(
        "admin.desk", static_folder="static", static_url_path="/static", template_folder=str(templates.FOLDER)
    )
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),  # of this run only: a session ends with it
        # Cookies don't know ports: two desks on one computer would take away each other's session.
        SESSION_COOKIE_NAME=f"meyasubako_desk_{port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a reply may take hours; the token ends with the session
        WTF_I18N_ENABLED=False,
    )
    app.jinja_options = dict(JINJA_OPTIONS)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    return app


def new_link(app: Flask) -> str:
    """Return the address of a new one-time link into a desk: good once, for two minutes."""
    return context.desk_of(app).new_link()


class InMemoryRequest(Request):
    """A request whose uploads stay in memory: werkzeug would write larger ones into a temporary file."""

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        super().__init__(environ, populate_request, shallow)
        if self.path.endswith("/intake/scans"):
            self.max_content_length = MAX_SCAN_BYTES

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


class DeskApp(Flask):
    """Flask that keeps uploads in memory, and logs of an exception where it came from and nothing of what it said."""

    request_class = InMemoryRequest

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | None
    ) -> None:
        """Log the class of an exception and its place in the code; messages, paths and values can hold a
        report.
        """
        self.logger.error("unhandled %s", place_of(exc_info[1] if exc_info else None))
