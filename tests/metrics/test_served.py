"""Metrics of a real server: nothing in them moves with a report, and they end with the server."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.ports import free_port
from tests.support.site import ROOT, Site, make_site, select_nothing
from tests.support.uploads import send

NAMES = {
    "meyasubako_info",
    "meyasubako_state",
    "meyasubako_log_fault",
    "meyasubako_log_days_behind",
    "meyasubako_database_fault_hours_total",
    "meyasubako_database_step_bytes",
    "meyasubako_free_step_bytes",
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int]]:
    """A running site with metrics, and their port."""
    port = free_port()
    site = make_site(
        tmp_path_factory.mktemp("metrics") / "site",
        server="workers = 1",
        limits=f'max_files = 5\nmax_file_bytes = 1000000\n[metrics]\nbind = "127.0.0.1:{port}"',
    )
    site.start()
    try:
        yield site, port
    finally:
        site.stop()


def ask(port: int, method: str = "GET", path: str = "/metrics") -> tuple[int, bytes, list[tuple[str, str]]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheaders()
    finally:
        connection.close()


def scrape(port: int) -> bytes:
    status, body, _headers = ask(port)
    assert status == 200
    return body


def report_with_files(site: Site) -> None:
    """Send a report with five files of 900 kB."""
    reporter = site.reporter(timeout=120)
    answer = send(reporter, reporter.form(), "添付します。", [b"line of a file\n" * 60_000] * 5)
    assert answer.status == 200 and answer.code


def test_a_report_with_files_changes_no_byte(measured: tuple[Site, int]) -> None:
    site, port = measured
    control = sqlite3.connect(site.folder / "meyasubako.db")
    commits, size = control.execute("PRAGMA data_version").fetchone(), folder_size(site)
    before = scrape(port)
    report_with_files(site)
    assert scrape(port) == before
    # The controls: what a plain counter of commits, and the bytes themselves, would have shown.
    assert control.execute("PRAGMA data_version").fetchone() != commits
    assert folder_size(site) > size + 4_000_000
    control.close()


def folder_size(site: Site) -> int:
    return sum(file.stat().st_size for file in site.folder.rglob("*") if file.is_file())


def test_what_is_shown_and_nothing_of_the_process(measured: tuple[Site, int]) -> None:
    _site, port = measured
    lines = scrape(port).decode().splitlines()
    shown = {re.split(r"[ {]", line)[0] for line in lines if not line.startswith("#")}
    assert shown == NAMES
    assert (
        'meyasubako_state{state="ok"} 1.0' in lines and 'meyasubako_state{state="not_writing"} 0.0' in lines
    )
    assert "meyasubako_database_step_bytes 0.0" in lines


def test_only_the_one_page_is_served(measured: tuple[Site, int]) -> None:
    _site, port = measured
    assert [
        ask(port, *asked)[0] for asked in (("GET", "/"), ("POST", "/metrics"), ("GET", "/ja/report"))
    ] == [404] * 3
    headers = {name.lower(): value for name, value in ask(port)[2]}
    assert headers["server"] == "meyasubako" and "set-cookie" not in headers


def test_reading_metrics_leaves_no_line(measured: tuple[Site, int]) -> None:
    site, port = measured
    before = site.log.read_text()
    scrape(port)
    with socket.create_connection(("127.0.0.1", port)) as broken:
        broken.sendall(b"GET /metrics MARK\r\n\r\n")
    assert site.log.read_text() == before


def test_an_address_that_is_taken_keeps_the_server_from_starting(measured: tuple[Site, int]) -> None:
    site, port = measured
    ended = subprocess.run(
        [sys.executable, "-m", "admin.cli", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        env={**os.environ, "MEYASUBAKO_CONFIG": str(site.config), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    assert (
        f"metrics.bind: 127.0.0.1:{port} can't be listened on" in ended.stderr
        and "Traceback" not in ended.stderr
    )


def test_they_end_with_the_server_however_it_ends(measured: tuple[Site, int]) -> None:
    """Last of this file: the server is killed."""
    site, port = measured
    assert site.process is not None
    site.process.send_signal(signal.SIGKILL)
    site.process.wait(10)
    for _attempt in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        select_nothing(0.05)
    raise AssertionError("metrics are served without a server")


def test_a_site_without_metrics_does_not_load_the_library() -> None:
    code = "import sys, wsgi, admin.cli; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
