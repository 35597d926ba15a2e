"""The report form: which questions there are, how long answers may be, what is wrong with an answer.

The questions are those of an incident report (who, why, when, where, what, which personal data, how much),
and what this portal exists for: how it is being concealed, by whom, who was told, what proof there is. Only
`what_happened` is required.

What the form does with characters (decided here, once):

- CR LF and CR become LF, as browsers and systems differ; so do vertical tab, form feed and NEL, which Word
  and PDF readers paste for a line break.
- Other control characters (NUL, ESC, BEL, DEL, C1 ...) are taken out without a word. Nobody can see them,
  nobody types them; a refusal would cost a person who pasted from a PDF the report, and say nothing that
  could be put right.
- U+FFFD and lone surrogates are what is left of bytes that could not be read as text. There something WAS
  lost, so the form says so ("unreadable") instead of keeping a damaged report.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cases.categories import HARASSMENT, LEAK, OFFERED

CATEGORY: Final = "category"
"""The question what a report is about, asked where the site wants it; its answer is one of cases.categories.OFFERED."""
STEPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "what": ("what_happened", CATEGORY),
        "when": ("when", "noticed", "where", "who"),
        "data": (
            "personal_data",
            "how_many",
            "cause",
            "how_often",
            "witnesses",
            "wishes",
            "amount",
            "books",
            "gain",
            "rule",
            "danger",
            "why",
        ),
        "concealment": ("concealment", "concealed_by", "told_whom", "evidence"),
    }
)
"""The form's steps with their questions: the one order in which questions are asked, checked and shown again."""
FORM_ORDER: Final[tuple[str, ...]] = tuple(name for names in STEPS.values() for name in names)
REPORT_FIELDS: Final[tuple[str, ...]] = tuple(name for name in FORM_ORDER if name != CATEGORY)
"""The questions whose answers are texts."""
_HIDING: Final = ("why", "concealment", "concealed_by")
OWN_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        LEAK: ("noticed", "personal_data", "how_many", "cause", *_HIDING),
        HARASSMENT: ("how_often", "witnesses", "wishes"),
        "accounting": ("amount", "books", "gain", *_HIDING),
        "other": ("rule", "danger", *_HIDING),
    }
)
"""By what a report is about: the questions that are not asked for every subject. A leak is the form's first case.
Why it happened is not asked of a harassed person: it reads as if there were a reason.
"""
_NO_SUBJECT: Final = "none"
REQUIRED: Final[frozenset[str]] = frozenset({"what_happened"})
CAUSES: Final[tuple[str, ...]] = ("loss", "misconfiguration", "attack", "insider", "unknown")
MAX_TEXT: Final = 100_000
"""Characters (code points, a line break counts as one) in all answers of a form together."""

PROBLEM_CODES: Final[tuple[str, ...]] = (
    "required",
    "too_long",
    "not_a_choice",
    "unreadable",
    "unknown_field",
    "bad_id",
    "unknown_person",
    "nobody_left",
)

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_UNREADABLE = re.compile("[\ufffd\ud800-\udfff]")
_PERSON = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True)
class Problem:
    """One thing to put right: the field's name ("" for the form as a whole) and one of PROBLEM_CODES.

    It never holds what was typed.
    """

    field: str
    code: str


def subjects_of(name: str) -> tuple[str, ...]:
    """Return the subjects for which a question is asked, where it is not asked for every subject; () otherwise."""
    return tuple(about for about, names in OWN_FIELDS.items() if name in names)


def fields_to_check(category: str, is_asked: bool) -> tuple[str, ...]:
    """Return the questions whose empty answers are shown before a form is sent. `is_asked`: the site asks what it is
    about; where that was left open, no subject's own questions are among them.
    """
    return fields_for(category if category or not is_asked else _NO_SUBJECT)


def fields_for(category: str) -> tuple[str, ...]:
    """Return the questions for what a report is about, in the form's order; "" is a leak, another word what is common
    to all.
    """
    about = category or LEAK
    return tuple(name for name in REPORT_FIELDS if not (of := subjects_of(name)) or about in of)


def clean_text(text: str) -> str:
    """Return an answer with one kind of line break and without control characters (see the module's text)."""
    return _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text)) if text else text


def clean(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the cleaned answers in the form's order, without the empty ones and without unknown fields."""
    cleaned = {name: clean_text(answers[name]) for name in REPORT_FIELDS if name in answers}
    return {name: text for name, text in cleaned.items() if text.strip()}


def validate(
    answers: Mapping[str, str], exclude: Sequence[str], known_persons: Collection[str], category: str = ""
) -> list[Problem]:
    """Return what is wrong with a report form, in the order of its fields; an empty list when it can be
    sent.

    `answers` as they came or cleaned; `exclude` and `known_persons` are person ids as 32 lower-case hex
    digits; `category`: what was chosen that it is about, "" where nothing was or the site does not ask.
    """
    problems = [] if set(answers) <= set(REPORT_FIELDS) else [Problem("", "unknown_field")]
    cleaned = {name: clean_text(answers.get(name, "")) for name in REPORT_FIELDS}
    if sum(map(len, cleaned.values())) > MAX_TEXT:
        # The sum is over the limit: point at the longest answer, where shortening helps most.
        problems.append(Problem(max(REPORT_FIELDS, key=lambda name: len(cleaned[name])), "too_long"))
    for name, text in cleaned.items():
        problems += _field_problems(name, text)
    if category and category not in OFFERED:
        problems.append(Problem(CATEGORY, "not_a_choice"))
    problems += _exclude_problems(exclude, known_persons)
    order = ("", *FORM_ORDER, "exclude")
    return sorted(problems, key=lambda problem: order.index(problem.field))


def validate_message(text: str, field: str = "message") -> list[Problem]:
    """Return what is wrong with a free message (a reply on the status page); an empty list when it can be
    sent.
    """
    cleaned = clean_text(text)
    if not cleaned.strip():
        return [Problem(field, "required")]
    if len(cleaned) > MAX_TEXT:
        return [Problem(field, "too_long")]
    return [Problem(field, "unreadable")] if _UNREADABLE.search(cleaned) else []


def _field_problems(name: str, text: str) -> list[Problem]:
    if name in REQUIRED and not text.strip():
        return [Problem(name, "required")]
    if name == "cause":
        return [Problem(name, "not_a_choice")] if text.strip() and text not in CAUSES else []
    return [Problem(name, "unreadable")] if _UNREADABLE.search(text) else []


def _exclude_problems(exclude: Sequence[str], known_persons: Collection[str]) -> list[Problem]:
    if any(not _PERSON.match(person) for person in exclude):
        return [Problem("exclude", "bad_id")]
    if any(person not in known_persons for person in exclude):
        return [Problem("exclude", "unknown_person")]
    if exclude and set(known_persons) <= set(exclude):
        # Everyone excluded: the report would be sealed to nobody and never be read.
        return [Problem("exclude", "nobody_left")]
    return []
