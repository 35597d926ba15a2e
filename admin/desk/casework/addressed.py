"""Checks the readers of every envelope, opened or not (docs/format.md, 2.5). No network, no disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from admin.desk.casework.roster import SiteRoster
from crypto.envelope import decode
from crypto.errors import BadData
from crypto.listing import NOTHING, Floor, check_readers

Floors = Sequence[tuple[int, Floor]]
"""The known part of the list (second) when the feed had been fetched up to a place (first), ascending in both."""

FLOORS: Final = "floors"
"""The name under which a desk keeps them in its copy."""


def list_fault(
    roster: SiteRoster, raw: bytes, payload: Mapping[str, Any] | None, own: bytes, floor: Floor = NOTHING
) -> str:
    """Return the name of what does not fit; "" for nothing, also where the bytes are no envelope (they are damaged).

    `payload`: where the envelope was opened and its signature holds. `own`: this desk's key id. `floor`: what
    was known of the list before the envelope came.
    """
    try:
        slots = {slot.key_id for slot in decode(raw).slots}
    except BadData:
        return ""
    try:
        check_readers(roster.listing, slots, payload, own, floor)
    except BadData as fault:
        return type(fault).__name__
    return ""


def read_floors(kept: bytes | None) -> list[tuple[int, Floor]]:
    """Return the floors that a desk keeps under FLOORS."""
    return [(cursor, Floor(logged, length)) for cursor, logged, length in json.loads(kept or b"[]")]


def written_floors(floors: Floors) -> bytes:
    """Return floors as `read_floors` reads them."""
    return json.dumps([(cursor, floor.logged, floor.length) for cursor, floor in floors]).encode()


def floor_of(floors: Floors, seq: int) -> Floor:
    """Return what was known of the list before a place of the feed came; nothing where none was."""
    before = [floor for cursor, floor in floors if cursor < seq]
    return before[-1] if before else Floor()


def with_floor(floors: Floors, cursor: int, floor: Floor) -> list[tuple[int, Floor]]:
    """Return the floors after the feed was fetched up to `cursor` with this much of the list known ahead of it."""
    known = [(at, kept) for at, kept in floors if at <= cursor]
    if known and known[-1][1].logged >= floor.logged and known[-1][1].length >= floor.length:
        return known
    before = known[-1][1] if known else Floor()
    return [*known, (cursor, Floor(max(before.logged, floor.logged), max(before.length, floor.length)))]
