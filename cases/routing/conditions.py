"""The conditions of the Act for one case, each met, not met or unknown.

An answer that was skipped makes a condition "unknown", never "met"; and so does an answer that a court would
have to weigh. Each condition stands on the rule in force on the day (cases.law).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from cases import law
from cases.breach import TRIGGER_IDS
from cases.routing.answers import NOT_COVERED, RoutingError
from cases.routing.model import Case, Condition, Protection, Status


def inside(case: Case) -> tuple[Condition, ...]:
    """1号: belief is enough, where the company has designated this line; otherwise the line is outside (3号)."""
    if not case.designated:
        return (
            _condition(case, "designated", "not_met", "designated", "line"),
            *others(case, recipient_is_chosen=False),
        )
    return (*_common(case), _condition(case, "designated", "met", "designated"), _belief(case))


def authority(case: Case) -> tuple[Condition, ...]:
    """2号: reasonable grounds, or a document with name, address and concrete reasons (not for officers: the
    checked facts don't show it for them)."""
    if case.officer:
        return (*_common(case), _grounds(case, "authority_grounds"), *_effort(case))
    return (*_common(case), _grounds(case, "authority_grounds", "ground"), _document(case))


def others(case: Case, recipient_is_chosen: bool = True) -> tuple[Condition, ...]:
    """3号: reasonable grounds, a fitting recipient and one of six gateways (イ–ヘ)."""
    return (
        *_common(case),
        _grounds(case, "others_grounds"),
        _recipient(case, recipient_is_chosen),
        *_effort(case),
        *_gateways(case),
    )


def who(case: Case) -> Condition:
    """Return whether the Act in force on the day covers the person (Art. 2(1))."""
    said = case.answers.who_am_i
    if not case.freelancer:
        # Of civil servants Art. 9 sends to other laws.
        status: Status = "unknown" if said in (None, "civil_servant") else "met"
        return _condition(case, "who", "not_met" if said in NOT_COVERED else status, "who")
    if law.rule_on("freelance", case.day) is None:
        # The representative of a one-person supplier may be covered as an officer of it.
        return _condition(case, "who", "unknown" if said == "one_person_company" else "not_met", "who")
    # Told before the change, still going on after it: the transitional rules could not be checked.
    return _condition(case, "who", "unknown" if case.spans_change else "met", "freelance")


def protection(conditions: Sequence[Condition]) -> Protection:
    """Return whether all needed conditions, and one of each group, are met (three-valued)."""
    groups: dict[str, list[Condition]] = {}
    for at, condition in enumerate(conditions):
        groups.setdefault(condition.group or f"#{at}", []).append(condition)
    results = {name: _group(members) for name, members in groups.items()}
    for answer, status in (("no", "not_met"), ("unknown", "unknown")):
        if status in results.values():
            missing = tuple(
                member.id
                for name, members in groups.items()
                if results[name] == status
                for member in members
                if member.status == status
            )
            return Protection("no" if answer == "no" else "unknown", missing)
    provided = tuple(
        member.id
        for members in groups.values()
        if not any(member.status == "met" and not member.in_your_hand for member in members)
        for member in members
        if member.in_your_hand and not (member.status == "met" and len(members) == 1)
    )
    return Protection("yes", provided=provided)


def _group(members: Sequence[Condition]) -> Status:
    """A condition that stands alone and in one's own hand stays open without standing in the way."""
    if any(member.status == "met" for member in members):
        return "met"
    if any(member.status == "unknown" for member in members):
        return "met" if len(members) == 1 and members[0].in_your_hand else "unknown"
    return "not_met"


def twenty_days(case: Case) -> Status:
    """Return the status of gateway ホ: a written report inside, 20 days passed, no notice; or no investigation
    without just cause, also after a notice.

    What this line takes is in writing, and "inside" where it is designated. A written report to a superior can
    be one inside: whether this one was is open.
    """
    said = case.answers
    by_line = case.designated and case.told_line
    by_superior = said.told_company is None or case.told_superior
    if not by_line and not (by_superior and said.told_in_writing is not False):
        return "not_met"
    if said.notice_of_investigation or case.days_passed is None:
        return "unknown"
    if not case.days_passed:
        return "not_met"
    return "met" if by_line and said.notice_of_investigation is False else "unknown"


def _condition(
    case: Case, name: str, status: Status, key: str, group: str = "", in_your_hand: bool = False
) -> Condition:
    rule = law.rule_on(key, case.day)
    if rule is None:
        raise RoutingError("a condition has no rule on that day")
    return Condition(name, status, rule.id, rule.article, group, in_your_hand, rule.reading)


def _common(case: Case) -> tuple[Condition, ...]:
    """What every report needs (Art. 2(1))."""
    return (who(case), _purpose(case), _reportable(case))


def _purpose(case: Case) -> Condition:
    skipped = case.answers.purpose is None
    status: Status = "not_met" if case.wrongful else "unknown" if skipped else "met"
    return _condition(case, "purpose", status, "purpose", in_your_hand=True)


def _reportable(case: Case) -> Condition:
    """The checked facts carry this for a leak that had to be reported, and for no other."""
    if case.answers.about != "concealed_leak" or law.rule_on("concealment", case.day) is None:
        return _condition(case, "reportable", "unknown", "reportable")
    due = not case.answers.triggers.isdisjoint(TRIGGER_IDS)
    return _condition(case, "reportable", "met" if due else "unknown", "concealment")


def _grounds(case: Case, key: str, group: str = "") -> Condition:
    """What carries reasonable grounds is for a court to weigh: documents, one's own eyes and what a person
    concerned said may. Nothing does not. For officers the rule is another article's."""
    status: Status = "not_met" if case.answers.to_show == "nothing" else "unknown"
    condition = _condition(case, "grounds", status, "officers_effort" if case.officer else key, group)
    return replace(condition, reading=True)


_REASONS: Final[Mapping[str | None, Status]] = MappingProxyType({"documents": "met", "own_eyes": "met"})


def _document(case: Case) -> Condition:
    """A name alone buys nothing: the reasons in the document have to be objective and concrete."""
    named = case.answers.give_name
    open_or_met = _REASONS.get(case.answers.to_show, "unknown") if named else "unknown"
    status: Status = "not_met" if named is False else open_or_met
    undecided = named is None or status == "met"
    return _condition(case, "document", status, "authority_document", "ground", in_your_hand=undecided)


def _belief(case: Case) -> Condition:
    if not case.officer:
        return _condition(case, "belief", "met", "inside_belief")
    # The checked facts name what officers need outside; that inside belief is enough is our reading.
    return replace(_condition(case, "belief", "met", "officers_effort"), reading=True)


def _recipient(case: Case, is_chosen: bool) -> Condition:
    """Whom one tells is in one's own hand, but for this line: there it is for a court to say."""
    key = "officers_effort" if case.officer else "others_recipient"
    condition = _condition(case, "recipient", "unknown", key, in_your_hand=is_chosen)
    return replace(condition, reading=case.officer)


def _effort(case: Case) -> tuple[Condition, ...]:
    """Officers must have tried inside first, imminent danger apart. Having told somebody is not yet that, and
    danger now is not yet what Art. 6 asks (reasonable grounds; property too)."""
    if not case.officer:
        return ()
    tried: Status = "not_met" if case.answers.told_company == "no" else "unknown"
    return (
        _condition(case, "effort", tried, "officers_effort", "effort"),
        _condition(case, "danger", "unknown", "officers_effort", "effort"),
    )


def _gateways(case: Case) -> tuple[Condition, ...]:
    """A fear is not yet a reason to believe, and one that is not ticked may have been skipped: both are open.

    Danger (ヘ) is open whatever was answered: it asks for reasonable grounds, and takes in harm that was done
    and harm to property.
    """
    said = case.answers.asked_to_keep_silent
    silenced: Status = "unknown" if said is None else "met" if said else "not_met"
    gateways: list[tuple[str, Status]] = [
        ("gateway_retaliation", "unknown"),
        ("gateway_evidence", "unknown"),
        ("gateway_name", "unknown"),
        ("gateway_silence", silenced),
        ("gateway_days", twenty_days(case)),
        ("gateway_danger", "unknown"),
    ]
    if not case.officer:
        return tuple(_condition(case, name, status, name, "gateway") for name, status in gateways)
    lacking = ("gateway_name", "gateway_days")
    return tuple(
        _condition(case, name, "not_met" if name in lacking else status, "officers_gateways", "gateway")
        for name, status in gateways
    )
