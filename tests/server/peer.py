"""A peer that speaks to a server in raw bytes, whole or cut off, and a bare application behind a server of choice."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port
from tests.support.site import ROOT, select_nothing

APPLICATION = """
import sys

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/fault":
        raise ValueError("what " + environ["QUERY_STRING"] + " says")
    if path == "/break":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return breaking(environ["QUERY_STRING"])
    chunked = "HTTP_TRANSFER_ENCODING" in environ
    body = environ["wsgi.input"].read(None if chunked else int(environ.get("CONTENT_LENGTH") or 0))
    answer = repr((len(body), environ.get("REMOTE_ADDR"))).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]

def breaking(query):
    yield b"begun"
    raise ValueError("what " + query + " says")
"""

OURS = """
import sys
from portal.edge import server
from portal.edge import worker
from store.config.settings import ServerSettings
from bare import application

worker.SILENT_SECONDS = float(sys.argv[2])
worker.WHOLE_SECONDS = float(sys.argv[3])
settings = ServerSettings(None, bind="127.0.0.1:" + sys.argv[1], workers=1, threads=2)
server.SiteServer(settings, lambda: application).run()
"""

STOCK = """
import sys
from gunicorn.app.base import BaseApplication
from bare import application

class Stock(BaseApplication):
    def load_config(self):
        chosen = {"bind": "127.0.0.1:" + sys.argv[1], "workers": 1, "threads": 2, "worker_class": "gthread",
                  "control_socket_disable": True}
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self):
        return application

Stock().run()
"""


@dataclass
class Peer:
    """A running server with one worker and two threads, and what it wrote."""

    port: int
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def log(self) -> str:
        """Everything that the server wrote so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Connect and send something."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        if sent:
            made.sendall(sent)
        return made

    def ask(self, sent: bytes, half_close: bool = False) -> bytes:
        """Send bytes as they are, and return all that comes back."""
        with self.connect(sent) as made:
            if half_close:
                made.shutdown(socket.SHUT_WR)
            return read_all(made)

    def get(self, path: str = "/", timeout: float = 30) -> bytes:
        """Fetch a page. Raises TimeoutError."""
        with self.connect(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as made:
            made.settimeout(timeout)
            return read_all(made)

    def workers(self) -> list[int]:
        """Return the workers' process ids."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]


def read_all(made: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    found = b""
    try:
        while chunk := made.recv(65536):
            found += chunk
    except ConnectionResetError:
        pass
    return found


@contextmanager
def serving(folder: Path, program: str, *arguments: str) -> Iterator[Peer]:
    """Run one of the programs above for the length of a block."""
    folder.mkdir(exist_ok=True)
    (folder / "bare.py").write_text(APPLICATION)
    (folder / "run.py").write_text(program)
    port, log_path = free_port(), folder / "log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(folder / "run.py"), str(port), *arguments],
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    peer = Peer(port, process, log_path)
    try:
        _await(peer)
        yield peer
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(peer: Peer) -> None:
    for _attempt in range(600):
        assert peer.process.poll() is None, peer.log
        try:
            peer.get()
        except OSError:
            select_nothing(0.05)
        else:
            return
    raise AssertionError("the server did not start:\n" + peer.log)
