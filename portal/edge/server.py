"""The server program: gunicorn with threads, told to know and to write down as little as possible.

gunicorn's own log lines hold addresses ("Invalid request from ip=...") and request lines ("Error handling
request /ja/..."): its logger is replaced here, its worker in portal/edge/worker.py.
"""

from __future__ import annotations

import os
import re
import resource
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

import sandbox
from crypto.errors import place_of
from portal.edge.takeover import Relief, SiteArbiter, inherited_key
from portal.edge.worker import QuietWorker
from store.config.secrets import is_private
from store.config.settings import ServerSettings, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TOKEN_KEY_BYTES: Final = 32
KEEPALIVE_SECONDS: Final = 15
STOPPING_SECONDS: Final = 20
OPEN_FILES: Final = 65_536
CONNECTIONS: Final = 4_000
"""Connections of one worker; those that wait cost memory only."""
_OTHER_FILES: Final = 400


class QuietLogger(Logger):  # type: ignore[misc]
    """Lifecycle in the master in full; in a worker constant sentences only, never a value that came with a
    request."""

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
            # The sentence without its values, which can be an address or the line of a request; process ids
            # may stay.
            write(re.sub("%[a-z]", "%s", str(msg)), *(value if type(value) is int else "…" for value in args))
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
        self.error_log.error("failed: %s", place_of(sys.exc_info()[1]))


class SiteServer(BaseApplication):  # type: ignore[misc]
    """gunicorn with this program's settings; it reads no configuration of its own, from files or the
    environment."""

    def __init__(
        self,
        settings: ServerSettings,
        load: Callable[[], WSGIApplication],
        key: bytes | None = None,
        further: Sequence[str] = (),
    ) -> None:
        """`key`: of status tokens, for the program that takes over at SIGHUP; None: gunicorn's own reload.
        `further`: addresses that this program's other processes listen on."""
        self._further = further
        self._settings = settings
        self._load = load
        self._key = key
        self.relief = Relief()
        super().__init__()

    def run(self) -> None:
        """Serve."""
        if self._key is None:
            super().run()
        else:
            SiteArbiter(self, self._key, self.relief, self._further).run()

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
            "worker_connections": _connections(),
            "timeout": 120,
            "graceful_timeout": STOPPING_SECONDS,
            "keepalive": KEEPALIVE_SECONDS,
            "sendfile": False,
            "umask": 0o077,
            "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK | os.X_OK) else None,
            "proc_name": "meyasubako",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
            "http_protocols": "h1",
            "http_parser": "python",
            "max_requests": 0,
            "forwarded_allow_ips": "",
            "post_worker_init": self.relief.tell_ready,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Make the application; called in each worker, after the fork."""
        sandbox.hide_memory()
        return self._load()


def token_key(settings: ServerSettings) -> bytes:
    """Return the key of status tokens: from the file that several machines share, or new and in memory only
    (ADR 0005).

    Raises ValueError, with what is wrong, for a file that others may read or that is not 32 bytes long.
    """
    path = settings.token_key_file
    if path is None:
        return secrets.token_bytes(TOKEN_KEY_BYTES)
    if not is_private(path):
        raise ValueError("server.token_key_file: the file may be read by others; chmod 600")
    key = path.read_bytes()
    if len(key) != TOKEN_KEY_BYTES:
        raise ValueError(f"server.token_key_file: the file has to hold exactly {TOKEN_KEY_BYTES} bytes")
    return key


def _connections() -> int:
    """Raise the limit of open files as far as it may be, since each connection is one; return how many may be
    open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(100, min(CONNECTIONS, soft - _OTHER_FILES))


def run(settings: Settings, application: Callable[[bytes], WSGIApplication]) -> NoReturn:
    """Serve until told to stop. `application` is called in each worker with the key of status tokens.

    Raises ValueError when the key's file is not as it has to be.
    """
    passed = inherited_key()
    is_shared = settings.server.token_key_file is not None or passed is None
    key = token_key(settings.server) if is_shared or passed is None else passed
    # The process that cleans files has the same user and must not read this one, secrets and reports and all.
    sandbox.hide_memory()
    further = [settings.metrics.bind] if settings.metrics else []
    SiteServer(settings.server, lambda: application(key), key, further).run()
    sys.exit(0)
