"""Restarts that no reporter sees: new code and settings by SIGHUP, and a socket that is held while the service is
restarted. Reports are sent all the time; none may fail, and none may be there twice."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.edge.takeover import address_text, is_held
from store import db
from store import tables as t
from tests.cli.command import meyasubako
from tests.support.ports import free_port
from tests.support.site import Site, make_site, select_nothing
from tests.support.trials import trials

SENDERS = trials(3, 8)
RELOADS = trials(1, 10)
RESTARTS = trials(1, 10)


def await_that(holds: Callable[[], bool], what: str) -> None:
    """Return when something holds; fail after a minute."""
    for _attempt in range(1200):
        if holds():
            return
        select_nothing(0.05)
    raise AssertionError(what)


class Senders:
    """Reporters who send one report after the other until they are told to stop."""

    def __init__(self, site: Site) -> None:
        self.site, self.sent, self.faults = site, 0, list[str]()
        self._mutex, self._ended = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]

    def _send(self, number: int) -> None:
        count = 0
        while not self._ended.is_set():
            count += 1
            try:
                reporter = self.site.reporter(timeout=60)
                assert reporter.report(reporter.form(), what_happened=f"通報 {number}-{count}").code
            except (AssertionError, OSError) as fault:
                with self._mutex:
                    self.faults.append(f"{type(fault).__name__}: {fault}")
            else:
                with self._mutex:
                    self.sent += 1

    def await_more(self, count: int) -> None:
        """Return when so many more reports were taken."""
        until = self.sent + count
        await_that(lambda: self.sent >= until or bool(self.faults), "reports are taken no more")

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send for the length of a block."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()


def stored(site: Site) -> int:
    """Return how many cases there are."""
    engine = db.make_engine(site.settings.store.url)
    with db.reading(engine) as conn:
        count = conn.scalar(select(func.count()).select_from(t.case_file))
    engine.dispose()
    return int(count or 0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    metrics = f'[metrics]\nbind = "127.0.0.1:{free_port()}"\n'
    made = make_site(tmp_path / "site", server="workers = 2\nthreads = 4", limits=metrics)
    yield made
    made.stop()


def open_files(site: Site) -> int:
    """Return how many descriptors the server's first process has."""
    assert site.process is not None
    return len(os.listdir(f"/proc/{site.process.pid}/fd"))


def test_hang_up_under_load_takes_new_settings_and_loses_nothing(site: Site) -> None:
    site.start()
    assert site.process is not None
    senders, files = Senders(site), open_files(site)
    text = site.config.read_text("utf-8")
    with senders.sending():
        senders.await_more(3)
        before = set(site.workers())
        site.config.write_text(text.replace("designated = true", ""), "utf-8")
        site.process.send_signal(signal.SIGHUP)
        await_that(lambda: "Not reloaded" in site.log.read_text("utf-8"), "nothing was said")
        assert "site.designated is missing" in site.log.read_text("utf-8")
        assert set(site.workers()) == before
        for number in range(RELOADS):
            senders.await_more(3)
            before = set(site.workers())
            site.config.write_text(text.replace("Test Meyasubako", f"Another name {number}"), "utf-8")
            site.process.send_signal(signal.SIGHUP)
            await_that(lambda: before.isdisjoint(site.workers()), "the old workers go on")  # noqa: B023
            assert f"Another name {number}" in site.reporter("en").get("").text
        senders.await_more(3)
    assert senders.faults == [] and stored(site) == senders.sent
    assert site.process.poll() is None
    # A worker that ends has its file in the first process until that has noticed it.
    await_that(lambda: open_files(site) == files, "the first process keeps files open")
    assert metrics_of(site) == 200


def metrics_of(site: Site) -> int:
    """Return the status of the metrics' page, which a process of its own serves."""
    assert site.settings.metrics is not None
    with urllib.request.urlopen(f"http://{site.settings.metrics.bind}/metrics", timeout=30) as answer:
        return int(answer.status)


def test_a_restart_under_load_with_a_held_socket_loses_nothing(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port), backlog=256) as held:
        site.held = held
        site.start()
        for asked in ((), ("--ready",)):
            assert meyasubako("health", *asked, config=site.config).code == 0
        senders = Senders(site)
        with senders.sending():
            for _time in range(RESTARTS):
                senders.await_more(3)
                site.stop()
                site.start()
            senders.await_more(3)
        assert senders.faults == [] and stored(site) == senders.sent


def test_visitors_do_not_wait_for_a_start_that_is_refused(site: Site) -> None:
    site.config.write_text(site.config.read_text("utf-8").replace("designated = true", ""), "utf-8")
    with socket.create_server(("127.0.0.1", site.port)) as held:
        site.held = held
        with socket.create_connection(("127.0.0.1", site.port), timeout=60) as visitor:
            with pytest.raises(
                AssertionError, match="(?s)keeps it from starting.*site.designated is missing"
            ):
                site.start(arguments=["--doctor"])
            with suppress(ConnectionError):
                assert visitor.recv(1) == b""


def test_a_socket_that_the_settings_do_not_name_stops_the_start(site: Site) -> None:
    held = {"MEYASUBAKO_HELD": f"127.0.0.1:{site.port} [::1]:{site.port}"}
    assert meyasubako("serve", "--check", config=site.config, extra=held).code == 0
    with socket.create_server(("127.0.0.1", int(site.settings.metrics.bind.rpartition(":")[2]))):  # type: ignore[union-attr]
        ended = meyasubako("serve", "--check", config=site.config, extra=held)
        assert meyasubako("serve", "--check", "--running", config=site.config).code == 0
    assert ended.code == 3 and "metrics.bind" in ended.err
    ended = meyasubako("serve", "--check", config=site.config, extra={"MEYASUBAKO_HELD": "127.0.0.1:9"})
    assert ended.code == 3 and "server.bind" in ended.err and "127.0.0.1:9" in ended.err
    assert meyasubako("health", config=site.config).code == 1


@pytest.mark.parametrize(
    ("bind", "held", "fits"),
    [
        ("127.0.0.1:8000", ["127.0.0.1:8000"], True),
        ("localhost:8000", ["[::1]:8000"], True),
        ("[::1]:8000", ["127.0.0.1:8000", "[::1]:8000"], True),
        ("127.0.0.1:8000", ["127.0.0.1:8001"], False),
        ("127.0.0.1:8000", ["[::1]:8000"], False),
        ("unix:/run/site", ["unix:/run/site"], True),
    ],
)
def test_an_address_is_compared_as_the_settings_write_it(bind: str, held: list[str], fits: bool) -> None:
    assert is_held(bind, held) is fits


def test_names_of_sockets_are_written_as_in_the_settings() -> None:
    assert address_text(("127.0.0.1", 80)) == "127.0.0.1:80" and address_text("/run/x") == "unix:/run/x"
    assert address_text(("::1", 80, 0, 0)) == "[::1]:80"
