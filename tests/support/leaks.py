"""Searches folders for what must not be at rest: each marker in every disguise that software gives text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def _base64_cores(raw: bytes) -> Iterator[bytes]:
    """Yield what of a marker's base64 is the same whatever is before and behind it."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        core = encoded[(0, 2, 3)[before] : len(encoded.rstrip(b"=")) - (1 if len(raw) + before % 3 else 0)]
        core = core[: len(core) - len(core) % 2]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")


def disguises(marker: str) -> dict[str, bytes]:
    """Return the byte strings under which a marker could be in a file."""
    raw = marker.encode()
    found = {
        "utf-8": raw,
        "utf-16-le": marker.encode("utf-16-le"),
        "utf-16-be": marker.encode("utf-16-be"),
        "euc-jp": marker.encode("euc_jp", errors="ignore"),
        "shift_jis": marker.encode("shift_jis", errors="ignore"),
        "json": json.dumps(marker)[1:-1].encode(),
        "python": ascii(raw)[2:-1].encode(),
        "percent": quote(marker).encode(),
        "plus": quote_plus(marker).lower().encode(),
        "hex": raw.hex().encode(),
    }
    for number, core in enumerate(_base64_cores(raw)):
        found[f"base64-{number}"] = core
    return {name: value for name, value in found.items() if len(value) >= 8}


def files_under(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every regular file below some folders."""
    for folder in folders:
        if folder.is_file():
            yield folder
        else:
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def find(markers: Iterable[str], folders: Iterable[Path]) -> list[tuple[str, str, str]]:
    """Return (file name, marker, disguise) for each marker that is in a file in some disguise."""
    wanted = [(marker, name, value) for marker in markers for name, value in disguises(marker).items()]
    hits = []
    for path in files_under(folders):
        content = path.read_bytes()
        hits += [(path.name, marker, name) for marker, name, value in wanted if value in content]
    return hits
