"""P3 at length: forms that are all sent twice, by 32 connections, while 20 workers are killed (`make faults` only)."""

from __future__ import annotations

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.test_accepted_means_kept import check_each_code, persist
from tests.support.postgres import PostgresServer
from tests.support.site import Site, make_site, running

FORMS = 1500
AT_ONCE = 32
KILLS = 20


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
