"""What auditors write down about a case, sealed among them (docs/format.md, section 2.11). Pure.

A record is one thing that an auditor says: a note, a task, who owns the case, a step of the playbook that was done.
This module reads and makes records; `case_state` says what they mean together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cases import breach
from cases.days import parse_day
from cases.form import CAUSES

MAX_TEXT: Final = 20_000
"""Characters (code points) of a text."""
MAX_LABEL: Final = 40
MAX_TITLE: Final = 80
MAX_PANEL: Final = 64
"""Records in one of type `panel`."""
LINKS: Final = ("related", "duplicate")
MAX_PERSONS: Final = 10**10
SEVERITIES: Final = ("low", "medium", "high", "critical")
STAGES: Final = ("preliminary", "final")
EXPORTS: Final = ("pdf", "folder", "csv")
MILESTONES: Final = ("persons", "principal", "progress", "follow_up")
"""What an auditor plans and does on a day: notice to the persons concerned, notice to the company that entrusted the
data, a word on progress to the reporter, a look whether the correction works."""
MAX_SEQUENCE: Final = 2**32 - 1
DELETION: Final = ("propose", "withdraw", "agree")
YEARS: Final = range(2000, 3000)
"""Years of a record's days: a day at the calendar's end must not make a clock count past it."""

_ID: Final = re.compile(r"[0-9a-f]{32}\Z")
_ITEM: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
# 32 bytes have one spelling (docs/format.md, 0.2): the last letter has two unused bits, which are zero.
_HASH: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
_NOT_IN_A_LINE: Final = ("Cc", "Zl", "Zp")

Check = Callable[[object], bool]


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
        """Return the object that stands in the payload."""
        return {"type": self.type, **self.fields}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and bool(value.strip())


def _or_empty(check: Check) -> Check:
    return lambda value: value == "" or check(value)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and parse_day(value).year in YEARS
    except ValueError:
        return False


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and bool(pattern.match(value))


def _one_of(allowed: Sequence[str]) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def _is_line(most: int) -> Check:
    return lambda value: (
        isinstance(value, str)
        and 0 < len(value) <= most
        and value == value.strip()
        and not any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in value)
    )


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
        isinstance(value, dict) and set(value) <= set(breach.ITEM_IDS) and all(map(_is_text, value.values()))
    )


_IS_ID: Final = _matches(_ID)
FIELDS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "note": {"text": _is_text},
        "task": {"task": _IS_ID, "text": _is_text, "due": _or_empty(_is_day), "assignee": _or_empty(_IS_ID)},
        "task_done": {"task": _IS_ID, "done": _is_bool, "day": _is_day},
        "label": {"label": _is_line(MAX_LABEL), "on": _is_bool},
        "owner": {"person": _or_empty(_IS_ID)},
        "severity": {"severity": _or_empty(_one_of(SEVERITIES))},
        "cause": {"cause": _or_empty(_one_of(CAUSES))},
        "link": {"case": _IS_ID, "as": _one_of(LINKS), "on": _is_bool},
        "title": {"title": _or_empty(_is_line(MAX_TITLE))},
        "panel": {"records": lambda value: _are_parts(value)},
        "step": {
            "item": _matches(_ITEM),
            "done": _is_bool,
            "day": _is_day,
            "not_needed": _or_empty(_is_text),
        },
        "breach": {
            "aware": _or_empty(_is_day),
            "triggers": _are_triggers,
            "persons": _is_number,
            "entrusted": _one_of(breach.ANSWERS),
        },
        "breach_form": {"stage": _one_of(STAGES), "items": _are_items},
        "breach_reported": {"stage": _one_of(STAGES), "day": _or_empty(_is_day)},
        "milestone": {
            "what": _one_of(MILESTONES),
            "plan": _or_empty(_is_day),
            "day": _or_empty(_is_day),
            "how": _or_empty(_is_text),
        },
        "decision": {"sequence": _is_sequence, "reason": _is_text},
        "step_back": {},
        "bring_back": {"person": _IS_ID, "answers": _IS_ID},
        "export": {"what": _one_of(EXPORTS), "hash": _matches(_HASH)},
        "deletion": {"action": _one_of(DELETION), "reason": _or_empty(_is_text)},
    }
)
"""The fields of each type; a record has exactly these."""


SETTING: Final = frozenset(
    {
        "title",
        "owner",
        "severity",
        "cause",
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
    if not isinstance(written, Mapping) or not isinstance(written.get("type"), str):
        raise BadRecord("type")
    given = {name: value for name, value in written.items() if name != "type"}
    checks = FIELDS.get(written["type"])
    if checks is None:
        return Record(written["type"], MappingProxyType(given), known=False)
    if given.keys() != checks.keys():
        raise BadRecord("fields")
    for name, check in checks.items():
        if not check(given[name]):
            raise BadRecord(name)
    if written["type"] == "step" and given["done"] and given["not_needed"]:
        raise BadRecord("not_needed")
    return Record(written["type"], MappingProxyType(given))


def make(type_: str, **fields: Any) -> Record:
    """Return a new record. Raises BadRecord, also for a type that is not known."""
    if type_ not in FIELDS:
        raise BadRecord("type")
    return parse({"type": type_, **fields})
