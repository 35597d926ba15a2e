"""How fast a file gets in, beside a bare view that writes the same bytes to the disk."""

from __future__ import annotations

import http.client
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

import click

from crypto import attachment
from tests.support.site import Site

SIZE = 20_000_000
PIECE = 1_048_576
BOUNDARY = "bench-boundary"


def _send(port: int, path: str, body: bytes, kind: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise click.ClickException(f"{path} answered {answer.status}")


def _form(site: Site, data: bytes) -> bytes:
    fields = {**site.reporter().form(), "what_happened": "bench"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, f"\r\n--{BOUNDARY}--\r\n".encode()])


def _pieces(data: bytes) -> Iterator[bytes]:
    sealer = attachment.Sealer(attachment.new_key())
    raw = sealer.header + sealer.update(data) + sealer.finish()
    object_id, total = secrets.token_bytes(16), len(raw).to_bytes(8, "big")
    for at in range(0, len(raw), PIECE):
        yield object_id + total + at.to_bytes(8, "big") + raw[at : at + PIECE]


def _send_pieces(port: int, pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        _send(port, "/sealed/piece", piece, "application/octet-stream")


def _rate(doing: Callable[[], None]) -> float:
    start = time.perf_counter()
    doing()
    return SIZE / 1_000_000 / (time.perf_counter() - start)


def main(site: Site, floor_port: int, rounds: int) -> None:
    """Print one table of MB/s, medians of the rounds, with the ratio to the bare view of the same round."""
    click.echo(f"\n{'one file of 20 MB, one sender':<46}{'MB/s':>8}{'of floor':>10}")
    bare, plain, sealed = list[float](), list[float](), list[float]()
    for _ in range(rounds):
        data = secrets.token_bytes(SIZE)
        form, pieces = _form(site, data), list(_pieces(data))
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        bare.append(_rate(lambda: _send(floor_port, "/upload", form, kind)))  # noqa: B023
        plain.append(_rate(lambda: _send(site.port, "/ja/report", form, kind)))  # noqa: B023
        sealed.append(_rate(lambda: _send_pieces(site.port, pieces)))  # noqa: B023
    _row("floor: bare view, written and synced", bare, None)
    _row("scripts off: sealed while it comes in", plain, bare)
    _row("scripts on: sealed pieces (sealing not timed)", sealed, bare)


def _row(name: str, rates: Sequence[float], against: Sequence[float] | None) -> None:
    ratio = ""
    if against:
        ratio = f"{100 * statistics.median(a / b for a, b in zip(rates, against, strict=True)):6.0f} %"
    click.echo(f"{name:<46}{statistics.median(rates):>8.0f}{ratio:>10}")
