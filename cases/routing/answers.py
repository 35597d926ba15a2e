"""The questions of the guide and what may answer them. No answer is kept; one that was skipped is None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from cases.breach import TRIGGER_IDS

WHO: Final = (
    "worker",
    "temp_worker",
    "supplier_worker",
    "former",  # one of the three above who left within a year
    "director",  # in office
    "supplier_officer",  # in office, and takes part in the work for the company
    "freelancer",  # without employees; or one whose work ended within a year
    "one_person_company",  # its representative: no other officer and no employee
    "civil_servant",
    "named",  # a person whom a report names
    "customer",  # or a family
    "other",
)
ABOUT: Final = ("concealed_leak", "retaliation", "harassment", "accounting", "crime", "something_else")
TRIGGERS: Final = (*TRIGGER_IDS, "none")
"""When a leak has to be reported to the Commission (cases.breach); "none": none of the four."""
TO_SHOW: Final = ("documents", "own_eyes", "hearsay", "nothing")
PURPOSE: Final = ("not_wrongful", "gain", "harm")
TOLD: Final = ("no", "superior", "this_line", "both")
FEARS: Final = ("retaliation", "evidence", "name")

FREELANCERS: Final = frozenset({"freelancer", "one_person_company"})
OFFICERS: Final = frozenset({"director", "supplier_officer"})
NOT_COVERED: Final = frozenset({"named", "customer", "other"})
"""Persons whom the Act covers on no day in the data."""

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"who_am_i": WHO, "about": ABOUT, "to_show": TO_SHOW, "purpose": PURPOSE, "told_company": TOLD}
)
_LISTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"triggers": TRIGGERS, "fears": FEARS})
_YES_NO: Final = (
    "give_name",
    "told_in_writing",
    "notice_of_investigation",
    "asked_to_keep_silent",
    "in_danger",
)


class RoutingError(ValueError):
    """Answers of no known form, a day before FIRST_DAY, or contacts that lack a needed channel."""


@dataclass(frozen=True)
class Answers:
    """A person's answers; None (triggers, fears: nothing in it): skipped. Raises RoutingError on unknown
    words.

    `told_day` is the day in Japan on which the company was told. The text of an error holds no answer.
    """

    who_am_i: str | None = None
    about: str | None = None
    triggers: frozenset[str] = field(default_factory=frozenset)
    to_show: str | None = None
    purpose: str | None = None
    give_name: bool | None = None
    told_company: str | None = None
    told_day: date | None = None
    told_in_writing: bool | None = None
    notice_of_investigation: bool | None = None
    fears: frozenset[str] = field(default_factory=frozenset)
    asked_to_keep_silent: bool | None = None
    in_danger: bool | None = None

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in (None, *choices):
                raise RoutingError(f"{name} is none of its choices ({', '.join(choices)})")
        for name in _YES_NO:
            value = getattr(self, name)
            if value is not None and not isinstance(value, bool):
                raise RoutingError(f"{name} is neither yes nor no (true or false, without quotation marks)")
        if self.told_day is not None and type(self.told_day) is not date:
            raise RoutingError("told_day is no day (2026-11-01, without quotation marks)")
        for name, choices in _LISTS.items():
            value = getattr(self, name)
            if not isinstance(value, frozenset) or not value <= set(choices):
                raise RoutingError(f"{name} has something that is none of its choices ({', '.join(choices)})")
        if "none" in self.triggers and len(self.triggers) > 1:
            raise RoutingError("triggers has none together with others")


QUESTIONS: Final = tuple(question.name for question in fields(Answers))
"""The questions in the order of a page; each may be skipped."""

MANY: Final = tuple(_LISTS)
"""The questions that take any number of answers."""


def choices(question: str) -> tuple[str, ...]:
    """Return the words that may answer a question of QUESTIONS; () where it is yes, no, or a day.

    Their sentences are text(f"choice_{question}_{word}"), the question's text(f"question_{question}").
    """
    return _LISTS.get(question) or _CHOICES.get(question, ())


def answers_from(given: Mapping[str, Any]) -> Answers:
    """Return the answers of a mapping (TOML, a form): those of MANY as any list. Raises RoutingError."""
    if not set(given) <= set(QUESTIONS):
        raise RoutingError(f"there is an answer to no known question (known: {', '.join(QUESTIONS)})")
    return Answers(**{**given, **{name: _many(given[name], name) for name in MANY if name in given}})


def _many(value: Any, name: str) -> frozenset[str]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise RoutingError(f"{name} is no list")
    return frozenset(str(word) for word in value)
