"""The demo site's server as a child process, ended with the demo."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import CONFIG_VARIABLE
from admin.demo.clock import DemoClock

HOST: Final = "127.0.0.1"
STARTED_SECONDS: Final = 60.0
STOPPED_SECONDS: Final = 30.0


@contextmanager
def server(folder: Path, port: int, clock: DemoClock | None = None) -> Iterator[str]:
    """Run the site's server as a child process, with the demo's clock where it has one; give its address once it
    answers, and end it with the block.
    """
    code_root = str(Path(__file__).resolve().parents[2])
    environment = {
        **os.environ,
        CONFIG_VARIABLE: str(folder / "meyasubako.toml"),
        "PYTHONPATH": os.pathsep.join(part for part in (code_root, os.environ.get("PYTHONPATH", "")) if part),
    }
    # -P: a file of the current folder is not imported as a part of the program.
    command = [sys.executable, "-P", "-m", "admin.cli", "serve", "--bind", f"{HOST}:{port}"]
    if clock is not None:
        command += ["--demo-day", str(clock.file)]
    log_path = folder / "server.log"
    with open(log_path, "ab") as log:
        log_path.chmod(0o600)
        before = log_path.stat().st_size
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the demo alone, which then lets the server finish what it has.
            start_new_session=True,
        )
    try:
        _await(process, port, lambda: log_path.read_bytes()[before:].decode(errors="replace"))
        with _watched(process, log_path):
            yield f"http://{HOST}:{port}"
    finally:
        _end(process)


@contextmanager
def _watched(process: subprocess.Popen[bytes], log_path: Path) -> Iterator[None]:
    """End the demo when its server ends before it. Raises Failure then."""
    stopping, ended = threading.Event(), threading.Event()

    def watch() -> None:
        while process.poll() is None:
            if stopping.wait(0.5):
                return
        ended.set()
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        if ended.is_set():
            raise Failure(Exit.REFUSED, f"The site's server ended by itself; {log_path} says why.")


def _await(process: subprocess.Popen[bytes], port: int, log: Callable[[], str]) -> None:
    import httpx

    until = time.monotonic() + STARTED_SECONDS
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"http://{HOST}:{port}/healthz").status_code == 200:
                    return
            time.sleep(0.05)
    raise Failure(Exit.REFUSED, "The site's server did not start. It said:\n" + log()[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server: it finishes the requests that it has."""
    with contextlib.suppress(KeyboardInterrupt):
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPPED_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()
