"""`meyasubako demo`, which is what `make run` starts: both parts answer, both end, the data stays."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
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
def demo(folder: Path, port: int | None = None, desk_port: int | None = None) -> Iterator[Demo]:
    """Run a demo until the end of the block."""
    found = port or free_port(), desk_port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.cli", "demo", "--dir", str(folder)]
        + ["--port", str(found[0]), "--desk-port", str(found[1])],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
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
