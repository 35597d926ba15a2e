"""The server program as a process: what it opens, what it keeps in memory only, how it goes on and how it ends."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from portal.edge import server
from store.config.settings import ServerSettings
from tests.server.peer import OURS, serving
from tests.support.site import make_site, running, select_nothing


def test_the_token_key_is_new_each_time_and_comes_from_no_file(tmp_path: Path) -> None:
    settings = ServerSettings(tmp_path / "server.secret")
    keys = {server.token_key(settings) for _time in range(3)}
    assert len(keys) == 3 and all(len(key) == 32 for key in keys)
    assert list(tmp_path.iterdir()) == []


def test_a_token_key_file_is_for_its_owner_and_has_32_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token.key"
    settings = ServerSettings(tmp_path / "server.secret", token_key_file=path)
    path.write_bytes(b"k" * 32)
    path.chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        server.token_key(settings)
    path.chmod(0o600)
    assert server.token_key(settings) == b"k" * 32
    # What systemd hands over with an access list looks like this; anywhere else, or for all others, it is refused.
    path.chmod(0o440)
    with pytest.raises(ValueError, match="chmod 600"):
        server.token_key(settings)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert server.token_key(settings) == b"k" * 32
    path.chmod(0o444)
    with pytest.raises(ValueError, match="chmod 600"):
        server.token_key(settings)
    path.chmod(0o600)
    path.write_bytes(b"k" * 31)
    with pytest.raises(ValueError, match="32 bytes"):
        server.token_key(settings)


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path / "ours", OURS, "20", "20") as peer:
        for _time in range(3):
            before = peer.workers()
            assert len(before) == 1
            os.kill(before[0], signal.SIGKILL)
            for _attempt in range(200):
                now = peer.workers()
                if now and now != before:
                    break
                select_nothing(0.05)
            assert now != before
            assert peer.get().startswith(b"HTTP/1.1 200")


def sockets_of(pid: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(link)
        except FileNotFoundError:  # closed since the folder was read
            continue
        named = re.fullmatch(r"socket:\[(\d+)\]", target)
        if named:
            found.add(named.group(1))
    return found


def listening(pid: int) -> list[str]:
    """Return the local addresses on which a process listens, on TCP and on Unix sockets."""
    mine = sockets_of(pid)
    found = []
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            part = line.split()
            if part[9] in mine and part[3] == "0A":
                found.append(part[1])
    for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]:
        part = line.split()
        if part[6] in mine and int(part[3], 16) & 0x10000:
            found.append(" ".join(part[7:]))
    return found


def test_it_listens_where_the_settings_say_and_nowhere_else(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    site.is_watched = True
    with running(site) as site:
        assert site.process is not None
        expected = [f"0100007F:{site.port:04X}"]
        for pid in (site.process.pid, *site.workers()):
            assert listening(pid) == expected
        assert list(site.tmp.iterdir()) == []


def test_environment_variables_of_gunicorn_change_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    site.environment |= {
        "GUNICORN_CMD_ARGS": "--access-logfile=- --workers=7",
        "WEB_CONCURRENCY": "5",
        "FORWARDED_ALLOW_IPS": "*",
    }
    with running(site) as site:
        assert site.reporter().get("").status == 200
        for _attempt in range(200):  # the first worker answers before the others are there
            if len(site.workers()) >= site.settings.server.workers:
                break
            select_nothing(0.05)
        assert len(site.workers()) == site.settings.server.workers
    assert "GET /" not in site.log.read_text()


def test_hang_up_starts_the_workers_anew_and_keeps_status_pages_alive(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    with running(site) as site:
        reporter = site.reporter()
        sent = reporter.report(reporter.form(), what_happened="再起動の前に送りました。")
        page = reporter.status(sent.code)
        before = set(site.workers())
        assert site.process is not None
        site.process.send_signal(signal.SIGHUP)
        for _attempt in range(600):
            if before.isdisjoint(site.workers()) and site.workers():
                break
            select_nothing(0.05)
        assert before.isdisjoint(site.workers())
        # The key of the page's token is the first process's: its new workers know it too.
        assert site.reporter().reply(page, "再起動の後の返信です。").status == 200
