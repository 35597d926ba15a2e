"""Queries for a guest's key: the cases with a grant to it, and no others (docs/format.md, 8.3)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Select, select

from store import tables as t

DELETED: Final = select(t.case_file.c.case_id).where(t.case_file.c.deleted_day.is_not(None))
"""The cases that were deleted."""


def case_ids(key_id: Any) -> Select[tuple[bytes]]:
    """Return a query for the ids of the cases with a grant to a key (16 bytes, or a bound parameter)."""
    joined = t.envelope.join(t.grant, t.grant.c.envelope_id == t.envelope.c.envelope_id)
    return select(t.envelope.c.case_id).select_from(joined).where(t.grant.c.key_id == key_id).distinct()


def has_case(conn: Connection, key_id: bytes, case_id: bytes) -> bool:
    """Tell whether something of a case was granted to a key."""
    return conn.scalar(case_ids(key_id).where(t.envelope.c.case_id == case_id).limit(1)) is not None


def has_object(conn: Connection, key_id: bytes, object_id: bytes) -> bool:
    """Tell whether a file belongs to a case with a grant to a key."""
    named = select(t.object_name.c.envelope_id).where(t.object_name.c.object_id == object_id)
    envelope_id = conn.scalar(named)
    return envelope_id is not None and bool(envelopes_of(conn, key_id, [envelope_id]))


def envelopes_of(conn: Connection, key_id: bytes, ids: list[bytes]) -> list[bytes]:
    """Return those of the envelopes with these ids that are in cases with a grant to a key."""
    within = t.envelope.c.case_id.in_(case_ids(key_id))
    return list(
        conn.scalars(select(t.envelope.c.envelope_id).where(t.envelope.c.envelope_id.in_(ids), within))
    )
