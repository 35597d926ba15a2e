"""Types of the guide: an enquiry (answers on a day), conditions, protection, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cases import law, legal_terms
from cases.contacts import Contact
from cases.law import Text
from cases.routing.answers import FREELANCERS, OFFICERS, Answers

Status = Literal["met", "not_met", "unknown"]
Answer = Literal["yes", "no", "unknown"]
Category = Literal["inside", "authority", "others", ""]
"""1号, 2号, 3号, or a channel that advises or helps and is no recipient of a report in the sense of the Act."""

AGENCY: Final = "caa_consult_dial"
COMMISSION: Final = "ppc_whistleblow"
EMERGENCY: Final = "emergency"
OWN_PREFIX: Final = "own_"
"""How the ids of the operator's own contacts begin (cases.own_contacts)."""

NEEDED: Final = frozenset({AGENCY, COMMISSION, EMERGENCY})
"""The contacts without which there is no guide."""

FIRST_DAY: Final = date(2022, 6, 1)
"""The first day whose law is in the data."""

SOON: Final = 60
"""Days ahead that a change of the law is announced."""

_TRANSITION_NOTICE: Final = timedelta(days=366)


@dataclass(frozen=True)
class Condition:
    """One legal condition. `rule` is the id of the rule in force on the day (cases.law), `article` its place.

    Conditions with the same `group` are alternatives, one is enough; "" stands alone and is needed.
    `in_your_hand`: the person decides it by how the report is made; it does not be in the way of a "yes",
    and the protection names it under `provided`. `reading`: our own reading of the law. The sentence is
    text(f"cond_{id}").
    """

    id: str
    status: Status
    rule: str
    article: Text
    group: str = ""
    in_your_hand: bool = False
    reading: bool = False


@dataclass(frozen=True)
class Protection:
    """Whether the answers meet the conditions. `missing`: ids of the conditions in the way (of a "no") or not
    known (of an "unknown"); `provided`: ids of those that the person has to see to (of a "yes")."""

    answer: Answer
    missing: tuple[str, ...] = ()
    provided: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """One channel. `kind` names it, `contact_ids` are the contacts behind it (none: this portal, or whom the
    agency names). `why`, `say`, `does_not`, `anonymous` and `notes` are ids of texts.

    `protection` is None where the Act's conditions are not the matter (advice, help).
    """

    kind: str
    contact_ids: tuple[str, ...]
    category: Category
    why: str
    say: str
    does_not: str
    anonymous: str
    conditions: tuple[Condition, ...] = ()
    protection: Protection | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enquiry:
    """Answers on a day, on a line that the company has designated beforehand or not."""

    answers: Answers
    day: date
    designated: bool
    contacts: Sequence[Contact] = ()

    @property
    def officer(self) -> bool:
        """Whether Art. 6 has the conditions: a director, or an officer of a supplier."""
        return self.answers.who_am_i in OFFICERS

    @property
    def freelancer(self) -> bool:
        """Whether the Act covers this person as one to whom work is outsourced."""
        return self.answers.who_am_i in FREELANCERS

    @property
    def told(self) -> bool:
        """Whether the company was told of it: whom was answered, or only on which day."""
        said = self.answers
        return said.told_company != "no" and (said.told_company is not None or said.told_day is not None)

    @property
    def told_line(self) -> bool:
        """Whether this line was told of it."""
        return self.answers.told_company in ("this_line", "both")

    @property
    def told_superior(self) -> bool:
        """Whether a superior was told of it."""
        return self.answers.told_company in ("superior", "both")

    @property
    def wrongful(self) -> bool:
        """Whether the answers name a wrongful purpose (Art. 2(1))."""
        return self.answers.purpose not in (None, "not_wrongful")

    @property
    def days_passed(self) -> bool | None:
        """Whether 20 days have passed since the company was told; None: on which day is not known."""
        day = self.answers.told_day
        if day is None or day > self.day:
            return None
        return legal_terms.gateway_is_open(day, self.day)

    @property
    def inside_is_doubtful(self) -> bool:
        """Whether the answers speak against going inside (again) first."""
        said = self.answers
        return bool(said.fears or said.asked_to_keep_silent or self.told_line or self.was_left_without_notice)

    @property
    def was_left_without_notice(self) -> bool:
        """Whether a superior was told, and 20 days have passed without a notice: the company has had its time."""
        return bool(self.told_superior and not self.answers.notice_of_investigation and self.days_passed)

    @property
    def spans_change(self) -> bool:
        """Whether the company was told under the Act before its change, and the change is in force."""
        day = self.answers.told_day
        return self.told and day is not None and law.spans_change(day, self.day)

    @property
    def may_span_change(self) -> bool:
        """Whether it spans the change, or may: the company was told and the day was skipped."""
        change = law.law().change_day
        undated = self.told and self.answers.told_day is None
        return self.spans_change or (undated and change <= self.day < change + _TRANSITION_NOTICE)

    @property
    def change_is_ahead(self) -> bool:
        """Whether the Act changes soon after this day."""
        return timedelta(0) < law.law().change_day - self.day <= timedelta(days=SOON)

    def of(self, *ids: str, kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the ids of the named contacts, then of those of these kinds, as far as they are shown today.

        A needed channel stays although its entry is past its day: an old one is better than none.
        """
        known = {entry.id: entry for entry in self.contacts if entry.id in NEEDED or entry.shown_on(self.day)}
        named = [name for name in ids if name in known]
        rest = (key for key, entry in known.items() if entry.kind in kinds and key not in named)
        return (*named, *(key for key in rest if not key.startswith(OWN_PREFIX)))

    def own(self) -> tuple[str, ...]:
        """Return the operator's own contacts."""
        return tuple(
            entry.id
            for entry in self.contacts
            if entry.id.startswith(OWN_PREFIX) and entry.shown_on(self.day)
        )
