"""How fast a file gets in, beside a bare view that writes the same bytes to the disk."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from crypto import attachment
from tests.bench.peers import floor
from tests.support.sealed_client import SealedPage
from tests.support.site import Site, make_site, running

SIZE = 20_000_000
PIECE = 1_048_576
BOUNDARY = "bench-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
Measured = tuple[float, float]
"""Seconds, and seconds of the server's CPU."""


class Sender:
    """One connection, kept as a browser keeps it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, body: bytes, kind: str) -> bytes:
        """Send one request. Raises ClickException for another answer than 200."""
        self._connection.request("POST", path, body, {"Content-Type": kind})
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise click.ClickException(f"{path} answered {answer.status}")
        return told

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _form(site: Site, data: bytes) -> bytes:
    fields = {**site.reporter().form(), "what_happened": "bench"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, f"\r\n--{BOUNDARY}--\r\n".encode()])


def _sealed(site: Site, data: bytes) -> list[tuple[str, bytes, str]]:
    """Return the requests of a page with scripts: the pieces, and the report that names the file."""
    requests: list[tuple[str, bytes, str]] = []

    def keep(path: str, body: bytes, kind: str) -> tuple[int, dict[str, Any]]:
        requests.append((path, body, kind))
        return 200, {"have": min(len(requests) * PIECE, attachment.object_length(len(data)))}

    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request("GET", "/keys.json")
    page = SealedPage(keep, json.loads(connection.getresponse().read()))
    connection.close()
    entry = page.upload(data, step=PIECE)
    body = page.report_body({"what_happened": "bench"}, files=[entry])
    return [*requests, ("/sealed/report", json.dumps(body).encode(), "application/json")]


def _cpu(workers: Sequence[int]) -> float:
    ticks = 0
    for worker in workers:
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _measured(workers: Sequence[int], doing: Callable[[], object]) -> Measured:
    busy, start = _cpu(workers), time.perf_counter()
    doing()
    return time.perf_counter() - start, _cpu(workers) - busy


def _serving(port: int) -> list[int]:
    """Return the processes that were told on their command line to listen on a port."""
    serving: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"127.0.0.1:{port}" in process.joinpath("cmdline").read_text(errors="replace"):
                serving.append(int(process.name))
    return serving


def main(site: Site, floor_port: int, rounds: int) -> None:
    """Print one table: medians of the rounds, with the ratio to the bare view of the same round."""
    click.echo(
        f"\n{'one file of 20 MB, one sender':<46}{'MB/s':>8}{'of floor':>10}{'CPU ms':>8}{'of floor':>10}"
    )
    bare, plain, sealed = list[Measured](), list[Measured](), list[Measured]()
    floor_workers = _serving(floor_port)
    for _ in range(rounds):
        for kind, measured in _one_round(site, floor_port, floor_workers):
            {"bare": bare, "plain": plain, "sealed": sealed}[kind].append(measured)
    _row("floor: bare view, written and synced", bare, None)
    _row("scripts off: sealed while it comes in", plain, bare)
    _row("scripts on: sealed pieces and their report", sealed, bare)
    click.echo(f"load at the end: {os.getloadavg()[0]:.1f}")


def _one_round(site: Site, floor_port: int, floor_workers: Sequence[int]) -> Iterator[tuple[str, Measured]]:
    data = secrets.token_bytes(SIZE)
    form, requests = _form(site, data), _sealed(site, data)
    floor, product = Sender(floor_port), Sender(site.port)

    def send_all() -> None:
        for request in requests:
            product.post(*request)

    yield "bare", _measured(floor_workers, lambda: floor.post("/upload", form, FORM))
    yield "plain", _measured(site.workers(), lambda: product.post("/ja/report", form, FORM))
    yield "sealed", _measured(site.workers(), send_all)
    floor.close()
    product.close()


def _row(name: str, measured: Sequence[Measured], against: Sequence[Measured] | None) -> None:
    seconds, busy = (statistics.median(values) for values in zip(*measured, strict=True))
    wall = cpu = ""
    if against:
        pairs = list(zip(measured, against, strict=True))
        wall = f"{100 * statistics.median(b[0] / a[0] for a, b in pairs):6.0f} %"
        cpu = f"{statistics.median(a[1] / max(b[1], 0.01) for a, b in pairs):6.1f} x"
    click.echo(f"{name:<46}{SIZE / 1_000_000 / seconds:>8.0f}{wall:>10}{1000 * busy:>8.0f}{cpu:>10}")


@click.command()
@click.option("--rounds", default=9, show_default=True, help="How often each pair is measured.")
def alone(rounds: int) -> None:
    """Measure uploads only."""
    with tempfile.TemporaryDirectory() as name, running(make_site(Path(name) / "site")) as site:
        server = site.settings.server
        with floor(Path(name), server.workers, server.threads) as (floor_port, _pid):
            main(site, floor_port, rounds)


if __name__ == "__main__":
    alone()
