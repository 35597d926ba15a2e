"""The channels for one enquiry, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from cases import law
from cases.routing import conditions
from cases.routing.answers import NOT_COVERED
from cases.routing.effects import PENALISED
from cases.routing.model import AGENCY, COMMISSION, EMERGENCY, Answer, Channel, Condition, Enquiry

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
"""The kinds of channels: what Channel.kind may be."""

_BY_PROTECTION: Final = ("yes", "unknown", "no")


def channels(enquiry: Enquiry) -> tuple[Channel, ...]:
    """Return the channels, the first one first."""
    known = {channel.kind: channel for channel in _channels(enquiry)}
    return tuple(known[kind] for kind in _order(enquiry, known) if kind in known)


def _channels(enquiry: Enquiry) -> Iterable[Channel]:
    yield from _help_channels(enquiry)
    spans = ("transition",) if enquiry.may_span_change else ()
    for channel in (_inside(enquiry), _authority(enquiry), _others(enquiry)):
        yield replace(channel, notes=(*channel.notes, *_notes(enquiry), *spans))


def _inside(enquiry: Enquiry) -> Channel:
    checked = conditions.inside(enquiry)
    open_state = "not_covered" if enquiry.answers.who_am_i in NOT_COVERED else "designated"
    state = "not_designated" if not enquiry.designated else "again" if enquiry.told_line else open_state
    # Not designated: the condition of 1号 is named, and the Act's protection follows 3号 alone.
    counted = checked if enquiry.designated else checked[1:]
    return Channel(
        kind="inside",
        contact_ids=(),
        category="inside" if enquiry.designated else "others",
        why=f"why_inside_{state}",
        say="say_inside",
        does_not="not_inside",
        anonymous="anon_inside",
        conditions=checked,
        protection=conditions.protection(counted),
        notes=("note_superior_inside",) if enquiry.told_superior and _counts_days(enquiry) else (),
    )


def _authority(enquiry: Enquiry) -> Channel:
    about = enquiry.answers.about
    commission = about in (None, "concealed_leak")
    information = "_information" if enquiry.answers.who_am_i in NOT_COVERED else ""
    checked = conditions.authority(enquiry)
    why = "commission" if commission else "crime" if about == "crime" else "unnamed"
    contact_ids: tuple[str, ...] = ()
    if commission:
        contact_ids = enquiry.of(COMMISSION, "ppc_delegation_list")
    elif about == "crime":
        contact_ids = _police(enquiry)
    return Channel(
        kind="authority",
        contact_ids=contact_ids,
        category="authority",
        why=f"why_authority_{why}",
        say="say_authority_officer" if enquiry.officer else f"say_authority{information}",
        does_not="not_authority",
        anonymous=f"anon_authority{information}",
        conditions=checked,
        protection=conditions.protection(checked),
        notes=tuple(_authority_notes(enquiry, checked)),
    )


def _authority_notes(enquiry: Enquiry, checked: Iterable[Condition]) -> Iterable[str]:
    if enquiry.answers.who_am_i in NOT_COVERED:
        return  # no reasons and no name make a report of theirs a protected one
    status = {condition.id: condition.status for condition in checked}
    yield "note_director_first" if enquiry.officer else "note_no_waiting"
    if status.get("document") != "met" and status["grounds"] == "unknown":
        yield "note_grounds"
    if status.get("document") == "unknown":
        yield "note_document_reasons"
    offence = enquiry.answers.about == "retaliation" and enquiry.answers.who_am_i in PENALISED
    # As the penalty itself: for a report made before the change it is not known.
    if offence and not enquiry.spans_change and law.rule_on("retaliation_reportable", enquiry.day):
        yield "note_retaliation_reportable"


def _others(enquiry: Enquiry) -> Channel:
    checked = conditions.others(enquiry)
    return Channel(
        kind="others",
        contact_ids=(),
        category="others",
        why="why_others",
        say="say_others",
        does_not="not_others",
        anonymous="anon_others",
        conditions=checked,
        protection=conditions.protection(checked),
        notes=tuple(_others_notes(enquiry)),
    )


def _others_notes(enquiry: Enquiry) -> Iterable[str]:
    if _counts_days(enquiry):
        yield "note_20_days_reading"
        if enquiry.answers.notice_of_investigation:
            yield "note_second_limb"
        if enquiry.told_superior and enquiry.answers.told_in_writing is not False:
            yield "note_superior_inside"
    yield "note_danger"


def _counts_days(enquiry: Enquiry) -> bool:
    """Whether the 20 days (ホ) can matter to this person."""
    return not enquiry.officer and enquiry.answers.who_am_i not in NOT_COVERED


def _notes(enquiry: Enquiry) -> Iterable[str]:
    """What each channel of the Act says to one whom it does not cover, or not for certain."""
    who = enquiry.answers.who_am_i
    if enquiry.freelancer and law.rule_on("freelance", enquiry.day) is None:
        yield "limit_one_person" if who == "one_person_company" else "limit_freelancer"
    if who in NOT_COVERED:
        yield "note_can_inform"


_AT_WORK: Final = ("retaliation", "harassment")
"""Subjects for which the labour desks are there."""


def _help_channels(enquiry: Enquiry) -> Iterable[Channel]:
    said = enquiry.answers
    if said.in_danger:
        yield _help("emergency", enquiry.of(EMERGENCY))
    if said.in_danger or said.about == "crime":
        yield _help("police", _police(enquiry))
    agency = _help("agency", enquiry.of(AGENCY))
    # A customer has no report about a workplace of theirs to make.
    yield replace(agency, say="say_agency_customer") if said.who_am_i == "customer" else agency
    if said.about in (None, "concealed_leak") and said.who_am_i in (None, *NOT_COVERED):
        yield _help("data_advice", enquiry.of("ppc_appi_dial"))
    lawyer = _help("lawyer", enquiry.of(kinds=("lawyer", "legal_aid")) + enquiry.of("houterasu_multilingual"))
    yield replace(lawyer, say="say_lawyer_named") if said.who_am_i == "named" else lawyer
    if enquiry.own():
        yield _help("own", enquiry.own())
    if not (said.about in _AT_WORK or "retaliation" in said.fears):
        return
    if enquiry.freelancer:
        yield _help("freelance", enquiry.of(kinds=("freelance",)))
    elif not enquiry.officer and said.who_am_i not in ("customer", "civil_servant"):
        labour = _help("labour", enquiry.of(kinds=("labour",)) + enquiry.of("human_rights_foreign"))
        yield replace(labour, say="say_labour_harassment") if said.about == "harassment" else labour


def _police(enquiry: Enquiry) -> tuple[str, ...]:
    return enquiry.of("police_9110", *(("npa_cyber",) if enquiry.answers.about == "crime" else ()))


def _help(kind: str, contact_ids: tuple[str, ...]) -> Channel:
    return Channel(
        kind=kind,
        contact_ids=contact_ids,
        category="",
        why=f"why_{kind}",
        say=f"say_{kind}",
        does_not=f"not_{kind}",
        anonymous=f"anon_{kind}",
        notes=() if kind == "emergency" else ("note_not_company_phone",),
    )


def _order(enquiry: Enquiry, known: Mapping[str, Channel]) -> Iterable[str]:
    """Return the kinds of channels in order: danger; a crime's police; the channels that protect on these answers;
    the agency that advises; the rest; the others outside last."""
    first = ["emergency", "police"]
    middle = ["data_advice", "labour", "freelance", "lawyer", "own"]
    reports = _reports(enquiry, known)
    if enquiry.answers.about == "harassment":
        # A person harmed at work is helped there first; a report may follow.
        return [*first, "labour", "freelance", "agency", "data_advice", "lawyer", "own", *reports, "others"]
    if enquiry.answers.about == "retaliation":
        return [*first, "agency", *middle, *reports, "others"]
    leads = [kind for kind in reports if _leads(enquiry, known[kind])]
    rest = [kind for kind in reports if kind not in leads]
    return [*first, *leads, "agency", *rest, *middle, "others"]


def _reports(enquiry: Enquiry, known: Mapping[str, Channel]) -> list[str]:
    """Whom to tell first: by protection; where the answers speak against going inside, the authority as long as
    it is not ruled out (officers have to try inside first)."""
    outside_first = enquiry.inside_is_doubtful or not enquiry.designated
    reports = ["authority", "inside"] if outside_first else ["inside", "authority"]
    if enquiry.inside_is_doubtful and not enquiry.officer:
        return sorted(reports, key=lambda kind: _answer(known[kind]) == "no")
    return sorted(reports, key=lambda kind: _BY_PROTECTION.index(_answer(known[kind])))


def _answer(channel: Channel) -> Answer:
    return "unknown" if channel.protection is None else channel.protection.answer


def _leads(enquiry: Enquiry, channel: Channel) -> bool:
    return _answer(channel) == "yes" and not (channel.kind == "inside" and enquiry.inside_is_doubtful)
