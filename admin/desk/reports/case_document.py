"""A case in words, for the document that leaves the desk: the report, the conversation, what was done and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext

from admin.desk.casework.attachments import File
from admin.desk.casework.opened_case import Entry, OpenedCase
from admin.desk.labels import case, common, records
from admin.desk.labels.i18n import language, show_day
from admin.desk.reports.case_summary import clock_row, first_status, summary
from admin.desk.reports.case_summary import number_of as number_of
from admin.desk.reports.paper import Cell
from admin.desk.reports.pdf_and_zip import Grid, Letter, Line, Section
from cases import breach, playbooks
from cases.breach import BreachEntry
from cases.days import parse_day
from cases.deadlines import TASK, Deadline
from cases.records import Record
from crypto.cards import Card
from crypto.encoding import b64d
from crypto.envelope import Kind

UNKNOWN: Final = "unknown"


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
        summary(opened, clocks, names, name_of, today),
        _clocks(opened, clocks, today),
        _report(opened),
        _conversation(opened, name_of),
        _leak(opened, lang),
        *_tasks_section(opened, names),
        _statuses(opened, name_of),
        _history(opened, names, lang),
        _files(opened),
    ]


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


def _spoken(entry: Entry, name_of: Callable[[Card], str]) -> Letter:
    if not entry.opened:
        return Letter(
            show_day(entry.day), gettext("Cannot be opened: you are excluded, or it is damaged or withheld")
        )
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
    if entry.files:
        texts.append(f"〔{gettext('Files')}〕 " + " / ".join(file.name for file in entry.files))
    text = "\n".join(text for text in texts if text) or "–"
    return Letter(_by_whom(entry, name_of), text, entry.kind == Kind.FROM_REPORTER)


def _by_whom(entry: Entry, name_of: Callable[[Card], str]) -> str:
    """Return who wrote to whom, on which day."""
    day = show_day(entry.day)
    if not entry.verified:
        return f"{gettext('Not verified: nobody’s word')}  {day}"
    if entry.author:
        return str(gettext("%(day)s  From %(name)s to the reporter", day=day, name=name_of(entry.author)))
    return str(gettext("%(day)s  From the reporter to the auditors", day=day))


def _statuses(opened: OpenedCase, name_of: Callable[[Card], str]) -> Section:
    rows = [
        [
            Cell(show_day(status.day)),
            Cell(str(gettext(common.STATUSES[status.status]))),
            Cell(name_of(status.author) if status.verified and status.author else gettext("Not verified")),
        ]
        for status in opened.statuses
    ]
    head = (gettext("Day"), gettext("Status"), gettext("By whom"))
    return Section(gettext("Status"), [Grid(head, rows, (2, 3, 4))] if rows else [("", first_status())])


def _clocks(opened: OpenedCase, clocks: tuple[Deadline, ...], today: date) -> Section:
    texts = {task.id: task.text for task in opened.state.tasks}
    rows = [
        clock_row(
            clock,
            texts.get(clock.detail, "") if clock.id == TASK else str(gettext(records.CLOCKS[clock.id])),
            today,
        )
        for clock in clocks
    ]
    told: list[Line | Grid | Letter] = [Grid((), rows, (1, 2))] if rows else [("", "–")]
    if opened.days_contradict:
        told.insert(0, ("", gettext(case.DAYS_CONTRADICT)))
    return Section(gettext("Due dates"), told)


def _leak(opened: OpenedCase, lang: str) -> Section:
    state, (triggers, items) = opened.state, breach.data()
    known = state.breach
    answer = records.REPORTABLE[known.has_to_report if known else UNKNOWN]
    lines: list[Line | Grid | Letter] = [("", gettext(answer))]
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
    if state.forms or state.reported:
        lines.append(_nine_items(opened, items, lang))
    return Section(gettext("Report of the leak"), lines)


def _nine_items(opened: OpenedCase, items: Sequence[BreachEntry], lang: str) -> Grid:
    """Return the nine items of the report to the authority, the preliminary one beside the final one."""
    state = opened.state
    empty = Cell(gettext("(not written)"), "grey")

    def written(item: BreachEntry, stage: str) -> Cell:
        text = state.forms.get(stage, {}).get(item.id, "")
        return Cell(text) if text else empty

    def handed_in(stage: str) -> Cell:
        day = state.reported.get(stage)
        return Cell(show_day(day), strong=True) if day else Cell(gettext("Not handed in yet"), strong=True)

    stages = tuple(records.STAGES)
    return Grid(
        (gettext("Item"), *(str(gettext(records.STAGES[stage])) for stage in stages)),
        [
            [Cell(gettext("Handed in on")), *map(handed_in, stages)],
            *(
                [Cell(f"{number}. {item.text[lang]}"), *(written(item, stage) for stage in stages)]
                for number, item in enumerate(items, start=1)
            ),
        ],
        (2, 3, 3),
    )


def _tasks_section(opened: OpenedCase, names: Names) -> list[Section]:
    rows = [
        [
            Cell(task.text),
            Cell(show_day(task.due) if task.due else "–"),
            Cell(names(task.assignee) if task.assignee else "–"),
            Cell(show_day(task.done) if task.done else gettext("Open"), strong=not task.done),
        ]
        for task in opened.state.tasks
    ]
    head = (gettext("Task"), gettext("Last day"), gettext("Assigned to"), gettext("Done on"))
    return [Section(gettext("Tasks"), [Grid(head, rows, (5, 3, 3, 3), labels=False)])] if rows else []


def _history(opened: OpenedCase, names: Names, lang: str) -> Section:
    told = _RecordTexts({item.id: item.text[lang] for item in playbooks.items()}, _tasks(opened), names)
    rows = [
        [Cell(show_day(said.day)), Cell(names(said.person)), Cell(told.line(said.record))]
        for said in opened.state.said
    ]
    head = (gettext("Day"), gettext("By whom"), gettext("What was written down"))
    return Section(gettext("History"), [Grid(head, rows, (4, 5, 10))] if rows else [("", "–")])


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
                return f"{gettext(exported)}, SHA-256 {b64d(given['hash']).hex()}"
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
    rows = [
        [Cell(_file_words(file)), Cell(f"{file.size:,}"), Cell(file.entry["hash"])] for file in opened.files
    ]
    head = (gettext("File"), gettext("Bytes"), gettext("Hash in the reporter’s list (BLAKE2b)"))
    return Section(gettext("Files"), [Grid(head, rows, (5, 2, 4), labels=False)] if rows else [("", "–")])


def _file_words(file: File) -> str:
    """Return a file's name, with a warning where it may say who made it."""
    warned = common.CLEANED[file.entry["cleaned"]] if file.entry["cleaned"] in ("partly", "not") else ""
    return f"{file.name}\n{gettext(warned)}" if warned else file.name
