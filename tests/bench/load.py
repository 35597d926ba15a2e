"""A small closed-loop load generator: n connections, each sends its next request when the last is answered."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One prepared request: method, path, content type and body."""

    method: str
    path: str
    body: bytes = b""
    kind: str = "text/plain"

    def bytes(self) -> bytes:
        """Return the request as it goes over the wire."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(self.body)}\r\n"
        )
        return (head + f"Content-Type: {self.kind}\r\n\r\n").encode() + self.body


@dataclass(frozen=True)
class Result:
    """What one run showed: requests per second and how long an answer took, in milliseconds."""

    per_second: float
    p50: float
    p99: float
    answers: tuple[bytes, ...]
    statuses: tuple[int, ...]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    fields = {
        key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])
    }
    body = await reader.readexactly(int(fields["content-length"]))
    return int(lines[0].split()[1]), body, fields.get("connection", "").lower() == "close"


async def _run(port: int, requests: Sequence[Request], at_once: int) -> Result:
    waiting = list(reversed(list(enumerate(requests))))
    took: list[float] = []
    answers: list[bytes] = [b""] * len(requests)
    statuses: list[int] = [0] * len(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            number, request = waiting.pop()
            start = time.perf_counter()
            writer.write(request.bytes())
            statuses[number], answers[number], closing = await _answer(reader)
            took.append(time.perf_counter() - start)
            if closing:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    lasted = time.perf_counter() - start
    took.sort()
    return Result(
        per_second=len(requests) / lasted,
        p50=1000 * statistics.median(took),
        p99=1000 * took[min(len(took) - 1, int(len(took) * 0.99))],
        answers=tuple(answers),
        statuses=tuple(statuses),
    )


def run(port: int, requests: Sequence[Request], at_once: int) -> Result:
    """Send all requests with so many connections at once; every answer has to arrive."""
    return asyncio.run(_run(port, requests, at_once))
