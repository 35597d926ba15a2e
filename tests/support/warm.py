"""Commands in processes of their own, without paying for the libraries each time.

A helper process has the third-party libraries imported and forks for each command. The program's own modules are
imported by each command anew, so that an import that is missing is still found; the standard streams, the working
folder and the environment are the command's own. What Python reads before it starts (PYTHONPATH and the like) needs
a real start: tests.cli.command sees to that.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "alembic.command", "babel.messages", "click", "email.message", "flask", "flask_babel", "flask_wtf", "fpdf",
    "httpx", "importlib.metadata", "jpholiday", "logging.config", "lxml.etree", "multipart", "nacl.bindings",
    "nacl.public", "nacl.signing", "platformdirs", "psycopg", "segno", "smtplib", "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite", "sqlalchemy.orm", "ssl", "tomllib", "waitress", "werkzeug", "wtforms",
)  # fmt: skip
_LENGTH = 4


class WarmProcess:
    """The helper process of this process of the tests."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, arguments: Sequence[str], stdin: bytes, cwd: Path, env: Mapping[str, str], seconds: float
    ) -> tuple[int, bytes, bytes]:
        """Run `python -m admin.cli` with arguments to its end: exit code, standard output, standard error.

        Raises TimeoutError after `seconds`.
        """
        order = json.dumps({"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}).encode()
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin)
            given.seek(0)
            streams = [given.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._channel, [len(order).to_bytes(_LENGTH, "big")], streams)
            self._channel.sendall(order)
            self._channel.settimeout(seconds)
            code = int.from_bytes(_exactly(self._channel, _LENGTH), "big", signed=True)
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def close(self) -> None:
        """End the helper process."""
        self._channel.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


_started: list[WarmProcess] = []


def warm() -> WarmProcess:
    """Return this process's helper; it is started when it is needed first, and ends with the tests."""
    if not _started:
        _started.append(WarmProcess())
        atexit.register(_started[0].close)
    return _started[0]


def _exactly(channel: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        more = channel.recv(size - len(read))
        if not more:
            raise ConnectionError("the other side of the commands has ended")
        read += more
    return read


def _next_order(channel: socket.socket) -> dict[str, Any] | None:
    """Answer orders until this process is the fork that carries one out; None at the end of all of them."""
    while True:
        head, streams, _flags, _address = socket.recv_fds(channel, _LENGTH, 3)
        if not head:
            return None
        order: dict[str, Any] = json.loads(_exactly(channel, int.from_bytes(head, "big")))
        pid = os.fork()
        if pid == 0:
            channel.close()
            return order | {"streams": streams}
        for descriptor in streams:
            os.close(descriptor)
        _pid, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        channel.sendall(code.to_bytes(_LENGTH, "big", signed=True))


def _become(order: Mapping[str, Any]) -> None:
    """Take over what belongs to the command: session, streams, folder, environment, arguments."""
    os.setsid()  # no terminal behind its back: nothing may wait for somebody to type
    for number, descriptor in enumerate(order["streams"]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    sys.argv[1:] = order["arguments"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )


def _carry_out() -> NoReturn:
    """Run the program as Python runs a main module, and end as it does."""
    code: object = 0
    try:
        runpy.run_module("admin.cli", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def main() -> None:
    """Import the libraries; carry out orders."""
    for name in LIBRARIES:
        importlib.import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Neither the collector nor the interpreter's own end walks through the libraries in each fork: that would cost
    # more than their import.
    gc.collect()
    gc.freeze()
    with suppress(ConnectionError), socket.socket(fileno=int(sys.argv[1])) as channel:
        order = _next_order(channel)
    if order is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _become(order)
        _carry_out()


if __name__ == "__main__":
    main()
