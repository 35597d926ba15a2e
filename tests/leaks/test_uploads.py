"""P1: no byte of an upload lies open anywhere, however large it is, and its size costs the server no memory."""

from __future__ import annotations

import http.client
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reporter import Answer
from tests.support.site import ROOT, Site, make_site, running

SIZES = {"100 kB": 100_000, "3 MB": 3_000_000, "40 MB": 40_000_000}
WRITES = "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendfile,splice,copy_file_range"
MEMORY_KB = 8 * 1024


def pieces(marker: bytes, size: int) -> Iterator[bytes]:
    """Give a file that says its marker in every line."""
    line = marker + b" " + b"0123456789abcdef" * 4 + b"\n"
    block = line * (65_536 // len(line))
    left = size
    while left > 0:
        yield block[:left]
        left -= len(block)


def upload(site: Site, marker: bytes, size: int) -> Answer:
    """Send a report with one file, as a browser does, without holding the file."""
    hidden = site.reporter().form()
    fields = {**hidden, "what_happened": "添付"}
    head = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += '--x\r\nContent-Disposition: form-data; name="files"; filename="big.txt"\r\n'
    begin, end = (head + "Content-Type: text/plain\r\n\r\n").encode(), b"\r\n--x--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    try:
        connection.putrequest("POST", "/ja/report")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", str(len(begin) + size + len(end)))
        connection.endheaders(begin)
        for piece in pieces(marker, size):
            connection.send(piece)
        connection.send(end)
        with connection.getresponse() as raw:
            return Answer(raw.status, raw.getheaders(), raw.read().decode())
    finally:
        connection.close()


def traced(log: Path) -> list[str]:
    """Return strace's prefix: the beginning of every write of every process. The marker is in each line of a file,
    so it is in the beginning of whatever a piece of it begins.
    """
    strace = shutil.which("strace")
    assert strace, "strace is needed: apt-get install strace"
    return [strace, "-D", "-f", "-qq", "-s", "256", "-e", WRITES, "-o", str(log)]


def found(log: Path, marker: bytes) -> list[bytes]:
    """Return the beginnings of the system calls that handed the marker on."""
    with log.open("rb") as lines:
        return [line[:120] for line in lines if marker in line]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_no_byte_of_an_upload_is_written_in_the_open(tmp_path: Path, size: int) -> None:
    site, marker, log = (
        make_site(tmp_path / "site"),
        b"leak" + secrets.token_hex(8).encode(),
        tmp_path / "strace",
    )
    with running(site, traced(log)):
        answer = upload(site, marker, size)
    assert answer.status == 200, answer.text
    assert found(log, marker) == []
    content = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert len(content) > size and marker not in content
    # The sealed bytes did go through the calls that were watched.
    with log.open("rb") as lines:
        ended = [re.search(rb"pwrite.* = (\d+)$", line.rstrip()) for line in lines]
    assert sum(int(match.group(1)) for match in ended if match) > size


PARSED_BY_DEFAULT = """
import sys
from flask import Flask, request
app = Flask("control")
@app.post("/")
def take():
    return str(sum(len(one.read()) for one in request.files.values()))
marker = sys.argv[1].encode()
body = b'--x\\r\\nContent-Disposition: form-data; name="files"; filename="a"\\r\\n\\r\\n' + marker * 200_000
answer = app.test_client().post("/", data=body + b"\\r\\n--x--\\r\\n", content_type="multipart/form-data; boundary=x")
assert answer.status_code == 200 and int(answer.data) == len(marker) * 200_000
"""


def test_the_search_finds_what_an_ordinary_form_parser_writes(tmp_path: Path) -> None:
    marker, log = "leak" + secrets.token_hex(8), tmp_path / "strace"
    command = [*traced(log), sys.executable, "-c", PARSED_BY_DEFAULT, marker]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)
    calls = found(log, marker.encode())
    assert calls and all(re.search(rb"\bp?write", line) for line in calls)


def high_water(pid: int) -> int:
    """Return the most memory that a process ever had, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def test_a_large_file_costs_no_memory(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", server="workers = 1")
    with running(site):
        for _ in range(2):
            assert upload(site, b"warm", 6_000_000).status == 200
        (worker,) = site.workers()
        before = high_water(worker)
        assert upload(site, b"large", 150_000_000).status == 200
        assert high_water(worker) - before < MEMORY_KB
