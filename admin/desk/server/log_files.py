"""The transparency log as a site serves it (docs/format.md, 5.6): the same files for everybody, without a key."""

from __future__ import annotations

import json
from typing import Final

from admin.desk.server.client import Server
from admin.desk.server.responses import ServerTrouble, Trouble, checking
from crypto import wire
from crypto.log_errors import ProofMalformed
from crypto.log_mirror import LogUnproven
from crypto.note import MAX_NOTE
from crypto.tlog import TILE, bundle_entries, tile_path

_LONGEST_BUNDLE: Final = TILE * (2 + 65_535)
MOST_NEW: Final = 131_072
"""Leaves that are fetched at once: 20 years of a log with 17 a day, or one day on which so many reports came."""
MOST_BYTES: Final = 192 * 1024 * 1024
"""Bytes of them: so many with 64 tags each."""
_LONGEST_LIST: Final = 4 * 1024 * 1024
_LONGEST_RULE: Final = 64 * 1024


def _get(server: Server, path: str, at_most: int) -> bytes | None:
    """Return a file below `/log/`; None where the site does not have it. Raises ServerTrouble."""
    status, _headers, body = server.exchange(server.build("GET", f"{server.url}/log/{path}"), at_most)
    if status == 404:
        return None
    if status != 200:
        raise ServerTrouble(Trouble.BUSY if status >= 500 else Trouble.ODD)
    return body


def checkpoint(server: Server) -> str | None:
    """Return the newest checkpoint's note, which nobody has checked yet; None where the site has no log.

    Raises ServerTrouble.
    """
    body = _get(server, "checkpoint", MAX_NOTE)
    try:
        return None if body is None else body.decode("utf-8")
    except UnicodeDecodeError:
        raise ServerTrouble(Trouble.ODD) from None


def leaves(server: Server, first: int, size: int, known: int = 0) -> list[bytes]:
    """Return the leaves from index `first` up to `size`, out of whole bundles. `known`: how many are kept here already.

    What a checkpoint claims is the server's word, and it could claim leaves without end. Raises LogUnproven for more
    new ones, or more bytes, than are fetched at once; ServerTrouble.
    """
    if size - max(first, known) > MOST_NEW:
        raise LogUnproven
    read: list[bytes] = []
    room = MOST_BYTES * (1 + known // MOST_NEW)
    for number in range(first // TILE, -(-size // TILE)):
        width = min(TILE, size - number * TILE)
        body = _get(server, tile_path(-1, number, width), _LONGEST_BUNDLE) or b""
        room -= len(body)
        if room < 0:
            raise LogUnproven
        try:
            bundle = bundle_entries(body)
        except ProofMalformed:
            raise ServerTrouble(Trouble.ODD) from None
        if len(bundle) != width:
            raise ServerTrouble(Trouble.ODD)
        read += bundle
    return read[first % TILE :] if first < size else []


def witnesses(server: Server) -> list[bytes]:
    """Return the documents of the desks' cosigning keys, which nobody has checked yet. Raises ServerTrouble."""
    body = _get(server, "witnesses", _LONGEST_LIST) or b"[]"
    with checking():
        return [wire.octets(document) for document in wire.items(json.loads(body))]


def rule(server: Server) -> str:
    """Return the rule's text as the site shows it; "" where it has none. Raises ServerTrouble."""
    try:
        return (_get(server, "rule", _LONGEST_RULE) or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise ServerTrouble(Trouble.ODD) from None


def cosign(server: Server, line: str) -> bool:
    """Hand in a cosignature line; False where the site does not take it. Raises ServerTrouble."""
    return _hand_in(server, "cosignature", line)


def tell_checkpoint(server: Server, note: str) -> bool:
    """Hand in a checkpoint that the site may have forgotten; False where it does not take it. Raises ServerTrouble."""
    return _hand_in(server, "checkpoint", note)


def _hand_in(server: Server, what: str, text: str) -> bool:
    request = server.build(
        "POST",
        f"{server.url}/log/{what}",
        content=text.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
    )
    status, _headers, _body = server.exchange(request)
    if status >= 500:
        raise ServerTrouble(Trouble.BUSY)
    return status in (200, 202)
