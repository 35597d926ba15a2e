"""Ports for servers under test that nobody else takes between the asking and the listening.

A port from the system's own range can be given to an outgoing connection of another test in that moment. These lie
below that range, and each worker of a parallel run has a stretch of its own.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
from typing import Final

FIRST: Final = 20_000
STRETCH: Final = 1_000
STRETCHES: Final = 12

_worker: Final = re.search(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", ""))
# Outside a parallel run by process id: two runs side by side would rarely share a stretch.
_stretch: Final = int(_worker.group()) % STRETCHES if _worker else os.getpid() % STRETCHES
_offsets: Final = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    for _ in range(STRETCH):
        port = FIRST + _stretch * STRETCH + next(_offsets) % STRETCH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
