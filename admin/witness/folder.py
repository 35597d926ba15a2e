"""The folder of a witness: key and state, which are one object (docs/format.md, 5.10)."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from cases.days import format_day, parse_day
from crypto.encoding import canonical_json
from crypto.errors import BadData, MisuseError
from crypto.log_errors import BadLog
from crypto.log_key import known_keys
from crypto.messages import public_key
from crypto.note import COSIGNATURE, VerifierKey, read_checkpoint, read_key, verifier_key
from crypto.tlog import Frontier, bundle_entries, entry_bundle, leaf_hash

_KEY: Final = re.compile(r"mybk1/witness-key\n([^\s+]{1,200})\n([0-9a-f]{64})\n\Z")
FORK: Final = "fork"


class FolderFault(ValueError):
    """A witness's folder can't be used; `ja` and the text say why and what to do."""

    def __init__(self, text: str, ja: str = "立会人のフォルダーを使えません。") -> None:
        super().__init__(text)
        self.ja = ja


@dataclass(frozen=True)
class WitnessState:
    """Fields of `head.json`. `vkey`: the witness's own; `log`: the pinned key, None before `init`; `met`: the day on
    which it met the log; `cosigned`: the largest size that it cosigned; `faults`: code and text of the last run;
    `files`: what did not fit a release, SHA-256 by name.
    """

    vkey: VerifierKey
    address: str = ""
    log: VerifierKey | None = None
    met: date | None = None
    note: str = ""
    size: int = 0
    cosigned: int = 0
    stopped: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return canonical_json(
            {
                "v": 1,
                "vkey": self.vkey.text(),
                "address": self.address,
                "log": self.log.text() if self.log else "",
                "met": format_day(self.met) if self.met else "",
                "note": self.note,
                "size": self.size,
                "cosigned": self.cosigned,
                "stopped": self.stopped,
                "faults": [list(fault) for fault in self.faults],
                "files": [list(file) for file in self.files],
            }
        )


def _read_state(raw: bytes) -> WitnessState:
    fields: dict[str, Any] = json.loads(raw)
    read = WitnessState(
        vkey=read_key(fields["vkey"]),
        address=fields["address"],
        log=read_key(fields["log"]) if fields["log"] else None,
        met=parse_day(fields["met"]) if fields["met"] else None,
        note=fields["note"],
        size=fields["size"],
        cosigned=fields["cosigned"],
        stopped=fields["stopped"],
        faults=tuple((code, text) for code, text in fields["faults"]),
        files=tuple((name, digest) for name, digest in fields["files"]),
    )
    if read.encode() != raw:
        raise ValueError("another spelling")
    return read


@dataclass(frozen=True, repr=False)
class WitnessFolder:
    """A folder with its key. `seed`: of the cosigning key, 32 bytes."""

    path: Path
    seed: bytes
    name: str

    def write(self, state: WitnessState, new: Sequence[bytes] = ()) -> None:
        """Put a state on disk, with leaves that came with it: these first, both synced. Raises OSError."""
        if new:
            self._append(state.size - len(new), new)
        _write(self.path / "head.json", state.encode())

    def _append(self, count: int, new: Sequence[bytes]) -> None:
        path = self.path / "leaves"
        kept = entry_bundle(self._kept(count))
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(len(kept))
            file.seek(len(kept))
            file.write(entry_bundle(new))
            file.flush()
            os.fsync(file.fileno())

    def _kept(self, count: int) -> list[bytes]:
        """Return the first so many leaves of the file. Raises FolderFault."""
        path = self.path / "leaves"
        raw = path.read_bytes() if path.exists() else b""
        leaves: list[bytes] = []
        at = 0
        while len(leaves) < count:
            end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
            if at + 2 > len(raw) or end > len(raw):
                raise FolderFault(_MIXED)
            leaves.append(raw[at + 2 : end])
            at = end
        return leaves

    def load(self) -> tuple[WitnessState, list[bytes]]:
        """Return state and leaves, checked against each other. Raises FolderFault, OSError."""
        try:
            state = _read_state((self.path / "head.json").read_bytes())
        except FileNotFoundError:
            raise FolderFault(_APART, "head.json がありません。鍵だけでは動きません。") from None
        except (ValueError, KeyError, TypeError, BadData):
            raise FolderFault(_MIXED) from None
        if state.vkey != verifier_key(self.name, COSIGNATURE, public_key(self.seed)):
            raise FolderFault(_MIXED)
        leaves = self._kept(state.size)
        if state.log is not None and state.note:
            try:
                kept = read_checkpoint(state.note, known_keys(leaves, state.log)).checkpoint
            except BadLog:
                raise FolderFault(_MIXED) from None
            if kept.size != state.size or Frontier(map(leaf_hash, leaves)).root != kept.root:
                raise FolderFault(_MIXED)
        elif state.size:
            raise FolderFault(_MIXED)
        return state, leaves

    def keep_fork(self, state: WitnessState, other: str, size: int) -> Path:
        """Keep both notes of a fork, and stop. Raises OSError."""
        path = self.path / f"fork-{size}.txt"
        if not path.exists():
            _write(path, f"{state.note}\n{'=' * 20}\n\n{other}".encode())
        self.write(replace(state, stopped=FORK))
        return path

    def keep_seen(self, name: str, digest: str, raw: bytes, today: date) -> None:
        """Keep a page or file that differed. Raises OSError."""
        folder = self.path / "seen"
        folder.mkdir(exist_ok=True)
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-80:]
        path = folder / f"{format_day(today)}-{digest[:16]}-{safe}"
        if not path.exists():
            _write(path, raw)


_APART: Final = (
    "head.json is missing beside the key. Key and state are one object: a witness that forgets what it saw can be led "
    "to cosign a fork. Put back both from one copy; or, where there is none, make a new key in a new folder and tell "
    "the operator (the company has to change its policy)."
)
_MIXED: Final = (
    "Key, head.json and leaves do not belong together, or one of them is damaged. Nothing was cosigned. Put back all "
    "of the folder from one copy, never a single file; or make a new key in a new folder."
)


def make_folder(path: Path, name: str) -> WitnessFolder:
    """Make a folder with a new key under a name. Raises FolderFault, OSError."""
    folder = WitnessFolder(path, secrets.token_bytes(32), name)
    try:
        vkey = verifier_key(name, COSIGNATURE, public_key(folder.seed))
    except MisuseError:
        raise FolderFault("The name has no white space and no plus sign.") from None
    if not re.fullmatch(r"[a-z0-9][a-z0-9./_-]{1,60}", name):
        raise FolderFault(
            "The name is short: a to z, digits, and . / _ - alone. It is public: it should name nobody."
        )
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if is_begun(path):
        raise FolderFault(f"There is a witness in {path} already. It was left as it is.")
    _write(path / "head.json", WitnessState(vkey).encode())
    _write(path / "key", f"mybk1/witness-key\n{name}\n{folder.seed.hex()}\n".encode("ascii"))
    return folder


def is_begun(path: Path) -> bool:
    """Tell whether a folder holds a witness, or a part of it. A state without its key that has met no log does not
    count: `make_folder` was interrupted there, nothing was ever signed, and a new key may take its place.
    """
    if (path / "key").exists() or (path / "leaves").exists():
        return True
    try:
        state = _read_state((path / "head.json").read_bytes())
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError, BadData):
        return True
    return state != WitnessState(state.vkey)


def open_folder(path: Path) -> WitnessFolder:
    """Return a folder with its key. Raises FolderFault, OSError."""
    try:
        match = _KEY.match((path / "key").read_text("ascii"))
    except FileNotFoundError:
        if (path / "head.json").exists():
            raise FolderFault(
                _APART.replace("head.json is missing beside the key", "The key is missing")
            ) from None
        raise FolderFault(
            f"There is no witness in {path}: meyasubako witness key FOLDER makes one."
        ) from None
    except UnicodeDecodeError:
        match = None
    if match is None:
        raise FolderFault(_MIXED)
    return WitnessFolder(path, bytes.fromhex(match.group(2)), match.group(1))


def read_leaves(raw: bytes) -> list[bytes]:
    """Return the leaves of a file `leaves`. Raises BadLog."""
    return bundle_entries(raw)


def _write(path: Path, raw: bytes) -> None:
    """Put a file on disk, whole or not at all, readable by its owner only. Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        if os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        part.unlink(missing_ok=True)
