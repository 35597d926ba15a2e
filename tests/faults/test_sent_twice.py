"""P3 at length: forms that are all sent twice, by 32 connections, while 20 workers are killed or the disk fills up
between them (`make faults` only).
"""

from __future__ import annotations

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.test_accepted_means_kept import check_each_code, persist
from tests.faults.test_one_machine import fill, say, small_disk
from tests.support.postgres import PostgresServer
from tests.support.site import Site, make_site, running, select_nothing

FORMS = 1500
AT_ONCE = 32
KILLS = 20
FULL = 5
REFUSALS = 24
"""How many are refused before there is room again, unless all is sent before: more than a shared commit holds."""
DISK = 300 * 1024 * 1024


def _send_twice(site: Site, number: int) -> tuple[str, int]:
    """Send a form from two connections at once; return its code and how many answers came."""
    first, second = site.reporter(timeout=60), site.reporter(timeout=60)
    hidden = persist(first.form)

    def send(by: object) -> str:
        answer = persist(lambda: by.report(hidden, what_happened=f"二度 {number:05d}"))  # type: ignore[attr-defined]
        assert answer.status == 200, answer.status
        return str(answer.code)

    with ThreadPoolExecutor(2) as pair:
        codes = list(pair.map(send, (first, second)))
    assert {code.replace("-", "") for code in codes} == {hidden["code"].replace("-", "")}
    return codes[0], len(codes)


def _kill(site: Site, progress: list[int], killed: list[int], done: threading.Event) -> None:
    """Kill a worker each time that another twentieth of the forms was answered."""
    chance = random.Random(20261128)
    while len(killed) < KILLS and not done.wait(0.02):
        workers = site.workers()
        if len(progress) < (len(killed) + 1) * FORMS // (KILLS + 2) or not workers:
            continue
        victim = chance.choice(workers)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed.append(victim)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_forms_sent_twice_while_workers_are_killed(
    tmp_path: Path, postgres_server: PostgresServer, kind: str
) -> None:
    url = postgres_server.url(postgres_server.new_database()) if kind == "postgresql" else None
    with running(make_site(tmp_path / "site", url=url)) as site:
        done, killed, progress = threading.Event(), list[int](), list[int]()
        killer = threading.Thread(target=_kill, args=(site, progress, killed, done))
        killer.start()

        def one(number: int) -> tuple[str, int]:
            answered = _send_twice(site, number)
            progress.append(number)
            return answered

        try:
            with ThreadPoolExecutor(AT_ONCE // 2) as pool:
                answered = list(pool.map(one, range(FORMS)))
        finally:
            done.set()
            killer.join()
        assert len(killed) == KILLS
    assert sum(count for _code, count in answered) == 2 * FORMS
    check_each_code(site, [code for code, _count in answered])


def _send_until_taken(site: Site, number: int, refused: list[int]) -> str:
    """Send a form until it is taken, and note each refusal; return its code."""
    reporter = site.reporter(timeout=60)
    hidden = persist(reporter.form)
    for attempt in range(200):
        answer = persist(lambda: reporter.report(hidden, what_happened=f"満杯 {number:05d}"))
        if answer.status == 200:
            assert answer.code.replace("-", "") == hidden["code"].replace("-", "")
            return answer.code
        assert answer.status == 503, answer.status
        refused.append(number)
        select_nothing(min(1.0, 0.05 * (attempt + 1)))
    raise AssertionError("there never was room again")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system")
def test_a_disk_that_fills_up_while_32_send(tmp_path: Path) -> None:
    """Writers share commits here: each of a batch that did not fit is told so, and what was accepted is there."""
    with small_disk(tmp_path / "disk", DISK) as disk:
        site, ballast = make_site(disk / "site"), disk / "ballast"
        refused, taken, done = list[int](), list[str](), threading.Event()

        def fill_up() -> None:
            for turn in range(1, FULL + 1):
                while len(taken) < turn * FORMS // (4 * FULL) and not done.wait(0.01):
                    pass
                before = len(refused)
                while not ballast.exists() or not ballast.stat().st_size:
                    with suppress(OSError):  # there was less room by then
                        fill(disk, ballast, turn * 100_000)
                while len(refused) < before + REFUSALS and not done.wait(0.01):
                    pass
                ballast.unlink()

        with running(site):
            filler = threading.Thread(target=fill_up)
            filler.start()

            def send(number: int) -> str:
                code = _send_until_taken(site, number, refused)
                taken.append(code)
                return code

            try:
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    codes = list(pool.map(send, range(FORMS)))
            finally:
                done.set()
                filler.join()
        say(f"disk full {FULL} times: {len(refused)} refusals, {len(codes)} reports, each there once")
        assert len(refused) >= REFUSALS
        check_each_code(site, codes)
