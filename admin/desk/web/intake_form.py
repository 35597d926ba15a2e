"""The form of a report by telephone, letter or talk. Pure: no Flask, no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from admin.desk.casework.intake import WrittenReport
from cases import form as rules
from cases.days import parse_day
from cases.form import REPORT_FIELDS, clean_text
from crypto.encoding import normalize_text
from crypto.payloads import CATEGORIES, INTAKE_CHANNELS, INTAKE_CODES, PAGE_LANGUAGES

PREFIX: Final = "in_"
_OUT: Final = "in_out_"
NAME: Final = re.compile(r"in_[a-z_]{1,40}|in_out_[0-9a-f]{32}")
BOX: Final = re.compile(r"in_out_[0-9a-f]{32}")
_EARLIEST: Final = date(2000, 1, 1)

Form = Mapping[str, str]


def typed(form: Form) -> dict[str, str]:
    """Return the fields of this page that came with a request, with one kind of line break and composed characters."""
    names = [name for name in form if NAME.fullmatch(name)]
    return {name: normalize_text(clean_text(form[name])) for name in names}


def field_of(answer: str) -> str:
    """Return the name of an answer's field."""
    return PREFIX + answer


def subject_of(fields: Form) -> str:
    """Return what it is about, a word of `crypto.payloads.CATEGORIES`; "" where that was not chosen."""
    category = fields.get("in_category", "")
    return category if category in CATEGORIES else ""


def asked_for(fields: Form) -> tuple[str, ...]:
    """Return the questions that the page has: those of the subject, and what was typed for another one."""
    own = rules.fields_for(subject_of(fields))
    return tuple(name for name in REPORT_FIELDS if name in own or fields.get(field_of(name), "").strip())


def out_of(fields: Form) -> list[str]:
    """Return the persons (ids in hex) who are to be left out."""
    return sorted(name.removeprefix(_OUT) for name, text in fields.items() if name.startswith(_OUT) and text)


def problems(fields: Form, known: Collection[str], today: date) -> list[tuple[str, str]]:
    """Return what is wrong, as pairs of a field's name and a code of `labels.intake.PROBLEMS`."""
    wrong: list[tuple[str, str]] = [] if subject_of(fields) else [("in_category", "category")]
    if fields.get("in_channel") not in INTAKE_CHANNELS:
        wrong.append(("in_channel", "channel"))
    day = _day(fields)
    if day is None or day < _EARLIEST:
        wrong.append(("in_day", "day"))
    elif day > today:
        wrong.append(("in_day", "future"))
    answers = {name: fields.get(field_of(name), "") for name in REPORT_FIELDS}
    wrong += [
        (field_of(problem.field), problem.code) for problem in rules.validate(answers, out_of(fields), known)
    ]
    if fields.get("in_code") not in INTAKE_CODES:
        wrong.append(("in_code", "code"))
    return wrong


def read(fields: Form, envelope_id: bytes) -> WrittenReport:
    """Return what is to be sent, of fields without a problem."""
    answers = {name: fields.get(field_of(name), "") for name in REPORT_FIELDS}
    day, language = _day(fields), fields.get("in_language", "")
    if day is None:
        raise ValueError("fields with a problem are not read")
    return WrittenReport(
        rules.clean(answers),
        language if language in PAGE_LANGUAGES else PAGE_LANGUAGES[0],
        fields["in_channel"],
        day,
        frozenset(map(bytes.fromhex, out_of(fields))),
        envelope_id,
        subject_of(fields),
    )


def _day(fields: Form) -> date | None:
    try:
        return parse_day(fields.get("in_day", ""))
    except ValueError:
        return None
