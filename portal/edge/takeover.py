"""A server that takes new code and new settings while it serves (SIGHUP), and one whose address systemd holds.

gunicorn's own reload keeps the code and settings that its first process has in memory, and its way to exchange that
process changes the process id. Here the first process replaces itself: it runs `serve --check` with what is installed
now, and where that is well becomes the new program under the same process id, with the same listening sockets (passed
as systemd passes them) and the key of status tokens in memory that no file names. The workers of before go on until
one of the new ones is ready, and then end when they have answered what they have.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from gunicorn.arbiter import Arbiter
from gunicorn.systemd import SD_LISTEN_FDS_START, listen_fds

OLD_WORKERS: Final = "MEYASUBAKO_OLD_WORKERS"
"""Environment: process ids of the workers that served before, with commas."""
TOKEN_KEY: Final = "MEYASUBAKO_TOKEN_KEY_FD"
"""Environment: the descriptor of the memory file with the key of status tokens."""
HELD: Final = "MEYASUBAKO_HELD"
"""Environment of a check: the addresses that the running server and its metrics listen on, with spaces."""
PATIENCE_SECONDS: Final = 900
"""How long a worker that was relieved may take to answer what it has: as long as the reverse proxy waits for large
files (deploy/nginx)."""
_ABOVE_PASSED: Final = 100
_READY, _RELIEVED = 0, 1


class Relief:
    """The state that the first process and its workers share, in memory."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 2)

    def tell_ready(self, _worker: object = None) -> None:
        """A worker answers from now on."""
        self._shared[_READY] = 1

    @property
    def is_ready(self) -> bool:
        """Whether one of the workers answers."""
        return bool(self._shared[_READY])

    def relieve(self) -> None:
        """The workers will be replaced, and may take their time to end."""
        self._shared[_RELIEVED] = 1

    @property
    def is_relieved(self) -> bool:
        """Whether other workers take over."""
        return bool(self._shared[_RELIEVED])


def address_text(name: Any) -> str:
    """Return what a socket's name is in the settings (`server.bind`)."""
    if isinstance(name, tuple):
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
    return f"unix:{name.decode() if isinstance(name, bytes) else name}"


def held_addresses() -> list[str]:
    """Return the addresses of the listening sockets that this process was given; none where it has to make them."""
    named = os.environ.get(HELD)
    if named is not None:
        return named.split()
    addresses = []
    for number in range(listen_fds(unset_environment=False)):
        with socket.socket(fileno=os.dup(SD_LISTEN_FDS_START + number)) as held:
            addresses.append(address_text(held.getsockname()))
    return addresses


def is_held(bind: str, held: Iterable[str]) -> bool:
    """Tell whether an address of the settings is one of the given sockets'."""
    host, _, port = bind.rpartition(":")
    names = [f"127.0.0.1:{port}", f"[::1]:{port}"] if host == "localhost" else [bind]
    return any(name in held for name in names)


def dismiss_visitors() -> None:
    """Close the connections that wait at the sockets which this process was given: a start that is refused must not
    keep visitors waiting until somebody mends it. The reverse proxy shows its page to them (deploy/nginx)."""
    for number in range(listen_fds(unset_environment=False)):
        with socket.socket(fileno=os.dup(SD_LISTEN_FDS_START + number)) as held, suppress(OSError):
            held.setblocking(False)
            while True:
                held.accept()[0].close()


def inherited_key() -> bytes | None:
    """Return the key of status tokens that the program of before passed on; None at a first start."""
    named = os.environ.pop(TOKEN_KEY, "")
    if not named.isdigit():
        return None
    with suppress(OSError), os.fdopen(int(named), "rb") as file:
        return file.read() or None
    return None


def takes_over() -> bool:
    """Tell whether this program is in place of one that served before (SIGHUP)."""
    return OLD_WORKERS in os.environ


def inherited_workers() -> set[int]:
    """Return the process ids of the workers that served before this program took over."""
    return {int(pid) for pid in os.environ.pop(OLD_WORKERS, "").split(",") if pid.isdigit()}


class SiteArbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's first process, which replaces itself at SIGHUP. `key`: for the next one; `further`: the addresses
    on which its other processes listen."""

    def __init__(self, app: Any, key: bytes, relief: Relief, further: Iterable[str] = ()) -> None:
        super().__init__(app)
        self._key, self._relief, self._further = key, relief, tuple(further)
        self._old = inherited_workers()

    def handle_hup(self) -> None:
        """Take new code and settings, unless they would not start."""
        if not hasattr(os, "memfd_create"):  # on macOS gunicorn's own: new workers, nothing else
            super().handle_hup()
            return
        addresses = [*(address_text(listener.getsockname()) for listener in self.LISTENERS), *self._further]
        command = [sys.executable, *sys.orig_argv[1:]]
        checked = subprocess.run(
            [*command, "--check"],
            env={name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
            | {HELD: " ".join(addresses)},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if checked.returncode != 0:
            self.log.error(
                "Not reloaded (exit code %s, see above). The site goes on as before.", checked.returncode
            )
            return
        self.log.info("Reloading: new code and settings take over")
        self._relief.relieve()
        self._replace(command)

    def _replace(self, command: Sequence[str]) -> None:
        # A second SIGHUP must not end the new program before it can hear it.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        key = os.memfd_create("meyasubako", 0)
        os.write(key, self._key)
        os.lseek(key, 0, os.SEEK_SET)
        moved = [self._above(listener.fileno()) for listener in self.LISTENERS]
        passed_key = self._above(key)
        for number, descriptor in enumerate(moved):
            os.dup2(descriptor, SD_LISTEN_FDS_START + number)
            os.close(descriptor)
        environment = os.environ | {
            "LISTEN_PID": str(os.getpid()),
            "LISTEN_FDS": str(len(moved)),
            TOKEN_KEY: str(passed_key),
            OLD_WORKERS: ",".join(map(str, (*self._old, *self.WORKERS))),
        }
        self._end_others()
        sys.stderr.flush()
        os.execve(sys.executable, list(command), environment)

    def _end_others(self) -> None:
        """End the children that are no workers, such as the one that serves metrics: the next program has its own."""
        own = os.getpid()
        children = Path(f"/proc/{own}/task/{own}/children").read_text("ascii").split()
        for pid in {int(pid) for pid in children}.difference(self._old, self.WORKERS):
            with suppress(ChildProcessError, ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    @staticmethod
    def _above(descriptor: int) -> int:
        """Return a copy of a descriptor that the next program gets and that none of its sockets is put on."""
        copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD, _ABOVE_PASSED)
        os.set_inheritable(descriptor, False)
        return copy

    def manage_workers(self) -> None:
        """Let the workers of before end as soon as one of the new ones answers."""
        super().manage_workers()
        if self._old and self._relief.is_ready:
            self._end_old(signal.SIGTERM)

    def reap_workers(self) -> None:
        """Notice which workers of before have ended, then gunicorn's own."""
        self._old = {pid for pid in self._old if self._is_there(pid)}
        super().reap_workers()

    def stop(self, graceful: bool = True) -> None:
        """End all workers, those of before too."""
        self._end_old(signal.SIGTERM)
        super().stop(graceful)
        self._end_old(signal.SIGKILL)

    @staticmethod
    def _is_there(pid: int) -> bool:
        """Tell whether a child has not ended: its process id is nobody else's then."""
        try:
            return os.waitpid(pid, os.WNOHANG)[0] == 0
        except ChildProcessError:
            return False

    def _end_old(self, sent: signal.Signals) -> None:
        for pid in self._old:
            if self._is_there(pid):
                os.kill(pid, sent)
