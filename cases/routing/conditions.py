"""The conditions of the Act for one enquiry, each met, not met or unknown.

An answer that was skipped makes a condition "unknown", never "met"; and so does an answer that a court would
have to weigh. Each condition is on the rule in force on the day (cases.law).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from cases import law
from cases.breach import TRIGGER_IDS
from cases.routing.answers import NOT_COVERED, RoutingError
from cases.routing.model import Condition, Enquiry, Protection, Status


def inside(enquiry: Enquiry) -> tuple[Condition, ...]:
    """1号: belief is enough, where the company has designated this line; otherwise the line is outside (3号)."""
    if not enquiry.designated:
        return (
            _condition(enquiry, "designated", "not_met", "designated", "line"),
            *others(enquiry, recipient_is_chosen=False),
        )
    return (*_common(enquiry), _condition(enquiry, "designated", "met", "designated"), _belief(enquiry))


def authority(enquiry: Enquiry) -> tuple[Condition, ...]:
    """2号: reasonable grounds, or a document with name, address and concrete reasons (not for officers: the
    checked facts don't show it for them)."""
    if enquiry.officer:
        return (*_common(enquiry), _grounds(enquiry, "authority_grounds"), *_effort(enquiry))
    return (*_common(enquiry), _grounds(enquiry, "authority_grounds", "ground"), _document(enquiry))


def others(enquiry: Enquiry, recipient_is_chosen: bool = True) -> tuple[Condition, ...]:
    """3号: reasonable grounds, a fitting recipient and one of six gateways (イ–ヘ)."""
    return (
        *_common(enquiry),
        _grounds(enquiry, "others_grounds"),
        _recipient(enquiry, recipient_is_chosen),
        *_effort(enquiry),
        *_gateways(enquiry),
    )


def who(enquiry: Enquiry) -> Condition:
    """Return whether the Act in force on the day covers the person (Art. 2(1))."""
    said = enquiry.answers.who_am_i
    if not enquiry.freelancer:
        # Of civil servants Art. 9 sends to other laws.
        status: Status = "unknown" if said in (None, "civil_servant") else "met"
        return _condition(enquiry, "who", "not_met" if said in NOT_COVERED else status, "who")
    if law.rule_on("freelance", enquiry.day) is None:
        # The representative of a one-person supplier may be covered as an officer of it.
        return _condition(enquiry, "who", "unknown" if said == "one_person_company" else "not_met", "who")
    # Told before the change, still going on after it: the transitional rules could not be checked.
    return _condition(enquiry, "who", "unknown" if enquiry.spans_change else "met", "freelance")


def protection(conditions: Sequence[Condition]) -> Protection:
    """Return whether all needed conditions, and one of each group, are met (three-valued)."""
    groups: dict[str, list[Condition]] = {}
    for at, condition in enumerate(conditions):
        groups.setdefault(condition.group or f"#{at}", []).append(condition)
    if missing := _missing(groups.values(), "not_met"):
        return Protection("no", missing)
    if missing := _missing(groups.values(), "unknown"):
        return Protection("unknown", missing)
    return Protection("yes", provided=tuple(id_ for members in groups.values() for id_ in _provided(members)))


def _missing(groups: Iterable[Sequence[Condition]], status: Status) -> tuple[str, ...]:
    """Return the ids of the conditions with this status in groups that have it."""
    lacking = (members for members in groups if _group(members) == status)
    return tuple(member.id for members in lacking for member in members if member.status == status)


def _provided(members: Sequence[Condition]) -> Iterable[str]:
    """Return the ids of what a person has to do so that a group is met: nothing where another of it is met already."""
    if any(member.status == "met" and not member.in_your_hand for member in members):
        return ()
    alone = len(members) == 1
    return [member.id for member in members if member.in_your_hand and not (alone and member.status == "met")]


def _group(members: Sequence[Condition]) -> Status:
    """Return the status of a group; a single open condition that is in the reporter's own hand counts as met."""
    if any(member.status == "met" for member in members):
        return "met"
    if any(member.status == "unknown" for member in members):
        return "met" if len(members) == 1 and members[0].in_your_hand else "unknown"
    return "not_met"


def twenty_days(enquiry: Enquiry) -> Status:
    """Return the status of gateway ホ: a written report inside, 20 days passed, no notice; or no investigation
    without just cause, also after a notice.

    What this line takes is in writing, and "inside" where it is designated. A written report to a superior can
    be one inside: whether this one was is open.
    """
    said = enquiry.answers
    by_line = enquiry.designated and enquiry.told_line
    by_superior = said.told_company is None or enquiry.told_superior
    if not by_line and not (by_superior and said.told_in_writing is not False):
        return "not_met"
    if said.notice_of_investigation or enquiry.days_passed is None:
        return "unknown"
    if not enquiry.days_passed:
        return "not_met"
    return "met" if by_line and said.notice_of_investigation is False else "unknown"


def _condition(
    enquiry: Enquiry, name: str, status: Status, key: str, group: str = "", in_your_hand: bool = False
) -> Condition:
    rule = law.rule_on(key, enquiry.day)
    if rule is None:
        raise RoutingError("a condition has no rule on that day")
    return Condition(name, status, rule.id, rule.article, group, in_your_hand, rule.reading)


def _common(enquiry: Enquiry) -> tuple[Condition, ...]:
    """What every report needs (Art. 2(1))."""
    return (who(enquiry), _purpose(enquiry), _reportable(enquiry))


def _purpose(enquiry: Enquiry) -> Condition:
    skipped = enquiry.answers.purpose is None
    status: Status = "not_met" if enquiry.wrongful else "unknown" if skipped else "met"
    return _condition(enquiry, "purpose", status, "purpose", in_your_hand=True)


def _reportable(enquiry: Enquiry) -> Condition:
    """The checked facts carry this for a leak that had to be reported, and for no other."""
    if enquiry.answers.about != "concealed_leak" or law.rule_on("concealment", enquiry.day) is None:
        return _condition(enquiry, "reportable", "unknown", "reportable")
    due = not enquiry.answers.triggers.isdisjoint(TRIGGER_IDS)
    return _condition(enquiry, "reportable", "met" if due else "unknown", "concealment")


def _grounds(enquiry: Enquiry, key: str, group: str = "") -> Condition:
    """What carries reasonable grounds is for a court to weigh: documents, one's own eyes and what a person
    concerned said may. Nothing does not. For officers the rule is another article's."""
    status: Status = "not_met" if enquiry.answers.to_show == "nothing" else "unknown"
    condition = _condition(enquiry, "grounds", status, "officers_effort" if enquiry.officer else key, group)
    return replace(condition, reading=True)


_REASONS: Final[Mapping[str | None, Status]] = MappingProxyType({"documents": "met", "own_eyes": "met"})


def _document(enquiry: Enquiry) -> Condition:
    """A name alone buys nothing: the reasons in the document have to be objective and concrete."""
    named = enquiry.answers.give_name
    open_or_met = _REASONS.get(enquiry.answers.to_show, "unknown") if named else "unknown"
    status: Status = "not_met" if named is False else open_or_met
    undecided = named is None or status == "met"
    return _condition(enquiry, "document", status, "authority_document", "ground", in_your_hand=undecided)


def _belief(enquiry: Enquiry) -> Condition:
    if not enquiry.officer:
        return _condition(enquiry, "belief", "met", "inside_belief")
    # The checked facts name what officers need outside; that inside belief is enough is our reading.
    return replace(_condition(enquiry, "belief", "met", "officers_effort"), reading=True)


def _recipient(enquiry: Enquiry, is_chosen: bool) -> Condition:
    """Whom one tells is in one's own hand, but for this line: there it is for a court to say."""
    key = "officers_effort" if enquiry.officer else "others_recipient"
    condition = _condition(enquiry, "recipient", "unknown", key, in_your_hand=is_chosen)
    return replace(condition, reading=enquiry.officer)


def _effort(enquiry: Enquiry) -> tuple[Condition, ...]:
    """Officers must have tried inside first, imminent danger apart. Having told somebody is not yet that, and
    danger now is not yet what Art. 6 asks (reasonable grounds; property too)."""
    if not enquiry.officer:
        return ()
    tried: Status = "not_met" if enquiry.answers.told_company == "no" else "unknown"
    return (
        _condition(enquiry, "effort", tried, "officers_effort", "effort"),
        _condition(enquiry, "danger", "unknown", "officers_effort", "effort"),
    )


def _gateways(enquiry: Enquiry) -> tuple[Condition, ...]:
    """A fear is not yet a reason to believe, and one that is not ticked may have been skipped: both are open.

    Danger (ヘ) is open whatever was answered: it asks for reasonable grounds, and takes in harm that was done
    and harm to property.
    """
    said = enquiry.answers.asked_to_keep_silent
    silenced: Status = "unknown" if said is None else "met" if said else "not_met"
    gateways: list[tuple[str, Status]] = [
        ("gateway_retaliation", "unknown"),
        ("gateway_evidence", "unknown"),
        ("gateway_name", "unknown"),
        ("gateway_silence", silenced),
        ("gateway_days", twenty_days(enquiry)),
        ("gateway_danger", "unknown"),
    ]
    if not enquiry.officer:
        return tuple(_condition(enquiry, name, status, name, "gateway") for name, status in gateways)
    lacking = ("gateway_name", "gateway_days")
    return tuple(
        _condition(enquiry, name, "not_met" if name in lacking else status, "officers_gateways", "gateway")
        for name, status in gateways
    )
