"""The demo's days: Enter ends one, and its batch of the log is made."""

from __future__ import annotations

import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import click

from admin.demo.clock import DemoClock

MOST: Final = 60
"""Days that one line may let go by."""
BATCH_SECONDS: Final = 10.0
"""How long a batch is waited for."""
POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Days:
    """Lets days go by on a demo site whose address is `base`."""

    clock: DemoClock
    base: str

    def pass_by(self, count: int) -> None:
        """Let days go by, and say of each whether its batch is in the log. Raises OSError, ValueError."""
        for _ in range(count):
            before, today = self._leaves(), self.clock.next_day()
            ended = today - timedelta(days=1)
            size = self._grown(before)
            if size is None:
                click.echo(
                    f"{today}: {ended} の記録ができていません。meyasubako log status で確かめてください。/ "
                    f"no batch of {ended} was made; `meyasubako log status` says why."
                )
            else:
                click.echo(
                    f"{today}: {ended} の分が記録簿に入りました(全{size}件)。/ "
                    f"the batch of {ended} is in the log ({size} leaves)."
                )
            sys.stdout.flush()

    def listen(self, lines: Iterator[str]) -> None:
        """Let a day go by for each empty line, and as many as a line says."""
        for line in lines:
            count = _count_of(line)
            if count is None:
                click.echo(
                    f"Enter: 次の日 / the next day. 数字と Enter: その日数 / that many days (1-{MOST})."
                )
            else:
                self.pass_by(count)

    def _grown(self, before: int) -> int | None:
        """Return the size of the log once it has grown; None where it does not."""
        until = time.monotonic() + BATCH_SECONDS
        while time.monotonic() < until:
            size = self._leaves()
            if size > before:
                return size
            time.sleep(POLL_SECONDS)
        return None

    def _leaves(self) -> int:
        """Return the size that the site's checkpoint names; 0 before the first and when it can't be asked."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.base}/log/checkpoint", timeout=5) as answer:
                return int(answer.read().split(b"\n")[1])
        except (OSError, IndexError, ValueError):
            return 0


def _count_of(line: str) -> int | None:
    text = line.strip()
    if not text:
        return 1
    is_number = text.isascii() and text.isdigit() and len(text) <= 2
    return int(text) if is_number and 1 <= int(text) <= MOST else None


def typed_lines(read: Callable[[int, int], bytes] = os.read) -> Iterator[str]:
    """Yield the lines of the standard input as they are typed.

    Read below Python's buffer: a thread that waits in it would keep the program from ending.
    """
    rest = b""
    while part := read(sys.stdin.fileno(), 4096):
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


def start(days: Days) -> None:
    """Let days go by as they are typed, beside the rest of the program."""
    threading.Thread(target=lambda: days.listen(typed_lines()), name="days", daemon=True).start()
