"""The right channel outside: from a person's answers to an ordered list of channels. Pure: nothing is kept.

Each channel says why it is named, which conditions of which article (as in force on the day) protect a person
who goes there, and whether the answers meet them. Articles come from cases.law, channels from cases.contacts,
sentences from data/routing_texts.toml; these modules hold the rules between them, and import nothing else of `cases`
than these, the questions of a leak and the terms of the law:

- every report: a person whom the Act covers, no wrongful purpose, a reportable fact;
- inside (1号): belief is enough, but only where the company has designated this line beforehand; otherwise the
  line is treated as outside (3号);
- the authority (2号): reasonable grounds, or a document with name, address and concrete reasons; no waiting;
- others (3号): reasonable grounds, a fitting recipient and one of six gateways (イ–ヘ);
- officers: outside only after trying to correct it inside (danger apart), without ハ and ホ, and without the
  document (the checked facts don't show it for them);
- freelancers: only where the law in force on the day covers them.

An answer that was skipped makes a condition "unknown", never "met"; so does one that a court has to weigh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cases.contacts import Contact
from cases.law import Rule
from cases.routing import channels as _channels
from cases.routing import effects as _effects
from cases.routing.answers import (
    ABOUT,
    FEARS,
    FREELANCERS,
    MANY,
    NOT_COVERED,
    OFFICERS,
    PURPOSE,
    QUESTIONS,
    TO_SHOW,
    TOLD,
    TRIGGERS,
    WHO,
    Answers,
    RoutingError,
    answers_from,
    choices,
)
from cases.routing.channels import KINDS
from cases.routing.conditions import protection
from cases.routing.effects import KEYS as EFFECTS
from cases.routing.model import (
    AGENCY,
    COMMISSION,
    EMERGENCY,
    FIRST_DAY,
    NEEDED,
    OWN_PREFIX,
    SOON,
    Answer,
    Category,
    Channel,
    Condition,
    Enquiry,
    Protection,
    Status,
)
from cases.routing.texts import EASY, parse_texts, text, texts

__all__ = [
    "ABOUT", "AGENCY", "COMMISSION", "EASY", "EFFECTS", "EMERGENCY", "FEARS", "FIRST_DAY", "FREELANCERS",
    "KINDS", "MANY", "NOT_COVERED", "OFFICERS", "OWN_PREFIX", "PURPOSE", "QUESTIONS", "SOON", "TOLD",
    "TO_SHOW", "TRIGGERS", "WHO", "Answer", "Answers", "Category", "Condition", "Channel", "Guidance",
    "Protection", "RoutingError", "Status", "answers_from", "choices", "guidance", "limits",
    "parse_texts", "protection", "route", "text", "texts",
]  # fmt: skip


@dataclass(frozen=True)
class Guidance:
    """All that the guide says for answers on a day: what the page shows and `facts route` prints.

    `effects`: the rules that protect the person where a channel's conditions are met. `begins`: rules that begin
    soon and concern this person. `limits`: ids of texts (routing.text).
    """

    day: date
    designated: bool
    channels: tuple[Channel, ...]
    effects: tuple[Rule, ...]
    begins: tuple[Rule, ...]
    limits: tuple[str, ...]


def guidance(answers: Answers, today: date, designated: bool, contacts: Sequence[Contact]) -> Guidance:
    """Return what the guide says for these answers on `today`. There is always a channel.

    `designated`: the operator's answer whether the company has designated this line beforehand.
    `contacts`: the channels known; own contacts of the operator are a channel of their own. Raises
    RoutingError when the day is before FIRST_DAY or a needed channel is not among the contacts.
    """
    if today < FIRST_DAY:
        raise RoutingError("the law of that day is not in the data")
    if not {entry.id for entry in contacts} >= NEEDED:
        raise RoutingError("a door that is always needed is not among the contacts")
    enquiry = Enquiry(answers, today, designated, contacts)
    channels = _channels.channels(enquiry)
    return Guidance(
        day=today,
        designated=designated,
        channels=channels,
        effects=_effects.effects(enquiry, channels),
        begins=_effects.begins(enquiry),
        limits=_effects.limits(enquiry),
    )


def route(
    answers: Answers, today: date, designated: bool, contacts: Sequence[Contact]
) -> tuple[Channel, ...]:
    """Return the channels for these answers on `today`, the first one first. Raises RoutingError as guidance."""
    return guidance(answers, today, designated, contacts).channels


def limits(answers: Answers, today: date, designated: bool) -> tuple[str, ...]:
    """Return the ids of the texts that say where the law protects less than people think, for these answers."""
    return _effects.limits(Enquiry(answers, today, designated))
