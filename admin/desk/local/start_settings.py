"""Settings of a start without options: site, key file and port, as the first run stored them.

It is beside the key file in the user's own folder, and is no secret. A file that can't be read stops the start: a
desk that took it for a first run would have people make a second key.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PORT: Final = 8001
NAME: Final = "desk.json"


class SettingsFault(Exception):
    """The file of a start's settings is there and can't be used."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


@dataclass(frozen=True)
class StartSettings:
    """`server`: the site's address. `key`: the key file. `port`: of 127.0.0.1, the same at each start."""

    server: str
    key: Path
    port: int = PORT


def own_folder() -> Path:
    """Return the folder for the key file, the card and these settings. It is no folder that systems copy to a cloud."""
    return Path.home() / "meyasubako"


def load(folder: Path) -> StartSettings | None:
    """Return what an earlier run noted in a folder; None when there was none. Raises SettingsFault."""
    path = folder / NAME
    try:
        raw = json.loads(path.read_bytes())
        if raw["v"] != 1 or not isinstance(raw["server"], str) or not isinstance(raw["key"], str):
            raise SettingsFault(path)
        port = raw["port"]
        if type(port) is not int or not 1 <= port <= 65535:
            raise SettingsFault(path)
        # A bare name is a file of this folder, so that the folder can be moved.
        return StartSettings(raw["server"], folder / raw["key"], port)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsFault(path) from None


def save(folder: Path, settings: StartSettings) -> None:
    """Note the settings, whole or not at all. Raises OSError."""
    key = settings.key.name if settings.key.parent == folder else str(settings.key.absolute())
    raw = json.dumps(
        {"v": 1, "server": settings.server, "key": key, "port": settings.port}, ensure_ascii=False
    )
    make_private(folder)
    part = folder / f".{NAME}.{secrets.token_hex(4)}"
    write_new(part, raw.encode())
    part.replace(folder / NAME)


def make_private(folder: Path) -> None:
    """Make a folder that its user alone can read; one that is there already stays as it is. Raises OSError."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)


def write_new(path: Path, raw: bytes, mode: int = 0o600) -> None:
    """Write a new file and see it onto the disk; never over another one. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
