"""A body on its way from the socket to the view: not copied where it is large, not multiplied where it is tiny."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from portal.edge.body import AT_ONCE, Chunks, RequestBody
from portal.edge.request import Edge


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def collected(*chunks: bytes) -> Chunks:
    made = Chunks()
    for chunk in chunks:
        made.add(chunk)
    return made


def test_a_large_chunk_reaches_the_view_as_the_same_object(pair: tuple[socket.socket, socket.socket]) -> None:
    first, second = bytes(AT_ONCE), b"x" * 100_000
    seen: list[bytes] = []

    def view(environ: dict[str, object], _start: object) -> list[bytes]:
        body: object = environ["wsgi.input"]
        seen.extend(iter(lambda: body.read(10_000_000), b""))  # type: ignore[attr-defined]
        return []

    length = len(first) + len(second)
    body = RequestBody(collected(first, second), pair[0], length)
    Edge(view)({"wsgi.input": body, "CONTENT_LENGTH": str(length), "REQUEST_METHOD": "POST"}, None)  # type: ignore[arg-type]
    assert [part is sent for part, sent in zip(seen, (first, second), strict=True)] == [True, True]


def test_tiny_chunks_take_no_more_memory_than_their_bytes() -> None:
    made = collected(*[b"x"] * 200_000)
    assert made.count == 200_000 and len(made._chunks) == 1
    assert sum(map(sys.getsizeof, made._chunks)) < 300_000
    assert made.take_all() == b"x" * 200_000 and made.count == 0


def test_chunks_of_all_sizes_come_out_as_they_came() -> None:
    data = bytes(range(256)) * 2_000
    sizes = [1, 70_000, 5, 6, 65_536, 0, 65_535, 1]
    made, at = Chunks(), 0
    for size in sizes:
        made.add(data[at : at + size])
        at += size
    taken = list(iter(lambda: made.take(50_000), b""))
    assert b"".join(taken) == data[:at] and max(map(len, taken)) <= 50_000


def test_a_body_ends_where_it_was_said_and_goes_on_from_the_connection(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.sendall(b"defgNEXT")
    body = RequestBody(collected(b"abc"), ours, 7)
    assert body.read(2) == b"ab"
    assert body.read(4) == b"cdef"
    assert body.read() == b"g" and body.read() == b"" and body.read1(5) == b""
    assert ours.recv(10) == b"NEXT"


def test_what_trickles_in_from_the_connection_is_put_together(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.settimeout(10)

    def send() -> None:
        for _time in range(2_000):
            theirs.sendall(b"x" * 100)

    sending = threading.Thread(target=send)
    sending.start()
    body = RequestBody(Chunks(), ours, 200_000)
    taken = list(iter(lambda: body.read1(128_000), b""))
    sending.join()
    assert sum(map(len, taken)) == 200_000 and len(taken) <= 4


def test_an_announced_terabyte_takes_no_memory(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(bytes(100_000))
    assert 65_536 <= len(RequestBody(Chunks(), ours, 10**12).read1()) <= AT_ONCE


def test_a_connection_that_ends_or_is_silent_ends_the_body(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.settimeout(0)
    silent = RequestBody(Chunks(), ours, 7)
    with pytest.raises(BlockingIOError):
        silent.read(7)
    assert silent.failed
    theirs.sendall(b"abc")
    theirs.close()
    cut = RequestBody(Chunks(), ours, 7)
    assert cut.read() == b"abc" and cut.read() == b"" and not cut.failed
