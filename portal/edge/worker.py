"""gunicorn's threaded worker, told to forget visitors' addresses and to lend a thread to whole requests only.

gunicorn gives each connection a thread that then waits for the rest of the request, however long that takes:
as many half-sent requests as there are threads, and nobody else gets in (P7). Here the worker's main loop
collects a request from all connections at once, costs no thread while it waits, and hands it over when it is
whole. Slow senders (Tor circuits pause) get minutes; silent ones are told and let go.
"""

from __future__ import annotations

import math
import re
import selectors
import socket
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from gunicorn import util
from gunicorn.http import errors
from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.edge.body import AT_ONCE, Chunks, RequestBody
from portal.edge.takeover import PATIENCE_SECONDS

SILENT_SECONDS: Final = 30
"""How long a connection may say nothing in the middle of a request."""
WHOLE_SECONDS: Final = 120
SLOWEST: Final = 5_000
"""A whole request may take WHOLE_SECONDS, and a second more for each so many bytes: slow for Tor, and an end
for trickles."""
SENDING_SECONDS: Final = 60
"""How long an answer may take to leave, or a body that was too large to be collected may pause."""
COLLECTED_AT_MOST: Final = 2 * 1024 * 1024
"""Bytes of one request that are collected; what is larger is read in its thread, as the application wants
it."""
COLLECTED_IN_ALL: Final = 128 * 1024 * 1024
"""Bytes of unfinished requests in one worker; beyond, requests are read in their threads."""
LARGE_IN_LINE: Final = 256
"""Requests too large to be collected that wait, without a thread, until one of those that are read is done."""
LARGE_WAIT_SECONDS: Final = 60
HEAD_AT_MOST: Final = 64 * 1024
_ADDRESS_OF_NOBODY: Final = ("", 0)

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
# These are read in a thread: chunks say their length as they come, and "continue" has to be answered first.
_SPECIAL: Final = re.compile(rb"\r\n(?:transfer-encoding|expect|upgrade):", re.IGNORECASE)

_STATUS: Final[Mapping[type[Exception], tuple[int, str]]] = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
}

_PAGE: Final = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>読み取れませんでした / Not readable</title></head>
<body><main><h1>読み取れませんでした</h1>
<p>届いた内容を読み取れませんでした。何も保存されていません。前のページに戻ると、入力した内容が残っていることがあります。もう一度お試しください。</p>
<p lang="en">What arrived could not be read. Nothing was stored. What you typed may still be there if you go
back. Please try again.</p>
</main></body></html>
"""


def plain_answer(status: int, reason: str) -> bytes:
    """Return the whole answer to what never became a request of the application."""
    body = _PAGE.encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body


class PatientSocket(socket.socket):
    """A connection whose blocking calls end when the other side says nothing for too long.

    `until`: the end (of time.monotonic) of what is read with blocking calls, so that a trickle has one too. It
    moves with what has come, not with what was announced: anybody can announce a terabyte.
    """

    until: float = math.inf

    def recv(self, *args: Any) -> bytes:
        """Read what there is, until the end of patience."""
        if time.monotonic() > self.until:
            raise TimeoutError
        data = super().recv(*args)
        self.until += len(data) / SLOWEST
        return data

    def setblocking(self, flag: bool) -> None:
        """Give blocking calls an end."""
        self.settimeout(SENDING_SECONDS if flag else 0)


@dataclass(eq=False)
class Collecting:
    """One connection whose request is on its way. `head`: to the empty line, or what came of it; `body`: what came
    behind it; `needed`: bytes of the request in all, None while the head is not whole or does not say."""

    conn: Any
    since: float
    heard: float
    head: bytearray = field(default_factory=bytearray)
    body: Chunks = field(default_factory=Chunks)
    needed: int | None = None
    polled: bool = False

    @property
    def count(self) -> int:
        """How many bytes have come."""
        return len(self.head) + self.body.count

    @property
    def is_large(self) -> bool:
        """Tell whether its thread will have to wait for more of it."""
        return self.needed is None or self.count < self.needed

    @property
    def until(self) -> float:
        """When the request has to be there."""
        return self.since + WHOLE_SECONDS + self.count / SLOWEST

    def take(self, chunk: bytes) -> bool:
        """Take what has come; True when a thread should have the request now."""
        if self.needed is not None:
            self.body.add(chunk)
            return self.count >= self.needed
        before = len(self.head)
        self.head += chunk[: HEAD_AT_MOST + 1]
        end = self.head.find(_END_OF_HEAD, max(0, before - len(_END_OF_HEAD)))
        if end < 0:
            self.body.add(chunk[HEAD_AT_MOST + 1 :])
            return len(self.head) > HEAD_AT_MOST  # the parser says what is wrong with it
        end += len(_END_OF_HEAD)
        del self.head[end:]
        self.body.add(memoryview(chunk)[end - before :])
        return self._is_whole(end)

    def _is_whole(self, end: int) -> bool:
        head = bytes(self.head[: end - 2])
        length = _LENGTH.findall(head)
        if len(length) > 1 or _SPECIAL.search(head):
            return True
        self.needed = end + (int(length[0]) if length else 0)
        return self.needed > COLLECTED_AT_MOST or self.count >= self.needed


class QuietWorker(ThreadWorker):  # type: ignore[misc]
    """The worker: collects requests in its main loop, answers them in threads, knows no address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order of when each was last heard, so that the first one is always the next to be let go.
        self.collecting: OrderedDict[Any, Collecting] = OrderedDict()
        self.collected = 0
        # Large requests are read in their threads: never in all of them, or slow ones would keep everybody out.
        self.reading: set[Any] = set()
        self.in_line: deque[Collecting] = deque()

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Begin to stop; a worker that others take over from may take as long as a large file does."""
        if self.alive and self.app.relief.is_relieved:
            self.cfg.set("graceful_timeout", PATIENCE_SECONDS)
        super().handle_exit(sig, frame)

    def accept(self, listener: Any) -> None:
        """Take a new connection; its address is forgotten before anything could read it."""
        try:
            accepted, _address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            self.log.error("a connection could not be accepted (%s)", error.errno)
            return
        sock = PatientSocket(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.nr_conns += 1
        self.collect(TConn(self.cfg, sock, _ADDRESS_OF_NOBODY, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Begin to collect the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.collect(conn)

    def collect(self, conn: Any) -> None:
        """Begin to collect a request."""
        now = time.monotonic()
        request = self.collecting[conn] = Collecting(conn, now, now)
        # Mostly all of it is there already, and the poller is spared.
        self.on_bytes(request, conn.sock)
        if conn in self.collecting:
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_bytes, request))
            request.polled = True

    def on_bytes(self, request: Collecting, _sock: Any) -> None:
        """Take what has come; hand the request over when it is whole, or when nothing more will come."""
        try:
            while chunk := request.conn.sock.recv(AT_ONCE):
                if self._take(request, chunk) or self.collected > COLLECTED_IN_ALL:
                    break
                if len(chunk) < AT_ONCE:  # of a full one the rest is there already, and the poller is spared
                    if request.heard > request.until:
                        self._let_go(request, plain_answer(408, "Request Timeout"))
                    return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._let_go(request)
            return
        if not request.count:
            self._let_go(request)
            return
        self._hand_over(request)

    def _take(self, request: Collecting, chunk: bytes) -> bool:
        request.heard = time.monotonic()
        self.collected += len(chunk)
        self.collecting.move_to_end(request.conn)
        return request.take(chunk)

    def _stop_collecting(self, request: Collecting) -> None:
        if request.polled:
            self.poller.unregister(request.conn.sock)
        self.collected -= request.count
        del self.collecting[request.conn]

    def _hand_over(self, request: Collecting) -> None:
        self._stop_collecting(request)
        if request.is_large and len(self.reading) >= max(1, self.cfg.threads * 3 // 4):
            request.heard = time.monotonic()
            self.in_line.append(request)
            if len(self.in_line) > LARGE_IN_LINE:
                self._turn_away(self.in_line.popleft())
            return
        self._lend_thread(request)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Go on after a request; the next large one in line may have its thread."""
        super().finish_request(conn, fs)
        if conn in self.reading:
            self.reading.discard(conn)
            if self.in_line:
                self._lend_thread(self.in_line.popleft())

    def _turn_away(self, request: Collecting) -> None:
        self.nr_conns -= 1
        try:
            request.conn.sock.send(plain_answer(503, "Service Unavailable"))
            request.conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the client has closed the connection
        request.conn.close()

    def _lend_thread(self, request: Collecting) -> None:
        conn = request.conn
        if request.is_large:
            self.reading.add(conn)
        # Time in line is not the sender's.
        conn.sock.until = request.until + time.monotonic() - request.heard
        conn.init()
        if request.head.endswith(_END_OF_HEAD):
            conn.collected = request.body
            conn.parser.unreader.unread(bytes(request.head))
        else:
            conn.collected = Chunks()
            conn.parser.unreader.unread(bytes(request.head) + request.body.take_all())
        self.enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer a request whose body, where its length is known, is read as it was collected: gunicorn's own readers
        copy each byte four times."""
        collected, unreader, reader = conn.collected, conn.parser.unreader, req.body.reader
        conn.collected = Chunks()
        behind_head = unreader.take_buffered()
        if isinstance(reader, LengthReader) and not behind_head and collected.count <= reader.length:
            req.body = RequestBody(collected, conn.sock, reader.length)
        else:
            unreader.unread(behind_head + collected.take_all())
        return super().handle_request(req, conn)  # type: ignore[no-any-return]

    def _let_go(self, request: Collecting, last_words: bytes = b"") -> None:
        self._stop_collecting(request)
        self.nr_conns -= 1
        try:
            if last_words:
                request.conn.sock.send(last_words)
                request.conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the client has closed the connection
        request.conn.close()

    def murder_pending(self) -> None:
        """Let connections go that have been silent for too long; gunicorn's main loop calls this every
        second."""
        super().murder_pending()
        while self.in_line and self.in_line[0].heard < time.monotonic() - LARGE_WAIT_SECONDS:
            self._turn_away(self.in_line.popleft())
        until = time.monotonic() - SILENT_SECONDS
        while self.collecting:
            request = next(iter(self.collecting.values()))
            if request.heard > until:
                break
            self._let_go(request, plain_answer(408, "Request Timeout") if request.count else b"")

    def _cap_keepalive(self, deadline: float) -> None:
        """Begin to stop: a connection that has said nothing yet is waited for as long as a kept one, no longer."""
        super()._cap_keepalive(deadline)
        heard = deadline - SILENT_SECONDS
        for request in [request for request in self.collecting.values() if not request.count]:
            request.heard = min(request.heard, heard)
            self.collecting.move_to_end(request.conn, last=False)
        self._take_what_waits()

    def _take_what_waits(self) -> None:
        """Take the connections that wait in the listening sockets, and close those: were they left until the worker
        ends, the kernel would reset what came meanwhile."""
        for listener in self.sockets:
            before = -1
            while before < self.nr_conns < self.worker_connections:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is not HTTP, or what the application did not catch, without quoting any of it."""
        refused = isinstance(exc, errors.ParseException | errors.ForbiddenProxyRequest)
        status, reason = _STATUS.get(
            type(exc), (400, "Bad Request") if refused else (500, "Internal Server Error")
        )
        if not refused:
            self.log.exception("failed")
        try:
            util.write_nonblock(client, plain_answer(status, reason))
        except OSError:
            # The client has closed the connection.
            return
