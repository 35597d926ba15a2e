"""The process that serves metrics: forked from the server's before it serves, ended with it by the kernel."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import make_wsgi_app

from admin.metrics.exposition import SiteMetrics, registry_of
from admin.metrics.look import address_of, readiness
from admin.metrics.steps import least_step
from store import db, health
from store.fault_board import FaultBoard
from store.health import WriteHealth

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from store.config.settings import Settings

PATH: Final = "/metrics"
READ_SECONDS: Final = 5
AT_ONCE: Final = 8
"""Connections that are served; further ones are closed."""
_PR_SET_PDEATHSIG: Final = 1


class _Handler(WSGIRequestHandler):
    """Answers, writes no line about it, and knows no address."""

    timeout = READ_SECONDS

    def log_message(self, *_args: Any) -> None:
        """Write nothing."""

    def address_string(self) -> str:
        """Return nothing instead of the address."""
        return ""


class _MetricsServer(ThreadingMixIn, WSGIServer):
    """Serves on a socket that listens already."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, application: WSGIApplication) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = "localhost", 0
        self.setup_environ()
        self.set_app(_only_metrics(application))
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, where one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, *_args: Any) -> None:
        """Say nothing about a connection that broke."""


def _only_metrics(application: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *further: Any) -> Any:
            # Otherwise wsgiref names itself and Python, with their versions.
            return start_response(status, [*headers, ("Server", "meyasubako")], *further)

        if environ.get("PATH_INFO") == PATH and environ.get("REQUEST_METHOD") == "GET":
            return application(environ, start)
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b""]

    return answer


def listen(bind: str) -> socket.socket:
    """Return a socket that listens at host:port or [IPv6]:port. Raises OSError."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), int(port)))
        listening.listen(AT_ONCE)
    except OSError:
        listening.close()
        raise
    return listening


def start(settings: Settings, bind: str) -> FaultBoard:
    """Start the process that serves metrics at `bind`; return what the server's own processes count faults on.

    Call it before anything of the server has a thread. Raises OSError where the address can't be listened on.
    """
    board, listening, server = FaultBoard(), listen(bind), os.getpid()
    site = address_of(settings.server.bind)
    if os.fork():
        listening.close()
        return board
    try:
        _end_with(server)
        _serve(settings, board, listening, site)
    finally:
        # Whatever happens here, the server's own way on is not this process's.
        os._exit(1)
    raise AssertionError  # never reached; for type checkers


def _end_with(server: int) -> None:
    """Let the kernel end this process when the server ends, however that does."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        os._exit(0)


def _serve(settings: Settings, board: FaultBoard, listening: socket.socket, site: str) -> None:
    engine = db.make_engine(settings.store.url, is_server=True)
    # The server itself tells its faults; here they would be told a second time.
    engine.update_execution_options(**{health.OPTION: WriteHealth()})
    metrics = SiteMetrics(engine, board, lambda: readiness(site), least_step(settings.limits))
    _MetricsServer(listening, make_wsgi_app(registry_of(metrics))).serve_forever()
