"""The process that looks into one file: `python -I -B -m portal.cleaning.worker`, file in, cleaned file out.

What is in the file was written by nobody knows whom, and the libraries that decode it are large. So the process
has an empty environment, can write no file, and has little memory and time; when it is gone, so is the file.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import Final

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space."""
CPU_SECONDS: Final = 30
OPEN_FILES: Final = 32
LOWER: Final = 10
"""How much nicer than the server: requests come first."""


def limit() -> None:
    """Take from this process what it does not need, for good. Has to come before the first byte is read."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_AS, MEMORY),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    os.nice(LOWER)


def main() -> int:
    """Read a file from standard input; write a line (outcome and words) and the cleaned file to standard
    output. Returns the exit code: anything but 0 means "not_cleaned"."""
    limit()
    # Only now: what decodes is loaded with the limits on.
    from portal.cleaning import kinds

    try:
        done = kinds.clean(sys.stdin.buffer.read())
        out = sys.stdout.buffer
        out.write(" ".join((done.outcome, *done.found)).encode() + b"\n")
        out.write(done.data)
        out.flush()
    except Exception:  # a broken file has as many faces as the libraries have errors, and none is told
        return 1
    return 0


if __name__ == "__main__":
    code = 1
    with suppress(MemoryError):
        code = main()
    # Without the end that Python would prepare: nothing is left to be told.
    os._exit(code)
