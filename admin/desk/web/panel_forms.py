"""Panels with one button: the leak, what is planned, the playbook. Pure: no Flask, no network.

Unchanged fields are not written, so that a colleague's newer value stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from cases import breach, person_count, playbooks
from cases.case_state import CaseState
from cases.days import format_day, parse_day
from cases.form import clean_text
from cases.records import MILESTONES, STAGES, BadRecord, Record, make
from crypto.encoding import normalize_text

Form = Mapping[str, str]
Fields = dict[str, str]

OF_LEAK: Final = ("persons", "principal")
"""Milestones that the page about the leak asks for; the case's page asks for the others."""
ITEMS: Final = tuple(item.id for item in playbooks.items())

BREACH: Final = ("aware", "persons", "entrusted", *(f"trigger_{name}" for name in breach.TRIGGER_IDS))
COPIES: Final[Mapping[str, tuple[str, ...]]] = {
    stage: tuple(f"{stage}_{name}" for name in breach.ITEM_IDS) for stage in STAGES
}
PLANS: Final[Mapping[str, tuple[str, ...]]] = {
    what: tuple(f"{what}_{part}" for part in ("plan", "done", "how")) for what in MILESTONES
}
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "leak": (
        *BREACH,
        *(name for names in COPIES.values() for name in names),
        *(f"{stage}_day" for stage in STAGES),
        *(name for what in OF_LEAK for name in PLANS[what]),
    ),
    "plans": tuple(name for what in MILESTONES if what not in OF_LEAK for name in PLANS[what]),
    "playbook": tuple(f"{part}_{item}" for item in ITEMS for part in ("done", "why")),
}
"""The fields of each panel."""
TEXTS: Final = (
    *(name for names in COPIES.values() for name in names),
    *(f"{what}_how" for what in MILESTONES),
    *(f"why_{item}" for item in ITEMS),
)
"""Those that people write sentences into."""


def kept(panel: str, state: CaseState) -> Fields:
    """Return the fields of a panel as a state has them."""
    if panel == "playbook":
        return _kept_steps(state)
    fields: Fields = {}
    for what in MILESTONES:
        said = state.milestones.get(what)
        plan, day, how = (_text(said.plan), _text(said.day), said.how) if said else ("", "", "")
        fields |= {f"{what}_plan": plan, f"{what}_done": day, f"{what}_how": how}
    for stage in STAGES:
        items = state.forms.get(stage, {})
        fields |= {f"{stage}_{name}": items.get(name, "") for name in breach.ITEM_IDS}
        fields[f"{stage}_day"] = _text(state.reported.get(stage))
    leak = state.breach
    fields["aware"] = _text(leak.aware) if leak else ""
    fields["persons"] = f"{leak.persons:,}" if leak and leak.persons is not None else ""
    fields["entrusted"] = leak.entrusted if leak else "unknown"
    for name in breach.TRIGGER_IDS:
        fields[f"trigger_{name}"] = leak.triggers[name] if leak else "unknown"
    return {name: fields[name] for name in FIELDS[panel]}


def unticked(form: Form) -> Fields:
    """Return the boxes of a form that are there and not ticked: a browser sends nothing for them."""
    return {f"done_{item}": "" for item in ITEMS if f"listed_{item}" in form and f"done_{item}" not in form}


def read(panel: str, typed: Form, state: CaseState, today: date) -> list[Record]:
    """Return the records that a panel makes. `typed`: the fields that somebody typed over; all others stay as they are.

    Raises BadRecord with a code of `labels.records.RECORD`, KeyError for no such panel.
    """
    now = kept(panel, state)
    clean = {name: normalize_text(clean_text(typed[name])).strip() for name in FIELDS[panel] if name in typed}
    new = {name: text for name, text in clean.items() if text != now[name]}
    return _READERS[panel](now | new, frozenset(new), today)


def fault(records: Iterable[Record], state: CaseState, confirmed: bool) -> str:
    """Return what speaks against records of the leak in their case: a code of `labels.records.RECORD`, or "".

    `confirmed`: somebody was told that the copy of a report is not complete, and wants its day kept all the same.
    """
    aware = state.breach.aware if state.breach else None
    reported, copies, stages = dict(state.reported), dict(state.forms), list[str]()
    facts = False
    for record in records:
        if record.type == "breach":
            aware, facts = parse_day(record["aware"]) if record["aware"] else None, True
        elif record.type == "breach_form":
            copies[record["stage"]] = record["items"]
        elif record.type == "breach_reported":
            stage = record["stage"]
            reported.pop(stage, None)
            if record["day"]:
                reported[stage] = parse_day(record["day"])
                stages.append(stage)
    if why := breach.day_fault(aware, reported):
        return f"reported_{stages[0]}_{why}" if stages else "breach_handed_in" if facts else ""
    empty = [stage for stage in stages if breach.missing(copies.get(stage, {}), stage)]
    return f"reported_{empty[0]}_empty" if empty and not confirmed else ""


def _text(day: date | None) -> str:
    return format_day(day) if day else ""


def _kept_steps(state: CaseState) -> Fields:
    fields: Fields = {}
    for item in ITEMS:
        said = state.steps.get(item)
        fields[f"done_{item}"] = "1" if said and said.record["done"] else ""
        fields[f"why_{item}"] = said.record["not_needed"] if said else ""
    return fields


def _made(code: str, type_: str, **fields: Any) -> Record:
    try:
        return make(type_, **fields)
    except BadRecord as bad:
        raise BadRecord(f"{code}_{bad.code}") from None


def _leak(fields: Fields, new: frozenset[str], today: date) -> list[Record]:
    made = [_breach(fields, today)] if new & set(BREACH) else []
    for stage in STAGES:
        if new & set(COPIES[stage]):
            items = {name: text for name in breach.ITEM_IDS if (text := fields[f"{stage}_{name}"])}
            made.append(_made(f"form_{stage}", "breach_form", stage=stage, items=items))
        if f"{stage}_day" in new:
            record = _made(f"reported_{stage}", "breach_reported", stage=stage, day=fields[f"{stage}_day"])
            if record["day"] > format_day(today):
                raise BadRecord(f"reported_{stage}_future")
            made.append(record)
    return made + _milestones(OF_LEAK, fields, new, today)


def _breach(fields: Fields, today: date) -> Record:
    triggers = {name: fields[f"trigger_{name}"] for name in breach.TRIGGER_IDS}
    try:
        persons = person_count.read(fields["persons"])
    except ValueError:
        raise BadRecord("breach_persons") from None
    made = _made(
        "breach",
        "breach",
        aware=fields["aware"],
        triggers=triggers,
        persons=persons,
        entrusted=fields["entrusted"],
    )
    if made["aware"] > format_day(today):
        raise BadRecord("breach_future")
    if persons is not None and breach.contradicts(triggers, persons):
        raise BadRecord("breach_many")
    return made


def _plans(fields: Fields, new: frozenset[str], today: date) -> list[Record]:
    return _milestones([what for what in MILESTONES if what not in OF_LEAK], fields, new, today)


def _milestones(names: Iterable[str], fields: Fields, new: frozenset[str], today: date) -> list[Record]:
    made = []
    for what in names:
        if not new & set(PLANS[what]):
            continue
        plan, day, how = (fields[name] for name in PLANS[what])
        record = _made(f"milestone_{what}", "milestone", what=what, plan=plan, day=day, how=how)
        if record["day"] > format_day(today):
            raise BadRecord(f"milestone_{what}_future")
        made.append(record)
    return made


def _playbook(fields: Fields, new: frozenset[str], today: date) -> list[Record]:
    made = []
    for item in ITEMS:
        names = f"done_{item}", f"why_{item}"
        if not new & set(names):
            continue
        done, why = fields[names[0]] == "1", fields[names[1]]
        if done and why:
            raise BadRecord(f"playbook_{item}")
        made.append(
            _made(f"playbook_{item}", "step", item=item, done=done, day=format_day(today), not_needed=why)
        )
    return made


_READERS: Final[Mapping[str, Callable[[Fields, frozenset[str], date], list[Record]]]] = {
    "leak": _leak,
    "plans": _plans,
    "playbook": _playbook,
}
