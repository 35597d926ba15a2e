"""Processor time of a server with all its workers, from /proc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return a process and all that it started."""
    pids = [pid]
    for parent in pids:
        try:
            threads = list(Path(f"/proc/{parent}/task").iterdir())
        except OSError:
            continue
        for thread in threads:
            try:
                pids += [int(child) for child in (thread / "children").read_text().split()]
            except OSError:
                continue
    return pids


def seconds(pid: int) -> float:
    """Return the seconds that a process and all that it started have used, in user and kernel mode."""
    return sum(map(_of_process, tree(pid)))


def _of_process(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Its own, and that of the processes it started and that have ended since.
    return sum(map(int, fields[11:15])) / _TICK
