"""The process that looks into one file: `python -I -B -m portal.cleaning.worker`, file in, cleaned file out.

The input is untrusted, and the libraries that read it are large. So the process
has an empty environment, can write no file, and has little memory and time; once everything is loaded it can open
nothing, connect to nothing and start nothing (sandbox.py). When it is gone, so is the file.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import Final

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space."""
CPU_SECONDS: Final = 20
PDF_CPU_SECONDS: Final = 5
"""A PDF of 100 kB can keep a reader busy for a minute; the largest good ones take about three seconds."""
OPEN_FILES: Final = 32
LOWER: Final = 10
"""How much nicer than the server: requests come first."""
_LATER: Final = ("encodings.cp437", "encodings.utf_16", "encodings.utf_16_le", "encodings.utf_16_be")
"""What Python would load while it reads an archive or a text."""


def limit() -> None:
    """Take from this process what it does not need, for good. Has to come before the first byte is read."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_AS, MEMORY),
    ):
        _lower(what, most)
    os.nice(LOWER)


def _lower(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # macOS knows no limit of address space
        resource.setrlimit(what, (most, most))


def _prepare_for_pdf(data: bytes) -> None:
    from portal.cleaning import pdf

    if b"/Encrypt" in data:
        pdf.prepare()
    if sys.platform != "win32":
        import resource

        _lower(resource.RLIMIT_CPU, PDF_CPU_SECONDS)


def main() -> int:
    """Read a file from standard input; write a line (outcome and words) and the cleaned file to standard
    output. Returns the exit code: anything but 0 means "not_cleaned"."""
    limit()
    # Only now: what reads the file is loaded with the limits on, and before the doors are shut.
    from portal.cleaning import kinds, sandbox

    data = sys.stdin.buffer.read()
    kind = kinds.kind_of(data[: kinds.HEAD])
    for name in (*kinds.MODULES.get(kind, ()), *_LATER):
        importlib.import_module(name)
    if kind == kinds.PDF_FILE:
        _prepare_for_pdf(data)
    sandbox.enter()
    try:
        done = kinds.clean(data)
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
