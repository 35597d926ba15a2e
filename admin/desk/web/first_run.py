"""State of a first run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from admin.desk.local.new_key import NewKey
from admin.desk.server.client import Server


@dataclass(repr=False)
class FirstRun:
    """`folder`: where the key file, the card and the settings go. `connect`: makes a site of its address. `missing`:
    the key file that the settings name and that is not there; None at a true first run. `server`: the address in them.
    `made`: the key that this run made.
    """

    folder: Path
    connect: Callable[[str], Server]
    missing: Path | None = None
    server: str = ""
    made: NewKey | None = None
