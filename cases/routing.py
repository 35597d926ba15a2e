"""The right door outside: from a person's answers to an ordered list of doors. Pure: nothing is kept.

Each door says why it is named, which conditions of which article (as in force on the day) protect a person
who goes there, and whether the answers meet them. Articles come from cases.law, doors from cases.contacts,
sentences from data/routing_texts.toml; this module holds the rules between them:

- inside (1号): belief is enough, but only where the company has designated this line beforehand; otherwise the
  line is treated as outside (3号);
- the authority (2号): reasonable grounds, or belief and a document with name and address; no waiting;
- others (3号): reasonable grounds, a fitting recipient and one of six gateways (イ–ヘ);
- directors: outside only after trying to correct it inside (danger apart), without ハ and ホ, and without the
  document (the checked facts don't show it for them);
- freelancers: only where the law in force on the day covers them.

An answer that was skipped makes a condition "unknown", never "met".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from cases import clock, law
from cases.contacts import Contact
from cases.law import Text

Status = Literal["met", "not_met", "unknown"]
Answer = Literal["yes", "no", "unknown"]
Category = Literal["inside", "authority", "others", ""]
"""1号, 2号, 3号, or a door that advises or helps and is no recipient of a report in the sense of the Act."""

WHO: Final = (
    "worker",
    "temp_worker",
    "supplier_worker",
    "former",  # one of the three above who left within a year
    "director",  # in office
    "freelancer",  # or one whose work ended within a year
    "other",
)
ABOUT: Final = ("concealed_leak", "retaliation", "crime", "something_else")
TO_SHOW: Final = ("documents", "own_eyes", "hearsay", "nothing")
TOLD: Final = ("no", "superior", "this_line", "both")
FEARS: Final = ("retaliation", "evidence", "name")

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"who_am_i": WHO, "about": ABOUT, "to_show": TO_SHOW, "told_company": TOLD}
)
_YES_NO: Final = (
    "give_name",
    "told_in_writing",
    "notice_of_investigation",
    "asked_to_keep_silent",
    "in_danger",
)

EASY: Final = "ja_easy"
"""Plain Japanese: beside the languages, and not of every sentence."""

AGENCY: Final = "caa_consult_dial"
COMMISSION: Final = "ppc_whistleblow"
EMERGENCY: Final = "emergency"
OWN_PREFIX: Final = "own_"
"""How the ids of the operator's own contacts begin (cases.own_contacts)."""

_NEEDED: Final = frozenset({AGENCY, COMMISSION, EMERGENCY})

FIRST_DAY: Final = date(2022, 6, 1)
"""The first day whose law is in the data."""

_TRANSITION_NOTICE: Final = timedelta(days=366)


class RoutingError(ValueError):
    """Answers of no known form, a day before FIRST_DAY, or contacts that lack a needed door."""


@dataclass(frozen=True)
class Answers:
    """What a person answered; None (fears: nothing in it): skipped. Raises RoutingError on unknown words.

    `told_day` is the day in Japan on which the company was told. The text of an error holds no answer.
    """

    who_am_i: str | None = None
    about: str | None = None
    to_show: str | None = None
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
                raise RoutingError(f"{name} is none of its choices")
        for name in _YES_NO:
            if getattr(self, name) not in (None, True, False):
                raise RoutingError(f"{name} is neither yes nor no")
        if self.told_day is not None and type(self.told_day) is not date:
            raise RoutingError("told_day is no day")
        if not isinstance(self.fears, frozenset) or not self.fears <= set(FEARS):
            raise RoutingError("fears has something that is none of its choices")


@dataclass(frozen=True)
class Condition:
    """One legal condition. `rule` is the id of the rule in force on the day (cases.law), `article` its place.

    Conditions with the same `group` are alternatives, one is enough; "" stands alone and is needed.
    `in_your_hand`: the person decides it by how the report is made; it does not stand in the way of a "yes",
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
class Door:
    """One door. `kind` names it, `contact_ids` are the contacts behind it (none: this portal, or whom the
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


QUESTIONS: Final = tuple(one.name for one in fields(Answers))
"""The questions in the order of a page; each may be skipped."""


def choices(question: str) -> tuple[str, ...]:
    """Return the words that may answer a question of QUESTIONS; () where it is yes, no, or a day.

    Their sentences are text(f"choice_{question}_{word}"), the question's text(f"question_{question}").
    """
    return FEARS if question == "fears" else _CHOICES.get(question, ())


def answers_from(given: Mapping[str, Any]) -> Answers:
    """Return the answers of a mapping (TOML, a form): `fears` as any list. Raises RoutingError."""
    if not set(given) <= {one.name for one in fields(Answers)}:
        raise RoutingError("there is an answer to no known question")
    fears = given.get("fears", ())
    if isinstance(fears, str) or not isinstance(fears, Iterable):
        raise RoutingError("fears is no list")
    return Answers(**{**given, "fears": frozenset(str(fear) for fear in fears)})


def route(answers: Answers, today: date, designated: bool, contacts: Sequence[Contact]) -> tuple[Door, ...]:
    """Return the doors for these answers on `today`, the first one first. There is always one.

    `designated`: the operator's answer whether the company has designated this line beforehand.
    `contacts`: the doors known; own contacts of the operator are a door of their own. Raises
    RoutingError when the day is before FIRST_DAY or a needed door is not among the contacts.
    """
    if today < FIRST_DAY:
        raise RoutingError("the law of that day is not in the data")
    if not {one.id for one in contacts} >= _NEEDED:
        raise RoutingError("a door that is always needed is not among the contacts")
    case = _Case(answers, today, designated, contacts)
    doors = {door.kind: door for door in _doors(case)}
    return tuple(doors[kind] for kind in _order(case, doors) if kind in doors)


def limits(answers: Answers, today: date, designated: bool) -> tuple[str, ...]:
    """Return the ids of the texts that say where the law protects less than people think, for this case."""
    found = ["limit_not_advice"]
    if not designated:
        found.append("limit_not_designated")
    if answers.give_name is not True:
        found.append("limit_anonymous_authority")
    if answers.to_show in (None, "hearsay", "nothing"):
        found.append("limit_belief_only")
    if answers.to_show in (None, "documents"):
        found.append("limit_documents")
    if answers.who_am_i == "director":
        found.append("limit_director")
    if answers.who_am_i == "freelancer" and law.rule_on("freelance", today) is None:
        found.append("limit_freelancer")
    if answers.who_am_i == "other":
        found.append("limit_other")
    if answers.about in (None, "concealed_leak"):
        found.append("limit_concealment")
    if designated:
        found.append("limit_20_days")
    if _may_span(answers, today):
        found.append("transition")
    return tuple(found)


# --- texts


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Text]:
    """Return all sentences of the guide by id. Raises RoutingError when one lacks a language."""
    return parse_texts(files("cases.data").joinpath("routing_texts.toml").read_text(encoding="utf-8"))


def text(text_id: str) -> Text:
    """Return one sentence in each language; "transition" is the law's own. Raises KeyError for an unknown
    id."""
    return law.law().transition if text_id == "transition" else texts()[text_id]


def parse_texts(toml: str) -> Mapping[str, Text]:
    """Return the sentences of a TOML text: ja and en, and ja_easy (plain Japanese) where there is one.

    Raises RoutingError when one is not whole.
    """
    try:
        entries = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RoutingError(f"the texts are not valid TOML: {error}") from None
    for name, words in entries.items():
        whole = isinstance(words, dict) and set(words) - {EASY} == set(law.LANGUAGES)
        if not whole or not all(isinstance(word, str) and word.strip() for word in words.values()):
            raise RoutingError(f"the text {name} is not whole")
    return MappingProxyType({name: MappingProxyType(dict(words)) for name, words in entries.items()})


# --- the case


@dataclass(frozen=True)
class _Case:
    answers: Answers
    day: date
    designated: bool
    contacts: Sequence[Contact]

    @property
    def director(self) -> bool:
        return self.answers.who_am_i == "director"

    @property
    def told_line(self) -> bool:
        return self.answers.told_company in ("this_line", "both")

    @property
    def inside_is_doubtful(self) -> bool:
        """Whether the answers speak against going inside (again) first."""
        said = self.answers
        return bool(said.fears or said.asked_to_keep_silent or self.told_line or self.was_left_without_notice)

    @property
    def was_left_without_notice(self) -> bool:
        """Whether a superior was told, and 20 days have passed without a notice: the company has had its time."""
        said = self.answers
        if said.told_company not in ("superior", "both") or said.told_day is None:
            return False
        return not said.notice_of_investigation and clock.gateway_is_open(said.told_day, self.day)

    def of(self, *ids: str, kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the ids of the named contacts, then of those of these kinds, as far as they are shown today.

        A needed door stays although its entry is past its day: an old one is better than none.
        """
        known = {one.id: one for one in self.contacts if one.id in _NEEDED or one.shown_on(self.day)}
        named = [one for one in ids if one in known]
        rest = (key for key, one in known.items() if one.kind in kinds and key not in named)
        return (*named, *(key for key in rest if not key.startswith(OWN_PREFIX)))

    def own(self) -> tuple[str, ...]:
        """Return the operator's own contacts."""
        return tuple(
            one.id for one in self.contacts if one.id.startswith(OWN_PREFIX) and one.shown_on(self.day)
        )


def _spans(answers: Answers, day: date) -> bool:
    told = answers.told_company not in (None, "no")
    return told and answers.told_day is not None and law.spans_change(answers.told_day, day)


def _may_span(answers: Answers, day: date) -> bool:
    change = law.law().change_day
    undated = answers.told_company not in (None, "no") and answers.told_day is None
    return _spans(answers, day) or (undated and change <= day < change + _TRANSITION_NOTICE)


# --- conditions


def _condition(
    case: _Case, name: str, status: Status, key: str, group: str = "", in_your_hand: bool = False
) -> Condition:
    rule = law.rule_on(key, case.day)
    if rule is None:
        raise RoutingError("a condition has no rule on that day")
    return Condition(name, status, rule.id, rule.article, group, in_your_hand, rule.reading)


def _yes(answer: bool | None) -> Status:
    return "unknown" if answer is None else "met" if answer else "not_met"


def _who(case: _Case) -> Condition:
    who = case.answers.who_am_i
    if who != "freelancer":
        status: Status = "unknown" if who is None else "not_met" if who == "other" else "met"
        return _condition(case, "who", status, "who")
    covered = law.rule_on("freelance", case.day) is not None
    if not covered:
        return _condition(case, "who", "not_met", "who")
    # Told before the change, still going on after it: the transitional rules could not be checked.
    return _condition(case, "who", "unknown" if _spans(case.answers, case.day) else "met", "freelance")


def _reportable(case: _Case) -> Condition:
    """The checked facts carry this for a concealed leak only."""
    if case.answers.about == "concealed_leak" and law.rule_on("concealment", case.day) is not None:
        return _condition(case, "reportable", "met", "concealment")
    return _condition(case, "reportable", "unknown", "reportable")


_GROUNDS: Final[Mapping[str | None, Status]] = MappingProxyType(
    {"documents": "met", "own_eyes": "unknown", "hearsay": "not_met", "nothing": "not_met"}
)


def _grounds(case: _Case, key: str, group: str = "") -> Condition:
    """Documents may carry reasonable grounds; one's own eyes may or may not; hearsay and nothing don't. What
    does is for a lawyer or a court to say: this is our reading, and marked. For directors the rule is another
    article's."""
    status = _GROUNDS.get(case.answers.to_show, "unknown")
    found = _condition(case, "grounds", status, "officers_effort" if case.director else key, group)
    return replace(found, reading=True)


def _effort(case: _Case) -> tuple[Condition, ...]:
    """Directors must have tried inside first, imminent danger apart. Having told somebody is not yet that."""
    if not case.director:
        return ()
    tried: Status = "not_met" if case.answers.told_company == "no" else "unknown"
    danger = _yes(case.answers.in_danger)
    return (
        _condition(case, "effort", tried, "officers_effort", "effort"),
        _condition(case, "danger", danger, "officers_effort", "effort"),
    )


def _twenty_days(case: _Case) -> Status:
    """Return the status of gateway ホ: a written report inside, 20 days passed, no notice.

    Only this line, where it is designated, is known to be "inside", and what it takes is in writing. Whether
    a superior is, the checked facts don't say.
    """
    said = case.answers
    by_line = case.designated and case.told_line
    by_superior = said.told_company in (None, "superior", "both") and said.told_in_writing is not False
    if said.notice_of_investigation or not (by_line or by_superior):
        return "not_met"
    if said.told_day is None or said.told_day > case.day:
        return "unknown"
    if not clock.gateway_is_open(said.told_day, case.day):
        return "not_met"
    return "met" if by_line and said.notice_of_investigation is False else "unknown"


def _gateways(case: _Case) -> tuple[Condition, ...]:
    """A fear is not yet a reason to believe, and one that is not ticked may have been skipped: both are open."""
    said = case.answers
    found: list[tuple[str, Status]] = [
        ("gateway_retaliation", "unknown"),
        ("gateway_evidence", "unknown"),
        ("gateway_name", "unknown"),
        ("gateway_silence", _yes(said.asked_to_keep_silent)),
        ("gateway_days", _twenty_days(case)),
        ("gateway_danger", _yes(said.in_danger)),
    ]
    if not case.director:
        return tuple(_condition(case, name, status, name, "gateway") for name, status in found)
    lacking = ("gateway_name", "gateway_days")
    return tuple(
        _condition(case, name, "not_met" if name in lacking else status, "officers_gateways", "gateway")
        for name, status in found
    )


def _inside_conditions(case: _Case) -> tuple[Condition, ...]:
    if not case.designated:
        return (
            _condition(case, "designated", "not_met", "designated", "line"),
            *_others_conditions(case, recipient_is_chosen=False),
        )
    return (
        _who(case),
        _reportable(case),
        _condition(case, "designated", "met", "designated"),
        _belief(case),
    )


def _belief(case: _Case) -> Condition:
    if not case.director:
        return _condition(case, "belief", "met", "inside_belief")
    # The checked facts name what directors need outside; that inside belief is enough is our reading.
    return replace(_condition(case, "belief", "met", "officers_effort"), reading=True)


def _authority_conditions(case: _Case) -> tuple[Condition, ...]:
    if case.director:
        return (_who(case), _reportable(case), _grounds(case, "authority_grounds"), *_effort(case))
    name = _yes(case.answers.give_name)
    return (
        _who(case),
        _reportable(case),
        _grounds(case, "authority_grounds", "ground"),
        _condition(case, "document", name, "authority_document", "ground", in_your_hand=True),
    )


def _others_conditions(case: _Case, recipient_is_chosen: bool = True) -> tuple[Condition, ...]:
    return (
        _who(case),
        _reportable(case),
        _grounds(case, "others_grounds"),
        _recipient(case, recipient_is_chosen),
        *_effort(case),
        *_gateways(case),
    )


def _recipient(case: _Case, is_chosen: bool) -> Condition:
    """Whom one tells is in one's own hand, but for this line: there it is for a court to say."""
    key = "officers_effort" if case.director else "others_recipient"
    found = _condition(case, "recipient", "unknown", key, in_your_hand=is_chosen)
    return replace(found, reading=case.director)


def protection(conditions: Sequence[Condition]) -> Protection:
    """Return whether all needed conditions, and one of each group, are met (three-valued)."""
    groups: dict[str, list[Condition]] = {}
    for at, one in enumerate(conditions):
        groups.setdefault(one.group or f"#{at}", []).append(one)
    results = {name: _group(members) for name, members in groups.items()}
    for answer, status in (("no", "not_met"), ("unknown", "unknown")):
        if status in results.values():
            missing = tuple(
                one.id
                for name, members in groups.items()
                if results[name] == status
                for one in members
                if one.status == status
            )
            return Protection("no" if answer == "no" else "unknown", missing)
    provided = tuple(
        one.id
        for members in groups.values()
        if not any(one.status == "met" and not one.in_your_hand for one in members)
        for one in members
        if one.in_your_hand
    )
    return Protection("yes", provided=provided)


def _group(members: Sequence[Condition]) -> Status:
    if any(one.status == "met" or (one.in_your_hand and len(members) == 1) for one in members):
        return "met"
    return "unknown" if any(one.status == "unknown" for one in members) else "not_met"


# --- doors


def _doors(case: _Case) -> Iterable[Door]:
    yield from _help_doors(case)
    spans = ("transition",) if _may_span(case.answers, case.day) else ()
    for door in (_inside(case), _authority(case), _others(case)):
        yield replace(door, notes=(*door.notes, *spans))


def _inside(case: _Case) -> Door:
    conditions = _inside_conditions(case)
    state = "not_designated" if not case.designated else "again" if case.told_line else "designated"
    # Not designated: the condition of 1号 is named, and the Act's protection follows 3号 alone.
    counted = conditions if case.designated else conditions[1:]
    return Door(
        kind="inside",
        contact_ids=(),
        category="inside" if case.designated else "others",
        why=f"why_inside_{state}",
        say="say_inside",
        does_not="not_inside",
        anonymous="anon_inside",
        conditions=conditions,
        protection=protection(counted),
        notes=_notes(case),
    )


def _authority(case: _Case) -> Door:
    commission = case.answers.about in (None, "concealed_leak")
    conditions = _authority_conditions(case)
    return Door(
        kind="authority",
        contact_ids=case.of(COMMISSION, "ppc_delegation_list") if commission else (),
        category="authority",
        why="why_authority_commission" if commission else "why_authority_unnamed",
        say="say_authority",
        does_not="not_authority",
        anonymous="anon_authority",
        conditions=conditions,
        protection=protection(conditions),
        notes=(("note_director_first",) if case.director else ("note_no_waiting",)) + _notes(case),
    )


def _others(case: _Case) -> Door:
    conditions = _others_conditions(case)
    return Door(
        kind="others",
        contact_ids=(),
        category="others",
        why="why_others",
        say="say_others",
        does_not="not_others",
        anonymous="anon_others",
        conditions=conditions,
        protection=protection(conditions),
        notes=(() if case.director else ("note_20_days_reading",)) + _notes(case),
    )


def _notes(case: _Case) -> tuple[str, ...]:
    uncovered = case.answers.who_am_i == "freelancer" and law.rule_on("freelance", case.day) is None
    return ("limit_freelancer",) if uncovered else ()


def _help_doors(case: _Case) -> Iterable[Door]:
    said = case.answers
    if said.in_danger:
        yield _help("emergency", case.of(EMERGENCY))
    if said.in_danger or said.about == "crime":
        cyber = ("npa_cyber",) if said.about == "crime" else ()
        yield _help("police", case.of("police_9110", *cyber))
    yield _help("agency", case.of(AGENCY))
    if said.about in (None, "concealed_leak") and said.who_am_i in (None, "other"):
        yield _help("data_advice", case.of("ppc_appi_dial"))
    yield _help("lawyer", case.of(kinds=("lawyer", "legal_aid")) + case.of("houterasu_multilingual"))
    if case.own():
        yield _help("own", case.own())
    if not (said.about == "retaliation" or "retaliation" in said.fears):
        return
    if said.who_am_i == "freelancer":
        yield _help("freelance", case.of(kinds=("freelance",)))
    elif said.who_am_i != "director":
        yield _help("labour", case.of(kinds=("labour",)) + case.of("human_rights_foreign"))


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


# --- order


def _order(case: _Case, doors: Mapping[str, Door]) -> Iterable[str]:
    """Return the kinds of doors in order: danger; a crime's police; the doors that protect on these answers;
    the agency that advises; the rest; the others outside last."""
    first = ["emergency", "police"]
    middle = ["data_advice", "labour", "freelance", "lawyer", "own"]
    outside_first = case.inside_is_doubtful or not case.designated
    reports = ["authority", "inside"] if outside_first else ["inside", "authority"]
    reports.sort(key=lambda kind: _BY_PROTECTION.index(_answer(doors[kind])))
    if case.answers.about == "retaliation":
        return [*first, "agency", *middle, *reports, "others"]
    leads = [kind for kind in reports if _leads(case, doors[kind])]
    rest = [kind for kind in reports if kind not in leads]
    return [*first, *leads, "agency", *rest, *middle, "others"]


_BY_PROTECTION: Final = ("yes", "unknown", "no")


def _answer(door: Door) -> Answer:
    return "unknown" if door.protection is None else door.protection.answer


def _leads(case: _Case, door: Door) -> bool:
    return _answer(door) == "yes" and not (door.kind == "inside" and case.inside_is_doubtful)
