"""The file `log-head`: size and root of the log that this machine signed last.

It is beside the secret file and in no backup of the database: an older database that is put back is known by it.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

_NAME: Final = "log-head"
_TEXT: Final = re.compile(r"mybk1/log-head\n(0|[1-9][0-9]{0,18})\n([0-9a-f]{64})\n\Z")


class LogHeadDamaged(ValueError):
    """The file is none of ours: nothing is signed until its operator has looked."""


def head_path(secret_file: str | Path) -> Path:
    """Return the file's path, beside the secret file."""
    return Path(secret_file).with_name(_NAME)


def read_head_file(path: Path) -> tuple[int, bytes] | None:
    """Return size and root (32 bytes); None where there is no file. Raises OSError, LogHeadDamaged."""
    try:
        match = _TEXT.match(path.read_text("ascii"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        match = None
    if match is None:
        raise LogHeadDamaged("log-head is damaged")
    return int(match.group(1)), bytes.fromhex(match.group(2))


def write_head_file(path: Path, size: int, root: bytes) -> None:
    """Put size and root (32 bytes) on disk, whole or not at all. Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(f"mybk1/log-head\n{size}\n{root.hex()}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)
