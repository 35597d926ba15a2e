"""P3, P7: one machine with SQLite under a full disk, kills, jumps of the clock, too few descriptors, little memory and
hostile connections. What was shown is there afterwards, nothing is there twice, and readiness says what is."""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from admin.demo.clock import DemoClock
from store.object_limits import DISK_RESERVE
from tests.support.reporter import Answer, Reporter
from tests.support.site import Site, make_site, running, select_nothing
from tests.support.trials import trials
from tests.support.uploads import body_of, send

STEP: Final = 100_000
FILES: Final = [b"line of a file\n" * 120_000] * 2
"""3.6 MB in all: more than the server collects before it reads."""
KILLS: Final = trials(5, int(os.environ.get("KILLS", "500")))
HOSTILE: Final = (1_000, 1_000, 600)
"""Connections that say nothing, that send a short body slowly, and that send a large one slowly."""
BREAKS: Final = (OSError, http.client.HTTPException)
pytestmark = pytest.mark.timeout(1800)


def readiness(site: Site) -> tuple[int, str]:
    """Return what /readyz says."""
    answer = site.reporter().request("GET", "/readyz")
    return answer.status, json.loads(answer.text)["status"]


def until_ready(site: Site) -> None:
    """Wait until readiness says ok: a trial write comes every ten seconds."""
    until = time.monotonic() + 40
    while readiness(site) != (200, "ok"):
        assert time.monotonic() < until, readiness(site)
        select_nothing(0.5)


def assert_all_there(site: Site, codes: list[str]) -> None:
    """Each code opens its case, and there are no more cases than codes."""
    reporter = site.reporter()
    assert [code for code in codes if reporter.status(code).status != 200] == []
    assert cases(site) == len(set(codes)) == len(codes)


def cases(site: Site) -> int:
    """Return how many cases are stored."""
    with sqlite3.connect(f"file:{site.folder}/meyasubako.db?mode=ro", uri=True) as control:
        count = control.execute("SELECT count(*) FROM case_file").fetchone()[0]
    control.close()
    return int(count)


def persist(reporter: Reporter, hidden: dict[str, str], text: str, files: list[bytes] | None = None) -> str:
    """Send the same form again until its code is shown, as a reporter does; return the code."""
    for attempt in range(120):
        with suppress(*BREAKS):
            answer = send(reporter, hidden, text, files or [])
            if answer.status == 200:
                assert answer.code.replace("-", "") == hidden["code"].replace("-", "")
                return answer.code
        select_nothing(min(1.0, 0.05 * (attempt + 1)))
    raise AssertionError("there never was an answer")


def form(site: Site) -> dict[str, str]:
    """Fetch a form, however often that takes."""
    for _ in range(200):
        with suppress(*BREAKS, AssertionError):
            return site.reporter().form()
        select_nothing(0.1)
    raise AssertionError("no form is served")


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a file system of some bytes; needs root."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "meyasubako-trial", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system")
def test_a_disk_that_fills_at_each_step_of_a_report(tmp_path: Path) -> None:
    """The disk fills while a report with files is on its way, and is left with a hundred kilobytes more each time."""
    with small_disk(tmp_path / "disk", DISK_RESERVE + 200 * 1024 * 1024) as disk:
        site, ballast = make_site(disk / "site", server="workers = 1"), disk / "ballast"
        with running(site):
            codes, refused, said_ok = [], 0, 0
            for step in range(trials(3, 40)):
                hidden = form(site)
                filling = partial(fill, disk, ballast, step * STEP)
                status, code = send_in_parts(site, hidden, f"報告 {step}", filling)
                said_ok += readiness(site) == (200, "ok")
                ballast.unlink()
                refused += status != 200
                codes.append(
                    code if status == 200 else persist(site.reporter(), hidden, f"報告 {step}", FILES)
                )
            assert refused and not said_ok
            until_ready(site)
            assert_all_there(site, codes)
        say(
            f"disk full: {refused} of {len(codes)} refused, all in at the next sending; readiness never said ok"
        )


def send_in_parts(
    site: Site, hidden: dict[str, str], text: str, between: Callable[[], None]
) -> tuple[int, str]:
    """Send a report, and do something when a third of it was read; return the status and the code ("" for none)."""
    body = body_of({**hidden, "what_happened": text}, FILES)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        connection.putrequest("POST", "/ja/report")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[: len(body) // 3])
        select_nothing(0.2)
        between()
        with suppress(*BREAKS):  # it may answer before it has read everything
            connection.send(body[len(body) // 3 :])
        with connection.getresponse() as raw:
            answer = Answer(raw.status, raw.getheaders(), raw.read().decode())
    except BREAKS:
        return 0, ""
    finally:
        connection.close()
    return answer.status, answer.code if answer.status == 200 else ""


def fill(disk: Path, ballast: Path, left: int) -> None:
    """Leave so many bytes free."""
    status = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, status.f_bavail * status.f_frsize - left))


def say(figure: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"{figure}\n")


def until_more(codes: list[str], than: int) -> None:
    """Wait until more codes were shown."""
    until = time.monotonic() + 120
    while len(codes) <= than:
        assert time.monotonic() < until, "no report is taken any more"
        select_nothing(0.02)


def test_kills_at_random_instants(tmp_path: Path) -> None:
    chance, done, codes = random.Random(24), threading.Event(), list[str]()
    with running(make_site(tmp_path / "site", server="workers = 2")) as site:

        def report(number: int) -> None:
            while not done.is_set():
                hidden = form(site)
                codes.append(
                    persist(site.reporter(), hidden, f"報告 {number}", FILES if number == 0 else None)
                )

        with ThreadPoolExecutor(4) as pool:
            running_reports = [pool.submit(report, number) for number in range(4)]
            killed, shown = 0, 0
            while killed < KILLS:
                select_nothing(chance.uniform(0.0, 1.2))
                # On a busy machine no report would ever be taken between two kills. Every fourth kill or so does not
                # wait for one, and can meet a worker that starts.
                if chance.random() < 0.75:
                    until_more(codes, shown)
                shown = len(codes)
                for pid in chance.sample(workers := site.workers(), min(1, len(workers))):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
            done.set()
            for future in running_reports:
                future.result()
        until_ready(site)
        assert len(codes) >= killed // 4, "too few reports between the kills to show anything"
        assert_all_there(site, codes)
    say(f"{killed} kills: {len(codes)} codes, all there once")


def test_jumps_of_the_clock(tmp_path: Path) -> None:
    site, day, codes = make_site(tmp_path / "site", server="workers = 1"), tmp_path / "day", list[str]()
    clock, begun = DemoClock(day), datetime.now(UTC).date()
    clock.set(begun)
    site.start(arguments=["--demo-day", str(day)])
    try:
        for days in (0, -400, 0, 3, -30, 30):
            clock.set(begun + timedelta(days=days))
            hidden = form(site)
            if days < 0:
                # No batch is to come for that day: refused, and said.
                assert readiness(site) == (503, "not_writing")
                assert send(site.reporter(), hidden, f"{days}", []).status == 503
            else:
                until_ready(site)
                codes.append(persist(site.reporter(), hidden, f"{days}"))
            assert_all_there(site, codes)
    finally:
        site.stop()


def test_too_few_descriptors(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", server="workers = 1")
    with running(site, ["prlimit", "--nofile=160:160"]):
        codes = [persist(site.reporter(), form(site), "前")]
        with ExitStack() as idle:
            for _ in range(500):
                with suppress(OSError):
                    idle.enter_context(socket.create_connection(("127.0.0.1", site.port), 2))
            select_nothing(5)
        codes.append(persist(site.reporter(), form(site), "後", FILES))
        until_ready(site)
        assert_all_there(site, codes)


def test_little_memory(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", server="workers = 1")
    with running(site, ["prlimit", "--as=1200000000"]):
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda n: persist(site.reporter(), form(site), f"{n}", FILES), range(40)))
        until_ready(site)
        assert_all_there(site, codes)


def test_hostile_connections_keep_nobody_out(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    site = make_site(tmp_path / "site", server="workers = 2")
    silent, slow, large = (count // trials(10, 1) for count in HOSTILE)
    try:
        with running(site), ExitStack() as held:
            for number in range(silent + slow + large):
                sock = held.enter_context(socket.create_connection(("127.0.0.1", site.port), 10))
                length = 150_000_000 if number >= silent + slow else 5_000
                if number >= silent:
                    head = (
                        "POST /ja/report HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x"
                    )
                    sock.sendall(f"{head}\r\nContent-Length: {length}\r\n\r\n--x\r\n".encode())
            waits, codes = [], []
            for number in range(20):
                begun = time.monotonic()
                codes.append(persist(site.reporter(), form(site), f"{number}"))
                waits.append(time.monotonic() - begun)
            assert readiness(site) == (200, "ok")
            assert sorted(waits)[10] < 5, waits
            assert_all_there(site, codes)
        middle, most = sorted(waits)[10], max(waits)
        say(
            f"{silent + slow + large} hostile connections: a report takes {middle:.2f} s, at most {most:.2f} s"
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
