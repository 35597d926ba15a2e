"""Auditors' records of a case, sealed for auditors (docs/format.md, section 2.11). Pure.

A record is one statement of an auditor: a note, a task, the owner, a finished step of the playbook.
This module reads and makes records; `case_fold` says what they mean together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cases import breach
from cases.categories import CATEGORIES
from cases.field_checks import (
    Check,
    is_bool,
    is_day,
    is_hash,
    is_id,
    is_line,
    is_text,
    matches,
    one_of,
    or_empty,
)
from cases.form import CAUSES

MAX_LABEL: Final = 40
MAX_TITLE: Final = 80
MAX_EVIDENCE: Final = 200
MAX_PANEL: Final = 64
"""Records in one of type `panel`."""
LINKS: Final = ("related", "duplicate")
MAX_PERSONS: Final = 10**10
SEVERITIES: Final = ("low", "medium", "high", "critical")
STAGES: Final = ("preliminary", "final")
EXPORTS: Final = ("pdf", "folder", "csv", "pack")
MILESTONES: Final = ("persons", "principal", "progress", "follow_up")
"""An auditor's steps on a day: notice to the persons concerned, notice to the company that entrusted the
data, a word on progress to the reporter, a look whether the correction works."""
MAX_SEQUENCE: Final = 2**32 - 1
DELETION: Final = ("propose", "withdraw", "agree")
ACCESS: Final = ("off", "given")
"""Proposals: to take a person off the case, or to give it to a key."""
# 64 bytes have one spelling (docs/format.md, 0.2): the last letter has four unused bits, which are zero.
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{85}[AQgw]\Z")
_ITEM: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class BadRecord(ValueError):
    """A record that is not as the format says. `code`: "type", "fields", or the name of the field."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Record:
    """One record: its type and its fields, checked. A type that this version does not know has `known` False."""

    type: str
    fields: Mapping[str, Any]
    known: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def as_json(self) -> dict[str, Any]:
        """Return the object that is in the payload."""
        return {"type": self.type, **self.fields}


def _is_number(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MAX_PERSONS)


def _is_sequence(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_SEQUENCE


def _are_triggers(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(breach.TRIGGER_IDS)
        and all(answer in breach.ANSWERS for answer in value.values())
    )


def _are_items(value: object) -> bool:
    return (
        isinstance(value, dict) and set(value) <= set(breach.ITEM_IDS) and all(map(is_text, value.values()))
    )


FIELDS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "note": {"text": is_text},
        "task": {"task": is_id, "text": is_text, "due": or_empty(is_day), "assignee": or_empty(is_id)},
        "task_done": {"task": is_id, "done": is_bool, "day": is_day},
        "label": {"label": is_line(MAX_LABEL), "on": is_bool},
        "owner": {"person": or_empty(is_id)},
        "severity": {"severity": or_empty(one_of(SEVERITIES))},
        "cause": {"cause": or_empty(one_of(CAUSES))},
        "category": {"category": one_of(CATEGORIES)},
        "link": {"case": is_id, "as": one_of(LINKS), "on": is_bool},
        "title": {"title": or_empty(is_line(MAX_TITLE))},
        "panel": {"records": lambda value: _are_parts(value)},
        "step": {
            "item": matches(_ITEM),
            "done": is_bool,
            "day": is_day,
            "not_needed": or_empty(is_text),
        },
        "breach": {
            "aware": or_empty(is_day),
            "triggers": _are_triggers,
            "persons": _is_number,
            "entrusted": one_of(breach.ANSWERS),
        },
        "breach_form": {"stage": one_of(STAGES), "items": _are_items},
        "breach_reported": {"stage": one_of(STAGES), "day": or_empty(is_day)},
        "milestone": {
            "what": one_of(MILESTONES),
            "plan": or_empty(is_day),
            "day": or_empty(is_day),
            "how": or_empty(is_text),
        },
        "plan": {"text": or_empty(is_text)},
        "interview": {
            "interview": is_id,
            "who": is_line(MAX_TITLE),
            "day": or_empty(is_day),
            "by": or_empty(is_id),
            "minutes": or_empty(is_text),
            "held": is_bool,
        },
        "evidence": {
            "evidence": is_id,
            "what": is_line(MAX_EVIDENCE),
            "hash": or_empty(is_hash),
            "day": is_day,
            "source": is_line(MAX_EVIDENCE),
            "place": is_line(MAX_EVIDENCE),
        },
        "conflict": {"conflict": is_bool, "text": or_empty(is_text)},
        "decision": {"sequence": _is_sequence, "reason": is_text},
        "step_back": {},
        "bring_back": {"person": is_id, "answers": is_id},
        "access": {
            "what": one_of(ACCESS),
            "target": is_id,
            "number": _is_sequence,
            "sig": matches(_SIGNATURE),
            "reason": is_text,
        },
        "access_refused": {"proposal": is_id, "reason": is_text},
        "export": {"what": one_of(EXPORTS), "hash": is_hash},
        "deletion": {"action": one_of(DELETION), "reason": or_empty(is_text)},
    }
)
"""The fields of each type; a record has exactly these."""


SETTING: Final = frozenset(
    {
        "title",
        "owner",
        "severity",
        "cause",
        "category",
        "label",
        "link",
        "task",
        "task_done",
        "step",
        "breach",
        "breach_form",
        "breach_reported",
        "milestone",
    }
)
"""Types that a record of type `panel` can hold."""


def _are_parts(value: object) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PANEL:
        return False
    try:
        return all(parse(part).type in SETTING for part in value)
    except BadRecord:
        return False


def parts_of(record: Record) -> tuple[Record, ...]:
    """Return what a record says: for a `panel` the records in it, for any other the record itself."""
    return tuple(map(parse, record["records"])) if record.known and record.type == "panel" else (record,)


def together(records: Sequence[Record]) -> Record:
    """Return one record that says all of these; one alone stays as it is. Raises BadRecord."""
    if len(records) == 1:
        return records[0]
    return make("panel", records=[record.as_json() for record in records])


def parse(written: object) -> Record:
    """Return a record out of a payload. Raises BadRecord."""
    record = parse_by(FIELDS, written)
    if record.type == "step" and record.known and record.fields["done"] and record.fields["not_needed"]:
        raise BadRecord("not_needed")
    return record


def parse_by(fields: Mapping[str, Mapping[str, Check]], written: object) -> Record:
    """Return what was written as a record of one of these types, its fields checked; `known` is False for another type.
    Raises BadRecord.
    """
    if not isinstance(written, Mapping) or not isinstance(written.get("type"), str):
        raise BadRecord("type")
    given = {name: value for name, value in written.items() if name != "type"}
    checks = fields.get(written["type"])
    if checks is None:
        return Record(written["type"], MappingProxyType(given), known=False)
    if given.keys() != checks.keys():
        raise BadRecord("fields")
    for name, check in checks.items():
        if not check(given[name]):
            raise BadRecord(name)
    return Record(written["type"], MappingProxyType(given))


def make(type_: str, **fields: Any) -> Record:
    """Return a new record. Raises BadRecord, also for a type that is not known."""
    if type_ not in FIELDS:
        raise BadRecord("type")
    return parse({"type": type_, **fields})
