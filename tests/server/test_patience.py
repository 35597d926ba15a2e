"""P7: requests that never become whole cost no thread, and not for ever; slow ones are waited for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.edge.worker import HEAD_AT_MOST
from tests.server.peer import OURS, STOCK, Peer, read_all, serving
from tests.support.site import select_nothing

BODY = b"x" * 50_000
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 50000\r\n\r\n"
HALVES = (b"", b"GE", b"GET / HTTP/1.1\r\nHost", HEAD, HEAD + BODY[:100])
TOO_SOON = 3.0
"""Seconds in which a server that is not held up answers many times over."""


def held_up(peer: Peer) -> bool:
    """Open more half requests than there are threads, and see whether somebody else is answered."""
    halves = [peer.connect(HALVES[number % len(HALVES)]) for number in range(20)]
    try:
        return not peer.get(timeout=TOO_SOON).startswith(b"HTTP/1.1 200")
    except TimeoutError:
        return True
    finally:
        for half in halves:
            half.close()


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Peer]:
    with serving(tmp_path / "ours", OURS, "20", "20") as peer:
        yield peer


def test_half_requests_hold_nobody_up(patient: Peer) -> None:
    assert not held_up(patient)


def test_the_control_they_hold_up_stock_gunicorn(tmp_path: Path) -> None:
    with serving(tmp_path / "stock", STOCK) as stock:
        assert held_up(stock)
        stock.process.kill()


def test_a_request_in_small_pieces_is_one_request(patient: Peer) -> None:
    with patient.connect() as made:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (HEAD[:10], HEAD[10:-3], HEAD[-3:], BODY[:1], BODY[1:30_000]):
            made.sendall(piece)
            select_nothing(0.05)
        made.sendall(BODY[30_000:])
        assert read_all(made).endswith(b"(50000, '')")


def test_a_connection_is_kept_and_requests_that_come_together_are_answered_in_turn(patient: Peer) -> None:
    request = HEAD.replace(b"Connection: close\r\n", b"") + BODY
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = patient.ask(request + request + last)
    assert answer.count(b"(50000, '')") == 2 and answer.endswith(b"(0, '')")
    with patient.connect() as made:
        for _time in range(3):
            made.sendall(request)
            found = b""
            while not found.endswith(b"(50000, '')"):
                found += made.recv(65536)


@pytest.mark.parametrize("size", [3_000_000, 20_000_000])
def test_what_is_too_large_to_collect_is_read_in_its_thread(patient: Peer, size: int) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()
    assert patient.ask(head + b"x" * size).endswith(f"({size}, '')".encode())


def test_a_head_that_is_longer_than_what_is_collected_is_read_whole(patient: Peer) -> None:
    long = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 8_000) for number in range(10))
    request = HEAD.replace(b"\r\n\r\n", b"\r\n" + long + b"\r\n") + BODY
    assert len(long) > HEAD_AT_MOST
    assert patient.ask(request).endswith(b"(50000, '')")


def test_chunks_and_expectations_are_read_in_a_thread(patient: Peer) -> None:
    with patient.connect(HEAD.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")) as made:
        assert made.recv(100).startswith(b"HTTP/1.1 100")
        made.sendall(BODY)
        assert read_all(made).endswith(b"(50000, '')")
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert patient.ask(chunked + b"5\r\nhello\r\n0\r\n\r\n").endswith(b"(5, '')")


def test_a_body_that_ends_too_early_is_no_request(patient: Peer) -> None:
    answer = patient.ask(HEAD + BODY[:1000], half_close=True)
    assert b"(50000" not in answer
    assert not held_up(patient)


def test_who_falls_silent_is_told_and_let_go(tmp_path: Path) -> None:
    with serving(tmp_path / "ours", OURS, "1", "60") as hasty:
        halves = [hasty.connect(half) for half in HALVES]
        answers = [read_all(half) for half in halves]
        # A client that said nothing at all gets no answer; everybody else hears why.
        assert answers[0] == b""
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers[1:])
        assert all("何も保存されていません".encode() in answer for answer in answers[1:])
        for half in halves:
            half.close()


def test_a_trickle_has_an_end_too(tmp_path: Path) -> None:
    with serving(tmp_path / "ours", OURS, "60", "1") as hasty:
        with hasty.connect(b"GET / HTTP/1.1\r\nx: ") as made:
            made.settimeout(0.1)
            answer = b""
            for _time in range(300):
                try:
                    made.sendall(b"y")
                    answer += made.recv(4096)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if answer:
                    break
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_stop_waits_for_a_request_on_its_way_but_not_for_silence(tmp_path: Path) -> None:
    with serving(tmp_path / "ours", OURS, "20", "20") as peer:
        silent, sending = peer.connect(), peer.connect(HEAD + BODY[:100])
        assert peer.get().startswith(b"HTTP/1.1 200")
        peer.process.terminate()
        assert read_all(silent) == b""
        sending.sendall(BODY[100:])
        assert read_all(sending).endswith(b"(50000, '')")
        assert peer.process.wait(15) == 0
        silent.close()
        sending.close()


@pytest.mark.parametrize(
    "half",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000,
    ],
)
def test_what_is_read_in_a_thread_and_never_comes_holds_nobody_up(patient: Peer, half: bytes) -> None:
    halves = [patient.connect(half) for _ in range(40)]
    try:
        for _ in range(3):
            assert patient.get(timeout=TOO_SOON).startswith(b"HTTP/1.1 200")
    finally:
        for one in halves:
            one.close()


def test_an_announced_length_buys_no_time(tmp_path: Path) -> None:
    """A request that announces a terabyte and trickles has the same end as a small one."""
    with serving(tmp_path / "ours", OURS, "60", "1") as hasty:
        with hasty.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n") as made:
            made.settimeout(0.1)
            ended = False
            for _ in range(300):
                try:
                    made.sendall(b"y")
                    if ended := not made.recv(4096):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    ended = True
                    break
        assert ended


def test_large_requests_that_trickle_hold_nobody_up(patient: Peer) -> None:
    """What is too large to be collected is read in a thread: never in all of them."""
    head = HEAD.replace(b"50000", b"10000000")
    halves = [patient.connect(head + BODY) for _ in range(20)]
    try:
        for _ in range(3):
            assert patient.get(timeout=TOO_SOON).startswith(b"HTTP/1.1 200")
    finally:
        for half in halves:
            half.close()
    # Those that waited in line had their turn, and a whole one is read.
    assert patient.ask(head + b"x" * 10_000_000).startswith(b"HTTP/1.1 200")
