"""Effects of the Act for one person on one day, and the limits of its protection.

Each persona has effects of its own; nobody is shown one that the answers don't carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cases import law
from cases.law import Rule
from cases.routing import conditions
from cases.routing.answers import NOT_COVERED, OFFICERS
from cases.routing.model import SOON, Channel, Enquiry

_SHARED: Final = ("protection", "no_damages", "confidentiality", "obstruction", "search", "system_duty")
_OF_REPORT: Final = ("presumption", "criminal")
"""Effects that hang on the day of the report, of workers' dismissal and discipline only."""

PENALISED: Final = frozenset({"worker", "supplier_worker"})
"""Whose dismissal or discipline because of a report is an offence under the amended Act."""

_OWN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "worker": ("void_dismissal", *_OF_REPORT),
        "temp_worker": ("void_dismissal", "temp_contract"),
        "supplier_worker": ("supplier_scope", "void_dismissal", *_OF_REPORT),
        "former": ("former_year",),
        "director": ("director_removal",),
        "supplier_officer": ("supplier_scope", "director_removal"),
        "freelancer": ("freelance_contract",),
        "one_person_company": ("freelance_contract",),
    }
)
_ORDER: Final = (
    "supplier_scope",
    "former_year",
    "void_dismissal",
    "temp_contract",
    "director_removal",
    "freelance_contract",
    "protection",
    "no_damages",
    *_OF_REPORT,
    "confidentiality",
    "search",
    "obstruction",
    "system_duty",
    "civil_servants",
)
KEYS: Final = frozenset(_ORDER)
"""The keys of all rules (cases.law) that may be an effect."""

_NEW_FOR: Final[Mapping[str | None, str]] = MappingProxyType(
    {
        None: "ahead_unknown",
        "worker": "ahead_worker",
        "supplier_worker": "ahead_worker",
        "freelancer": "ahead_freelancer",
        "one_person_company": "ahead_freelancer",
    }
)


def effects(enquiry: Enquiry, channels: Sequence[Channel]) -> tuple[Rule, ...]:
    """Return the rules in force on the day that protect this person, if the conditions of a channel are met.

    None for a person whom the Act does not cover for certain, for a wrongful purpose, and where every channel is
    closed. For a report made before the Act's change, what hangs on the report's day is left out: which law
    applies to it could not be checked.
    """
    named = (law.rule_on(key, enquiry.day) for key in _carried(enquiry, channels))
    return tuple(rule for rule in named if rule is not None)


def begins(enquiry: Enquiry) -> tuple[Rule, ...]:
    """Return the rules that begin with the change ahead and concern this person: no effects of others.

    Where the person is not known, all: each says whom it concerns.
    """
    who = enquiry.answers.who_am_i
    mine = KEYS if who is None else _of(who)
    hidden = KEYS - mine | (frozenset() if "criminal" in mine else frozenset({"retaliation_reportable"}))
    return tuple(rule for rule in law.changes(enquiry.day, SOON) if rule.key not in hidden)


def _of(who: str) -> frozenset[str]:
    """Return the keys of the effects that a persona can have."""
    if who == "civil_servant":
        return frozenset({"civil_servants"})
    return frozenset() if who in NOT_COVERED else frozenset({*_SHARED, *_OWN[who]})


def _carried(enquiry: Enquiry, channels: Sequence[Channel]) -> Iterable[str]:
    closed = all(channel.protection is None or channel.protection.answer == "no" for channel in channels)
    who = enquiry.answers.who_am_i
    if who is None or enquiry.wrongful or closed:
        return ()
    if conditions.who(enquiry).status != "met" and who != "civil_servant":
        return ()
    left_out = _OF_REPORT if enquiry.spans_change else ()
    own = _of(who).difference(left_out)
    return tuple(key for key in _ORDER if key in own)


def limits(enquiry: Enquiry) -> tuple[str, ...]:
    """Return the ids of the texts that say where the law protects less than people think, for these answers."""
    return tuple(_limits(enquiry))


def _limits(enquiry: Enquiry) -> Iterable[str]:
    said = enquiry.answers
    yield "limit_not_advice"
    yield from _ahead(enquiry)
    yield "limit_purpose"
    if not enquiry.designated:
        yield "limit_not_designated"
    if said.who_am_i not in NOT_COVERED:
        yield "limit_proof"
    if said.give_name is not True:
        yield "limit_anonymous_authority"
    if said.to_show in (None, "hearsay", "nothing"):
        yield "limit_belief_only"
    if said.to_show in (None, "documents"):
        yield "limit_documents"
        yield "limit_others_data"
    yield from _of_persona(enquiry)
    if said.about in (None, "concealed_leak"):
        yield "limit_concealment"
    if said.who_am_i not in (*OFFICERS, *NOT_COVERED) and (enquiry.designated or _may_run(enquiry)):
        yield "limit_20_days"
    if enquiry.may_span_change:
        yield "transition"


def _may_run(enquiry: Enquiry) -> bool:
    """Whether the 20 days may run without this line: a superior was told, in writing for all that is known."""
    return enquiry.told_superior and enquiry.answers.told_in_writing is not False


def _of_persona(enquiry: Enquiry) -> Iterable[str]:
    who = enquiry.answers.who_am_i
    if who is None:
        yield "limit_who"
    if enquiry.officer:
        yield "limit_director"
    if enquiry.freelancer and law.rule_on("freelance", enquiry.day) is None:
        yield "limit_one_person" if who == "one_person_company" else "limit_freelancer"
    if who in ("civil_servant", *NOT_COVERED):
        yield f"limit_{who}"


def _ahead(enquiry: Enquiry) -> Iterable[str]:
    """What a report from the change on probably gains: for a reader who is in no hurry only."""
    said = enquiry.answers
    hurried = said.in_danger or "evidence" in said.fears or said.about == "retaliation"
    if not enquiry.change_is_ahead or hurried or enquiry.wrongful or said.who_am_i not in _NEW_FOR:
        return
    yield _NEW_FOR[said.who_am_i]
