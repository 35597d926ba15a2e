"""P3, P7: workers that die at random and many reporters at once lose nothing and double nothing."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from crypto import receipt, unseal
from store import cases, db, reports
from store import site as store_site
from tests.support.site import Site, make_site, running, select_nothing
from tests.support.trials import trials

PATIENCE = 60
REPORTS = trials(250, 1000)
T = TypeVar("T")


def persist(action: Callable[[], T]) -> T:
    """Do what a reporter does when the connection breaks: the same thing again."""
    for attempt in range(PATIENCE):
        try:
            return action()
        except (OSError, http.client.HTTPException):
            select_nothing(0.02 * (attempt + 1))
    raise AssertionError("there never was an answer")


def _submit(site: Site, number: int) -> str:
    reporter = site.reporter()
    hidden = persist(reporter.form)
    answer = persist(lambda: reporter.report(hidden, what_happened=f"報告 {number:04d}"))
    assert answer.status == 200, answer.status
    assert answer.code.replace("-", "") == hidden["code"].replace("-", "")
    return answer.code


def _kill_at_random(site: Site, done: threading.Event, killed: list[int], answered: list[str]) -> None:
    """Kill a worker at random moments. One answer at least comes between two kills: on a slow machine nobody would
    ever be answered otherwise, and the test would show how long a worker takes to start."""
    chance = random.Random(20261123)
    before = -1
    while not done.wait(chance.uniform(0.05, 0.35)):
        workers = site.workers()
        if workers and len(answered) > before:
            before = len(answered)
            victim = chance.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            except ProcessLookupError:
                continue


def check_each_code(site: Site, codes: list[str]) -> None:
    """Every code opens exactly its own report, and the store holds no other."""
    assert len(set(codes)) == len(codes)
    engine = db.make_engine(site.settings.store.url)
    who = site.auditors[0].identity
    seen: Counter[str] = Counter()
    with db.reading(engine) as conn:
        salt = store_site.get(conn).salt
        for code in codes:
            derived = receipt.derive(receipt.parse_code(code), salt)
            found = reports.lookup(conn, derived.index)
            assert found is not None and found.case_id == derived.case_id
            kept = cases.envelopes(conn, derived.case_id)
            assert len(kept) == 1
            seen[unseal.unseal(kept[0].raw, who.box_sk, who.box_pk, who.key_id).payload["what_happened"]] += 1
        total = conn.exec_driver_sql("SELECT count(*) FROM envelope").scalar_one()
    engine.dispose()
    assert total == len(codes)
    assert set(seen.values()) == {1} and len(seen) == len(codes)


def test_200_submissions_while_workers_are_killed(tmp_path: Path) -> None:
    with running(make_site(tmp_path / "site")) as site:
        done, killed, answered = threading.Event(), list[int](), list[str]()
        killer = threading.Thread(target=_kill_at_random, args=(site, done, killed, answered))
        killer.start()

        def submit(number: int) -> str:
            code = _submit(site, number)
            answered.append(code)
            return code

        try:
            with ThreadPoolExecutor(8) as pool:
                codes = list(pool.map(submit, range(200)))
        finally:
            done.set()
            killer.join()
        assert len(killed) >= 5, "the test killed too few workers to show anything"
        reporter = site.reporter()
        for number, code in enumerate(codes):
            page = persist(lambda code=code: reporter.status(code))  # type: ignore[misc]
            assert page.status == 200 and f"報告 {number:04d}" in page.text
    check_each_code(site, codes)


def test_many_reports_64_at_a_time(tmp_path: Path) -> None:
    with running(make_site(tmp_path / "site")) as site, ThreadPoolExecutor(64) as pool:
        codes = list(pool.map(lambda number: _submit_once(site, number), range(REPORTS)))
    check_each_code(site, codes)


def _submit_once(site: Site, number: int) -> str:
    """A new reporter each time; nothing is tried again here: every request has to be accepted at once."""
    reporter = site.reporter(timeout=60)
    answer = reporter.report(reporter.form(), what_happened=f"報告 {number:04d}")
    assert answer.status == 200, answer.status
    return answer.code


def test_the_same_form_from_16_connections_is_one_report(tmp_path: Path) -> None:
    with running(make_site(tmp_path / "site")) as site:
        hidden = site.reporter().form()
        with ThreadPoolExecutor(16) as pool:
            answers = list(
                pool.map(lambda _: site.reporter().report(hidden, what_happened="同じ報告"), range(16))
            )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.code for answer in answers}) == 1
    check_each_code(site, [answers[0].code])
