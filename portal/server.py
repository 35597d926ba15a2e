"""The server program: gunicorn with threads, told to know and to write down as little as possible.

gunicorn's own log lines hold addresses ("Invalid request from ip=...") and request lines ("Error handling request
/ja/..."); its worker waits for ever for a body that stopped coming. Worker and logger are replaced here for that.
"""

from __future__ import annotations

import os
import secrets
import socket
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from store.settings import ServerSettings, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TOKEN_KEY_BYTES: Final = 32
STALLED_SECONDS: Final = 60
"""How long a connection may say nothing in the middle of a request before its thread is given to somebody else.
Generous, because Tor circuits do pause; a trickle of bytes is the reverse proxy's to bound (docs/operations.md)."""
KEEPALIVE_SECONDS: Final = 15
STOPPING_SECONDS: Final = 20
_ADDRESS_OF_NOBODY: Final = ("", 0)

_STATUS: Final[Mapping[type[Exception], tuple[int, str]]] = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
}

_PAGE: Final = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>読み取れませんでした / Not readable</title></head>
<body><main><h1>読み取れませんでした</h1>
<p>届いた内容を読み取れませんでした。何も保存されていません。前のページに戻ると、入力した内容が残っていることがあります。もう一度お試しください。</p>
<p lang="en">What arrived could not be read. Nothing was stored. What you typed may still be there if you go back. Please try again.</p>
</main></body></html>
"""


class QuietLogger(Logger):  # type: ignore[misc]
    """Lifecycle in the master in full; in a worker constant sentences only, never a value that came with a request."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self._master = os.getpid()

    def access(self, *_args: Any, **_kwargs: Any) -> None:
        """Write no access log, whatever the settings say."""

    def _tell(self, level: str, msg: object, args: tuple[Any, ...]) -> None:
        write = getattr(self.error_log, level)
        if os.getpid() == self._master:
            write(msg, *args)
        elif args or level in ("info", "debug"):
            # The sentence without its values: those can be an address or the line of a request.
            write("%s", str(msg).replace("%s", "…").replace("%r", "…"))
        else:
            write("a message of the server's own was left out, because it could quote a request")

    def critical(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("critical", msg, args)

    def error(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("error", msg, args)

    def warning(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("warning", msg, args)

    def info(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("info", msg, args)

    def debug(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("debug", msg, args)

    def log(self, _level: Any, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log without request data."""
        self._tell("info", msg, args)

    def exception(self, msg: Any, *args: Any, **_kwargs: Any) -> None:
        """Log what failed and where in the code; an exception's text can quote a request."""
        kind, _error, trace = sys.exc_info()
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
        self.error_log.error("failed: %s at %s", kind.__name__ if kind else "exception", place)


class PatientSocket(socket.socket):
    """A connection whose blocking calls end when the other side says nothing for too long."""

    def setblocking(self, flag: bool) -> None:
        """Give blocking calls an end."""
        self.settimeout(STALLED_SECONDS if flag else 0)


class QuietWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker without the visitor's address, and without endless waits."""

    def enqueue_req(self, conn: Any) -> None:
        """Take a connection over; its address is forgotten before anything could read it."""
        if not isinstance(conn.sock, PatientSocket):
            conn.client = _ADDRESS_OF_NOBODY
            conn.sock = PatientSocket(fileno=conn.sock.detach())
        super().enqueue_req(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is not HTTP, or what the application did not catch, without quoting any of it."""
        refused = isinstance(exc, errors.ParseException | errors.ForbiddenProxyRequest)
        status, reason = _STATUS.get(type(exc), (400, "Bad Request") if refused else (500, "Internal Server Error"))
        if not refused:
            self.log.exception("failed")
        body = _PAGE.encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode() + body)
        except OSError:
            # Whoever sent it is gone.
            return


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with this program's settings; it reads no configuration of its own, from files or the environment."""

    def __init__(self, settings: ServerSettings, load: Callable[[], WSGIApplication]) -> None:
        self._settings = settings
        self._load = load
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        memory = Path("/dev/shm")
        chosen = {
            "bind": self._settings.bind,
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": QuietWorker,
            "logger_class": QuietLogger,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "info",
            "backlog": 2048,
            "worker_connections": 1000,
            "timeout": 120,
            "graceful_timeout": STOPPING_SECONDS,
            "keepalive": KEEPALIVE_SECONDS,
            "sendfile": False,
            "umask": 0o077,
            "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK | os.X_OK) else None,
            "proc_name": "meyasubako",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Make the application; called in each worker, after the fork."""
        return self._load()


def token_key(settings: ServerSettings) -> bytes:
    """Return the key of status tokens: from the file that several machines share, or new and in memory only (ADR 0005).

    Raises ValueError, with what is wrong, for a file that others may read or that is not 32 bytes long.
    """
    path = settings.token_key_file
    if path is None:
        return secrets.token_bytes(TOKEN_KEY_BYTES)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError("server.token_key_file: the file may be read by others; chmod 600")
    key = path.read_bytes()
    if len(key) != TOKEN_KEY_BYTES:
        raise ValueError(f"server.token_key_file: the file has to hold exactly {TOKEN_KEY_BYTES} bytes")
    return key


def run(settings: Settings, application: Callable[[bytes], WSGIApplication]) -> NoReturn:
    """Serve until told to stop. `application` is called in each worker with the key of status tokens.

    Raises ValueError when the key's file is not as it has to be.
    """
    key = token_key(settings.server)
    Server(settings.server, lambda: application(key)).run()
    sys.exit(0)
