"""P3: nodes, primary and standby are killed, stopped, restarted and promoted under load. No shown code is lost, no
report is stored twice; without a standby that has every commit nothing is promoted and nothing is accepted."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

import pytest

from crypto import receipt
from store import db, reports
from store import site as store_site
from tests.support.cluster import Cluster, Machine, Part, running_cluster
from tests.support.reporter import Reporter
from tests.support.site import select_nothing

SUBMISSIONS: Final = int(os.environ.get("CLUSTER_SUBMISSIONS", "5000"))
MODES: Final = os.environ.get("CLUSTER_MODES", "true quorum").split()
"""Of Patroni's synchronous_mode: in each of them everything is tried."""
AT_ONCE: Final = 32
RATE: Final = float(os.environ.get("CLUSTER_RATE", "12"))
"""Submissions a second: with it all faults come to their turn."""
PATIENCE: Final = 180
"""Seconds after which a reporter who sends the same form again each second counts as turned away."""
QUIET_SECONDS: Final = 10
"""Between two faults, after the cluster is whole again."""
T = TypeVar("T")
pytestmark = pytest.mark.timeout(3600)


@dataclass
class Load:
    """What reporters saw."""

    cluster: Cluster
    codes: list[str] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    with_errors: int = 0
    waits: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    mutex: threading.Lock = field(default_factory=threading.Lock)
    started: float = field(default_factory=time.monotonic)

    def in_turn(self, number: int) -> None:
        """Send one report when its time has come."""
        select_nothing(max(0.0, self.started + number / RATE - time.monotonic()))
        self.submit(number)

    def submit(self, number: int) -> None:
        """Send one report, and the same one again a second after each error."""
        reporter, begun = self.cluster.reporter(), time.monotonic()
        seen: list[str] = []
        hidden = self._until(lambda: self._form(reporter), seen, begun)
        code = self._until(lambda: self._send(reporter, hidden, number), seen, begun)
        with self.mutex:
            self.codes.append(code)
            self.accepted.append(time.monotonic())
            self.waits.append(time.monotonic() - begun)
            self.with_errors += bool(seen)
            for what in seen:
                self.errors[what] = self.errors.get(what, 0) + 1

    @staticmethod
    def _form(reporter: Reporter) -> dict[str, str]:
        page = reporter.get("report")
        if page.status != 200:
            raise Refused(str(page.status))
        return reporter.form()

    @staticmethod
    def _send(reporter: Reporter, hidden: dict[str, str], number: int) -> str:
        answer = reporter.report(hidden, what_happened=f"報告 {number:05d}")
        if answer.status != 200:
            raise Refused(str(answer.status))
        assert answer.code.replace("-", "") == hidden["code"].replace("-", "")
        return answer.code

    @staticmethod
    def _until(action: Callable[[], T], seen: list[str], begun: float) -> T:
        while True:
            try:
                return action()
            except Refused as refused:
                seen.append(str(refused))
            except (OSError, http.client.HTTPException, AssertionError) as error:
                seen.append(type(error).__name__)
            assert time.monotonic() - begun < PATIENCE, seen
            select_nothing(1)


class Refused(Exception):
    """A page that says that it did not work; its status."""


def line(text: str) -> None:
    """Print a figure at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Trouble:
    """Makes faults, one after the other, until it is told to end."""

    cluster: Cluster
    load: Load
    done: threading.Event = field(default_factory=threading.Event)
    made: list[tuple[str, float, float]] = field(default_factory=list)
    """Of each fault: its name, when it began, and when the cluster was whole again."""
    fault: BaseException | None = None

    def run(self) -> None:
        """Go through all kinds of faults again and again."""
        kinds = [
            self.kill_node,
            self.kill_primary,
            self.stop_standby,
            self.restart_node,
            self.stop_primary,
            self.kill_standby,
            self.promote,
            self.stop_node,
            self.restart_primary,
        ]
        try:
            while not self.done.is_set():
                for kind in kinds:
                    if self.done.wait(QUIET_SECONDS):
                        return
                    begun = time.monotonic()
                    kind()
                    self.cluster.until_whole()
                    self.made.append((kind.__name__, begun, time.monotonic()))
        except BaseException as fault:
            self.fault = fault

    def _node(self) -> Part:
        return random.Random(len(self.made)).choice(self.cluster.nodes)

    def kill_node(self) -> None:
        """SIGKILL of a node of the site, with its workers; five seconds later it is started."""
        node = self._node()
        node.kill()
        select_nothing(5)
        node.start()

    def restart_node(self) -> None:
        """SIGTERM, as an operator does."""
        node = self._node()
        assert node.process is not None
        node.process.send_signal(signal.SIGTERM)
        node.process.wait(60)
        node.start()

    def stop_node(self) -> None:
        """SIGSTOP for ten seconds."""
        node = self._node()
        pids = node.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        select_nothing(10)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def _leader(self) -> Machine:
        return self.cluster.by_role("leader")[0]

    def _until_other_leader(self, before: Machine) -> None:
        begun = time.monotonic()
        while [machine.name for machine in self.cluster.by_role("leader")] in ([], [before.name]):
            assert time.monotonic() - begun < 120, "nobody took over"
            select_nothing(0.2)
        line(f"  another primary after {time.monotonic() - begun:.1f} s")

    def kill_primary(self) -> None:
        """SIGKILL of PostgreSQL and Patroni; back when another one leads."""
        leader = self._leader()
        leader.kill()
        self._until_other_leader(leader)
        leader.patroni.start()

    def stop_primary(self) -> None:
        """SIGSTOP of PostgreSQL and Patroni until another one leads, then SIGCONT: it comes back as if it led."""
        leader = self._leader()
        leader.stop()
        try:
            self._until_other_leader(leader)
        finally:
            leader.go_on()

    def stop_standby(self) -> None:
        """SIGSTOP of the synchronous standby for 25 s."""
        standby = self.cluster.standbys()[0]
        standby.stop()
        try:
            select_nothing(25)
        finally:
            standby.go_on()

    def kill_standby(self) -> None:
        """SIGKILL of the synchronous standby; back 15 s later."""
        standby = self.cluster.standbys()[0]
        standby.kill()
        select_nothing(15)
        standby.patroni.start()

    def promote(self) -> None:
        """A planned switch to the synchronous standby."""
        leader, standby = self._leader(), self.cluster.standbys()[0]
        told = self.cluster.ask(leader, "switchover", {"leader": leader.name, "candidate": standby.name})
        line(f"  switchover: {told}")

    def restart_primary(self) -> None:
        """A planned restart of PostgreSQL by Patroni."""
        told = self.cluster.ask(self._leader(), "restart", {"timeout": 30})
        line(f"  restart: {told}")
        assert "successfully" in told


@pytest.fixture(scope="module", params=MODES)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with running_cluster(mode=request.param) as running:
        yield running


def stored(cluster: Cluster, codes: list[str]) -> tuple[int, list[str]]:
    """Return how many cases there are, and which of the codes open none."""
    engine = db.make_engine(cluster.url)
    with db.reading(engine) as conn:
        salt = store_site.get(conn).salt
        lost = [
            code
            for code in codes
            if reports.lookup(conn, receipt.derive(receipt.parse_code(code), salt).index) is None
        ]
        cases = conn.exec_driver_sql("SELECT count(*) FROM case_file").scalar_one()
    engine.dispose()
    return int(cases), lost


def test_no_shown_code_is_lost_whatever_dies(cluster: Cluster) -> None:
    load = Load(cluster)
    trouble = Trouble(cluster, load)
    thread = threading.Thread(target=trouble.run)
    begun = time.monotonic()
    thread.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(load.in_turn, range(SUBMISSIONS)))
    finally:
        trouble.done.set()
        thread.join()
    cluster.until_whole()
    tell_figures(load, trouble, time.monotonic() - begun)
    if trouble.fault is not None:
        raise trouble.fault
    cases, lost = stored(cluster, load.codes)
    line(f"shown codes lost: {len(lost)} of {len(load.codes)}; cases: {cases}")
    assert lost == []
    assert cases == len(set(load.codes)) == SUBMISSIONS
    assert len({name for name, _begun, _end in trouble.made}) >= min(9, SUBMISSIONS // 500), trouble.made


def tell_figures(load: Load, trouble: Trouble, seconds: float) -> None:
    """Print what reporters saw, and for each fault the longest time without an accepted report."""
    waits, accepted = sorted(load.waits), sorted(load.accepted)
    line(f"\nsynchronous_mode {load.cluster.mode}")
    line(f"{len(waits)} submissions in {seconds:.0f} s, {AT_ONCE} at a time; errors: {load.errors}")
    line(f"reporters with an error: {load.with_errors} ({100 * load.with_errors / len(waits):.1f} %)")
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    line(f"seconds until the code: p50 {middle:.2f}, p99 {late:.1f}, longest {waits[-1]:.1f}")
    for name, begun, end in trouble.made:
        inside = [begun, *[moment for moment in accepted if begun <= moment <= end], end]
        gap = max(later - earlier for earlier, later in zip(inside, inside[1:], strict=False))
        line(
            f"  {name:<16} whole after {end - begun:5.1f} s, longest time without an accepted report {gap:5.1f} s"
        )


def test_without_primary_and_synchronous_standby_nothing_is_promoted_or_accepted(cluster: Cluster) -> None:
    load = Load(cluster)
    cluster.until_whole()
    load.submit(90_001)
    (leader,), standby = cluster.by_role("leader"), cluster.standbys()[0]
    (third,) = (machine for machine in cluster.machines if machine not in (leader, standby))
    reporter = cluster.reporter(40)
    hidden, refused = reporter.form(), 0
    leader.kill()
    standby.kill()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert cluster.by_role("leader") in ([], [leader])  # etcd may name the old one until its time is over
        with contextlib.suppress(OSError):
            assert cluster.ask(third, "patroni")["role"] == "replica"
        with contextlib.suppress(Refused, OSError, http.client.HTTPException):
            Load._send(reporter, hidden, 90_002)
            raise AssertionError("a report was accepted")
        refused += 1
        select_nothing(1)
    line(f"refused while both were gone: {refused}")
    back = time.monotonic()
    standby.patroni.start()
    load.submit(90_003)
    line(f"accepted {time.monotonic() - back:.1f} s after the standby was back")
    leader.patroni.start()
    cluster.until_whole()
    assert stored(cluster, load.codes)[1] == []
