"""A case in words, for the document that leaves the desk: the report, the conversation, what was done and by whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask_babel import gettext

from admin.desk import casewords, words
from admin.desk.casefile import CaseFile, Entry
from admin.desk.export import Section
from admin.desk.i18n import show_day
from cases import breach, playbooks
from cases.days import parse_day
from cases.deadlines import TASK, Deadline
from cases.records import Record, Said
from cases.status import RECEIVED
from crypto.cards import Card
from crypto.envelope import Kind

UNKNOWN: Final = "unknown"

Names = Callable[[bytes], str]
"""Returns the name of a person (16 bytes)."""


def sections(
    found: CaseFile, clocks: tuple[Deadline, ...], names: Names, name_of: Callable[[Card], str], lang: str
) -> list[Section]:
    """Return all parts of the document, in the page's language. What is not verified is said to be nobody's."""
    return [
        _facts(found, names),
        _report(found),
        _conversation(found, name_of),
        _statuses(found, name_of),
        _clocks(found, clocks),
        _leak(found, lang),
        _history(found, names, lang),
        _files(found),
    ]


def _facts(found: CaseFile, names: Names) -> Section:
    state = found.state
    return Section(
        gettext("Case"),
        [
            (gettext("Number"), found.line.case_id.hex()),
            (gettext("Received on %(day)s", day=show_day(found.line.received_day)), ""),
            (gettext("Status"), gettext(words.STATUSES[found.status])),
            (gettext("Owner"), names(state.owner) if state.owner else "–"),
            (gettext("Severity"), gettext(words.SEVERITIES[state.severity]) if state.severity else "–"),
            (gettext("Cause"), gettext(words.CAUSES[state.cause]) if state.cause else "–"),
            (gettext("Labels"), "、".join(state.labels) or "–"),
        ],
    )


def _report(found: CaseFile) -> Section:
    answers = found.report.answers if found.report else ()
    lines = [
        (
            gettext(words.FIELDS[name]),
            gettext(words.CAUSES[text]) if name == "cause" and text in words.CAUSES else text,
        )
        for name, text in answers
    ]
    lines += found.report.others if found.report else ()
    lines = lines or [("", found.report.raw if found.report else "–")]
    if found.report and not found.report.verified:
        lines.insert(0, ("", gettext(casewords.REPORT_UNSIGNED)))
    return Section(
        gettext("Report"), [*lines, (gettext("Fingerprint of the report"), found.report_hash.hex())]
    )


def _conversation(found: CaseFile, name_of: Callable[[Card], str]) -> Section:
    kept = [
        one for one in found.entries if one.kind in (Kind.FROM_REPORTER, Kind.TO_REPORTER) or not one.opened
    ]
    return Section(gettext("Conversation"), [_spoken(one, name_of) for one in kept] or [("", "–")])


def _spoken(entry: Entry, name_of: Callable[[Card], str]) -> tuple[str, str]:
    if not entry.opened:
        return show_day(entry.day), gettext("Cannot be opened: shut out, damaged or withheld")
    who = name_of(entry.author) if entry.author else gettext("The reporter")
    texts = [entry.message or "", *(text for _name, text in (*entry.answers, *entry.others)), entry.raw]
    if entry.new_code:
        texts.append(
            gettext(
                "The reporter took a new receipt code. Answers now reach the new one; the old one opens nothing "
                "any more."
            )
        )
    if entry.gap:
        texts.insert(
            0,
            gettext(
                "A message is missing: this one names an earlier message that the server has not shown to "
                "this desk."
            ),
        )
    label = who if entry.verified else gettext("Not verified: nobody’s word")
    return f"{show_day(entry.day)} {label}", "\n".join(one for one in texts if one) or "–"


def _statuses(found: CaseFile, name_of: Callable[[Card], str]) -> Section:
    lines = [
        (
            f"{show_day(one.day)} {name_of(one.author) if one.verified and one.author else gettext('Not verified')}",
            gettext(words.STATUSES[one.status]),
        )
        for one in found.statuses
    ]
    none = words.STATUSES[RECEIVED]
    return Section(gettext("Status"), lines or [("", gettext(none))])


def _clocks(found: CaseFile, clocks: tuple[Deadline, ...]) -> Section:
    texts = {one.id: one.text for one in found.state.tasks}
    lines = []
    for one in clocks:
        name = texts.get(one.detail, "") if one.id == TASK else gettext(words.CLOCKS[one.id])
        until = _until(one)
        done = gettext("Done on %(day)s", day=show_day(one.done)) if one.done else ""
        lines.append((name, " / ".join(part for part in (until, done) if part)))
    return Section(gettext("Due dates"), lines)


def _until(clock: Deadline) -> str:
    if clock.due is None:
        return gettext(words.ASKS[clock.asks]) if clock.asks and clock.done is None else ""
    if clock.first is not None:
        return str(gettext("%(first)s to %(last)s", first=show_day(clock.first), last=show_day(clock.due)))
    return str(gettext("Due on %(day)s", day=show_day(clock.due)))


def _leak(found: CaseFile, lang: str) -> Section:
    state, (triggers, items) = found.state, breach.data()
    known = state.breach
    answer = words.REPORTABLE[known.has_to_report if known else UNKNOWN]
    lines = [("", gettext(answer))]
    if known:
        lines.append(
            (
                gettext("Day on which the company became aware of the leak"),
                show_day(known.aware) if known.aware else "–",
            )
        )
        lines.append((gettext("Number of persons"), str(known.persons) if known.persons is not None else "–"))
        lines += [
            (one.text[lang], gettext(words.TRIGGER_ANSWERS[known.triggers[one.id]])) for one in triggers
        ]
    for stage, written in state.forms.items():
        lines.append(("", gettext(words.STAGES[stage])))
        lines += [(one.text[lang], written[one.id]) for one in items if one.id in written]
    return Section(gettext("Report of the leak"), lines)


def _history(found: CaseFile, names: Names, lang: str) -> Section:
    items = {one.id: one.text[lang] for one in playbooks.items()}
    lines = [
        (f"{show_day(one.day)} {names(one.person)}", _said(one, items, names)) for one in found.state.said
    ]
    return Section(gettext("History"), lines or [("", "–")])


def _said(said: Said, items: dict[str, str], names: Names) -> str:
    one = said.record
    text = _what(one, items, names)
    off = one.fields.get("on") is False or one.fields.get("done") is False
    return f"{gettext(words.RECORD_NAMES[one.type])}{': ' if text else ''}{text}{' (–)' if off else ''}"


def _what(one: Record, items: dict[str, str], names: Names) -> str:
    """Return what a record says, in words."""
    given = one.fields
    chosen = given.get(one.type, "")
    stage = str(given.get("stage", ""))
    match one.type:
        case "owner" | "bring_back":
            return names(bytes.fromhex(given["person"])) if given["person"] else "–"
        case "severity":
            return str(gettext(words.SEVERITIES[chosen])) if chosen else "–"
        case "cause":
            return str(gettext(words.CAUSES[chosen])) if chosen else "–"
        case "step":
            return str(items.get(given["item"], given["item"]))
        case "breach":
            persons = "–" if given["persons"] is None else given["persons"]
            return f"{_day(given['aware'])} / {gettext('Number of persons')}: {persons}"
        case "breach_form":
            return str(gettext(words.STAGES[stage]))
        case "breach_reported":
            return f"{gettext(words.STAGES[stage])} {_day(given['day'])}"
    told = (value for name, value in given.items() if name not in ("task", "on", "done", "day", "answers"))
    return " ".join(str(value) for value in told if isinstance(value, str | int) and value != "")


def _day(text: str | None) -> str:
    return show_day(parse_day(text)) if text else "–"


def _files(found: CaseFile) -> Section:
    lines = [(file.name, f"{file.size} B  {file.entry['hash']}") for file in found.files]
    return Section(gettext("Files"), lines or [("", "–")])
