"""The channels outside as a page shows them: rules and sentences come from `cases`, this puts them in order.

No Flask in here, and nothing is kept of what somebody answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from cases import hours, law, routing
from cases.contacts import Contact
from cases.days import JST, parse_day
from cases.holidays_jp import is_public_holiday
from cases.routing import Answers, Channel, Condition, Guidance

SKIPPED: Final = ""
YES, NO = "yes", "no"
_YES_NO: Final = {YES: True, NO: False}


@dataclass(frozen=True)
class Given:
    """The answers as they came in a form. `wrong`: questions whose answer could not be read."""

    answers: Answers
    typed: Mapping[str, Sequence[str]]
    wrong: tuple[str, ...] = ()

    def chosen(self, question: str) -> Sequence[str]:
        """Return what was chosen or typed for a question."""
        return self.typed.get(question, ())

    @property
    def is_empty(self) -> bool:
        """Tell whether no question was answered."""
        return self.answers == Answers()


STEPS: Final = ("in_danger", "who_am_i", "about", "told_company")
"""The questions that have a page each, in their order; all others can be answered below the result."""


def step_of(asked: str | None) -> int | None:
    """Return which of STEPS a form's button asks for; None: the result."""
    numbers = {str(number): number for number in range(len(STEPS))}
    return None if asked is None else numbers.get(asked)


@dataclass(frozen=True)
class Opens:
    """Whether a channel is open now. `is_open` None: its source does not say for a day like this."""

    is_open: bool | None
    next: datetime | None


@dataclass(frozen=True)
class ShownChannel:
    """One channel with the contacts behind it. `again`: those that an earlier channel of the page has shown."""

    channel: Channel
    contacts: tuple[Contact, ...]
    title: str
    again: tuple[Contact, ...] = ()


def read(typed: Mapping[str, Sequence[str]], today: date) -> Given:
    """Read a form. What can't be read, and a day of telling after `today`, counts as skipped and is named;
    nothing is ever refused."""
    answers: dict[str, Any] = {}
    wrong: list[str] = []
    for question in routing.QUESTIONS:
        values = [value for value in typed.get(question, ()) if value != SKIPPED]
        if not values:
            continue
        try:
            answers[question] = _answer(question, values, today)
        except (ValueError, KeyError):
            wrong.append(question)
    return Given(Answers(**answers), {name: tuple(values) for name, values in typed.items()}, tuple(wrong))


def _answer(question: str, values: Sequence[str], today: date) -> Any:
    choices = routing.choices(question)
    if not set(values) <= set(choices or values):
        raise ValueError
    if question in routing.MANY:
        return getattr(routing.answers_from({question: values}), question)
    (value,) = values
    if question == "told_day":
        day = parse_day(value.strip())
        if day > today:
            raise ValueError
        return day
    return value if choices else _YES_NO[value]


def shown(guidance: Guidance, contacts: Sequence[Contact], titles: Mapping[str, str]) -> list[ShownChannel]:
    """Return the channels in their order; `titles` by kind of channel, and by `kind:commission` for the Commission."""
    known = {contact.id: contact for contact in contacts}
    made: list[ShownChannel] = []
    seen: set[str] = set()
    for channel in guidance.channels:
        of_commission = (
            f"{channel.kind}:commission" if routing.COMMISSION in channel.contact_ids else channel.kind
        )
        title = titles.get(of_commission) or titles[channel.kind]
        fresh = tuple(known[name] for name in channel.contact_ids if name not in seen)
        again = tuple(known[name] for name in channel.contact_ids if name in seen)
        seen.update(channel.contact_ids)
        made.append(ShownChannel(channel, fresh, title, again))
    return made


def channels(
    answers: Answers, today: date, designated: bool, contacts: Sequence[Contact], titles: Mapping[str, str]
) -> list[ShownChannel]:
    """Return the channels for these answers, as shown does."""
    return shown(routing.guidance(answers, today, designated, contacts), contacts, titles)


def recommended(channels: Sequence[ShownChannel]) -> ShownChannel:
    """Return the channel to turn to first. The emergency numbers are above every page and are not counted."""
    return next(shown for shown in channels if shown.channel.kind != "emergency")


def opens(contact: Contact, moment: datetime) -> Opens | None:
    """Return whether a contact can be reached at `moment`; None where its hours are not known."""
    if contact.open is None:
        return None
    there = moment.astimezone(JST)
    return Opens(
        hours.is_open(contact.open, there, is_public_holiday),
        hours.next_opening(contact.open, there, is_public_holiday),
    )


def groups(channel: Channel) -> list[tuple[str, list[Condition]]]:
    """Return a channel's conditions: alternatives together, in the order of the law."""
    by_group: dict[str, list[Condition]] = {}
    for at, condition in enumerate(channel.conditions):
        by_group.setdefault(condition.group or f"#{at}", []).append(condition)
    return [(name if not name.startswith("#") else "", members) for name, members in by_group.items()]


def rules_of(guidance: Guidance) -> list[law.Rule]:
    """Return the rules behind the conditions of the channels and behind the effects, in the order of the data."""
    named = {condition.rule for channel in guidance.channels for condition in channel.conditions}
    named |= {rule.id for rule in guidance.effects}
    return [rule for rule in law.law().rules if rule.id in named]
