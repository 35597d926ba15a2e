"""The subject that a record sets, to detect two auditors who set the same at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cases.records import Record

_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "title": (),
        "owner": (),
        "severity": (),
        "cause": (),
        "category": (),
        "label": ("label",),
        "link": ("case",),
        "task_done": ("task",),
        "step": ("item",),
        "breach": (),
        "breach_form": ("stage",),
        "breach_reported": ("stage",),
        "milestone": ("what",),
        "plan": (),
        "interview": ("interview",),
        "evidence": ("evidence",),
        "decision": ("sequence",),
    }
)
"""Types whose newest record counts, and the fields that say which thing it is about."""


def subject(record: Record) -> tuple[str, ...] | None:
    """Return what a record sets, None for one that only adds (a note, a task) or is not known here."""
    names = _NAMED_BY.get(record.type) if record.known else None
    return None if names is None else (record.type, *(str(record[name]) for name in names))
