"""P3: "accepted" is said after the write-ahead log reached the disk, seen from outside by strace."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.leaks.test_uploads import upload
from tests.support.site import Site, make_site, running

CALLS = "trace=fdatasync,fsync,sendto,sendmsg,write,writev"
SYNC = re.compile(
    r"^(\d+)\s+(?:fdatasync|fsync)\(\d+<[^>]*-wal>\)\s*=\s*0|^(\d+).*<\.\.\. (?:fdatasync|fsync) resumed>"
)
ANSWER = re.compile(r"^(\d+)\s+(?:sendto|sendmsg|write|writev)\(\d+<(?:TCP|socket).*HTTP/1\.1 200")


def synced_before_answer(trace: str) -> list[bool]:
    """Say for each 200 in a trace whether its thread synced a WAL since its answer before that."""
    synced: dict[str, bool] = {}
    found = []
    for line in trace.splitlines():
        if match := SYNC.match(line):
            synced[match.group(1) or match.group(2)] = True
        elif match := ANSWER.match(line):
            found.append(synced.pop(match.group(1), False))
    return found


def _trace_reports(site: Site, trace: Path, reports: int) -> list[bool]:
    strace = shutil.which("strace")
    assert strace, "strace is needed: apt-get install strace"
    site.is_watched = True
    # -D: the server stays this process's own child, so that it can be ended like any other.
    with running(site, before=(strace, "-D", "-f", "-yy", "-s", "40", "-o", str(trace), "-e", CALLS)):
        forms = [site.reporter().form() for _ in range(reports)]
        start = len(trace.read_text(errors="replace"))
        for hidden in forms:
            assert site.reporter().report(hidden, what_happened="ディスクに届いてから").status == 200
    return synced_before_answer(trace.read_text(errors="replace")[start:])[:reports]


def test_each_answer_comes_after_the_sync(tmp_path: Path) -> None:
    found = _trace_reports(make_site(tmp_path / "site"), tmp_path / "trace", 5)
    assert found == [True] * 5


def test_control_without_synchronous_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same look at a server whose SQLite does not sync has to fail, or the test above means nothing."""
    site = make_site(tmp_path / "site")
    (tmp_path / "off").mkdir()
    # Loaded by Python at start: turns each connection's synchronous = FULL into OFF behind the program's back.
    (tmp_path / "off" / "sitecustomize.py").write_text(
        "import sqlite3\n"
        "from sqlite3 import dbapi2\n"
        "class Off(sqlite3.Connection):\n"
        "    def cursor(self, *a, **k):\n"
        "        return super().cursor(OffCursor)\n"
        "    def execute(self, sql, *a):\n"
        "        return super().execute(sql.replace('synchronous = FULL', 'synchronous = OFF'), *a)\n"
        "class OffCursor(sqlite3.Cursor):\n"
        "    def execute(self, sql, *a):\n"
        "        return super().execute(sql.replace('synchronous = FULL', 'synchronous = OFF'), *a)\n"
        "real = dbapi2.connect\n"
        "def connect(*a, **k):\n"
        "    k.setdefault('factory', Off)\n"
        "    return real(*a, **k)\n"
        "sqlite3.connect = dbapi2.connect = connect\n"
    )
    assert sqlite3.threadsafety >= 1
    site.python_path.append(str(tmp_path / "off"))
    found = _trace_reports(site, tmp_path / "trace", 5)
    assert found and not any(found)


FILE_STEP = re.compile(
    r"(?:fsync\(\d+<[^>]*/waiting/[0-9a-f]{32}(\.part)>|fsync\(\d+<[^>]*/(waiting)>"
    r"|(?:fsync|fdatasync)\(\d+<[^>]*\.db(-wal)>|(HTTP/1\.1 200))"
)


def test_a_file_is_on_the_disk_then_its_name_then_its_report_then_the_answer(tmp_path: Path) -> None:
    site, trace = make_site(tmp_path / "site"), tmp_path / "trace"
    strace = shutil.which("strace")
    assert strace, "strace is needed: apt-get install strace"
    site.is_watched = True
    with running(site, before=(strace, "-D", "-f", "-yy", "-s", "40", "-o", str(trace), "-e", CALLS)):
        assert upload(site, b"warm", 1000).status == 200
        start = len(trace.read_text(errors="replace"))
        assert upload(site, b"synced", 3_000_000).status == 200
    found = [
        next(filter(None, match.groups()))
        for match in FILE_STEP.finditer(trace.read_text(errors="replace")[start:])
    ]
    # The first answer is the form's.
    assert found[:5] == ["HTTP/1.1 200", ".part", "waiting", "-wal", "HTTP/1.1 200"], found
