"""The doors for one case, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from cases import law
from cases.routing import conditions
from cases.routing.answers import NOT_COVERED
from cases.routing.effects import PENALISED
from cases.routing.model import AGENCY, COMMISSION, EMERGENCY, Answer, Case, Condition, Door

KINDS: Final = (
    "emergency",
    "police",
    "agency",
    "data_advice",
    "labour",
    "freelance",
    "lawyer",
    "own",
    "inside",
    "authority",
    "others",
)
"""The kinds of doors: what Door.kind may be."""

_BY_PROTECTION: Final = ("yes", "unknown", "no")


def doors(case: Case) -> tuple[Door, ...]:
    """Return the doors, the first one first."""
    known = {door.kind: door for door in _doors(case)}
    return tuple(known[kind] for kind in _order(case, known) if kind in known)


def _doors(case: Case) -> Iterable[Door]:
    yield from _help_doors(case)
    spans = ("transition",) if case.may_span_change else ()
    for door in (_inside(case), _authority(case), _others(case)):
        yield replace(door, notes=(*door.notes, *_notes(case), *spans))


def _inside(case: Case) -> Door:
    checked = conditions.inside(case)
    open_state = "not_covered" if case.answers.who_am_i in NOT_COVERED else "designated"
    state = "not_designated" if not case.designated else "again" if case.told_line else open_state
    # Not designated: the condition of 1号 is named, and the Act's protection follows 3号 alone.
    counted = checked if case.designated else checked[1:]
    return Door(
        kind="inside",
        contact_ids=(),
        category="inside" if case.designated else "others",
        why=f"why_inside_{state}",
        say="say_inside",
        does_not="not_inside",
        anonymous="anon_inside",
        conditions=checked,
        protection=conditions.protection(counted),
        notes=("note_superior_inside",) if case.told_superior and _counts_days(case) else (),
    )


def _authority(case: Case) -> Door:
    about = case.answers.about
    commission = about in (None, "concealed_leak")
    information = "_information" if case.answers.who_am_i in NOT_COVERED else ""
    checked = conditions.authority(case)
    why = "commission" if commission else "crime" if about == "crime" else "unnamed"
    contact_ids: tuple[str, ...] = ()
    if commission:
        contact_ids = case.of(COMMISSION, "ppc_delegation_list")
    elif about == "crime":
        contact_ids = _police(case)
    return Door(
        kind="authority",
        contact_ids=contact_ids,
        category="authority",
        why=f"why_authority_{why}",
        say="say_authority_officer" if case.officer else f"say_authority{information}",
        does_not="not_authority",
        anonymous=f"anon_authority{information}",
        conditions=checked,
        protection=conditions.protection(checked),
        notes=tuple(_authority_notes(case, checked)),
    )


def _authority_notes(case: Case, checked: Iterable[Condition]) -> Iterable[str]:
    if case.answers.who_am_i in NOT_COVERED:
        return  # no reasons and no name make a report of theirs a protected one
    status = {condition.id: condition.status for condition in checked}
    yield "note_director_first" if case.officer else "note_no_waiting"
    if status.get("document") != "met" and status["grounds"] == "unknown":
        yield "note_grounds"
    if status.get("document") == "unknown":
        yield "note_document_reasons"
    offence = case.answers.about == "retaliation" and case.answers.who_am_i in PENALISED
    # As the penalty itself: for a report made before the change it is not known.
    if offence and not case.spans_change and law.rule_on("retaliation_reportable", case.day):
        yield "note_retaliation_reportable"


def _others(case: Case) -> Door:
    checked = conditions.others(case)
    return Door(
        kind="others",
        contact_ids=(),
        category="others",
        why="why_others",
        say="say_others",
        does_not="not_others",
        anonymous="anon_others",
        conditions=checked,
        protection=conditions.protection(checked),
        notes=tuple(_others_notes(case)),
    )


def _others_notes(case: Case) -> Iterable[str]:
    if _counts_days(case):
        yield "note_20_days_reading"
        if case.answers.notice_of_investigation:
            yield "note_second_limb"
        if case.told_superior and case.answers.told_in_writing is not False:
            yield "note_superior_inside"
    yield "note_danger"


def _counts_days(case: Case) -> bool:
    """Whether the 20 days (ホ) can matter to this person."""
    return not case.officer and case.answers.who_am_i not in NOT_COVERED


def _notes(case: Case) -> Iterable[str]:
    """What each door of the Act says to one whom it does not cover, or not for certain."""
    who = case.answers.who_am_i
    if case.freelancer and law.rule_on("freelance", case.day) is None:
        yield "limit_one_person" if who == "one_person_company" else "limit_freelancer"
    if who in NOT_COVERED:
        yield "note_can_inform"


def _help_doors(case: Case) -> Iterable[Door]:
    said = case.answers
    if said.in_danger:
        yield _help("emergency", case.of(EMERGENCY))
    if said.in_danger or said.about == "crime":
        yield _help("police", _police(case))
    agency = _help("agency", case.of(AGENCY))
    # A customer has no report about a workplace of theirs to make.
    yield replace(agency, say="say_agency_customer") if said.who_am_i == "customer" else agency
    if said.about in (None, "concealed_leak") and said.who_am_i in (None, *NOT_COVERED):
        yield _help("data_advice", case.of("ppc_appi_dial"))
    lawyer = _help("lawyer", case.of(kinds=("lawyer", "legal_aid")) + case.of("houterasu_multilingual"))
    yield replace(lawyer, say="say_lawyer_named") if said.who_am_i == "named" else lawyer
    if case.own():
        yield _help("own", case.own())
    if not (said.about == "retaliation" or "retaliation" in said.fears):
        return
    if case.freelancer:
        yield _help("freelance", case.of(kinds=("freelance",)))
    elif not case.officer and said.who_am_i not in ("customer", "civil_servant"):
        yield _help("labour", case.of(kinds=("labour",)) + case.of("human_rights_foreign"))


def _police(case: Case) -> tuple[str, ...]:
    return case.of("police_9110", *(("npa_cyber",) if case.answers.about == "crime" else ()))


def _help(kind: str, contact_ids: tuple[str, ...]) -> Door:
    return Door(
        kind=kind,
        contact_ids=contact_ids,
        category="",
        why=f"why_{kind}",
        say=f"say_{kind}",
        does_not=f"not_{kind}",
        anonymous=f"anon_{kind}",
        notes=() if kind == "emergency" else ("note_not_company_phone",),
    )


def _order(case: Case, known: Mapping[str, Door]) -> Iterable[str]:
    """Return the kinds of doors in order: danger; a crime's police; the doors that protect on these answers;
    the agency that advises; the rest; the others outside last."""
    first = ["emergency", "police"]
    middle = ["data_advice", "labour", "freelance", "lawyer", "own"]
    reports = _reports(case, known)
    if case.answers.about == "retaliation":
        return [*first, "agency", *middle, *reports, "others"]
    leads = [kind for kind in reports if _leads(case, known[kind])]
    rest = [kind for kind in reports if kind not in leads]
    return [*first, *leads, "agency", *rest, *middle, "others"]


def _reports(case: Case, known: Mapping[str, Door]) -> list[str]:
    """Whom to tell first: by protection; where the answers speak against going inside, the authority as long as
    it is not ruled out (officers have to try inside first)."""
    outside_first = case.inside_is_doubtful or not case.designated
    reports = ["authority", "inside"] if outside_first else ["inside", "authority"]
    if case.inside_is_doubtful and not case.officer:
        return sorted(reports, key=lambda kind: _answer(known[kind]) == "no")
    return sorted(reports, key=lambda kind: _BY_PROTECTION.index(_answer(known[kind])))


def _answer(door: Door) -> Answer:
    return "unknown" if door.protection is None else door.protection.answer


def _leads(case: Case, door: Door) -> bool:
    return _answer(door) == "yes" and not (door.kind == "inside" and case.inside_is_doubtful)
