"""Serving the desk on this computer, on Windows, macOS and Linux alike."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from contextlib import suppress
from typing import Any, Final

from flask import Flask
from waitress.server import create_server

from admin.desk.web import running
from admin.desk.web.app import DeskOptions, create_desk, new_link
from admin.desk.web.context import desk_of
from crypto.errors import place_of

HOST: Final = "127.0.0.1"
_IN_MEMORY: Final = 2**31 - 1
_MAX_BODY: Final = 16 * 1024 * 1024
_LOOK_EVERY: Final = 20.0
_READ_EVERY: Final = 1.0


def run_desk(server_url: str | None, keyfile_bytes: bytes | None, options: DeskOptions) -> None:
    """Serve a desk until Ctrl-C; announce a first link.

    Raises DeskError for options that can't be used and OSError when the port is taken.
    """
    app = create_desk(server_url, keyfile_bytes, options)
    try:
        server = make_server(app, options.port)
    except OSError:
        desk_of(app).close()
        raise
    end = threading.Event()
    threading.Thread(target=_lock_when_idle, args=(app, end), daemon=True).start()
    threading.Thread(target=_read_on, args=(app, end), daemon=True).start()
    here = desk_of(app)
    own = running.RunningDesk(here.port, here.root, here.again)
    with suppress(OSError):  # without it only the next start can't find this one
        running.note(options.folder, own)
    try:
        options.announce(new_link(app))
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        end.set()
        running.forget(options.folder, own)
        server.close()
        desk_of(app).close()


def make_server(app: Flask, port: int) -> Any:
    """Return a waitress server that listens on 127.0.0.1:`port`; `run()` serves. Raises OSError."""
    quiet_logs()
    return create_server(
        app,
        sockets=[_listen(port)],
        threads=4,
        ident="",
        # waitress writes what is larger into temporary files: replies and opened reports in plain.
        inbuf_overflow=_IN_MEMORY,
        outbuf_overflow=_IN_MEMORY,
        max_request_body_size=_MAX_BODY,
        clear_untrusted_proxy_headers=True,
    )


def _listen(port: int) -> socket.socket:
    """Take the port. waitress would let other programs on Windows take the same one, and answer in its place."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # There it only lets a desk start again at once.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    return listening


def _lock_when_idle(app: Flask, end: threading.Event) -> None:
    """Let go of the keys after the idle time, also when nobody asks for a page."""
    while not end.wait(_LOOK_EVERY):
        desk_of(app).keyring.expire()


def _read_on(app: Flask, end: threading.Event) -> None:
    """Read the cases that no page has shown yet, so that lists and the search have all of them."""
    while not end.wait(_READ_EVERY):
        desk_of(app).read_on(end)


class _OnlyPlaces(logging.Filter):
    """Reduces a record to the class of an exception and its place; addresses, bodies and values never reach a
    log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = place_of(error) if error else f"fault at {record.module}", ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


def quiet_logs() -> None:
    """Keep waitress and the HTTP client from writing what passes through them."""
    waitress = logging.getLogger("waitress")
    waitress.setLevel(logging.ERROR)
    if not any(isinstance(present, _OnlyPlaces) for present in waitress.filters):
        waitress.addFilter(_OnlyPlaces())
    for name in ("httpx", "httpcore", "flask_wtf.csrf", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
