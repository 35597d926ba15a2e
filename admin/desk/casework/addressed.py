"""To whom an envelope was sealed, asked of every one, opened or not (docs/format.md, 2.5). No network, no disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from admin.desk.casework.roster import SiteRoster
from crypto.envelope import decode
from crypto.errors import BadData
from crypto.listing import check_readers

Floors = Sequence[tuple[int, int]]
"""How long the list was (second) when the feed had been fetched up to a place (first), ascending in both."""


def list_fault(
    roster: SiteRoster, raw: bytes, payload: Mapping[str, Any] | None, own: bytes, floor: int = 0
) -> str:
    """Return the name of what does not fit; "" for nothing, also where the bytes are no envelope (they are damaged).

    `payload`: where the envelope was opened and its signature holds. `own`: this desk's key id. `floor`: how long the
    list was before the envelope came.
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


def floor_of(floors: Floors, seq: int) -> int:
    """Return the length of the list that was known before a place of the feed came; 0 where none was."""
    return max((length for cursor, length in floors if cursor < seq), default=0)


def with_floor(floors: Floors, cursor: int, length: int) -> list[tuple[int, int]]:
    """Return the floors after the feed was fetched up to `cursor` with a list of this length ahead of it."""
    known = [floor for floor in floors if floor[0] <= cursor]
    if known and known[-1][1] >= length:
        return list(known)
    return [*known, (cursor, length)]
