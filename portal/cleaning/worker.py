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

import sandbox

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space."""
CPU_SECONDS: Final = 20
PDF_CPU_SECONDS: Final = 5
"""A PDF of 100 kB can keep a reader busy for a minute; the largest good ones take about three seconds."""
OPEN_FILES: Final = 32
LOWER: Final = 10
"""How much nicer than the server: requests come first."""
_LATER: Final = ("encodings.cp437", "encodings.utf_16", "encodings.utf_16_le", "encodings.utf_16_be")
"""Modules that Python would otherwise load while reading an archive or a text."""


def limit() -> None:
    """Take from this process what it does not need, for good. Has to come before the first byte is read."""
    sandbox.lower(
        {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": 0,
            "RLIMIT_CPU": CPU_SECONDS,
            "RLIMIT_NOFILE": OPEN_FILES,
            "RLIMIT_AS": MEMORY,
        },
        LOWER,
    )


def _prepare_for_pdf(data: bytes) -> None:
    from portal.cleaning import pdf

    if b"/Encrypt" in data:
        pdf.prepare()
    sandbox.lower({"RLIMIT_CPU": PDF_CPU_SECONDS})


def main() -> int:
    """Read a file from standard input; write a line (outcome and words) and the cleaned file to standard
    output. Returns the exit code: anything but 0 means "not_cleaned"."""
    limit()
    # Only now: the readers of files are loaded under the limits, and before opening files is forbidden.
    from portal.cleaning import kinds

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
