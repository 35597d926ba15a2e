"""P2: whatever a peer sends, the server's log holds nothing of it and no address; stock gunicorn is the control."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.peer import OURS, STOCK, Peer, serving

MARK = "MARK-93b1"
BAD = (
    f"{MARK}\r\n\r\n",
    f"GET /{MARK} HTTP/9.9\r\n\r\n",
    f"GET /{MARK} HTTP/1.1\r\nHost: x\r\nContent-Length: {MARK}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\n{MARK} : y\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\nx: {MARK}\x00\r\n\r\n",
    f"GET /{MARK}{'x' * 9000} HTTP/1.1\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: x\r\n{MARK}: {'x' * 9000}\r\n\r\n",
    f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {MARK}\r\n\r\n",
    f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{MARK}\r\n",
    f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{MARK}",
    f"GET /fault?{MARK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    f"GET /break?{MARK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with serving(tmp_path_factory.mktemp("server") / "ours", OURS, "20", "20") as peer:
        yield peer


@pytest.mark.parametrize("number", range(len(BAD)))
def test_nothing_of_a_bad_request_is_written_down_or_sent_back(ours: Peer, number: int) -> None:
    answer = ours.ask(BAD[number].encode("latin-1"), half_close=True)
    assert MARK.encode() not in answer
    assert b"127.0.0.1" not in answer
    if b"/break" not in BAD[number].encode():
        assert answer == b"" or answer.split(b" ")[1][:1] in (b"4", b"5"), answer[:80]
        assert answer == b"" or "何も保存されていません".encode() in answer
    assert ours.get().startswith(b"HTTP/1.1 200")
    assert_clean(ours)


def assert_clean(peer: Peer) -> None:
    """The marker never, the address only as the server's own in the line that says where it listens."""
    lines = [line for line in peer.log.splitlines() if "Listening at" not in line]
    assert MARK not in peer.log
    assert not any("127.0.0.1" in line or "/fault" in line for line in lines), lines


def test_a_fault_is_named_by_class_and_place_only(ours: Peer) -> None:
    assert ours.get(f"/fault?{MARK}").startswith(b"HTTP/1.1 500")
    assert "failed: ValueError at bare:" in ours.log
    assert_clean(ours)


def test_the_application_never_learns_an_address(ours: Peer) -> None:
    answer = ours.get()
    assert answer.endswith(b"(0, '')"), answer


def test_ordinary_requests_leave_no_line_at_all(ours: Peer) -> None:
    before = ours.log
    for _time in range(5):
        assert ours.get(f"/{MARK}").startswith(b"HTTP/1.1 200")
    assert ours.log == before


def test_the_control_stock_gunicorn_writes_what_this_one_does_not(tmp_path: Path) -> None:
    with serving(tmp_path / "stock", STOCK) as stock:
        for bad in BAD:
            stock.ask(bad.encode("latin-1"), half_close=True)
        written = stock.log
    assert "ip=127.0.0.1" in written
    assert MARK in written
