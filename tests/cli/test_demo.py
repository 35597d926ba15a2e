"""`meyasubako demo`, which is what `make run` starts: both parts answer, both end, the data stays."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from crypto import identity, keyfile
from tests.cli.command import ROOT, environment, meyasubako
from tests.support.ports import free_port
from tests.support.reporter import CODE, Reporter
from tests.support.site import select_nothing

READY = "Ctrl-C ends both"
BATCH = " batch of "


@dataclass
class Demo:
    """A running demo and what it printed so far."""

    folder: Path
    port: int
    desk_port: int
    process: subprocess.Popen[str]
    lines: list[str]

    @property
    def text(self) -> str:
        """Everything that it printed."""
        return "".join(self.lines)

    def link(self, number: int = 0) -> str:
        """Return a one-time link that it printed."""
        return str(re.findall(rf"http://127\.0\.0\.1:{self.desk_port}/[\w-]+/open/\S+", self.text)[number])

    def server_pid(self) -> int:
        """Return the process id of the site's server, its only child."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        (pid,) = listed.split()
        return int(pid)

    def stop(self, how: signal.Signals) -> int:
        """Send a signal to it alone, and wait for its end."""
        self.process.send_signal(how)
        return self.process.wait(40)


@contextmanager
def demo(
    folder: Path, port: int | None = None, desk_port: int | None = None, *options: str
) -> Iterator[Demo]:
    """Run a demo until the end of the block."""
    found = port or free_port(), desk_port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.cli", "demo", "--dir", str(folder)]
        + ["--port", str(found[0]), "--desk-port", str(found[1]), *options],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.PIPE,
        text=True,
    )
    running = Demo(folder, *found, process, [])
    assert process.stdout is not None
    reader = Thread(target=lambda out=process.stdout: running.lines.extend(out), daemon=True)
    reader.start()
    try:
        await_text(running, READY)
        yield running
    finally:
        process.terminate()
        process.wait(40)
        reader.join(10)
        if process.stdin is not None:
            process.stdin.close()
        process.stdout.close()


def await_text(running: Demo, wanted: str, times: int = 1) -> None:
    """Wait until it has printed something."""
    for _attempt in range(1200):
        if running.text.count(wanted) >= times:
            return
        assert running.process.poll() is None, running.text
        select_nothing(0.05)
    raise AssertionError(running.text)


def open_desk(link: str) -> str:
    """Open the desk as a browser does, with a one-time link; return the inbox."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    with urllib.request.build_opener(jar).open(link, timeout=30) as page:
        return str(page.read().decode())


def nobody_listens(port: int) -> bool:
    """Say whether a port is free again."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def gone(pid: int) -> bool:
    """Say whether a process has ended."""
    return not Path(f"/proc/{pid}").exists()


@dataclass(frozen=True)
class First:
    """What is left of a demo's first run, which laid everything out: the others start from its folder."""

    folder: Path
    ports: tuple[int, int]
    text: str
    code: str
    keys: dict[str, bytes]
    ended: int


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    """A demo that was started in an empty place, looked at, and ended by Ctrl-C."""
    folder = tmp_path_factory.mktemp("demo") / "var" / "試用 demo"
    with demo(folder) as running:
        code = _looks_right(running)
        ended = _end(running, signal.SIGINT)
    return First(folder, (running.port, running.desk_port), running.text, code, keys(folder), ended)


def _looks_right(running: Demo, code: str = "") -> str:
    """Check that both parts answer, with the samples; return the sample's code, which is printed once."""
    reporter = Reporter("127.0.0.1", running.port)
    assert reporter.get("").status == 200
    printed = CODE.search(running.text)
    assert bool(printed) is not bool(code), running.text
    code = printed.group() if printed else code
    assert reporter.status(code).status == 200
    inbox = open_desk(running.link())
    assert inbox.count('class="excerpt"') == 3 and "USB メモリ" in inbox
    return code


def _end(running: Demo, how: signal.Signals) -> int:
    """End a demo; check that nothing of it goes on; return its exit code."""
    server = running.server_pid()
    ended = running.stop(how)
    assert gone(server) and nobody_listens(running.port) and nobody_listens(running.desk_port)
    return ended


def test_it_starts_answers_and_ends(first: First) -> None:
    assert first.ended == 0
    said = (first.folder / "server.log").read_text(encoding="utf-8")
    assert "Starting" in said and "Nobody who reads reports" not in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_the_next_start_has_the_same_data(first: First, how: signal.Signals) -> None:
    with demo(first.folder, *first.ports) as again:
        assert keys(first.folder) == first.keys
        _looks_right(again, first.code)
        # A link is good once; a visitor without a session makes it print a new one.
        with pytest.raises(urllib.error.HTTPError):
            open_desk(again.link())
        await_text(again, "/open/", 2)
        assert "受信箱" in open_desk(again.link(1))
        assert _end(again, how) == 0


def keys(folder: Path) -> dict[str, bytes]:
    """Return what must be the same after each start."""
    kept = [
        *folder.glob("*.key"),
        *folder.glob("cards/*.card"),
        folder / "server.secret",
        folder / "passphrase.txt",
    ]
    return {path.name: path.read_bytes() for path in kept}


def test_its_folder_is_as_promised(first: First, tmp_path: Path) -> None:
    folder = first.folder
    names = {path.name for path in folder.iterdir()}
    assert {"meyasubako.toml", "meyasubako.db", "server.secret", "passphrase.txt"} <= names
    key_files = sorted(folder.rglob("*.key"))
    assert [path.name for path in key_files] == ["hanako-sato.key", "taro-suzuki.key"]
    passphrase = (folder / "passphrase.txt").read_text().strip()
    for path in key_files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert identity.from_seed(keyfile.unlock(path.read_bytes(), passphrase))
    assert sorted(path.name for path in folder.glob("cards/*")) == ["hanako-sato.card", "taro-suzuki.card"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    config = folder / "meyasubako.toml"
    checked = meyasubako("doctor", config=config)
    assert checked.code == 0, checked.out
    # The same two commands that an auditor uses open a sample.
    listed = meyasubako("envelope", "list", config=config).out.splitlines()
    assert len(listed) == 3
    one = tmp_path / "one.envelope"
    assert meyasubako("envelope", "get", listed[0].split()[0], "-o", one, config=config).code == 0
    opened = meyasubako("open", "--key", key_files[1], "--passphrase-stdin", one, stdin=passphrase + "\n")
    assert opened.code == 0 and "会員情報" in opened.out


def test_a_port_in_use_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options in (("--port", port), ("--desk-port", port)):
            other = ("--desk-port" if options[0] == "--port" else "--port", str(free_port()))
            refused = meyasubako("demo", "--dir", tmp_path / "demo", *options, *other)
            assert refused.code == 1
            assert port in refused.err and options[0] in refused.err
    same = meyasubako("demo", "--dir", tmp_path / "demo", "--port", port, "--desk-port", port)
    assert same.code == 2
    assert not (tmp_path / "demo").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ports = ("--port", str(free_port()), "--desk-port", str(free_port()))
    refused = meyasubako("demo", "--dir", tmp_path, *ports)
    assert refused.code == 1
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_when_the_server_dies_the_demo_says_so_and_ends(first: First) -> None:
    with demo(first.folder) as running:
        os.kill(running.server_pid(), signal.SIGTERM)
        assert running.process.wait(40) == 1
        assert nobody_listens(running.desk_port)
    assert "server.log" in running.text


def attack(folder: Path, name: str) -> None:
    """Do what a block of the page on burying says."""
    page = (ROOT / "docs" / "how-to" / "bury-a-report.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```sql {name}\n(.*?)```", page, re.S)
    with closing(sqlite3.connect(folder / "meyasubako.db", timeout=20)) as connection:
        connection.executescript(block)


def next_day(running: Demo, count: int = 1) -> str:
    """Let days go by in a demo; return what it said of the last one."""
    assert running.process.stdin is not None
    days = running.text.count(BATCH)
    running.process.stdin.write("\n" if count == 1 else f"{count}\n")
    running.process.stdin.flush()
    await_text(running, BATCH, days + count)
    return running.text.strip().splitlines()[-1]


def test_days_go_by_and_what_the_operator_does_is_seen(first: First, tmp_path: Path) -> None:
    """The blocks of docs/how-to/bury-a-report.md, each beside an honest day as the control."""
    folder = tmp_path / "demo"
    shutil.copytree(first.folder, folder)
    with demo(folder, None, None, "--days") as running:
        desk, reporter = Desk(running.link()), Reporter("127.0.0.1", running.port)
        desk.get("/ja/")
        assert "is in the log" in next_day(running)
        assert "記録簿とこのデスクは一致しています" in desk.get("/ja/log")
        assert reporter.report(reporter.form(), what_happened="守られる通報").status == 200
        next_day(running)
        assert "記録簿とこのデスクは一致しています" in desk.look(), "the control"
        code = reporter.report(reporter.form(), what_happened="隠される通報").code
        attack(folder, "withhold")
        next_day(running)
        assert "記録簿にある通報またはメッセージが、届いていません" in desk.get("/ja/")
        assert reporter.status(code).status in (200, 404)
        for name in ("leave-out", "exchange"):
            assert reporter.report(reporter.form(), what_happened=f"{name} の通報").status == 200
            attack(folder, name)
            next_day(running)
        assert desk.get("/ja/log").count("届いた通報またはメッセージが、記録簿にありません") == 2
        attack(folder, "edit-log")
        assert "no batch of" in next_day(running)
        said = meyasubako("log", "status", config=folder / "meyasubako.toml")
        assert said.code == 1 and "somebody wrote there" in said.err
        day = (folder / "day").read_text()
    assert f"this demo's day: {day.strip()}" not in running.text
    with demo(folder, *first.ports) as again:  # without the option: its day stays
        assert "Enter" not in again.text and (folder / "day").read_text() == day


class Desk:
    """An auditor's browser at the demo's desk."""

    def __init__(self, link: str) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self._opener.open(link, timeout=30).close()
        self._root = link.partition("/open/")[0]

    def get(self, path: str) -> str:
        """Return a page."""
        with self._opener.open(self._root + path, timeout=30) as page:
            return str(page.read().decode())

    def look(self) -> str:
        """Return the page about the log, after the desk looked."""
        self.get("/ja/")
        return self.get("/ja/log")
