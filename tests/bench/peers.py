"""The servers that are measured beside each other: two floors, this program, and perhaps an older one of it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import cpu
from tests.support.ports import free_port
from tests.support.site import ROOT, select_nothing

SERVE: Final = """
import sys
from pathlib import Path
from tests.support.site import make_site, running
site = make_site(Path(sys.argv[1]), int(sys.argv[2]), url=sys.argv[3] or None, server=sys.argv[4])
with running(site):
    print(site.port, site.process.pid, flush=True)
    sys.stdin.read()
"""
"""Serves a site of whatever tree it runs in, until its input ends."""


@dataclass(frozen=True)
class Peer:
    """A server under load. `others`: processes that work for it, a database server's say."""

    name: str
    port: int
    pid: int
    others: tuple[int, ...] = ()

    def seconds(self) -> float:
        """Return the processor time that it and its workers have used."""
        return cpu.seconds(self.pid)

    def seconds_of_others(self) -> float:
        """Return the processor time of what works for it."""
        return sum(map(cpu.seconds, self.others))


@contextmanager
def floor(folder: Path, workers: int, threads: int) -> Iterator[tuple[int, int]]:
    """Serve the floors under the same kind of gunicorn with the same numbers of workers and threads: port, pid."""
    port = free_port()
    command = ["-m", "gunicorn", "tests.bench.floor:app", "-b", f"127.0.0.1:{port}", "-k", "gthread"]
    command += [
        "-w",
        str(workers),
        "--threads",
        str(threads),
        "--keep-alive",
        "15",
        "--log-level",
        "critical",
    ]
    environment = {**os.environ, "FLOOR_DB": str(folder / "floor.db"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, *command], env=environment, cwd=folder)
    try:
        for _ in range(400):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
                break
            except OSError:
                select_nothing(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def serving(
    name: str, folder: Path, cards: int, url: str = "", tree: Path = ROOT, server: str = "", database: int = 0
) -> Iterator[Peer]:
    """Serve a site of a tree of this project. `database`: the process id of its PostgreSQL."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", SERVE, str(folder), str(cards), url, server]
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port, pid = map(int, process.stdout.readline().split())
        yield Peer(name, port, pid, (database,) if database else ())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)
