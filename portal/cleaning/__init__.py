"""Takes out of a file, before it is sealed, what could name the reporter: in a process of its own, in memory.

`clean` is all that callers need. What each type loses and keeps stands in docs/threat-model.md.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final

from portal.cleaning.words import OUTCOMES, WORDS, Cleaned, Outcome

__all__ = ["AT_ONCE", "LIMIT_BYTES", "OUTCOMES", "TIMEOUT", "WORDS", "Cleaned", "Outcome", "clean"]

LIMIT_BYTES: Final = 32 * 1024 * 1024
"""The largest file that is looked into, and the largest that comes out of it."""
AT_ONCE: Final = 2
"""Files that one serving process has cleaned at the same time; each can take 1 GiB for a moment."""
TIMEOUT: Final = 30.0
"""Seconds for one file, the waiting for its turn included."""

_WORKER: Final = (sys.executable, "-I", "-B", "-m", "portal.cleaning.worker")
_LINE: Final = 200
_turns = threading.BoundedSemaphore(AT_ONCE)


def clean(data: bytes | Sequence[bytes], timeout: float = TIMEOUT) -> Cleaned:
    """Return a file without what could name its sender. `data`: the file, whole or in pieces; `timeout`: seconds.

    Raises nothing for any content: what is of another type, too large, encrypted, broken or too slow comes back
    as it was, with "not_cleaned".
    """
    pieces = (data,) if isinstance(data, bytes) else tuple(data)
    until = time.monotonic() + timeout
    answer = b""
    if 0 < sum(map(len, pieces)) <= LIMIT_BYTES and _turns.acquire(timeout=max(0.0, timeout)):
        try:
            answer = _ask(pieces, until)
        finally:
            _turns.release()
    return _read(answer) or Cleaned(b"".join(pieces), "not_cleaned")


def _ask(pieces: Sequence[bytes], until: float) -> bytes:
    """Return what the worker says to a file; nothing when it fails, or is not done by `until`."""
    try:
        process = subprocess.Popen(
            _WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            bufsize=0,
        )
    except OSError:
        return b""
    # Killed, it closes its ends of both pipes: whatever waits on them below goes on then.
    clock = threading.Timer(max(0.0, until - time.monotonic()), process.kill)
    clock.daemon = True
    answer = b""
    try:
        assert process.stdin and process.stdout
        clock.start()
        with suppress(BrokenPipeError):
            _write(process.stdin, pieces)
        answer = _read_all(process.stdout)
    except RuntimeError:
        pass  # no thread to be had: without the clock nothing is begun
    finally:
        if not answer:
            process.kill()
        ended = process.wait()
        clock.cancel()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
    return answer if ended == 0 else b""


def _write(pipe: IO[bytes], pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[pipe.write(rest) :]
    pipe.close()


def _read_all(pipe: IO[bytes]) -> bytes:
    """Return what comes until the end; a worker that says too much is believed nothing."""
    answer = bytearray()
    while piece := pipe.read(256 * 1024):
        answer += piece
        if len(answer) > LIMIT_BYTES + _LINE:
            return b""
    return bytes(answer)


def _read(answer: bytes) -> Cleaned | None:
    """Return the worker's answer, unless it is not one: the worker had the file's bytes and is not trusted."""
    line, _, data = answer.partition(b"\n")
    outcome, *found = line[:_LINE].decode("ascii", errors="replace").split(" ")
    if not data or len(data) > LIMIT_BYTES or not set(found) <= WORDS:
        return None
    for known in OUTCOMES:
        if outcome == known and known != "not_cleaned":
            return Cleaned(data, known, tuple(sorted(set(found))))
    return None
