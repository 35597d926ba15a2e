"""Removes from a file, before it is sealed, what could identify the reporter: in a sandboxed process, in memory.

`clean` is all that callers need; docs/cleaning.md lists what each type loses and keeps. Imports nothing else of the
project but `sandbox`, and touches no network, database or temporary file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final, cast

from portal.cleaning import kinds, words
from portal.cleaning.words import FINDINGS, OUTCOMES, Cleaned, Outcome

__all__ = [
    "AT_ONCE",
    "FINDINGS",
    "LIMIT_BYTES",
    "OUTCOMES",
    "TIMEOUT",
    "Cleaned",
    "Outcome",
    "Patience",
    "clean",
]

LIMIT_BYTES: Final = 32 * 1024 * 1024
"""The largest file that is looked into, and the largest that comes out of it."""
AT_ONCE: Final = 2
"""Files of one kind of turn that one serving process has cleaned at the same time."""
TIMEOUT: Final = 30.0
"""Seconds for one file, the waiting for its turn included."""
SMALL: Final = 1024 * 1024
"""Bytes of an Office file up to which it takes a turn of the quick ones."""

_WORKER: Final = (sys.executable, "-I", "-B", "-m", "portal.cleaning.worker")
_LINE: Final = 200
# Windows starts no Python without the folder of the system.
_ENVIRONMENT: Final = {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")} if os.name == "nt" else {}
_OUT_OF_TIME: Final = {-signal.SIGXCPU, -signal.SIGKILL} if hasattr(signal, "SIGXCPU") else set()
# A sender of slow files takes the turns of slow kinds only: pictures never wait for a PDF.
_turns = threading.BoundedSemaphore(AT_ONCE)
_slow_turns = threading.BoundedSemaphore(AT_ONCE)


class Patience:
    """How long the files of one request wait for their turns, all together; for one thread.

    Once it is used up, further files of the request get a turn at once or none: one request never is in the
    queue for each of its files.
    """

    def __init__(self, seconds: float = TIMEOUT) -> None:
        self.left = seconds

    def wait(self, turns: threading.BoundedSemaphore, most: float) -> bool:
        """Wait for a turn, at most `most` seconds; True when it is taken."""
        began = time.monotonic()
        taken = turns.acquire(timeout=max(0.0, min(self.left, most)))
        self.left -= time.monotonic() - began
        return taken


def clean(
    data: bytes | Sequence[bytes], timeout: float = TIMEOUT, patience: Patience | None = None
) -> Cleaned:
    """Return a file without what could name its sender. `data`: the file, whole or in pieces; `timeout`: seconds.

    Raises nothing for any content: what is of another type, too large, encrypted, broken or too slow, or gets no
    turn, comes back as it was, with "not_cleaned" and why.
    """
    pieces = (data,) if isinstance(data, bytes) else tuple(data)
    size = sum(map(len, pieces))

    def not_cleaned(why: str) -> Cleaned:
        return Cleaned(b"".join(pieces), "not_cleaned", why=why)

    if size > LIMIT_BYTES:
        return not_cleaned(words.LARGE)
    kind = kinds.kind_of(b"".join(pieces[:2])[: kinds.HEAD])
    if kind not in kinds.CLEANED:
        return not_cleaned(words.TYPE)
    quick = kind == kinds.PICTURE or (kind == kinds.OFFICE and size <= SMALL)
    turns = _turns if quick else _slow_turns
    until = time.monotonic() + timeout
    if not (patience or Patience(timeout)).wait(turns, timeout):
        return not_cleaned(words.BUSY)
    try:
        answer, why = _ask(pieces, until)
    finally:
        turns.release()
    return _read(answer) or not_cleaned(why or words.UNREADABLE)


def _ask(pieces: Sequence[bytes], until: float) -> tuple[bytes, str]:
    """Return what the worker says to a file; nothing, and why, when it fails or is not done by `until`."""
    try:
        process = subprocess.Popen(
            _WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),
            env=_ENVIRONMENT,
            bufsize=0,
        )
    except OSError:
        return b"", words.BUSY
    # Killed, it closes its ends of both pipes: whatever waits on them below goes on then.
    clock = threading.Timer(max(0.0, until - time.monotonic()), process.kill)
    clock.daemon = True
    answer, asked = b"", False
    try:
        clock.start()
        asked = True
        with suppress(BrokenPipeError):
            _write(cast(IO[bytes], process.stdin), pieces)
        answer = _read_all(cast(IO[bytes], process.stdout))
    except RuntimeError:
        pass  # no thread to be had: without the clock nothing is begun
    finally:
        late = not clock.is_alive()
        if not answer:
            process.kill()
        ended = process.wait()
        clock.cancel()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
    if ended == 0:
        return answer, ""
    if not asked:
        return b"", words.BUSY
    return b"", words.SLOW if late or ended in _OUT_OF_TIME else words.UNREADABLE


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
    outcome, *findings = line[:_LINE].decode("ascii", errors="replace").split(" ")
    if not data or len(data) > LIMIT_BYTES or not set(findings) <= FINDINGS:
        return None
    for known in OUTCOMES:
        if outcome == known and known != "not_cleaned":
            return Cleaned(data, known, tuple(sorted(set(findings))))
    return None
