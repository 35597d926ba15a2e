"""The register: templates, stand-ins, persons in charge, shared views, the export log (docs/format.md, 2.15).

Pure. `fold` makes the state out of all entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cases.categories import CATEGORIES
from cases.field_checks import Check, is_bool, is_day, is_id, is_line, matches, one_of, or_empty
from cases.records import BadRecord, Record, parse_by
from cases.replies import Reply

TEMPLATE_LANGUAGES: Final = ("ja", "en")
"""Languages of an own template's name and text."""
MAX_TEMPLATE: Final = 3_000
"""Characters of a template in one language: both fit a record."""
MAX_NAME: Final = 80
MAX_SCOPE: Final = 1_000
MAX_KEYS: Final = 64
DETAILS_BYTES: Final = 4096
"""Length of an export log entry's details, padded, for the auditors of the case."""
VIEW_WORDS: Final = ("view", "status", "severity", "category", "sort")
"""Filters of a shared view. No label, owner or searched word: those are a case's, and not everybody reads it."""

_WORD: Final = re.compile(r"[a-z][a-z_-]{0,31}\Z")
_DETAILS: Final = re.compile(rf"[A-Za-z0-9_-]{{{-(-(DETAILS_BYTES + 40) * 4 // 3)}}}\Z")
_SEALED: Final = re.compile(r"[A-Za-z0-9_-]{107}\Z")


def _is_text_of(most: int) -> Check:
    return lambda value: isinstance(value, str) and 0 < len(value) <= most and bool(value.strip())


def _in_both(check: Check) -> Check:
    return lambda value: (
        isinstance(value, dict) and set(value) == set(TEMPLATE_LANGUAGES) and all(map(check, value.values()))
    )


def _is_query(value: object) -> bool:
    is_word = matches(_WORD)
    return isinstance(value, dict) and set(value) <= set(VIEW_WORDS) and all(map(is_word, value.values()))


def _are_keys(value: object) -> bool:
    is_sealed = matches(_SEALED)
    return (
        isinstance(value, dict)
        and 1 <= len(value) <= MAX_KEYS
        and all(is_id(key_id) and is_sealed(sealed) for key_id, sealed in value.items())
    )


FIELDS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "readers": {},
        "template": {
            "template": is_id,
            "name": _in_both(is_line(MAX_NAME)),
            "text": _in_both(_is_text_of(MAX_TEMPLATE)),
            "category": or_empty(one_of(CATEGORIES)),
            "kept": is_bool,
        },
        "stand_in": {
            "person": is_id,
            "by": or_empty(is_id),
            "first": or_empty(is_day),
            "last": or_empty(is_day),
        },
        "charge": {
            "charge": is_id,
            "name": is_line(MAX_NAME),
            "post": is_line(MAX_NAME),
            "scope": _is_text_of(MAX_SCOPE),
            "first": is_day,
            "last": or_empty(is_day),
        },
        "view": {"view": is_id, "name": is_line(MAX_NAME), "query": _is_query, "kept": is_bool},
        "export": {"export": is_id, "keys": _are_keys, "details": matches(_DETAILS)},
    }
)
"""The fields of each type; an entry has exactly these."""

FOR_LEADS: Final = frozenset({"template", "charge"})
"""Types that only a lead's entry counts for."""


@dataclass(frozen=True)
class Said:
    """An entry at its place. `number`: of its record; `person`: its author's; `is_lead`: at that place of the list."""

    number: int
    person: bytes
    is_lead: bool
    day: date
    entry: Record


@dataclass(frozen=True)
class RegisterState:
    """The state of the register, by the id in each entry. `ignored`: number and reason of what does not count."""

    templates: dict[str, Said] = field(default_factory=dict)
    stand_ins: dict[str, Said] = field(default_factory=dict)
    charges: dict[str, Said] = field(default_factory=dict)
    views: dict[str, Said] = field(default_factory=dict)
    exports: dict[str, Said] = field(default_factory=dict)
    ignored: tuple[tuple[Said, str], ...] = ()


def parse(written: object) -> Record:
    """Return an entry out of a record. Raises BadRecord."""
    record = parse_by(FIELDS, written)
    if record.known:
        _check_days(record.type, record.fields)
    return record


def _check_days(type_: str, given: Mapping[str, Any]) -> None:
    """Raise BadRecord for a period that ends before it begins, and for half a stand-in."""
    if type_ == "stand_in" and len({bool(given[name]) for name in ("by", "first", "last")}) > 1:
        raise BadRecord("by")
    if type_ == "stand_in" and given["by"] == given["person"]:
        raise BadRecord("by")
    if type_ in ("stand_in", "charge") and given["last"] and given["last"] < given["first"]:
        raise BadRecord("last")


def make(type_: str, **fields: Any) -> Record:
    """Return a new entry. Raises BadRecord, also for a type that is not known."""
    if type_ not in FIELDS:
        raise BadRecord("type")
    return parse({"type": type_, **fields})


def fold(said: Iterable[Said]) -> RegisterState:
    """Return what entries mean together, in the order of their numbers: the latest word counts."""
    state, ignored = RegisterState(), list[tuple[Said, str]]()
    for each in said:
        reason = refusal(state, each)
        if reason:
            ignored.append((each, reason))
        else:
            _put(state, each)
    return RegisterState(
        state.templates, state.stand_ins, state.charges, state.views, state.exports, tuple(ignored)
    )


def there_is(state: RegisterState, entry: Record) -> Said | None:
    """Return what counts now about the same template, person away, person in charge or list; None for a new one."""
    kept = {
        "template": state.templates,
        "stand_in": state.stand_ins,
        "charge": state.charges,
        "view": state.views,
    }.get(entry.type)
    return None if kept is None else kept.get(entry["person" if entry.type == "stand_in" else entry.type])


def is_overtaken(state: RegisterState, entry: Record, shown: int) -> bool:
    """Tell whether a page that knew the entries up to number `shown` would undo a later one unseen."""
    there = there_is(state, entry)
    return there is not None and there.number > shown and there.entry != entry


def refusal(state: RegisterState, said: Said) -> str:
    """Return why an entry does not count behind those of `state`; "" where it does.

    `unknown`: a type of a later version; `not_a_lead`; `not_own`: another person's holidays or view; `again`: an entry
    of the export log stays as it was written.
    """
    entry = said.entry
    if not entry.known:
        return "unknown"
    if entry.type in FOR_LEADS and not said.is_lead:
        return "not_a_lead"
    if entry.type == "stand_in" and not said.is_lead and entry["person"] != said.person.hex():
        return "not_own"
    if entry.type == "view":
        there = there_is(state, entry)
        if there is not None and there.person != said.person and not said.is_lead:
            return "not_own"
    if entry.type == "export" and entry["export"] in state.exports:
        return "again"
    return ""


def _put(state: RegisterState, said: Said) -> None:
    entry = said.entry
    if entry.type in ("template", "view"):
        kept = state.templates if entry.type == "template" else state.views
        kept[entry[entry.type]] = said
    elif entry.type == "charge":
        state.charges[entry["charge"]] = said
    elif entry.type == "stand_in":
        state.stand_ins[entry["person"]] = said
    elif entry.type == "export":
        state.exports[entry["export"]] = said


def templates(state: RegisterState) -> tuple[Reply, ...]:
    """Return the own templates that were not taken away, in the order in which they were first written."""
    return tuple(
        Reply(
            said.entry["template"],
            said.entry["name"],
            said.entry["text"],
            (said.entry["category"],) if said.entry["category"] else CATEGORIES,
        )
        for said in state.templates.values()
        if said.entry["kept"]
    )


def away_with(state: RegisterState, person: bytes, today: date) -> tuple[bytes, ...]:
    """Return the persons for whom a person (16 bytes) stands in today."""
    return tuple(
        bytes.fromhex(away)
        for away in state.stand_ins
        if stand_in_for(state, bytes.fromhex(away), today) == person
    )


def stand_in_for(state: RegisterState, person: bytes, today: date) -> bytes | None:
    """Return who stands in for a person (16 bytes) today; None where nobody does."""
    said = state.stand_ins.get(person.hex())
    if said is None or not said.entry["by"]:
        return None
    is_now = said.entry["first"] <= today.isoformat() <= said.entry["last"]
    return bytes.fromhex(said.entry["by"]) if is_now else None
