"""A second start of the desk gets a one-time link from the instance that already runs, so that the icon opens it.

Each instance writes its port, its secret path and a key to a file that only its user can read. Request and response are
both authenticated with that key (keyed BLAKE2b). So another user's program gets no link, and a program that took the
port of a killed desk can't open the browser on a page of its own.
"""

from __future__ import annotations

import hmac
import http.client
import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from admin.desk.local.start_settings import make_private, write_new
from crypto.encoding import b2

SECONDS: Final = 5.0
_PERSON: Final = "mybk1-deskagain"
_ROOT: Final = re.compile(r"/[A-Za-z0-9_-]{22}\Z")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, repr=False)
class RunningDesk:
    """A running instance. `root`: its secret path; `key`: 32 secret bytes of this instance."""

    port: int
    root: str
    key: bytes

    def asked(self, nonce: str) -> str:
        """Return the authentication tag (hex) of a request with this nonce."""
        return self._mac("ask", nonce)

    def answered(self, nonce: str, token: str) -> str:
        """Return the tag (hex) of a response: a one-time link's token for the request with this nonce."""
        return self._mac("answer", nonce, token)

    def _mac(self, *parts: str) -> str:
        return b2(32, "\n".join(parts).encode("utf-8", "replace"), key=self.key, person=_PERSON).hex()


def _path(folder: Path, port: int) -> Path:
    return folder / f"running-{port}.json"


def note(folder: Path, running: RunningDesk) -> None:
    """Write the instance file. Raises OSError."""
    make_private(folder)
    path = _path(folder, running.port)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_new(
        part, json.dumps({"port": running.port, "root": running.root, "key": running.key.hex()}).encode()
    )
    part.replace(path)


def forget(folder: Path, running: RunningDesk) -> None:
    """Delete the instance file, unless a later instance has replaced it."""
    if _read(folder, running.port) == running:
        with suppress(OSError):
            _path(folder, running.port).unlink()


def _read(folder: Path, port: int) -> RunningDesk | None:
    try:
        raw = json.loads(_path(folder, port).read_bytes())
        root, key = raw["root"], bytes.fromhex(raw["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return RunningDesk(port, root, key) if _ROOT.match(root) and len(key) == 32 else None


def link_of_running(folder: Path, port: int) -> str | None:
    """Return a new one-time link to this user's desk on a port; None if none runs there or it fails to authenticate."""
    running = _read(folder, port)
    if running is None:
        return None
    nonce = secrets.token_hex(16)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", f"{running.root}/again/{nonce}/{running.asked(nonce)}")
        answer = json.loads(connection.getresponse().read(2000))
        token, proof = answer["token"], answer["proof"]
        is_own = bool(_TOKEN.match(token)) and hmac.compare_digest(proof, running.answered(nonce, token))
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return f"http://127.0.0.1:{port}{running.root}/open/{token}" if is_own else None
