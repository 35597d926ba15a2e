"""The built wheel, in clean environments of its own: on an auditor's laptop, and on a server."""

from __future__ import annotations

import hashlib
import http.cookiejar
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from hatchling.build import build_editable, build_sdist, build_wheel

import hatch_build
from portal.scripts import build as scripts
from tests.support.ports import free_port
from tests.support.site import ROOT, select_nothing

PASSPHRASE = "wheel-test-passphrase-車輪"
NOT_SOURCES = shutil.ignore_patterns(
    ".git", ".venv", "var", "build", "dist", "node_modules", "test-results", "__pycache__",
    ".*_cache", ".hypothesis", "*.egg-info", "*.mo", "*.mo.part", "LICENSES",
)  # fmt: skip

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Installed:
    """A clean environment with the wheel in it, and a folder to work in."""

    venv: Path
    home: Path

    def environment(self, config: Path | None = None) -> dict[str, str]:
        """Return an environment that knows nothing of the checkout."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "MEYASUBAKO", "XDG_", "VIRTUAL_ENV"))
        }
        return kept | {"HOME": str(self.home)} | ({"MEYASUBAKO_CONFIG": str(config)} if config else {})

    def run(
        self, *arguments: str | Path, config: Path | None = None, stdin: str = "", program: str = "meyasubako"
    ) -> str:
        """Run a program of the environment to its good end; return what it printed."""
        ended = subprocess.run(
            [str(self.venv / "bin" / program), *map(str, arguments)],
            cwd=self.home,
            env=self.environment(config),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, (arguments, ended.returncode, ended.stdout, ended.stderr)
        return ended.stdout

    @contextmanager
    def started(
        self, *arguments: str | Path, config: Path | None = None
    ) -> Iterator[tuple[subprocess.Popen[str], Queue[str]]]:
        """Start a program that goes on, with the lines that it prints; end it with Ctrl-C."""
        process = subprocess.Popen(
            [str(self.venv / "bin" / "meyasubako"), *map(str, arguments)],
            cwd=self.home,
            env=self.environment(config),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: Queue[str] = Queue()
        reader = Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        try:
            yield process, lines
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)
            reader.join(10)
            if process.stdout is not None:
                process.stdout.close()


def _read(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)


def pip(*arguments: str | Path) -> None:
    """Run the test environment's pip, with the machine's own configuration."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def installed(folder: Path, wheel: Path, requirements: str) -> Installed:
    """Make a clean environment: one pinned list of requirements, and the wheel."""
    venv = folder / "venv"
    home = folder / "home"
    home.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=120)
    # Only what is run is compiled, not all of numpy.
    inside: Sequence[str | Path] = ("--python", venv / "bin" / "python", "install", "--quiet", "--no-compile")
    pip(*inside, "--require-hashes", "-r", ROOT / "requirements" / requirements)
    pip(*inside, "--no-deps", wheel)
    return Installed(venv, home)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources that holds nothing built before."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=NOT_SOURCES)
    scripts.write_licence(folder / "source")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder / "out", folder / "source")
    (built,) = (folder / "out").iterdir()
    return built


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    """An auditor's laptop."""
    return installed(tmp_path_factory.mktemp("laptop"), wheel, "desk.txt")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    """The operator's server."""
    return installed(tmp_path_factory.mktemp("server"), wheel, "server.txt")


def new_auditor(machine: Installed, stem: str) -> tuple[Path, Path]:
    """Make an auditor's key on a machine; return key file and card."""
    out = machine.home / stem
    out.mkdir()
    names = ("--name", "佐藤 花子", "--name-en", "Hanako Sato", "--role", "監査部", "--role-en", "Audit")
    machine.run(
        "auditor", "new", *names, "--out", out, "--passphrase-stdin", stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n"
    )
    (key,), (card,) = out.glob("*.key"), out.glob("*.card")
    return key, card


def fetch(url: str, opener: urllib.request.OpenerDirector | None = None, status: int = 200) -> str:
    """Fetch a page, directly and not through any proxy of the machine; wait until somebody listens there."""
    opener = opener or urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _attempt in range(600):
        try:
            with opener.open(url, timeout=30) as answer:
                assert answer.status == status
                return str(answer.read().decode("utf-8"))
        except urllib.error.HTTPError as error:
            assert error.code == status
            with error:
                return error.read().decode("utf-8")
        except urllib.error.URLError:
            select_nothing(0.1)
    raise AssertionError(f"nobody answers at {url}")


def test_the_wheel_carries_what_the_sources_have(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    rooms = ("admin", "cases", "crypto", "portal", "store", "templates")
    sources = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix in (".py", ".html", ".css", ".toml", ".po", ".svg", ".mako")
        # The packages that the build takes icons and tokens from stay where they are.
        if "node_modules" not in path.parts
    }
    assert sources - names == set()
    catalogues = {name[:-3] for name in sources if name.endswith(".po")}
    assert len(catalogues) == 5
    assert {f"{name}.mo" for name in catalogues} <= names
    assert "wsgi.py" in names
    assert {"portal/static/site.css", "portal/static/site.css.br", "portal/static/icons.json"} <= names
    assert not [name for name in names if name.split("/")[0] in ("tests", "docs", "requirements")]
    assert not [name for name in names if name.endswith((".key", ".db", ".secret"))]


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (folder,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = message_from_bytes(archive.read(f"{folder}/METADATA"))
        assert metadata.get_all("License-Expression") == ["AGPL-3.0-or-later"]
        assert metadata.get_all("License-File") == [hatch_build.LICENCE]
        text = archive.read(f"{folder}/licenses/{hatch_build.LICENCE}").decode("utf-8")
    assert text.startswith("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007\n")
    assert "END OF TERMS AND CONDITIONS" in text
    assert hashlib.sha256(text.encode("utf-8")).hexdigest() == hatch_build.LICENCE_SHA256


@pytest.mark.parametrize(
    ("text", "said"), [(None, "is missing"), ("GNU AFFERO GENERAL PUBLIC LICENSE\n", "another SHA-256")]
)
@pytest.mark.parametrize("build", ["wheel", "sdist"])
def test_nothing_is_packed_without_the_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: str, text: str | None, said: str
) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    if text is not None:
        licence = tmp_path / hatch_build.LICENCE
        licence.parent.mkdir()
        licence.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    make = build_wheel if build == "wheel" else build_sdist
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Exception, match=re.escape(hatch_build.LICENCE)) as stopped:
        make(str(out))
    assert said in str(stopped.value)
    assert f"make {hatch_build.LICENCE}" in str(stopped.value)
    assert list(out.iterdir()) == []


def test_an_editable_install_needs_no_licence_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / build_editable(str(tmp_path))) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        assert "License-Expression: AGPL-3.0-or-later\n" in archive.read(name).decode("utf-8")


def test_on_a_laptop_without_the_server_part(laptop: Installed) -> None:
    where = "import admin, importlib.util as u; print(admin.__file__); print(u.find_spec('sqlalchemy'))"
    place, sqlalchemy = laptop.run("-c", where, program="python").splitlines()
    assert Path(place).is_relative_to(laptop.venv)
    assert sqlalchemy == "None"
    assert re.search(r"\b\d+\.\d+\.\d+\b", laptop.run("--version"))
    assert "FAIL" not in laptop.run("doctor")
    key, _card = new_auditor(laptop, "keys")
    port = free_port()
    command = ("desk", "--server", "http://127.0.0.1:9", "--key", key, "--port", str(port), "--no-browser")
    with laptop.started(*command, "--cache", laptop.home / "cache") as (process, lines):
        link = re.search(r"http://127\.0\.0\.1:\d+/\S+", next_line(process, lines))
        assert link and f":{port}/" in link[0]
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        page = fetch(link[0], opener, 403)  # locked: it asks for the passphrase
        assert 'type="password"' in page
        assert "パスフレーズ" in page or "passphrase" in page.lower()
        style = re.search(r'href="((?:/[\w-]+)?/static/[^"]+\.css[^"]*)"', page)
        assert style
        assert "{" in fetch(f"http://127.0.0.1:{port}{style[1]}", opener)


def next_line(process: subprocess.Popen[str], lines: Queue[str]) -> str:
    """Return the next line that a program prints, for a minute at most."""
    for _attempt in range(60):
        try:
            return lines.get(timeout=1)
        except Empty:
            assert process.poll() is None, "it ended and said nothing"
    raise AssertionError("it said nothing for a minute")


def test_on_a_server_without_the_desk_part(server: Installed, laptop: Installed) -> None:
    config = server.home / "site" / "meyasubako.toml"
    config.parent.mkdir()
    port = free_port()
    names = ("--name-ja", "車輪の目安箱", "--name-en", "Wheel", "--designated")
    server.run("init", *names, "--bind", f"127.0.0.1:{port}", config=config)
    server.run("db", "upgrade", config=config)
    _key, card = new_auditor(laptop, "first")
    server.run("auditor", "enroll", card, "--yes", config=config)
    server.run("doctor", config=config)
    gone = "import importlib.util as u; print([u.find_spec(n) for n in ('waitress', 'platformdirs')])"
    assert server.run("-c", gone, program="python").strip() == "[None, None]"
    with server.started("serve", config=config):
        home = fetch(f"http://127.0.0.1:{port}/ja/")
        assert "車輪の目安箱" in home
        assert "通報" in home  # from the catalogue, not from the settings
        style = re.search(r'href="((?:/[\w-]+)?/static/[^"]+\.css[^"]*)"', home)
        assert style
        assert "{" in fetch(f"http://127.0.0.1:{port}{style[1]}")
        assert "佐藤 花子" in fetch(f"http://127.0.0.1:{port}/ja/keys")
        assert 'name="csrf_token"' in fetch(f"http://127.0.0.1:{port}/ja/report")
