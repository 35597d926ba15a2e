"""A copy of a log, from a folder or an address (docs/format.md, 5.6 and 5.9). Whatever it holds is checked later."""

from __future__ import annotations

import json
import ssl
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from crypto.code_reading import LogFile
from crypto.errors import BadData
from crypto.log_errors import BadLog, CheckpointMalformed
from crypto.log_mirror import claimed_size
from crypto.note import checkpoint_of, read_note
from crypto.tlog import TILE, bundle_entries, tile_path

LONGEST: Final = 64 * 1024 * 1024
"""Bytes of one file or answer that is read: a hundred years of leaves."""
MAX_LEAVES: Final = 4_000_000
TIMEOUT: Final = 30.0


class NoCopy(Exception):
    """There is no copy of a log at this place; the text says why, without what was read."""


Fetch = Callable[[str], bytes]
"""Returns the bytes of a path below the copy. Raises NoCopy."""


def _from_folder(folder: Path) -> Fetch:
    def fetch(path: str) -> bytes:
        try:
            with (folder / path).open("rb") as file:
                raw = file.read(LONGEST + 1)
        except OSError as error:
            raise NoCopy(f"{path}: {error.strerror}") from None
        if len(raw) > LONGEST:
            raise NoCopy(f"{path}: too large")
        return raw

    return fetch


def _from_zip(path: Path) -> Fetch:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            parts = {name: archive.read(info) for name, info in infos.items() if info.file_size <= LONGEST}
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError):
        raise NoCopy("neither a folder nor a zip") from None

    def fetch(path: str) -> bytes:
        if path not in parts:
            raise NoCopy(f"{path}: not in the zip")
        return parts[path]

    return fetch


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _from_address(address: str) -> Fetch:
    opener = build_opener(_NoRedirects, HTTPSHandler(context=ssl.create_default_context()))
    base = address.rstrip("/")

    def fetch(path: str) -> bytes:
        request = Request(f"{base}/{path}", headers={"Accept-Encoding": "identity"})  # checked below
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                raw: bytes = answer.read(LONGEST + 1)
        except (URLError, OSError, ValueError) as error:
            raise NoCopy(f"{path}: {type(error).__name__}") from None
        if len(raw) > LONGEST:
            raise NoCopy(f"{path}: too large")
        return raw

    return fetch


def _served(fetch: Fetch) -> LogFile:
    """Read a copy as it is served below /log/."""
    note = _text(fetch("checkpoint"))
    leaves: list[bytes] = []
    try:
        text = read_note(note).text
        size = checkpoint_of(text, text.partition("\n")[0]).size
        if size > MAX_LEAVES:
            raise NoCopy("checkpoint: too large")
        for number in range(-(-size // TILE)):
            width = min(TILE, size - number * TILE)
            leaves += bundle_entries(fetch(tile_path(-1, number, width)))
    except BadData as error:
        raise NoCopy(type(error).__name__) from None
    return LogFile(leaves, note)


def _kept(fetch: Fetch) -> LogFile:
    """Read a witness's folder."""
    try:
        note = json.loads(fetch("head.json"))["note"]
        if not isinstance(note, str):
            raise CheckpointMalformed
        return LogFile(bundle_entries(_counted(fetch("leaves"), claimed_size(note))), note)
    except (ValueError, TypeError, KeyError, BadLog):
        raise NoCopy("head.json, leaves: not as a witness writes them") from None


def _counted(raw: bytes, size: int) -> bytes:
    """Return what the first `size` leaves fill: what a crash left behind them was never counted (format.md, 5.10)."""
    at = 0
    for _leaf in range(min(size, MAX_LEAVES)):
        at += 2 + int.from_bytes(raw[at : at + 2], "big")
    return raw[:at]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NoCopy("checkpoint: not UTF-8") from None


def read_copy(place: str) -> LogFile:
    """Return the copy in a folder (a witness's, or files as served below /log/), in a zip of either (a desk's)
    or at an address. Raises NoCopy.
    """
    parts = urlsplit(place)
    if parts.scheme in ("http", "https") and parts.hostname:
        return _served(_from_address(place))
    path = Path(place)
    fetch = _from_zip(path) if path.is_file() else _from_folder(path)
    try:
        fetch("head.json")
    except NoCopy:
        return _served(fetch)
    return _kept(fetch)
