"""A case in words, for the document that leaves the desk: the report, the conversation, what was done and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext

from admin.desk.casework.opened_case import Entry, OpenedCase
from admin.desk.labels import case, common, records
from admin.desk.labels import clocks as clock_labels
from admin.desk.labels.i18n import language, show_day
from admin.desk.reports.pdf_and_zip import Section
from cases import breach, playbooks
from cases.days import parse_day
from cases.deadlines import TASK, Deadline
from cases.records import Record
from cases.status import RECEIVED
from crypto.cards import Card
from crypto.envelope import Kind

UNKNOWN: Final = "unknown"


def number_of(case_id: bytes) -> str:
    """Return a case's number as people see it: the first 8 hex digits of its id (16 bytes) in two groups."""
    text = case_id.hex()[:8].upper()
    return f"{text[:4]}-{text[4:]}"


Names = Callable[[bytes], str]
"""Returns the name of a person (16 bytes)."""


def sections(
    opened: OpenedCase,
    clocks: tuple[Deadline, ...],
    names: Names,
    name_of: Callable[[Card], str],
    lang: str,
    today: date,
) -> list[Section]:
    """Return all parts of the document, in the page's language. What is not verified is said to be nobody's."""
    return [
        _facts(opened, names),
        _report(opened),
        _conversation(opened, name_of),
        _statuses(opened, name_of),
        _clocks(opened, clocks, today),
        _leak(opened, lang),
        _history(opened, names, lang),
        _files(opened),
    ]


def _facts(opened: OpenedCase, names: Names) -> Section:
    state, spoken = opened.state, common.PAGE_LANGUAGES.get(opened.language)
    return Section(
        gettext("Case"),
        [
            (gettext("Number"), number_of(opened.line.case_id)),
            (gettext("Received on"), show_day(opened.line.received_day)),
            (gettext("Language of the reporter’s page"), gettext(spoken) if spoken else "–"),
            (gettext("Status"), gettext(common.STATUSES[opened.status])),
            (gettext("Owner"), names(state.owner) if state.owner else "–"),
            (gettext("Severity"), gettext(common.SEVERITIES[state.severity]) if state.severity else "–"),
            (gettext("Cause"), gettext(common.CAUSES[state.cause]) if state.cause else "–"),
            (gettext("Labels"), "、".join(state.labels) or "–"),
        ],
    )


def _report(opened: OpenedCase) -> Section:
    answers = opened.report.answers if opened.report else ()
    lines = [
        (
            gettext(common.FIELDS[name]),
            gettext(common.CAUSES[text]) if name == "cause" and text in common.CAUSES else text,
        )
        for name, text in answers
    ]
    lines += opened.report.others if opened.report else ()
    lines = lines or [("", opened.report.raw if opened.report else "–")]
    if opened.report and not opened.report.verified:
        lines.insert(0, ("", gettext(case.REPORT_UNSIGNED)))
    return Section(
        gettext("Report"), [*lines, (gettext("Fingerprint of the report"), opened.report_hash.hex())]
    )


def _conversation(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    kept = [
        entry
        for entry in opened.entries
        if entry.kind in (Kind.FROM_REPORTER, Kind.TO_REPORTER) or not entry.opened
    ]
    return Section(gettext("Conversation"), [_spoken(entry, name_of) for entry in kept] or [("", "–")])


def _spoken(entry: Entry, name_of: Callable[[Card], str]) -> tuple[str, str]:
    if not entry.opened:
        return show_day(entry.day), gettext(
            "Cannot be opened: you are excluded, or it is damaged or withheld"
        )
    who = name_of(entry.author) if entry.author else gettext("The reporter")
    texts = [entry.message or "", *(text for _name, text in (*entry.answers, *entry.others)), entry.raw]
    if entry.meaning and entry.verified:
        texts.insert(0, gettext(case.MEANINGS[entry.meaning].said))
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
    return f"{show_day(entry.day)} {label}", "\n".join(text for text in texts if text) or "–"


def _statuses(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    lines = [
        (
            f"{show_day(status.day)} "
            + (name_of(status.author) if status.verified and status.author else gettext("Not verified")),
            gettext(common.STATUSES[status.status]),
        )
        for status in opened.statuses
    ]
    none = common.STATUSES[RECEIVED]
    return Section(gettext("Status"), lines or [("", gettext(none))])


def _clocks(opened: OpenedCase, clocks: tuple[Deadline, ...], today: date) -> Section:
    texts = {task.id: task.text for task in opened.state.tasks}
    lines = [
        (
            texts.get(clock.detail, "") if clock.id == TASK else gettext(records.CLOCKS[clock.id]),
            clock_labels.whole(clock, today),
        )
        for clock in clocks
    ]
    if opened.days_contradict:
        lines.insert(0, ("", gettext(case.DAYS_CONTRADICT)))
    return Section(gettext("Due dates"), lines)


def _leak(opened: OpenedCase, lang: str) -> Section:
    state, (triggers, items) = opened.state, breach.data()
    known = state.breach
    answer = records.REPORTABLE[known.has_to_report if known else UNKNOWN]
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
            (trigger.text[lang], gettext(records.TRIGGER_ANSWERS[known.triggers[trigger.id]]))
            for trigger in triggers
        ]
    for stage, written in state.forms.items():
        lines.append(("", gettext(records.STAGES[stage])))
        lines += [(item.text[lang], written[item.id]) for item in items if item.id in written]
    return Section(gettext("Report of the leak"), lines)


def _history(opened: OpenedCase, names: Names, lang: str) -> Section:
    told = _RecordTexts({item.id: item.text[lang] for item in playbooks.items()}, _tasks(opened), names)
    lines = [
        (f"{show_day(said.day)} {names(said.person)}", told.line(said.record)) for said in opened.state.said
    ]
    return Section(gettext("History"), lines or [("", "–")])


def _tasks(opened: OpenedCase) -> dict[str, str]:
    return {task.id: task.text for task in opened.state.tasks}


@dataclass(frozen=True)
class _RecordTexts:
    """What records say, in words. `items`: the playbook's, `tasks`: their texts, by id."""

    items: Mapping[str, str]
    tasks: Mapping[str, str]
    names: Names

    def line(self, record: Record) -> str:
        """Return a record's name and what it says."""
        name, text = str(gettext(records.RECORD_NAMES[record.type])), self._what(record)
        is_open = record.fields.get("done") is False and not record.fields.get("not_needed")
        off = record.fields.get("on") is False or is_open
        joint = ("：" if language() == "ja" else ": ") if text else ""
        taken_back = gettext("taken back")
        return f"{name}{joint}{text}" + (f" ({taken_back})" if off else "")

    def _what(self, record: Record) -> str:
        given = record.fields
        chosen = given.get(record.type, "")
        match record.type:
            case "owner" | "bring_back":
                return self._person(given["person"])
            case "severity" | "cause":
                labels = common.SEVERITIES if record.type == "severity" else common.CAUSES
                return str(gettext(labels[chosen])) if chosen else "–"
            case "step":
                why = given["not_needed"]
                text = str(self.items.get(given["item"], given["item"]))
                return f"{text} / {gettext('Does not apply')}: {why}" if why else text
            case "milestone" | "decision":
                return _on_a_day(record)
            case "task":
                return self._task(record)
            case "task_done":
                return self.tasks.get(given["task"], "")
            case "title":
                return chosen or "–"
            case "link":
                return number_of(bytes.fromhex(given["case"]))
            case "breach" | "breach_form" | "breach_reported":
                return _of_leak(record)
            case "export":
                exported = records.EXPORTED[given["what"]]
                return str(gettext(exported))
            case "deletion":
                action = records.DELETION_ACTIONS[given["action"]]
                return " / ".join(text for text in (gettext(action), given["reason"]) if text)
        return str(given.get("text", given.get("label", "")))

    def _task(self, record: Record) -> str:
        given = record.fields
        due = gettext("Due on %(day)s", day=_day(given["due"])) if given["due"] else ""
        who = self._person(given["assignee"]) if given["assignee"] else ""
        return " / ".join(part for part in (given["text"], due, who) if part)

    def _person(self, text: str) -> str:
        return self.names(bytes.fromhex(text)) if text else "–"


def _on_a_day(record: Record) -> str:
    """Return what was planned or done on a day, or why a status was set."""
    given = record.fields
    if record.type == "decision":
        return str(given["reason"])
    name = records.CLOCKS[given["what"]]
    wanted = given["day"] or given["plan"]
    said = gettext("Done on %(day)s") if given["day"] else gettext("Planned for %(day)s")
    day = str(said) % {"day": _day(wanted)} if wanted else ""
    return " / ".join(part for part in (str(gettext(name)), day, given["how"]) if part)


def _of_leak(record: Record) -> str:
    """Return what a record of the leak says."""
    given = record.fields
    if record.type == "breach":
        persons = "–" if given["persons"] is None else given["persons"]
        joint = "：" if language() == "ja" else ": "
        return f"{_day(given['aware'])} / {gettext('Number of persons')}{joint}{persons}"
    label = records.STAGES[given["stage"]]
    stage = str(gettext(label))
    return f"{stage} {_day(given['day'])}" if record.type == "breach_reported" else stage


def _day(text: str | None) -> str:
    return show_day(parse_day(text)) if text else "–"


def _files(opened: OpenedCase) -> Section:
    lines = [(file.name, f"{file.size} B  {file.entry['hash']}") for file in opened.files]
    return Section(gettext("Files"), lines or [("", "–")])
