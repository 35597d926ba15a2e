"""A real PostgreSQL for tests: a server of our own in a temporary folder, ended by its own process id.

PostgreSQL refuses to run as root, so as root it is started as "postgres" or "nobody". It never skips: a
test that needs it fails and says what to install.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.ports import free_port

HOW_TO_GET_IT = (
    "PostgreSQL 15 or newer is missing, and these tests need it."
    " Debian: apt-get install postgresql; macOS: brew install postgresql@15."
)
_NAMES = itertools.count(1)


class PostgresMissing(Exception):
    """There is no PostgreSQL on this machine, or it does not start."""


@dataclass
class PostgresServer:
    """A running server. `socket_dir` is its Unix socket's folder; it also listens on 127.0.0.1:`port`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    templates: dict[str, str] = field(default_factory=dict)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database, by the Unix socket."""
        return f"postgresql+psycopg://meyasubako@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database, by loopback."""
        return f"postgresql+psycopg://meyasubako@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="meyasubako", dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def new_database(self, template: str = "template0") -> str:
        """Create a database and return its name. It goes with the server."""
        name = f"test_{next(_NAMES)}"
        self.sql(f'CREATE DATABASE {name} TEMPLATE {template} ENCODING "UTF8"')
        return name


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server and end it. Raises PostgresMissing."""
    programs = _programs()
    # The path of a Unix socket is limited to some 100 bytes.
    place = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="mysb-pg-", dir=place))
    try:
        who = _unprivileged(folder)
        _initdb(programs, folder, who)
        server = _start(programs, folder, who)
        try:
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for a test session (each xdist worker has its own)."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.fail(str(missing), pytrace=False)


def _programs() -> Path:
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda found: int(found.parts[-3]) if found.parts[-3].isdigit() else 0)
    if newest:
        return newest[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise PostgresMissing(HOW_TO_GET_IT)
    return Path(on_path).resolve().parent


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return subprocess's arguments for a user that PostgreSQL accepts, and hand the folder over to it."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        # The socket is in here too, and the tests connect as somebody else.
        folder.chmod(0o755)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PostgresMissing(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody."
    )


def _initdb(programs: Path, folder: Path, who: dict[str, Any]) -> None:
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "meyasubako", "-A", "trust"]
    # --no-sync is about making the empty cluster only; the server itself runs with fsync.
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, **who)
    if made.returncode != 0:
        raise PostgresMissing("initdb failed: " + made.stderr.decode(errors="replace")[-2000:])


def _start(programs: Path, folder: Path, who: dict[str, Any]) -> PostgresServer:
    log = folder / "log"
    for _attempt in range(5):
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(folder),
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "100",
            "shared_buffers": "32MB",
            "autovacuum": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *options],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C is for the tests; the server is ended by them.
                start_new_session=True,
                **who,
            )
        server = PostgresServer(folder, port, process)
        if _answers(server):
            return server
        _stop(process)
    raise PostgresMissing("PostgreSQL does not start: " + log.read_text(errors="replace")[-2000:])


def _answers(server: PostgresServer) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.process.poll() is None:
        try:
            server.sql("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    # At once and without tidying up: its folder is removed next.
    for how, patience in ((signal.SIGQUIT, 20), (signal.SIGKILL, 10)):
        if process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
