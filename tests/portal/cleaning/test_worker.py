"""Whatever a file is, cleaning ends, raises nothing, and leaves nothing on a disk."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal import cleaning
from portal.cleaning import kinds, worker
from tests.portal.cleaning import files
from tests.support.trials import trials
from tests.support.watched import watched

KINDS: dict[str, Callable[[], bytes]] = {
    "jpeg": cache(files.jpeg),
    "png": cache(files.png),
    "webp": cache(files.webp),
    "pdf": cache(files.pdf),
    "docx": cache(files.docx),
}


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def _png_bomb() -> bytes:
    head = (60_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    lines = zlib.compress(bytes(50_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", lines) + _chunk(b"IEND", b"")


def _zip_bomb(names: int, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<a/>")
        for number in range(names):
            archive.writestr(f"word/{number}.xml", bytes(size))
    return out.getvalue()


def _laughs() -> bytes:
    """Return a docx whose XML defines an entity of entities."""
    lines = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<!DOCTYPE a [<!ENTITY a0 "ha">{lines}]><a>&a9;</a>')
    return out.getvalue()


def _pdf_bomb() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        packed = zlib.compress(zlib.compress(bytes(2_000_000_000 // 4), 9), 9)
        stream = pikepdf.Stream(document, packed)
        stream.stream_dict = pikepdf.Dictionary(
            Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        )
        document.Root.Metadata = stream
        document.save(out)
    return out.getvalue()


def _encrypted_pdf() -> bytes:
    return files.pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
MP4 = b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + bytes(64)
NOT_CLEANED = {
    "nothing": b"",
    "zeros": bytes(4096),
    "text": files.MARK.encode(),
    "heic": HEIC,
    "mp4": MP4,
    "gif": b"GIF89a" + bytes(64),
    "zip": b"PK\x03\x04" + bytes(64),
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
}


@pytest.mark.parametrize("name", NOT_CLEANED)
def test_other_types_come_back_as_they_were(name: str) -> None:
    assert cleaning.clean(NOT_CLEANED[name]) == cleaning.Cleaned(NOT_CLEANED[name], "not_cleaned", ())


@pytest.mark.parametrize(
    "make", [lambda: _zip_bomb(6000, 1), lambda: _zip_bomb(4, 90_000_000), _laughs, _encrypted_pdf]
)
def test_bombs_and_locked_files_are_not_cleaned(make: Callable[[], bytes]) -> None:
    data = make()
    assert cleaning.clean(data) == cleaning.Cleaned(data, "not_cleaned", ())


def test_pixels_of_a_picture_are_not_unpacked() -> None:
    data = _png_bomb()
    assert cleaning.clean(data) == cleaning.Cleaned(data, "nothing_found", ())


def test_a_pdf_whose_metadata_would_fill_the_memory_ends() -> None:
    assert cleaning.clean(_pdf_bomb()).outcome in cleaning.OUTCOMES


@pytest.mark.parametrize("name", KINDS)
def test_cut_files_are_cleaned_to_their_end_or_not_at_all(name: str) -> None:
    """Viewers show what there is of a cut JPEG or PNG."""
    data = KINDS[name]()
    for length in (12, len(data) // 3, len(data) * 3 // 4):
        done = cleaning.clean(data[:length])
        assert done.outcome == "cleaned" or done == cleaning.Cleaned(data[:length], "not_cleaned", ())
        assert done.outcome == "not_cleaned" or files.MARK.encode() not in done.data


def test_too_large_is_not_looked_into() -> None:
    data = files.jpeg() + bytes(cleaning.LIMIT_BYTES)
    assert cleaning.clean([data[:100], data[100:]]) == cleaning.Cleaned(data, "not_cleaned", ())


def test_pieces_are_one_file() -> None:
    data = files.png()
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    assert cleaning.clean(pieces) == cleaning.clean(data)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n", b"PK\x03\x04"]),
    st.binary(max_size=400),
)
def test_random_bytes_are_not_cleaned(start: bytes, rest: bytes) -> None:
    assert cleaning.clean(start + rest).outcome == "not_cleaned"


@settings(max_examples=trials(60, 1000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_changed_byte_is_an_error_or_a_clean_file(name: str, data: st.DataObject) -> None:
    """In this process, many times: whatever else a decoder does than raising would be seen here."""
    raw = bytearray(KINDS[name]())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        done = kinds.clean(bytes(raw))
    except Exception:  # the worker turns each into "not_cleaned"
        return
    assert done.outcome in cleaning.OUTCOMES and done.data and set(done.found) <= cleaning.FINDINGS


def test_no_time_left_is_not_cleaned() -> None:
    data = files.jpeg()
    began = time.monotonic()
    assert cleaning.clean(data, timeout=0.01) == cleaning.Cleaned(data, "not_cleaned", ())
    assert time.monotonic() - began < 5


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "_WORKER", (sys.executable, "-I", "-c", "while True: pass"))
    began = time.monotonic()
    assert cleaning.clean(bytes(1_000_000), timeout=0.5).outcome == "not_cleaned"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "says",
    [
        "import sys; sys.stdout.write('cleaned nobody\\nx')",
        "import sys; sys.stdout.write('not_cleaned\\nx')",
        "import sys; sys.stdout.write('cleaned place\\n')",
        "import sys; sys.stdout.write('cleaned place\\nx'); sys.stdout.flush(); sys.exit(1)",
        "import sys; [sys.stdout.write('cleaned place\\n' + 'x' * 1000000) for _ in range(1000)]",
    ],
)
def test_a_worker_that_lies_is_not_believed(says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "_WORKER", (sys.executable, "-I", "-c", says))
    assert cleaning.clean(b"file") == cleaning.Cleaned(b"file", "not_cleaned", ())


def test_no_more_than_two_at_once_and_waiting_ends() -> None:
    started = threading.Barrier(cleaning.AT_ONCE + 1)

    def hold() -> None:
        with cleaning._turns:
            started.wait()
            ended.wait()

    ended = threading.Event()
    holders = [threading.Thread(target=hold) for _ in range(cleaning.AT_ONCE)]
    for holder in holders:
        holder.start()
    started.wait()
    assert cleaning.clean(files.jpeg(), timeout=0.2).outcome == "not_cleaned"
    ended.set()
    for holder in holders:
        holder.join()
    assert cleaning.clean(files.jpeg()).outcome == "cleaned"


LOOK = """
import os, resource
from portal.cleaning import worker
worker.limit()
print(resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_CORE)[1], os.nice(0))
try:
    with open({path!r}, "wb", buffering=0) as file:
        file.write(b"x")
    print("written")
except OSError:
    print("refused")
try:
    bytearray(worker.MEMORY)
    print("taken")
except MemoryError:
    print("refused")
"""


def test_limits_hold(tmp_path: Path) -> None:
    look = LOOK.format(path=str(tmp_path / "file"))
    done = subprocess.run(
        [sys.executable, "-I", "-c", look], capture_output=True, text=True, timeout=60, check=True
    )
    nice = min(19, os.nice(0) + worker.LOWER)
    assert done.stdout.split("\n")[:3] == [f"{worker.MEMORY} 0 {nice}", "refused", "refused"]
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_of_many_pixels_is_cleaned_since_none_is_decoded(kind: str) -> None:
    out = io.BytesIO()
    Image.new("L", (10_000, 10_000)).save(out, kind, exif=files.exif(orientation=6))
    assert cleaning.clean(out.getvalue()).outcome == "cleaned"


CALLS = (
    "trace=open,openat,creat,write,pwrite64,writev,mkdir,mkdirat,rename,memfd_create,link,symlink,sendfile"
)
WRITES = re.compile(
    r"O_(?:WRONLY|RDWR|CREAT|TMPFILE)(?!.*/dev/null)|\b(?:creat|mkdir|mkdirat|rename|link|symlink|memfd_create)\("
    r"|\b(?:write|pwrite64|writev|sendfile)\(\d+<(?!pipe:)"
)
RUN = """
import sys, tempfile
from portal import cleaning
cleaning._WORKER = {worker}
data = sys.stdin.buffer.read()
done = cleaning.clean(data)
if {spill}:
    with tempfile.TemporaryFile() as file:
        file.write(data)
sys.exit(0 if done.outcome == "cleaned" else 9)
"""


def _writes(data: bytes, spill: bool, trace: Path) -> list[str]:
    strace = shutil.which("strace")
    assert strace, "strace is needed: apt-get install strace"
    watcher = watched("portal.cleaning.worker", options=["-I", "-B"])
    command = [strace, "-f", "-y", "-s", "20", "-o", str(trace), "-e", CALLS]
    command += [sys.executable, "-B", "-c", RUN.format(spill=spill, worker=tuple(watcher))]
    subprocess.run(command, input=data, timeout=120, check=True)
    lines = trace.read_text(errors="replace").splitlines()
    assert sum("write(" in line and "pipe:" in line for line in lines) >= 2, "both processes were watched"
    return [line for line in lines if WRITES.search(line)]


@pytest.mark.parametrize("name", KINDS)
def test_caller_and_worker_write_to_pipes_only(name: str, tmp_path: Path) -> None:
    assert _writes(KINDS[name](), False, tmp_path / "trace") == []


def test_control_a_spilled_file_is_seen(tmp_path: Path) -> None:
    assert _writes(files.jpeg(), True, tmp_path / "trace") != []


def test_a_picture_waits_for_no_document() -> None:
    taken = [cleaning._slow_turns.acquire(timeout=0) for _ in range(cleaning.AT_ONCE)]
    try:
        assert all(taken) and cleaning.clean(files.jpeg(), timeout=20).outcome == "cleaned"
        document = files.pdf()
        waiting = cleaning.clean(document, timeout=0.1)
        assert (waiting.outcome, waiting.why, waiting.data) == ("not_cleaned", "busy", document)
    finally:
        for _ in taken:
            cleaning._slow_turns.release()


def test_a_request_waits_for_its_files_together() -> None:
    patience, document = cleaning.Patience(0.2), files.pdf()
    for _ in range(cleaning.AT_ONCE):
        cleaning._slow_turns.acquire()
    try:
        assert cleaning.clean(document, patience=patience).why == "busy"
        left = patience.left
        assert left <= 0
        assert [cleaning.clean(document, patience=patience).why for _ in range(4)] == ["busy"] * 4
        assert left - patience.left < 0.2, "the others do not wait again"
    finally:
        for _ in range(cleaning.AT_ONCE):
            cleaning._slow_turns.release()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: files.MARK.encode(), "type"),
        (lambda: files.pdf()[:300], "unreadable"),
        (lambda: files.jpeg() + bytes(cleaning.LIMIT_BYTES), "large"),
    ],
)
def test_it_is_said_why_a_file_was_not_cleaned(make: Callable[[], bytes], why: str) -> None:
    done = cleaning.clean(make())
    assert (done.outcome, done.why) == ("not_cleaned", why) and why in cleaning.words.WHY
